//! A register, its index, and what is found in it as the register changes.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

mod finding;
mod keeping;

use super::*;
use crate::audit::{Entry, Udfald};
use crate::pki::scratch::Scratch;
use crate::register::{
    ANummer, Adresse, AlternativAdresse, Anvisningsenhed, Content, Cvr, Daginstitution, Kode,
    Kommunekode, Lukkeaarsag, Niveau, PNummer, Record, Tidspunkt,
};
use crate::store::sqlite::{Options, RestoredBy, SqliteStore, restore};
use crate::store::{Handling, NewChange, Origin, Outcome, StoreExt as _};

/// A register with an index that is kept beside it.
struct World {
    feeder: Option<Feeder>,
    search: Search,
    store: Arc<SqliteStore>,
    register: PathBuf,
    scratch: Scratch,
}

fn origin() -> Origin {
    Origin {
        cvr: None,
        navn: "test".into(),
        operation: "cli/test".into(),
        korrelations_id: uuid::Uuid::nil(),
        sagsnummer: None,
        system: None,
        part: None,
    }
}

/// The audit line of a change.
fn line(sekvens: Sekvens) -> Entry {
    Entry {
        tidspunkt: Tidspunkt::from_millis(1_790_000_000_000),
        operation: "cli/test".into(),
        udfald: Udfald::Gemt,
        cvr: None,
        identitet: "test".into(),
        korrelations_id: uuid::Uuid::nil(),
        message_id: None,
        sagsnummer: None,
        sekvenser: Some((sekvens, sekvens)),
        person: None,
        noter: Vec::new(),
        antal: 1,
    }
}

fn tables() -> Kodetabeller {
    let mut tables = Kodetabeller::default();
    for (code, name) in [(101, "København"), (461, "Odense"), (751, "Aarhus")] {
        let row = Kode {
            tekst: name.to_owned(),
            bekraeftet: true,
            kilde: None,
        };
        tables.kommune.koder.insert(code, row);
    }
    tables
}

fn adresse(vej: &str, hus: &str, post: &str, by: &str) -> Adresse {
    Adresse {
        vej_navn: vej.into(),
        hus_nummer: hus.into(),
        post_nummer: post.into(),
        by_navn: Some(by.into()),
        ..Adresse::default()
    }
}

fn top(navn: &str, kommune: u16, ejerform: i32) -> Content {
    Content::Daginstitution(Daginstitution {
        navn: navn.into(),
        ejerform,
        lovgrundlag: 1,
        adm_kommune: Kommunekode(kommune),
        gyldig_fra: None,
    })
}

fn unit(
    under: Institutionsnummer,
    navn: &str,
    inst_type: i32,
    p: &str,
    adresse: Adresse,
) -> Content {
    Content::Anvisningsenhed(Anvisningsenhed {
        daginstitution: under,
        navn: navn.into(),
        adresse,
        inst_type,
        email: None,
        telefon: None,
        cvr: Cvr::parse("55133018").ok(),
        p_nummer: PNummer::parse(p).ok(),
        gyldig_fra: None,
    })
}

fn place(under: Institutionsnummer, navn: &str, adresse: Adresse) -> Content {
    Content::AlternativAdresse(AlternativAdresse {
        enhed: under,
        navn: navn.into(),
        adresse,
        email: None,
        telefon: None,
        cvr: None,
        p_nummer: None,
        gyldig_fra: None,
    })
}

fn open(register: &std::path::Path) -> Arc<SqliteStore> {
    Arc::new(SqliteStore::open(register, Options::default()).unwrap())
}

fn start(store: &Arc<SqliteStore>, register: &std::path::Path) -> (Search, Feeder) {
    let store: Arc<dyn Store> = Arc::clone(store) as _;
    Search::start(&path(register), &tables(), &store)
}

impl World {
    fn new() -> Self {
        let scratch = Scratch::new();
        let register = scratch.path().join("register.db");
        let store = open(&register);
        let (search, feeder) = start(&store, &register);
        Self {
            feeder: Some(feeder),
            search,
            store,
            register,
            scratch,
        }
    }

    fn change(&self, handling: Handling, record: Record) {
        let done = self.store.write_blocking(move |tx| {
            let change = NewChange {
                handling,
                origin: origin(),
                record,
            };
            let sekvens = tx
                .save(change, Tidspunkt::from_millis(1_790_000_000_000))?
                .sekvens;
            tx.audit(&line(sekvens))?;
            Ok(Outcome::Keep(()))
        });
        done.unwrap();
    }

    fn insert(&self, content: Content) -> Institutionsnummer {
        let issued = self
            .store
            .write_blocking(|tx| Ok(Outcome::Keep(tx.issue_number()?)));
        let number = issued.unwrap();
        let record = Record::unborn(number, Arc::new(content), Vec::new());
        self.change(Handling::Oprettet, record);
        number
    }

    fn record(&self, number: Institutionsnummer) -> Record {
        self.store
            .read(|view| view.record(number))
            .unwrap()
            .unwrap()
    }

    fn update(&self, number: Institutionsnummer, content: Content) {
        let mut record = self.record(number);
        record.content = Arc::new(content);
        self.change(Handling::Aendret, record);
    }

    fn close(&self, number: Institutionsnummer, successors: &[Institutionsnummer]) {
        let mut record = self.record(number);
        record.life.lukkeaarsag = Some(Lukkeaarsag::Sammenlagt);
        record.life.afloest_af = successors.to_vec();
        self.change(Handling::Nedlagt, record);
    }

    /// Waits until the index has all changes.
    fn current(&self) {
        self.until(|world| {
            let last = world.store.read(|view| view.position()).unwrap().sekvens;
            matches!(world.search.state(), State::Ready { sekvens, .. } if sekvens == last)
        });
    }

    fn until(&self, mut holds: impl FnMut(&Self) -> bool) {
        let begun = Instant::now();
        while !holds(self) {
            assert!(
                begun.elapsed() < Duration::from_secs(600),
                "{:?}",
                self.search.state()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn find(&self, asked: Asked) -> Found {
        self.search.find(&asked).unwrap()
    }

    /// The numbers that are found, with all changes of before.
    fn numbers(&self, words: &str) -> Vec<Institutionsnummer> {
        self.current();
        numbers(&self.find(words_of(words)))
    }

    /// Restarts with other names of kommuner.
    fn restart_with(&mut self, tables: &Kodetabeller) {
        self.feeder = None;
        let store: Arc<dyn Store> = Arc::clone(&self.store) as _;
        let (search, feeder) = Search::start(&path(&self.register), tables, &store);
        (self.search, self.feeder) = (search, Some(feeder));
    }

    /// Restarts on whatever lies there now.
    fn restart(&mut self) {
        self.restart_with(&tables());
    }
}

fn words_of(words: &str) -> Asked {
    Asked {
        words: Words::parse(words).unwrap(),
        ..Asked::default()
    }
}

fn numbers(found: &Found) -> Vec<Institutionsnummer> {
    found.hits.iter().map(|hit| hit.number).collect()
}

/// Aarhus with two units, one with another place, and Odense with one.
fn filled() -> (World, [Institutionsnummer; 6]) {
    let world = World::new();
    let aarhus = world.insert(top("Områdeinstitution Søndergård", 751, 1));
    let odense = world.insert(top("Klyngen Vest", 461, 2));
    let sol = unit(
        aarhus,
        "Børnehuset Solstrålen",
        6012,
        "1000000001",
        adresse("Bøgeskrænten", "4B", "8270", "Højbjerg"),
    );
    let sol = world.insert(sol);
    let mose = unit(
        aarhus,
        "Mosen",
        6013,
        "1000000002",
        adresse("Rævekrogen", "12", "8000", "Aarhus C"),
    );
    let mose = world.insert(mose);
    let skov = world.insert(place(
        sol,
        "Skovgruppen",
        adresse("Solstien", "1", "8270", "Højbjerg"),
    ));
    let west = unit(
        odense,
        "Solsikken",
        6012,
        "1000000003",
        adresse("Åboulevarden", "7", "5000", "Odense C"),
    );
    let west = world.insert(west);
    (world, [aarhus, odense, sol, mose, skov, west])
}
