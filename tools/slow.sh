#!/usr/bin/env bash
# slowhttptest (Debian) in its four modes against the public listener of `dtr demo`, on loopback, with a good client beside
# it that fetches a document on a new connection ten times a second. Prints, for each mode, how slowhttptest saw the server
# and what the good client got. Exits 1 when the good client had an error or a p99 of 200 ms or more.
#
# Usage: tools/slow.sh [CONNECTIONS [SECONDS]]      (1000 and 30 when not told)
set -euo pipefail
cd "$(dirname "$0")/.."
connections=${1:-1000} seconds=${2:-30}
command -v slowhttptest >/dev/null || { echo "slowhttptest is not installed (apt-get install slowhttptest)" >&2; exit 2; }
cargo build --quiet --locked --release
work=$(mktemp -d)
target/release/dtr demo --dir "$work/demo" >"$work/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
for _ in $(seq 300); do [ -e "$work/demo/demo.json" ] && break; sleep 0.1; done
url=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["public_url"])' "$work/demo/demo.json")

cat >"$work/good.py" <<'P'
import http.client, sys, time, urllib.parse
url, seconds = urllib.parse.urlsplit(sys.argv[1]), float(sys.argv[2])
times, errors, end = [], [], time.monotonic() + seconds
while time.monotonic() < end:
    began = time.monotonic()
    try:
        connection = http.client.HTTPConnection("127.0.0.1", url.port, timeout=5)
        connection.request("GET", "/kodetabeller.xml")
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            errors.append(str(answer.status))
        connection.close()
    except Exception as error:
        errors.append(type(error).__name__)
    times.append(time.monotonic() - began)
    time.sleep(max(0, 0.1 - times[-1]))
times.sort()
p99 = times[len(times) * 99 // 100] * 1000
print(f"good client: {len(times)} calls, {len(errors)} errors {sorted(set(errors))}, p50 {times[len(times) // 2] * 1000:.1f} ms,"
      f" p99 {p99:.1f} ms, longest {times[-1] * 1000:.1f} ms")
sys.exit(1 if errors or p99 >= 200 else 0)
P

failed=0
round() {
    local name=$1; shift
    slowhttptest "$@" -c "$connections" -r 200 -l "$seconds" -p 3 -v 1 >"$work/$name" 2>&1 &
    local slow=$!
    echo "== $name: slowhttptest $* -c $connections -r 200 -l $seconds"
    python3 "$work/good.py" "$url" "$seconds" || failed=1
    wait "$slow" || true
    sed 's/\x1b\[[0-9;]*m//g' "$work/$name" | grep -E '^(initializing|pending|connected|error|closed|service available)|Exit status|Test ended' | tail -n 8 || true
    sleep 2
}
round "slow headers" -H -i 1 -u "$url/" -x 24
round "slow body" -B -i 1 -s 8192 -u "$url/v2/ImportService" -x 10
round "slow read" -X -w 1 -y 64 -n 5 -z 32 -k 3 -u "$url/eksport/v2/dagtilbud.xml"
round "range" -R -a 10 -b 3000 -u "$url/eksport/v2/dagtilbud.xml"
exit "$failed"
