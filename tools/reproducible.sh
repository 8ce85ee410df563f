#!/usr/bin/env bash
# Whether the release binary depends on where it is built: two copies of the last commit, in folders of different names and
# lengths, built one after another and compared. Paths are taken out, of the sources and of the C libraries.
#
#   tools/reproducible.sh [FOLDER]     # 20 minutes and 3 GB in FOLDER, else in a temporary one
set -euo pipefail
cd "$(dirname "$0")/.."

work=${1:-$(mktemp -d)}
home=${CARGO_HOME:-$HOME/.cargo}
for copy in "$work/a" "$work/en-anden/mappe"; do
    mkdir -p "$copy"
    git archive HEAD | tar x -C "$copy"
    (
        cd "$copy"
        export RUSTFLAGS="--remap-path-prefix=$copy=/dtr --remap-path-prefix=$home=/cargo"
        export CFLAGS="-ffile-prefix-map=$copy=/dtr -ffile-prefix-map=$home=/cargo"
        cargo build --quiet --locked --release --bin dtr
        sha256sum target/release/dtr
    )
done
cmp "$work/a/target/release/dtr" "$work/en-anden/mappe/target/release/dtr" && echo "the same, byte for byte"
