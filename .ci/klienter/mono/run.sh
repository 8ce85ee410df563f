#!/usr/bin/env bash
# Generates proxies with wsdl, compiles with mcs and runs. Usage: run.sh WORK FOLDER BUSY CLOCK
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$1 folder=$(cd "$2" && pwd) busy=$3 clock=$4
public=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["public_url"])' "$folder/demo.json")
while read -r version form where protocol; do
    made=$work/$version-$form
    mkdir -p "$made"
    cd "$made"
    for part in Import Eksport; do
        namespace=${part/%Import/Imports}
        wsdl -nologo "-protocol:$protocol" "-namespace:$namespace" "-out:$namespace.cs" \
            "$public/wsdl/$where/${part}Service-$version.wsdl" >generated 2>&1 || { cat generated; exit 1; }
        # Mono's serializer makes invalid code to compare a parameter with its default, which .NET's runtime accepts. Without
        # the attribute the parameter is always sent; that there is no "Specified" twin is what counts.
        sed -i 's/\[System.ComponentModel.DefaultValueAttribute([^]]*)\] *//; s/, System.ComponentModel.DefaultValueAttribute([^])]*)//' "$namespace.cs"
    done
    sed "s/VERSION/$version/g" "$here/Livscyklus.cs" >Livscyklus.cs
    mcs -nologo -warn:0 "-define:${version^^}" -r:System.Web.Services -r:System.Xml -out:livscyklus.exe ./*.cs
    mono livscyklus.exe "$folder" "$form" "$busy" "$clock"
done <<'COMBINATIONS'
v1 1.1 soap11 SOAP
v2 1.1 soap11 SOAP
v2 1.2 flat SOAP12
COMBINATIONS
