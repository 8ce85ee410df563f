//! Times the search in a register of many records, and the making of its index.
//!
//! ```text
//! cargo run --release --example search -- [RECORDS, default 1000000] [FOLDER, kept; default a temporary one]
//! ```
//!
//! The records are made up of the words that such registers have: some kinds of house, some hundred names, some thousand roads,
//! each with a frequency of its own. An eighth are daginstitutioner, an eighth alternative addresses, a tenth are closed. What is
//! told: how long making and opening the index took, its size, the memory of this process, how long 10,000 changes took, and
//! for each kind of search the time at the median, at the 99th of a hundred and at most.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use dtr::register::{
    Adresse, AlternativAdresse, Anvisningsenhed, Content, Cvr, Daginstitution, Institutionsnummer,
    Kode, Kodetabeller, Kommunekode, Niveau, PNummer, Record, Sekvens, Tidspunkt,
};
use dtr::search::{self, Asked, Search, Shown, State, Words};
use dtr::store::sqlite::{Format, Numbering, Options, SqliteStore};
use dtr::store::{Handling, NewChange, Origin, Outcome, Store, StoreExt, Write};

type Failed = Box<dyn Error>;

/// Records written in one transaction.
const GROUP: u64 = 5_000;
/// Times that each kind of search is made.
const ROUNDS: usize = 300;
const AT: i64 = 1_790_000_000_000;

const KINDS: [&str; 10] = [
    "Børnehuset",
    "Børnehaven",
    "Vuggestuen",
    "Dagplejen",
    "Naturbørnehaven",
    "Den integrerede institution",
    "Skovbørnehaven",
    "Legestuen",
    "Områdeinstitution",
    "Daginstitutionen",
];
const BEGINNINGS: [&str; 24] = [
    "Sol", "Måne", "Skov", "Mose", "Sø", "Å", "Bæk", "Eng", "Bøge", "Ege", "Birke", "Kastanje",
    "Hassel", "Ræve", "Hjorte", "Lærke", "Svane", "Spurve", "Stær", "Blomster", "Æble", "Pære",
    "Kirse", "Troldes",
];
const ENDINGS: [&str; 24] = [
    "strålen", "gården", "haven", "huset", "reden", "toppen", "bakken", "lunden", "engen",
    "vangen", "krogen", "hulen", "spiren", "hytten", "kilden", "broen", "porten", "dalen", "højen",
    "marken", "stien", "skæret", "hjørnet", "øen",
];
const ROADS: [&str; 12] = [
    "vej",
    "gade",
    "vænget",
    "allé",
    "parken",
    "skrænten",
    "stræde",
    "boulevarden",
    "krogen",
    "stien",
    "bakke",
    "torv",
];

/// The same numbers at each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap_or_default() % end
    }

    /// One of a list, the first ones oftener.
    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        let least = self.below(list.len()).min(self.below(list.len()));
        list[least]
    }

    fn name(&mut self) -> String {
        let (kind, first, last) = (self.of(&KINDS), self.of(&BEGINNINGS), self.of(&ENDINGS));
        match self.below(8) {
            0 => format!("{kind} {first}{last} {}", 1 + self.below(30)),
            _ => format!("{kind} {first}{last}"),
        }
    }

    fn address(&mut self) -> Adresse {
        let road = format!(
            "{}{}{}",
            self.of(&BEGINNINGS),
            self.of(&ENDINGS).trim_end_matches("en"),
            self.of(&ROADS)
        );
        let post = 1000 + 10 * self.below(600);
        Adresse {
            vej_navn: road,
            hus_nummer: (1 + self.below(180)).to_string(),
            post_nummer: format!("{post}"),
            by_navn: Some(format!(
                "{}by {}",
                BEGINNINGS[post / 10 % 24],
                ["C", "N", "S", "V"][post / 240 % 4]
            )),
            ..Adresse::default()
        }
    }
}

fn main() -> Result<(), Failed> {
    let mut arguments = std::env::args().skip(1);
    let records = arguments
        .next()
        .map_or(Ok(1_000_000), |text| text.parse())?;
    let kept = arguments.next().map(PathBuf::from);
    let folder = kept
        .clone()
        .unwrap_or_else(|| std::env::temp_dir().join(format!("dtr-search-{}", std::process::id())));
    std::fs::create_dir_all(&folder)?;
    let done = run(records, &folder);
    if kept.is_none() {
        std::fs::remove_dir_all(&folder)?;
    }
    done
}

fn run(records: u64, folder: &Path) -> Result<(), Failed> {
    let register = folder.join("register.db");
    let begun = Instant::now();
    let numbers = Numbering {
        format: Format::Base36,
        ..Numbering::default()
    };
    let options = Options {
        numbers,
        ..Options::default()
    };
    let store = Arc::new(SqliteStore::open(&register, options)?);
    let there = store.read(|view| view.position())?.sekvens;
    if there == Sekvens(0) {
        fill(&store, records)?;
        println!(
            "register of {records} records: {:.1} s",
            begun.elapsed().as_secs_f64()
        );
    }
    let index = search::path(&register);
    // In a folder that was kept it is there already, and only opened.
    let done = if index.exists() { "opened" } else { "made" };
    let at: Arc<dyn Store> = Arc::clone(&store) as _;
    let tables = tables();
    memory("before");
    let begun = Instant::now();
    let (search, feeder) = Search::start(&index, &tables, &at);
    current(&search)?;
    println!("{done}: {:.1} s", begun.elapsed().as_secs_f64());
    println!(
        "file: {:.0} MB",
        std::fs::metadata(&index)?.len() as f64 / 1e6
    );
    memory(done);
    drop(feeder);
    let begun = Instant::now();
    let (search, _feeder) = Search::start(&index, &tables, &at);
    current(&search)?;
    println!("opened again: {:.1} s", begun.elapsed().as_secs_f64());
    time_searches(&search, &store)?;
    memory("searched");
    let begun = Instant::now();
    more(&store, 10_000)?;
    let written = begun.elapsed();
    current(&search)?;
    println!(
        "10000 changes: written in {:.1} s, in the index after {:.1} s",
        written.as_secs_f64(),
        begun.elapsed().as_secs_f64()
    );
    time_searches(&search, &store)
}

fn current(search: &Search) -> Result<(), Failed> {
    loop {
        match search.state() {
            State::Ready { behind: 0, .. } => return Ok(()),
            State::Failed { why } => return Err(why.into()),
            _ => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

fn memory(when: &str) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let lines = status
        .lines()
        .filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM"));
    let told: Vec<_> = lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    println!("memory {when}: {}", told.join(", "));
}

fn tables() -> Kodetabeller {
    let mut tables = Kodetabeller::default();
    for code in 101..199 {
        let row = Kode {
            tekst: format!("{}{}", BEGINNINGS[code % 24], ROADS[code % 12]),
            bekraeftet: false,
            kilde: None,
        };
        tables
            .kommune
            .koder
            .insert(i32::try_from(code).unwrap_or_default(), row);
    }
    tables
}

/// Makes the search of a round.
type Make<'a> = &'a dyn Fn(usize) -> Result<Asked, Failed>;

fn time_searches(search: &Search, store: &SqliteStore) -> Result<(), Failed> {
    let mut chance = Chance(11);
    let mut looked_up = Vec::new();
    store.read(|view| {
        let last = view.position()?.sekvens.0;
        for _ in 0..ROUNDS {
            let after = Sekvens(chance.below(usize::try_from(last).unwrap_or(1)) as u64);
            looked_up.extend(view.aendringer(after, 1)?);
        }
        Ok(())
    })?;
    let record = |nth: usize| &looked_up[nth % looked_up.len()].record;
    let kommune = |nth: usize| {
        Some(Kommunekode(
            101 + u16::try_from(nth * 7 % 98).unwrap_or_default(),
        ))
    };
    let last_word = |nth: usize| {
        record(nth)
            .content
            .navn()
            .split(' ')
            .next_back()
            .unwrap_or("sol")
            .to_owned()
    };
    let kinds: [(&str, Make<'_>); 14] = [
        ("one common word", &|nth| words(KINDS[nth % 10])),
        ("one word of a name", &|nth| words(&last_word(nth))),
        ("two words, a name", &|nth| {
            words(record(nth).content.navn())
        }),
        ("two common words, not a name", &|nth| {
            words(&format!("{} {}", BEGINNINGS[nth % 24], KINDS[nth % 10]))
        }),
        ("name and town", &|nth| {
            words(&format!("{} {}by", last_word(nth), BEGINNINGS[nth % 24]))
        }),
        ("address", &|nth| {
            words(
                record(nth)
                    .content
                    .adresse()
                    .map_or("Solvej 4", |own| &own.vej_navn),
            )
        }),
        ("institution number", &|nth| {
            words(record(nth).nummer.as_str())
        }),
        ("P-number", &|nth| {
            words(
                record(nth)
                    .content
                    .p_nummer()
                    .as_ref()
                    .map_or("1000000001", PNummer::as_str),
            )
        }),
        ("CVR number of many", &|_| words("55133018")),
        ("one letter", &|nth| {
            words(&"bdsvnaklmo"[nth % 10..=nth % 10])
        }),
        ("three letters", &|nth| {
            words(
                &BEGINNINGS[nth % 24]
                    .chars()
                    .chain("st".chars())
                    .take(3)
                    .collect::<String>(),
            )
        }),
        ("half a word", &|nth| {
            words(&last_word(nth).chars().take(6).collect::<String>())
        }),
        ("kommune and type", &|nth| {
            Ok(Asked {
                kommune: kommune(nth),
                inst_type: Some(6012),
                ..Asked::default()
            })
        }),
        ("a word, closed ones of a kommune", &|nth| {
            Ok(Asked {
                kommune: kommune(nth),
                shown: Shown::Closed,
                ejerform: Some(2),
                niveau: Some(Niveau::Anvisningsenhed),
                ..words(KINDS[nth % 10])?
            })
        }),
    ];
    println!(
        "{:<36} {:>8} {:>8} {:>8} {:>9}",
        "milliseconds", "p50", "p99", "most", "hits"
    );
    for (kind, asked) in kinds {
        let mut times = Vec::with_capacity(ROUNDS);
        let mut hits = 0;
        for nth in 0..ROUNDS {
            let asked = asked(nth)?;
            let begun = Instant::now();
            let found = search.find(&asked)?;
            times.push(begun.elapsed());
            hits += found.hits.len();
        }
        times.sort_unstable();
        let at = |share: usize| {
            times[(times.len() * share / 100).min(times.len() - 1)].as_secs_f64() * 1e3
        };
        println!(
            "{kind:<36} {:>8.2} {:>8.2} {:>8.2} {hits:>9}",
            at(50),
            at(99),
            at(100)
        );
    }
    Ok(())
}

fn words(text: &str) -> Result<Asked, Failed> {
    Ok(Asked {
        words: Words::parse(text)?,
        ..Asked::default()
    })
}

fn fill(store: &SqliteStore, records: u64) -> Result<(), Failed> {
    let mut chance = Chance(7);
    let mut written = 0;
    let (mut tops, mut units) = (Vec::new(), Vec::new());
    while written < records {
        let group = GROUP.min(records - written);
        (chance, tops, units) = store.write_blocking(move |tx| {
            for nth in written..written + group {
                let (tops, units) = (&mut tops, &mut units);
                insert(tx, nth, &mut chance, tops, units)?;
            }
            Ok(Outcome::Keep((chance, tops, units)))
        })?;
        written += group;
    }
    Ok(())
}

fn insert(
    tx: &mut dyn Write,
    nth: u64,
    chance: &mut Chance,
    tops: &mut Vec<Institutionsnummer>,
    units: &mut Vec<Institutionsnummer>,
) -> dtr::store::Result<()> {
    let number = tx.issue_number()?;
    let content = match nth % 8 {
        0 => {
            tops.push(number);
            Content::Daginstitution(Daginstitution {
                navn: chance.name(),
                ejerform: 1 + i32::from(chance.below(5) == 0),
                lovgrundlag: 1,
                adm_kommune: Kommunekode(101 + u16::try_from(chance.below(98)).unwrap_or_default()),
                gyldig_fra: None,
            })
        }
        7 => Content::AlternativAdresse(AlternativAdresse {
            enhed: units[chance.below(units.len())],
            navn: chance.name(),
            adresse: chance.address(),
            email: None,
            telefon: None,
            cvr: None,
            p_nummer: None,
            gyldig_fra: None,
        }),
        _ => {
            units.push(number);
            Content::Anvisningsenhed(Anvisningsenhed {
                daginstitution: tops[chance.below(tops.len())],
                navn: chance.name(),
                adresse: chance.address(),
                inst_type: [6012, 6013, 6014][chance.below(3)],
                email: None,
                telefon: None,
                cvr: Cvr::parse("55133018").ok(),
                p_nummer: PNummer::parse(&(1_000_000_000 + nth).to_string()).ok(),
                gyldig_fra: None,
            })
        }
    };
    let record = Record::unborn(number, Arc::new(content), Vec::new());
    let change = save(tx, Handling::Oprettet, record)?;
    if nth % 8 == 7 && chance.below(5) < 4 {
        save(tx, Handling::Nedlagt, change)?;
    }
    Ok(())
}

fn save(tx: &mut dyn Write, handling: Handling, record: Record) -> dtr::store::Result<Record> {
    let origin = Origin {
        cvr: None,
        navn: "example".into(),
        operation: "cli/example".into(),
        korrelations_id: uuid::Uuid::nil(),
        sagsnummer: None,
        system: None,
        part: None,
    };
    let change = NewChange {
        handling,
        origin,
        record,
    };
    Ok(tx.save(change, Tidspunkt::from_millis(AT))?.record)
}

/// Changes the names of so many records.
fn more(store: &SqliteStore, changes: u64) -> Result<(), Failed> {
    let mut chance = Chance(5);
    for group in 0..changes / 100 {
        chance = store.write_blocking(move |tx| {
            let found = tx.aendringer(Sekvens(group * 977), 100)?;
            for change in found {
                let Some(mut record) = tx.record(change.record.nummer)?.filter(Record::is_active)
                else {
                    continue;
                };
                let name = chance.name();
                match Arc::make_mut(&mut record.content) {
                    Content::Daginstitution(own) => own.navn = name,
                    Content::Anvisningsenhed(own) => own.navn = name,
                    Content::AlternativAdresse(own) => own.navn = name,
                }
                save(tx, Handling::Aendret, record)?;
            }
            Ok(Outcome::Keep(chance))
        })?;
    }
    Ok(())
}
