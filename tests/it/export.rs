//! Reads: what each operation chooses, closed records, names, history, the register as it stood, and changes in order.

use dtr::clock::Clock;
use dtr::register::{Omfang, Tidspunkt, Tjeneste};

use crate::support::messages::*;
use crate::support::tilslutning::*;
use crate::support::{Caller, TestApp};

/// Two institutions in Aarhus and one in København, a unit under each of the first two, an address under each unit;
/// G30005 with its address is closed.
async fn small_register() -> TestApp {
    let at = Tidspunkt::parse("2026-03-02T08:00:00.000Z").unwrap();
    let app = TestApp::with_clock(Clock::fixed(at), |_| {}).await;
    let caller = app.operatoer();
    let institutions = [
        institution("Aagården", 751),
        institution("Ågården", 751),
        institution("Blåbærhaven", 101),
    ];
    let owned = |record: String, p: &str| {
        let cvr = "<cvrNummer>55133018</cvrNummer>";
        record.replace("<pNummer>1975100001", &format!("{cvr}<pNummer>{p}"))
    };
    let units = [
        owned(unit("G30001", "Solstrålen"), "1975100001"),
        unit("G30002", "Regnbuen").replace("1975100001", "1975100002"),
    ];
    let address_of = |unit: &str, name: &str, p: &str| {
        let fields = address_fields(unit, name);
        let owner = format!("<cvrNummer>55133018</cvrNummer><pNummer>{p}</pNummer>");
        element("alternativadresse", "", &format!("{fields}{owner}"))
    };
    let addresses = [
        address_of("G30004", "Skovhytten", "1975100003"),
        address_of("G30005", "Strandhytten", "1975100004"),
    ];
    for (operation, records) in [
        ("InsertDaginstitution", institutions.as_slice()),
        ("InsertAnvisningsEnhed", &units),
        ("InsertAlternativAdresse", &addresses),
        (
            "DeleteAlternativAdresse",
            &[closing("alternativadresse", "G30007")],
        ),
        (
            "DeleteAnvisningsEnhed",
            &[closing("anvisningsenhed", "G30005")],
        ),
    ] {
        caller.import_v2(write(operation, records)).ok().await;
    }
    app
}

/// The numbers of the records that an operation gives, whatever their level.
async fn numbers(caller: &Caller, operation: &str, parameters: &str) -> String {
    let result = caller.eksport_v2(operation, parameters).result().await;
    let mut numbers = Vec::new();
    for record in ["daginstitution", "anvisningsenhed", "alternativadresse"] {
        for found in result.all(record) {
            numbers.push(found.children[0].text.clone());
        }
    }
    assert_eq!(result.text_of("sekvens"), "9");
    numbers.join(" ")
}

#[tokio::test]
async fn each_operation_gives_what_it_names() {
    let app = small_register().await;
    let caller = app.aftager();
    let all = "<inkluderNedlagte>true</inkluderNedlagte>";
    let with = |name: &str, value: &str| format!("<{name}>{value}</{name}>");
    let root = |number: &str| with("daginstitutionsNummer", number);
    let unit = |number: &str| with("enhedsNummer", number);
    let p = |number: &str| with("pNummer", number);
    let cvr = with("cvrNummer", "55133018");
    for (operation, parameters, expected) in [
        (
            "GetAllDagtilbud",
            String::new(),
            "G30001 G30002 G30003 G30004 G30006",
        ),
        (
            "GetAllDagtilbud",
            all.into(),
            "G30001 G30002 G30003 G30004 G30005 G30006 G30007",
        ),
        (
            "GetDagtilbudByDagInstitutionsNummer",
            root("G30002"),
            "G30002 G30005 G30007",
        ),
        ("GetDagtilbudByDagInstitutionsNummer", root("G30004"), ""),
        (
            "GetDagtilbudByAdmKommuneNummer",
            with("admKommuneKode", "101"),
            "G30003",
        ),
        (
            "GetDagtilbudByAdmKommuneNummer",
            with("admKommuneKode", "0751"),
            "G30001 G30002 G30004 G30006",
        ),
        (
            "GetAllDaginstitutioner",
            String::new(),
            "G30001 G30002 G30003",
        ),
        ("GetDaginstitutionByNummer", root("G30003"), "G30003"),
        ("GetDaginstitutionByNummer", root("G30004"), ""),
        ("GetAllAnvisningsEnheder", String::new(), "G30004"),
        ("GetAllAnvisningsEnheder", all.into(), "G30004 G30005"),
        ("GetAnvisningsEnhederByPnummer", p("1975100001"), "G30004"),
        ("GetAnvisningsEnhederByPnummer", p("1975100002"), ""),
        (
            "GetAnvisningsEnhederByPnummer",
            p("1975100002") + all,
            "G30005",
        ),
        ("GetAnvisningsEnhederByNummer", unit("G30005"), "G30005"),
        ("GetAnvisningsEnhederByCvrnummer", cvr.clone(), "G30004"),
        ("GetAnvisningsEnhederByNavn", with("navn", "BUEN"), ""),
        (
            "GetAnvisningsEnhederByNavn",
            with("navn", "BUEN") + all,
            "G30005",
        ),
        (
            "GetAnvisningsEnhederByDaginstitutionsnummer",
            root("G30001"),
            "G30004",
        ),
        (
            "GetAnvisningsEnhederByDaginstitutionsnummer",
            root("G30002") + all,
            "G30005",
        ),
        ("GetAllAlternativAdresser", String::new(), "G30006"),
        (
            "GetAlternativAdresserByCvrnummer",
            cvr.clone() + all,
            "G30006 G30007",
        ),
        ("GetAlternativAdresserByPnummer", p("1975100003"), "G30006"),
        (
            "GetAlternativAdresserByNummer",
            with("alternativAdresseNummer", "G30007"),
            "G30007",
        ),
        (
            "GetAlternativAdresserByNavn",
            with("navn", "hytten"),
            "G30006",
        ),
        ("GetAlternativAdresserByEnhedsnummer", unit("G30005"), ""),
        (
            "GetAlternativAdresserByEnhedsnummer",
            unit("G30005") + all,
            "G30007",
        ),
    ] {
        let found = numbers(&caller, operation, &parameters).await;
        assert_eq!(found, expected, "{operation} {parameters}");
    }
}

#[tokio::test]
async fn aa_is_not_å_and_case_is_all_the_same() {
    let app = small_register().await;
    let caller = app.aftager();
    for (name, expected) in [
        ("aagård", "G30001"),
        ("ÅGÅRD", "G30002"),
        ("Gården", "G30001 G30002"),
        ("A\u{30a}ga\u{30a}rd", "G30002"),
        ("  haven ", "G30003"),
        ("BLÅBÆR", "G30003"),
        ("%", ""),
        ("_gården", ""),
    ] {
        let parameters = format!("<navn>{name}</navn>");
        let found = numbers(&caller, "GetDaginstitutionByNavn", &parameters).await;
        assert_eq!(found, expected, "{name:?}");
    }
}

#[tokio::test]
async fn history_has_every_version_with_who_and_what() {
    let app = small_register().await;
    let number = "<institutionsnummer>G30005</institutionsnummer>";
    let history = app
        .kommune2()
        .eksport_v2("GetHistorik", number)
        .result()
        .await;
    let changes = history.all("aendring");
    let of = |name| changes.iter().map(|c| c.text_of(name)).collect::<Vec<_>>();
    assert_eq!(of("handling"), ["oprettet", "nedlagt"]);
    assert_eq!(of("version"), ["1", "2"]);
    assert_eq!(of("aktoerNavn"), ["Eksempelstyrelsen"; 2]);
    let insert = "import:v2/InsertAnvisningsEnhed";
    assert_eq!(of("operation"), [insert, "import:v2/DeleteAnvisningsEnhed"]);
    let sequences: Vec<_> = changes.iter().map(|c| c.attribute("sekvens")).collect();
    assert_eq!(sequences, [Some("5"), Some("9")]);
    let unknown = "<institutionsnummer>G39999</institutionsnummer>";
    let unknown = app
        .aftager()
        .eksport_v2("GetHistorik", unknown)
        .result()
        .await;
    assert!(unknown.first("aendring").is_none());
}

#[tokio::test]
async fn who_acted_is_public_and_how_is_for_those_with_a_right_to_it() {
    let app = TestApp::start().await;
    let system = app.system("lev-aftale", "99100028").await;
    app.aftale(of_kommune(system, 751, Omfang::Alle)).await;
    let (vendor, consumer) = (app.caller("lev-aftale"), app.aftager());
    let insert = write("InsertDaginstitution", &[institution("Solsikken", 751)]);
    let top = vendor.import_v2(insert).ok().await.number();
    let update = institution_update(&top, "", &institution_fields("Solsikken II", 751));
    let update = write("UpdateDaginstitution", &[update]);
    vendor.import_v2(update).ok().await;
    let number = format!("<institutionsnummer>{top}</institutionsnummer>");
    let from = "<efterSekvens>0</efterSekvens>";
    let public = ["aktoerNavn", "aktoerCvrNummer"];
    let private = [
        ("operation", "import:v2/InsertDaginstitution"),
        ("systemId", system.to_string().as_str()),
        ("systemNavn", "System lev-aftale"),
        ("principalKommuneKode", "751"),
    ]
    .map(|(name, value)| (name, value.to_owned()));
    for (operation, parameters) in [("GetHistorik", number.as_str()), ("GetAendringer", from)] {
        // A kommune, the operator, and the organisation that did it by any system; the consumer has no right to it.
        for (caller, all) in [
            (&app.kommune2(), true),
            (&app.operatoer(), true),
            (&vendor, true),
            (&consumer, false),
            (&app.caller("leverandoer"), true),
        ] {
            let answer = caller.eksport_v2(operation, parameters).result().await;
            let changes = answer.all("aendring");
            assert_eq!(changes.len(), 2);
            for name in public {
                let shown: Vec<_> = changes.iter().map(|each| each.text_of(name)).collect();
                assert_eq!(shown[0], shown[1], "{operation} {name}");
                assert!(!shown[0].is_empty(), "{operation} {name}");
            }
            for (name, value) in &private {
                let first = changes[0].first(name).map(|each| each.text.clone());
                let wanted = all.then(|| value.clone());
                assert_eq!(first, wanted, "{operation} {name}");
            }
            assert_eq!(changes[1].first("korrelationsId").is_some(), all);
        }
    }
    // With an agreement to read it, the consumer's system has the right too.
    let reader = app.system("aftager", "99200022").await;
    let mut reads = of_kommune(reader, 101, Omfang::Alle);
    reads.tjeneste = Tjeneste::Eksport;
    app.aftale(reads).await;
    let answer = consumer.eksport_v2("GetHistorik", &number).result().await;
    assert_eq!(answer.all("principalKommuneKode").len(), 2);
}

#[tokio::test]
async fn each_record_of_a_batch_has_its_own_principal() {
    let app = TestApp::start().await;
    let system = app.system("lev-aftale", "99100028").await;
    for kommune in [751, 101] {
        app.aftale(of_kommune(system, kommune, Omfang::Alle)).await;
    }
    let vendor = app.caller("lev-aftale");
    let tops = [institution("Øst", 101), institution("Vest", 751)];
    let numbers = vendor
        .import_v2(write("InsertDaginstitution", &tops))
        .ok()
        .await
        .numbers();
    let units = [unit(&numbers[1], "Rød"), unit(&numbers[0], "Blå")];
    vendor
        .import_v2(write("InsertAnvisningsEnhed", &units))
        .ok()
        .await;
    // What a kommune writes itself has no principal.
    let own = institution_update(&numbers[1], "", &institution_fields("Vest II", 751));
    app.kommune()
        .import_v2(write("UpdateDaginstitution", &[own]))
        .ok()
        .await;
    let from = "<efterSekvens>0</efterSekvens>";
    let answer = app
        .kommune()
        .eksport_v2("GetAendringer", from)
        .result()
        .await;
    let principals: Vec<_> = answer
        .all("aendring")
        .iter()
        .map(|each| each.first("principalKommuneKode").map(|of| of.text.clone()))
        .collect();
    let named = |code: &str| Some(code.to_owned());
    assert_eq!(
        principals,
        [named("101"), named("751"), named("751"), named("101"), None]
    );
}

#[tokio::test]
async fn the_register_as_it_stood() {
    let app = small_register().await;
    let caller = app.aftager();
    // Change n was made n - 1 milliseconds past eight.
    for (instant, sequence, open, all) in [
        ("2026-03-02T07:59:59.999Z", "0", 0, 0),
        ("2026-03-02T08:00:00Z", "1", 1, 1),
        ("2026-03-02T08:00:00.0049Z", "5", 5, 5),
        ("2026-03-02T08:00:00.007Z", "8", 6, 7),
        ("2026-03-01T24:00:00Z", "0", 0, 0),
        ("2026-03-02T24:00:00.000Z", "9", 5, 7),
        ("2030-01-01T00:00:00Z", "9", 5, 7),
    ] {
        let at = format!("<tidspunkt>{instant}</tidspunkt>");
        for (closed, count) in [("false", open), ("true", all)] {
            let parameters = format!("{at}<inkluderNedlagte>{closed}</inkluderNedlagte>");
            let result = caller
                .eksport_v2("GetDagtilbudPrDato", &parameters)
                .result()
                .await;
            assert_eq!(result.text_of("sekvens"), sequence, "{instant}");
            assert_eq!(
                result.all("aktivitetsstatus").len(),
                count,
                "{instant} {closed}"
            );
        }
        // The document of the same moment shows the same, closed records included.
        for moment in [instant, sequence] {
            let document = caller
                .get(&format!("/eksport/v2/dagtilbud.xml?pr={moment}"))
                .await;
            let document = crate::support::Element::parse(&document.text());
            assert_eq!(document.text_of("sekvens"), sequence, "{moment}");
            assert_eq!(document.all("aktivitetsstatus").len(), all, "{moment}");
        }
    }
}

#[tokio::test]
async fn what_has_moved_stood_where_it_stood() {
    let app = small_register().await;
    let caller = app.operatoer();
    // Change 10 moves a unit, change 11 takes its new root to another kommune.
    let moved = write(
        "MoveAnvisningsEnhed",
        &[moved("anvisningsenhed", "G30004", "G30002")],
    );
    caller.import_v2(moved).ok().await;
    let fields = institution_fields("Ågården", 461);
    let update = write(
        "UpdateDaginstitution",
        &[institution_update("G30002", "", &fields)],
    );
    caller.import_v2(update).ok().await;
    for (query, expected) in [
        (
            "pr=9&kommune=751",
            "G30001 G30004 G30006 G30002 G30005 G30007",
        ),
        (
            "pr=10&kommune=751",
            "G30001 G30002 G30004 G30006 G30005 G30007",
        ),
        ("pr=11&kommune=751", "G30001"),
        ("kommune=751", "G30001"),
        ("kommune=461", "G30002 G30004 G30006 G30005 G30007"),
        ("pr=10&kommune=461", ""),
    ] {
        let document = caller
            .get(&format!("/eksport/v2/dagtilbud.xml?{query}"))
            .await;
        let document = crate::support::Element::parse(&document.text());
        let mut numbers = Vec::new();
        for root in document.all("daginstitution") {
            numbers.push(root.children[0].text.as_str());
            for unit in root.all("anvisningsenhed") {
                numbers.push(unit.text_of("enhedsNummer"));
                numbers.extend(unit.texts("alternativAdresseNummer"));
            }
        }
        assert_eq!(numbers.join(" "), expected, "{query}");
    }
    let history = "<institutionsnummer>G30004</institutionsnummer>";
    let history = caller.eksport_v2("GetHistorik", history).result().await;
    assert_eq!(history.texts("handling"), ["oprettet", "flyttet"]);
    assert_eq!(history.texts("daginstitutionsNummer"), ["G30001", "G30002"]);
}

#[tokio::test]
async fn changes_are_given_in_order_page_by_page() {
    let app = small_register().await;
    let caller = app.aftager();
    let (mut after, mut seen, mut pages) = ("0".to_owned(), Vec::new(), 0);
    loop {
        let page = format!("<efterSekvens>{after}</efterSekvens><maksAntal>4</maksAntal>");
        let page = caller.eksport_v2("GetAendringer", &page).result().await;
        let changes = page.all("aendring");
        pages += 1;
        seen.extend(
            changes
                .iter()
                .map(|c| c.attribute("sekvens").unwrap().to_owned()),
        );
        assert_eq!(page.text_of("sekvens"), "9");
        page.text_of("sidsteSekvens").clone_into(&mut after);
        if changes.len() < 4 {
            break;
        }
    }
    assert_eq!((pages, after.as_str()), (3, "9"));
    assert_eq!(seen.join(" "), "1 2 3 4 5 6 7 8 9");
    let beyond = caller.eksport_v2("GetAendringer", "<efterSekvens>10</efterSekvens>");
    assert_eq!(beyond.fault(500).await, "DTR3017");
}

#[tokio::test]
async fn every_answer_names_the_same_epoke() {
    let app = small_register().await;
    let caller = app.aftager();
    let first = caller.eksport_v2("GetAllDagtilbud", "").result().await;
    let epoch = first.text_of("epoke").to_owned();
    for operation in [
        "GetAllAnvisningsEnheder",
        "GetKodetabeller",
        "HentDataAftaler",
    ] {
        let result = caller.eksport_v2(operation, "").result().await;
        assert_eq!(result.text_of("epoke"), epoch, "{operation}");
    }
    let document = caller.get("/eksport/v2/dagtilbud.xml").await;
    let start = format!("\"{}-9\"", &epoch.replace('-', "")[..8]);
    assert_eq!(document.header("etag"), Some(start.as_str()));
}

#[tokio::test]
async fn agreements_are_those_of_the_caller() {
    let app = small_register().await;
    let own = app
        .kommune()
        .eksport_v2("HentDataAftaler", "")
        .result()
        .await;
    assert_eq!(own.text_of("kommuneKode"), "751");
    assert_eq!(
        own.texts("institutionsnummer"),
        ["G30001", "G30002", "G30004", "G30006"]
    );
    let none = app
        .leverandoer()
        .eksport_v2("HentDataAftaler", "")
        .result()
        .await;
    assert!(none.first("aftale").is_none());
}
