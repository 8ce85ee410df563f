//! Files that can't be configured: each error names its file and says what to do.

use super::*;

/// The error of a service listener that must not be built.
fn refused(files: &ServiceFiles) -> TlsError {
    service(files, Arc::default(), OffsetDateTime::now_utc())
        .map(|_| ())
        .unwrap_err()
}

/// Asserts the variant and a part of the text: the file's name or the advice.
macro_rules! assert_refused {
    ($files:expr, $variant:pat, $text:expr) => {
        let error = refused($files);
        assert!(matches!(error, $variant), "{error:?}");
        assert!(error.to_string().contains($text), "{error}");
    };
}

#[test]
fn the_example_ca_needs_permission() {
    let example = Example::new();
    let mut files = example.files();
    files.allow_example_ca = false;
    assert_refused!(&files, TlsError::ExampleCa { .. }, "ca.pem");
    let error = public(&files.server, false).map(|_| ()).unwrap_err();
    assert!(matches!(error, TlsError::ExampleCa { .. }));
    assert!(error.to_string().contains("tillad_eksempel_ca"), "{error}");
}

#[test]
fn missing_empty_and_damaged_files() {
    let example = Example::new();
    let good = example.files();

    let mut files = good.clone();
    files.server.certificate = example.path("findes-ikke.pem");
    assert_refused!(&files, TlsError::Read { .. }, "findes-ikke.pem");

    let mut files = good.clone();
    files.server.key = example.path("server.pem");
    assert_refused!(&files, TlsError::Empty { .. }, "BEGIN PRIVATE KEY");

    let mut files = good.clone();
    files.client_ca[0].file = example.path("ca.key");
    assert_refused!(&files, TlsError::Empty { .. }, "BEGIN CERTIFICATE");

    let cut = "-----BEGIN CERTIFICATE-----\nMIIB\n";
    let mut files = good.clone();
    files.client_ca[0].file = example.scratch.file("halv.pem", cut);
    assert_refused!(&files, TlsError::Pem { .. }, "halv.pem");

    let nonsense = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let mut files = good.clone();
    files.client_ca[0].file = example.scratch.file("intet.pem", nonsense);
    assert_refused!(&files, TlsError::Unreadable { number: 1, .. }, "intet.pem");

    let mut files = good.clone();
    files.crl = vec![example.scratch.file("intet.crl", [0x30, 0x00])];
    assert_refused!(&files, TlsError::Unreadable { number: 1, .. }, "intet.crl");

    let mut files = good;
    files.server.key = example.path("kommune.key");
    assert_refused!(&files, TlsError::Pair { .. }, "kommune.key");
}

#[test]
fn a_ca_is_needed_and_nothing_but_cas() {
    let example = Example::new();
    let mut files = example.files();
    files.client_ca.clear();
    assert!(matches!(refused(&files), TlsError::NoClientCa));

    let mut files = example.files();
    files.client_ca[0].file = example.path("kommune.pem");
    assert_refused!(&files, TlsError::NotACa { .. }, "kommune.pem");
}

#[test]
fn a_ca_needs_its_revocation_list_or_a_mark() {
    let example = Example::new();
    let mut files = example.files();
    let built = service(&files, Arc::default(), OffsetDateTime::now_utc()).unwrap();
    assert_eq!(built.lists.len(), 1);
    files.crl.clear();
    assert_refused!(&files, TlsError::NoCrl { .. }, "uden_crl");
    files.client_ca[0].without_crl = true;
    service(&files, Arc::default(), OffsetDateTime::now_utc()).unwrap();
}
