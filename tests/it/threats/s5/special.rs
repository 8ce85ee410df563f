//! What the matrix does not show: two tenants in one message, in one moment, or behind one number. Each has a server of
//! its own.

use std::time::Duration;

use dtr::register::Omfang;
use dtr::store::{OrgKind, StoreExt};

use crate::support::messages::*;
use crate::support::process::{Server, installation};
use crate::support::tilslutning::*;
use crate::support::{Caller, Folder, TestApp, cpu};
use crate::threats::Outcome;

const VENDOR: &str = "99100028";
const UNKNOWN: &str = "G39999";

/// Runs a case by its name.
pub(super) async fn run(name: &str) -> Outcome {
    let app = TestApp::start().await;
    match name {
        "fremmed-foraelder" => foreign_parent(&app).await,
        "flytning-til-anden-kommune" => moved_elsewhere(&app).await,
        "adresse-under-fremmed-enhed" => foreign_unit(&app).await,
        "gaettet-nummer" => guessed_number(&app).await,
        "en-fremmed-i-batch" => one_foreign_row(&app).await,
        "noegle-paa-tvaers" => one_message_id(&app).await,
        "kaploeb-flyt-og-luk" => race(&app).await,
        "aftale-trukket-tilbage" => withdrawn(&app).await,
        "filter-kan-ikke-udvide" => filters(&app).await,
        "tekst-roeber-intet" => silent_texts(&app).await,
        "tid-roeber-intet" => silent_times().await,
        "p-nummer-skifter-ejer" => p_number_changes_hands(&app).await,
        other => Err(format!("unknown case {other}")),
    }
}

async fn insert(caller: &Caller, operation: &str, record: String) -> String {
    let message = write(operation, &[record]);
    caller.import_v2(message).ok().await.number()
}

async fn tree(caller: &Caller, kommune: u16) -> (String, String) {
    let top = insert(
        caller,
        "InsertDaginstitution",
        institution("Solsikken", kommune),
    )
    .await;
    let unit = insert(caller, "InsertAnvisningsEnhed", unit(&top, "Rød")).await;
    (top, unit)
}

async fn codes(caller: &Caller, operation: &str, records: &[String]) -> Vec<String> {
    caller.import_v2(write(operation, records)).refused().await
}

fn same<T: PartialEq + std::fmt::Debug>(found: T, wanted: T) -> Outcome {
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{found:?}, not {wanted:?}"))
    }
}

fn codes_are(found: &[String], wanted: &[&str]) -> Outcome {
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{found:?}, not {wanted:?}"))
    }
}

async fn foreign_parent(app: &TestApp) -> Outcome {
    let (top, _) = tree(&app.kommune2(), 101).await;
    let found = codes(&app.kommune(), "InsertAnvisningsEnhed", &[unit(&top, "Ny")]).await;
    codes_are(&found, &["DTR5004"])
}

async fn moved_elsewhere(app: &TestApp) -> Outcome {
    let (own, unit) = tree(&app.kommune(), 751).await;
    let (foreign, _) = tree(&app.kommune2(), 101).await;
    let record = moved("anvisningsenhed", &unit, &foreign);
    codes_are(
        &codes(&app.kommune(), "MoveAnvisningsEnhed", &[record]).await,
        &["DTR5004"],
    )?;
    // Nor by giving the whole daginstitution away.
    let record = institution_update(&own, "", &institution_fields("Væk", 101));
    codes_are(
        &codes(&app.kommune(), "UpdateDaginstitution", &[record]).await,
        &["DTR5019"],
    )
}

async fn foreign_unit(app: &TestApp) -> Outcome {
    let (_, unit) = tree(&app.kommune2(), 101).await;
    let found = codes(
        &app.kommune(),
        "InsertAlternativAdresse",
        &[address(&unit, "Ny")],
    )
    .await;
    codes_are(&found, &["DTR5004"])
}

/// The whole answer to a message about this number, with what differs by nature taken out.
async fn told(caller: &Caller, operation: &str, record: String, number: &str) -> String {
    let answer = caller.import_v2(write(operation, &[record])).send().await;
    let tree = answer.tree();
    let text = answer.text();
    format!("{} {text}", answer.status())
        .replace(tree.text_of("korrelationsId"), "ID")
        .replace(tree.text_of("tidspunkt"), "TID")
        .replace(number, "NUMMER")
}

async fn guessed_number(app: &TestApp) -> Outcome {
    let (top, unit) = tree(&app.kommune2(), 101).await;
    let caller = app.kommune();
    let answers = [
        told(
            &caller,
            "DeleteAnvisningsEnhed",
            closing("anvisningsenhed", &unit),
            &unit,
        )
        .await,
        told(
            &caller,
            "DeleteAnvisningsEnhed",
            closing("anvisningsenhed", UNKNOWN),
            UNKNOWN,
        )
        .await,
        told(
            &caller,
            "DeleteAnvisningsEnhed",
            closing("anvisningsenhed", &top),
            &top,
        )
        .await,
    ];
    same(&answers[0], &answers[1])?;
    same(&answers[1], &answers[2])
}

async fn one_foreign_row(app: &TestApp) -> Outcome {
    let caller = app.kommune();
    let (_, own) = tree(&caller, 751).await;
    let (_, foreign) = tree(&app.kommune2(), 101).await;
    let before = app.store().read(|view| view.position()).unwrap();
    let batch = [
        closing("anvisningsenhed", &own),
        closing("anvisningsenhed", &foreign),
    ];
    codes_are(
        &codes(&caller, "DeleteAnvisningsEnhed", &batch).await,
        &["DTR5002"],
    )?;
    same(app.store().read(|view| view.position()).unwrap(), before)
}

async fn one_message_id(app: &TestApp) -> Outcome {
    let send = |caller: Caller, kommune| async move {
        let message = write("InsertDaginstitution", &[institution("Ny", kommune)]);
        let call = caller.import_v2(message).message_id("urn:uuid:fælles");
        call.ok().await.number()
    };
    let first = send(app.kommune(), 751).await;
    let second = send(app.kommune2(), 101).await;
    same(first == second, false)?;
    same(send(app.kommune(), 751).await, first)
}

async fn race(app: &TestApp) -> Outcome {
    let (own, place) = tree(&app.kommune(), 751).await;
    let (other, _) = tree(&app.kommune(), 751).await;
    let (mover, closer) = (app.kommune(), app.kommune());
    let moves = write(
        "MoveAnvisningsEnhed",
        &[moved("anvisningsenhed", &place, &other)],
    );
    let closes = write(
        "DeleteAnvisningsEnhed",
        &[closing("anvisningsenhed", &place)],
    );
    let (moved, closed) = tokio::join!(
        mover.import_v2(moves).send(),
        closer.import_v2(closes).send()
    );
    // Whichever came first, the closing holds, and a move after it is refused.
    same(closed.tree().text_of("status").to_owned(), "OK".to_owned())?;
    if moved.tree().text_of("status") != "OK" {
        codes_are(&moved.errors(), &["DTR5003"])?;
    }
    let message = write("InsertAlternativAdresse", &[address(&place, "Ny")]);
    codes_are(
        &app.kommune().import_v2(message).refused().await,
        &["DTR5005"],
    )?;
    let _ = own;
    dtr::store::sqlite::verify(&app.config.database.fil)
        .map(|_| ())
        .map_err(|error| error.to_string())
}

/// Writes are sent while the agreement is ended: what was answered OK came before, what came after is refused, and the
/// two never mix.
async fn withdrawn(app: &TestApp) -> Outcome {
    let system = app.system("lev-aftale", VENDOR).await;
    let aftale = app.aftale(of_kommune(system, 751, Omfang::Alle)).await;
    let vendor = app.caller("lev-aftale");
    let writes = async {
        let mut answers: Vec<String> = Vec::new();
        // On until some have come after the withdrawal.
        let mut after = 0;
        for n in 0.. {
            after += usize::from(answers.last().is_some_and(|last| last == "AFVIST"));
            if after == 10 {
                break;
            }
            let record = institution(&format!("Nr {n}"), 751);
            let answer = vendor
                .import_v2(write("InsertDaginstitution", &[record]))
                .send()
                .await;
            answers.push(answer.tree().text_of("status").to_owned());
        }
        answers
    };
    let (answers, ()) = tokio::join!(writes, async {
        // Some come before.
        while app.store().read(|view| view.position()).unwrap().sekvens.0 < 3 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        app.end_aftale(aftale).await;
    });
    let from = answers.iter().position(|status| status == "AFVIST");
    let from = from.ok_or("the withdrawal came after all writes")?;
    same(
        answers[from..].iter().all(|status| status == "AFVIST"),
        true,
    )?;
    let last = app.store().read(|view| view.position()).unwrap().sekvens.0;
    same(last, from as u64)
}

/// Exports show everybody the same; what is a caller's own is its agreements, and no parameter widens them.
async fn filters(app: &TestApp) -> Outcome {
    let system = app.system("lev-aftale", VENDOR).await;
    app.aftale(of_kommune(system, 751, Omfang::Alle)).await;
    let (_, unit) = tree(&app.kommune(), 751).await;
    let other = app.caller("leverandoer");
    let answer = other.eksport_v2("HentDataAftaler", "").send().await;
    same(answer.tree().all("aftale").len(), 0)?;
    let widened = "<admKommuneKode>751</admKommuneKode>";
    let answer = other.eksport_v2("HentDataAftaler", widened).send().await;
    same(answer.fault_code(), "DTR4000".to_owned())?;
    same(answer.text().contains(&unit), false)
}

async fn silent_texts(app: &TestApp) -> Outcome {
    let owner = app.kommune2();
    let name = "Hemmeligt Navn";
    let top = insert(&owner, "InsertDaginstitution", institution(name, 101)).await;
    let caller = app.kommune();
    let record = || {
        institution_update(
            &top,
            "forventetVersion=\"9\"",
            &institution_fields("X", 751),
        )
    };
    let text = told(&caller, "UpdateDaginstitution", record(), &top).await;
    for secret in [name, "101", "København", "version 1"] {
        if text.contains(secret) {
            return Err(format!("the answer tells {secret:?}: {text}"));
        }
    }
    Ok(())
}

/// A difference that could tell the two apart over a network would be milliseconds, and more than half of what a call costs. What
/// counts is the server's work, in turns, so that what else the machine does is not in it.
async fn silent_times() -> Outcome {
    const TURNS: u32 = 5;
    const CALLS: u32 = 40;
    let folder = Folder::new();
    let server = Server::start(&installation(&folder).await);
    let (_, foreign) = tree(&server.caller("kommune2"), 101).await;
    let caller = server.caller("kommune");
    let mut costs = [Duration::ZERO; 2];
    for _ in 0..TURNS {
        for (number, cost) in [&*foreign, UNKNOWN].into_iter().zip(&mut costs) {
            let before = cpu::of_process(server.id());
            for _ in 0..CALLS {
                let record = closing("anvisningsenhed", number);
                let message = write("DeleteAnvisningsEnhed", &[record]);
                same(caller.import_v2(message).refused().await.len(), 1)?;
            }
            let after = cpu::of_process(server.id());
            let (Some(before), Some(after)) = (before, after) else {
                // The system does not tell.
                return Ok(());
            };
            *cost += after - before;
        }
    }
    let [foreign, unknown] = costs.map(|cost| cost / (TURNS * CALLS));
    if foreign.abs_diff(unknown) > Duration::from_millis(2).max(unknown / 2) {
        return Err(format!("foreign {foreign:?}, unknown {unknown:?}"));
    }
    Ok(())
}

/// Between a dry run and the write the proof of ownership of a P-number passes to another: the write is judged anew.
async fn p_number_changes_hands(app: &TestApp) -> Outcome {
    for cvr in ["99500030", "99500049"] {
        app.organisation(cvr, OrgKind::PrivatEjer).await;
    }
    let system = app.system("lev-aftale", VENDOR).await;
    let kommune = app.kommune();
    let fields = coded_institution_fields("Privat", 751, 3, 4);
    let top = insert(
        &kommune,
        "InsertDaginstitution",
        element("daginstitution", "", &fields),
    )
    .await;
    let place = insert(&kommune, "InsertAnvisningsEnhed", unit(&top, "Rød")).await;
    let p_number = p_numbers(&["1975100001"]);
    let aftale = app
        .aftale(of_owner(system, "99500030", p_number.clone()))
        .await;
    let owner = app.caller("ejer");
    let record = [unit_update(&place, "", &unit_fields(&top, "Blå"))];
    owner
        .import_v2(dry_run("UpdateAnvisningsEnhed", &record))
        .ok()
        .await;
    app.end_aftale(aftale).await;
    app.aftale(of_owner(system, "99500049", p_number)).await;
    codes_are(
        &codes(&owner, "UpdateAnvisningsEnhed", &record).await,
        &["DTR5002"],
    )?;
    app.caller("ejer2")
        .import_v2(write("UpdateAnvisningsEnhed", &record))
        .ok()
        .await;
    Ok(())
}
