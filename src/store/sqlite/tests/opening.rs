//! The file: reopened, of another kind, changed behind the store's back; and the readers' view of it.

use super::*;

#[test]
fn what_was_written_is_there_after_reopening() {
    let folder = Folder::new();
    let store = folder.open();
    small_register(&store);
    let position = store.read(|view| view.position()).unwrap();
    store.close();
    let store = folder.open();
    assert_eq!(store.read(|view| view.position()).unwrap(), position);
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(folder.db()).unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn history_and_chain_refuse_every_change_whoever_makes_it() {
    let folder = Folder::new();
    let store = folder.open();
    small_register(&store);
    store
        .write_blocking(|tx| {
            tx.audit(&refusal())?;
            tx.save_rights(&[Right::Organisation(&aarhus())], &act())
                .map(Outcome::Keep)
        })
        .unwrap();
    let conn = connection::writable(&folder.db(), std::time::Duration::from_secs(5)).unwrap();
    for sql in [
        "UPDATE aendring SET navn = 'x'",
        "DELETE FROM aendring",
        "INSERT INTO aendring SELECT * FROM aendring WHERE sekvens = 1",
        "INSERT OR REPLACE INTO aendring SELECT * FROM aendring WHERE sekvens = 1",
        "UPDATE revision SET linje = 'x'",
        "DELETE FROM revision",
        "INSERT OR REPLACE INTO revision SELECT * FROM revision",
        "INSERT INTO revision SELECT nr + 2, linje, hash FROM revision ORDER BY nr DESC LIMIT 1",
        "INSERT OR REPLACE INTO kaede SELECT * FROM kaede WHERE sekvens = (SELECT max(sekvens) FROM kaede)",
        "INSERT INTO kaede VALUES (99, zeroblob(32))",
        "UPDATE kaede SET hash = zeroblob(32)",
        "DELETE FROM kaede",
        "UPDATE organisation_historik SET navn = 'x'",
        "DELETE FROM organisation_historik",
        "DELETE FROM post WHERE nummer = 'G30004'",
    ] {
        assert!(conn.execute(sql, []).is_err(), "{sql}");
    }
}

#[test]
fn a_file_of_another_kind_or_time_is_refused_with_a_reason() {
    let folder = Folder::new();
    let refused = |path: &std::path::Path| match SqliteStore::open(path, Options::default()) {
        Err(StoreError::Corrupt(why)) => why,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("opened"),
    };
    let noise = folder.file("noise.db");
    std::fs::write(&noise, vec![b'x'; 8192]).unwrap();
    assert!(refused(&noise).contains("is not a register"));

    let other = folder.file("other.db");
    let conn = rusqlite::Connection::open(&other).unwrap();
    conn.execute_batch("CREATE TABLE t (x)").unwrap();
    assert!(refused(&other).contains("is not a register"));

    folder.open().close();
    let conn = rusqlite::Connection::open(folder.db()).unwrap();
    conn.pragma_update(None, "user_version", 99).unwrap();
    drop(conn);
    let why = refused(&folder.db());
    assert!(why.contains("schema version 99"), "{why}");
}

#[test]
fn readers_see_one_view_and_a_reader_that_panics_harms_nobody() {
    let folder = Folder::new();
    let store = Arc::new(folder.open_with(Options {
        readers: 1,
        ..Options::default()
    }));
    small_register(&store);
    store
        .read(|view| {
            let before = view.position()?;
            store.write_blocking(|tx| insert_next(tx).map(Outcome::Keep))?;
            assert_eq!(view.position()?, before);
            Ok(())
        })
        .unwrap();
    let panicking = Arc::clone(&store);
    let thread =
        std::thread::spawn(move || panicking.read(|_| -> Result<()> { panic!("on purpose") }));
    assert!(thread.join().is_err());
    assert_eq!(last(&store), Sekvens(5));
}

#[test]
fn a_register_of_an_older_program_is_migrated_by_the_server_alone_when_nobody_has_it_open() {
    let folder = Folder::new();
    let running = folder.open();
    small_register(&running);
    let conn = connection::writable(&folder.db(), std::time::Duration::from_secs(5)).unwrap();
    conn.pragma_update(
        None,
        "user_version",
        values::Count(migrate::VERSION as u64 - 1),
    )
    .unwrap();
    drop(conn);
    let refused = |migrate| {
        let options = Options {
            migrate,
            ..Options::default()
        };
        match SqliteStore::open(&folder.db(), options) {
            Err(StoreError::Refused(why)) => why,
            other => panic!("{other:?}"),
        }
    };
    assert!(refused(true).contains("an older dtr still has it open"));
    running.close();
    let why = refused(false);
    assert!(
        why.contains("dtr serve brings it") && why.contains("dtr backup copies it as it is"),
        "{why}"
    );
    let copy = folder.file("kopi.db");
    assert!(!backup_as_it_is(&folder.db(), &copy, &mut |_| {}).unwrap());
    for file in [folder.db(), copy] {
        let conn = connection::readable(&file, std::time::Duration::ZERO).unwrap();
        assert_eq!(migrate::version(&conn).unwrap(), migrate::VERSION - 1);
    }
}
