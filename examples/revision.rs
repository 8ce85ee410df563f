//! Times the verification of a long audit chain, in the register and in an export.
//!
//! ```text
//! cargo run --profile dist --example revision -- [LINES, default 1000000] [FOLDER, kept; default a temporary one]
//! ```
//!
//! Half of the lines are stored writes, each with its change in the history, half are refusals. What is timed runs in a
//! process of its own: `sqlite::examine` (what `dtr audit verify` does: the file's integrity, every rule of the
//! register, the chain, and that chain and history agree), and the reading of the export (`dtr audit verify --fil`).

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use dtr::audit::{Entry, Examined, Examiner, Header, Heads, Reader, Udfald, Writer};
use dtr::register::{Content, Cvr, Daginstitution, Kommunekode, Life, Record, Sekvens, Tidspunkt};
use dtr::store::sqlite::{self, Format, Numbering, Options, SqliteStore};
use dtr::store::{Handling, NewChange, Origin, Outcome, StoreExt, Write};
use uuid::Uuid;

type Failed = Box<dyn Error>;

/// Lines written in one transaction.
const GROUP: u64 = 2_000;
/// Daginstitutioner; every later write changes one of them.
const RECORDS: u64 = 10_000;
const OPERATION: &str = "import:v2/UpdateDaginstitution";
const AT: i64 = 1_790_000_000_000;

fn main() -> Result<(), Failed> {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("--register") => {
            let file: PathBuf = arguments.next().ok_or("which register?")?.into();
            timed("register", || {
                Ok(sqlite::examine(&file, Heads::default())?.1)
            })
        }
        Some("--eksport") => {
            let file: PathBuf = arguments.next().ok_or("which export?")?.into();
            timed("export", || export(&file))
        }
        lines => {
            let lines = lines.map_or(Ok(1_000_000), str::parse)?;
            let kept = arguments.next().map(PathBuf::from);
            let folder = kept.clone().unwrap_or_else(|| {
                std::env::temp_dir().join(format!("dtr-revision-{}", std::process::id()))
            });
            std::fs::create_dir_all(&folder)?;
            let done = run(lines, &folder);
            if kept.is_none() {
                std::fs::remove_dir_all(&folder)?;
            }
            done
        }
    }
}

fn run(lines: u64, folder: &Path) -> Result<(), Failed> {
    let (register, spor) = (folder.join("register.db"), folder.join("spor.txt"));
    if !register.exists() {
        let begun = Instant::now();
        make(lines, &register, &spor)?;
        eprintln!(
            "made {lines} lines in {:.1} s",
            begun.elapsed().as_secs_f64()
        );
    }
    for file in [&register, &spor] {
        let size = std::fs::metadata(file)?.len() >> 20;
        println!(
            "{:<14} {size} MiB",
            file.file_name().unwrap_or_default().to_string_lossy()
        );
    }
    for (what, file) in [("--register", &register), ("--eksport", &spor)] {
        for _ in 0..3 {
            let status = Command::new(std::env::current_exe()?)
                .arg(what)
                .arg(file)
                .status()?;
            if !status.success() {
                return Err(format!("{what}: {status}").into());
            }
        }
    }
    Ok(())
}

/// Writes the register, then its export.
fn make(lines: u64, register: &Path, spor: &Path) -> Result<(), Failed> {
    let numbers = Numbering {
        format: Format::Base36,
        ..Numbering::default()
    };
    let store = SqliteStore::open(
        register,
        Options {
            numbers,
            ..Options::default()
        },
    )?;
    let mut written = 0;
    while written < lines {
        let until = lines.min(written + GROUP);
        let from = written;
        store.write_blocking(move |tx| {
            for line in from..until {
                write(tx, line)?;
            }
            Ok(Outcome::Keep(()))
        })?;
        written = until;
    }
    let file = BufWriter::new(File::create(spor)?);
    let exported = store.read(|view| {
        let position = view.position()?;
        let header = Header {
            epoke: position.epoke.to_string(),
            sekvens: position.sekvens,
            eksporteret: Tidspunkt::from_millis(AT),
        };
        let mut writing = Writer::new(file, &header);
        view.audit_lines(&mut |line| {
            let done = writing.as_mut().map(|writer| writer.line(&line));
            match done {
                Ok(Ok(())) => ControlFlow::Continue(()),
                _ => ControlFlow::Break(()),
            }
        })?;
        Ok(writing.and_then(Writer::finish))
    })?;
    exported?;
    Ok(())
}

/// A stored write for an even line, a refusal for an odd one.
fn write(tx: &mut dyn Write, line: u64) -> dtr::store::Result<()> {
    let id = Uuid::from_u128(line.into());
    let mut entry = Entry {
        tidspunkt: Tidspunkt::from_millis(AT + i64::try_from(line).unwrap_or_default()),
        operation: OPERATION.into(),
        udfald: Udfald::Afvist,
        cvr: Cvr::parse("55133018").ok(),
        identitet: "UI:DK-O:G:11111111-2222-3333-4444-555555555555".into(),
        person: None,
        korrelations_id: id,
        message_id: Some(format!("urn:uuid:{id}")),
        sagsnummer: None,
        sekvenser: None,
        noter: vec!["DTR5001".into()],
        antal: 1,
    };
    if line.is_multiple_of(2) {
        let sekvens = change(tx, line / 2, id, entry.tidspunkt)?;
        entry.udfald = Udfald::Gemt;
        entry.noter.clear();
        entry.sekvenser = Some((sekvens, sekvens));
    }
    tx.audit(&entry)
}

fn change(
    tx: &mut dyn Write,
    nth: u64,
    korrelations_id: Uuid,
    now: Tidspunkt,
) -> dtr::store::Result<Sekvens> {
    let (handling, nummer) = if nth < RECORDS {
        (Handling::Oprettet, tx.issue_number()?)
    } else {
        let found = tx.aendringer(Sekvens(nth % RECORDS), 1)?.pop();
        let found = found.ok_or(dtr::store::StoreError::Closed)?;
        (Handling::Aendret, found.record.nummer)
    };
    let record = Record {
        nummer,
        content: Content::Daginstitution(Daginstitution {
            navn: format!("Kløverengen {nth}"),
            ejerform: 1,
            lovgrundlag: 2,
            adm_kommune: Kommunekode(751),
            gyldig_fra: None,
        })
        .into(),
        life: Life {
            version: 0,
            oprettet: now,
            senest_opdateret: now,
            nedlagt: None,
            lukkeaarsag: None,
            skolens_nummer: None,
            afloeser: vec![],
            afloest_af: vec![],
        },
    };
    let origin = Origin {
        cvr: Cvr::parse("55133018").ok(),
        navn: "Aarhus Kommune".into(),
        operation: OPERATION.into(),
        korrelations_id,
        sagsnummer: None,
        system: None,
        part: None,
    };
    let new = NewChange {
        handling,
        origin,
        record,
    };
    Ok(tx.save(new, now)?.sekvens)
}

fn export(file: &Path) -> Result<Examined, Failed> {
    let mut reader = Reader::new(BufReader::with_capacity(1 << 16, File::open(file)?))?;
    let mut examiner = Examiner::default();
    while let Some(line) = reader.next_line()? {
        examiner.line(&line);
    }
    let header = reader.header();
    Ok(examiner.finish(&header.epoke, header.sekvens))
}

/// Processor time of this process, in seconds: what the wall clock would show on an idle machine (Linux).
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the name in brackets; user and system time are the 12th and 13th, in hundredths of a second.
    let fields = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace();
    let ticks = fields
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// Times the work, and tells the most memory that the process had (Linux).
fn timed(what: &str, work: impl FnOnce() -> Result<Examined, Failed>) -> Result<(), Failed> {
    let begun = Instant::now();
    let examined = work()?;
    let seconds = begun.elapsed().as_secs_f64();
    if !examined.holds() {
        return Err(format!("{:?}", examined.findings).into());
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.unwrap_or("?").trim();
    println!(
        "{what:<8} {} lines, {seconds:.2} s, processor {:.2} s, peak {peak}",
        examined.head.number,
        processor()
    );
    Ok(())
}
