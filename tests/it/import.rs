//! Writes: the life cycle on three levels, batches, dry runs, versions, numbers, moves, and what is refused.

use dtr::contract::services::EKSPORT_V1;

use crate::support::TestApp;
use crate::support::messages::*;

/// The records of the levels, each under the one before: numbers in order.
async fn tree(app: &TestApp) -> [String; 3] {
    let caller = app.kommune();
    let insert = |operation, record| caller.import_v2(write(operation, &[record])).ok();
    let root = insert("InsertDaginstitution", institution("Æblehaven", 751)).await;
    let root = root.number();
    let unit = insert("InsertAnvisningsEnhed", unit(&root, "Kernehuset")).await;
    let unit = unit.number();
    let address = insert("InsertAlternativAdresse", address(&unit, "Skovgruppen")).await;
    [root, unit, address.number()]
}

#[tokio::test]
async fn the_life_cycle_on_three_levels() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let [root, unit, address] = tree(&app).await;
    assert_eq!([&*root, &*unit, &*address], ["G30001", "G30002", "G30003"]);

    for (operation, record) in [
        (
            "UpdateDaginstitution",
            institution_update(&root, "", &institution_fields("Pærehaven", 751)),
        ),
        (
            "UpdateAnvisningsEnhed",
            unit_update(&unit, "", &unit_fields(&root, "Stenhuset")),
        ),
        (
            "UpdateAlternativAdresse",
            address_update(&address, &address_fields(&unit, "Engen")),
        ),
    ] {
        let answer = caller.import_v2(write(operation, &[record])).ok().await;
        assert_eq!(answer.tree().text_of("version"), "2", "{operation}");
    }
    // Children first; a parent with open children stays open.
    let delete = |operation, level, number: &str| {
        caller.import_v2(write(operation, &[closing(level, number)]))
    };
    let refused = delete("DeleteDaginstitution", "daginstitution", &root);
    assert_eq!(refused.refused().await, ["DTR5006"]);
    let refused = delete("DeleteAnvisningsEnhed", "anvisningsenhed", &unit);
    assert_eq!(refused.refused().await, ["DTR5006"]);
    let closed = delete("DeleteAlternativAdresse", "alternativadresse", &address);
    assert_eq!(closed.ok().await.tree().text_of("version"), "3");
    let closed = delete("DeleteAnvisningsEnhed", "anvisningsenhed", &unit)
        .ok()
        .await;
    assert_eq!(closed.warnings(), ["DTR5103"]);
    delete("DeleteDaginstitution", "daginstitution", &root)
        .ok()
        .await;

    // What is closed stays, and can be neither changed nor closed again.
    let again = delete("DeleteDaginstitution", "daginstitution", &root);
    assert_eq!(again.refused().await, ["DTR5003"]);
    let number = format!("<daginstitutionsNummer>{root}</daginstitutionsNummer>");
    let found = caller.eksport_v2("GetDagtilbudByDagInstitutionsNummer", &number);
    let found = found.result().await;
    assert_eq!(found.texts("aktivitetsstatus"), ["Nedlagt"; 3]);
    assert_eq!(found.texts("version"), ["3"; 3]);
    assert_eq!(found.text_of("sekvens"), "9");
}

#[tokio::test]
async fn a_batch_is_stored_whole_or_not_at_all() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let batch = [
        institution("Den første", 751),
        institution("Den fremmede", 101),
        institution("Den tredje", 751),
    ];
    let insert = caller.import_v2(write("InsertDaginstitution", &batch));
    assert_eq!(insert.refused().await, ["DTR5007"]);
    let all = caller
        .eksport_v2("GetAllDaginstitutioner", "")
        .result()
        .await;
    assert_eq!(all.text_of("sekvens"), "0");
    assert_eq!(all.all("daginstitution").len(), 0);
    let good = [batch[0].clone(), batch[2].clone()];
    let insert = caller
        .import_v2(write("InsertDaginstitution", &good))
        .ok()
        .await;
    assert_eq!(insert.numbers(), ["G30001", "G30002"]);
    assert_eq!(insert.tree().texts("sekvens"), ["2", "1", "2"]);
}

#[tokio::test]
async fn a_batch_holds_500_records_and_not_501() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let batch = |count: usize| -> Vec<_> {
        (0..count)
            .map(|n| institution(&format!("Nummer {n}"), 751))
            .collect()
    };
    let too_many = caller.import_v2(write("InsertDaginstitution", &batch(501)));
    assert_eq!(too_many.refused().await, ["DTR4021"]);
    let most = caller
        .import_v2(write("InsertDaginstitution", &batch(500)))
        .ok()
        .await;
    let numbers: Vec<_> = (30_001..=30_500).map(|n| format!("G{n}")).collect();
    assert_eq!(most.numbers(), numbers);
    assert_eq!(most.tree().text_of("sekvens"), "500");
}

#[tokio::test]
async fn lineage_is_bounded_and_a_flood_of_it_holds_nobody_up() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let fields = institution_fields("Ny", 751);
    let naming = |count: usize| {
        let lineage: String = (0..count)
            .map(|n| format!("<afloeser>G{n:05}</afloeser>"))
            .collect();
        let record = element("daginstitution", "", &format!("{fields}{lineage}"));
        caller.import_v2(write("InsertDaginstitution", &[record]))
    };
    assert_eq!(naming(50).refused().await, vec!["DTR5015"; 50]);
    let codes = naming(51).refused().await;
    assert_eq!(codes.iter().filter(|code| *code == "DTR4021").count(), 1);
    // What is over the bound is refused by the schema and looked up nowhere.
    let flood = naming(90_000);
    let (refused, other) = tokio::join!(flood.refused(), async {
        caller
            .import_v2(write("InsertDaginstitution", &[institution("A", 751)]))
            .ok()
            .await
    });
    assert!(refused.contains(&"DTR4021".to_owned()));
    assert_eq!(other.numbers(), ["G30001"]);
}

#[tokio::test]
async fn coordinates_lose_their_plus_and_their_zeros() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let sent = institution("Med enhed", 751);
    let parent = caller.import_v2(write("InsertDaginstitution", &[sent]));
    let parent = parent.ok().await.number();
    for (latitude, longitude, shown) in [
        ("+056.1500", "010.20", ["56.1500", "10.20"]),
        ("-0.5", "00", ["-0.5", "0"]),
    ] {
        let place = format!(
            "<geoBredde>{latitude}</geoBredde><geoLaengde>{longitude}</geoLaengde></adresse>"
        );
        let record = unit(&parent, "Enhed").replace("</adresse>", &place);
        let unit = caller.import_v2(write("InsertAnvisningsEnhed", &[record]));
        let number = unit.ok().await.number();
        let found = caller
            .eksport_v2(
                "GetAnvisningsEnhederByNummer",
                &format!("<enhedsNummer>{number}</enhedsNummer>"),
            )
            .result()
            .await;
        let exported = [found.text_of("geoBredde"), found.text_of("geoLaengde")];
        assert_eq!(exported, shown);
    }
}

#[tokio::test]
async fn a_dry_run_leaves_nothing() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let record = institution("Måske", 751);
    let answer = caller
        .import_v2(dry_run(
            "InsertDaginstitution",
            std::slice::from_ref(&record),
        ))
        .message_id("urn:uuid:proeve")
        .ok()
        .await;
    let tree = answer.tree();
    assert_eq!(tree.text_of("proeve"), "true");
    assert!(tree.first("institutionsnummer").is_none());
    assert!(tree.first("sekvens").is_none());
    let refused = caller.import_v2(dry_run("InsertDaginstitution", &[institution("x", 9999)]));
    assert_eq!(refused.refused().await, ["DTR5001"]);

    // Neither a number nor a sequence nor the MessageID is used up.
    let real = caller
        .import_v2(write("InsertDaginstitution", &[record]))
        .message_id("urn:uuid:proeve");
    let real = real.ok().await;
    assert_eq!(real.number(), "G30001");
    assert_eq!(real.tree().text_of("sekvens"), "1");
}

#[tokio::test]
async fn the_expected_version_must_be_the_stored_one() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let [root, ..] = tree(&app).await;
    let update = |version: &str| {
        let attribute = format!("forventetVersion=\"{version}\"");
        let fields = institution_fields("Ny", 751);
        let record = institution_update(&root, &attribute, &fields);
        caller.import_v2(write("UpdateDaginstitution", &[record]))
    };
    assert_eq!(update("2").refused().await, ["DTR5009"]);
    update("1").ok().await;
    let answer = update("1").send().await;
    assert_eq!(answer.errors(), ["DTR5009"]);
    let path = "/UpdateDaginstitution/daginstitution[1]/@forventetVersion";
    assert_eq!(answer.tree().text_of("sti"), path);
}

#[tokio::test]
async fn a_closing_and_a_move_expect_a_version_too() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let [root, unit, address] = tree(&app).await;
    let with = |record: String, version: &str| {
        record.replacen(" >", &format!(" forventetVersion=\"{version}\">"), 1)
    };
    let other = write(
        "InsertAnvisningsEnhed",
        &[crate::support::messages::unit(&root, "Nabohuset")],
    );
    let other = caller.import_v2(other).ok().await.number();
    for (operation, record) in [
        (
            "MoveAlternativAdresse",
            moved("alternativadresse", &address, &other),
        ),
        ("DeleteAnvisningsEnhed", closing("anvisningsenhed", &unit)),
    ] {
        let call = |version| caller.import_v2(write(operation, &[with(record.clone(), version)]));
        assert_eq!(call("7").refused().await, ["DTR5009"], "{operation}");
        call("1").ok().await;
    }
}

#[tokio::test]
async fn numbers_follow_each_other_and_are_never_used_again() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let insert = |name: &str, kommune| {
        caller.import_v2(write("InsertDaginstitution", &[institution(name, kommune)]))
    };
    assert_eq!(insert("Et", 751).ok().await.number(), "G30001");
    insert("Fremmed", 101).refused().await;
    assert_eq!(insert("To", 751).ok().await.number(), "G30002");
    let delete = write(
        "DeleteDaginstitution",
        &[closing("daginstitution", "G30002")],
    );
    caller.import_v2(delete).ok().await;
    assert_eq!(insert("Tre", 751).ok().await.number(), "G30003");
    let app = app.restart().await;
    let caller = app.kommune();
    let four = write("InsertDaginstitution", &[institution("Fire", 751)]);
    assert_eq!(caller.import_v2(four).ok().await.number(), "G30004");
}

#[tokio::test]
async fn the_series_of_numbers_ends_with_an_error() {
    let app = TestApp::with(|config| config.nummer.gulv = 99_997).await;
    let caller = app.kommune();
    let insert = |count: usize| {
        let batch: Vec<_> = (0..count).map(|_| institution("Sidst", 751)).collect();
        caller.import_v2(write("InsertDaginstitution", &batch))
    };
    assert_eq!(insert(3).refused().await, ["DTR5016"]);
    assert_eq!(insert(2).ok().await.numbers(), ["G99998", "G99999"]);
    assert_eq!(insert(1).refused().await, ["DTR5016"]);
}

#[tokio::test]
async fn a_v1_update_leaves_what_only_v2_has() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let [root, unit, _] = tree(&app).await;
    let dated = |fields: &str| format!("{fields}<gyldigFra>2026-08-01</gyldigFra>");
    let with_mail = unit_fields(&root, "Kernehuset")
        .replace("<pNummer>", "<email>hus@aarhus.example</email><pNummer>");
    let record = unit_update(&unit, "", &dated(&with_mail));
    caller
        .import_v2(write("UpdateAnvisningsEnhed", &[record]))
        .ok()
        .await;
    let record = unit_update(&unit, "", &unit_fields(&root, "Nyt navn"));
    caller
        .import_v1(write_v1(
            "UpdateAnvisningsEnhed",
            std::slice::from_ref(&record),
        ))
        .ok()
        .await;
    let number = format!("<enhedsNummer>{unit}</enhedsNummer>");
    let read = || {
        caller
            .eksport_v2("GetAnvisningsEnhederByNummer", &number)
            .result()
    };
    let after_v1 = read().await;
    assert_eq!(after_v1.text_of("enhedsNavn"), "Nyt navn");
    assert_eq!(after_v1.text_of("gyldigFra"), "2026-08-01");
    assert!(
        after_v1.first("email").is_none(),
        "an absent field is cleared"
    );
    caller
        .import_v2(write("UpdateAnvisningsEnhed", &[record]))
        .ok()
        .await;
    assert!(read().await.first("gyldigFra").is_none());
    // v1 does not show it either.
    let v1 = caller.eksport(&EKSPORT_V1, "GetAnvisningsEnhederByNummer", &number);
    assert!(v1.result().await.first("gyldigFra").is_none());
}

#[tokio::test]
async fn a_numbers_are_refused_wherever_they_stand() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    for (operation, record) in [
        ("InsertAnvisningsEnhed", unit("A00827", "x")),
        ("DeleteDaginstitution", closing("daginstitution", "A00827")),
        (
            "MoveAnvisningsEnhed",
            moved("anvisningsenhed", "A00827", "A00828"),
        ),
    ] {
        let codes = caller
            .import_v2(write(operation, &[record]))
            .refused()
            .await;
        assert!(
            codes.iter().all(|code| code == "DTR5008"),
            "{operation}: {codes:?}"
        );
        assert!(!codes.is_empty());
    }
}

#[tokio::test]
async fn a_move_keeps_the_number_and_takes_the_addresses_along() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let [root, unit, address] = tree(&app).await;
    let other = write("InsertDaginstitution", &[institution("Nabohaven", 751)]);
    let other = caller.import_v2(other).ok().await.number();
    let to = |target: &str| {
        let record = moved("anvisningsenhed", &unit, target);
        caller.import_v2(write("MoveAnvisningsEnhed", &[record]))
    };
    assert_eq!(to(&root).refused().await, ["DTR5012"]);
    let answer = to(&other).ok().await;
    assert_eq!(answer.number(), unit);
    assert_eq!(
        answer.warnings(),
        ["DTR5103"],
        "the old one has no unit left"
    );
    // One sequence: the address' own fields do not change.
    assert_eq!(answer.tree().text_of("sekvens"), "5");
    let number = format!("<daginstitutionsNummer>{other}</daginstitutionsNummer>");
    let there = caller.eksport_v2("GetDagtilbudByDagInstitutionsNummer", &number);
    let there = there.result().await;
    assert_eq!(there.texts("enhedsNummer"), [&unit, &unit]);
    assert_eq!(there.text_of("alternativAdresseNummer"), address);

    let foreign = write("InsertDaginstitution", &[institution("Anden kommune", 101)]);
    let foreign = app.kommune2().import_v2(foreign).ok().await.number();
    assert_eq!(to(&foreign).refused().await, ["DTR5004"]);
    let record = moved("anvisningsenhed", &unit, &foreign);
    let by_operator = app.operatoer();
    let by_operator = by_operator.import_v2(write("MoveAnvisningsEnhed", &[record]));
    assert_eq!(by_operator.refused().await, ["DTR5011"]);
}

#[tokio::test]
async fn a_change_of_kommune_needs_the_right_in_both() {
    let app = TestApp::start().await;
    let [root, ..] = tree(&app).await;
    let record = institution_update(&root, "", &institution_fields("Æblehaven", 101));
    let update = write("UpdateDaginstitution", &[record]);
    assert_eq!(
        app.kommune().import_v2(&*update).refused().await,
        ["DTR5019"]
    );
    assert_eq!(
        app.kommune2().import_v2(&*update).refused().await,
        ["DTR5002"]
    );
    app.operatoer().import_v2(&*update).ok().await;
    let kommune = "<admKommuneKode>101</admKommuneKode>";
    let moved = app
        .aftager()
        .eksport_v2("GetDagtilbudByAdmKommuneNummer", kommune)
        .result()
        .await;
    assert_eq!(moved.text_of("alternativAdresseNavn"), "Skovgruppen");
}

#[tokio::test]
async fn the_same_record_twice_in_a_batch_is_refused() {
    let app = TestApp::start().await;
    let [root, ..] = tree(&app).await;
    let record = institution_update(&root, "", &institution_fields("Ny", 751));
    let twice = write("UpdateDaginstitution", &[record.clone(), record]);
    assert_eq!(app.kommune().import_v2(twice).refused().await, ["DTR5013"]);
}
