//! The monthly run: what becomes a finding, and to whom findings are shown.

use dtr::contract::Contract;
use dtr::xml::Limits;

use super::{load, text};
use crate::support::process::{Server, dtr, dtr_json, installation};
use crate::support::{Element, Folder};

#[test]
fn what_is_succeeded_and_stays_open_becomes_a_finding() {
    use dtr::register::{
        Content, Daginstitution, Institutionsnummer, Kommunekode, Life, Record, Tidspunkt,
    };
    use dtr::store::sqlite::{Options, SqliteStore};
    use dtr::store::{Handling, NewChange, Origin, Outcome, StoreExt};

    const DAY: i64 = 86_400_000;
    let folder = Folder::new();
    let store = SqliteStore::open(&folder.join("register.db"), Options::default()).unwrap();
    let begun = Tidspunkt::from_millis(1_790_000_000_000);
    let made = store.write_blocking(move |tx| {
        let mut earlier = Vec::new();
        for _ in 0..2 {
            let post = Record {
                nummer: tx.issue_number()?,
                content: Content::Daginstitution(Daginstitution {
                    navn: "Huset".to_owned(),
                    ejerform: 1,
                    lovgrundlag: 1,
                    adm_kommune: Kommunekode(751),
                    gyldig_fra: None,
                })
                .into(),
                life: Life {
                    version: 0,
                    oprettet: begun,
                    senest_opdateret: begun,
                    nedlagt: None,
                    lukkeaarsag: None,
                    skolens_nummer: None,
                    afloeser: earlier.clone(),
                    afloest_af: Vec::new(),
                },
            };
            let change = NewChange {
                handling: Handling::Oprettet,
                origin: Origin {
                    cvr: None,
                    navn: "x".to_owned(),
                    operation: "x".to_owned(),
                    korrelations_id: uuid::Uuid::nil(),
                    sagsnummer: None,
                    system: None,
                    part: None,
                },
                record: post,
            };
            earlier = vec![tx.save(change, begun)?.record.nummer];
        }
        Ok(Outcome::Keep(()))
    });
    made.unwrap();
    let contract = Contract::new("https://a.example", "http://a.example").unwrap();
    let tables = dtr::codetables::load(None, contract.schema("Typer-v2").unwrap()).unwrap();
    let mirrors = dtr::mirror::Mirrors::default();
    let found = |days: i64| {
        let now = begun.plus_millis(days * DAY);
        let set = store.read(|view| dtr::monthly::find(view, &tables, &mirrors, now));
        let set = set.unwrap().fund.into_iter();
        set.filter(|each| each.kode == "DTR5212")
            .map(|each| (each.nummer.unwrap(), each.kommune))
            .collect::<Vec<_>>()
    };
    let first = Institutionsnummer::parse("G30001").unwrap();
    assert_eq!(found(30), []);
    assert_eq!(found(31), [(first, Kommunekode(751))]);
}

#[tokio::test]
async fn findings_are_for_their_kommune_and_the_operator() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    assert!(load(&at, "statistik/gode.csv", &[]).1);
    dtr_json(&at, &["recheck"]);
    let server = Server::start(&at);
    let schema = Contract::new("https://a.example", "http://a.example").unwrap();
    let schema = schema.schema("Fund-v1").unwrap();
    for name in ["kommune", "operatoer"] {
        let got = server.caller(name).get("/fund/751.xml").await;
        assert_eq!(got.status, 200, "{name}");
        let report = dtr::xsd::validate(schema, &got.text(), Limits::default());
        assert!(report.unwrap().is_valid(), "{}", got.text());
        let tree = Element::parse(&got.text());
        assert_eq!(
            (tree.text_of("kommuneKode"), tree.text_of("aabne")),
            ("751", "4")
        );
    }
    let (other, none) = dtr_json(&at, &["recheck", "--vis", "--kommune", "101"]);
    assert!(none && other["kontrol"]["aabne"] == 0, "{other}");
    // What is asked for in vain is refused before the run.
    let begun = || dtr_json(&at, &["recheck", "--vis"]).0["kontrol"]["begyndt"].clone();
    let last = begun();
    let before = dtr(&at, &["recheck", "--form", "xml"]);
    assert!(text(&before.stderr).contains("--kommune"));
    assert_eq!(begun(), last, "no run was made");
    // Every form tells both languages.
    let (found, _) = dtr_json(&at, &["recheck", "--vis"]);
    let first = &found["fund"][0];
    let csv = text(&dtr(&at, &["recheck", "--vis", "--form", "csv"]).stdout);
    assert!(csv.contains(";beskedDa;beskedEn;afhjaelpningDa;"), "{csv}");
    assert!(csv.contains(first["beskedEn"].as_str().unwrap()), "{csv}");
    let told = text(&dtr(&at, &["recheck", "--vis"]).stdout);
    for remedy in ["afhjaelpningDa", "afhjaelpningEn"] {
        let remedy = first[remedy].as_str().unwrap();
        assert!(told.contains(&format!("    -> {remedy}\n")), "{told}");
    }
    let own = dtr(
        &at,
        &["recheck", "--vis", "--kommune", "751", "--form", "xml"],
    );
    let got = server.caller("kommune").get("/fund/751.xml").await;
    assert_eq!(text(&own.stdout), got.text());
    for name in ["kommune2", "leverandoer", "aftager"] {
        let got = server.caller(name).get("/fund/751.xml").await;
        assert_eq!(got.status, 403, "{name}");
        assert!(got.text().contains("DTR1022"), "{}", got.text());
    }
    // Who writes for the kommune by agreement mends what is found.
    let certificate = crate::support::pki::folder().join("leverandoer.pem");
    let certificate = certificate.to_string_lossy();
    let system = ["system", "add", "--cvr", "99100028", "--navn", "S"];
    let bound = ["--certifikat", &certificate];
    assert!(dtr_json(&at, &[&system[..], &bound[..]].concat()).1);
    let agree = ["aftale", "add", "--system", "SYS-1", "--kommune", "751"];
    assert!(dtr_json(&at, &agree).1);
    for (kommune, status) in [("751", 200), ("101", 403), ("9999", 400)] {
        let vendor = server.caller("leverandoer");
        let got = vendor.get(&format!("/fund/{kommune}.xml")).await;
        assert_eq!(got.status, status, "{kommune}: {}", got.text());
    }
    let unknown = dtr(&at, &["recheck", "--vis", "--kommune", "9999"]);
    assert_eq!(unknown.status.code(), Some(1));
    let told = text(&unknown.stderr);
    assert!(told.contains("9999 is no kommunekode"), "{told}");
    let got = server.caller("kommune").get("/fund/751.xml?alt=1").await;
    assert_eq!(got.status, 400);
    assert_eq!(
        server.caller("kommune").get("/fund/alt.xml").await.status,
        404
    );
}
