//! Plays every case of `fixtures/cases`, and holds them against the contract: every operation, every code of the
//! catalogue, every answer valid against its schema. `DTR_OPDATER=1` writes the expected answers anew.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use dtr::contract::Contract;
use dtr::contract::services::ALL;
use dtr::gateway::Definition;
use dtr::problem;
use dtr::services;
use dtr::soap::{SOAP11, SOAP12, WSA, WSA_2004};
use dtr::xml::Limits;
use dtr::xsd;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::support::Element;
use crate::support::cases::{Case, Servers};

/// How many servers run at a time.
const AT_A_TIME: usize = 4;

/// Codes that no message in a file can bring about, with the file and the test that shows each.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    (
        "DTR1060",
        LOGIN,
        "the_demonstration_signs_in_whom_the_list_has",
    ),
    ("DTR1061", LOGIN, "a_code_and_an_answer_are_good_once"),
    ("DTR1062", LOGIN, "a_sign_in_that_the_provider_ends_is_told"),
    (
        "DTR1063",
        LOGIN,
        "a_provider_that_says_too_much_or_of_another_is_not_used",
    ),
    ("DTR1064", LOGIN, "no_bent_token_signs_anybody_in"),
    ("DTR1065", LOGIN, "who_is_not_fit_is_told_what_to_do"),
    ("DTR1066", LOGIN, "who_is_not_fit_is_told_what_to_do"),
    ("DTR1067", LOGIN, "who_is_not_fit_is_told_what_to_do"),
    ("DTR1068", LOGIN, "an_address_begins_only_so_many"),
    (
        "DTR1069",
        LOGIN,
        "the_demonstration_is_walked_through_in_a_browser",
    ),
    (
        "DTR1070",
        LOGIN,
        "the_demonstration_is_walked_through_in_a_browser",
    ),
    (
        "DTR1073",
        LOGIN,
        "a_certificate_is_a_persons_or_a_systems_and_never_both",
    ),
    (
        "DTR1074",
        LOGIN,
        "a_code_ends_after_five_tries_and_after_two_minutes",
    ),
    (
        "DTR1071",
        "tests/it/personlige.rs",
        "who_may_only_look_sees_the_list_and_settles_nothing",
    ),
    ("DTR1003", BAD_INPUT, "a_body_over_the_limit"),
    ("DTR1006", BAD_INPUT, "a_full_queue_says_come_again"),
    ("DTR1007", BAD_INPUT, "a_body_that_stands_still"),
    ("DTR1009", BAD_INPUT, "a_body_that_breaks_off"),
    ("DTR1050", "tests/it/sider.rs", "what_is_no_form_is_refused"),
    (
        "DTR1018",
        "tests/it/http.rs",
        "an_organisation_asks_no_more_than_its_share",
    ),
    (
        "DTR1020",
        TILSLUTNING,
        "a_certificate_acts_as_the_system_it_is_bound_to",
    ),
    (
        "DTR1021",
        TILSLUTNING,
        "a_system_of_another_owner_is_refused",
    ),
    (
        "DTR1025",
        "tests/it/dokumenter.rs",
        "more_than_an_answer_holds_is_not_read",
    ),
    (
        "DTR1030",
        "tests/it/identity.rs",
        "a_certificate_that_is_no_longer_good_is_refused_and_cut",
    ),
    (
        "DTR1035",
        "tests/it/retries.rs",
        "a_key_that_is_given_twice_is_a_bad_request",
    ),
    (
        "DTR1040",
        "tests/it/paalidelighed/disk.rs",
        "a_full_disk_refuses_writes_serves_reads_and_is_got_over",
    ),
    (
        "DTR1041",
        "tests/it/paalidelighed/ur.rs",
        "a_leap_refuses_writes_until_it_is_over_or_approved",
    ),
    (
        "DTR9002",
        "tests/it/paalidelighed/disk.rs",
        "what_a_failed_sync_leaves_is_not_called_unstored",
    ),
    (
        "DTR1031",
        GRAENSER,
        "one_organisation_leaves_room_for_others",
    ),
    (
        "DTR1036",
        "tests/it/http.rs",
        "soap_is_for_the_service_listener_alone",
    ),
    (
        "DTR1032",
        GRAENSER,
        "polls_beyond_their_number_are_told_to_come_again",
    ),
    (
        "DTR1033",
        "src/server/tests/polls.rs",
        "what_a_proxy_tells_is_read_or_refused",
    ),
    (
        "DTR2129",
        FROM_XML,
        "every_kind_of_the_xml_layer_has_an_entry",
    ),
    ("DTR2204", BAD_INPUT, "what_is_too_large_to_lie_in_a_file"),
    ("DTR2206", BAD_INPUT, "what_is_too_large_to_lie_in_a_file"),
    ("DTR2207", BAD_INPUT, "what_is_too_large_to_lie_in_a_file"),
    ("DTR2208", BAD_INPUT, "what_is_too_large_to_lie_in_a_file"),
    ("DTR2209", BAD_INPUT, "what_is_too_large_to_lie_in_a_file"),
    ("DTR3016", BAD_INPUT, "what_is_too_large_to_lie_in_a_file"),
    (
        "DTR4001",
        FROM_SCHEMA,
        "a_kind_without_an_entry_names_its_rule",
    ),
    (
        "DTR5016",
        "tests/it/import.rs",
        "the_series_of_numbers_ends_with_an_error",
    ),
    (
        "DTR5212",
        FINDINGS,
        "what_is_succeeded_and_stays_open_becomes_a_finding",
    ),
    (
        "DTR5106",
        TILSLUTNING,
        "a_move_tells_the_agreements_that_it_concerns",
    ),
    (
        "DTR5107",
        TILSLUTNING,
        "a_move_tells_the_agreements_that_it_concerns",
    ),
    (
        "DTR5301",
        FIRST_LOAD,
        "a_first_load_that_is_wrong_is_refused_whole",
    ),
    (
        "DTR5302",
        FIRST_LOAD,
        "a_first_load_that_is_wrong_is_refused_whole",
    ),
    (
        "DTR5303",
        FIRST_LOAD,
        "a_first_load_that_is_wrong_is_refused_whole",
    ),
    (
        "DTR5304",
        FIRST_LOAD,
        "a_first_load_that_is_wrong_is_refused_whole",
    ),
    (
        "DTR5305",
        FIRST_LOAD,
        "a_first_load_that_is_wrong_is_refused_whole",
    ),
    (
        "DTR5306",
        FIRST_LOAD,
        "a_first_load_that_is_wrong_is_refused_whole",
    ),
    (
        "DTR5307",
        FIRST_LOAD,
        "a_first_load_that_is_wrong_is_refused_whole",
    ),
    (
        "DTR5320",
        "tests/it/foerste.rs",
        "what_is_wrong_with_rows_is_told_once_and_where",
    ),
    (
        "DTR5321",
        "tests/it/foerste.rs",
        "what_is_wrong_with_rows_is_told_once_and_where",
    ),
    (
        "DTR5371",
        "tests/it/foerste.rs",
        "what_is_odd_about_rows_is_warned_of",
    ),
    (
        "DTR5372",
        "tests/it/foerste.rs",
        "what_is_odd_about_rows_is_warned_of",
    ),
    (
        "DTR5373",
        "tests/it/foerste.rs",
        "what_is_odd_about_rows_is_warned_of",
    ),
    (
        "DTR5374",
        "tests/it/foerste.rs",
        "what_is_odd_about_rows_is_warned_of",
    ),
    (
        "DTR5375",
        "tests/it/foerste.rs",
        "what_is_odd_about_rows_is_warned_of",
    ),
    (
        "DTR5351",
        FIRST_LOAD,
        "a_first_load_keeps_numbers_and_leaves_findings",
    ),
    (
        "DTR5352",
        FIRST_LOAD,
        "a_first_load_keeps_numbers_and_leaves_findings",
    ),
    (
        "DTR5353",
        FIRST_LOAD,
        "a_first_load_keeps_numbers_and_leaves_findings",
    ),
    (
        "DTR5354",
        FIRST_LOAD,
        "a_first_load_keeps_numbers_and_leaves_findings",
    ),
    (
        "DTR5201",
        FIRST_LOAD,
        "a_first_load_keeps_numbers_and_leaves_findings",
    ),
    (
        "DTR5202",
        FIRST_LOAD,
        "a_first_load_keeps_numbers_and_leaves_findings",
    ),
    (
        "DTR5203",
        FIRST_LOAD,
        "a_first_load_keeps_numbers_and_leaves_findings",
    ),
    (
        "DTR5204",
        FIRST_LOAD,
        "a_first_load_keeps_numbers_and_leaves_findings",
    ),
    (
        "DTR5205",
        FIRST_LOAD,
        "a_first_load_keeps_numbers_and_leaves_findings",
    ),
    (
        "DTR5206",
        "tests/it/spejle.rs",
        "a_monthly_run_asks_the_mirrors_that_are_there",
    ),
    (
        "DTR5207",
        "tests/it/spejle.rs",
        "a_monthly_run_asks_the_mirrors_that_are_there",
    ),
    (
        "DTR5208",
        "tests/it/spejle.rs",
        "a_monthly_run_asks_the_mirrors_that_are_there",
    ),
    (
        "DTR5209",
        "tests/it/spejle.rs",
        "a_monthly_run_asks_the_mirrors_that_are_there",
    ),
    (
        "DTR5210",
        "tests/it/spejle.rs",
        "a_monthly_run_asks_the_mirrors_that_are_there",
    ),
    (
        "DTR5211",
        "tests/it/spejle.rs",
        "a_monthly_run_asks_the_mirrors_that_are_there",
    ),
    (
        "DTR1022",
        FINDINGS,
        "findings_are_for_their_kommune_and_the_operator",
    ),
    (
        "DTR5035",
        A_NUMBERS,
        "a_numbers_are_matched_confirmed_and_named",
    ),
    ("DTR5020", TILSLUTNING, "an_agreement_holds_on_its_days"),
    (
        "DTR5021",
        TILSLUTNING,
        "an_installation_can_leave_private_dagtilbud_to_their_owners",
    ),
    (
        "DTR5022",
        TILSLUTNING,
        "the_scope_of_an_agreement_is_kept_before_and_after",
    ),
    (
        "DTR5104",
        TILSLUTNING,
        "a_closing_ends_the_agreements_that_name_it_alone",
    ),
    (
        "DTR5105",
        TILSLUTNING,
        "a_closing_ends_the_agreements_that_name_it_alone",
    ),
    (
        "DTR9001",
        BAD_INPUT,
        "an_internal_error_tells_its_id_and_nothing_else",
    ),
    (
        "DTR5401",
        REQUESTS,
        "a_message_that_is_not_as_described_is_told_what_and_where",
    ),
    (
        "DTR5402",
        REQUESTS,
        "a_message_that_is_not_as_described_is_told_what_and_where",
    ),
    (
        "DTR5403",
        REQUESTS,
        "a_message_that_is_not_as_described_is_told_what_and_where",
    ),
    (
        "DTR5404",
        REQUESTS,
        "a_message_that_is_not_as_described_is_told_what_and_where",
    ),
    (
        "DTR5405",
        REQUESTS,
        "a_message_that_is_not_as_described_is_told_what_and_where",
    ),
    ("DTR5406", REQUESTS, "who_may_settle_a_request_is_a_table"),
    ("DTR5407", REQUESTS, "who_may_settle_a_request_is_a_table"),
    (
        "DTR5408",
        REQUESTS,
        "nobody_approves_a_system_of_their_own_organisation",
    ),
    ("DTR5410", REQUESTS, "who_may_settle_a_request_is_a_table"),
    (
        "DTR5411",
        REQUESTS,
        "what_is_asked_or_agreed_already_is_not_asked_again",
    ),
    (
        "DTR5412",
        REQUESTS,
        "nobody_approves_a_system_of_their_own_organisation",
    ),
    (
        "DTR5413",
        REQUESTS,
        "what_is_asked_or_agreed_already_is_not_asked_again",
    ),
    (
        "DTR5414",
        REQUESTS,
        "what_is_asked_or_agreed_already_is_not_asked_again",
    ),
    (
        "DTR5415",
        REQUESTS,
        "no_system_has_more_requests_waiting_than_it_may",
    ),
    (
        "DTR5416",
        REQUESTS,
        "what_is_asked_or_agreed_already_is_not_asked_again",
    ),
    (
        "DTR5417",
        REQUESTS,
        "what_is_asked_or_agreed_already_is_not_asked_again",
    ),
    (
        "DTR5418",
        REQUESTS,
        "a_request_is_told_why_it_can_never_work",
    ),
    (
        "DTR5419",
        REQUESTS,
        "a_request_is_told_why_it_can_never_work",
    ),
    (
        "DTR5420",
        REQUESTS,
        "a_request_is_told_why_it_can_never_work",
    ),
    (
        "DTR5421",
        REQUESTS,
        "a_request_is_told_why_it_can_never_work",
    ),
    (
        "DTR5422",
        REQUESTS,
        "a_request_is_told_why_it_can_never_work",
    ),
    (
        "DTR5423",
        REQUESTS,
        "what_is_asked_or_agreed_already_is_not_asked_again",
    ),
    (
        "DTR5501",
        PLAN_FILES,
        "files_that_are_no_plan_are_told_for_what_they_are",
    ),
    (
        "DTR5502",
        PLAN_FILES,
        "files_that_are_no_plan_are_told_for_what_they_are",
    ),
    (
        "DTR5503",
        PLAN_FILES,
        "files_that_are_no_plan_are_told_for_what_they_are",
    ),
    (
        "DTR5504",
        PLAN_FILES,
        "files_that_are_no_plan_are_told_for_what_they_are",
    ),
    (
        "DTR5505",
        PLAN_FILES,
        "files_that_are_no_plan_are_told_for_what_they_are",
    ),
    (
        "DTR5506",
        PLAN_FILES,
        "files_that_are_no_plan_are_told_for_what_they_are",
    ),
    (
        "DTR5507",
        PLAN_FILES,
        "files_that_are_no_plan_are_told_for_what_they_are",
    ),
    (
        "DTR5508",
        PLAN_FILES,
        "messages_that_write_nothing_are_no_plan",
    ),
    (
        "DTR5509",
        PLAN_FILES,
        "a_file_that_changes_too_much_is_refused_before_it_is_tried",
    ),
    (
        "DTR5510",
        PLAN_SHOWN,
        "what_is_wrong_with_rows_is_told_with_row_and_column",
    ),
    (
        "DTR5511",
        PLAN_SHOWN,
        "what_is_wrong_with_rows_is_told_with_row_and_column",
    ),
    (
        "DTR5512",
        PLAN_SHOWN,
        "what_is_wrong_with_rows_is_told_with_row_and_column",
    ),
    (
        "DTR5513",
        PLAN_SHOWN,
        "what_is_wrong_with_rows_is_told_with_row_and_column",
    ),
    (
        "DTR5514",
        PLAN_SHOWN,
        "what_is_wrong_with_rows_is_told_with_row_and_column",
    ),
    (
        "DTR5515",
        PLAN_SHOWN,
        "what_is_wrong_with_rows_is_told_with_row_and_column",
    ),
    (
        "DTR5516",
        PLAN_SHOWN,
        "what_is_wrong_with_rows_is_told_with_row_and_column",
    ),
    (
        "DTR5517",
        PLAN_SHOWN,
        "new_rows_are_called_by_names_of_their_own",
    ),
    (
        "DTR5518",
        PLAN_SHOWN,
        "what_is_wrong_with_rows_is_told_with_row_and_column",
    ),
    (
        "DTR5519",
        PLAN_SHOWN,
        "what_is_wrong_with_rows_is_told_with_row_and_column",
    ),
    (
        "DTR5520",
        PLAN_SHOWN,
        "the_file_of_a_whole_kommune_closes_what_it_does_not_name",
    ),
    (
        "DTR5521",
        PLAN_SHOWN,
        "new_rows_are_called_by_names_of_their_own",
    ),
    (
        "DTR5530",
        PLAN_CARRIED_OUT,
        "a_rule_that_fails_in_the_middle_stores_nothing",
    ),
    (
        "DTR5531",
        PLAN_CARRIED_OUT,
        "a_plan_of_another_file_or_of_a_register_that_moved_on_is_refused",
    ),
    (
        "DTR5532",
        PLAN_CARRIED_OUT,
        "a_plan_of_another_file_or_of_a_register_that_moved_on_is_refused",
    ),
    (
        "DTR5533",
        PLAN_CARRIED_OUT,
        "many_closings_are_confirmed_by_themselves",
    ),
    ("DTR5534", PLAN_SHOWN, "an_export_as_it_is_changes_nothing"),
    (
        "DTR5535",
        "tests/it/rettelser.rs",
        "a_file_is_planned_carried_out_and_comes_back_as_it_was_written",
    ),
    (
        "DTR5551",
        PLAN_SHOWN,
        "each_thing_that_becomes_of_a_record_is_told",
    ),
    (
        "DTR5552",
        PLAN_SHOWN,
        "each_thing_that_becomes_of_a_record_is_told",
    ),
];
const GRAENSER: &str = "tests/it/graenser.rs";
const PLAN_SHOWN: &str = "tests/it/plan/shown.rs";
const PLAN_FILES: &str = "tests/it/plan/files.rs";
const PLAN_CARRIED_OUT: &str = "tests/it/plan/carried_out.rs";
const BAD_INPUT: &str = "tests/it/bad_input.rs";
const A_NUMBERS: &str = "tests/it/drift/a_numbers.rs";
const FINDINGS: &str = "tests/it/drift/findings.rs";
const FIRST_LOAD: &str = "tests/it/drift/first_load.rs";
const LOGIN: &str = "tests/it/login.rs";
const REQUESTS: &str = "tests/it/anmodninger.rs";
const TILSLUTNING: &str = "tests/it/tilslutning.rs";
/// The two codes that stand for a kind of error which has none of its own: no kind is without one today.
const FROM_XML: &str = "src/problem/from_xml.rs";
const FROM_SCHEMA: &str = "src/problem/from_schema.rs";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_case_is_answered_as_it_says() {
    let update = std::env::var_os("DTR_OPDATER").is_some();
    let servers = Arc::new(Servers::new().await);
    let room = Arc::new(Semaphore::new(AT_A_TIME));
    let mut playing = JoinSet::new();
    for case in Case::all() {
        let (room, servers) = (Arc::clone(&room), Arc::clone(&servers));
        playing.spawn(async move {
            let _place = room.acquire().await;
            let played = case.play(&servers, update).await;
            played.map_err(|wrong| format!("{}: {wrong}", case.name))
        });
    }
    let played = playing.join_all().await;
    let mut wrong: Vec<_> = played.into_iter().filter_map(Result::err).collect();
    wrong.sort();
    assert!(
        wrong.is_empty(),
        "{} cases:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_operation_of_every_service_has_a_case() {
    let cases: BTreeSet<_> = Case::all().iter().filter_map(Case::operation).collect();
    for Definition {
        service,
        operations,
    } in services::all()
    {
        for operation in operations {
            let wanted = (
                service.path.to_owned(),
                operation.operation().name.to_owned(),
            );
            assert!(cases.contains(&wanted), "no case for {wanted:?}");
        }
    }
}

#[test]
fn every_code_of_the_catalogue_has_a_case_or_a_test() {
    let cases = Case::all();
    let shown: BTreeSet<_> = cases
        .iter()
        .flat_map(Case::codes)
        .map(String::as_str)
        .collect();
    let elsewhere: BTreeSet<_> = ELSEWHERE.iter().map(|(code, ..)| *code).collect();
    let all: BTreeSet<_> = problem::all().map(|entry| entry.kode).collect();
    let covered = &shown | &elsewhere;
    let missing: Vec<_> = all.difference(&covered).collect();
    assert!(missing.is_empty(), "no case and no test: {missing:?}");
    let unknown: Vec<_> = covered.difference(&all).collect();
    assert!(unknown.is_empty(), "not in the catalogue: {unknown:?}");
    let twice: Vec<_> = shown.intersection(&elsewhere).collect();
    assert!(twice.is_empty(), "has a case after all: {twice:?}");
    for (code, file, test) in ELSEWHERE {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let source = std::fs::read_to_string(source).unwrap();
        assert!(
            source.contains(&format!("fn {test}()")),
            "{code}: no {test} in {file}"
        );
    }
}

#[test]
fn every_answer_is_valid_against_the_contract() {
    let contract = Contract::new("https://a.example", "https://b.example").unwrap();
    let some = "5d0c1e0e-30c4-4a5e-8d5c-1f6b8e0f7a03";
    for case in Case::all() {
        let answer = case
            .expected()
            .replace("{uuid}", some)
            .replace("{epoke}", some);
        let envelope = Element::parse(&answer);
        if envelope.name != "Envelope" {
            let schema = match envelope.name.as_str() {
                "fejlDetalje" => "Fejl-v1",
                "aendringer" => "Feed-v1",
                _ => "EksportService-v2",
            };
            check(&contract, schema, &answer, &case.name);
            continue;
        }
        let prefix = |text: &'static str| envelope.namespace == text;
        assert!(prefix(SOAP11) || prefix(SOAP12), "{}", case.name);
        for block in envelope
            .child("Header")
            .into_iter()
            .flat_map(|h| &h.children)
        {
            assert!(
                [WSA, WSA_2004, SOAP12].contains(&&*block.namespace),
                "{}",
                case.name
            );
        }
        let body = envelope.child("Body").unwrap();
        let [content] = body.children.as_slice() else {
            panic!(
                "{}: a Body with {} children",
                case.name,
                body.children.len()
            );
        };
        if content.name == "Fault" {
            fault(content, &envelope.namespace, &case.name);
            if let Some(detail) = source_of(&answer, "f:fejlDetalje") {
                check(&contract, "Fejl-v1", detail, &case.name);
            }
            continue;
        }
        let service = ALL.into_iter().find(|s| s.namespace == content.namespace);
        let source = source_of(&answer, &content.name).unwrap();
        check(&contract, service.unwrap().document, source, &case.name);
    }
}

fn check(contract: &Contract, schema: &str, document: &str, case: &str) {
    let report = xsd::validate(
        contract.schema(schema).unwrap(),
        document,
        Limits::default(),
    );
    let report = report.unwrap_or_else(|error| panic!("{case}: {error}"));
    let errors: Vec<_> = report
        .errors
        .iter()
        .map(|error| format!("{}: {error}", error.path))
        .collect();
    assert!(errors.is_empty(), "{case}: {errors:#?}");
}

/// The text of an element that declares its own namespaces.
fn source_of<'a>(document: &'a str, name: &str) -> Option<&'a str> {
    let start = document.find(&format!("<{name}"))?;
    let close = format!("</{name}>");
    let end = document.rfind(&close)? + close.len();
    Some(&document[start..end])
}

/// The shape of a fault: SOAP 1.1, section 4.4; SOAP 1.2 part 1, section 5.4.
fn fault(fault: &Element, namespace: &str, case: &str) {
    let names: Vec<_> = fault.children.iter().map(|c| c.name.as_str()).collect();
    if namespace == SOAP11 {
        assert!(
            matches!(
                &*names,
                ["faultcode", "faultstring"] | ["faultcode", "faultstring", "detail"]
            ),
            "{case}: {names:?}"
        );
        assert!(
            fault.children.iter().all(|c| c.namespace.is_empty()),
            "{case}"
        );
        let code = fault.text_of("faultcode");
        let plain = [
            "soap:Client",
            "soap:Server",
            "soap:MustUnderstand",
            "soap:VersionMismatch",
        ];
        assert!(plain.contains(&code), "{case}: {code}");
        assert!(fault.text_of("faultstring").contains(" / "), "{case}");
        return;
    }
    assert_eq!(names, ["Code", "Reason", "Detail"], "{case}");
    assert!(
        fault.children.iter().all(|c| c.namespace == SOAP12),
        "{case}"
    );
    let texts = fault.all("Text");
    let [text] = texts.as_slice() else {
        panic!("{case}: {} texts", texts.len());
    };
    assert_eq!(text.attribute("lang"), Some("da"), "{case}");
    assert!(fault.text_of("Text").contains(" / "), "{case}");
    let code = fault.text_of("Value");
    let plain = [
        "soap:Sender",
        "soap:Receiver",
        "soap:MustUnderstand",
        "soap:VersionMismatch",
    ];
    assert!(plain.contains(&code), "{case}: {code}");
}
