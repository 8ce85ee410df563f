//! The mirrors of CVR and DAR from the operator's side: loaded beside a running server, and asked by the monthly run.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::messages::*;
use crate::support::process::{self, Server, dtr_json, installation, pairs};
use crate::support::{Caller, Folder};

/// How long a running server may take to see a mirror.
const SEEN: Duration = crate::support::FOR_EVER;

fn load(at: &Path, mirror: &str) {
    let extract = format!(
        "{}/fixtures/spejle/{mirror}.csv",
        env!("CARGO_MANIFEST_DIR")
    );
    let (loaded, well) = dtr_json(at, &["mirror", "load", mirror, &extract]);
    assert!(well && loaded["afvist"] == 0, "{loaded}");
}

fn unit_at(parent: &str, name: &str, place: &str, more: &str) -> String {
    let fields = format!(
        "<daginstitutionsNummer>{parent}</daginstitutionsNummer><enhedsNavn>{name}</enhedsNavn><adresse>{place}\
         <postNummer>8270</postNummer></adresse>{more}"
    );
    element("anvisningsenhed", "", &fields)
}

fn place(road: &str, house: &str) -> String {
    format!("<vejNavn>{road}</vejNavn><husNummer>{house}</husNummer>")
}

fn of(inst_type: i32, p_number: &str) -> String {
    format!("<instType3>{inst_type}</instType3><pNummer>{p_number}</pNummer>")
}

/// Code and record of each open finding of the run that a command made.
fn findings(at: &Path) -> (BTreeSet<(String, String)>, Value) {
    let (told, _) = dtr_json(at, &["recheck"]);
    (process::told(&told["fund"]), told["kontrol"].clone())
}

async fn until(caller: &Caller, message: &str, code: &str) {
    let end = Instant::now() + SEEN;
    loop {
        let answer = caller.import_v2(message.to_owned()).send().await;
        if answer.errors().iter().any(|each| each == code) {
            return;
        }
        assert!(Instant::now() < end, "no {code}: {}", answer.text());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn a_monthly_run_asks_the_mirrors_that_are_there() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let server = Server::start(&at);
    let kommune = server.caller("kommune");
    // Everything is taken as it is sent while there are no mirrors.
    let top = element(
        "daginstitution",
        "",
        &coded_institution_fields("Dagplejen i Aarhus", 751, 1, 5),
    );
    kommune
        .import_v2(write("InsertDaginstitution", &[top]))
        .ok()
        .await;
    let tops = write("InsertDaginstitution", &[institution("Syrenhuset", 751)]);
    kommune.import_v2(tops).ok().await;
    let lilac = place("Syrenstien", "3");
    let other_cvr = "<instType3>6012</instType3><cvrNummer>64942212</cvrNummer>\
                     <pNummer>1975100951</pNummer>";
    let units = [
        unit_at("G30001", "Fremmed", &lilac, &of(6013, "1975100953")),
        unit_at("G30002", "Ukendt", &lilac, &of(6012, "1975100999")),
        unit_at("G30002", "Lukket", &lilac, &of(6012, "1975100952")),
        unit_at("G30002", "Forkert", &lilac, other_cvr),
        unit_at(
            "G30002",
            "Ingen vej",
            &place("Vildvej", "1"),
            &of(6012, "1975100001"),
        ),
        unit_at(
            "G30002",
            "Nedlagt vej",
            &place("Syrenstien", "5"),
            &of(6012, "1975100002"),
        ),
    ];
    let units = write("InsertAnvisningsEnhed", &units);
    let units = kommune.import_v2(units).ok().await.numbers();
    assert_eq!(units.last().unwrap(), "G30008");
    let addresses = [
        address("G30004", "Uden vej").replace("4b", "44"),
        address("G30004", "På en vej"),
    ];
    let addresses = write("InsertAlternativAdresse", &addresses);
    kommune.import_v2(addresses).ok().await;
    assert!(findings(&at).0.is_empty(), "nothing is known");

    load(&at, "cvr");
    let of_cvr = [
        ("DTR5211", "G30003"),
        ("DTR5206", "G30004"),
        ("DTR5207", "G30005"),
        ("DTR5208", "G30006"),
    ];
    assert_eq!(findings(&at).0, pairs(&of_cvr));
    load(&at, "dar");
    let of_dar = [
        ("DTR5209", "G30007"),
        ("DTR5210", "G30008"),
        ("DTR5209", "G30009"),
    ];
    let all = pairs(&[&of_cvr[..], &of_dar[..]].concat());
    let (found, run) = findings(&at);
    assert_eq!(
        (found, &run["nye"], &run["loeste"]),
        (all.clone(), &3.into(), &0.into())
    );

    // The server that runs has them too.
    let unknown = unit_at("G30002", "Ny", &lilac, &of(6012, "1975100999"));
    until(
        &kommune,
        &dry_run("InsertAnvisningsEnhed", &[unknown]),
        "DTR5041",
    )
    .await;
    let nowhere = unit_at(
        "G30002",
        "Ny",
        &place("Vildvej", "1"),
        &of(6012, "1975100951"),
    );
    until(
        &kommune,
        &dry_run("InsertAnvisningsEnhed", &[nowhere]),
        "DTR5044",
    )
    .await;

    // What stands is not made kommunal with another's P-number either.
    let fields = coded_institution_fields("Dagplejen i Aarhus", 751, 1, 5);
    let update = institution_update("G30001", "", &fields);
    until(
        &kommune,
        &dry_run("UpdateDaginstitution", &[update]),
        "DTR5047",
    )
    .await;

    // Without a mirror nothing of it is found or resolved; with it, what is mended is.
    std::fs::remove_file(at.join("cvr.db")).unwrap();
    let (found, run) = findings(&at);
    assert_eq!((found, &run["loeste"]), (all.clone(), &0.into()));
    load(&at, "cvr");
    let closed = write(
        "DeleteAnvisningsEnhed",
        &[closing("anvisningsenhed", "G30005")],
    );
    kommune.import_v2(closed).ok().await;
    let (found, run) = findings(&at);
    let mut left = all;
    left.remove(&("DTR5207".to_owned(), "G30005".to_owned()));
    assert_eq!((found, &run["loeste"]), (left, &1.into()));
}
