//! Systems and agreements at work: what a vendor, a private owner and a kommune may do with them, and what a closing does
//! to them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use dtr::clock::Clock;
use dtr::register::{Aftale, Omfang, Tidspunkt, Tjeneste};
use dtr::store::{Aftaler, OrgKind, StoreExt, sqlite};

use crate::support::messages::*;
use crate::support::tilslutning::*;
use crate::support::{Caller, TestApp};

/// The example vendor.
const VENDOR: &str = "99100028";
/// A private owner.
const OWNER: &str = "99500030";

fn private(name: &str) -> String {
    let fields = coded_institution_fields(name, 751, 3, 4);
    element("daginstitution", "", &fields)
}

/// A clock that stands still until it is set.
fn clock_at(at: Tidspunkt) -> (Clock, impl Fn(Tidspunkt)) {
    let millis = Arc::new(AtomicI64::new(at.millis()));
    let clock = Clock::Fixed(Arc::clone(&millis));
    (clock, move |at| {
        millis.store(at.millis(), Ordering::Relaxed)
    })
}

async fn insert(caller: &Caller, operation: &str, record: String) -> String {
    let write = write(operation, &[record]);
    caller.import_v2(write).ok().await.number()
}

/// A daginstitution of Aarhus with a unit of this P-number.
async fn tree(app: &TestApp, p_nummer: &str) -> (String, String) {
    let kommune = app.kommune();
    let top = insert(
        &kommune,
        "InsertDaginstitution",
        institution("Solsikken", 751),
    )
    .await;
    let record = unit(&top, "Rød stue").replace("1975100001", p_nummer);
    let unit = insert(&kommune, "InsertAnvisningsEnhed", record).await;
    (top, unit)
}

#[tokio::test]
async fn a_certificate_acts_as_the_system_it_is_bound_to() {
    let app = TestApp::start().await;
    let vendor = app.caller("lev-aftale");
    let message = || write("InsertDaginstitution", &[institution("Ny", 751)]);
    // Without a system it is its organisation, a vendor without any agreement.
    assert_eq!(vendor.import_v2(message()).refused().await, ["DTR5017"]);
    let system = app.system("lev-aftale", VENDOR).await;
    assert_eq!(vendor.import_v2(message()).refused().await, ["DTR5017"]);
    let aftale = app.aftale(of_kommune(system, 751, Omfang::Alle)).await;
    vendor.import_v2(message()).ok().await;
    // Another certificate of the same vendor is not that system.
    assert_eq!(
        app.leverandoer().import_v2(message()).refused().await,
        ["DTR5017"]
    );
    // Each change takes effect with the next call, on an open connection too.
    app.end_aftale(aftale).await;
    assert_eq!(vendor.import_v2(message()).refused().await, ["DTR5017"]);
    app.close_system(system).await;
    assert_eq!(vendor.import_v2(message()).fault(500).await, "DTR1020");
    assert_eq!(
        vendor.import_v2(message()).soap12().fault(500).await,
        "DTR1020"
    );
    let document = vendor.get("/eksport/v2/dagtilbud.xml").await;
    assert_eq!(document.status, 403);
}

#[tokio::test]
async fn a_system_of_another_owner_is_refused() {
    let app = TestApp::start().await;
    app.organisation(OWNER, OrgKind::PrivatEjer).await;
    app.system("lev-aftale", OWNER).await;
    let message = write("InsertDaginstitution", &[institution("Ny", 751)]);
    let caller = app.caller("lev-aftale");
    assert_eq!(caller.import_v2(message).fault(500).await, "DTR1021");
}

#[tokio::test]
async fn answers_are_remembered_for_each_system() {
    let app = TestApp::start().await;
    let (first, second) = (
        app.system("lev-aftale", VENDOR).await,
        app.system("lev-andet-p", VENDOR).await,
    );
    for system in [first, second] {
        app.aftale(of_kommune(system, 751, Omfang::Alle)).await;
    }
    let send = |certificate: &'static str| {
        let caller = app.caller(certificate);
        async move {
            let message = write("InsertDaginstitution", &[institution("Ny", 751)]);
            let call = caller.import_v2(message).message_id("urn:uuid:samme");
            call.ok().await.number()
        }
    };
    let number = send("lev-aftale").await;
    assert_eq!(send("lev-aftale").await, number);
    assert_ne!(send("lev-andet-p").await, number);
}

#[tokio::test]
async fn the_scope_of_an_agreement_is_kept_before_and_after() {
    let app = TestApp::start().await;
    let (top, own) = tree(&app, "1975100011").await;
    let (other_top, other) = tree(&app, "1975100012").await;
    let system = app.system("lev-aftale", VENDOR).await;
    app.aftale(of_kommune(system, 751, p_numbers(&["1975100011"])))
        .await;
    let vendor = app.caller("lev-aftale");
    let update = |number: &str, parent: &str, p_nummer: &str| {
        let fields = unit_fields(parent, "Blå stue").replace("1975100001", p_nummer);
        write("UpdateAnvisningsEnhed", &[unit_update(number, "", &fields)])
    };
    vendor
        .import_v2(update(&own, &top, "1975100011"))
        .ok()
        .await;
    let refused = vendor.import_v2(update(&other, &other_top, "1975100012"));
    assert_eq!(refused.refused().await, ["DTR5002"]);
    // It can't take the unit out of its scope, nor another into it.
    let refused = vendor.import_v2(update(&own, &top, "1975100013"));
    assert_eq!(refused.refused().await, ["DTR5022"]);
    let refused = vendor.import_v2(update(&other, &other_top, "1975100011"));
    assert_eq!(refused.refused().await, ["DTR5002"]);
    // An address goes with its unit, and so does a new unit with the P-number.
    insert(&vendor, "InsertAlternativAdresse", address(&own, "Skoven")).await;
    let refused = write("InsertAlternativAdresse", &[address(&other, "Skoven")]);
    assert_eq!(vendor.import_v2(refused).refused().await, ["DTR5004"]);
    let new = unit(&top, "Gul stue").replace("1975100001", "1975100011");
    insert(&vendor, "InsertAnvisningsEnhed", new).await;
    let refused = write("InsertAnvisningsEnhed", &[unit(&top, "Grøn stue")]);
    assert_eq!(vendor.import_v2(refused).refused().await, ["DTR5004"]);
    // One foreign record spoils the batch, and leaves nothing.
    let before = app.store().read(|view| view.position()).unwrap();
    let batch = [
        unit_update(
            &own,
            "",
            &unit_fields(&top, "X").replace("1975100001", "1975100011"),
        ),
        unit_update(&other, "", &unit_fields(&other_top, "X")),
    ];
    let refused = vendor.import_v2(write("UpdateAnvisningsEnhed", &batch));
    assert_eq!(refused.refused().await, ["DTR5002"]);
    assert_eq!(app.store().read(|view| view.position()).unwrap(), before);
}

#[tokio::test]
async fn an_agreement_holds_on_its_days() {
    let (clock, set) = clock_at(Tidspunkt::parse("2026-06-30T21:59:00Z").unwrap());
    let app = TestApp::with_clock(clock, |_| {}).await;
    let system = app.system("lev-aftale", VENDOR).await;
    app.aftale(Aftale {
        til: Some(date("2026-06-30")),
        ..of_kommune(system, 751, Omfang::Alle)
    })
    .await;
    let vendor = app.caller("lev-aftale");
    let message = || write("InsertDaginstitution", &[institution("Ny", 751)]);
    vendor.import_v2(message()).ok().await;
    // Midnight in Denmark.
    set(Tidspunkt::parse("2026-06-30T22:00:00Z").unwrap());
    assert_eq!(vendor.import_v2(message()).refused().await, ["DTR5020"]);
}

#[tokio::test]
async fn an_owner_maintains_what_is_proven_to_be_its_own() {
    let app = TestApp::start().await;
    app.organisation(OWNER, OrgKind::PrivatEjer).await;
    let system = app.system("lev-aftale", VENDOR).await;
    let (kommune, owner) = (app.kommune(), app.caller("ejer"));
    let top = insert(&kommune, "InsertDaginstitution", private("Den Private")).await;
    let own = insert(&kommune, "InsertAnvisningsEnhed", unit(&top, "Stuen")).await;
    let update = || {
        let record = unit_update(&own, "", &unit_fields(&top, "Stuen igen"));
        write("UpdateAnvisningsEnhed", &[record])
    };
    let fields = institution_fields("Den Private igen", 751);
    let public = institution_update(&top, "", &fields);
    let fields = coded_institution_fields("Den Private igen", 751, 3, 4);
    let still_private = institution_update(&top, "", &fields);
    // Nothing proves that it is the owner's.
    assert_eq!(owner.import_v2(update()).refused().await, ["DTR5002"]);
    app.aftale(of_owner(system, OWNER, institutions(&[&top])))
        .await;
    owner.import_v2(update()).ok().await;
    let change = write("UpdateDaginstitution", &[still_private]);
    owner.import_v2(change).ok().await;
    // It can't make it public, open one or close it.
    let refused = owner.import_v2(write("UpdateDaginstitution", &[public]));
    assert_eq!(refused.refused().await, ["DTR5022"]);
    let refused = owner.import_v2(write("InsertDaginstitution", &[private("En til")]));
    assert_eq!(refused.refused().await, ["DTR5017"]);
    let closes = write("DeleteDaginstitution", &[closing("daginstitution", &top)]);
    assert_eq!(owner.import_v2(closes).refused().await, ["DTR5002"]);
    // The vendor that it lets act may.
    app.caller("lev-aftale").import_v2(update()).ok().await;
    // Another owner has no part in it.
    app.organisation("99500049", OrgKind::PrivatEjer).await;
    let other = app.caller("ejer2");
    assert_eq!(other.import_v2(update()).refused().await, ["DTR5002"]);
}

#[tokio::test]
async fn an_installation_can_leave_private_dagtilbud_to_their_owners() {
    let app = TestApp::with(|config| config.rettigheder.private_af_kommune = false).await;
    let kommune = app.kommune();
    let refused = kommune.import_v2(write("InsertDaginstitution", &[private("Ny")]));
    assert_eq!(refused.refused().await, ["DTR5021"]);
    insert(&kommune, "InsertDaginstitution", institution("Ny", 751)).await;
}

#[tokio::test]
async fn a_move_tells_the_agreements_that_it_concerns() {
    let app = TestApp::start().await;
    let (top, own) = tree(&app, "1975100021").await;
    let (other, _) = tree(&app, "1975100022").await;
    let system = app.system("lev-aftale", VENDOR).await;
    let names = |list: &[&str]| of_kommune(system, 751, institutions(list));
    let on_unit = app.aftale(names(&[&own])).await;
    let on_old = app.aftale(names(&[&top])).await;
    let on_both = app.aftale(names(&[&top, &other])).await;
    let kommune = app.kommune();
    let moves = [moved("anvisningsenhed", &own, &other)];
    for write in [
        dry_run("MoveAnvisningsEnhed", &moves),
        write("MoveAnvisningsEnhed", &moves),
    ] {
        let answer = kommune.import_v2(write).ok().await;
        let mut codes = answer.warnings();
        codes.retain(|code| code != "DTR5103");
        assert_eq!(codes, ["DTR5106", "DTR5107"]);
        let text = answer.text();
        for (aftale, told) in [(on_unit, true), (on_old, true), (on_both, false)] {
            assert_eq!(text.contains(&format!("aftale ({aftale})")), told, "{text}");
        }
    }
}

#[tokio::test]
async fn a_closing_ends_the_agreements_that_name_it_alone() {
    let app = TestApp::start().await;
    let (_, unit) = tree(&app, "1975100021").await;
    let (_, other) = tree(&app, "1975100022").await;
    let system = app.system("lev-aftale", VENDOR).await;
    let alone = app
        .aftale(of_kommune(system, 751, institutions(&[&unit])))
        .await;
    app.aftale(of_kommune(system, 751, institutions(&[&unit, &other])))
        .await;
    app.aftale(of_kommune(system, 751, p_numbers(&["1975100021"])))
        .await;
    app.aftale(of_kommune(system, 751, Omfang::Alle)).await;
    let delete = [closing("anvisningsenhed", &unit)];
    let warnings = |answer: crate::support::caller::Answer| {
        let mut codes = answer.warnings();
        codes.retain(|code| code.starts_with("DTR5104") || code.starts_with("DTR5105"));
        codes
    };
    let listed = ["DTR5104", "DTR5105", "DTR5105"];
    let kommune = app.kommune();
    let tried = kommune
        .import_v2(dry_run("DeleteAnvisningsEnhed", &delete))
        .ok()
        .await;
    assert_eq!(warnings(tried), listed);
    let open = |id| {
        let all = app
            .store()
            .read(|view| view.aftaler(Aftaler::En(id)))
            .unwrap();
        all[0].lukket.is_none()
    };
    assert!(open(alone), "a dry run ends nothing");
    let done = kommune
        .import_v2(write("DeleteAnvisningsEnhed", &delete))
        .ok()
        .await;
    assert_eq!(warnings(done), listed);
    assert!(!open(alone));
    let file = &app.config.database.fil;
    sqlite::verify(file).unwrap();
}

#[tokio::test]
async fn agreements_are_told_to_their_system_and_to_who_gave_them() {
    let app = TestApp::start().await;
    let (top, unit) = tree(&app, "1975100031").await;
    let (other, _) = tree(&app, "1975100032").await;
    let system = app.system("lev-aftale", VENDOR).await;
    app.aftale(of_kommune(system, 751, p_numbers(&["1975100031"])))
        .await;
    app.aftale(Aftale {
        tjeneste: Tjeneste::Eksport,
        til: Some(date("2026-02-01")),
        ..of_kommune(system, 751, institutions(&[&other]))
    })
    .await;
    let ask = |name: &'static str| {
        let caller = app.caller(name);
        async move { caller.eksport_v2("HentDataAftaler", "").result().await }
    };
    let told = ask("lev-aftale").await;
    let all = told.all("aftale");
    assert_eq!(all.len(), 2);
    let fields = |n: usize, name| all[n].texts(name).join(" ");
    assert_eq!(fields(0, "aftaleId"), "AFT-1");
    assert_eq!(fields(0, "systemNavn"), "System lev-aftale");
    assert_eq!(fields(0, "service"), "ImportService");
    assert_eq!(fields(0, "omfang"), "pNumre");
    assert_eq!(fields(0, "pNummer"), "1975100031");
    assert_eq!(fields(0, "institutionsnummer"), unit);
    assert_eq!(fields(1, "service"), "EksportService");
    assert_eq!(
        (fields(1, "status"), fields(1, "gyldigTil")),
        ("lukket".into(), "2026-02-01".into())
    );
    assert_eq!(fields(1, "institutionsnummer"), "");
    let kommune = ask("kommune").await;
    assert_eq!(kommune.all("aftale").len(), 3);
    assert!(
        kommune.all("aftale")[0]
            .texts("institutionsnummer")
            .contains(&top.as_str())
    );
    assert_eq!(ask("kommune2").await.all("aftale").len(), 1);
    assert_eq!(ask("leverandoer").await.all("aftale").len(), 0);
}

#[tokio::test]
async fn an_expiring_certificate_is_announced_from_sixty_days_before() {
    let end = {
        let file = crate::support::pki::folder().join("kommune.pem");
        let pem = std::fs::read(file).unwrap();
        let (_, pem) = x509_parser::pem::parse_x509_pem(&pem).unwrap();
        let certificate = pem.parse_x509().unwrap();
        Tidspunkt::from_millis(certificate.validity().not_after.timestamp() * 1000)
    };
    const DAY: i64 = 24 * 3600 * 1000;
    let (clock, set) = clock_at(end.plus_millis(-61 * DAY));
    let app = TestApp::with_clock(clock, |_| {}).await;
    let told = || {
        let caller = app.kommune();
        async move {
            let answer = caller.eksport_v2("GetAllDaginstitutioner", "").send().await;
            answer.tree().first("certifikatUdloeb").is_some()
        }
    };
    assert!(!told().await);
    set(end.plus_millis(-59 * DAY));
    assert!(told().await);
}
