#!/usr/bin/env bash
# Generates classes with wsimport, one package for each service (-p), the SOAP 1.2 port by -extension; compiles and runs. Usage: run.sh WORK FOLDER BUSY CLOCK
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$1 folder=$2 busy=$3 clock=$4
public=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["public_url"])' "$folder/demo.json")
class_path=$(find /usr/share/java -maxdepth 1 -name '*.jar' | grep -E '/(jaxws|jaxb|jws|saaj|javax\.xml\.soap|geronimo-annotation|policy|metro-policy|streambuffer|stax-ex|stax2|mimepull|gmbal|activation|javax\.activation|fastinfoset|FastInfoset|xml-resolver|resolver|istack|txw2|rngom|xsom|relaxng|woodstox|codemodel|management-api|pfl)' | tr '\n' ':')
mkdir -p "$work/source/klient" "$work/classes"
for version in v1 v2; do
    for part in ImportService:imports EksportService:eksport; do
        java -cp "$class_path" com.sun.tools.ws.WsImport -Xnocompile -extension -quiet -encoding UTF-8 -s "$work/source" \
            -p "dtr.$version.${part#*:}" "$public/wsdl/${part%:*}-$version.wsdl"
    done
    sed "s/VERSION/$version/g" "$here/Livscyklus.java" >"$work/source/klient/Livscyklus$version.java"
done
cp "$here/Datoer.java" "$work/source/klient/"
find "$work/source" -name '*.java' >"$work/sources"
javac -nowarn -encoding UTF-8 -cp "$class_path" -d "$work/classes" "@$work/sources" 2>"$work/javac" \
    || { cat "$work/javac"; exit 1; }
for main in Livscyklusv1 Livscyklusv2 Datoer; do
    java -Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8 -cp "$work/classes:$class_path" "klient.$main" "$folder" "$busy" "$clock"
done
