//! Documents and CSVs (kontrakt §9): what is in them, their forms, and when they are new.

use std::io::Read as _;

use dtr::client::Response;
use dtr::contract::Contract;
use dtr::export::csv::Sheet;
use dtr::export::parameters::Param;
use dtr::export::{Contents, Document};
use dtr::first_load::{self, FileRules};
use dtr::register::Niveau;
use dtr::server::exchange::Listener;
use dtr::server::routes::{Endpoint, SURFACE};
use dtr::store::StoreExt;
use dtr::xml::Limits;
use hyper::Method;

use crate::support::messages::*;
use crate::support::{Element, TestApp};

const LEVELS: [(&str, &str, &str); 3] = [
    (
        "daginstitutioner",
        "daginstitutionerExtend",
        "daginstitution",
    ),
    (
        "anvisningsenheder",
        "anvisningenhederExtend",
        "anvisningsenhed",
    ),
    (
        "alternativadresser",
        "alternativadresserExtend",
        "alternativadresse",
    ),
];

async fn get(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Response {
    app.anyone().get(&app.public(path), headers).await.unwrap()
}

async fn etag(app: &TestApp, path: &str) -> String {
    let answer = get(app, path, &[]).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.header("etag").unwrap().trim_matches('"').to_owned()
}

/// Aarhus with two units, one of them closed, and an address; København with a unit.
async fn filled() -> TestApp {
    let app = TestApp::start().await;
    let caller = app.operatoer();
    let tops = [
        institution("Æblehaven", 751),
        institution("=Vestervang; \"A\"", 101),
    ];
    let tops = write("InsertDaginstitution", &tops);
    let tops = caller.import_v2(tops).ok().await.numbers();
    let units = [
        unit(&tops[0], "Kernehuset"),
        unit(&tops[0], "Lukkes"),
        unit(&tops[1], "Havnen"),
    ];
    let units = write("InsertAnvisningsEnhed", &units);
    let units = caller.import_v2(units).ok().await.numbers();
    let other = write("InsertAlternativAdresse", &[address(&units[0], "Hytten")]);
    caller.import_v2(other).ok().await;
    let closed = write(
        "DeleteAnvisningsEnhed",
        &[closing("anvisningsenhed", &units[1])],
    );
    caller.import_v2(closed).ok().await;
    app
}

#[tokio::test]
async fn each_level_is_a_document_of_its_own() {
    let app = filled().await;
    let contract = Contract::new("https://a.example", "http://a.example").unwrap();
    let schema = contract.schema("EksportService-v2").unwrap();
    for ((name, root, record), (all, aarhus)) in LEVELS.into_iter().zip([(2, 1), (3, 2), (1, 1)]) {
        let path = format!("/eksport/v2/{name}.xml");
        let count = async |query: &str, wanted: usize| {
            let answer = get(&app, &format!("{path}{query}"), &[]).await;
            assert_eq!(answer.status, 200, "{path}{query}: {}", answer.text());
            let report = dtr::xsd::validate(schema, &answer.text(), Limits::unlimited());
            assert!(report.unwrap().is_valid(), "{}", answer.text());
            let tree = Element::parse(&answer.text());
            assert_eq!(
                (tree.name.as_str(), tree.all(record).len()),
                (root, wanted),
                "{query}"
            );
        };
        count("", all).await;
        count("?kommune=751", aarhus).await;
        count("?kommune=751&pr=7", aarhus).await;
        count("?kommune=461", 0).await;
        count("?pr=0", 0).await;
        count("?pr=2", if name == "daginstitutioner" { 2 } else { 0 }).await;
        let wrong = get(&app, &format!("{path}?pr=8"), &[]).await;
        assert_eq!(wrong.status, 400);
        assert_eq!(
            get(&app, &path, &[]).await.text(),
            app.kommune().get(&path).await.text()
        );
    }
}

#[tokio::test]
async fn a_document_is_new_when_what_it_shows_has_changed() {
    let app = filled().await;
    let tag = async |path: &str| {
        let tag = etag(&app, path).await;
        tag.rsplit_once('-').unwrap().1.parse::<u64>().unwrap()
    };
    let aarhus = "/eksport/v2/dagtilbud.xml?kommune=751";
    let copenhagen = "/eksport/v2/dagtilbud.xml?kommune=101";
    let addresses = "/eksport/v2/alternativadresser.xml";
    let units_of_aarhus = "/eksport/v2/anvisningsenheder.xml?kommune=751";
    assert_eq!((tag(aarhus).await, tag(copenhagen).await), (7, 5));
    assert_eq!((tag(addresses).await, tag(units_of_aarhus).await), (6, 7));
    // What it names is where the feed goes on.
    let shown = get(&app, copenhagen, &[]).await;
    assert_eq!(Element::parse(&shown.text()).text_of("sekvens"), "5");
    let known = shown.header("etag").unwrap().to_owned();
    let fields = institution_fields("Vestervang", 101);
    let update = institution_update("G30002", "", &fields);
    let update = write("UpdateDaginstitution", &[update]);
    app.operatoer().import_v2(update).ok().await;
    assert_eq!((tag(aarhus).await, tag(copenhagen).await), (7, 8));
    let changed = get(&app, copenhagen, &[("If-None-Match", &known)]).await;
    assert_eq!(changed.status, 200);
    // A daginstitution that moves to another kommune changes both, and what stands under it.
    let fields = institution_fields("Æblehaven", 101);
    let moved = institution_update("G30001", "", &fields);
    let moved = write("UpdateDaginstitution", &[moved]);
    app.operatoer().import_v2(moved).ok().await;
    assert_eq!((tag(aarhus).await, tag(copenhagen).await), (9, 9));
    assert_eq!((tag(addresses).await, tag(units_of_aarhus).await), (6, 9));
    let empty = get(&app, units_of_aarhus, &[]).await;
    assert!(
        Element::parse(&empty.text())
            .all("anvisningsenhed")
            .is_empty()
    );
    // The same after a restart, when nothing is remembered.
    let app = app.restart().await;
    for (path, wanted) in [(aarhus, "9"), (copenhagen, "9"), (addresses, "6")] {
        assert_eq!(
            etag(&app, path).await.rsplit_once('-').unwrap().1,
            wanted,
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_page_of_data_leads_to_every_document() {
    let app = filled().await;
    let front = get(&app, "/data", &[]).await.text().into_owned();
    assert!(front.contains("uafhængig software"), "{front}");
    let (_, main) = front.split_once("<main").unwrap();
    let (main, _) = main.split_once("</main>").unwrap();
    let paths: Vec<_> = main
        .split("href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect();
    for path in &paths {
        let answer = get(&app, path, &[]).await;
        assert_eq!(answer.status, 200, "{path}");
    }
    for path in public_paths().filter(|path| *path != "/" && *path != "/noegle.pem") {
        assert!(paths.iter().any(|own| own == path), "{path}: {paths:?}");
    }
    assert!(!front.contains("noegle.pem"), "nothing is signed here");
}

/// The paths of the public listener, by the table of all.
fn public_paths() -> impl Iterator<Item = &'static str> {
    public().filter_map(Endpoint::path)
}

fn public() -> impl Iterator<Item = &'static Endpoint> {
    let public = |endpoint: &&Endpoint| endpoint.on.contains(&Listener::Public);
    SURFACE.iter().filter(public)
}

#[tokio::test]
async fn each_path_has_its_type_and_refuses_what_it_does_not_know() {
    let app = TestApp::start().await;
    let given = ["eksport", "feed", "revision", "noegle", "kodetabeller"];
    let (mut refusing, mut of_kommuner) = (0, 0);
    for endpoint in public() {
        let Some(path) = endpoint.path() else {
            continue;
        };
        let plain = get(&app, path, &[]).await;
        if plain.status == 200 {
            let content_type = plain.header("content-type");
            assert_eq!(content_type, Some(endpoint.content_type), "{path}");
        } else {
            assert_eq!(path, "/noegle.pem", "{}", plain.text());
        }
        if !given.contains(&endpoint.word) {
            continue;
        }
        refusing += 1;
        let known = endpoint.parameters.iter().map(|param| param.name());
        let known = match known.collect::<Vec<_>>().join(", ").as_str() {
            "" => "none".to_owned(),
            names => names.to_owned(),
        };
        let refused = get(&app, &format!("{path}?ukendt=1"), &[]).await;
        assert_eq!(refused.status, 400, "{path}");
        let text = refused.text().into_owned();
        let told = format!("Known parameters: {known}.");
        assert!(text.contains("DTR1008") && text.contains(&told), "{text}");
        let kommune = get(&app, &format!("{path}?kommune=9999"), &[]).await;
        let knows = endpoint.parameters.contains(&Param::Kommune);
        let code = if knows { "DTR5023" } else { "DTR1008" };
        assert_eq!(kommune.status, 400, "{path}");
        assert!(kommune.text().contains(code), "{}", kommune.text());
        of_kommuner += usize::from(knows);
    }
    assert!(
        refusing >= 15 && of_kommuner >= 9,
        "{refusing} {of_kommuner}"
    );
}

#[tokio::test]
async fn gzip_is_another_form_of_the_same() {
    let app = filled().await;
    for path in [
        "/eksport/v2/dagtilbud.xml",
        "/eksport/samlet.csv",
        "/kodetabeller.xml",
    ] {
        let plain = get(&app, path, &[]).await;
        let gzip = [("Accept-Encoding", "br, gzip")];
        let packed = get(&app, path, &gzip).await;
        assert_eq!(packed.header("content-encoding"), Some("gzip"), "{path}");
        assert_eq!(plain.header("content-encoding"), None);
        for answer in [&plain, &packed] {
            assert_eq!(answer.header("vary"), Some("Accept-Encoding"));
            let length = answer.header("content-length").unwrap();
            assert_eq!(length, answer.body.len().to_string());
        }
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&*packed.body)
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, plain.body, "{path}");
        let (own, other) = (
            plain.header("etag").unwrap(),
            packed.header("etag").unwrap(),
        );
        assert_eq!(
            other.trim_matches('"'),
            format!("{}-gz", own.trim_matches('"'))
        );
        for known in [own, other, "*", &format!("\"x\", W/{own}")] {
            for form in [&[][..], &gzip] {
                let headers = [&[("If-None-Match", known)], form].concat();
                let answer = get(&app, path, &headers).await;
                assert_eq!(
                    (answer.status.as_u16(), answer.body.len()),
                    (304, 0),
                    "{known}"
                );
                assert_eq!(answer.header("vary"), Some("Accept-Encoding"));
            }
        }
        let head = app
            .anyone()
            .send(Method::HEAD, &app.public(path), &gzip, Default::default())
            .await
            .unwrap();
        assert_eq!(
            head.header("content-length"),
            packed.header("content-length")
        );
        assert!(head.body.is_empty());
        let part = get(&app, path, &[("Range", "bytes=0-9")]).await;
        assert_eq!((part.status.as_u16(), part.body), (200, plain.body));
    }
    // The same bytes in another process.
    let before = get(
        &app,
        "/eksport/v2/dagtilbud.xml",
        &[("Accept-Encoding", "gzip")],
    )
    .await;
    let app = app.restart().await;
    let after = get(
        &app,
        "/eksport/v2/dagtilbud.xml",
        &[("Accept-Encoding", "gzip")],
    )
    .await;
    assert_eq!(before.body, after.body);
}

/// A megabyte for all answers has room for 873 records.
#[tokio::test]
async fn more_than_an_answer_holds_is_not_read() {
    let app = TestApp::with(|config| config.graenser.svar_i_alt_bytes = 1 << 20).await;
    let caller = app.operatoer();
    for (name, kommune, units) in [("Æblehaven", 751, 500), ("Havnen", 101, 400)] {
        let top = write("InsertDaginstitution", &[institution(name, kommune)]);
        let top = caller.import_v2(top).ok().await.numbers().remove(0);
        let units: Vec<_> = (0..units)
            .map(|n| unit(&top, &format!("Hus {n}")))
            .collect();
        let units = write("InsertAnvisningsEnhed", &units);
        caller.import_v2(units).ok().await;
    }
    for path in [
        "/eksport/v2/dagtilbud.xml",
        "/eksport/samlet.csv",
        "/eksport/v2/anvisningsenheder.xml",
        "/eksport/v2/dagtilbud.xml?pr=902",
    ] {
        let answer = get(&app, path, &[]).await;
        assert_eq!(answer.status, 400, "{path}");
        let text = answer.text();
        assert!(
            text.contains("DTR1025") && text.contains("873"),
            "{path}: {text}"
        );
    }
    for path in [
        "/eksport/v2/dagtilbud.xml?kommune=751",
        "/eksport/v2/daginstitutioner.xml",
        "/eksport/v2/dagtilbud.xml?pr=600",
        // What the document does not show is not counted.
        "/eksport/daginstitution.csv",
        "/eksport/daginstitution.csv?pr=902",
        "/eksport/v2/daginstitutioner.xml?pr=902",
        "/eksport/samlet.csv?pr=902&kommune=101",
    ] {
        let answer = get(&app, path, &[]).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
    for (kommune, units) in [(751, 500), (101, 400)] {
        let path = format!("/eksport/v2/dagtilbud.xml?pr=902&kommune={kommune}");
        let answer = get(&app, &path, &[]).await;
        assert_eq!(answer.status, 200, "{path}");
        let text = answer.text();
        assert_eq!(text.matches("<t:anvisningsenhed>").count(), units, "{path}");
        assert_eq!(text.matches("<daginstitution>").count(), 1, "{path}");
    }
    for (operation, parameters) in [
        ("GetAllDagtilbud", String::new()),
        (
            "GetDagtilbudPrDato",
            "<tidspunkt>2100-01-01T00:00:00Z</tidspunkt>".to_owned(),
        ),
    ] {
        let answer = caller.eksport_v2(operation, &parameters).send().await;
        assert!(answer.text().contains("DTR1025"), "{}", answer.text());
    }
}

/// A list reads its own level and what that stands under, now and at a moment.
#[tokio::test]
async fn a_list_reads_what_it_shows_and_no_more() {
    let app = TestApp::with(|config| config.graenser.svar_i_alt_bytes = 1 << 20).await;
    let caller = app.operatoer();
    let tops = ["Æblehaven", "Tom"].map(|name| institution(name, 751));
    let tops = caller.import_v2(write("InsertDaginstitution", &tops)).ok();
    let top = tops.await.numbers().remove(0);
    let units: Vec<_> = (0..400).map(|n| unit(&top, &format!("Hus {n}"))).collect();
    let units = caller.import_v2(write("InsertAnvisningsEnhed", &units));
    let units = units.ok().await.numbers();
    let others: Vec<_> = (0..500)
        .map(|n| address(&units[7], &format!("Hytte {n}")))
        .collect();
    let others = caller.import_v2(write("InsertAlternativAdresse", &others));
    let others = others.ok().await.numbers();
    for query in ["", "?pr=902", "?kommune=751"] {
        for (name, records) in [
            ("daginstitution.csv", Some(2)),
            ("anvisningsenhed.csv", Some(400)),
            // With the one unit and the one daginstitution that they stand under.
            ("alternativadresse.csv", Some(500)),
            ("samlet.csv", None),
        ] {
            let answer = get(&app, &format!("/eksport/{name}{query}"), &[]).await;
            let text = answer.text();
            match records {
                None => assert!(text.contains("DTR1025"), "{name}{query}: {text}"),
                Some(records) => {
                    assert_eq!(answer.status, 200, "{name}{query}: {text}");
                    assert_eq!(text.lines().count(), records + 1, "{name}{query}");
                    assert!(text.lines().skip(1).all(|row| row.contains("751")));
                }
            }
        }
    }
    for (name, record, records) in [
        ("anvisningsenheder", "<anvisningsenhed>", 400),
        ("alternativadresser", "<alternativadresse>", 500),
    ] {
        for query in ["", "?pr=902", "?kommune=751", "?kommune=751&pr=902"] {
            let path = format!("/eksport/v2/{name}.xml{query}");
            let answer = get(&app, &path, &[]).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            let shown = answer.text().matches(record).count();
            assert_eq!(shown, records, "{path}");
        }
    }
    let csv = async |name: &str| get(&app, &format!("/eksport/{name}"), &[]).await;
    let rows = csv("alternativadresse.csv").await;
    let row = rows.text().lines().nth(1).unwrap().to_owned();
    assert!(row.starts_with(&format!("{};{};{top};", others[0], units[7])));
    assert!(row.ends_with(";Hus 7;Æblehaven"), "{row}");
    let before = csv("alternativadresse.csv?pr=902").await;
    assert_eq!(before.text(), rows.text());
    // An address changes no list of units.
    let tags = async || {
        let units = etag(&app, "/eksport/anvisningsenhed.csv").await;
        let others = etag(&app, "/eksport/alternativadresse.csv").await;
        [units, others].map(|tag| tag.rsplit_once('-').unwrap().1.to_owned())
    };
    assert_eq!(tags().await, ["402", "902"]);
    let fields = institution_fields("Nyt navn", 751);
    let renamed = institution_update(&top, "", &fields);
    let renamed = write("UpdateDaginstitution", &[renamed]);
    caller.import_v2(renamed).ok().await;
    assert_eq!(tags().await, ["903", "903"], "its name is in all rows");
}

#[tokio::test]
async fn who_has_a_document_makes_nobody_build_it() {
    let mut app = filled().await;
    for path in [
        "/eksport/v2/dagtilbud.xml",
        "/eksport/v2/anvisningsenheder.xml?kommune=751",
    ] {
        let first = get(&app, path, &[]).await;
        let etag = first.header("etag").unwrap().to_owned();
        app = app.restart().await;
        let metrics = format!("http://{}/metrics", app.app.running.admin);
        let anyone = app.anyone();
        let built = async || {
            let told = anyone.get(&metrics, &[]).await.unwrap().text().into_owned();
            !told.contains("dtr_documents_kept_bytes 0\n")
        };
        for known in [&*etag, "\"x\""] {
            let answer = get(&app, path, &[("If-None-Match", known)]).await;
            let other = known != etag;
            assert_eq!(answer.status, if other { 200 } else { 304 }, "{path}");
            assert_eq!(answer.header("etag"), Some(&*etag));
            assert_eq!(built().await, other, "{path}");
        }
    }
}

#[tokio::test]
async fn the_csvs_have_the_sites_columns_and_no_formulas() {
    let app = filled().await;
    let csv = async |name: &str| {
        let answer = get(&app, &format!("/eksport/{name}.csv"), &[]).await;
        assert_eq!(answer.status, 200);
        assert_eq!(
            answer.header("content-type"),
            Some("text/csv; charset=utf-8")
        );
        assert_eq!(
            answer.header("content-disposition"),
            Some(&*format!("attachment; filename=\"{name}.csv\""))
        );
        let text = answer.text().into_owned();
        assert!(text.ends_with("\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']));
        text.strip_prefix('\u{feff}').unwrap().to_owned()
    };
    for (name, first, rows) in [
        (
            "daginstitution",
            "daginstitutionsNummer;daginstitutionsNavn;aktivitetsstatus;ejerformKode;ejerformKode_Tekst;",
            2,
        ),
        (
            "anvisningsenhed",
            "anvisningsenhedsNummer;daginstitutionsNummer;anvisningsenhedsNavn;",
            3,
        ),
        (
            "alternativadresse",
            "alternativAdresseNummer;anvisningsenhedsNummer;",
            1,
        ),
        (
            "samlet",
            "dagtilbudsType;daginstitutionsNummer;anvisningsenhedsNummer;alternativAdresseNummer;dagtilbudsNavn;",
            6,
        ),
    ] {
        let text = csv(name).await;
        assert!(text.starts_with(first), "{name}: {text}");
        assert_eq!(text.lines().count(), rows + 1, "{name}: {text}");
    }
    let all = csv("samlet").await;
    assert!(
        all.contains("daginstitution;G30002;;;\"'=Vestervang; \"\"A\"\"\";Aktiv;1;"),
        "{all}"
    );
    let closed = all.lines().find(|line| line.contains("Lukkes")).unwrap();
    assert!(
        closed.starts_with("anvisningsenhed;G30001;G30004;;Lukkes;Nedlagt;"),
        "{closed}"
    );
    let own = get(&app, "/eksport/anvisningsenhed.csv?kommune=101", &[]).await;
    assert_eq!(own.text().lines().count(), 2);
}

#[tokio::test]
async fn coordinates_have_a_comma_for_a_spreadsheet_in_danish() {
    let app = filled().await;
    let placed = unit("G30001", "Stedet").replace(
        "</adresse>",
        "<geoBredde>56.10868</geoBredde><geoLaengde>10.19644</geoLaengde></adresse>",
    );
    let placed = write("InsertAnvisningsEnhed", &[placed]);
    app.operatoer().import_v2(placed).ok().await;
    let csv = async |query: &str| {
        let path = format!("/eksport/samlet.csv{query}");
        get(&app, &path, &[]).await
    };
    let (point, comma) = (csv("").await, csv("?decimal=komma").await);
    assert_eq!((point.status.as_u16(), comma.status.as_u16()), (200, 200));
    assert_eq!(csv("?decimal=punktum").await.body, point.body);
    let cells = |text: &str| -> Vec<String> {
        let header = text.lines().next().unwrap().split(';');
        let at = header
            .into_iter()
            .position(|name| name == "geoBredde")
            .unwrap();
        let rows = text.lines().skip(1).filter(|row| !row.contains('"'));
        rows.map(|row| row.split(';').nth(at).unwrap().to_owned())
            .collect()
    };
    let (point, comma) = (cells(&point.text()), cells(&comma.text()));
    let written: Vec<_> = point.iter().map(|cell| cell.replace('.', ",")).collect();
    assert_eq!(written, comma);
    assert!(point.iter().any(|cell| cell.contains('.')), "{point:?}");
    assert_eq!(csv("?decimal=andet").await.status, 400);
    assert_eq!(csv("?decimal=komma&decimal=komma").await.status, 400);
    let xml = get(&app, "/eksport/v2/dagtilbud.xml?decimal=komma", &[]).await;
    assert_eq!(xml.status, 400);
}

#[tokio::test]
async fn a_document_of_some_types_shows_those_alone() {
    let app = filled().await;
    let (_, tables) = dtr::app::rules(&app.config, "", "").unwrap();
    let of = |contents: Contents, types| {
        let document = Document::of(contents).with_types(types);
        let built = app.store().read(|view| {
            let shown = document.build(view, &tables, None, 9);
            Ok(shown.map(|(bytes, _)| String::from_utf8(bytes).unwrap()))
        });
        built.unwrap().unwrap()
    };
    let list = Contents::Niveau(Niveau::Anvisningsenhed);
    let names = ["Kernehuset", "Lukkes", "Havnen"];
    for (types, shown) in [(&[][..], 3), (&[6012], 3), (&[6021, 6012], 3), (&[6021], 0)] {
        let text = of(list, types);
        let found = names.iter().filter(|name| text.contains(**name)).count();
        assert_eq!(found, shown, "{types:?}");
    }
    let csv = of(Contents::Csv(Sheet::Samlet), &[6021]);
    assert!(
        csv.contains("Vestervang") && !csv.contains("Havnen"),
        "{csv}"
    );
}

#[tokio::test]
async fn what_is_exported_can_be_loaded_again() {
    let app = filled().await;
    // Names that are formulas to some spreadsheets, or look like what keeps one from being run.
    let odd = ["\u{ff1d}Bredt", "'=Citat", "'t Hus", "+Plus;\"x\""];
    let tops = odd.map(|name| institution(name, 751));
    let tops = write("InsertDaginstitution", &tops);
    app.operatoer().import_v2(tops).ok().await;
    let csv = get(&app, "/eksport/samlet.csv", &[]).await.body;
    let empty = TestApp::start().await;
    let (contract, tables) = dtr::app::rules(&empty.config, "", "").unwrap();
    let regler = FileRules {
        schema: contract.schema("ImportService-v2").unwrap(),
        tables: &tables,
    };
    let judged = empty
        .store()
        .read(|view| Ok(first_load::judge(&*csv, &[], regler, view, &mut |_| ())))
        .unwrap()
        .unwrap();
    let told: Vec<_> = judged.fejl.iter().map(|row| row.problem.en()).collect();
    assert_eq!((judged.accepted.len(), told.len()), (10, 0), "{told:?}");
    let names: Vec<_> = judged
        .accepted
        .iter()
        .map(|row| row.content.navn())
        .collect();
    for name in odd.iter().chain(&["=Vestervang; \"A\""]) {
        assert!(names.contains(name), "{name}: {names:?}");
    }
}
