//! The list of errors in an answer: complete, bounded, and each with its place in the message as it was sent.

use crate::support::TestApp;
use crate::support::messages::*;

#[tokio::test]
async fn every_error_is_in_one_answer_with_its_place() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let body = "<i:InsertDaginstitution xmlns:i=\"urn:dagtilbudsregister:import:v2\" xmlns=\"urn:dagtilbudsregister:typer:v2\">\n\
        <i:daginstitution>\n\
        \t<daginstitutionsNavn>Æblehaven</daginstitutionsNavn>\n\
        <ejerformKode>9</ejerformKode><lovgrundlagKode>et</lovgrundlagKode>\n\
        <admKommuneKode>101</admKommuneKode>\n\
        </i:daginstitution>\n\
        <i:daginstitution>\n\
        <daginstitutionsNavn>Æ</daginstitutionsNavn><ukendt/>\n\
        </i:daginstitution></i:InsertDaginstitution>";
    let answer = caller.import_v2(body).send().await;
    assert_eq!(answer.status(), 200);
    let tree = answer.tree();
    assert_eq!(tree.text_of("status"), "AFVIST");
    let seen: Vec<_> = tree
        .all("fejl")
        .into_iter()
        .map(|fejl| {
            let field = |name| fejl.text_of(name).to_owned();
            assert!(!field("beskedDa").is_empty() && !field("beskedEn").is_empty());
            assert!(field("afhjaelpning").contains(" / "));
            let place = format!("{}:{}", field("linje"), field("kolonne"));
            format!("{} {} {place} {}", field("kode"), field("nr"), field("sti"))
        })
        .collect();
    // Line 1 is the XML declaration, line 2 begins with the envelope.
    let record = |nr: u32| format!("/InsertDaginstitution/daginstitution[{nr}]");
    assert_eq!(
        seen,
        [
            format!("DTR5001 1 5:15 {}/ejerformKode", record(1)),
            format!("DTR4010 1 5:48 {}/lovgrundlagKode", record(1)),
            format!("DTR5007 1 6:17 {}/admKommuneKode", record(1)),
            format!("DTR4003 2 9:45 {}/ukendt", record(2)),
            format!("DTR4004 2 10:1 {}/ejerformKode", record(2)),
            format!("DTR4004 2 10:1 {}/lovgrundlagKode", record(2)),
            format!("DTR4004 2 10:1 {}/admKommuneKode", record(2)),
        ]
    );
}

#[tokio::test]
async fn a_thousand_errors_are_shown_and_the_rest_counted() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let wrong = |code: &str| -> Vec<_> {
        let fields = institution_fields("Forkert", 751);
        let fields = fields
            .replace("Kode>1<", &format!("Kode>{code}<"))
            .replace("751", code);
        vec![element("daginstitution", "", &fields); 500]
    };
    // Refused by the register's tables, and by the schema: three fields of each record.
    for (value, code) in [("9999", "DTR5001"), ("x", "DTR4010")] {
        let answer = caller
            .import_v2(write("InsertDaginstitution", &wrong(value)))
            .send()
            .await;
        let codes = answer.errors();
        assert_eq!(codes.len(), 1000, "{code}");
        assert!(
            codes.iter().all(|shown| shown == code),
            "{code}: {:?}",
            codes[0]
        );
        assert_eq!(answer.tree().text_of("flereFejl"), "500", "{code}");
    }
}

#[tokio::test]
async fn places_count_characters_of_the_message_as_it_was_read() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let fields = institution_fields("😀 Bo\u{308}gehuset", 751).replace(">751<", ">9999<");
    let record = element("daginstitution", "", &fields);
    let call = caller.import_v2(write("InsertDaginstitution", &[record]));
    let message = call.envelope();
    let line = message.lines().nth(1).unwrap();
    let column = line.split("9999").next().unwrap().chars().count() + 1;
    let expected = ("2".to_owned(), column.to_string());
    let crlf = message.replace('\n', "\r\n");
    let utf16 = format!("\u{feff}{}", crlf.replace("UTF-8", "UTF-16"));
    let utf16: Vec<u8> = utf16.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [message.into_bytes(), crlf.into_bytes(), utf16] {
        let call = caller.import_v2("").bytes(bytes).content_type("text/xml");
        let tree = call.send().await.tree();
        let place = (
            tree.text_of("linje").to_owned(),
            tree.text_of("kolonne").to_owned(),
        );
        assert_eq!(place, expected);
    }
}

#[tokio::test]
async fn what_only_v2_has_is_refused_by_v1() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let fields = institution_fields("Ny", 751);
    for extra in [
        "<gyldigFra>2026-08-01</gyldigFra>",
        "<afloeser>G30001</afloeser>",
    ] {
        let record = element("daginstitution", "", &format!("{fields}{extra}"));
        let insert = caller.import_v1(write_v1("InsertDaginstitution", &[record]));
        assert_eq!(insert.refused().await, ["DTR4020"], "{extra}");
    }
}

#[tokio::test]
async fn control_characters_are_no_text() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    for character in ["&#x7F;", "\u{85}", "&#x9B;"] {
        let insert = write(
            "InsertDaginstitution",
            &[institution(&format!("a{character}b"), 751)],
        );
        assert_eq!(
            caller.import_v2(insert).refused().await,
            ["DTR4011"],
            "{character}"
        );
    }
}
