//! What the operator hands to a command: an extract for a mirror, and a message under a case number.

use super::text;
use crate::support::messages::*;
use crate::support::process::{audit_lines, dtr, dtr_json, installation};
use crate::support::{Element, Folder};

#[tokio::test]
async fn what_a_mirror_is_loaded_from_steers_no_terminal() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let name = "cvr\u{1b}[31m.csv";
    let bad = |content: &str| {
        std::fs::write(at.join(name), content).unwrap();
        let output = dtr(&at, &["mirror", "load", "cvr", name]);
        assert_eq!(output.status.code(), Some(1));
        let told = text(&output.stderr);
        assert!(told.contains("cvr\u{FFFD}[31m.csv"), "{told:?}");
        assert!(
            !told
                .trim_end()
                .contains(|c: char| c.is_control() && c != '\n'),
            "{told:?}"
        );
        told
    };
    bad("");
    let told = bad("pnr;\u{1b}]0;title\u{7};navn\n1;2;3\n");
    assert!(told.contains("line 1 must be a header"), "{told:?}");
}

#[tokio::test]
async fn support_works_by_the_same_rules_under_a_case_number() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let message =
        |name: &str, kommune| write("InsertDaginstitution", &[institution(name, kommune)]);
    std::fs::write(at.join("ny.xml"), message("Kornblomsten", 751)).unwrap();
    let support = |more: &[&str]| {
        dtr(
            &at,
            &[&["support", "ny.xml", "--sagsnummer", "SAG-2026-9"], more].concat(),
        )
    };
    let tried = support(&[]);
    assert!(tried.status.success(), "{}", text(&tried.stderr));
    assert_eq!(
        Element::parse(&text(&tried.stdout)).text_of("proeve"),
        "true"
    );
    assert_eq!(dtr_json(&at, &["status"]).0["sekvens"], 0);
    // What the one who handed it in may not do is not done for it.
    let foreign = support(&["--udfoer", "--for", "64942212"]);
    assert_eq!(foreign.status.code(), Some(1));
    assert!(
        text(&foreign.stdout).contains("DTR5007"),
        "{}",
        text(&foreign.stdout)
    );
    assert_eq!(dtr_json(&at, &["status"]).0["sekvens"], 0);
    let line = audit_lines(&at, &[]).pop().unwrap();
    assert_eq!(
        (&line["operation"], &line["udfald"]),
        (&"cli/support".into(), &"afvist".into())
    );
    assert!(line["noter"].to_string().contains("for 64942212"), "{line}");
    // A message that is a dry run is not carried out, and is not said to be.
    let proeve = dry_run("InsertDaginstitution", &[institution("Kornblomsten", 751)]);
    std::fs::write(at.join("proeve.xml"), proeve).unwrap();
    let not = dtr(
        &at,
        &["support", "proeve.xml", "--sagsnummer", "SAG-1", "--udfoer"],
    );
    assert!(!not.status.success() && text(&not.stderr).contains("proeve"));
    let done = support(&["--udfoer", "--for", "55133018"]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert_eq!(
        Element::parse(&text(&done.stdout)).text_of("institutionsnummer"),
        "G30001"
    );
    let line = audit_lines(&at, &[]).pop().unwrap();
    assert_eq!(line["operation"], "import:v2/InsertDaginstitution");
    assert_eq!(line["sagsnummer"], "SAG-2026-9");
    let who = line["identitet"].as_str().unwrap();
    assert!(
        who.contains("uid") && who.contains("for CVR 55133018"),
        "{line}"
    );
    // A refusal leaves its audit line and nothing else.
    std::fs::write(at.join("ny.xml"), message("", 751)).unwrap();
    let refused = support(&["--udfoer"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused.stdout).contains("AFVIST"),
        "{}",
        text(&refused.stdout)
    );
    std::fs::write(at.join("ny.xml"), "<a/>").unwrap();
    let none = support(&[]);
    assert!(
        text(&none.stderr).contains("DTR3"),
        "{}",
        text(&none.stderr)
    );
    let namespace = dtr::contract::services::IMPORT_V2.namespace;
    let hello = format!("<HelloWorld xmlns=\"{namespace}\"/>");
    std::fs::write(at.join("ny.xml"), hello).unwrap();
    let none = support(&[]);
    assert!(
        text(&none.stderr).contains("writes nothing"),
        "{}",
        text(&none.stderr)
    );
    let (verified, holds) = dtr_json(&at, &["audit", "verify"]);
    assert!(holds, "{verified}");
}
