//! What the store's tests share: a folder that goes away, and made-up records.

use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::Connection;
use uuid::Uuid;

use crate::audit::{Entry, Udfald};
use crate::register::{
    Adresse, AlternativAdresse, Anvisningsenhed, Content, Cvr, Daginstitution, Dato,
    Institutionsnummer, Kommunekode, Life, Lukkeaarsag, PNummer, Part, Record, Sekvens, SystemId,
    Tidspunkt,
};
use crate::store::sqlite::{Options, SqliteStore, migrate};
use crate::store::{Aendring, Handling, NewChange, Origin, Outcome, Result, StoreExt as _, Write};

/// A folder of the test's own.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("dtr-store-{}", Uuid::new_v4()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(super) fn db(&self) -> PathBuf {
        self.file("register.db")
    }

    pub(super) fn open(&self) -> SqliteStore {
        self.open_with(Options::default())
    }

    pub(super) fn open_with(&self, options: Options) -> SqliteStore {
        SqliteStore::open(&self.db(), options).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(super) fn at(millis: i64) -> Tidspunkt {
    Tidspunkt::from_millis(1_790_000_000_000 + millis)
}

pub(super) fn number(text: &str) -> Institutionsnummer {
    Institutionsnummer::parse(text).unwrap()
}

pub(super) fn origin() -> Origin {
    Origin {
        cvr: Cvr::parse("55133018").ok(),
        navn: "Aarhus Kommune".into(),
        operation: "import:v2/InsertDaginstitution".into(),
        korrelations_id: Uuid::from_u128(7),
        sagsnummer: Some("2026-17".into()),
        system: Some(SystemId(3)),
        part: Some(Part::Kommune(Kommunekode(751))),
    }
}

pub(super) fn refusal() -> Entry {
    Entry {
        tidspunkt: at(0),
        operation: "import:v2/InsertDaginstitution".into(),
        udfald: Udfald::Afvist,
        cvr: Cvr::parse("55133018").ok(),
        identitet: "UI:DK-O:G:11111111-2222-3333-4444-555555555555".into(),
        person: None,
        korrelations_id: Uuid::from_u128(9),
        message_id: None,
        sagsnummer: None,
        sekvenser: None,
        noter: vec!["DTR-1001".into()],
        antal: 1,
    }
}

/// The line of a command that gave a right.
pub(super) fn act() -> Entry {
    Entry {
        udfald: Udfald::Gemt,
        operation: "cli/test".into(),
        cvr: None,
        noter: Vec::new(),
        ..refusal()
    }
}

pub(super) fn stored(changes: &[Aendring]) -> Entry {
    Entry {
        udfald: Udfald::Gemt,
        sekvenser: changes
            .first()
            .zip(changes.last())
            .map(|(first, last): (&Aendring, &Aendring)| (first.sekvens, last.sekvens)),
        noter: vec![],
        korrelations_id: origin().korrelations_id,
        sagsnummer: origin().sagsnummer,
        ..refusal()
    }
}

fn life() -> Life {
    Life {
        version: 0,
        oprettet: at(0),
        senest_opdateret: at(0),
        nedlagt: None,
        lukkeaarsag: None,
        skolens_nummer: None,
        afloeser: vec![],
        afloest_af: vec![],
    }
}

pub(super) fn adresse() -> Adresse {
    Adresse {
        vej_navn: "Åboulevarden".into(),
        vej_kode: Some("0042".into()),
        hus_nummer: "7B".into(),
        etage: Some("1".into()),
        doer: Some("tv".into()),
        post_nummer: "0800".into(),
        by_navn: Some("Høje Taastrup".into()),
        supplerende_bynavn: Some("Sjøby".into()),
        kommune_kode: Some(Kommunekode(169)),
        dawa_id: Some("0a3f507a-0000-32b8-e044-0003ba298018".into()),
        geo_bredde: Some("55.6500".into()),
        geo_laengde: Some("12.25".into()),
    }
}

pub(super) fn daginstitution(nummer: &str, navn: &str, kommune: u16) -> Record {
    Record {
        nummer: number(nummer),
        content: Arc::new(Content::Daginstitution(Daginstitution {
            navn: navn.into(),
            ejerform: 1,
            lovgrundlag: 2,
            adm_kommune: Kommunekode(kommune),
            gyldig_fra: Dato::parse("2026-12-01").ok(),
        })),
        life: life(),
    }
}

pub(super) fn enhed(nummer: &str, under: &str) -> Record {
    Record {
        nummer: number(nummer),
        content: Arc::new(Content::Anvisningsenhed(Anvisningsenhed {
            daginstitution: number(under),
            navn: format!("Børnehaven {nummer}"),
            adresse: adresse(),
            inst_type: 6012,
            email: Some("post@example.dk".into()),
            telefon: Some("+45 12 34 56 78".into()),
            cvr: Cvr::parse("00000012").ok(),
            p_nummer: PNummer::parse("1000000012").ok(),
            gyldig_fra: None,
        })),
        life: life(),
    }
}

pub(super) fn ekstra(nummer: &str, under: &str) -> Record {
    Record {
        nummer: number(nummer),
        content: Arc::new(Content::AlternativAdresse(AlternativAdresse {
            enhed: number(under),
            navn: "Skovhytten".into(),
            adresse: Adresse {
                vej_navn: "Skovvej".into(),
                hus_nummer: "1".into(),
                post_nummer: "8000".into(),
                ..Adresse::default()
            },
            email: None,
            telefon: None,
            cvr: None,
            p_nummer: None,
            gyldig_fra: None,
        })),
        life: Life {
            lukkeaarsag: Some(Lukkeaarsag::Sammenlagt),
            skolens_nummer: Some(number("101001")),
            afloeser: vec![number("G00001"), number("G00002")],
            afloest_af: vec![number("G00003")],
            ..life()
        },
    }
}

pub(super) fn change(handling: Handling, record: Record) -> NewChange {
    NewChange {
        handling,
        origin: origin(),
        record,
    }
}

/// Inserts a daginstitution under the next number with its audit line, as an import does.
pub(super) fn insert_next(tx: &mut dyn Write) -> Result<Aendring> {
    let nummer = tx.issue_number()?;
    let record = daginstitution(nummer.as_str(), "Kløverengen", 751);
    let written = tx.save(change(Handling::Oprettet, record), at(0))?;
    tx.audit(&stored(std::slice::from_ref(&written)))?;
    Ok(written)
}

/// Writes changes in one job, each a second after the other, and their audit line.
pub(super) fn write(store: &SqliteStore, changes: Vec<NewChange>) -> Vec<Aendring> {
    store
        .write_blocking(move |tx| {
            let mut written = Vec::new();
            for change in changes {
                let now = at(1000 * tx.position()?.sekvens.next().0 as i64);
                written.push(tx.save(change, now)?);
            }
            tx.audit(&stored(&written))?;
            Ok(Outcome::Keep(written))
        })
        .unwrap()
}

/// Two daginstitutioner; under the first a unit, and under that an extra address.
pub(super) fn small_register(store: &SqliteStore) -> Vec<Aendring> {
    let posts = [
        daginstitution("G30001", "Kløverengen", 751),
        daginstitution("G30002", "ÆBLEHAVEN", 101),
        enhed("G30003", "G30001"),
        ekstra("G30004", "G30003"),
    ];
    write(
        store,
        posts
            .map(|record| change(Handling::Oprettet, record))
            .into_iter()
            .collect(),
    )
}

pub(super) fn last(store: &SqliteStore) -> Sekvens {
    store.read(|view| view.position()).unwrap().sekvens
}

/// Changes a file as somebody does who takes the triggers away for it and puts them back.
pub(super) fn tamper<T>(conn: &Connection, act: impl FnOnce(&Connection) -> T) -> T {
    let triggers: Vec<(String, String)> = conn
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        .and_then(|mut all| {
            let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        })
        .unwrap();
    conn.pragma_update(None, "foreign_keys", false).unwrap();
    for (name, _) in &triggers {
        conn.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    let done = act(conn);
    for (_, sql) in &triggers {
        conn.execute_batch(sql).unwrap();
    }
    done
}

/// The register in a file as a program of an earlier version would have it.
pub(super) fn older(folder: &Folder, version: usize) {
    let db = folder.db();
    let newer = folder.file("newer.db");
    std::fs::rename(&db, &newer).unwrap();
    let conn = Connection::open(&db).unwrap();
    migrate::make(&conn, version).unwrap();
    conn.pragma_update(None, "foreign_keys", false).unwrap();
    conn.execute("ATTACH ?1 AS newer", [newer.to_str().unwrap()])
        .unwrap();
    let tables: Vec<String> = conn
        .prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table'")
        .and_then(|mut all| all.query_map([], |row| row.get(0))?.collect())
        .unwrap();
    for table in tables {
        // Of what a new register holds the copy takes the place.
        if table == "tilstand" {
            conn.execute_batch("DELETE FROM tilstand").unwrap();
        }
        // A newer program has columns beside those.
        let columns: String = conn
            .query_row(
                "SELECT group_concat(name) FROM pragma_table_info(?1, 'main')",
                [&table],
                |row| row.get(0),
            )
            .unwrap();
        conn.execute_batch(&format!(
            "INSERT INTO {table} ({columns}) SELECT {columns} FROM newer.{table}"
        ))
        .unwrap();
    }
}
