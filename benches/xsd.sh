#!/bin/sh
# The validator beside xmllint, on the same files in the same minutes.
#
#   benches/xsd.sh [ROUNDS]
#
# Generates a 19 MB import of 30,000 records (patterns, enumerations, dates, a choice, attributes) and validates it
# against its schema, once plain and once with an xs:key over the records, with the example `validate` and with
# `xmllint --stream --noout` (Debian: libxml2-utils). The engines take turns in every round (7 unless said otherwise);
# the times are those of whole processes, reading the file and compiling the schema included, and the medians are
# compared. Then the median of a message of 1.5 kB, without start-up. Aims: at least 2.5 times xmllint, keys at most
# 15 % more, under 20 microseconds per message, memory beyond the document flat.
set -eu
cd "$(dirname "$0")/.."
rounds=${1:-7}
dir=target/bench-xsd

cargo build --quiet --locked --profile dist -p xsd-stream --example validate --example generate
examples=${CARGO_TARGET_DIR:-target}/dist/examples
"$examples/generate" "$dir"
: > "$dir/times"

# seconds NAME COMMAND…: adds the time of a command that has to succeed.
seconds() {
    name=$1
    shift
    from=$(date +%s%N)
    "$@" > "$dir/out" 2>&1 || { cat "$dir/out"; exit 1; }
    echo "$name $(( ($(date +%s%N) - from) / 1000 ))" >> "$dir/times"
}

round=0
while [ "$round" -lt "$rounds" ]; do
    for schema in import import-key; do
        seconds "dtr/$schema" "$examples/validate" "$dir/$schema.xsd" "$dir/import.xml"
        seconds "xmllint/$schema" xmllint --stream --noout --schema "$dir/$schema.xsd" "$dir/import.xml"
    done
    round=$((round + 1))
done

size=$(wc -c < "$dir/import.xml")
sort -k1,1 -k2,2n "$dir/times" | awk -v size="$size" '
    { n[$1]++; time[$1, n[$1]] = $2 }
    END {
        for (name in n) median[name] = time[name, int((n[name] + 1) / 2)]
        split("dtr/import xmllint/import dtr/import-key xmllint/import-key", order, " ")
        for (i = 1; i <= 4; i++)
            printf "%-20s median %7.1f ms, best %7.1f ms, %6.1f MB/s\n", order[i], median[order[i]] / 1000,
                time[order[i], 1] / 1000, size / median[order[i]]
        printf "dtr is %.2f times as fast as xmllint, %.2f times with the key\n",
            median["xmllint/import"] / median["dtr/import"], median["xmllint/import-key"] / median["dtr/import-key"]
        printf "the key costs dtr %.1f %%\n", 100 * (median["dtr/import-key"] / median["dtr/import"] - 1)
    }'

echo "in process, 20 rounds:"
for schema in import import-key; do
    "$examples/validate" "$dir/$schema.xsd" "$dir/import.xml" --repeat 20 | sed "s/^/  $schema /"
done
echo "message of $(wc -c < fixtures/xsd/differential/insert-v2.xml) bytes, 20,000 rounds:"
"$examples/validate" xsd/ImportService-v2.xsd fixtures/xsd/differential/insert-v2.xml --repeat 20000 | sed 's/^/  /'
