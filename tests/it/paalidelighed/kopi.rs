//! A backup taken while four write is the register as it stood at one moment, and a restore of it is that register.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::JoinSet;

use super::{intact, open, sound};
use crate::support::Folder;
use crate::support::messages::*;
use crate::support::process::{Server, dtr_json, installation};

/// Every row of a query, as SQLite writes values.
fn rows(database: &Path, query: &str) -> Vec<String> {
    let conn = open(database);
    let mut statement = conn.prepare(query).unwrap();
    let columns = statement.column_count();
    let all = statement.query_map([], |row| {
        let cells = (0..columns).map(|at| row.get_ref(at).map(|value| format!("{value:?}")));
        Ok(cells.collect::<Result<Vec<_>, _>>()?.join("|"))
    });
    all.unwrap().collect::<Result<_, _>>().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_writers_restores_equal() {
    let folder = Folder::new();
    let home = installation(&folder).await;
    let server = Server::start(&home);
    let over = Arc::new(AtomicBool::new(false));
    let mut writers = JoinSet::new();
    for writer in 0..4 {
        let (caller, over) = (server.caller("kommune"), Arc::clone(&over));
        writers.spawn(async move {
            for n in 0.. {
                if n >= 10 && over.load(Ordering::Relaxed) {
                    return n;
                }
                let name = format!("kopi-{writer}-{n}");
                let body = write("InsertDaginstitution", &[institution(&name, 751)]);
                caller
                    .import_v2(body)
                    .message_id(&format!("urn:{name}"))
                    .ok()
                    .await;
            }
            0
        });
    }
    let copies: Vec<_> = (0..3)
        .map(|n| {
            let copy = folder.join(&format!("kopi-{n}.db"));
            let (told, good) = dtr_json(&home, &["backup", copy.to_str().unwrap()]);
            assert!(good, "{told}");
            copy
        })
        .collect();
    over.store(true, Ordering::Relaxed);
    let written: usize = writers.join_all().await.into_iter().sum();
    assert!(written >= 40, "{written}");
    assert!(server.terminate().success());
    let whole = sound(&home);
    assert_eq!(whole.position.sekvens.0, written as u64);

    let live = home.join("register.db");
    for copy in &copies {
        let verified = intact(copy);
        println!("copied at {} of {written}", verified.position.sekvens);
        for query in [
            format!(
                "SELECT * FROM aendring WHERE sekvens <= {}",
                verified.position.sekvens
            ),
            format!(
                "SELECT * FROM revision WHERE nr <= {}",
                verified.head.number
            ),
            "SELECT * FROM organisation".to_owned(),
            "SELECT * FROM system".to_owned(),
            "SELECT * FROM aftale".to_owned(),
        ] {
            assert_eq!(rows(copy, &query), rows(&live, &query), "{query}");
        }
    }

    // The way back: history, state and chain are those of the copy; the restore adds its line and its epoke.
    let copy = copies.last().unwrap();
    let (told, good) = dtr_json(&home, &["restore", copy.to_str().unwrap()]);
    assert!(good, "{told}");
    sound(&home);
    for query in [
        "SELECT * FROM aendring ORDER BY sekvens",
        "SELECT * FROM post ORDER BY nummer",
        "SELECT * FROM svar ORDER BY id",
        "SELECT * FROM organisation ORDER BY cvr",
    ] {
        assert_eq!(rows(&live, query), rows(copy, query), "{query}");
    }
    let lines = "SELECT * FROM revision ORDER BY nr";
    assert!(rows(&live, lines).starts_with(&rows(copy, lines)));
}
