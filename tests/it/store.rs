//! One register and several who use it: a second process that writes, a backup while writing, and the way back.

use dtr::audit::{Entry, Udfald};
use dtr::clock::Clock;
use dtr::register::{Institutionsnummer, Tidspunkt};
use dtr::store::sqlite::{self, Options, RestoredBy, SqliteStore};
use dtr::store::{Outcome, StoreExt};

use crate::support::messages::*;
use crate::support::{Caller, TestApp};

async fn insert(caller: &Caller, name: &str) -> String {
    let insert = write("InsertDaginstitution", &[institution(name, 751)]);
    caller.import_v2(insert).ok().await.number()
}

/// What a command writes beside the server: here an audit line.
fn line(what: &str) -> Entry {
    Entry {
        tidspunkt: Tidspunkt::from_millis(1_772_438_400_000),
        operation: format!("cli/{what}"),
        udfald: Udfald::Gemt,
        cvr: None,
        identitet: "test".to_owned(),
        person: None,
        korrelations_id: uuid::Uuid::nil(),
        message_id: None,
        sagsnummer: None,
        sekvenser: None,
        noter: Vec::new(),
        antal: 1,
    }
}

/// How the register of a server is opened.
fn options(app: &TestApp) -> Options {
    dtr::app::store_options(&app.config, &Clock::System)
}

fn by() -> RestoredBy {
    RestoredBy {
        identitet: "test".to_owned(),
        korrelations_id: uuid::Uuid::nil(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_writes_beside_the_server() {
    let app = TestApp::start().await;
    let before = app.store().read(|view| view.audit_head()).unwrap().number;
    let file = app.config.database.fil.clone();
    let beside = tokio::task::spawn_blocking(move || {
        let store = SqliteStore::open(&file, Options::default()).unwrap();
        for round in 0..40 {
            let number = store.write_blocking(move |tx| {
                tx.audit(&line(&format!("prøve {round}")))?;
                let number = tx.issue_number()?;
                Ok(Outcome::Keep(number))
            });
            number.unwrap();
        }
    });
    let caller = app.kommune();
    let mut numbers = Vec::new();
    for n in 0..40 {
        numbers.push(insert(&caller, &format!("Nummer {n}")).await);
    }
    beside.await.unwrap();
    numbers.dedup();
    assert_eq!(numbers.len(), 40);
    assert!(numbers.is_sorted());
    let verified = sqlite::verify(&app.config.database.fil).unwrap();
    assert_eq!(verified.position.sekvens.0, 40);
    assert_eq!(verified.head.number, before + 80);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_write_get_numbers_and_sequences_without_gaps() {
    const CALLERS: usize = 6;
    const CALLS: usize = 5;
    const BATCH: usize = 4;
    let app = TestApp::start().await;
    let mut calls = tokio::task::JoinSet::new();
    for caller in 0..CALLERS {
        let (certificate, kommune) = [("kommune", 751), ("kommune2", 101)][caller % 2];
        let caller = app.caller(certificate);
        calls.spawn(async move {
            let mut answers = Vec::new();
            for _ in 0..CALLS {
                let batch = vec![institution("På samme tid", kommune); BATCH];
                let insert = caller.import_v2(write("InsertDaginstitution", &batch));
                answers.push(insert.ok().await.tree());
            }
            answers
        });
    }
    let (mut numbers, mut sequences) = (Vec::new(), Vec::new());
    for answer in calls.join_all().await.into_iter().flatten() {
        let results = answer.all("resultat");
        let of = |name: &'static str| results.iter().map(move |r| r.text_of(name).to_owned());
        let own: Vec<u64> = of("sekvens").map(|text| text.parse().unwrap()).collect();
        assert!(own.windows(2).all(|pair| pair[1] == pair[0] + 1), "{own:?}");
        sequences.extend(own);
        numbers.extend(of("institutionsnummer"));
    }
    sequences.sort_unstable();
    numbers.sort_unstable();
    let count = CALLERS * CALLS * BATCH;
    assert_eq!(sequences, (1..=count as u64).collect::<Vec<_>>());
    assert_eq!(
        numbers,
        (1..=count)
            .map(|n| format!("G{}", 30_000 + n))
            .collect::<Vec<_>>()
    );
    let all = format!("<efterSekvens>0</efterSekvens><maksAntal>{count}</maksAntal>");
    let all = app
        .aftager()
        .eksport_v2("GetAendringer", &all)
        .result()
        .await;
    let changes = all.all("aendring");
    let times: Vec<_> = changes.iter().map(|c| c.text_of("tidspunkt")).collect();
    assert!(
        times.is_sorted_by(|before, after| before < after),
        "each change is later than the one before"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_holds_nobody_up_and_sees_one_moment() {
    let app = TestApp::start().await;
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (go, may_go) = std::sync::mpsc::channel::<()>();
    let store = app.store().clone();
    let reading = tokio::task::spawn_blocking(move || {
        store.read(|view| {
            let before = view.position()?;
            let _ = begun.send(());
            let _ = may_go.recv();
            Ok((before, view.position()?))
        })
    });
    has_begun.await.unwrap();
    let caller = app.kommune();
    for n in 0..3 {
        insert(&caller, &format!("Imens {n}")).await;
    }
    go.send(()).unwrap();
    let (before, after) = reading.await.unwrap().unwrap();
    assert_eq!(before, after);
    assert_eq!(before.sekvens.0, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_whole_and_the_way_back_goes_on_above_it() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let id = "urn:uuid:foer-kopien";
    let first = write("InsertDaginstitution", &[institution("Første", 751)]);
    let first = caller.import_v2(first).message_id(id).ok().await;
    let writing = tokio::spawn(async move {
        let mut last = String::new();
        for n in 0..60 {
            last = insert(&caller, &format!("Nummer {n}")).await;
        }
        last
    });
    let (store, copy) = (app.store().clone(), app.folder.join("kopi.db"));
    let to = copy.clone();
    let backup = tokio::task::spawn_blocking(move || {
        store.backup(&to, &mut |_| {})?;
        // A file that is there is never overwritten.
        assert!(store.backup(&to, &mut |_| {}).is_err());
        Ok::<_, dtr::store::StoreError>(())
    });
    backup.await.unwrap().unwrap();
    let last = writing.await.unwrap();
    let copied = sqlite::verify(&copy).unwrap();
    let before = sqlite::verify(&app.config.database.fil).unwrap();
    assert_eq!(before.position.sekvens.0, 61);
    assert!(copied.position.sekvens <= before.position.sekvens);

    // While it is in use nobody restores over it.
    let options = options(&app);
    let file = app.config.database.fil.clone();
    let in_use = sqlite::restore(&copy, &file, &options, None, &by(), &mut |_| {});
    assert!(in_use.is_err());
    let stopped = app.stop().await;
    let restored = sqlite::restore(&copy, &file, &options, None, &by(), &mut |_| {}).unwrap();
    assert_ne!(restored.position.epoke, before.position.epoke);
    assert_eq!(restored.position.sekvens, copied.position.sekvens);

    let app = stopped.start().await;
    let caller = app.kommune();
    let next = insert(&caller, "Efter").await;
    assert!(
        next > last,
        "{next} after {last}: numbers are never used again"
    );
    let again = write("InsertDaginstitution", &[institution("Første", 751)]);
    let again = caller.import_v2(again).message_id(id).ok().await;
    assert_eq!(again.text(), first.text());
    let all = caller.eksport_v2("GetAllDagtilbud", "").result().await;
    assert_eq!(all.text_of("epoke"), restored.position.epoke.to_string());
    sqlite::verify(&file).unwrap();
}

#[tokio::test]
async fn a_lost_mark_must_be_told() {
    let app = TestApp::start().await;
    insert(&app.kommune(), "Første").await;
    let copy = app.folder.join("kopi.db");
    app.store().backup(&copy, &mut |_| {}).unwrap();
    let options = options(&app);
    let stopped = app.stop().await;
    let file = stopped.config.database.fil.clone();
    std::fs::remove_file(file.with_extension("hoejvande")).unwrap();
    // The register in place would tell as well.
    std::fs::remove_file(&file).unwrap();
    let lost = sqlite::restore(&copy, &file, &options, None, &by(), &mut |_| {});
    let error = lost.unwrap_err().to_string();
    assert!(error.contains("--numre-fra"), "{error}");
    let above = Institutionsnummer::parse("G30500").unwrap();
    sqlite::restore(&copy, &file, &options, Some(above), &by(), &mut |_| {}).unwrap();
    let app = stopped.start().await;
    assert_eq!(insert(&app.kommune(), "Efter").await, "G30501");
}

#[tokio::test]
async fn what_is_refused_is_audited_too() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let refused = write("InsertDaginstitution", &[institution("Fremmed", 101)]);
    caller.import_v2(refused).refused().await;
    let dry = dry_run("InsertDaginstitution", &[institution("Prøve", 101)]);
    caller.import_v2(dry).refused().await;
    insert(&caller, "Vores").await;
    let mut lines = Vec::new();
    let read = app.store().read(|view| {
        view.audit_lines(&mut |line| {
            lines.push(line.canonical);
            std::ops::ControlFlow::Continue(())
        })
    });
    read.unwrap();
    let [_, stored, refused] = lines.as_slice() else {
        panic!("{lines:#?}");
    };
    let (stored, refused) = match stored.contains("udfald=gemt") {
        true => (stored, refused),
        false => (refused, stored),
    };
    for expected in [
        "udfald=gemt",
        "cvr=55133018",
        "sekvenser=1-1",
        "import:v2/InsertDaginstitution",
    ] {
        assert!(stored.contains(expected), "{stored}");
    }
    assert!(
        refused.contains("udfald=afvist") && refused.contains("noter=DTR5007"),
        "{refused}"
    );
    assert!(!lines.concat().contains("Vores"), "no field values");
}
