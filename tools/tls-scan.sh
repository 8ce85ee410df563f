#!/bin/sh
# Scans TLS of a service listener as `dtr demo` runs it, with testssl.sh and sslyze; docs/tls.md tells what they found. For a
# person to run after TLS, rustls or its defaults have changed. Fails on a finding of MEDIUM or worse.
#
#   tools/tls-scan.sh [DIR]
#
# Scanned twice, with an ECDSA and with an RSA certificate, both as a CA would issue them: of one year and with the address of a
# revocation list. They replace the example's own, which is valid five years, while the server runs.
#
# Needs OpenSSL 3, testssl.sh (Debian: testssl.sh) and sslyze (PyPI); TESTSSL and SSLYZE name them when they are not on the path.
set -eu
cd "$(dirname "$0")/.."
dir=${1:-target/tls-scan}
testssl=${TESTSSL:-testssl}
sslyze=${SSLYZE:-sslyze}

rm -rf "$dir"
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
pki=$dir/demo/pki

cargo build --quiet
cargo run --quiet -- demo --dir "$dir/demo" > "$dir/demo.log" 2>&1 &
demo=$!
trap 'kill "$demo" 2> /dev/null || true' EXIT
tries=0
until [ -e "$dir/demo/demo.json" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 60 ] || ! kill -0 "$demo" 2> /dev/null; then
        cat "$dir/demo.log" >&2
        exit 1
    fi
    sleep 1
done
# "service_url":"https://localhost:8443"
target=$(sed 's/.*"service_url":"https:\/\/\([^"]*\)".*/\1/' "$dir/demo/demo.json")

# The listener asks for a certificate and testssl.sh 3.0 has none to show: OpenSSL shows it.
cat > "$dir/openssl" << WRAPPER
#!/bin/sh
if [ "\$1" = s_client ]; then
    shift
    exec openssl s_client -cert "$pki/kommune.pem" -key "$pki/kommune.key" "\$@"
fi
exec openssl "\$@"
WRAPPER
chmod +x "$dir/openssl"

# A server certificate of a year for the key in $1, put where the server looks; done when the server shows it.
install() {
    cat > "$dir/server.ext" << EXTENSIONS
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1
crlDistributionPoints = URI:http://crl.example/eksempel.crl
EXTENSIONS
    openssl req -new -key "$1" -subj "/C=DK/O=Eksempelstyrelsen/CN=localhost" -out "$dir/server.csr"
    openssl x509 -req -in "$dir/server.csr" -CA "$pki/ca.pem" -CAkey "$pki/ca.key" -set_serial "0x40$(openssl rand -hex 15)" \
        -days 365 -sha256 -extfile "$dir/server.ext" -out "$dir/server.pem" 2> /dev/null
    # Between the two the pair does not fit, and the server keeps what it has.
    cp "$1" "$pki/server.key"
    cp "$dir/server.pem" "$pki/server.pem"
    wanted=$(openssl x509 -in "$dir/server.pem" -noout -fingerprint -sha256)
    tries=0
    until [ "$(openssl s_client -connect "$target" < /dev/null 2> /dev/null |
        openssl x509 -noout -fingerprint -sha256 2> /dev/null)" = "$wanted" ]; do
        tries=$((tries + 1))
        [ "$tries" -le 30 ] || { echo "the server does not show its new certificate" >&2; exit 1; }
        sleep 1
    done
}

failed=0
scan() {
    "$testssl" --warnings off --color 0 --openssl "$dir/openssl" --add-ca "$pki/ca.pem" \
        --jsonfile "$dir/testssl-$1.json" "https://$target" < /dev/null > "$dir/testssl-$1.txt" 2>&1 || true
    grep -q '"id" *: *"scanTime"' "$dir/testssl-$1.json" || { echo "testssl.sh did not finish" >&2; failed=1; }
    findings=$(tr -d '\n' < "$dir/testssl-$1.json" | sed 's/}/}\n/g' |
        grep -E '"severity" *: *"(MEDIUM|HIGH|CRITICAL|WARN|FATAL)"' || true)
    [ -z "$findings" ] || { echo "$findings"; failed=1; }
    # The tickets, the renegotiation and what else Mozilla's profile does not ask for.
    "$sslyze" --cert "$pki/kommune.pem" --key "$pki/kommune.key" --certinfo_ca_file "$pki/ca.pem" --mozilla_config disable \
        --certinfo --sslv2 --sslv3 --tlsv1 --tlsv1_1 --tlsv1_2 --tlsv1_3 --reneg --resum --compression --fallback --heartbleed \
        --robot --openssl_ccs --ems --early_data --elliptic_curves "$target" > "$dir/sslyze-$1.txt" 2>&1 || failed=1
    if grep -E 'VULNERABLE|ERROR|Traceback' "$dir/sslyze-$1.txt" | grep -v 'Not vulnerable'; then failed=1; fi
    "$sslyze" --cert "$pki/kommune.pem" --key "$pki/kommune.key" --certinfo_ca_file "$pki/ca.pem" \
        --mozilla_config intermediate "$target" > "$dir/sslyze-mozilla-$1.txt" 2>&1 || failed=1
    sed -n "s/^ *\($target: .*\)/$1: \1/p; /^ *\* .*should be/p" "$dir/sslyze-mozilla-$1.txt"
}

cp "$pki/server.key" "$dir/ecdsa.key"
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out "$dir/rsa.key" 2> /dev/null
for kind in ecdsa rsa; do
    install "$dir/$kind.key"
    scan "$kind"
done
[ "$failed" = 0 ] && echo "no finding of MEDIUM or worse; the reports are in $dir"
exit "$failed"
