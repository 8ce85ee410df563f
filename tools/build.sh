#!/usr/bin/env bash
# Builds the binary as it is given to others: the fastest one, with no path of this machine in it, neither of the sources, nor of the
# registry, nor of the toolchain, nor of the C libraries. The arguments are cargo's own. Prints the path of what it built.
#
#   tools/build.sh [--target TARGET …]      # target/dist/dtr
set -euo pipefail
cd "$(dirname "$0")/.."

here=$(pwd)
home=${CARGO_HOME:-$HOME/.cargo}
toolchain=$(rustc --print sysroot)
paths=("$here" "$home" "$toolchain")
export RUSTFLAGS="${RUSTFLAGS:-} --remap-path-prefix=$here=/dtr --remap-path-prefix=$home=/cargo --remap-path-prefix=$toolchain=/rust"
export CFLAGS="${CFLAGS:-} -ffile-prefix-map=$here=/dtr -ffile-prefix-map=$home=/cargo"
if [[ -n ${CARGO_TARGET_DIR:-} ]]; then
    # What is generated on the way lies there.
    mkdir -p "$CARGO_TARGET_DIR"
    built=$(cd "$CARGO_TARGET_DIR" && pwd)
    paths+=("$built")
    RUSTFLAGS+=" --remap-path-prefix=$built=/target"
    CFLAGS+=" -ffile-prefix-map=$built=/target"
fi

# Cargo itself says where it put the binary: what an earlier build left beside it is none of ours.
binaries=$(cargo build --quiet --locked --profile dist --bin dtr --message-format=json-render-diagnostics "$@" |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p')
[[ -n $binaries ]] || { echo "cargo named no binary" >&2; exit 1; }
while read -r binary; do
    for path in "${paths[@]}"; do
        if grep -qaF -- "$path" "$binary"; then
            echo "$binary holds the path $path" >&2
            exit 1
        fi
    done
    echo "$binary"
done <<<"$binaries"
