//! A-numbers: matching them with the register, confirming and rejecting pairs.

use serde_json::Value;

use super::{load, text};
use crate::support::Folder;
use crate::support::messages::*;
use crate::support::process::{Server, audit_lines, dtr, dtr_json, installation};

#[tokio::test]
async fn a_numbers_are_matched_confirmed_and_named() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    assert!(load(&at, "statistik/gode.csv", &[]).1);
    let file = "aNummer;navn;kommuneKode;pNummer;vejNavn;husNummer;postNummer;gNummer\n\
                A10001;hyldebærret;751;;Havevej;3B;8270;\n\
                A10002;Et andet navn;751;1975100402;Havevej;3b;8270;\n\
                A10003;Ukendt;751;;;;;\n\
                A10004;Kendt;751;;;;;G12008\n";
    std::fs::write(at.join("a.csv"), file).unwrap();
    let (loaded, well) = dtr_json(&at, &["anumre", "load", "a.csv"]);
    assert!(
        well && loaded["optaget"] == 4 && loaded["bekraeftet"] == 1,
        "{loaded}"
    );
    let candidates = || {
        let (found, _) = dtr_json(&at, &["anumre", "kandidater"]);
        let list = found["aNumre"].as_array().unwrap().clone();
        let first = |each: &Value| {
            let best = &each["kandidater"][0];
            (
                each["aNummer"].as_str().unwrap().to_owned(),
                best["nummer"].clone(),
                best["lighed"].clone(),
            )
        };
        list.iter().map(first).collect::<Vec<_>>()
    };
    let row = |a: &str, g: Value, likeness: Value| (a.to_owned(), g, likeness);
    assert_eq!(
        candidates(),
        [
            row("A10001", "G12002".into(), 85.into()),
            row("A10002", "G12006".into(), 65.into()),
            row("A10003", Value::Null, Value::Null),
        ]
    );
    assert!(
        dtr(&at, &["anumre", "afvis", "A10002", "G12006"])
            .status
            .success()
    );
    assert_eq!(candidates()[1], row("A10002", Value::Null, Value::Null));

    // Until it is confirmed the refusal can't name it.
    let server = Server::start(&at);
    let kommune = server.caller("kommune");
    let stuen = || write("InsertAlternativAdresse", &[address("A10001", "Skuret")]);
    assert_eq!(kommune.import_v2(stuen()).refused().await, ["DTR5008"]);
    assert!(
        dtr(&at, &["anumre", "bekraeft", "A10001", "G12002"])
            .status
            .success()
    );
    let answer = kommune.import_v2(stuen()).send().await;
    assert_eq!(answer.errors(), ["DTR5035"]);
    assert!(answer.text().contains("Brug G12002."), "{}", answer.text());
    // The lineage stands in the history of its successor.
    let parameters = "<institutionsnummer>G12002</institutionsnummer>";
    let history = kommune.eksport_v2("GetHistorik", parameters).result().await;
    assert_eq!(history.texts("afloeser"), ["A10001"]);
    let other = dtr(&at, &["anumre", "bekraeft", "A10001", "G12006"]);
    assert!(
        text(&other.stderr).contains("goes on as G12002 already"),
        "{}",
        text(&other.stderr)
    );

    let plan = ["anumre", "plan", "--aftaler-til", "2097-02-15", "--lukkes"];
    let early = dtr(&at, &[&plan[..], &["2097-02-15"]].concat());
    assert_eq!(early.status.code(), Some(1));
    let past = ["--aftaler-til", "2026-01-31", "--lukkes", "2097-03-16"];
    let past = dtr(&at, &[&plan[..2], &past].concat());
    assert_eq!(past.status.code(), Some(1));
    assert!(
        text(&past.stderr).contains("2026-01-31 is in the past"),
        "{}",
        text(&past.stderr)
    );
    let help = text(&dtr(&at, &["anumre", "plan", "--help"]).stdout);
    assert!(
        help.contains("information for suppliers and the list"),
        "{help}"
    );
    assert!(
        dtr(&at, &[&plan[..], &["2097-03-16"]].concat())
            .status
            .success()
    );
    let list = text(&dtr(&at, &["anumre", "list"]).stdout);
    assert!(
        list.contains("A10001;hyldebærret;751;G12002;2097-02-15;2097-03-16\r\n"),
        "{list}"
    );
    assert!(list.contains("A10003;Ukendt;751;;;\r\n"), "{list}");
    assert!(dtr_json(&at, &["audit", "verify"]).1);
}

#[tokio::test]
async fn candidates_of_the_own_kommune_stand_before_all_others() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let mut file = "dagtilbudsType;daginstitutionsNummer;anvisningsenhedsNummer;dagtilbudsNavn;aktivitetsstatus;\
                    ejerformKode;lovgrundlagKode;admKommuneKode;instType3;pNummer;vejNavn;husNummer;postNummer\n\
                    daginstitution;G14001;;Her;Aktiv;1;1;751;;;;;\n\
                    daginstitution;G14002;;Der;Aktiv;1;1;461;;;;;\n"
        .to_owned();
    let mut unit = |top: &str, number: &str, name: &str, p_number: &str| {
        file.push_str(&format!(
            "anvisningsenhed;{top};{number};{name};Aktiv;;;;6012;{p_number};Havevej;3b;8270\n"
        ));
    };
    // The same name and P-number, but elsewhere; a part of the name; the P-number alone; too little of the name.
    unit("G14002", "G14010", "Den Grønne Skov", "1975100501");
    unit("G14001", "G14011", "Skov, den grønne lille", "1975100502");
    unit("G14001", "G14012", "Mariehønen", "1975100501");
    unit("G14001", "G14013", "Den Blå Sø", "1975100503");
    for last in 0..6 {
        let p_number = format!("197510061{last}");
        unit("G14001", &format!("G1402{last}"), "Solstrålen", &p_number);
    }
    std::fs::write(at.join("enheder.csv"), file).unwrap();
    let (loaded, well) = dtr_json(&at, &["load", "statistik", "enheder.csv"]);
    assert!(well && loaded["gemt"] == 12, "{loaded}");
    let file = "aNummer;navn;kommuneKode;pNummer\n\
                A10001;Den Grønne Skov;751;1975100501\n\
                A10002;SOLSTRÅLEN;751;\n";
    std::fs::write(at.join("a.csv"), file).unwrap();
    assert!(dtr_json(&at, &["anumre", "load", "a.csv"]).1);
    let (found, _) = dtr_json(&at, &["anumre", "kandidater"]);
    let shown = |each: &Value| -> Vec<(String, u64, bool)> {
        let list = each["kandidater"].as_array().unwrap().iter();
        list.map(|own| {
            (
                own["nummer"].as_str().unwrap().to_owned(),
                own["lighed"].as_u64().unwrap(),
                own["andenKommune"].as_bool().unwrap(),
            )
        })
        .collect()
    };
    assert_eq!(
        shown(&found["aNumre"][0]),
        [
            ("G14011".to_owned(), 45, false),
            ("G14012".to_owned(), 40, false),
            ("G14010".to_owned(), 100, true),
        ]
    );
    assert_eq!(found["aNumre"][0]["flere"], 0);
    assert_eq!(shown(&found["aNumre"][1]).len(), 5);
    assert_eq!(found["aNumre"][1]["flere"], 1);
    let told = text(&dtr(&at, &["anumre", "kandidater"]).stdout);
    assert!(
        told.contains("100 % G14010 Den Grønne Skov (of another kommune, 461)\n"),
        "{told}"
    );
    assert!(told.contains("    and 1 more\n"), "{told}");
}

#[tokio::test]
async fn a_pair_is_never_both_confirmed_and_rejected() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    assert!(load(&at, "statistik/gode.csv", &[]).1);
    let file = "aNummer;navn;kommuneKode\nA10001;Hyldebærret;751\n";
    std::fs::write(at.join("a.csv"), file).unwrap();
    assert!(dtr_json(&at, &["anumre", "load", "a.csv"]).1);
    let sequence = || dtr_json(&at, &["status"]).0["sekvens"].clone();
    let done = |command: &str, g: &str| {
        let output = dtr(&at, &["anumre", command, "A10001", g]);
        assert!(output.status.success(), "{}", text(&output.stderr));
    };
    let refused = |command: &str, g: &str, why: &str| {
        let before = sequence();
        let output = dtr(&at, &["anumre", command, "A10001", g]);
        assert_eq!(output.status.code(), Some(1));
        let told = text(&output.stderr);
        assert!(told.contains(why), "{told}");
        assert_eq!(sequence(), before, "nothing was stored");
    };
    done("afvis", "G12006");
    refused("bekraeft", "G12006", "G12006 has been rejected");
    refused("fortryd", "G12002", "no confirmed successor");
    done("bekraeft", "G12002");
    refused("afvis", "G12002", "dtr anumre fortryd A10001 G12002");
    refused("fortryd", "G12006", "goes on as G12002, not as G12006");
    let plan = [
        "anumre",
        "plan",
        "--aftaler-til",
        "2097-02-15",
        "--lukkes",
        "2097-03-16",
    ];
    assert!(dtr(&at, &plan).status.success());

    let before = sequence().as_u64().unwrap();
    done("fortryd", "G12002");
    assert_eq!(sequence(), before + 1, "by a change of its own");
    let list = text(&dtr(&at, &["anumre", "list"]).stdout);
    assert!(list.contains("A10001;Hyldebærret;751;;;\r\n"), "{list}");
    let line = audit_lines(&at, &[]).pop().unwrap();
    assert_eq!(line["operation"], "cli/anumre fortryd");
    let server = Server::start(&at);
    let kommune = server.caller("kommune");
    let parameters = "<institutionsnummer>G12002</institutionsnummer>";
    let history = kommune.eksport_v2("GetHistorik", parameters).result().await;
    // The version that it was confirmed in still says so; the one after it does not.
    assert_eq!(history.texts("afloeser"), ["A10001"]);
    assert_eq!(history.texts("version").last(), Some(&"3"));
    let skuret = write("InsertAlternativAdresse", &[address("A10001", "Skuret")]);
    assert_eq!(kommune.import_v2(skuret).refused().await, ["DTR5008"]);
    // Taken back, it can be rejected, or confirmed again.
    done("bekraeft", "G12002");
    done("fortryd", "G12002");
    done("afvis", "G12002");
    refused("bekraeft", "G12002", "G12002 has been rejected");
    assert!(dtr_json(&at, &["audit", "verify"]).1);
}
