#!/bin/sh
# Makes the certificates and revocation lists of this folder anew: a chain like the real one (RSA, RSASSA-PSS with SHA-512, salt
# 64) and one leaf for each subject in openssl.cnf. The private keys stay in a temporary folder and are deleted.
# Needs OpenSSL 3. Changes every certificate, and so the fingerprints in the table.
set -eu
cd "$(dirname "$0")"
ARBEJDE=$(mktemp -d)
trap 'rm -rf "$ARBEJDE"' EXIT
: > "$ARBEJDE/index.txt"
echo 01 > "$ARBEJDE/crlnumber"
cat > "$ARBEJDE/crl.cnf" <<END
[ ca ]
default_ca = list
[ list ]
database = $ARBEJDE/index.txt
crlnumber = $ARBEJDE/crlnumber
default_md = sha512
default_crl_days = 1826
crl_extensions = list_ext
[ list_ext ]
authorityKeyIdentifier = keyid
END

pss="-sha512 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:64"

key() { # name bits
    openssl genpkey -quiet -algorithm RSA -pkeyopt "rsa_keygen_bits:$2" -out "$ARBEJDE/$1.key"
}

request() { # name: a request whose subject is the section of that name
    sed "s/^distinguished_name = unused/distinguished_name = $1/" openssl.cnf > "$ARBEJDE/$1.cnf"
    openssl req -new -config "$ARBEJDE/$1.cnf" -multivalue-rdn -key "$ARBEJDE/$2.key" -out "$ARBEJDE/$1.csr"
}

sign() { # name issuer extensions
    openssl x509 -req -in "$ARBEJDE/$1.csr" -CA "$2.pem" -CAkey "$ARBEJDE/$2.key" -days 1826 $pss \
        -extfile openssl.cnf -extensions "$3" -out "$1.pem"
}

crl() { # issuer
    openssl ca -gencrl -config "$ARBEJDE/crl.cnf" -cert "$1.pem" -keyfile "$ARBEJDE/$1.key" \
        -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:64 -out "$1.crl.pem"
}

key rod-ca 4096
request rod-ca rod-ca
openssl x509 -req -in "$ARBEJDE/rod-ca.csr" -signkey "$ARBEJDE/rod-ca.key" -days 1826 $pss \
    -extfile openssl.cnf -extensions root_ext -out rod-ca.pem
key udstedende-ca 3072
request udstedende-ca udstedende-ca
sign udstedende-ca rod-ca issuing_ext

# One key for all leaves: they differ in their subjects, and nobody is to use them.
key leaf 3072
for name in $(sed -n '/--- subjects that are read/,$s/^\[ \(.*\) \]$/\1/p' openssl.cnf); do
    request "$name" leaf
    sign "$name" udstedende-ca leaf_ext
done
crl rod-ca
crl udstedende-ca
