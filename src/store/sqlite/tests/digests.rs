//! The chain of digests: for a register of an older program, and when somebody has changed it.

use rusqlite::Connection;

use crate::audit::Hash;
use crate::register::Sekvens;
use crate::store::digests::{BEGINNING, canonical, next};
use crate::store::sqlite::testing::*;
use crate::store::sqlite::{SqliteStore, examine};
use crate::store::{Aendring, Handling, StoreExt as _};

fn at_end(store: &SqliteStore) -> Hash {
    store
        .read(|view| view.digest_at(Sekvens(u64::MAX >> 1)))
        .unwrap()
}

fn chained(changes: &[Aendring]) -> Hash {
    changes
        .iter()
        .fold(BEGINNING, |hash, change| next(&hash, change))
}

#[test]
fn each_change_is_chained_to_the_one_before() {
    let folder = Folder::new();
    let store = folder.open();
    assert_eq!(at_end(&store), BEGINNING);
    let changes = small_register(&store);
    assert_eq!(at_end(&store), chained(&changes));
    let second = store.read(|view| view.digest_at(Sekvens(2))).unwrap();
    assert_eq!(second, chained(&changes[..2]));
    // What is undone leaves no digest.
    let failed = store.write_blocking(|tx| {
        insert_next(tx)?;
        Err::<crate::store::Outcome<()>, _>(crate::store::StoreError::Busy)
    });
    assert!(failed.is_err());
    assert_eq!(at_end(&store), chained(&changes));
    let mut closed = changes[0].record.clone();
    closed.life.afloest_af = vec![number("G30009")];
    let text = canonical(&Aendring {
        handling: Handling::Nedlagt,
        record: closed,
        ..changes[0].clone()
    });
    assert!(text.starts_with("sekvens=1\ntidspunkt="), "{text}");
    assert!(text.ends_with("afloestAf=G30009\n"), "{text}");
}

#[test]
fn an_older_register_gets_its_digests_when_it_is_opened() {
    let folder = Folder::new();
    let store = folder.open();
    let changes = small_register(&store);
    drop(store);
    older(&folder, 4);
    let store = folder.open();
    assert_eq!(at_end(&store), chained(&changes));
    drop(store);
    let (_, examined) = examine(&folder.db(), Default::default()).unwrap();
    assert!(examined.findings.is_empty(), "{:?}", examined.findings);
}

#[test]
fn a_digest_or_a_change_that_was_altered_is_found() {
    for (tampering, from) in [
        ("UPDATE kaede SET hash = zeroblob(32) WHERE sekvens = 2", 2),
        ("DELETE FROM kaede WHERE sekvens = 3", 3),
        ("UPDATE aendring SET navn = 'Andet' WHERE sekvens = 1", 1),
    ] {
        let folder = Folder::new();
        let store = folder.open();
        small_register(&store);
        drop(store);
        let conn = Connection::open(folder.db()).unwrap();
        tamper(&conn, |conn| conn.execute_batch(tampering)).unwrap();
        drop(conn);
        let (_, examined) = examine(&folder.db(), Default::default()).unwrap();
        let told = format!("{:?}", examined.findings);
        let wanted = format!("does not fit the changes from change {from}");
        assert!(told.contains(&wanted), "{tampering}: {told}");
    }
}
