#!/usr/bin/env bash
# Whether the binary that is given to others depends on where it is built: two copies of the last commit, in folders of different names and
# lengths, built one after another by tools/build.sh and compared.
#
#   tools/reproducible.sh [FOLDER]     # 20 minutes and 3 GB in FOLDER, else in a temporary one
set -euo pipefail
cd "$(dirname "$0")/.."

work=${1:-$(mktemp -d)}
commit=$(git rev-parse HEAD)
for copy in "$work/a" "$work/en-anden/mappe"; do
    mkdir -p "$copy"
    git archive "$commit" | tar x -C "$copy"
    (
        cd "$copy"
        tools/build.sh
        sha256sum target/dist/dtr
    )
done
cmp "$work/a/target/dist/dtr" "$work/en-anden/mappe/target/dist/dtr" && echo "the same, byte for byte"
