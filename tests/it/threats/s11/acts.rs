//! Cases of S11 that take more than tampering with a copy.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use dtr::audit::{Entry, GENESIS, Header, Line, Udfald, Writer, chain};
use dtr::clock::Clock;
use dtr::register::{Sekvens, Tidspunkt};
use dtr::store::StoreExt;
use rusqlite::Connection;
use serde_json::Value;

use super::register::Base;
use super::{expected, number, tables, texts, verified, well, word};
use crate::support::messages::{institution, write};
use crate::support::process::{Server, audit_lines, dtr, dtr_json, installation};
use crate::support::{Folder, TestApp};
use crate::threats::{Case, Outcome};

/// The database itself refuses to change or remove a line, whoever asks.
pub(super) fn triggers(base: &Base, case: &Case) -> Outcome {
    let folder = base.copy();
    let database = Connection::open(folder.join("register.db")).unwrap();
    for attempt in tables(case, "forsoeg") {
        let (table, act) = (word(attempt, "tabel"), word(attempt, "handling"));
        let sql = match (table, act) {
            (_, "ret") => format!("UPDATE {table} SET hash = zeroblob(32)"),
            (_, "slet") => format!("DELETE FROM {table}"),
            ("revision", "spring") => {
                "INSERT INTO revision VALUES (99, 'x', zeroblob(32))".to_owned()
            }
            ("revision_hoved", "tilbage") => {
                "INSERT INTO revision_hoved SELECT '1999-01-01', nr, hash, \
                tidspunkt, epoke, sekvens FROM revision_hoved"
                    .to_owned()
            }
            ("revision_hoved", "fremmed") => {
                "INSERT INTO revision_hoved SELECT '2999-01-01', nr, zeroblob(32), \
                tidspunkt, epoke, sekvens FROM revision_hoved"
                    .to_owned()
            }
            other => return Err(format!("no such attempt: {other:?}")),
        };
        match database.execute(&sql, []) {
            Ok(_) => return Err(format!("{table} lets {act} be done")),
            Err(error) if error.to_string().contains(word(attempt, "fejl")) => {}
            Err(error) => return Err(format!("{table}, {act}: {error}")),
        }
    }
    drop(database);
    verified(&folder, case, &[])
}

/// An earlier copy of the register in its place: put there as a file, or by `dtr restore`; then life goes on.
pub(super) fn old_copy(base: &Base, case: &Case) -> Outcome {
    let folder = base.copy();
    if case.text("med") == "restore" {
        well(&folder.join(""), &["restore", "gammel.db"]);
    } else {
        std::fs::copy(folder.join("gammel.db"), folder.join("register.db")).unwrap();
    }
    for n in 0..number(&case.told, "skriv") {
        let cvr = format!("9940050{n}");
        let add = [
            "org", "add", "--cvr", &cvr, "--navn", "Ny", "--art", "aftager",
        ];
        well(&folder.join(""), &add);
    }
    verified(&folder, case, &[])
}

/// "Rotating" is exporting and keeping the head: the next export begins with the same lines and continues that head.
pub(super) fn rotation(base: &Base, case: &Case) -> Outcome {
    let folder = base.copy();
    let at = folder.join("");
    let first = well(&at, &["audit", "export", "foerste.txt"]);
    let add = [
        "org", "add", "--cvr", "99400507", "--navn", "Ny", "--art", "aftager",
    ];
    well(&at, &add);
    well(&at, &["audit", "export", "anden.txt"]);
    let lines = |file: &str| {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        let (_, lines) = text.split_once("\n\n").unwrap();
        lines.split_once("slut ").unwrap().0.to_owned()
    };
    let (before, after) = (lines("foerste.txt"), lines("anden.txt"));
    if before.len() >= after.len() || !after.starts_with(&before) {
        return Err("the second export does not begin with the lines of the first".into());
    }
    let chain_head = &first["hoved"];
    let head = format!(
        "{}:{}",
        chain_head["nr"],
        chain_head["hash"].as_str().unwrap()
    );
    for more in [&[][..], &["--fil", "anden.txt"], &["--fil", "foerste.txt"]] {
        verified(&folder, case, &[more, &["--hoved", &head]].concat())?;
    }
    let again = dtr(&at, &["audit", "export", "anden.txt"]);
    match again.status.code() {
        Some(1) => Ok(()),
        other => Err(format!("an export was written over: {other:?}")),
    }
}

/// A long chain is followed line by line.
pub(super) fn many(case: &Case) -> Outcome {
    let folder = Folder::new();
    let header = Header {
        epoke: uuid::Uuid::nil().to_string(),
        sekvens: Sekvens(0),
        eksporteret: Tidspunkt::from_millis(0),
    };
    let file = std::fs::File::create(folder.join("spor.txt")).unwrap();
    let mut writer = Writer::new(std::io::BufWriter::new(file), &header).unwrap();
    let mut hash = GENESIS;
    for line in 1..=number(&case.told, "linjer") {
        let canonical = entry(line).canonical(line);
        hash = chain(&hash, &canonical);
        let line = Line {
            number: line,
            canonical,
            hash,
        };
        writer.line(&line).unwrap();
    }
    writer.finish().unwrap();
    verified(&folder, case, &["--fil", "spor.txt"])
}

fn entry(number: u64) -> Entry {
    Entry {
        tidspunkt: Tidspunkt::from_millis(number as i64),
        operation: "import:v2/InsertDaginstitution".into(),
        udfald: Udfald::Afvist,
        cvr: None,
        identitet: "UI:DK-O:G:11111111-2222-3333-4444-555555555555".into(),
        person: None,
        korrelations_id: uuid::Uuid::from_u128(number.into()),
        message_id: None,
        sagsnummer: None,
        sekvenser: None,
        noter: vec!["DTR5001".into()],
        antal: 1,
    }
}

fn listed(folder: &Folder) -> Vec<Value> {
    audit_lines(&folder.join(""), &[])
}

/// What was refused stands in the chain, with its reason.
pub(super) fn refusals(base: &Base, case: &Case) -> Outcome {
    let lines = listed(&base.copy());
    for wanted in tables(case, "linjer") {
        let place = usize::try_from(number(wanted, "nr")).unwrap() - 1;
        for (key, value) in wanted {
            let found = lines[place][key].as_str().unwrap_or_default();
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            if found != value {
                return Err(format!("line {}: {key} is {found}, not {value}", place + 1));
            }
        }
    }
    Ok(())
}

/// Lines have the contract's fields alone, and nothing of what messages and certificates say else.
pub(super) fn personal_data(base: &Base, case: &Case) -> Outcome {
    let folder = base.copy();
    let fields: BTreeSet<_> = texts(case, "felter").into_iter().collect();
    for line in listed(&folder) {
        let line = line.as_object().unwrap();
        if let Some(other) = line.keys().find(|field| !fields.contains(field.as_str())) {
            return Err(format!("a line has a field {other}"));
        }
    }
    let export = std::fs::read_to_string(folder.join("spor.txt")).unwrap();
    match texts(case, "aldrig")
        .into_iter()
        .find(|text| export.contains(text))
    {
        None => Ok(()),
        Some(text) => Err(format!("the chain holds {text}")),
    }
}

/// A clock set back: lines keep their order, and their time does not go back.
pub(super) async fn clock(case: &Case) -> Outcome {
    let hands = Arc::new(AtomicI64::new(1_795_000_000_000));
    let app = TestApp::with_clock(Clock::Fixed(Arc::clone(&hands)), |_| {}).await;
    let times: Vec<i64> = case.told["ryk_ms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|by| by.as_integer().unwrap())
        .collect();
    for (n, by) in times.iter().enumerate() {
        hands.fetch_add(*by, Ordering::Relaxed);
        let refused = write("InsertDaginstitution", &[institution("Fremmed", 101)]);
        app.kommune().import_v2(refused).refused().await;
        let insert = write(
            "InsertDaginstitution",
            &[institution(&format!("Hus {n}"), 751)],
        );
        app.kommune().import_v2(insert).ok().await;
    }
    let stopped = app.stop().await;
    let config = stopped.config.annotated();
    std::fs::write(stopped.folder.join("dtr.toml"), config).unwrap();
    let lines = listed(&stopped.folder);
    let at: Vec<_> = lines
        .iter()
        .map(|line| line["tidspunkt"].as_str().unwrap())
        .collect();
    // That of the organisations, the first refusal, and one for those that are equal to it.
    if lines.len() != 1 + times.len() + 2 || !at.is_sorted() {
        return Err(format!("{at:#?}"));
    }
    verified(&stopped.folder, case, &[])
}

/// A server that is killed under writes leaves no change without its line, and no line without its change.
pub(super) async fn crash(case: &Case) -> Outcome {
    let folder = Folder::new();
    let at = installation(&folder).await;
    for round in 0..number(&case.told, "runder") {
        let server = Arc::new(Server::start(&at));
        let mut clients = tokio::task::JoinSet::new();
        for client in 0..4 {
            let server = Arc::clone(&server);
            clients.spawn(async move {
                let caller = server.caller("kommune");
                for n in 0..50 {
                    let names = ["a", "b"]
                        .map(|part| institution(&format!("{round} {client} {n} {part}"), 751));
                    let insert = caller.import_v2(write("InsertDaginstitution", &names));
                    if insert.try_send().await.is_err() {
                        break;
                    }
                }
            });
        }
        tokio::time::sleep(Duration::from_millis(100 + 150 * round)).await;
        clients.abort_all();
        while clients.join_next().await.is_some() {}
        Arc::into_inner(server).unwrap().kill();
        let (told, well) = dtr_json(&at, &["audit", "verify"]);
        expected(case, &told, well)?;
    }
    Ok(())
}

/// The first head of each day is kept and shown, by a server that runs; a day comes once, and no day comes again.
pub(super) async fn daily(case: &Case) -> Outcome {
    let steps = tables(case, "trin");
    // The register has a line from the start: the day of that is the first.
    let first = Tidspunkt::parse(word(steps[0], "kl")).unwrap();
    let hands = Arc::new(AtomicI64::new(first.millis()));
    let mut app = TestApp::with_clock(Clock::Fixed(Arc::clone(&hands)), |_| {}).await;
    for step in steps {
        let at = Tidspunkt::parse(word(step, "kl")).unwrap();
        hands.store(at.millis(), Ordering::Relaxed);
        let insert = write(
            "InsertDaginstitution",
            &[institution(word(step, "kl"), 751)],
        );
        app.kommune().import_v2(insert).ok().await;
        // A server looks when it starts, and every few seconds.
        app = app.restart().await;
        let wanted: Vec<_> = step["dage"]
            .as_array()
            .unwrap()
            .iter()
            .map(|day| day.as_str().unwrap())
            .collect();
        let mut shown = Vec::new();
        for _ in 0..12000 {
            shown = days(&app).await;
            if shown == wanted {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        if shown != wanted {
            return Err(format!("after {at}: {shown:?}, not {wanted:?}"));
        }
    }
    let lines = app.store().read(|view| view.audit_head()).unwrap().number;
    let chain_head = chain_head(&app).await;
    if chain_head["nr"] != lines || chain_head["tidligere"][0]["nr"].as_u64() >= Some(lines) {
        return Err(format!("{chain_head:#}"));
    }
    Ok(())
}

async fn chain_head(app: &TestApp) -> Value {
    let got = app
        .anyone()
        .get(&app.public("/revision/hoved.json"), &[])
        .await
        .unwrap();
    serde_json::from_slice(&got.body).unwrap()
}

async fn days(app: &TestApp) -> Vec<String> {
    let chain_head = chain_head(app).await;
    let earlier = chain_head["tidligere"].as_array().unwrap().iter();
    earlier
        .map(|day| day["dato"].as_str().unwrap().to_owned())
        .collect()
}
