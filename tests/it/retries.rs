//! The same message sent again: the answer of a stored write is given again byte for byte, whatever happened since.

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
    assert_eq!(version.fault(400).await, "DTR3012");
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
