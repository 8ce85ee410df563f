//! Programs beside the server: commands, and others that read the register with whatever SQLite they have. The server keeps
//! its locks, its log stays, and a kill loses nothing that was answered. A server whose files are taken away ends.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;

use super::{open, sound};
use crate::support::messages::*;
use crate::support::process::{Server, dtr, installation};
use crate::support::{Caller, Folder, skipped};

async fn stored(caller: &Caller, name: &str) -> String {
    let body = write("InsertDaginstitution", &[institution(name, 751)]);
    let call = caller.import_v2(body).message_id(&format!("urn:{name}"));
    call.ok().await.number()
}

fn inode(file: &Path) -> Option<u64> {
    std::fs::metadata(file).ok().map(|file| file.ino())
}

/// The inodes that a process holds POSIX locks on; none where the system does not tell.
fn locked(process: u32) -> Option<BTreeSet<u64>> {
    let all = std::fs::read_to_string("/proc/locks").ok()?;
    let process = process.to_string();
    let inode = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        let [_, "POSIX", _, _, owner, file, ..] = words[..] else {
            return None;
        };
        let inode = file.rsplit(':').next()?.parse().ok()?;
        (owner == process).then_some(inode)
    };
    Some(all.lines().filter_map(inode).collect())
}

fn holds_its_locks(server: &Server, home: &Path, after: &str) {
    let Some(locked) = locked(server.id()) else {
        return;
    };
    for name in ["register.db", "register.db-shm"] {
        let inode = inode(&home.join(name)).unwrap();
        assert!(locked.contains(&inode), "no lock on {name} after {after}");
    }
}

/// A `SELECT` by a program with an SQLite of its own; older ones rely on the locks alone.
fn python(database: &Path) -> bool {
    let script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=60); \
                  print(c.execute('SELECT count(*) FROM aendring').fetchone()[0]); c.close()";
    let read = Command::new("python3")
        .args(["-c", script])
        .arg(database)
        .output();
    match read {
        Err(_) => {
            skipped("there is no python3");
            false
        }
        Ok(read) => {
            assert!(read.status.success(), "{read:?}");
            true
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_of_another_kind_and_a_kill_lose_nothing() {
    let folder = Folder::new();
    let home = installation(&folder).await;
    let server = Server::start(&home);
    let caller = server.caller("kommune");
    holds_its_locks(&server, &home, "the start");
    let (database, log) = (home.join("register.db"), home.join("register.db-wal"));
    let mut answered = vec![stored(&caller, "foer").await];
    let before = inode(&log);
    for (n, command) in [
        &["status"][..],
        &["audit", "verify"],
        &["backup", "kopi-1.db"],
        &["org", "list"],
        &["recheck"],
        &["audit", "verify", "kopi-1.db"],
        &["export", "dagtilbud.csv"],
        &["restore", "kopi-1.db"],
        &["backup", "kopi-2.db"],
    ]
    .into_iter()
    .enumerate()
    {
        dtr(&home, command);
        holds_its_locks(&server, &home, &format!("{command:?}"));
        let there = python(&database);
        drop(open(&database));
        answered.push(stored(&caller, &format!("efter-{n}")).await);
        holds_its_locks(&server, &home, "a reader");
        if there {
            assert_eq!(inode(&log), before, "{command:?}");
        }
    }
    server.kill();
    let server = Server::start(&home);
    let caller = server.caller("kommune");
    let all = caller
        .eksport_v2("GetAllDaginstitutioner", "")
        .result()
        .await;
    let there: Vec<_> = all
        .all("daginstitution")
        .iter()
        .map(|each| each.text_of("daginstitutionsNummer").to_owned())
        .collect();
    assert_eq!(there, answered);
    // A number that was told is not told again.
    assert!(!answered.contains(&stored(&caller, "ny").await));
    assert!(server.terminate().success());
    sound(&home);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_log_is_taken_away_ends_and_says_so() {
    let folder = Folder::new();
    let home = installation(&folder).await;
    let server = Server::start(&home);
    let caller = server.caller("kommune");
    for n in 0..3 {
        stored(&caller, &format!("foer-{n}")).await;
    }
    std::fs::remove_file(home.join("register.db-wal")).unwrap();
    let body = write("InsertDaginstitution", &[institution("efter", 751)]);
    // It may be gone before it could refuse.
    if let Ok(answer) = caller.import_v2(body).try_send().await {
        assert_eq!((answer.status(), &*answer.fault_code()), (503, "DTR1006"));
    }
    let ended = server.ended();
    assert_eq!(ended.code(), Some(1));
    let log = std::fs::read_to_string(home.join("log.txt")).unwrap();
    let told = log.lines().last().unwrap();
    assert!(
        told.contains("the server stopped")
            && told.contains("register.db-wal was removed")
            && told.contains("all that was stored is in the register"),
        "{log}"
    );
    let server = Server::start(&home);
    let all = server
        .caller("kommune")
        .eksport_v2("GetAllDaginstitutioner", "")
        .result()
        .await;
    assert_eq!(all.all("daginstitution").len(), 3);
    assert!(server.terminate().success());
    sound(&home);
}
