//! What the issued certificates hold, read back with another library than the one that wrote them.

use super::*;
use uuid::Uuid;
use x509_parser::certificate::X509Certificate;

fn now() -> OffsetDateTime {
    rcgen::date_time_ymd(2027, 1, 1)
}

fn ca() -> Ca {
    Ca::new("EKSEMPEL prøve-CA", now()).unwrap()
}

fn profile(usage: Usage) -> Profile {
    Profile {
        subject: Subject::oces3_organisation("55133018", Uuid::nil(), "Aarhus Kommune", "prøve"),
        usage,
        validity: Validity::five_years(now()),
    }
}

fn parse(der: &[u8]) -> X509Certificate<'_> {
    parse_x509_certificate(der).unwrap().1
}

#[test]
fn a_ca_must_call_itself_an_example() {
    for name in ["Den Danske Stat OCES udstedende-CA 1", "", " EKSEMPEL"] {
        let error = Ca::new(name, now()).unwrap_err();
        assert!(matches!(error, PkiError::NotNamedExample(_)), "{name}");
    }
}

#[test]
fn a_caller_s_certificate_is_as_oces_issues_it() {
    let ca = ca();
    let issued = ca.issue(&profile(Usage::Caller)).unwrap();
    let read = parse(&issued.der);
    assert_eq!(
        read.subject().to_string(),
        "C=DK, OID(2.5.4.97)=NTRDK-55133018, O=Aarhus Kommune, \
         serialNumber=UI:DK-O:G:00000000-0000-0000-0000-000000000000, CN=prøve"
    );
    assert_eq!(read.issuer(), parse(ca.der()).subject());
    let constraints = read.basic_constraints().unwrap().unwrap();
    assert!(constraints.critical && !constraints.value.ca);
    let usage = read.key_usage().unwrap().unwrap();
    assert!(usage.critical);
    assert_eq!(
        usage.value.flags, 0b101,
        "digitalSignature, keyEncipherment"
    );
    assert!(read.extended_key_usage().unwrap().is_none());
    assert!(read.subject_alternative_name().unwrap().is_none());
    assert_eq!(
        read.validity().not_after.to_datetime(),
        now() + Duration::days(1826)
    );
    assert!(read.raw_serial().len() <= 20);
    assert!(issued.key_pem.starts_with("-----BEGIN PRIVATE KEY-----"));
}

#[test]
fn a_server_s_certificate_names_this_machine() {
    let issued = ca().issue(&profile(Usage::Server)).unwrap();
    let read = parse(&issued.der);
    let names = read.subject_alternative_name().unwrap().unwrap().value;
    let names: Vec<_> = names
        .general_names
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(names.len(), 3);
    assert_eq!(names[0], "DNSName(localhost)");
    let purposes = read.extended_key_usage().unwrap().unwrap().value;
    assert!(purposes.server_auth && !purposes.client_auth);
}

#[test]
fn serial_numbers_differ() {
    let ca = ca();
    let one = ca.issue(&profile(Usage::Caller)).unwrap();
    let two = ca.issue(&profile(Usage::Caller)).unwrap();
    assert_ne!(one.serial, two.serial);
}

/// A CA read back issues under the same name, so chains hold across runs of `dtr certs`.
#[test]
fn reads_back_its_own_files() {
    let ca = ca();
    let again = Ca::from_pem(ca.pem(), &ca.key_pem()).unwrap();
    let issued = again.issue(&profile(Usage::Caller)).unwrap();
    let read = parse(&issued.der);
    assert_eq!(read.issuer().as_raw(), parse(ca.der()).subject().as_raw());
    let list = again
        .revocation_list(&[&issued], Validity::five_years(now()))
        .unwrap();
    let list = x509_parser::pem::parse_x509_pem(list.as_bytes()).unwrap().1;
    let list = x509_parser::parse_x509_crl(&list.contents).unwrap().1;
    let revoked: Vec<_> = list
        .iter_revoked_certificates()
        .map(|r| r.raw_serial())
        .collect();
    assert_eq!(revoked, [read.raw_serial()]);
}

#[test]
fn refuses_a_pair_that_is_none() {
    let (one, two) = (ca(), ca());
    let mismatch = Ca::from_pem(one.pem(), &two.key_pem()).unwrap_err();
    assert!(matches!(mismatch, PkiError::KeyMismatch));
    for (certificate, key) in [("", one.key_pem()), (one.pem(), String::new())] {
        let error = Ca::from_pem(certificate, &key).unwrap_err();
        assert!(matches!(error, PkiError::UnreadableCa { .. }));
    }
    let leaf = one.issue(&profile(Usage::Caller)).unwrap();
    let error = Ca::from_pem(&leaf.certificate_pem, &leaf.key_pem).unwrap_err();
    assert!(matches!(error, PkiError::NotNamedExample(_)));
}
