//! `dtr aftale`: agreements by which a kommune or a private owner lets a system act for it (decisions §8). Works beside a
//! running server, which sees the change with the next call. Days are Danish ones, the last one included.

use std::collections::HashSet;
use std::io::Write;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use serde_json::json;

use super::common::{self, CliError, ConfigArg, Verdict, value};
use super::org::{known_kommune, kommuner};
use super::system::system_id;
use crate::clock::Clock;
use crate::config::Config;
use crate::import::{covered, dag};
use crate::register::{
    Aftale, AftaleId, Cvr, Dato, Institutionsnummer, Omfang, PNummer, Part, Tidspunkt, Tjeneste,
};
use crate::spejl::Spejle;
use crate::store::{self, Aftaler, Outcome, Read, StoreExt, Write as Tx};

/// The most numbers that one agreement names.
const MOST_NUMBERS: usize = 1000;
/// The longest reason for an end, in characters.
const LONGEST_REASON: usize = 132;

/// `dtr aftale …`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Register an agreement
    Add(AddArgs),
    /// List agreements, ended ones too
    List(ListArgs),
    /// End an agreement now
    Close(CloseArgs),
    /// Hand an agreement over to another system on a day: the old right ends as the new one begins
    Overdrag(HandOverArgs),
}

#[derive(Debug, ClapArgs)]
struct AddArgs {
    /// The system that may act, such as SYS-1
    #[arg(long)]
    system: String,
    /// Kommunekode of the kommune that lets it
    #[arg(
        long,
        value_name = "KODE",
        required_unless_present = "ejer",
        conflicts_with = "ejer"
    )]
    kommune: Option<String>,
    /// CVR-nummer of the private owner that lets it; where numbers are named, they count as proven to be the owner's
    #[arg(long, value_name = "CVR")]
    ejer: Option<String>,
    /// The service
    #[arg(long, value_enum, default_value = "import")]
    tjeneste: Service,
    /// A P-number that it covers, with its units and their addresses; several times for several
    #[arg(long, value_name = "P-NUMMER", conflicts_with = "institution")]
    pnummer: Vec<String>,
    /// An institution number that it covers, with all below; several times for several. Neither: everything
    #[arg(long, value_name = "NUMMER")]
    institution: Vec<String>,
    /// The first day, YYYY-MM-DD; left out: today
    #[arg(long, value_name = "DATO")]
    fra: Option<String>,
    /// The last day; left out: until it is ended
    #[arg(long, value_name = "DATO")]
    til: Option<String>,
    /// Let it overlap with another system's right to write in the same institution
    #[arg(long)]
    tillad_overlap: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, ClapArgs)]
struct ListArgs {
    /// Of this system alone
    #[arg(long)]
    system: Option<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, ClapArgs)]
struct CloseArgs {
    /// The agreement, such as AFT-1
    #[arg(long)]
    aftale: String,
    /// Why (årsag)
    #[arg(long)]
    aarsag: String,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, ClapArgs)]
struct HandOverArgs {
    /// The agreement, such as AFT-1
    #[arg(long)]
    aftale: String,
    /// The system that takes over, such as SYS-2
    #[arg(long)]
    til: String,
    /// Its first day, YYYY-MM-DD, today or later; left out: today, from this moment
    #[arg(long)]
    dato: Option<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, ClapArgs)]
struct Common {
    #[command(flatten)]
    config: ConfigArg,
    /// One JSON object on stdout
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Service {
    /// ImportService: writing
    Import,
    /// EksportService: reading
    Eksport,
}

impl From<Service> for Tjeneste {
    fn from(service: Service) -> Self {
        match service {
            Service::Import => Self::Import,
            Service::Eksport => Self::Eksport,
        }
    }
}

/// Why an agreement is not stored: the option at fault, and what would be right.
type Refused = (&'static str, String);

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    match &args.command {
        Command::Add(args) => add(args, clock, out),
        Command::List(args) => list(args, clock, out),
        Command::Close(args) => close(args, clock, out),
        Command::Overdrag(args) => hand_over(args, clock, out),
    }?;
    Ok(Verdict::Good)
}

/// Stores an agreement with its audit line.
pub(super) fn save(
    tx: &mut dyn Tx,
    operation: &str,
    aftale: &Aftale,
    now: Tidspunkt,
) -> store::Result<()> {
    tx.gem_aftale(aftale)?;
    let mut noter = vec![
        format!("aftale {}", aftale.id),
        format!("system {}", aftale.system),
        principal(aftale.part),
        format!("tjeneste {}", aftale.tjeneste.as_str()),
        format!("omfang {}", aftale.omfang.art()),
        format!("fra {}", aftale.fra),
    ];
    noter.extend(aftale.til.map(|last| format!("til {last}")));
    noter.extend(aftale.afloeser.map(|id| format!("afloeser {id}")));
    noter.extend(aftale.lukket.iter().map(|(_, why)| format!("aarsag {why}")));
    tx.audit(&common::audit_entry(operation, noter, now))
}

fn add(args: &AddArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let (config, store) = args.common.config.open(clock)?;
    let now = clock.now();
    let today = day_of(now)?;
    let new = wanted(args, &config, today, now)?;
    let spejle = common::mirrors(&config);
    let stored = store
        .write_blocking(move |tx| {
            if let Some(refused) = unusable(tx, &new)? {
                return Ok(Outcome::Undo(Err(refused), None));
            }
            if let Some(refused) = overlapping(tx, &new, None, &spejle)? {
                return Ok(Outcome::Undo(Err(refused), None));
            }
            let aftale = Aftale {
                id: tx.ny_aftale()?,
                ..new
            };
            save(tx, "aftale add", &aftale, now)?;
            Ok(Outcome::Keep(Ok(vec![aftale])))
        })
        .map_err(CliError::store("the agreement can't be registered"))?;
    tell(stored, out, args.common.json, "registered", today)
}

/// The agreement that the command line asks for, checked as far as it can be without the register.
fn wanted(
    args: &AddArgs,
    config: &Config,
    today: Dato,
    now: Tidspunkt,
) -> Result<Aftale, CliError> {
    let part = match (&args.kommune, &args.ejer) {
        (Some(code), _) => Part::Kommune(known_kommune(code, &kommuner(config)?)?),
        (None, Some(text)) => Part::Ejer(Cvr::parse(text).map_err(|_| {
            value(
                "--ejer",
                format!("{text} is no CVR-nummer: that is eight digits"),
            )
        })?),
        (None, None) => return Err(value("--kommune", "name --kommune or --ejer".to_owned())),
    };
    let omfang = scope(&args.pnummer, &args.institution)?;
    let fra = args
        .fra
        .as_deref()
        .map_or(Ok(today), |text| date("--fra", text))?;
    let til = args
        .til
        .as_deref()
        .map(|text| date("--til", text))
        .transpose()?;
    if til.is_some_and(|last| last < fra) {
        let problem = format!("the last day lies before the first, {fra}");
        return Err(value("--til", problem));
    }
    Ok(Aftale {
        id: AftaleId(0),
        system: system_id("--system", &args.system)?,
        part,
        tjeneste: args.tjeneste.into(),
        omfang,
        fra,
        til,
        overlap: args.tillad_overlap,
        oprettet: now,
        lukket: None,
        afloeser: None,
    })
}

fn scope(p_numbers: &[String], institutions: &[String]) -> Result<Omfang, CliError> {
    let too_many = |option| {
        value(
            option,
            format!("at most {MOST_NUMBERS} numbers in one agreement"),
        )
    };
    if p_numbers.len() > MOST_NUMBERS {
        return Err(too_many("--pnummer"));
    }
    if institutions.len() > MOST_NUMBERS {
        return Err(too_many("--institution"));
    }
    if !p_numbers.is_empty() {
        let mut list = p_numbers
            .iter()
            .map(|text| {
                PNummer::parse(text).map_err(|_| {
                    value(
                        "--pnummer",
                        format!("{text} is no P-nummer: that is ten digits"),
                    )
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        list.sort_unstable();
        list.dedup();
        return Ok(Omfang::PNumre(list));
    }
    let mut list = institutions
        .iter()
        .map(|text| {
            Institutionsnummer::parse(text).map_err(|_| {
                let problem =
                    format!("{text} is no institution number: that is six capitals and digits");
                value("--institution", problem)
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    list.sort_unstable();
    list.dedup();
    Ok(if list.is_empty() {
        Omfang::Alle
    } else {
        Omfang::Institutioner(list)
    })
}

/// Why the register can't hold an agreement: its system or a number that it names.
fn unusable(tx: &dyn Tx, new: &Aftale) -> store::Result<Option<Refused>> {
    match tx.system(new.system)? {
        None => {
            let problem = format!("there is no {}; see dtr system list", new.system);
            return Ok(Some(("--system", problem)));
        }
        Some(system) if system.lukket.is_some() => {
            return Ok(Some(("--system", format!("{} is closed", new.system))));
        }
        Some(_) => {}
    }
    if let Omfang::Institutioner(list) = &new.omfang {
        for &number in list {
            let problem = match tx.post(number)? {
                None => format!("the register has no {number}"),
                Some(post) if !post.is_active() => format!("{number} is closed"),
                Some(_) => match (new.part, tx.adm_kommune(number)?) {
                    (Part::Kommune(own), Some(kommune)) if own != kommune => {
                        format!("{number} is supervised by kommune {kommune}, not {own}")
                    }
                    _ => continue,
                },
            };
            return Ok(Some(("--institution", problem)));
        }
    }
    Ok(None)
}

/// One import source for each institution (decisions §8): another system's agreement that meets the new one in time and
/// in a record, unless one of the two allows it.
fn overlapping(
    tx: &dyn Tx,
    new: &Aftale,
    instead_of: Option<AftaleId>,
    spejle: &Spejle,
) -> store::Result<Option<Refused>> {
    if new.overlap || new.tjeneste != Tjeneste::Import {
        return Ok(None);
    }
    let own: HashSet<_> = covered(tx, new, new.fra, spejle)?.into_iter().collect();
    for other in tx.aftaler(Aftaler::Alle)? {
        let apart = other.overlap
            || Some(other.id) == instead_of
            || other.tjeneste != Tjeneste::Import
            || other.system == new.system
            || !new.moedes(&other);
        if apart || is_closed(tx, &other)? {
            continue;
        }
        let meets = if same_words(new, &other) {
            Some(principal(new.part))
        } else {
            let theirs = covered(tx, &other, new.fra.max(other.fra), spejle)?;
            let both = theirs.into_iter().find(|number| own.contains(number));
            both.map(|number| number.to_string())
        };
        if let Some(what) = meets {
            let problem = format!(
                "{} of {} writes in {what} as well: one source for each institution; end it with dtr aftale close, hand \
                 it over with dtr aftale overdrag, or say --tillad-overlap",
                other.id, other.system
            );
            return Ok(Some(("aftale", problem)));
        }
    }
    Ok(None)
}

fn is_closed(view: &dyn Read, aftale: &Aftale) -> store::Result<bool> {
    let system = view.system(aftale.system)?;
    Ok(system.is_none_or(|system| system.lukket.is_some()))
}

/// Whether both speak of the same, whatever the register holds now.
fn same_words(a: &Aftale, b: &Aftale) -> bool {
    a.part == b.part
        && match (&a.omfang, &b.omfang) {
            (Omfang::Alle, Omfang::Alle) => true,
            (a, b) => {
                let theirs = b.numre();
                a.numre().iter().any(|number| theirs.contains(number))
            }
        }
}

fn list(args: &ListArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let wanted = args
        .system
        .as_deref()
        .map(|text| system_id("--system", text))
        .transpose()?;
    let (_, store) = args.common.config.open(clock)?;
    let mut all = store
        .read(|view| view.aftaler(Aftaler::Alle))
        .map_err(CliError::store("the agreements can't be read"))?;
    all.retain(|aftale| wanted.is_none_or(|system| aftale.system == system));
    let today = day_of(clock.now())?;
    if args.common.json {
        let rows: Vec<_> = all.iter().map(|aftale| shown(aftale, today)).collect();
        return common::json(out, &json!({ "aftaler": rows }));
    }
    if all.is_empty() {
        writeln!(
            out,
            "No agreement is registered: systems may read, and write nothing."
        )?;
    }
    for aftale in &all {
        writeln!(out, "{}", described(aftale, today))?;
    }
    Ok(())
}

fn close(args: &CloseArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let id = aftale_id(&args.aftale)?;
    let why = common::name("--aarsag", &args.aarsag, LONGEST_REASON)?;
    let (_, store) = args.common.config.open(clock)?;
    let now = clock.now();
    let stored = store
        .write_blocking(move |tx| {
            Ok(match open_agreement(tx, id)? {
                Err(refused) => Outcome::Undo(Err(refused), None),
                Ok(mut aftale) => {
                    aftale.lukket = Some((now, why));
                    save(tx, "aftale close", &aftale, now)?;
                    Outcome::Keep(Ok(vec![aftale]))
                }
            })
        })
        .map_err(CliError::store("the agreement can't be ended"))?;
    tell(stored, out, args.common.json, "ended", day_of(now)?)
}

fn hand_over(args: &HandOverArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let id = aftale_id(&args.aftale)?;
    let to = system_id("--til", &args.til)?;
    let (config, store) = args.common.config.open(clock)?;
    let spejle = common::mirrors(&config);
    let now = clock.now();
    let today = day_of(now)?;
    let first = args
        .dato
        .as_deref()
        .map_or(Ok(today), |text| date("--dato", text))?;
    if first < today {
        let problem = format!(
            "{first} has passed; what was written until now stays with the system that wrote it"
        );
        return Err(value("--dato", problem));
    }
    let stored = store
        .write_blocking(move |tx| {
            let mut old = match open_agreement(tx, id)? {
                Ok(old) => old,
                Err(refused) => return Ok(Outcome::Undo(Err(refused), None)),
            };
            if old.til.is_some_and(|last| last < first) {
                let problem =
                    format!("{id} ends before {first}; register a new one with dtr aftale add");
                return Ok(Outcome::Undo(Err(("--dato", problem)), None));
            }
            let new = Aftale {
                id: tx.ny_aftale()?,
                system: to,
                fra: first.max(old.fra),
                oprettet: now,
                afloeser: Some(old.id),
                ..old.clone()
            };
            if old.system == to {
                let problem = format!("{id} is {to}'s already");
                return Ok(Outcome::Undo(Err(("--til", problem)), None));
            }
            if let Some(refused) = unusable(tx, &new)? {
                return Ok(Outcome::Undo(Err(refused), None));
            }
            if let Some(refused) = overlapping(tx, &new, Some(id), &spejle)? {
                return Ok(Outcome::Undo(Err(refused), None));
            }
            match new.fra.dagen_foer().filter(|&last| last >= old.fra) {
                Some(last) => old.til = Some(last),
                // It would never have held.
                None => old.lukket = Some((now, format!("overdraget som {}", new.id))),
            }
            save(tx, "aftale overdrag", &old, now)?;
            save(tx, "aftale overdrag", &new, now)?;
            Ok(Outcome::Keep(Ok(vec![old, new])))
        })
        .map_err(CliError::store("the agreement can't be handed over"))?;
    tell(stored, out, args.common.json, "handed over", today)
}

fn open_agreement(tx: &dyn Tx, id: AftaleId) -> store::Result<Result<Aftale, Refused>> {
    Ok(match tx.aftaler(Aftaler::En(id))?.pop() {
        None => Err(("--aftale", format!("there is no {id}; see dtr aftale list"))),
        Some(aftale) => match &aftale.lukket {
            Some((at, why)) => Err(("--aftale", format!("{id} was ended at {at}: {why}"))),
            None => Ok(aftale),
        },
    })
}

fn tell(
    stored: Result<Vec<Aftale>, Refused>,
    out: &mut dyn Write,
    as_json: bool,
    done: &str,
    today: Dato,
) -> Result<(), CliError> {
    match stored {
        Err((option, problem)) => Err(value(option, problem)),
        Ok(aftaler) if as_json => {
            let rows: Vec<_> = aftaler.iter().map(|aftale| shown(aftale, today)).collect();
            common::json(out, &json!({ "aftaler": rows }))
        }
        Ok(aftaler) => {
            for aftale in &aftaler {
                writeln!(out, "{done}: {}", described(aftale, today))?;
            }
            Ok(())
        }
    }
}

fn aftale_id(text: &str) -> Result<AftaleId, CliError> {
    AftaleId::parse(text).map_err(|_| {
        value(
            "--aftale",
            format!("{text} is no agreement: that is AFT- and a number"),
        )
    })
}

fn date(option: &'static str, text: &str) -> Result<Dato, CliError> {
    Dato::parse(text).map_err(|_| value(option, format!("{text} is no day: that is YYYY-MM-DD")))
}

fn day_of(now: Tidspunkt) -> Result<Dato, CliError> {
    dag(now).map_err(CliError::store("the day can't be told"))
}

fn principal(part: Part) -> String {
    match part {
        Part::Kommune(code) => format!("kommune {code}"),
        Part::Ejer(cvr) => format!("ejer {cvr}"),
    }
}

/// `AFT-1  SYS-1 import for kommune 751: alle, from … (holds)`.
fn described(aftale: &Aftale, today: Dato) -> String {
    let numbers = aftale.omfang.numre().join(" ");
    let until = aftale
        .til
        .map_or(String::new(), |last| format!(" to {last}"));
    let state = match &aftale.lukket {
        Some((at, why)) => format!("ended {at}: {why}"),
        None if aftale.gaelder(today) => "holds".to_owned(),
        None if today < aftale.fra => "to come".to_owned(),
        None => "expired".to_owned(),
    };
    format!(
        "{}  {} {} for {}: {} {numbers} from {}{until} ({state})",
        aftale.id,
        aftale.system,
        aftale.tjeneste.as_str(),
        principal(aftale.part),
        aftale.omfang.art(),
        aftale.fra,
    )
}

fn shown(aftale: &Aftale, today: Dato) -> serde_json::Value {
    let (kommune, ejer) = match aftale.part {
        Part::Kommune(code) => (Some(code.0), None),
        Part::Ejer(cvr) => (None, Some(cvr.to_string())),
    };
    json!({
        "id": aftale.id.to_string(),
        "system": aftale.system.to_string(),
        "kommune": kommune,
        "ejer": ejer,
        "tjeneste": aftale.tjeneste.as_str(),
        "omfang": aftale.omfang.art(),
        "numre": aftale.omfang.numre(),
        "fra": aftale.fra.to_string(),
        "til": aftale.til.map(|last| last.to_string()),
        "tilladOverlap": aftale.overlap,
        "gaelder": aftale.gaelder(today),
        "oprettet": aftale.oprettet.to_string(),
        "lukket": aftale.lukket.as_ref().map(|(at, _)| at.to_string()),
        "aarsag": aftale.lukket.as_ref().map(|(_, why)| why),
        "afloeser": aftale.afloeser.map(|id| id.to_string()),
    })
}
