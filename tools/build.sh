#!/usr/bin/env bash
# Builds the binary as it is given to others: the fastest one, with no path of this machine in it, neither of the sources, nor of the
# registry, nor of the C libraries. The arguments are cargo's own.
#
#   tools/build.sh [--target TARGET …]      # target/dist/dtr
set -euo pipefail
cd "$(dirname "$0")/.."

home=${CARGO_HOME:-$HOME/.cargo}
here=$(pwd)
export RUSTFLAGS="${RUSTFLAGS:-} --remap-path-prefix=$here=/dtr --remap-path-prefix=$home=/cargo"
export CFLAGS="${CFLAGS:-} -ffile-prefix-map=$here=/dtr -ffile-prefix-map=$home=/cargo"
cargo build --quiet --locked --profile dist --bin dtr "$@"

find "${CARGO_TARGET_DIR:-target}" -path '*dist/dtr' -type f | while read -r binary; do
    for path in "$here" "$home"; do
        if grep -qaF "$path" "$binary"; then
            echo "$binary holds the path $path" >&2
            exit 1
        fi
    done
done
