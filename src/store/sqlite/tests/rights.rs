//! Backups that somebody has changed: what is put into their schema, rights and changes that no audit line tells of.

use rusqlite::Connection;

use super::*;
use crate::register::{Aftale, AftaleId, Omfang, Part, System, SystemId, Tidspunkt, Tjeneste};
use crate::store::{Aftaler, Right};

fn system(id: SystemId, lukket: Option<Tidspunkt>) -> System {
    System {
        id,
        navn: "Pladsanvisning, øst".into(),
        ejer: aarhus().cvr,
        certifikater: vec!["b".into(), "a".into()],
        oprettet: at(0),
        lukket,
    }
}

fn aftale(id: AftaleId) -> Aftale {
    Aftale {
        id,
        system: SystemId(1),
        part: Part::Kommune(Kommunekode(751)),
        tjeneste: Tjeneste::Import,
        omfang: Omfang::Institutioner(vec![number("G30001")]),
        fra: Dato::parse("2026-01-01").unwrap(),
        til: None,
        overlap: false,
        oprettet: at(0),
        lukket: None,
        afloeser: None,
    }
}

/// A register with an organisation, its system in two versions and an agreement.
fn with_rights() -> Folder {
    let folder = Folder::new();
    let store = folder.open();
    small_register(&store);
    store
        .write_blocking(|tx| {
            tx.save_rights(&[Right::Organisation(&aarhus())], &act())?;
            tx.save_rights(&[Right::System(&system(SystemId(1), None))], &act())?;
            // One line may tell of several versions; that of a refusal tells of none.
            tx.end_agreement(&aftale(AftaleId(1)))?;
            tx.audit(&refusal())?;
            tx.save_rights(&[Right::System(&system(SystemId(1), None))], &act())
                .map(Outcome::Keep)
        })
        .unwrap();
    store.close();
    folder
}

fn found(folder: &Folder) -> String {
    match verify(&folder.db()) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn no_right_is_written_without_its_audit_line() {
    let folder = Folder::new();
    let store = folder.open();
    let owned = store.write_blocking(|tx| {
        tx.save_rights(&[Right::Organisation(&aarhus())], &act())?;
        tx.save_rights(&[Right::System(&system(SystemId(1), None))], &act())
            .map(Outcome::Keep)
    });
    owned.unwrap();
    let ended = || aftale(AftaleId(1));
    let alone = store.write_blocking(move |tx| tx.end_agreement(&ended()).map(Outcome::Keep));
    let why = alone.unwrap_err().to_string();
    assert!(why.contains("without its audit line"), "{why}");
    // The line of a refusal gives none.
    let refused = store.write_blocking(|tx| {
        tx.end_agreement(&aftale(AftaleId(1)))?;
        tx.audit(&refusal()).map(Outcome::Keep)
    });
    assert!(refused.is_err());
    assert!(
        store
            .read(|view| view.aftaler(Aftaler::Alle))
            .unwrap()
            .is_empty()
    );
    // What is undone needs no line, and its neighbours are not touched.
    let undone = store.write_blocking(|tx| {
        tx.end_agreement(&aftale(AftaleId(1)))?;
        Ok(Outcome::Undo((), None))
    });
    undone.unwrap();
    small_register(&store);
    drop(store);
    verify(&folder.db()).unwrap();
}

#[test]
fn a_line_names_what_it_gave() {
    let folder = with_rights();
    verify(&folder.db()).unwrap();
    let store = folder.open();
    let mut named = Vec::new();
    store
        .read(|view| {
            view.audit_lines(&mut |line| {
                let fields = line.fields();
                named.extend(
                    fields
                        .filter(|(name, _)| *name == "tilslutning")
                        .map(|(_, v)| v.split_once(",sha256 ").unwrap().0.to_owned()),
                );
                ControlFlow::Continue(())
            })
        })
        .unwrap();
    assert_eq!(
        named,
        ["organisation 1-1", "system 1-1", "system 2-2,aftale 1-1"]
    );
}

/// What somebody does to the rows, and what is found.
const ROWS: &[(&str, &str)] = &[
    (
        "INSERT INTO organisation VALUES ('64942212', 'X', 'operatoer', NULL, 0, NULL)",
        "state and history disagree on the organisation 64942212",
    ),
    (
        "UPDATE organisation SET art = 'operatoer'",
        "state and history disagree on the organisation 55133018",
    ),
    (
        "INSERT INTO organisation VALUES ('64942212', 'X', 'operatoer', NULL, 0, NULL); \
         INSERT INTO organisation_historik VALUES (2, 0, '64942212', 'X', 'operatoer', NULL, 0, NULL)",
        "organisation 2 of the history stands in no audit line",
    ),
    (
        "UPDATE organisation SET art = 'operatoer'; UPDATE organisation_historik SET art = 'operatoer'",
        "(organisation 1-1) disagree",
    ),
    (
        "DELETE FROM organisation_historik; DELETE FROM organisation; DELETE FROM system_historik; DELETE FROM system; \
         DELETE FROM system_certifikat; DELETE FROM aftale_omfang; DELETE FROM aftale_historik; DELETE FROM aftale",
        "(organisation 1-1) disagree",
    ),
    (
        "INSERT INTO system_certifikat VALUES ('c', 1)",
        "state and history disagree on the system of number 1",
    ),
    (
        "INSERT INTO system_certifikat VALUES ('c', 1); UPDATE system_historik SET certifikater = 'a b c' WHERE id = 2",
        "(system 2-2,aftale 1-1) disagree",
    ),
    (
        "DELETE FROM system_historik WHERE id = 1; UPDATE system_historik SET id = 1",
        "disagree",
    ),
    (
        "UPDATE aftale_omfang SET nummer = 'G30002'; UPDATE aftale_historik SET numre = 'G30002'",
        "(system 2-2,aftale 1-1) disagree",
    ),
    (
        "INSERT INTO aftale SELECT 2, system, 101, ejer, tjeneste, 'alle', fra, til, overlap, oprettet, lukket, aarsag, \
         afloeser FROM aftale; INSERT INTO aftale_historik SELECT 2, tidspunkt, 2, system, 101, ejer, tjeneste, 'alle', \
         NULL, fra, til, overlap, oprettet, lukket, aarsag, afloeser FROM aftale_historik",
        "aftale 2 of the history stands in no audit line",
    ),
];

#[test]
fn a_right_that_no_audit_line_gave_is_found_and_not_restored() {
    for (tampering, what) in ROWS {
        let folder = with_rights();
        let conn = Connection::open(folder.db()).unwrap();
        tamper(&conn, |conn| conn.execute_batch(tampering)).unwrap();
        drop(conn);
        let why = found(&folder);
        assert!(why.contains(what), "{tampering}: {why}");
        let to = Folder::new();
        let why = restored(&folder, &to);
        assert!(
            why.contains(what) && !to.db().exists(),
            "{tampering}: {why}"
        );
    }
}

/// Why the register of one folder is not restored in another; nothing when it is.
fn restored(from: &Folder, to: &Folder) -> String {
    let by = RestoredBy {
        identitet: "drift".into(),
        korrelations_id: uuid::Uuid::nil(),
    };
    let above = Some(number("G40000"));
    let options = Options::default();
    match restore(&from.db(), &to.db(), &options, above, &by, &mut |_| {}) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_schema_of_somebody_s_own_is_neither_opened_nor_restored_nor_verified() {
    for tampering in [
        "CREATE TRIGGER ny AFTER INSERT ON aendring BEGIN UPDATE organisation SET art = 'operatoer'; END",
        "CREATE VIEW v AS SELECT * FROM organisation",
        "ALTER TABLE organisation ADD COLUMN x TEXT",
        "DROP TRIGGER aendring_aldrig_om",
        "DROP INDEX post_cvr; CREATE INDEX post_cvr ON post (cvr)",
        "ALTER TABLE organisation RENAME TO o; CREATE VIEW organisation AS SELECT cvr, navn, 'operatoer' AS art, kommune, \
         oprettet, lukket FROM o",
    ] {
        let folder = with_rights();
        let conn = Connection::open(folder.db()).unwrap();
        conn.execute_batch(tampering).unwrap();
        drop(conn);
        let opened = SqliteStore::open(&folder.db(), Options::default()).map(drop);
        let to = Folder::new();
        for why in [
            found(&folder),
            opened.unwrap_err().to_string(),
            restored(&folder, &to),
        ] {
            let told = why.contains("the schema of the file is not the one that this program made");
            assert!(told, "{tampering}: {why}");
        }
        assert!(!to.db().exists(), "{tampering}");
    }
}

#[test]
fn an_older_file_is_compared_with_its_own_schema_before_a_migration_runs_over_it() {
    let folder = with_rights();
    older(&folder, 4);
    let conn = Connection::open(folder.db()).unwrap();
    conn.execute_batch(
        "CREATE TRIGGER ny AFTER UPDATE ON tilstand BEGIN UPDATE organisation SET art = 'operatoer'; END",
    )
    .unwrap();
    let to = Folder::new();
    let why = restored(&folder, &to);
    assert!(why.contains(r#""trigger" "ny" was added"#), "{why}");
    conn.execute_batch("DROP TRIGGER ny").unwrap();
    drop(conn);
    assert_eq!(restored(&folder, &to), "");
    verify(&to.db()).unwrap();
}

#[test]
fn a_trigger_that_comes_while_the_register_is_open_is_never_run() {
    let folder = with_rights();
    let store = folder.open();
    let conn = Connection::open(folder.db()).unwrap();
    conn.execute_batch(
        "CREATE TRIGGER ny AFTER INSERT ON aendring BEGIN UPDATE organisation SET art = 'operatoer'; END",
    )
    .unwrap();
    for _ in 0..2 {
        let refused = store.write_blocking(|tx| insert_next(tx).map(Outcome::Keep));
        let why = refused.unwrap_err().to_string();
        assert!(why.contains("somebody has changed the file"), "{why}");
    }
    conn.execute_batch("DROP TRIGGER ny").unwrap();
    let written = store.write_blocking(|tx| insert_next(tx).map(Outcome::Keep));
    assert!(written.is_ok(), "{written:?}");
    let known = store.read(|view| view.organisation(aarhus().cvr)).unwrap();
    assert_eq!(known.unwrap().art, OrgKind::Kommune);
}

/// The words of an older program's lines, which name no versions.
fn in_words() -> [(&'static str, String); 4] {
    [
        (
            "cli/org add",
            "cvr 55133018,art kommune,kommune 751,navn Aarhus Kommune".into(),
        ),
        (
            "cli/system add",
            "system SYS-1,cvr 55133018,certifikat a,certifikat b,navn Pladsanvisning, øst".into(),
        ),
        (
            "cli/aftale add",
            "aftale AFT-1,system SYS-1,kommune 751,tjeneste import,omfang institutionsnumre,fra 2026-01-01".into(),
        ),
        (
            "cli/system certifikat",
            "system SYS-1,cvr 55133018,certifikat a,certifikat b,navn Pladsanvisning, øst".into(),
        ),
    ]
}

/// A register as an older program left it: lines that name no versions, and an agreement that ended with its record.
fn in_an_older_program(lines: &[(&str, String)]) -> Folder {
    let folder = with_rights();
    let conn = Connection::open(folder.db()).unwrap();
    tamper(&conn, |conn| {
        conn.execute_batch(
            "DELETE FROM revision WHERE nr > 1; UPDATE aftale SET lukket = 5, aarsag = 'G30001 er nedlagt'; \
             INSERT INTO aftale_historik SELECT 2, 5, aftale, system, kommune, ejer, tjeneste, omfang, numre, fra, til, \
             overlap, oprettet, 5, 'G30001 er nedlagt', afloeser FROM aftale_historik",
        )
        .unwrap();
        let mut head = audit::Hash(
            conn.query_row("SELECT hash FROM revision", [], |row| row.get(0))
                .unwrap(),
        );
        for (line, (operation, noter)) in lines.iter().enumerate() {
            let entry = audit::Entry {
                operation: (*operation).into(),
                noter: vec![noter.clone()],
                ..act()
            };
            let canonical = entry.canonical(line as u64 + 2);
            head = audit::chain(&head, &canonical);
            conn.execute(
                "INSERT INTO revision (linje, hash) VALUES (?1, ?2)",
                (canonical, head.0),
            )
            .unwrap();
        }
    });
    drop(conn);
    folder
}

#[test]
fn rights_of_an_older_program_are_held_against_the_words_of_its_lines() {
    let lines = in_words();
    assert_eq!(found(&in_an_older_program(&lines)), "");
    // It goes on with lines that name versions.
    let folder = in_an_older_program(&lines);
    let store = folder.open();
    store
        .write_blocking(|tx| {
            tx.save_rights(&[Right::Agreement(&aftale(AftaleId(2)))], &act())
                .map(Outcome::Keep)
        })
        .unwrap();
    store.close();
    assert_eq!(found(&folder), "");
    assert!(
        found(&in_an_older_program(&lines[1..]))
            .contains("organisation 1 of the history stands in no")
    );
    let mut other = in_words();
    other[0].1 = other[0].1.replace("kommune,", "operatoer,");
    assert!(
        found(&in_an_older_program(&other))
            .contains("line 2 and organisation 1 of the history disagree")
    );
    let twice = [in_words().to_vec(), in_words()[..1].to_vec()].concat();
    assert!(
        found(&in_an_older_program(&twice))
            .contains("line 6 tells of a change of organisation, which the history")
    );
}

/// Chain and history tell of the same changes: a change without a line, a line without its change, and one that says
/// another call are each found.
#[test]
fn chain_and_history_prove_each_other() {
    let folder = Folder::new();
    let store = folder.open();
    let written = small_register(&store);
    let verdict = || {
        verify(&folder.db())
            .map(drop)
            .map_err(|error| error.detail())
    };
    assert_eq!(verdict(), Ok(()));
    let unheard = change(Handling::Oprettet, daginstitution("G30005", "Uset", 751));
    store
        .write_blocking(move |tx| tx.save(unheard, at(9000)).map(Outcome::Keep))
        .unwrap();
    assert_eq!(verdict(), Err("change 5 stands in no audit line".into()));
    let mut five = written[..1].to_vec();
    five[0].sekvens = Sekvens(5);
    let audit = |entry: audit::Entry| {
        store
            .write_blocking(move |tx| tx.audit(&entry).map(Outcome::Keep))
            .unwrap();
    };
    audit(stored(&five));
    assert_eq!(verdict(), Ok(()));
    five[0].sekvens = Sekvens(6);
    audit(stored(&five));
    let lacks = "line 3 tells of change 6, which the history lacks";
    assert_eq!(verdict(), Err(lacks.into()));
    let late = change(Handling::Oprettet, daginstitution("G30006", "Sen", 751));
    store
        .write_blocking(move |tx| {
            let mut late = late;
            late.origin.sagsnummer = None;
            tx.save(late, at(9000)).map(Outcome::Keep)
        })
        .unwrap();
    let differ = "line 3 and change 6 disagree on sagsnummer";
    assert_eq!(verdict(), Err(differ.into()));
}
