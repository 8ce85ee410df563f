#!/usr/bin/env bash
# Generates proxies with wsdl2h and soapcpp2, compiles and runs. Usage: run.sh WORK FOLDER BUSY CLOCK
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$1 folder=$(cd "$2" && pwd) busy=$3 clock=$4
address() { python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$folder/demo.json" "$1"; }
public=$(address public_url) service=$(address service_url)
mkdir -p "$work/pki"
cp "$folder/pki/ca.pem" "$work/pki/"
for name in kommune aftager; do
    cat "$folder/pki/$name.pem" "$folder/pki/$name.key" >"$work/pki/$name.begge.pem"
done
while read -r version form where; do
    made=$work/$version-$form
    mkdir -p "$made"
    cd "$made"
    printf '%s = "urn:dagtilbudsregister:%s"\n' imp "import:$version" eks "eksport:$version" typ "typer:$version" \
        fejl fejl:v1 feed feed:v1 >typemap.dat
    for part in ImportService EksportService; do
        curl -sS --fail -o "$part.wsdl" "$public/wsdl/$where/$part-$version.wsdl"
    done
    wsdl2h -t typemap.dat -o both.h ImportService.wsdl EksportService.wsdl >generated 2>&1 || { cat generated; exit 1; }
    soapcpp2 -j -C -L -w -x "-${form#1.}" -I/usr/share/gsoap/import both.h >generated 2>&1 || { cat generated; exit 1; }
    dates=
    [ "$version" = v1 ] || dates=-DWITH_DATES
    g++ -O0 -std=c++17 -w -DWITH_OPENSSL -DVERSION="\"$version\"" -DDTR_FORM="\"$form\"" -DDTR_MODE=SOAP_IO_DEFAULT $dates \
        -I. -o livscyklus "$here/livscyklus.cpp" soapC.cpp soap*Proxy.cpp -lgsoapssl++ -lssl -lcrypto -lz
    ./livscyklus "$service" "$work/pki" "$busy" "$clock"
done <<'COMBINATIONS'
v1 1.1 soap11
v2 1.1 soap11
v2 1.2 flat
COMBINATIONS
