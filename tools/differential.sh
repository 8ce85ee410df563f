#!/bin/sh
# Differential test of the XSD engine: mutants of our own messages, judged by dtr, xmllint (libxml2) and the crate
# xsd-schema. Disagreements that are known are explained in fixtures/xsd/differential.md.
#
#   tools/differential.sh [DIR] [COUNT] [SEED]
#
# Needs xmllint (Debian: libxml2-utils), and a network or a filled cargo cache for tools/xsd-oracle, which is no part
# of dtr.
set -eu
cd "$(dirname "$0")/.."
dir=${1:-target/differential}
count=${2:-2400}
seed=${3:-2026}

rm -rf "$dir"
cargo run --quiet --release --example differential -- generate "$dir" --count "$count" --seed "$seed"

# libxml2: one process per schema. It prints a line per file, and errors before it.
: > "$dir/libxml2.tsv"
for schema in $(cut -f2 "$dir/manifest.tsv" | sort -u); do
    awk -F'\t' -v s="$schema" '$2 == s { print $1 }' "$dir/manifest.tsv" > "$dir/files"
    (cd "$dir" && xargs xmllint --noout --schema "$OLDPWD/xsd/$schema" < files) > "$dir/libxml2.log" 2>&1 || true
    awk '
        / validates$/         { sub(/ validates$/, ""); verdict[$0] = "v" }
        / fails to validate$/ { sub(/ fails to validate$/, ""); verdict[$0] = "i" }
        /: (parser|namespace) error/ { split($0, part, ":"); bad[part[1]] = 1 }
        END {
            for (file in bad) verdict[file] = "e"
            for (file in verdict) print file "\t" verdict[file]
        }
    ' "$dir/libxml2.log" >> "$dir/libxml2.tsv"
done

cargo run --quiet --release --manifest-path tools/xsd-oracle/Cargo.toml -- "$dir" xsd
cargo run --quiet --release --example differential -- compare "$dir"
