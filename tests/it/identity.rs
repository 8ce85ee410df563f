//! Who gets in, who is refused where, and who may write what.

use dtr::app::{self, Ports};
use dtr::clock::Clock;

use crate::support::messages::*;
use crate::support::{Folder, TestApp, app as support, pki};

const HELLO: &str = "<HelloWorld xmlns=\"urn:dagtilbudsregister:import:v2\"/>";

#[tokio::test]
async fn bad_certificates_are_refused_in_the_handshake() {
    let app = TestApp::start().await;
    for (certificate, alert) in [
        ("udloebet", "CertificateExpired"),
        ("fremmed", "UnknownCA"),
        ("kun-server", "UnsupportedCertificate"),
        ("tilbagekaldt", "CertificateRevoked"),
    ] {
        let refused = app.caller(certificate).import_v2(HELLO).try_send().await;
        let error = refused.unwrap_err().to_string();
        assert!(error.contains(alert), "{certificate}: {error}");
    }
    // The server goes on.
    assert_eq!(app.kommune().import_v2(HELLO).send().await.status(), 200);
}

#[tokio::test]
async fn a_certificate_that_expires_soon_is_announced_in_a_header() {
    let day = 24 * 3600 * 1000;
    let now = Clock::System.now();
    for (days_ahead, announced) in [(5 * 365 - 70, false), (5 * 365 - 50, true)] {
        let clock = Clock::fixed(now.plus_millis(days_ahead * day));
        let app = TestApp::with_clock(clock, |_| {}).await;
        let answer = app.kommune().import_v2(HELLO).send().await.text();
        let header = "<certifikatUdloeb xmlns=\"urn:dagtilbudsregister:import:v2\">";
        assert_eq!(answer.contains(header), announced, "{answer}");
    }
}

#[tokio::test]
async fn without_a_certificate_there_is_no_handshake() {
    let app = TestApp::start().await;
    let ca = std::fs::read(crate::support::pki::folder().join("ca.pem")).unwrap();
    let nobody = crate::support::patient(dtr::client::Client::new(&ca, None).unwrap());
    let refused = nobody.get(&app.url("/eksport/v2/dagtilbud.xml"), &[]).await;
    let error = refused.unwrap_err().to_string();
    assert!(error.contains("CertificateRequired"), "{error}");
}

#[tokio::test]
async fn a_good_certificate_without_a_usable_identity_gets_a_fault() {
    let app = TestApp::start().await;
    for (certificate, code) in [
        ("uden-cvr", "DTR1010"),
        ("person", "DTR1011"),
        ("uenig", "DTR1012"),
        ("misdannet", "DTR1013"),
        ("uregistreret", "DTR1014"),
        ("lukket", "DTR1015"),
    ] {
        let caller = app.caller(certificate);
        assert_eq!(caller.import_v2(HELLO).fault(500).await, code);
        assert_eq!(caller.import_v2(HELLO).soap12().fault(500).await, code);
        let document = caller.get("/eksport/v2/dagtilbud.xml").await;
        assert_eq!(document.status, 403, "{certificate}");
        assert!(document.text().contains(code), "{}", document.text());
    }
}

#[tokio::test]
async fn an_oces2_certificate_is_its_cvr_number_too() {
    let app = TestApp::start().await;
    let insert = write("InsertDaginstitution", &[institution("Fra OCES2", 751)]);
    app.caller("oces2").import_v2(insert).ok().await;
}

#[tokio::test]
async fn each_kind_of_organisation_writes_where_it_may() {
    let app = TestApp::start().await;
    let insert = |kommune| write("InsertDaginstitution", &[institution("Ny", kommune)]);
    app.kommune().import_v2(insert(751)).ok().await;
    app.kommune2().import_v2(insert(101)).ok().await;
    app.operatoer().import_v2(insert(461)).ok().await;
    let refused = app.kommune();
    assert_eq!(refused.import_v2(insert(101)).refused().await, ["DTR5007"]);
    let refused = app.leverandoer();
    assert_eq!(refused.import_v2(insert(751)).refused().await, ["DTR5017"]);
    let aftager = app.aftager();
    assert_eq!(aftager.import_v2(insert(751)).fault(500).await, "DTR1016");
    assert_eq!(aftager.import_v2(HELLO).send().await.status(), 200);
    // Everybody reads.
    for caller in [app.kommune(), app.leverandoer(), aftager, app.operatoer()] {
        let all = caller
            .eksport_v2("GetAllDaginstitutioner", "")
            .result()
            .await;
        assert_eq!(all.all("daginstitution").len(), 3);
    }
}

#[tokio::test]
async fn the_operator_needs_a_case_number_to_write_and_not_to_read() {
    let app = TestApp::start().await;
    let caller = app.operatoer();
    let insert = write("InsertDaginstitution", &[institution("Ny", 461)]);
    let without = caller.import_v2(&*insert).without_blocks();
    assert_eq!(without.fault(500).await, "DTR3013");
    let without = caller.import_v2(&*insert).without_blocks().soap12();
    assert_eq!(without.fault(500).await, "DTR3013");
    caller.import_v2(HELLO).without_blocks().send().await;
    caller.import_v2(insert).ok().await;
}

#[tokio::test]
async fn a_foreign_number_is_answered_as_an_unknown_one() {
    let app = TestApp::start().await;
    let foreign = write("InsertDaginstitution", &[institution("Vestervang", 101)]);
    let foreign = app.kommune2().import_v2(foreign).ok().await.number();
    let unknown = "G39999";
    let caller = app.kommune();
    type Message = fn(&str) -> (&'static str, String);
    let messages: [Message; 4] = [
        |n| ("DeleteDaginstitution", closing("daginstitution", n)),
        |n| ("InsertAnvisningsEnhed", unit(n, "Ny")),
        |n| {
            let fields = institution_fields("Ny", 751);
            let record = institution_update(n, "forventetVersion=\"7\"", &fields);
            ("UpdateDaginstitution", record)
        },
        |n| ("MoveAnvisningsEnhed", moved("anvisningsenhed", n, n)),
    ];
    for message in messages {
        let mut answers = Vec::new();
        for number in [&foreign, unknown] {
            let (operation, record) = message(number);
            let answer = caller.import_v2(write(operation, &[record])).send().await;
            let tree = answer.tree();
            let text = answer
                .text()
                .replace(tree.text_of("korrelationsId"), "ID")
                .replace(tree.text_of("tidspunkt"), "TID")
                .replace(number, "NUMMER");
            assert!(text.contains("AFVIST"), "{text}");
            answers.push(text);
        }
        assert_eq!(answers[0], answers[1]);
    }
}

#[tokio::test]
async fn the_example_ca_is_refused_unless_the_configuration_says_otherwise() {
    let folder = Folder::new();
    let mut config = support::config(&folder.join("register.db"));
    config.tls.tillad_eksempel_ca = false;
    let refused = app::start(&config, Ports::AsConfigured, Clock::System).await;
    let error = refused.unwrap_err().to_string();
    assert!(error.contains("tillad_eksempel_ca"), "{error}");
}

#[tokio::test]
async fn a_certificate_that_is_no_longer_good_is_refused_and_cut() {
    let folder = Folder::new();
    let ca = folder.join("ca.pem");
    std::fs::copy(pki::folder().join("ca.pem"), &ca).unwrap();
    let app = TestApp::with(|config| {
        config.tls.klient_ca = vec![ca.clone()];
        config.tls.uden_crl = vec![ca.clone()];
    })
    .await;
    let caller = app.kommune();
    assert_eq!(caller.import_v2(HELLO).send().await.status(), 200);
    // Its CA is taken out of the store.
    std::fs::copy(pki::folder().join("egen-ca.pem"), &ca).unwrap();
    for _ in 0..6000 {
        let answer = caller.import_v2(HELLO).send().await;
        if answer.status() == 500 {
            assert_eq!(answer.fault_code(), "DTR1030");
            assert!(
                caller.import_v2(HELLO).try_send().await.is_err(),
                "a new handshake fails"
            );
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the session goes on");
}
