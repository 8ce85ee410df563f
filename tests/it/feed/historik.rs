//! Snapshot and feed come to the same state at every sequence, over histories made at random
//! (`DTR_HISTORIER=1000` for more of them, `DTR_FROE=n` for one again).

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use dtr::contract::Contract;
use dtr::export::parameters::Query;
use dtr::export::{Contents, Document, feed};
use dtr::register::{
    Adresse, AlternativAdresse, Anvisningsenhed, Content, Daginstitution, Institutionsnummer,
    Kodetabeller, Kommunekode, Life, Niveau, Record, Sekvens, Tidspunkt,
};
use dtr::store::sqlite::{Options, SqliteStore};
use dtr::store::{Handling, Moment, NewChange, Origin, Outcome, Read, Selection, StoreExt, Write};
use uuid::Uuid;

use super::kaede::leaves;
use crate::support::{Element, Folder};

/// Changes of a history.
const CHANGES: usize = 30;

#[test]
fn snapshot_and_feed_are_the_state_at_every_sequence() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().unwrap());
    let seeds: Vec<u64> = match number("DTR_FROE") {
        Some(seed) => vec![seed],
        None => (0..number("DTR_HISTORIER").unwrap_or(100)).collect(),
    };
    let tables = tables();
    for seed in seeds {
        let folder = Folder::new();
        let store = SqliteStore::open(&folder.join("register.db"), Options::default()).unwrap();
        let mut random = Random(seed);
        let made = store.write_blocking(move |tx| {
            for _ in 0..CHANGES {
                change(tx, &mut random)?;
            }
            Ok(Outcome::Keep(()))
        });
        made.unwrap();
        let compared = store.read(|view| {
            compare(view, &tables, seed);
            Ok(())
        });
        compared.unwrap();
    }
}

fn tables() -> Kodetabeller {
    let contract = Contract::new("https://a.example", "http://a.example").unwrap();
    dtr::codetables::load(None, contract.schema("Typer-v2").unwrap()).unwrap()
}

/// Follows the feed from every snapshot on; each must meet the next.
fn compare(view: &dyn Read, tables: &Kodetabeller, seed: u64) {
    let end = view.position().unwrap().sekvens;
    let mut state = BTreeMap::new();
    for at in 1..=end.0 {
        let (before, links) = feed::read(view, tables, Sekvens(at - 1), 1).unwrap();
        let page = feed::FeedPage {
            after: Sekvens(at - 1),
            position: view.position().unwrap(),
            last_sekvens: Sekvens(at),
            digest: Some((before, links[0].digest)),
            privat: false,
        };
        let page = String::from_utf8(page.write(links.iter())).unwrap();
        let page = Element::parse(&page);
        let change = page.child("aendring").unwrap();
        let record = &change.children[5];
        let nummer = change.text_of("institutionsnummer").to_owned();
        let mut text = String::new();
        leaves(record, &mut text);
        state.insert(nummer, text);
        let document = Document::of(Contents::Traeer).asked(&Query {
            moment: Some(Moment::Sekvens(Sekvens(at))),
            ..Query::default()
        });
        let (bytes, shown) = document.build(view, tables, None, usize::MAX).unwrap();
        assert_eq!(shown.sekvens, Sekvens(at));
        let mut snapshot = BTreeMap::new();
        let tree = Element::parse(&String::from_utf8(bytes).unwrap());
        records(&tree, &mut snapshot);
        assert_eq!(snapshot, state, "seed {seed}, change {at}");
    }
}

/// Every record of a tree by its number, without those under it.
fn records(of: &Element, found: &mut BTreeMap<String, String>) {
    let is_record = |element: &Element| {
        Niveau::ALL
            .iter()
            .any(|niveau| niveau.element() == element.name)
    };
    for child in of.children.iter().filter(|child| is_record(child)) {
        records(child, found);
        let mut own = child.clone();
        own.children.retain(|below| !is_record(below));
        let mut text = String::new();
        leaves(&own, &mut text);
        found.insert(own.children[0].text.clone(), text);
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % most as u64).unwrap()
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        (!list.is_empty()).then(|| &list[self.below(list.len())])
    }
}

/// Makes one change that the register allows.
fn change(tx: &mut dyn Write, random: &mut Random) -> dtr::store::Result<()> {
    let mut open: Vec<Record> = Vec::new();
    tx.records(&Selection::default(), &mut |record| {
        open.push(record);
        ControlFlow::Continue(())
    })?;
    let of = |niveau| {
        open.iter()
            .filter(move |record| record.niveau() == niveau)
            .map(|record| record.nummer)
            .collect::<Vec<_>>()
    };
    let (tops, units) = (of(Niveau::Daginstitution), of(Niveau::Anvisningsenhed));
    let name = format!("Navn {}", random.below(1000));
    let (handling, record) = match (random.below(8), random.pick(&open).cloned()) {
        (2 | 3, Some(mut record)) => {
            match Arc::make_mut(&mut record.content) {
                Content::Daginstitution(top) => {
                    top.navn = name;
                    top.adm_kommune = Kommunekode([101, 751][random.below(2)]);
                }
                Content::Anvisningsenhed(unit) => unit.navn = name,
                Content::AlternativAdresse(other) => other.navn = name,
            }
            (Handling::Aendret, record)
        }
        (4, Some(record)) if !tx.has_active_children(record.nummer)? => (Handling::Nedlagt, record),
        (5, Some(mut record)) => {
            match Arc::make_mut(&mut record.content) {
                Content::Daginstitution(top) => top.navn = name,
                Content::Anvisningsenhed(unit) => {
                    unit.daginstitution = *random.pick(&tops).unwrap();
                }
                Content::AlternativAdresse(other) => other.enhed = *random.pick(&units).unwrap(),
            }
            let handling = match record.niveau() {
                Niveau::Daginstitution => Handling::Aendret,
                _ => Handling::Flyttet,
            };
            (handling, record)
        }
        (6, _) if !tops.is_empty() => (
            Handling::Oprettet,
            new(tx.issue_number()?, unit(*random.pick(&tops).unwrap(), name)),
        ),
        (7, _) if !units.is_empty() => (
            Handling::Oprettet,
            new(
                tx.issue_number()?,
                other(*random.pick(&units).unwrap(), name),
            ),
        ),
        _ => (Handling::Oprettet, new(tx.issue_number()?, top(name))),
    };
    let origin = Origin {
        cvr: None,
        navn: "Prøve".to_owned(),
        operation: "prøve".to_owned(),
        korrelations_id: Uuid::nil(),
        sagsnummer: None,
        system: None,
        part: None,
    };
    let now = Tidspunkt::from_millis(1_790_000_000_000);
    tx.save(
        NewChange {
            handling,
            origin,
            record,
        },
        now,
    )?;
    Ok(())
}

fn new(nummer: Institutionsnummer, content: Content) -> Record {
    let beginning = Tidspunkt::from_millis(0);
    Record {
        nummer,
        content: Arc::new(content),
        life: Life {
            version: 0,
            oprettet: beginning,
            senest_opdateret: beginning,
            nedlagt: None,
            lukkeaarsag: None,
            skolens_nummer: None,
            afloeser: Vec::new(),
            afloest_af: Vec::new(),
        },
    }
}

fn top(navn: String) -> Content {
    Content::Daginstitution(Daginstitution {
        navn,
        ejerform: 1,
        lovgrundlag: 1,
        adm_kommune: Kommunekode(751),
        gyldig_fra: None,
    })
}

fn adresse() -> Adresse {
    Adresse {
        vej_navn: "Bøgeskrænten".to_owned(),
        hus_nummer: "4B".to_owned(),
        post_nummer: "8270".to_owned(),
        kommune_kode: Some(Kommunekode(751)),
        ..Adresse::default()
    }
}

fn unit(over: Institutionsnummer, navn: String) -> Content {
    Content::Anvisningsenhed(Anvisningsenhed {
        daginstitution: over,
        navn,
        adresse: adresse(),
        inst_type: 6012,
        email: Some("hus@aarhus.example".to_owned()),
        telefon: None,
        cvr: None,
        p_nummer: None,
        gyldig_fra: None,
    })
}

fn other(over: Institutionsnummer, navn: String) -> Content {
    Content::AlternativAdresse(AlternativAdresse {
        enhed: over,
        navn,
        adresse: adresse(),
        email: None,
        telefon: Some("00 75 10 01".to_owned()),
        cvr: None,
        p_nummer: None,
        gyldig_fra: None,
    })
}
