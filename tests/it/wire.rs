//! The wire: SOAP versions, encodings, actions, headers, addressing.

use dtr::contract::services::ALL;
use dtr::soap::WSA;

use crate::support::messages::*;
use crate::support::{Caller, TestApp};

const HELLO: &str = "<HelloWorld xmlns=\"urn:dagtilbudsregister:import:v2\"/>";
const ACTION: &str = "urn:dagtilbudsregister:import:v2/HelloWorld";
const OTHER: &str = "urn:dagtilbudsregister:import:v2/GetXMLSchema";
/// Every letter that the four encodings tell differently, and one pair that normal form C joins.
const NAME: &str = "Æblehaven på Ærø, Öland §";

#[tokio::test]
async fn both_versions_are_answered_in_their_own() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    for service in ALL {
        let hello = format!("<HelloWorld xmlns=\"{}\"/>", service.namespace);
        let answer = caller.call(service, &*hello).send().await;
        assert_eq!(answer.status(), 200);
        assert_eq!(
            answer.0.header("content-type"),
            Some("text/xml; charset=utf-8")
        );
        assert_eq!(answer.tree().namespace, dtr::soap::SOAP11);
        let answer = caller.call(service, hello).soap12().send().await;
        let own = Some("application/soap+xml; charset=utf-8");
        assert_eq!(answer.0.header("content-type"), own);
        assert_eq!(answer.tree().namespace, dtr::soap::SOAP12);
        let length = answer.0.body.len().to_string();
        assert_eq!(answer.0.header("content-length"), Some(length.as_str()));
    }
}

#[tokio::test]
async fn every_encoding_gives_the_same_name() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let envelope = |declared: &str, name: &str| {
        let insert = write("InsertDaginstitution", &[institution(name, 751)]);
        let envelope = caller.import_v2(insert).envelope();
        envelope.replace("UTF-8", declared)
    };
    let single = |text: &str| -> Vec<u8> { text.chars().map(latin).collect() };
    let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let text = format!("\u{feff}{text}");
        text.encode_utf16().flat_map(bytes).collect()
    };
    let euro = format!("{NAME} €");
    let messages: [(&str, &str, Vec<u8>); 8] = [
        (NAME, "text/xml", envelope("UTF-8", NAME).into_bytes()),
        (
            NAME,
            "text/xml",
            format!("\u{feff}{}", envelope("UTF-8", NAME)).into_bytes(),
        ),
        (
            NAME,
            "text/xml",
            utf16(&envelope("UTF-16", NAME), u16::to_le_bytes),
        ),
        (
            NAME,
            "text/xml; charset=utf-16",
            utf16(&envelope("UTF-16", NAME), u16::to_be_bytes),
        ),
        (NAME, "text/xml", single(&envelope("ISO-8859-1", NAME))),
        // The charset of the Content-Type goes before the declaration.
        (
            NAME,
            "text/xml; charset=iso-8859-1",
            single(&envelope("UTF-8", NAME)),
        ),
        (&euro, "text/xml", single(&envelope("windows-1252", &euro))),
        (
            &euro,
            "text/xml; charset=windows-1252",
            single(&envelope("UTF-8", &euro)),
        ),
    ];
    for (name, content_type, bytes) in messages {
        let call = caller.import_v2("").bytes(bytes).content_type(content_type);
        let number = call.ok().await.number();
        assert_eq!(name_of(&caller, &number).await, name, "{content_type}");
    }
}

/// A character in windows-1252, as far as the tests use it.
fn latin(c: char) -> u8 {
    match c {
        '€' => 0x80,
        c => u8::try_from(c).unwrap(),
    }
}

async fn name_of(caller: &Caller, number: &str) -> String {
    let number = format!("<daginstitutionsNummer>{number}</daginstitutionsNummer>");
    let found = caller
        .eksport_v2("GetDaginstitutionByNummer", &number)
        .result()
        .await;
    found.text_of("daginstitutionsNavn").to_owned()
}

#[tokio::test]
async fn text_is_collapsed_and_brought_into_normal_form_c() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let insert = institution(
        "  A\u{30a}ga\u{30a}rden \n\t &amp;  <!-- x --><![CDATA[<Venner>]]> ",
        751,
    );
    let insert = caller
        .import_v2(write("InsertDaginstitution", &[insert]))
        .ok()
        .await;
    assert_eq!(
        name_of(&caller, &insert.number()).await,
        "Ågården & <Venner>"
    );
}

#[tokio::test]
async fn the_action_may_be_absent_empty_quoted_or_bare_but_not_another() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let quoted = format!("\"{ACTION}\"");
    for action in ["", "\"\"", ACTION, &quoted] {
        let call = caller.import_v2(HELLO).http("SOAPAction", action);
        assert_eq!(call.send().await.status(), 200, "{action}");
    }
    let other = caller.import_v2(HELLO).http("SOAPAction", OTHER);
    assert_eq!(other.fault(500).await, "DTR3009");
    let typed = |action: &str| {
        let value = format!("application/soap+xml; charset=utf-8; action=\"{action}\"");
        caller.import_v2(HELLO).soap12().content_type(&value)
    };
    assert_eq!(typed("").send().await.status(), 200);
    assert_eq!(typed(ACTION).send().await.status(), 200);
    assert_eq!(typed(OTHER).fault(500).await, "DTR3009");
    let twice = caller.import_v2(HELLO);
    let twice = twice.http("SOAPAction", ACTION).http("SOAPAction", OTHER);
    assert_eq!(twice.fault(500).await, "DTR3014");
}

#[tokio::test]
async fn an_action_that_ends_in_the_operations_name_is_taken() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    for action in [
        "urn:x/HelloWorld",
        "urn:x#HelloWorld",
        "urn:x:HelloWorld",
        "urn:dagtilbudsregister:import:v2:ImportServicePortType:HelloWorldRequest",
    ] {
        let call = caller.import_v2(HELLO).http("SOAPAction", action);
        assert_eq!(call.send().await.status(), 200, "{action}");
        let typed = format!("application/soap+xml; charset=utf-8; action=\"{action}\"");
        let call = caller.import_v2(HELLO).soap12().content_type(&typed);
        assert_eq!(call.send().await.status(), 200, "{action}");
        let block = format!("<a:Action xmlns:a=\"{WSA}\">{action}</a:Action>");
        let call = caller.import_v2(HELLO).block(&block);
        assert_eq!(call.send().await.status(), 200, "{action}");
    }
    let block = format!("<a:Action xmlns:a=\"{WSA}\">urn:x/GetXMLSchema</a:Action>");
    let call = caller.import_v2(HELLO).block(&block);
    assert_eq!(call.fault(500).await, "DTR3018");
}

#[tokio::test]
async fn an_instant_has_any_offset_and_must_have_one() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let insert = write("InsertDaginstitution", &[institution("Æblehaven", 751)]);
    caller.import_v2(insert).ok().await;
    let at = |instant: &str| {
        let parameters = format!("<tidspunkt>{instant}</tidspunkt>");
        caller.eksport_v2("GetDagtilbudPrDato", &parameters)
    };
    // The same instant, as four stacks write it; the first change came after it, whatever the zone.
    for instant in [
        "2020-06-01T10:00:00Z",
        "2020-06-01T12:00:00+02:00",
        "2020-06-01T12:00:00.0000000+02:00",
        "2020-06-01T05:30:00.5-04:30",
    ] {
        assert_eq!(
            at(instant).result().await.text_of("sekvens"),
            "0",
            "{instant}"
        );
    }
    let later = at("2199-01-01T00:00:00.000+01:00").result().await;
    assert_eq!(later.text_of("sekvens"), "1");
    let beyond = at("12020-06-01T12:00:00Z").send().await;
    assert_eq!(beyond.errors(), ["DTR1008"]);
    for instant in ["2020-06-01T12:00:00", "2020-06-01T12:00:00.123"] {
        let answer = at(instant).send().await;
        assert_eq!(answer.errors(), ["DTR3023"], "{instant}");
        let help = answer.tree().text_of("afhjaelpning").to_owned();
        assert!(
            help.contains("DateTimeKind") && !help.contains("[0-9]"),
            "{help}"
        );
    }
}

#[tokio::test]
async fn a_date_with_a_zone_is_refused_with_the_way_out() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    for date in [
        "2026-09-01Z",
        "2026-09-01+02:00",
        "2026-09-01T00:00:00+02:00",
    ] {
        let fields =
            institution_fields("Æblehaven", 751) + &format!("<gyldigFra>{date}</gyldigFra>");
        let insert = element("daginstitution", "", &fields);
        let answer = caller
            .import_v2(write("InsertDaginstitution", &[insert]))
            .send()
            .await;
        assert_eq!(answer.errors(), ["DTR3024"], "{date}");
        let help = answer.tree().text_of("afhjaelpning").to_owned();
        for said in ["2026-09-01", "Java", "PHP"] {
            assert!(help.contains(said), "{help}");
        }
        assert!(!help.contains("[0-9]"), "{help}");
    }
}

#[tokio::test]
async fn addressing_headers_are_answered() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let wsa = |name: &str, value: &str| format!("<w:{name} xmlns:w=\"{WSA}\">{value}</w:{name}>");
    let anonymous = wsa("Address", "http://www.w3.org/2005/08/addressing/anonymous");
    let answer = caller
        .import_v2(HELLO)
        .message_id("urn:uuid:a")
        .block(&wsa("Action", ACTION))
        .block(&wsa("To", "https://localhost/v2/ImportService"))
        .block(&wsa("ReplyTo", &anonymous))
        .send()
        .await;
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let header = answer.tree().child("Header").unwrap().clone();
    assert_eq!(header.text_of("RelatesTo"), "urn:uuid:a");
    assert_eq!(header.text_of("Action"), format!("{ACTION}Response"));
    let own = header.text_of("MessageID").to_owned();
    assert!(own.starts_with("urn:uuid:") && own != "urn:uuid:a");
    let again = caller
        .import_v2(HELLO)
        .message_id("urn:uuid:a")
        .send()
        .await;
    assert_ne!(
        again.tree().text_of("MessageID"),
        own,
        "each answer has its own id"
    );
    // A fault is related to its call too; a call without an id gets no addressing headers.
    let fault = caller
        .import_v2("<a/>")
        .message_id("urn:uuid:b")
        .send()
        .await;
    assert_eq!(fault.tree().text_of("RelatesTo"), "urn:uuid:b");
    let without = caller.import_v2(HELLO).send().await;
    assert!(without.tree().child("Header").is_none());

    let long = "x".repeat(513);
    for id in ["", " ", long.as_str()] {
        let call = caller.import_v2(HELLO).message_id(id);
        assert_eq!(call.fault(500).await, "DTR3010");
    }
    let longest = caller.import_v2(HELLO).message_id(&long[1..]).send().await;
    assert_eq!(longest.status(), 200);
    let twice = caller.import_v2(HELLO).message_id("a").message_id("b");
    assert_eq!(twice.soap12().fault(500).await, "DTR3010");
    let address = wsa("Address", "https://a.example/");
    for name in ["ReplyTo", "FaultTo"] {
        let call = caller.import_v2(HELLO).block(&wsa(name, &address));
        assert_eq!(call.fault(500).await, "DTR3011");
    }
}

#[tokio::test]
async fn what_must_be_understood_is_understood_or_refused() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let block = |mark: &str| format!("<x:ny xmlns:x=\"urn:x\" {mark}/>");
    for (mark, status) in [
        ("", 200),
        ("s:mustUnderstand=\"0\"", 200),
        ("s:mustUnderstand=\"1\"", 500),
        ("s:mustUnderstand=\"1\" s:actor=\"urn:somebody-else\"", 200),
        (
            "s:mustUnderstand=\"1\" s:actor=\"http://schemas.xmlsoap.org/soap/actor/next\"",
            500,
        ),
    ] {
        let answer = caller.import_v2(HELLO).block(&block(mark)).send().await;
        assert_eq!(answer.status(), status, "{mark}");
    }
    let fault = caller
        .import_v2(HELLO)
        .soap12()
        .block(&block("s:mustUnderstand=\"true\""));
    let fault = fault.send().await;
    assert_eq!((fault.status(), &*fault.fault_code()), (500, "DTR3002"));
    let name = fault
        .tree()
        .first("NotUnderstood")
        .unwrap()
        .attribute("qname")
        .unwrap()
        .to_owned();
    assert_eq!(name, "n:ny");
    let id = format!("<w:MessageID xmlns:w=\"{WSA}\" s:mustUnderstand=\"1\">urn:a</w:MessageID>");
    assert_eq!(
        caller.import_v2(HELLO).block(&id).send().await.status(),
        200
    );
}
