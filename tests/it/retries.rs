//! The same message sent again: the answer of a stored write is given again byte for byte, whatever happened since.

use dtr::config::Advarsler;
use dtr::soap::{WSA, WSA_2004};

use crate::support::TestApp;
use crate::support::messages::*;

const ID: &str = "urn:uuid:5d0c1e0e-30c4-4a5e-8d5c-1f6b8e0f7a01";

fn insert(name: &str) -> String {
    write("InsertDaginstitution", &[institution(name, 751)])
}

#[tokio::test]
async fn a_stored_answer_is_given_again_byte_for_byte() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let first = caller.import_v2(insert("Æblehaven")).message_id(ID);
    let first = first.ok().await.text();
    let again = caller.import_v2(insert("Æblehaven")).message_id(ID);
    assert_eq!(again.ok().await.text(), first);
    let app = app.restart().await;
    let caller = app.kommune();
    let again = caller.import_v2(insert("Æblehaven")).message_id(ID);
    assert_eq!(again.ok().await.text(), first);
    let all = caller
        .eksport_v2("GetAllDaginstitutioner", "")
        .result()
        .await;
    assert_eq!(all.all("daginstitution").len(), 1);
    assert_eq!(all.text_of("sekvens"), "1");
}

#[tokio::test]
async fn calls_at_the_same_time_are_stored_once() {
    let app = TestApp::start().await;
    let callers: Vec<_> = (0..8).map(|_| app.kommune()).collect();
    let mut calls = tokio::task::JoinSet::new();
    for caller in callers {
        calls.spawn(async move {
            let call = caller.import_v2(insert("Æblehaven")).message_id(ID);
            call.ok().await.text()
        });
    }
    let answers = calls.join_all().await;
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    let all = app.aftager();
    let all = all.eksport_v2("GetAllDaginstitutioner", "").result().await;
    assert_eq!(all.text_of("sekvens"), "1");
}

#[tokio::test]
async fn another_payload_operation_endpoint_or_version_is_a_fault() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    caller
        .import_v2(insert("Æblehaven"))
        .message_id(ID)
        .ok()
        .await;
    let payload = caller.import_v2(insert("Pærehaven")).message_id(ID);
    assert_eq!(payload.fault(500).await, "DTR3012");
    let space = caller.import_v2(insert("Æblehaven").replace("><", "> <"));
    assert_eq!(space.message_id(ID).fault(500).await, "DTR3012");
    let version = caller
        .import_v2(insert("Æblehaven"))
        .soap12()
        .message_id(ID);
    assert_eq!(version.fault(500).await, "DTR3012");
    let endpoint = write_v1("InsertDaginstitution", &[institution("Æblehaven", 751)]);
    let endpoint = caller.import_v1(endpoint).message_id(ID);
    assert_eq!(endpoint.fault(500).await, "DTR3012");
    let operation = write(
        "DeleteDaginstitution",
        &[closing("daginstitution", "G30001")],
    );
    let operation = caller.import_v2(operation).message_id(ID);
    assert_eq!(operation.fault(500).await, "DTR3012");
}

#[tokio::test]
async fn an_unchanged_body_in_another_encoding_is_the_same_message() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let call = caller.import_v2(insert("Æblehaven")).message_id(ID);
    let latin: Vec<u8> = call
        .envelope()
        .replace("UTF-8", "ISO-8859-1")
        .chars()
        .map(|c| u8::try_from(c).unwrap())
        .collect();
    let first = call.ok().await.text();
    let again = caller.import_v2("").bytes(latin).content_type("text/xml");
    assert_eq!(again.ok().await.text(), first);
}

#[tokio::test]
async fn each_organisation_has_its_own_message_ids() {
    let app = TestApp::start().await;
    app.kommune()
        .import_v2(insert("Æblehaven"))
        .message_id(ID)
        .ok()
        .await;
    let other = write("InsertDaginstitution", &[institution("Vestervang", 101)]);
    let other = app.kommune2().import_v2(other).message_id(ID).ok().await;
    assert_eq!(other.number(), "G30002");
    // Another certificate of the same organisation is the same caller.
    let first = app
        .kommune()
        .import_v2(insert("Æblehaven"))
        .message_id(ID)
        .ok()
        .await;
    let renewed = app.caller("oces2");
    let again = renewed
        .import_v2(insert("Æblehaven"))
        .message_id(ID)
        .ok()
        .await;
    assert_eq!(again.text(), first.text());
}

#[tokio::test]
async fn a_refused_write_is_judged_anew() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let delete = write(
        "DeleteDaginstitution",
        &[closing("daginstitution", "G30001")],
    );
    let delete = || caller.import_v2(&*delete).message_id(ID);
    assert_eq!(delete().refused().await, ["DTR5002"]);
    caller.import_v2(insert("Æblehaven")).ok().await;
    delete().ok().await;
    // Now it is stored, and the answer stays although the record is closed.
    delete().ok().await;
}

#[tokio::test]
async fn an_idempotency_key_is_a_message_id() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let call = || caller.import_v2(insert("Æblehaven"));
    let first = call().http("Idempotency-Key", ID).ok().await;
    assert!(first.tree().first("RelatesTo").is_none());
    let quoted = call().http("Idempotency-Key", &format!("\"{ID}\""));
    assert_eq!(quoted.ok().await.text(), first.text());
    // Keys and MessageIDs are one space, and both may be there if they agree.
    assert_eq!(call().message_id(ID).ok().await.text(), first.text());
    let both = call().message_id(ID).http("Idempotency-Key", ID);
    assert_eq!(both.ok().await.text(), first.text());
    let other = caller.import_v2(insert("Pærehaven"));
    let other = other.http("Idempotency-Key", ID);
    assert_eq!(other.fault(500).await, "DTR3012");
    let differ = call().message_id(ID).http("Idempotency-Key", "another");
    assert_eq!(differ.fault(500).await, "DTR3022");
}

#[tokio::test]
async fn a_key_that_is_given_twice_is_a_bad_request() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    for soap12 in [false, true] {
        let call = caller.import_v2(insert("Æblehaven"));
        let call = if soap12 { call.soap12() } else { call };
        let twice = call.http("Idempotency-Key", ID).http("Idempotency-Key", ID);
        assert_eq!(twice.fault(400).await, "DTR1035");
    }
    let all = caller.eksport_v2("GetAllDaginstitutioner", "");
    assert_eq!(all.result().await.text_of("sekvens"), "0");
}

#[tokio::test]
async fn addressing_of_2004_is_the_same_and_anything_like_it_is_refused() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let call = |namespace: &str, name: &str| {
        let block = format!("<a:{name} xmlns:a=\"{namespace}\">{ID}</a:{name}>");
        caller.import_v2(insert("Æblehaven")).block(&block)
    };
    let old = call(WSA_2004, "MessageID").ok().await;
    let relates = old.tree().first("RelatesTo").unwrap().clone();
    assert_eq!(relates.namespace, WSA_2004);
    let new = caller.import_v2(insert("Æblehaven")).message_id(ID);
    assert_eq!(new.ok().await.text(), old.text());
    let twice = call(WSA_2004, "MessageID").message_id(ID);
    assert_eq!(twice.fault(500).await, "DTR3010");
    for (namespace, name) in [
        (
            "http://schemas.xmlsoap.org/ws/2004/03/addressing",
            "MessageID",
        ),
        ("urn:dagtilbudsregister:import:v2", "MessageID"),
        (WSA, "MessageId"),
        ("urn:x", "messageid"),
    ] {
        assert_eq!(call(namespace, name).fault(500).await, "DTR3020", "{name}");
    }
    let bare = caller.import_v2(insert("Æblehaven"));
    let bare = bare.block(&format!("<MessageID>{ID}</MessageID>"));
    assert_eq!(bare.fault(500).await, "DTR3020");
    let all = caller.eksport_v2("GetAllDaginstitutioner", "");
    assert_eq!(all.result().await.text_of("sekvens"), "1");
}

/// A server that warns as a new installation does.
async fn warning() -> TestApp {
    TestApp::with(|config| config.advarsler = Advarsler::default()).await
}

#[tokio::test]
async fn a_write_without_a_name_is_warned_of_once() {
    let app = warning().await;
    let caller = app.kommune();
    let two = [institution("Æblehaven", 751), institution("Pærehaven", 751)];
    let (two_v1, two) = (
        write_v1("InsertDaginstitution", &two),
        write("InsertDaginstitution", &two),
    );
    let dry = dry_run("InsertDaginstitution", &[institution("Kastanjen", 751)]);
    for call in [
        caller.import_v1(&*two_v1),
        caller.import_v2(dry),
        caller.import_v2(&*two),
    ] {
        let answer = call.ok().await;
        let warnings = answer.warnings();
        let own: Vec<_> = warnings.iter().filter(|code| *code == "DTR5113").collect();
        assert_eq!(own.len(), 1, "{warnings:?}");
    }
    // With a name there is nothing to say, and a refusal says what refuses it alone.
    let named = caller.import_v2(insert("Hasselhaven")).message_id(ID);
    assert_eq!(named.ok().await.warnings(), [""; 0]);
    let keyed = caller.import_v2(insert("Birkehaven"));
    let keyed = keyed.http("Idempotency-Key", "birk");
    assert_eq!(keyed.ok().await.warnings(), [""; 0]);
    let refused = caller.import_v2(insert("")).send().await;
    assert_eq!(refused.warnings(), [""; 0]);
}

#[tokio::test]
async fn a_change_without_a_version_is_warned_of_once_in_v2() {
    let app = warning().await;
    let caller = app.kommune();
    caller.import_v2(insert("Æblehaven")).ok().await;
    caller.import_v2(insert("Pærehaven")).ok().await;
    let update = |attributes: [&str; 2]| {
        let fields = institution_fields("Hasselhaven", 751);
        let records = [("G30001", attributes[0]), ("G30002", attributes[1])]
            .map(|(number, own)| institution_update(number, own, &fields));
        write("UpdateDaginstitution", &records)
    };
    let both = ["forventetVersion=\"1\""; 2];
    let (one, none) = ([both[0], ""], ["", ""]);
    let dry = |body: String| {
        body.replacen(
            "><i:daginstitution",
            "><i:proeve>1</i:proeve><i:daginstitution",
            1,
        )
    };
    for (id, body, warned) in [
        ("a", dry(update(both)), false),
        ("b", dry(update(one)), true),
        ("c", update(both), false),
        ("d", update(none), true),
    ] {
        let answer = caller.import_v2(&*body).message_id(id).ok().await;
        let warnings = answer.warnings();
        let own = warnings.iter().filter(|code| *code == "DTR5112").count();
        assert_eq!(own, usize::from(warned), "{warnings:?}");
    }
    let v1 = write_v1(
        "UpdateDaginstitution",
        &[institution_update(
            "G30001",
            "",
            &institution_fields("Birkehaven", 751),
        )],
    );
    let v1 = caller.import_v1(v1).message_id("v1").ok().await;
    assert_eq!(v1.warnings(), [""; 0]);
}

#[tokio::test]
async fn an_empty_flag_is_refused_wherever_a_message_is_judged() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    for flag in [
        "<i:proeve/>",
        "<i:proeve></i:proeve>",
        "<i:proeve><!-- --></i:proeve>",
    ] {
        let body = insert("Æblehaven").replacen("><i:", &format!(">{flag}<i:"), 1);
        let answer = caller.import_v2(&*body).send().await;
        assert_eq!(answer.errors(), ["DTR3019"], "{flag}");
        let sti = answer.tree().text_of("sti").to_owned();
        assert_eq!(sti, "/InsertDaginstitution/proeve");
        let validate = format!(
            "<ValidateXmlAgainstSchema xmlns=\"urn:dagtilbudsregister:import:v2\"><skemanavn>ImportService-v2</skemanavn>\
             <xml><![CDATA[{body}]]></xml></ValidateXmlAgainstSchema>"
        );
        let validated = caller.import_v2(validate).send().await;
        assert_eq!(validated.errors(), ["DTR3019"], "{flag}");
        assert_eq!(validated.tree().text_of("sti"), sti);
    }
    let all = caller.eksport_v2("GetAllDaginstitutioner", "");
    assert_eq!(all.result().await.text_of("sekvens"), "0");
    let empty = caller.eksport_v2("GetAllDaginstitutioner", "<inkluderNedlagte/>");
    assert_eq!(empty.fault(500).await, "DTR4000");
    let empty = "<efterSekvens>0</efterSekvens><maksAntal/>";
    let empty = caller.eksport_v2("GetAendringer", empty).send().await;
    assert_eq!(empty.errors(), ["DTR3019"]);
}
