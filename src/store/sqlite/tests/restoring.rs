//! Backups, the way back, and what the check of a whole register finds.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::*;
use crate::register::Institutionsnummer;

fn by() -> RestoredBy {
    RestoredBy {
        identitet: "drift".into(),
        korrelations_id: uuid::Uuid::from_u128(3),
    }
}

fn back(folder: &Folder, from: &Path, numre_fra: Option<Institutionsnummer>) -> Result<Restored> {
    restore(
        from,
        &folder.db(),
        &Options::default(),
        numre_fra,
        &by(),
        &mut |_| {},
    )
}

fn refused(folder: &Folder, from: &Path) -> String {
    back(folder, from, None).unwrap_err().to_string()
}

fn insert(store: &SqliteStore) -> Aendring {
    store
        .write_blocking(|tx| insert_next(tx).map(Outcome::Keep))
        .unwrap()
}

#[test]
fn a_backup_made_while_writing_restores_to_one_moment_of_the_register() {
    let folder = Folder::new();
    let store = folder.open();
    (0..200).for_each(|_| drop(insert(&store)));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                insert(&store);
            }
        });
        let mut told = Vec::new();
        store
            .backup(&folder.file("copy.db"), &mut |progress| told.push(progress))
            .unwrap();
        done.store(true, Ordering::Relaxed);
        assert!(
            told.last()
                .is_some_and(|end| end.done == end.total && end.total > 0)
        );
    });
    let again = store.backup(&folder.file("copy.db"), &mut |_| {});
    assert!(again.unwrap_err().to_string().contains("exists already"));
    let nowhere = store.backup(&folder.file("ingen/copy.db"), &mut |_| {});
    assert!(nowhere.unwrap_err().to_string().contains("make it first"));
    let copied = verify(&folder.file("copy.db")).unwrap();
    let at_copy = Moment::Sekvens(copied.position.sekvens);
    let (expected, newest) = (register_at(&store, at_copy), insert(&store).record.nummer);
    let epoke = store.read(|view| view.position()).unwrap().epoke;
    store.close();

    let restored = back(&folder, &folder.file("copy.db"), None).unwrap();
    let store = folder.open();
    let position = store.read(|view| view.position()).unwrap();
    assert_eq!(position, restored.position);
    assert_eq!(position.sekvens, copied.position.sekvens);
    assert_ne!(position.epoke, epoke);
    assert_eq!(register_at(&store, at_copy), expected);
    assert!(insert(&store).record.nummer > newest);
    let verified = verify(&folder.db()).unwrap();
    // The restore's own line, and the insert's.
    assert_eq!(verified.head.number, copied.head.number + 2);
    let kept = verify(&restored.kept.unwrap()).unwrap();
    assert_eq!(
        (
            kept.position.epoke,
            kept.position.sekvens > copied.position.sekvens
        ),
        (epoke, true)
    );
}

#[test]
fn numbers_issued_after_the_backup_are_never_issued_again() {
    let folder = Folder::new();
    let store = folder.open();
    insert(&store);
    store.backup(&folder.file("copy.db"), &mut |_| {}).unwrap();
    let newest = (0..5).map(|_| insert(&store).record.nummer).max().unwrap();
    assert!(refused(&folder, &folder.file("copy.db")).contains("in use"));
    store.close();
    for _ in 0..3 {
        let restored = back(&folder, &folder.file("copy.db"), None).unwrap();
        assert!(restored.numre_fra >= newest);
        let next = insert(&folder.open()).record.nummer;
        assert!(next > restored.numre_fra);
    }

    let mark = folder.file("register.hoejvande");
    let known = std::fs::read_to_string(&mark).unwrap();
    // Without the mark the register in place tells what it has issued, whatever lower number is given.
    let issued = insert(&folder.open()).record.nummer;
    for (given, said) in [(Some(number("G30001")), None), (None, Some("?"))] {
        std::fs::remove_file(&mark).unwrap();
        if let Some(said) = said {
            std::fs::write(&mark, said).unwrap();
        }
        let restored = back(&folder, &folder.file("copy.db"), given).unwrap();
        assert_eq!(restored.numre_fra, issued);
    }
    std::fs::write(folder.db(), vec![b'x'; 4096]).unwrap();
    std::fs::remove_file(&mark).unwrap();
    let why = refused(&folder, &folder.file("copy.db"));
    assert!(
        why.starts_with("there is no high-water mark")
            && why.contains("no register in place can be read")
            && why.contains("--numre-fra"),
        "{why}"
    );
    std::fs::write(&mark, "?").unwrap();
    assert!(refused(&folder, &folder.file("copy.db")).contains("damaged"));
    let restored = back(&folder, &folder.file("copy.db"), Some(number("G51000"))).unwrap();
    assert_eq!(restored.numre_fra, number("G51000"));
    assert_eq!(std::fs::read_to_string(&mark).unwrap(), "G51000\n");
    assert_eq!(insert(&folder.open()).record.nummer, number("G51001"));
    // A given number below the mark does not lower it.
    let restored = back(&folder, &folder.file("copy.db"), Some(number(known.trim()))).unwrap();
    assert_eq!(restored.numre_fra, number("G52001"));
}

#[test]
fn a_restore_into_an_empty_folder_needs_a_number_and_leaves_one_file() {
    let (old, new) = (Folder::new(), Folder::new());
    let store = old.open();
    small_register(&store);
    store.backup(&old.file("copy.db"), &mut |_| {}).unwrap();
    assert!(refused(&new, &old.file("copy.db")).contains("--numre-fra"));
    // Another register that has issued nothing tells nothing.
    let empty = Folder::new();
    empty.open().close();
    let why = refused(&empty, &old.file("copy.db"));
    assert!(
        why.contains("has issued no number") && why.contains("--numre-fra"),
        "{why}"
    );
    let restored = back(&new, &old.file("copy.db"), Some(number("G40000"))).unwrap();
    assert_eq!(restored.kept, None);
    assert!(!new.file("register.db-wal").exists());
    assert_eq!(insert(&new.open()).record.nummer, number("G40001"));
    let mode = std::fs::metadata(new.db()).unwrap().permissions();
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777,
        0o600
    );
}

#[test]
fn a_bad_backup_is_refused_and_the_register_stays_as_it_was() {
    let folder = Folder::new();
    let store = folder.open();
    small_register(&store);
    insert(&store);
    let copy = folder.file("copy.db");
    store.backup(&copy, &mut |_| {}).unwrap();
    store.close();
    let before = std::fs::read(folder.db()).unwrap();

    let noise = folder.file("noise.db");
    std::fs::write(
        &noise,
        b"not a database, but long enough to be looked at as one",
    )
    .unwrap();
    assert!(refused(&folder, &noise).contains("is not a register"));
    assert!(refused(&folder, &folder.file("missing.db")).starts_with("there is no file"));
    std::fs::write(&noise, b"").unwrap();
    assert!(refused(&folder, &noise).contains("holds no register"));

    let tampered = rusqlite::Connection::open(&copy).unwrap();
    tamper(&tampered, |conn| {
        conn.execute_batch("UPDATE revision SET linje = linje || 'x'")
    })
    .unwrap();
    assert!(refused(&folder, &copy).contains("audit chain is broken"));
    tampered.pragma_update(None, "user_version", 99).unwrap();
    assert!(refused(&folder, &copy).contains("schema version 99"));

    assert_eq!(std::fs::read(folder.db()).unwrap(), before);
    let names = std::fs::read_dir(folder.file("")).unwrap();
    let strays = names.filter(|name| {
        name.as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .contains("ny-")
    });
    assert_eq!(strays.count(), 0);
}

#[test]
fn a_register_too_damaged_to_open_is_restored_over_with_its_log_kept() {
    let folder = Folder::new();
    let store = folder.open();
    small_register(&store);
    insert(&store);
    store.backup(&folder.file("copy.db"), &mut |_| {}).unwrap();
    store.close();
    std::fs::write(folder.db(), vec![b'x'; 4096]).unwrap();
    std::fs::write(
        folder.file("register.db-wal"),
        b"the log of the damaged file",
    )
    .unwrap();
    let restored = back(&folder, &folder.file("copy.db"), None).unwrap();
    assert_eq!(last(&folder.open()), Sekvens(5));
    let kept = restored.kept.unwrap();
    assert_eq!(std::fs::read(&kept).unwrap(), vec![b'x'; 4096]);
    let log = format!("{}-wal", kept.display());
    assert!(std::fs::read(log).unwrap().starts_with(b"the log"));
}

#[test]
fn a_restore_tells_what_is_lost_and_how_far_numbers_had_come() {
    let folder = Folder::new();
    let store = folder.open();
    let copy = folder.file("copy.db");
    // Nothing has been issued: neither the mark nor the register says a number, and that is known.
    store.backup(&copy, &mut |_| {}).unwrap();
    store.close();
    let restored = back(&folder, &copy, None).unwrap();
    assert_eq!(restored.lost, Some(Lost::Nothing));
    assert_eq!(restored.numre_fra, restored.numre_i_kopien);
    let store = folder.open();
    let before = insert(&store).record.nummer;
    std::fs::remove_file(&copy).unwrap();
    store.backup(&copy, &mut |_| {}).unwrap();
    let (first, second) = (insert(&store), insert(&store));
    store
        .write_blocking(|tx| {
            tx.audit(&refusal())?;
            tx.audit(&act())?;
            Ok(Outcome::Keep(()))
        })
        .unwrap();
    store.close();
    let restored = back(&folder, &copy, None).unwrap();
    assert_eq!(
        restored.lost,
        Some(Lost::Changes {
            from: Sekvens(2),
            to: Sekvens(3),
            made: (first.tidspunkt, second.tidspunkt),
        })
    );
    let undone: Vec<_> = restored.undone.iter().map(|line| &line.canonical).collect();
    assert!(
        matches!(&*undone, [line] if line.contains("operation=cli/test")),
        "{undone:?}"
    );
    assert_eq!(restored.numre_i_kopien, before);
    assert!(restored.numre_fra >= second.record.nummer);
    // The register in place is of the restored line of history now.
    let again = back(&folder, &copy, None).unwrap();
    let Some(Lost::Other(position)) = again.lost else {
        panic!("{again:?}")
    };
    assert_eq!(position.epoke, restored.position.epoke);
    std::fs::write(folder.db(), vec![b'x'; 4096]).unwrap();
    assert_eq!(back(&folder, &copy, None).unwrap().lost, None);
}

#[test]
fn what_killed_restores_leave_is_removed_and_the_register_as_it_was_is_not() {
    let folder = Folder::new();
    let store = folder.open();
    small_register(&store);
    let copy = folder.file("copy.db");
    store.backup(&copy, &mut |_| {}).unwrap();
    store.close();
    let kept = back(&folder, &copy, None).unwrap().kept.unwrap();
    let left = [
        "register.db.ny-2026-11-29T182000.123Z",
        "register.db.ny-2026-11-29T182000.123Z-journal",
        "register.db.tilbage",
    ];
    let own = ["register.db.ny-kopi", "copy.db.ny-2026-11-29T182000.123Z"];
    for name in left.iter().chain(&own) {
        std::fs::write(folder.file(name), b"x").unwrap();
    }
    // Killed between the second name and the marker.
    let second = folder.file("register.db.foer-2026-11-29T182001Z");
    std::fs::hard_link(folder.db(), &second).unwrap();
    std::fs::write(filer::with_side(&second, "-wal"), b"an old log").unwrap();
    folder.open().close();
    for gone in left
        .map(|name| folder.file(name))
        .iter()
        .chain([&second, &filer::with_side(&second, "-wal")])
    {
        assert!(!gone.exists(), "{}", gone.display());
    }
    for there in own.map(|name| folder.file(name)).iter().chain([&kept]) {
        assert!(there.exists(), "{}", there.display());
    }
    assert_eq!(last(&folder.open()), Sekvens(4));
    let part = format!("copy.db.del-{}", uuid::Uuid::from_u128(7).simple());
    std::fs::write(folder.file(&part), b"x").unwrap();
    assert_eq!(parts(&copy), [folder.file(&part)]);
}

/// A register of five changes as a crash leaves it, the last ones in the log alone, with a backup of the first four.
fn crashed() -> Folder {
    let (live, folder) = (Folder::new(), Folder::new());
    let store = live.open();
    small_register(&store);
    store.backup(&folder.file("copy.db"), &mut |_| {}).unwrap();
    insert(&store);
    for name in ["register.db", "register.db-wal", "register.hoejvande"] {
        std::fs::copy(live.file(name), folder.file(name)).unwrap();
    }
    folder
}

#[test]
fn an_interrupted_restore_keeps_everybody_out_until_it_is_done_and_loses_nothing() {
    for renamed in [false, true] {
        let folder = crashed();
        let copy = folder.file("copy.db");
        let kept = place::begin(&folder.db(), "foerste").unwrap();
        if renamed {
            // The new database beside the old one's log.
            std::fs::copy(&copy, folder.file("ny")).unwrap();
            std::fs::rename(folder.file("ny"), folder.db()).unwrap();
        }
        for refused in [
            SqliteStore::open(&folder.db(), Options::default()).map(drop),
            verify(&folder.db()).map(drop),
        ] {
            let Err(StoreError::Refused(why)) = refused else {
                panic!("{refused:?}")
            };
            assert!(
                why.contains("interrupted") && why.contains("foer-foerste"),
                "{why}"
            );
        }
        std::fs::remove_file(folder.file("register.hoejvande")).unwrap();
        let restored = back(&folder, &copy, None).unwrap();
        assert_eq!(restored.numre_fra, number("G30005"));
        assert_eq!(restored.kept.as_ref(), Some(&kept));
        assert_eq!(verify(&kept).unwrap().position.sekvens, Sekvens(5));
        assert_eq!(last(&folder.open()), Sekvens(4));
        assert!(!folder.file("register.genskabes").exists());
    }
}

#[test]
fn a_restore_that_fails_at_its_last_step_puts_the_register_back_with_its_log() {
    let folder = crashed();
    // A folder cannot be renamed over a file.
    let wrong = folder.file("mappe");
    std::fs::create_dir(&wrong).unwrap();
    let failed = place::put_in_place(&wrong, &folder.db(), "nu").unwrap_err();
    assert!(failed.to_string().contains("put in place"), "{failed}");
    let names = std::fs::read_dir(folder.file("")).unwrap();
    let mut names: Vec<_> = names.map(|name| name.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(
        names,
        [
            "copy.db",
            "mappe",
            "register.db",
            "register.db-wal",
            "register.hoejvande"
        ]
    );
    assert_eq!(last(&folder.open()), Sekvens(5));
    verify(&folder.db()).unwrap();
}

#[test]
fn the_check_finds_every_broken_invariant() {
    for (tampering, found) in [
        ("DELETE FROM aendring WHERE sekvens = 2", "gap before 3"),
        (
            "UPDATE aendring SET tidspunkt = 0 WHERE sekvens = 3",
            "time does not go forward at change 3",
        ),
        (
            "UPDATE aendring SET version = 3 WHERE sekvens = 5",
            "versions have a gap at change 5",
        ),
        (
            "UPDATE aendring SET nedlagt = 1 WHERE sekvens = 1",
            "a closed record was changed",
        ),
        (
            "UPDATE aendring SET oprettet = 1 WHERE sekvens = 5",
            "a record's birth, by change 5",
        ),
        (
            "DELETE FROM post WHERE nummer = 'G30004'",
            "the state lacks the record G30004",
        ),
        (
            "UPDATE post SET sekvens = 1 WHERE nummer = 'G30001'",
            "disagree on the record G30001",
        ),
        (
            "UPDATE post SET aktiv = 0 WHERE nummer = 'G30004'",
            "disagree on the record G30004",
        ),
        (
            "UPDATE post SET rod = 'G30002' WHERE nummer = 'G30004'",
            "the tree is broken at the record G30004",
        ),
        (
            "UPDATE revision SET linje = replace(linje, 'Insert', 'Update') WHERE nr = 2",
            "line 2 was changed",
        ),
        ("DELETE FROM revision WHERE nr = 1", "line 1 is missing"),
    ] {
        let folder = Folder::new();
        let store = folder.open();
        small_register(&store);
        write(
            &store,
            vec![change(
                Handling::Aendret,
                daginstitution("G30001", "x", 751),
            )],
        );
        for _ in 0..3 {
            store
                .write_blocking(|tx| tx.audit(&refusal()).map(Outcome::Keep))
                .unwrap();
        }
        store.close();
        verify(&folder.db()).unwrap();
        let conn = rusqlite::Connection::open(folder.db()).unwrap();
        let changed = tamper(&conn, |conn| conn.execute(tampering, []));
        assert_eq!(changed.unwrap(), 1, "{tampering}");
        drop(conn);
        let error = verify(&folder.db()).unwrap_err().to_string();
        assert!(error.contains(found), "{tampering}: {error}");
    }
}
