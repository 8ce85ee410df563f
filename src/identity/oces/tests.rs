//! Every form of subject that S4.3 of the threat catalogue names. Certificates that no library would make are put together byte
//! by byte; their signatures are nothing, which this module never looks at.

use super::*;
use crate::identity::Attribute;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

const ORG_ID: &[u8] = &[0x55, 0x04, 0x61];
const SERIAL: &[u8] = &[0x55, 0x04, 0x05];
const CN: &[u8] = &[0x55, 0x04, 0x03];
const O: &[u8] = &[0x55, 0x04, 0x0a];

const UTF8: u8 = 0x0c;
const PRINTABLE: u8 = 0x13;
const T61: u8 = 0x14;
const IA5: u8 = 0x16;
const BMP: u8 = 0x1e;

const UUID: &str = "3f1c2c5e-7a4b-4b8e-9a55-0d6a1f2e4c11";
const OCES3: &str = "UI:DK-O:G:3f1c2c5e-7a4b-4b8e-9a55-0d6a1f2e4c11";

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        n @ 0..=127 => out.push(n as u8),
        n => out.extend([0x82, (n >> 8) as u8, n as u8]),
    }
    out.extend_from_slice(content);
    out
}

fn attribute(oid: &[u8], tag: u8, value: &[u8]) -> Vec<u8> {
    tlv(0x30, &[tlv(0x06, oid), tlv(tag, value)].concat())
}

/// A certificate whose subject has these RDNs, each of one or more attributes.
fn certificate(rdns: &[Vec<Vec<u8>>]) -> Vec<u8> {
    let subject: Vec<u8> = rdns
        .iter()
        .flat_map(|rdn| tlv(0x31, &rdn.concat()))
        .collect();
    let ecdsa = tlv(
        0x30,
        &tlv(0x06, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]),
    );
    let key_kind = [
        tlv(0x06, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]),
        tlv(0x06, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]),
    ];
    let key = [tlv(0x30, &key_kind.concat()), tlv(0x03, &[0; 66])].concat();
    let validity = [tlv(0x17, b"260101000000Z"), tlv(0x17, b"310101000000Z")].concat();
    let body = [
        tlv(0xa0, &tlv(0x02, &[2])),
        tlv(0x02, &[1]),
        ecdsa.clone(),
        tlv(0x30, &[]),
        tlv(0x30, &validity),
        tlv(0x30, &subject),
        tlv(0x30, &key),
    ];
    tlv(
        0x30,
        &[tlv(0x30, &body.concat()), ecdsa, tlv(0x03, &[0; 9])].concat(),
    )
}

/// A subject of single-valued RDNs, all UTF8String.
fn plain(attributes: &[(&[u8], &str)]) -> Vec<u8> {
    let rdns: Vec<_> = attributes
        .iter()
        .map(|(oid, value)| vec![attribute(oid, UTF8, value.as_bytes())])
        .collect();
    certificate(&rdns)
}

fn read(attributes: &[(&[u8], &str)]) -> Result<Certificate, OcesError> {
    Certificate::read(&plain(attributes))
}

fn read_ok(attributes: &[(&[u8], &str)]) -> Certificate {
    read(attributes).unwrap()
}

fn malformed(attribute: Attribute) -> Result<Certificate, OcesError> {
    Err(OcesError::Malformed(attribute))
}

#[test]
fn reads_oces3() {
    let der = plain(&[(ORG_ID, "NTRDK-01234567"), (SERIAL, OCES3)]);
    let read = Certificate::read(&der).unwrap();
    assert_eq!(read.cvr.as_str(), "01234567");
    assert_eq!(read.identity.to_string(), UUID);
    assert_eq!(
        (read.identity.generation(), read.kind),
        ("OCES3", "organisation")
    );
    assert_eq!(read.not_after.unix_timestamp(), 1_924_992_000);
    assert_eq!(Fingerprint::of(&der).to_string().len(), 64);

    let employee = OCES3.replace("DK-O", "DK-E");
    let read = read_ok(&[(ORG_ID, "NTRDK-01234567"), (SERIAL, &employee)]);
    assert_eq!(
        (read.identity.generation(), read.kind),
        ("OCES3", "employee")
    );
}

#[test]
fn reads_oces2() {
    for (class, kind) in [
        ("FID", "function"),
        ("UID", "organisation"),
        ("RID", "employee"),
    ] {
        let serial = format!("CVR:30808460-{class}:25351738");
        let read = read_ok(&[(SERIAL, &serial)]);
        assert_eq!(read.cvr.as_str(), "30808460");
        assert_eq!(read.identity.to_string(), serial);
        assert_eq!((read.identity.generation(), read.kind), ("OCES2", kind));
    }
}

#[test]
fn compares_uuids_without_case_and_reads_identities_back() {
    let upper = OCES3.replace(UUID, &UUID.to_uppercase());
    let lower = read_ok(&[(ORG_ID, "NTRDK-01234567"), (SERIAL, OCES3)]).identity;
    let upper = read_ok(&[(ORG_ID, "NTRDK-01234567"), (SERIAL, &upper)]).identity;
    assert_eq!(lower, upper);
    assert_eq!(StableId::parse(&lower.to_string()), Some(lower.clone()));
    assert_eq!(StableId::parse(&UUID.to_uppercase()), Some(lower));

    let legacy = "CVR:30808460-FID:25351738";
    assert_eq!(StableId::parse(legacy).unwrap().to_string(), legacy);
    for wrong in [
        "",
        "CVR:30808460",
        &UUID.replace('-', ""),
        "CVR:30808460-PID:25351738",
    ] {
        assert_eq!(StableId::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn two_cvr_numbers_must_agree() {
    let legacy = "CVR:30808460-FID:25351738";
    let both = read_ok(&[(ORG_ID, "NTRDK-30808460"), (SERIAL, legacy)]);
    assert_eq!(
        (both.cvr.as_str(), both.identity.to_string().as_str()),
        ("30808460", legacy)
    );
    assert_eq!(
        read(&[(ORG_ID, "NTRDK-30808461"), (SERIAL, legacy)]),
        Err(OcesError::Disagree)
    );
}

#[test]
fn names_are_not_evidence() {
    for name in [CN, O] {
        for text in [
            "NTRDK-30808460",
            "CVR:30808460-FID:25351738",
            "X // CVR:30808460",
        ] {
            assert_eq!(read(&[(name, text)]), Err(OcesError::NoCvr));
            assert_eq!(
                read(&[(name, text), (SERIAL, OCES3)]),
                Err(OcesError::NoCvr)
            );
        }
    }
    // A P-number or another CVR number in a name changes nothing either.
    let holder = read_ok(&[
        (CN, "CVR:64942212 P:1003388394"),
        (ORG_ID, "NTRDK-30808460"),
        (SERIAL, OCES3),
    ]);
    assert_eq!(holder.cvr.as_str(), "30808460");
    assert_eq!(read(&[]), Err(OcesError::NoCvr));
}

#[test]
fn refuses_persons_whatever_else_they_claim() {
    let pid = "PID:9208-2002-2-123456789012";
    let oces3 = OCES3.replace("DK-O", "DK-P");
    for serial in [pid, oces3.as_str()] {
        assert_eq!(read(&[(SERIAL, serial)]), Err(OcesError::PersonCertificate));
        assert_eq!(
            read(&[(ORG_ID, "NTRDK-30808460"), (SERIAL, serial)]),
            Err(OcesError::PersonCertificate)
        );
    }
}

#[test]
fn a_cvr_number_needs_an_identity_beside_it() {
    assert_eq!(
        read(&[(ORG_ID, "NTRDK-30808460")]),
        Err(OcesError::NoIdentity)
    );
}

#[test]
fn names_the_other_register() {
    for scheme in ["NTRSE", "VATDK", "PSDDK", "LEIXG"] {
        let value = format!("{scheme}-30808460");
        let expected = OcesError::OtherRegister(scheme.to_owned());
        assert_eq!(read(&[(ORG_ID, &value), (SERIAL, OCES3)]), Err(expected));
    }
}

#[test]
fn organization_identifier_is_exact() {
    for value in [
        "",
        "NTRDK-",
        "NTRDK-3080846",
        "NTRDK-308084600",
        "NTRDK-3080846O",
        "NTRDK-٣٠٨٠٨٤٦٠",
        "NTRDK-３０８０８４６０",
        "NTRDK-30808460\0",
        "NTRDK-3080\x008460",
        "NTRDK-30808460\n",
        " NTRDK-30808460",
        "NTRDK-30808460 ",
        "NTRDK- 30808460",
        "NTRDK:30808460",
        "NTRDK30808460",
        "ntrdk-30808460",
        "30808460",
        "NTRDK-+3080846",
        "NTRDK-30808460-1",
    ] {
        assert_eq!(
            read(&[(ORG_ID, value), (SERIAL, OCES3)]),
            malformed(Attribute::OrganizationIdentifier),
            "{value:?}"
        );
        // Wrong is wrong, also beside an OCES2 serialNumber that would do alone.
        assert_eq!(
            read(&[(ORG_ID, value), (SERIAL, "CVR:30808460-FID:25351738")]),
            malformed(Attribute::OrganizationIdentifier),
            "{value:?}"
        );
    }
}

#[test]
fn serial_number_is_exact() {
    for value in [
        "",
        "30808460",
        "CVR:30808460",
        "CVR:3080846-FID:25351738",
        "CVR:308084600-FID:25351738",
        "CVR:30808460-FID:",
        "CVR:30808460-FID:2535173",
        "CVR:30808460-FID:253517382535173825351",
        "CVR:30808460-FID:2535173x",
        "CVR:30808460-XID:25351738",
        "CVR:30808460-fid:25351738",
        "cvr:30808460-FID:25351738",
        "CVR:٣٠٨٠٨٤٦٠-FID:25351738",
        "CVR:30808460-FID:25351738 ",
        " CVR:30808460-FID:25351738",
        "CVR:30808460-FID:25351738\0",
        "CVR:30808460\0-FID:25351738",
        "UI:DK-O:G:3f1c2c5e7a4b4b8e9a550d6a1f2e4c11",
        "UI:DK-O:G:{3f1c2c5e-7a4b-4b8e-9a55-0d6a1f2e4c11}",
        "UI:DK-O:G:3f1c2c5e-7a4b-4b8e-9a55-0d6a1f2e4c1g",
        "UI:DK-O:G:3f1c2c5e-7a4b-4b8e-9a55-0d6a1f2e4c11 ",
        "UI:DK-O:3f1c2c5e-7a4b-4b8e-9a55-0d6a1f2e4c11",
        "UI:SE-O:G:3f1c2c5e-7a4b-4b8e-9a55-0d6a1f2e4c11",
        "ui:dk-o:g:3f1c2c5e-7a4b-4b8e-9a55-0d6a1f2e4c11",
    ] {
        for certificate in [
            read(&[(SERIAL, value)]),
            read(&[(ORG_ID, "NTRDK-30808460"), (SERIAL, value)]),
        ] {
            assert_eq!(certificate, malformed(Attribute::SerialNumber), "{value:?}");
        }
    }
}

#[test]
fn each_attribute_at_most_once() {
    let once = (ORG_ID, "NTRDK-30808460");
    for second in [once, (ORG_ID, "NTRDK-30808461")] {
        assert_eq!(
            read(&[once, second, (SERIAL, OCES3)]),
            Err(OcesError::Duplicate(Attribute::OrganizationIdentifier))
        );
    }
    assert_eq!(
        read(&[once, (SERIAL, OCES3), (SERIAL, OCES3)]),
        Err(OcesError::Duplicate(Attribute::SerialNumber))
    );
    let in_one_rdn = certificate(&[vec![
        attribute(ORG_ID, UTF8, b"NTRDK-30808460"),
        attribute(ORG_ID, UTF8, b"NTRDK-64942212"),
        attribute(SERIAL, PRINTABLE, OCES3.as_bytes()),
    ]]);
    assert_eq!(
        Certificate::read(&in_one_rdn),
        Err(OcesError::Duplicate(Attribute::OrganizationIdentifier))
    );
}

#[test]
fn reads_multi_valued_rdns() {
    let der = certificate(&[vec![
        attribute(CN, UTF8, "Børnehaven".as_bytes()),
        attribute(SERIAL, PRINTABLE, b"CVR:30808460-UID:25351738"),
    ]]);
    assert_eq!(Certificate::read(&der).unwrap().cvr.as_str(), "30808460");
}

#[test]
fn reads_two_string_types_and_no_others() {
    let with = |tag: u8, organisation: &[u8]| {
        Certificate::read(&certificate(&[
            vec![attribute(ORG_ID, tag, organisation)],
            vec![attribute(SERIAL, PRINTABLE, OCES3.as_bytes())],
        ]))
    };
    let plain = b"NTRDK-30808460";
    let utf16: Vec<u8> = plain.iter().flat_map(|b| [0, *b]).collect();
    for tag in [UTF8, PRINTABLE] {
        assert_eq!(with(tag, plain).unwrap().cvr.as_str(), "30808460");
    }
    let encoding = Err(OcesError::Encoding(Attribute::OrganizationIdentifier));
    for tag in [T61, IA5, BMP, 0x04, 0x12, 0x2c] {
        assert_eq!(with(tag, plain), encoding, "tag {tag:#x}");
    }
    assert_eq!(with(BMP, &utf16), encoding);
    assert_eq!(with(UTF8, b"NTRDK-3080846\xff"), encoding);

    let serial = certificate(&[vec![attribute(SERIAL, T61, b"CVR:30808460-FID:25351738")]]);
    assert_eq!(
        Certificate::read(&serial),
        Err(OcesError::Encoding(Attribute::SerialNumber))
    );
}

#[test]
fn refuses_what_is_not_one_whole_certificate() {
    let der = plain(&[(ORG_ID, "NTRDK-30808460"), (SERIAL, OCES3)]);
    let not = Err(OcesError::NotACertificate);
    for cut in 0..der.len() {
        assert_eq!(Certificate::read(&der[..cut]), not, "cut at {cut}");
    }
    assert_eq!(Certificate::read(&[&der[..], &[0]].concat()), not);
    assert_eq!(Certificate::read(b"-----BEGIN CERTIFICATE-----"), not);
}

/// Any byte changed gives an answer, not a panic: the log names certificates that nobody has verified.
#[test]
fn survives_damage() {
    let der = plain(&[(ORG_ID, "NTRDK-30808460"), (SERIAL, OCES3)]);
    let mut refused = 0;
    for at in 0..der.len() {
        for value in [0x00, 0x7f, 0x80, 0xff, der[at] ^ 1] {
            let mut damaged = der.clone();
            damaged[at] = value;
            refused += usize::from(Certificate::read(&damaged).is_err());
        }
    }
    assert!(refused > der.len(), "only {refused} refused");
}

/// certs-example/README.md has the table; each row is held to.
#[test]
fn reads_the_examples_as_their_readme_says() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("certs-example");
    let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let mut rows = 0;
    for line in readme.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, file, cvr, rest, _] = cells[..] else {
            continue;
        };
        let Some(file) = file.strip_prefix('`').and_then(|f| f.strip_suffix(".pem`")) else {
            continue;
        };
        let der = CertificateDer::from_pem_file(folder.join(format!("{file}.pem"))).unwrap();
        let (read_cvr, read_rest) = match Certificate::read(&der) {
            Ok(c) => (c.cvr.to_string(), c.identity.to_string()),
            Err(error) => ("-".to_owned(), error.to_string()),
        };
        assert_eq!(
            (read_cvr.as_str(), read_rest.as_str()),
            (cvr, rest),
            "{file}"
        );
        rows += 1;
    }
    assert_eq!(rows, 15);
}
