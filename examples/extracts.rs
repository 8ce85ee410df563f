//! Makes up extracts of CVR and DAR of any size, loads the mirrors from them, and measures both loading and look-ups.
//!
//! ```text
//! cargo run --profile dist --example extracts -- DIR [--penheder N] [--adresser N] [--opslag N]
//! ```
//!
//! `DIR/cvr.jsonl` has N production units (700,000 unless said otherwise) as CVR's public extract writes them, a JSON object
//! on each line; `DIR/dar.csv` has N addresses (2,500,000) as the address extract does. Names and numbers are made up, and
//! the same N gives the same bytes. The mirrors are `DIR/cvr.db` and `DIR/dar.db`, as `dtr mirror load` would make them.
//! One JSON object on stdout: seconds, bytes, peak memory of each loading, and the median and 99th percentile of a
//! look-up in microseconds.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use dtr::clock::Clock;
use dtr::mirror::{AddressParts, DarAnswer, DarQuery, MirrorKind};
use dtr::register::PNummer;
use dtr::store::sqlite::mirror::{self, Load};
use serde_json::{Value, json};
use uuid::Uuid;

type Fejl = Box<dyn std::error::Error>;

/// Addresses of a road, on average about what Denmark has.
const PER_ROAD: u64 = 22;
/// Roads of a postal district.
const PER_DISTRICT: u64 = 105;
const FIRST: [&str; 40] = [
    "Ahorn",
    "Birke",
    "Bøge",
    "Dal",
    "Egebæk",
    "Elme",
    "Enghave",
    "Fasan",
    "Fyrre",
    "Gran",
    "Hassel",
    "Hede",
    "Hyben",
    "Hyld",
    "Iris",
    "Kastanje",
    "Kirke",
    "Klokke",
    "Kløver",
    "Lærke",
    "Lilje",
    "Linde",
    "Lyng",
    "Mose",
    "Møllebakke",
    "Nørre",
    "Odde",
    "Pil",
    "Poppel",
    "Ravn",
    "Rosen",
    "Rønne",
    "Skov",
    "Sol",
    "Strand",
    "Svane",
    "Søbred",
    "Tjørne",
    "Vester",
    "Ørne",
];
const LAST: [&str; 12] = [
    "vej", "gade", "allé", "stien", "bakken", "parken", "vænget", "haven", "lunden", "toften",
    "stræde", "krogen",
];

struct Options {
    dir: PathBuf,
    penheder: u64,
    adresser: u64,
    opslag: u64,
}

fn main() -> Result<(), Fejl> {
    let options = options()?;
    std::fs::create_dir_all(&options.dir)?;
    let cvr = options.dir.join("cvr.jsonl");
    make(&cvr, |out| penheder(out, options.penheder))?;
    let dar = options.dir.join("dar.csv");
    make(&dar, |out| adresser(out, options.adresser))?;
    let told = json!({
        "cvr": measured(&options, MirrorKind::Cvr, &cvr)?,
        "dar": measured(&options, MirrorKind::Dar, &dar)?,
    });
    println!("{}", serde_json::to_string_pretty(&told)?);
    Ok(())
}

fn options() -> Result<Options, Fejl> {
    let usage = "usage: extracts DIR [--penheder N] [--adresser N] [--opslag N]";
    let mut words = std::env::args().skip(1);
    let mut options = Options {
        dir: words.next().ok_or(usage)?.into(),
        penheder: 700_000,
        adresser: 2_500_000,
        opslag: 100_000,
    };
    while let Some(word) = words.next() {
        let number = words.next().ok_or(usage)?.parse()?;
        match word.as_str() {
            "--penheder" => options.penheder = number,
            "--adresser" => options.adresser = number,
            "--opslag" => options.opslag = number,
            _ => return Err(usage.into()),
        }
    }
    Ok(options)
}

fn make(file: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Fejl> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(file)?);
    write(&mut out)?;
    out.flush()?;
    Ok(())
}

/// A made-up address: everything follows from its number.
struct Adresse {
    id: Uuid,
    vej: String,
    vejkode: u64,
    house: String,
    etage: &'static str,
    doer: &'static str,
    postnr: u64,
    kommune: u64,
    status: u64,
    position: (f64, f64),
}

impl Adresse {
    fn new(number: u64) -> Self {
        let road = number / PER_ROAD;
        let on_road = number % PER_ROAD;
        let district = road / PER_DISTRICT;
        let (name, turn) = (road % PER_DISTRICT, road / (40 * 12));
        let first = FIRST[usize::try_from((name * 7 + turn) % 40).unwrap_or_default()];
        let last = LAST[usize::try_from(name / 9 % 12).unwrap_or_default()];
        // Every seventh road has houses with doors.
        let (house, etage, doer) = if road.is_multiple_of(7) {
            let storey = ["st", "1", "2"][usize::try_from(on_road / 2 % 3).unwrap_or_default()];
            let side = ["tv", "th"][usize::try_from(on_road % 2).unwrap_or_default()];
            (on_road / 6 * 2 + 1, storey, side)
        } else {
            (on_road + 1, "", "")
        };
        let letter = if on_road % 11 == 10 && etage.is_empty() {
            "B"
        } else {
            ""
        };
        let part = |of: u64| f64::from(u32::try_from(of % 1_000_000).unwrap_or_default()) / 1e6;
        Self {
            id: Uuid::from_u64_pair(
                mixed(number) & !0xf000 | 0x4000,
                mixed(number + 1) >> 2 | 1 << 63,
            ),
            vej: format!("{first}{last}"),
            vejkode: name + 1,
            house: format!("{house}{letter}"),
            etage,
            doer,
            postnr: 1000 + district % 8990,
            kommune: 101 + district % 760,
            status: if number.is_multiple_of(97) { 2 } else { 1 },
            position: (
                54.6 + 3.0 * part(mixed(number)),
                8.1 + 7.0 * part(mixed(number + 7)),
            ),
        }
    }
}

fn adresser(out: &mut dyn Write, count: u64) -> io::Result<()> {
    writeln!(
        out,
        "id,status,oprettet,vejkode,vejnavn,husnr,etage,dør,supplerendebynavn,postnr,postnrnavn,kommunekode,\
         kommunenavn,wgs84koordinat_bredde,wgs84koordinat_længde"
    )?;
    for number in 0..count {
        let at = Adresse::new(number);
        writeln!(
            out,
            "{},{},2010-03-01T10:00:00Z,{:04},{},{},{},{},,{:04},By {},{:04},Kommune {},{:.7},{:.7}",
            at.id,
            at.status,
            at.vejkode,
            at.vej,
            at.house,
            at.etage,
            at.doer,
            at.postnr,
            at.postnr,
            at.kommune,
            at.kommune,
            at.position.0,
            at.position.1
        )?;
    }
    Ok(())
}

fn p_number(number: u64) -> u64 {
    1_000_000_000 + number * 3
}

fn penheder(out: &mut dyn Write, count: u64) -> io::Result<()> {
    for number in 0..count {
        let at = Adresse::new(number * 3);
        let cvr = 10_000_000 + number / 3;
        let status = if number.is_multiple_of(4) {
            "Ophørt"
        } else {
            "Aktiv"
        };
        let periode = json!({"gyldigFra": "2014-01-01", "gyldigTil": Value::Null});
        let record = json!({"Vrvirksomhed": Value::Null, "VrproduktionsEnhed": {
            "pNummer": p_number(number),
            "sidstIndlaest": "2026-10-01T03:12:45.000+02:00",
            "navne": [{"navn": format!("Enhed {number}"), "periode": periode}],
            "livsforloeb": [{"periode": periode}],
            "virksomhedsrelation": [{"cvrNummer": [{"cvrNummer": cvr, "periode": periode}]}],
            "produktionsEnhedMetadata": {
                "nyesteNavn": {"navn": format!("Enhed {number}"), "periode": periode},
                "sammensatStatus": status,
                "nyesteCvrNummerRelation": cvr,
                "nyesteHovedbranche": {"branchekode": "889130", "branchetekst": "Vuggestuer"},
                "nyesteBeliggenhedsadresse": {
                    "landekode": "DK",
                    "vejnavn": at.vej,
                    "husnummerFra": at.house.trim_end_matches('B').parse::<u64>().unwrap_or(1),
                    "bogstavFra": Value::Null,
                    "etage": Value::Null,
                    "postnummer": at.postnr,
                    "postdistrikt": format!("By {}", at.postnr),
                    "periode": periode,
                },
            },
        }});
        writeln!(out, "{record}")?;
    }
    Ok(())
}

/// Loads a mirror and looks things up in it.
fn measured(options: &Options, kind: MirrorKind, extract: &Path) -> Result<Value, Fejl> {
    let target = mirror::path(&options.dir.join("register.db"), kind);
    let job = Load {
        kind,
        extract,
        target: &target,
        now: Clock::System.now(),
        allow_smaller: true,
        allow_without: &[],
        between_points: 50_000,
    };
    forget_peak();
    let begun = Instant::now();
    let loaded = mirror::load(&job, &mut |_| ControlFlow::Continue(()))?;
    let seconds = begun.elapsed().as_secs_f64();
    let peak = peak_kib();
    let look_ups = match kind {
        MirrorKind::Cvr => cvr(options, &target)?,
        MirrorKind::Dar => dar(options, &target)?,
    };
    Ok(json!({
        "udtraekBytes": std::fs::metadata(extract)?.len(),
        "raekker": loaded.state.rows,
        "afviste": loaded.state.rejected,
        "sekunder": seconds,
        "spejlBytes": std::fs::metadata(&target)?.len(),
        "hukommelseKiB": peak,
        "opslag": look_ups,
        "hukommelseKiBOpslag": peak_kib(),
    }))
}

fn cvr(options: &Options, file: &Path) -> Result<Value, Fejl> {
    let mirror = mirror::cvr(file)?.ok_or("no mirror")?;
    let mut took = Vec::new();
    for turn in 0..options.opslag {
        let number = mixed(turn) % options.penheder;
        let p_number =
            PNummer::parse(&p_number(number).to_string()).map_err(|e| format!("{e:?}"))?;
        let begun = Instant::now();
        let unit = mirror.production_unit(p_number)?;
        took.push(begun.elapsed());
        assert!(unit.is_some(), "{p_number} was loaded");
    }
    forget_peak();
    Ok(json!({"pNummer": figures(took)}))
}

fn dar(options: &Options, file: &Path) -> Result<Value, Fejl> {
    let mirror = mirror::dar(file)?.ok_or("no mirror")?;
    let (mut by_parts, mut by_id, mut guesses) = (Vec::new(), Vec::new(), Vec::new());
    let mut found = 0_u64;
    forget_peak();
    for turn in 0..options.opslag {
        let at = Adresse::new(mixed(turn) % options.adresser);
        let (kode, post) = (format!("{:04}", at.vejkode), format!("{:04}", at.postnr));
        let dele = AddressParts {
            vej_navn: &at.vej,
            hus_nummer: &at.house,
            etage: Some(at.etage).filter(|text| !text.is_empty()),
            doer: Some(at.doer).filter(|text| !text.is_empty()),
            post_nummer: &post,
            vej_kode: Some(&kode),
            ..AddressParts::default()
        };
        let begun = Instant::now();
        let answer = mirror.query(&DarQuery::Parts(dele))?;
        by_parts.push(begun.elapsed());
        found += u64::from(!matches!(answer, DarAnswer::Unknown));
        let begun = Instant::now();
        let answer = mirror.query(&DarQuery::Id(at.id))?;
        by_id.push(begun.elapsed());
        found += u64::from(!matches!(answer, DarAnswer::Unknown));
        if turn % 100 == 0 {
            let wrong = AddressParts {
                vej_navn: &format!("{}n", at.vej),
                vej_kode: None,
                ..dele
            };
            let begun = Instant::now();
            mirror.suggestions(&wrong)?;
            guesses.push(begun.elapsed());
        }
    }
    Ok(json!({
        "dele": figures(by_parts),
        "id": figures(by_id),
        "forslag": figures(guesses),
        "fundet": found,
    }))
}

fn figures(mut took: Vec<std::time::Duration>) -> Value {
    took.sort_unstable();
    let at = |share: usize| {
        let place = (took.len() * share / 100).min(took.len().saturating_sub(1));
        took.get(place).map_or(0.0, |time| time.as_secs_f64() * 1e6)
    };
    json!({"antal": took.len(), "p50": at(50), "p99": at(99)})
}

/// A number with nothing of the order of the one it is made from (the finisher of SplitMix64).
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Has the kernel count the peak of memory anew.
fn forget_peak() {
    // Where that can't be, the figure is the peak of the whole run.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
