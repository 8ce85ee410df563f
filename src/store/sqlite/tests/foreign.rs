//! Other programs at the register's files while a store has it open: its locks, readers of another process, files that are
//! taken away.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;

use super::*;
use crate::store::sqlite::filer;

/// Names the register to the test that plays another program.
const OTHER: &str = "DTR_TEST_FREMMED";

/// In a process of its own: another program that reads the register once and ends as programs do.
#[test]
fn another_program() {
    if let Some(file) = std::env::var_os(OTHER) {
        let conn = rusqlite::Connection::open(file).unwrap();
        conn.busy_timeout(std::time::Duration::from_secs(60))
            .unwrap();
        let count = "SELECT count(*) FROM aendring";
        let _: u64 = conn
            .query_row(count, [], |row| row.get::<_, values::Count>(0))
            .unwrap()
            .0;
    }
}

/// Lets another program read the register.
fn read_by_another(database: &Path) {
    let name = concat!(module_path!(), "::another_program");
    let name = name.split_once("::").unwrap().1;
    let read = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name])
        .env(OTHER, database)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(read.success());
}

/// The inodes of files that this process holds POSIX locks on; none where the system does not tell.
fn locked() -> Option<BTreeSet<u64>> {
    let all = std::fs::read_to_string("/proc/locks").ok()?;
    let own = std::process::id().to_string();
    let inode = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        let [_, "POSIX", _, _, pid, file, ..] = words[..] else {
            return None;
        };
        let inode = file.rsplit(':').next()?.parse().ok()?;
        (pid == own).then_some(inode)
    };
    Some(all.lines().filter_map(inode).collect())
}

/// Looks more than once: the system tells of locks piece by piece, and leaves some out where others come and go meanwhile. A
/// lock that is lost does not come back.
fn holds_its_locks(folder: &Folder, after: &str) {
    for side in ["", filer::INDEX] {
        let (_, inode) = filer::identity(&filer::with_side(&folder.db(), side)).unwrap();
        let is_held = || locked().is_none_or(|locked| locked.contains(&inode));
        let held = (0..100).any(|_| {
            is_held() || {
                std::thread::sleep(std::time::Duration::from_millis(5));
                false
            }
        });
        assert!(held, "no lock on register.db{side} after {after}");
    }
}

fn insert(store: &SqliteStore) {
    store
        .write_blocking(|tx| insert_next(tx).map(Outcome::Keep))
        .unwrap();
}

#[test]
fn the_locks_are_held_whatever_is_done() {
    let folder = Folder::new();
    let store = folder.open();
    holds_its_locks(&folder, "the start");
    small_register(&store);
    holds_its_locks(&folder, "a write");
    store.backup(&folder.file("kopi.db"), &mut |_| {}).unwrap();
    holds_its_locks(&folder, "a backup");
    verify(&folder.db()).unwrap();
    holds_its_locks(&folder, "a verification");
    folder.open().close();
    holds_its_locks(&folder, "a second store opened and closed");
    let busy = std::time::Duration::from_secs(5);
    for mode in ["PASSIVE", "FULL", "TRUNCATE"] {
        let conn = connection::writable(&folder.db(), busy).unwrap();
        let sql = format!("PRAGMA wal_checkpoint({mode})");
        conn.query_row(&sql, [], |_| Ok(())).unwrap();
        drop(conn);
        holds_its_locks(&folder, mode);
    }
    let by = RestoredBy {
        identitet: "drift".into(),
        korrelations_id: uuid::Uuid::nil(),
    };
    let (from, options) = (folder.file("kopi.db"), Options::default());
    let refused = restore(&from, &folder.db(), &options, None, &by, &mut |_| {});
    assert!(refused.is_err());
    holds_its_locks(&folder, "a restore that was refused");
    store.check().unwrap().blocking_recv().unwrap().unwrap();
    last(&store);
    holds_its_locks(&folder, "reading");
    assert!(filer::make(&folder.db()).is_ok());
    holds_its_locks(&folder, "making a file that is there");
}

/// What would be there after a crash now.
fn after_a_crash(folder: &Folder) -> u64 {
    let left = Folder::new();
    for name in ["register.db", "register.db-wal"] {
        // By another process: one that opened the files here would give up the locks.
        let done = Command::new("cp")
            .args([folder.file(name), left.file(name)])
            .status();
        assert!(done.unwrap().success());
    }
    last(&left.open()).0
}

#[test]
fn another_program_that_reads_leaves_the_log() {
    let folder = Folder::new();
    let store = folder.open();
    small_register(&store);
    let log = filer::with_side(&folder.db(), filer::LOG);
    let before = filer::identity(&log).unwrap();
    for round in 0..3 {
        insert(&store);
        read_by_another(&folder.db());
        assert_eq!(filer::identity(&log).ok(), Some(before), "round {round}");
        insert(&store);
        assert_eq!(after_a_crash(&folder), last(&store).0);
        store
            .backup(&folder.file(&format!("kopi-{round}.db")), &mut |_| {})
            .unwrap();
    }
}

#[test]
fn others_read_while_it_is_written_copied_and_moved() {
    let folder = Folder::new();
    let store = folder.open();
    small_register(&store);
    let log = filer::with_side(&folder.db(), filer::LOG);
    let before = filer::identity(&log).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                insert(&store);
            }
        });
        scope.spawn(|| {
            for n in 0.. {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                let copy = folder.file(&format!("kopi-{n}.db"));
                store.backup(&copy, &mut |_| {}).unwrap();
                std::fs::remove_file(copy).unwrap();
                let conn = connection::writable(&folder.db(), std::time::Duration::from_secs(5));
                let sql = "PRAGMA wal_checkpoint(PASSIVE)";
                conn.unwrap().query_row(sql, [], |_| Ok(())).unwrap();
            }
        });
        for _ in 0..8 {
            read_by_another(&folder.db());
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(filer::identity(&log).ok(), Some(before));
    assert_eq!(after_a_crash(&folder), last(&store).0);
    drop(store);
    verify(&folder.db()).unwrap();
}

/// Waits until the store has noticed.
fn why_it_ended(store: &SqliteStore) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut gone = store.gone();
    let told = runtime.block_on(async { gone.wait_for(Option::is_some).await.unwrap().clone() });
    told.unwrap()
}

#[test]
fn a_log_that_is_taken_away_ends_the_store_and_loses_nothing() {
    for side in [filer::LOG, filer::INDEX] {
        let folder = Folder::new();
        let store = folder.open();
        small_register(&store);
        (0..5).for_each(|_| insert(&store));
        std::fs::remove_file(filer::with_side(&folder.db(), side)).unwrap();
        // Whether it is the next write or the next look that notices.
        let refused = store.write_blocking(|tx| insert_next(tx).map(Outcome::Keep));
        assert!(
            matches!(refused, Err(StoreError::Gone(_) | StoreError::Closed)),
            "{refused:?}"
        );
        let why = why_it_ended(&store);
        assert!(
            why.contains("removed") && why.contains("all that was stored"),
            "{why}"
        );
        assert!(store.check().is_err());
        drop(store);
        assert_eq!(last(&folder.open()), Sekvens(9), "{side}");
        verify(&folder.db()).unwrap();
    }
}

#[test]
fn a_register_that_is_replaced_is_not_written_to() {
    let (folder, other) = (Folder::new(), Folder::new());
    let store = folder.open();
    small_register(&store);
    other.open().close();
    std::fs::rename(other.db(), folder.db()).unwrap();
    let refused = store.write_blocking(|tx| insert_next(tx).map(Outcome::Keep));
    assert!(
        matches!(refused, Err(StoreError::Gone(_) | StoreError::Closed)),
        "{refused:?}"
    );
    assert!(why_it_ended(&store).contains("may be lost"));
    std::mem::forget(store);
}

#[test]
fn a_register_that_a_newer_program_has_migrated_is_not_written_to() {
    let folder = Folder::new();
    let store = folder.open();
    small_register(&store);
    let other = connection::writable(&folder.db(), std::time::Duration::from_secs(5)).unwrap();
    other.pragma_update(None, "user_version", 99).unwrap();
    let refused = store.write_blocking(|tx| insert_next(tx).map(Outcome::Keep));
    assert!(
        matches!(refused, Err(StoreError::Gone(_) | StoreError::Closed)),
        "{refused:?}"
    );
    assert!(why_it_ended(&store).contains("newer program"));
}

/// What opens or copies files by other ways than SQLite's stands in `filer`, or opens files that are no database.
#[test]
fn no_other_module_opens_the_database_beside_sqlite() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/sqlite");
    // Lock files, small files of the store's own, the list of mounts, the extracts that mirrors are loaded from.
    let own = [
        "drev.rs", "filer.rs", "lock.rs", "disk.rs", "beats.rs", "place.rs", "load.rs",
    ];
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "tests" {
                folders.push(path);
            } else if name.ends_with(".rs") && !name.contains("test") && !own.contains(&&*name) {
                let text = std::fs::read_to_string(&path).unwrap();
                for opens in [
                    "File::open",
                    "File::create",
                    "OpenOptions",
                    "fs::read(",
                    "fs::copy",
                ] {
                    assert!(!text.contains(opens), "{}: {opens}", path.display());
                }
            }
        }
    }
}
