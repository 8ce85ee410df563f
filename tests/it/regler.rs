//! The rules of kontrakt §7 over SOAP: cross-validation in every combination, v1 and v2 apart, and what is warned of.

use std::collections::BTreeSet;

use crate::support::messages::*;
use crate::support::{Caller, TestApp};

const EJERFORMER: std::ops::RangeInclusive<i32> = 1..=4;
const GRUNDLAG: std::ops::RangeInclusive<i32> = 1..=10;
const TYPER: [i32; 8] = [6010, 6011, 6012, 6013, 6014, 6020, 6021, 6022];

/// The lawful combinations as fakta §2.5 propose them, written out anew: legal basis, ownerships, types.
const LAWFUL: [(i32, &[i32], &[i32]); 10] = [
    (1, &[1], &[6010, 6011, 6012, 6014]),
    (2, &[2], &[6010, 6011, 6012, 6014]),
    (3, &[4], &[6010, 6011, 6012, 6014]),
    (4, &[3], &[6010, 6011, 6012, 6014]),
    (5, &[1, 3], &[6013]),
    (6, &[1], &[6010, 6011, 6012, 6014]),
    (7, &[1, 2, 3, 4], &[6020]),
    (8, &[1, 2, 3, 4], &[6021]),
    (9, &[1, 2, 3], &[6022]),
    (10, &[1, 2, 3], &[6022]),
];

fn is_lawful(ejerform: i32, lovgrundlag: i32, inst_type: Option<i32>) -> bool {
    LAWFUL.iter().any(|(grundlag, former, typer)| {
        *grundlag == lovgrundlag
            && former.contains(&ejerform)
            && inst_type.is_none_or(|own| typer.contains(&own))
    })
}

fn coded(name: &str, ejerform: i32, lovgrundlag: i32) -> String {
    let fields = coded_institution_fields(name, 751, ejerform, lovgrundlag);
    element("daginstitution", "", &fields)
}

fn unit_of(parent: &str, name: &str, inst_type: i32) -> String {
    unit(parent, name).replace("6012", &inst_type.to_string())
}

fn one(operation: &str, record: String) -> String {
    write(operation, &[record])
}

async fn insert(caller: &Caller, operation: &str, record: String) -> String {
    caller.import_v2(one(operation, record)).ok().await.number()
}

async fn insert_v1(caller: &Caller, operation: &str, record: String) -> String {
    let write = write_v1(operation, &[record]);
    caller.import_v1(write).ok().await.number()
}

/// The codes of a dry run's errors; none when it would be carried out.
async fn tried(caller: &Caller, operation: &str, record: String) -> Vec<String> {
    let answer = caller.import_v2(dry_run(operation, &[record])).send().await;
    assert_eq!(answer.status(), 200, "{}", answer.text());
    answer.errors()
}

#[tokio::test]
async fn every_combination_is_lawful_or_refused_as_the_matrix_says() {
    let app = TestApp::start().await;
    let kommune = app.kommune();
    let pairs: Vec<(i32, i32)> = EJERFORMER
        .flat_map(|ejerform| GRUNDLAG.map(move |lovgrundlag| (ejerform, lovgrundlag)))
        .collect();
    // v1 takes them all, units of every type under each of them too.
    let records: Vec<String> = pairs
        .iter()
        .map(|(ejerform, grundlag)| coded(&format!("{ejerform} {grundlag}"), *ejerform, *grundlag))
        .collect();
    let tops = write_v1("InsertDaginstitution", &records);
    let tops = kommune.import_v1(tops).ok().await.numbers();
    let units: Vec<String> = tops
        .iter()
        .flat_map(|top| {
            TYPER.map(|inst_type| unit_of(top, &format!("{top} {inst_type}"), inst_type))
        })
        .collect();
    let units = write_v1("InsertAnvisningsEnhed", &units);
    let units = kommune.import_v1(units).ok().await.numbers();
    assert_eq!(units.len(), 320);
    let (mut lawful, mut refused) = (0, 0);
    for (at, (ejerform, grundlag)) in pairs.iter().enumerate() {
        let (top, name) = (&tops[at], format!("ny {ejerform} {grundlag}"));
        let expected: &[&str] = if is_lawful(*ejerform, *grundlag, None) {
            &[]
        } else {
            &["DTR5030"]
        };
        let insert = coded(&name, *ejerform, *grundlag);
        assert_eq!(
            tried(&kommune, "InsertDaginstitution", insert).await,
            expected,
            "{name}"
        );
        // No pair is lawful with units of all types.
        let fields = coded_institution_fields(&name, 751, *ejerform, *grundlag);
        let update = institution_update(top, "", &fields);
        let expected = if expected.is_empty() {
            "DTR5031"
        } else {
            "DTR5030"
        };
        assert_eq!(
            tried(&kommune, "UpdateDaginstitution", update).await,
            [expected],
            "{name}"
        );
        for (nth, inst_type) in TYPER.into_iter().enumerate() {
            let what = format!("{ejerform} {grundlag} {inst_type}");
            let expected: &[&str] = match inst_type {
                _ if is_lawful(*ejerform, *grundlag, Some(inst_type)) => &[],
                6020 | 6021 => &["DTR5033"],
                _ => &["DTR5032"],
            };
            lawful += usize::from(expected.is_empty());
            refused += usize::from(!expected.is_empty());
            let insert = unit_of(top, &what, inst_type);
            assert_eq!(
                tried(&kommune, "InsertAnvisningsEnhed", insert).await,
                expected,
                "{what}"
            );
            let own = &units[at * TYPER.len() + nth];
            let fields = unit_fields(top, &what).replace("6012", &inst_type.to_string());
            let update = unit_update(own, "", &fields);
            assert_eq!(
                tried(&kommune, "UpdateAnvisningsEnhed", update).await,
                expected,
                "{what}"
            );
            // From whatever daginstitution it stands under now.
            let from = &units[(at + 1) % pairs.len() * TYPER.len() + nth];
            let moves = moved("anvisningsenhed", from, top);
            assert_eq!(
                tried(&kommune, "MoveAnvisningsEnhed", moves).await,
                expected,
                "{what}"
            );
        }
    }
    assert_eq!((lawful, refused), (36, 320 - 36));
}

#[tokio::test]
async fn the_matrix_that_is_served_is_the_one_that_is_enforced() {
    let app = TestApp::start().await;
    let tables = app
        .aftager()
        .eksport_v2("GetKodetabeller", "")
        .result()
        .await;
    let all = |name: &str| -> Vec<i32> {
        let texts = tables.texts(name);
        texts
            .into_iter()
            .filter_map(|text| text.parse().ok())
            .collect()
    };
    let (grundlag, former, typer) = (
        all("lovgrundlagKode"),
        all("ejerformKode"),
        all("instType3"),
    );
    let served: BTreeSet<_> = (0..typer.len())
        .map(|at| (grundlag[at], former[at], typer[at]))
        .collect();
    let enforced: BTreeSet<_> = LAWFUL
        .iter()
        .flat_map(|(grundlag, former, typer)| {
            former
                .iter()
                .flat_map(move |ejerform| typer.iter().map(move |own| (*grundlag, *ejerform, *own)))
        })
        .collect();
    assert_eq!(served, enforced);
}

#[tokio::test]
async fn what_breaks_the_matrix_stays_until_it_is_made_coherent() {
    let app = TestApp::start().await;
    let kommune = app.kommune();
    let top = insert_v1(&kommune, "InsertDaginstitution", coded("Klyngen", 2, 1)).await;
    let own = insert_v1(
        &kommune,
        "InsertAnvisningsEnhed",
        unit_of(&top, "Stuen", 6020),
    )
    .await;
    // v2 can close it and put an address under it, which are not cross-validated, but not change it.
    insert(&kommune, "InsertAlternativAdresse", address(&own, "Skuret")).await;
    let update = unit_update(&own, "", &unit_fields(&top, "Stuen"));
    assert_eq!(
        kommune
            .import_v2(one("UpdateAnvisningsEnhed", update))
            .refused()
            .await,
        ["DTR5032"]
    );
    // v1 can make it coherent, in whatever order.
    let fields = coded_institution_fields("Klyngen", 751, 2, 7);
    let write = write_v1(
        "UpdateDaginstitution",
        &[institution_update(&top, "", &fields)],
    );
    kommune.import_v1(write).ok().await;
    let fields = unit_fields(&top, "Stuen").replace("6012", "6020");
    let update = unit_update(&own, "", &fields);
    kommune
        .import_v2(one("UpdateAnvisningsEnhed", update))
        .ok()
        .await;
    // A closed unit counts no more.
    let extra = insert_v1(
        &kommune,
        "InsertAnvisningsEnhed",
        unit_of(&top, "Klubben", 6021),
    )
    .await;
    let fields = coded_institution_fields("Klyngen igen", 751, 2, 7);
    let update = || {
        one(
            "UpdateDaginstitution",
            institution_update(&top, "", &fields),
        )
    };
    let answer = kommune.import_v2(update()).send().await;
    assert_eq!(answer.errors(), ["DTR5031"]);
    assert!(
        answer.text().contains(&format!("{extra}: 6021 (")),
        "{}",
        answer.text()
    );
    assert!(
        answer
            .text()
            .contains("Lovlige typer med de to koder: 6020 (Fritidshjem)."),
        "{}",
        answer.text()
    );
    let closes = one("DeleteAnvisningsEnhed", closing("anvisningsenhed", &extra));
    kommune.import_v2(closes).ok().await;
    kommune.import_v2(update()).ok().await;
}

#[tokio::test]
async fn names_that_do_not_belong_here_are_warned_of() {
    let app = TestApp::start().await;
    let kommune = app.kommune();
    let top = insert(&kommune, "InsertDaginstitution", coded("Dagplejen", 1, 5)).await;
    let clubs = insert(&kommune, "InsertDaginstitution", coded("Fritid", 1, 7)).await;
    for (parent, name, inst_type, expected) in [
        (&top, "Dagplejer Hanne Nielsen", 6013, Some("DTR5108")),
        (&top, "Dagplejen Nord", 6013, None),
        (&clubs, "SFO Solen", 6020, Some("DTR5109")),
        (&clubs, "Fritidshjemmet Hanne Nielsen", 6020, None),
    ] {
        let record = unit_of(parent, name, inst_type)
            .replace("1975100001", &format!("19751{:05}", name.len()));
        let write = one("InsertAnvisningsEnhed", record);
        let answer = kommune.import_v2(write).ok().await;
        let mut codes = answer.warnings();
        // No mirrors, and a house number in lower case.
        codes.retain(|code| !["DTR5101", "DTR5102", "DTR5134"].contains(&code.as_str()));
        assert_eq!(codes, Vec::from_iter(expected), "{name}");
    }
}

#[tokio::test]
async fn likely_double_registrations_and_shared_p_numbers_are_warned_of() {
    let app = TestApp::start().await;
    let kommune = app.kommune();
    let told = |answer: crate::support::caller::Answer| {
        let mut codes = answer.warnings();
        codes.retain(|code| code.starts_with("DTR511"));
        (codes, answer)
    };
    let write = |operation: &str, record: String| kommune.import_v2(one(operation, record));
    let (codes, first) = told(
        write("InsertDaginstitution", coded("Solsikken", 1, 1))
            .ok()
            .await,
    );
    assert!(codes.is_empty(), "{codes:?}");
    let (codes, second) = told(
        write("InsertDaginstitution", coded("SOLSIKKEN", 2, 2))
            .ok()
            .await,
    );
    assert_eq!(codes, ["DTR5110"]);
    assert!(
        second.text().contains(&format!("{} ", first.number())[..6]),
        "{}",
        second.text()
    );
    // In another kommune it is nobody's double.
    let elsewhere = one("InsertDaginstitution", institution("Solsikken", 101));
    let (codes, _) = told(app.kommune2().import_v2(elsewhere).ok().await);
    assert!(codes.is_empty(), "{codes:?}");

    let top = first.number();
    let (codes, _) = told(
        write("InsertAnvisningsEnhed", unit(&top, "Rød stue"))
            .ok()
            .await,
    );
    assert!(codes.is_empty(), "{codes:?}");
    // Same name, address and P-number.
    let (codes, answer) = told(
        write("InsertAnvisningsEnhed", unit(&top, "rød  stue"))
            .ok()
            .await,
    );
    assert_eq!(codes, ["DTR5110", "DTR5111"]);
    assert!(answer.text().contains("100 %"), "{}", answer.text());
    // Same name elsewhere: names are not unique.
    let other = unit(&top, "Rød stue")
        .replace("8270", "8000")
        .replace("1975100001", "1975100002");
    let (codes, _) = told(write("InsertAnvisningsEnhed", other).ok().await);
    assert!(codes.is_empty(), "{codes:?}");
    // An update that leaves the P-number as it is tells nothing new.
    let own = answer.number();
    let update = one(
        "UpdateAnvisningsEnhed",
        unit_update(&own, "", &unit_fields(&top, "Rød stue")),
    );
    let (codes, _) = told(kommune.import_v2(update).ok().await);
    assert!(codes.is_empty(), "{codes:?}");
    // In one message: a dry run names no number, for none is reserved.
    let twice = [unit(&top, "Blå stue"), unit(&top, "Blå stue")]
        .map(|record| record.replace("1975100001", "1975100003"));
    let (codes, answer) = told(
        kommune
            .import_v2(dry_run("InsertAnvisningsEnhed", &twice))
            .ok()
            .await,
    );
    assert_eq!(codes, ["DTR5110", "DTR5111"]);
    assert!(answer.text().contains("ligner nr 1:"), "{}", answer.text());
}
