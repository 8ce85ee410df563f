//! `dtr aftale`: agreements by which a kommune or a private owner lets a system act for it (kontrakt §8). Works beside a
//! running server, which sees the change with the next call. Days are Danish ones, the last one included.

mod told;
mod vis;

use std::collections::BTreeSet;
use std::io::Write;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

pub(super) use self::vis::Names;
use super::common::{self, CliError, Common, Verdict, value};
use super::org::{known_kommune, kommuner};
use super::system::system_id;
use crate::agreements::{self, LONGEST_REASON, MOST_NUMBERS, Rules, today};
use crate::clock::Clock;
use crate::config::Config;
use crate::register::{
    Aftale, AftaleId, Dato, Institutionsnummer, Omfang, PNummer, Part, Tidspunkt, Tjeneste,
};
use crate::store::{Aftaler, StoreExt};

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
    /// Those that this kommune gave alone, by its kommunekode
    #[arg(long, value_name = "KODE")]
    kommune: Option<String>,
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

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    match &args.command {
        Command::Add(args) => add(args, clock, out),
        Command::List(args) => list(args, clock, out),
        Command::Close(args) => close(args, clock, out),
        Command::Overdrag(args) => hand_over(args, clock, out),
    }?;
    Ok(Verdict::Good)
}

fn add(args: &AddArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let (config, store) = args.common.config.open(clock)?;
    let now = clock.now();
    let today = day_of(now)?;
    let new = wanted(args, &config, today, now)?;
    let odd = match new.part {
        Part::Ejer(cvr) if !cvr.har_kontrolciffer() => vec![common::wrong_check_digit(cvr)],
        _ => Vec::new(),
    };
    let (act, rules) = (common::act("aftale add", now), rules(&config));
    let failed = "the agreement can't be registered";
    let stored = common::stored(&store, failed, move |tx| {
        agreements::grant(tx, &act, &rules, new)
    })?;
    let aftale = stored.map_err(|why| told::refused("--system", why))?;
    let names = Names::read(&store, &config, today)?;
    common::warn(&odd);
    names.tell(&[aftale], out, args.common.json, "registered")
}

/// What the configuration and the mirrors say of agreements.
pub(super) fn rules(config: &Config) -> Rules {
    Rules {
        by_kommune: config.rettigheder.private_af_kommune,
        mirrors: common::mirrors(config),
    }
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
        (None, Some(text)) => Part::Ejer(common::cvr("--ejer", text)?),
        (None, None) => return Err(value("--kommune", "name --kommune or --ejer".to_owned())),
    };
    let omfang = scope(&args.pnummer, &args.institution)?;
    let fra = date("--fra", args.fra.as_ref())?.unwrap_or(today);
    let til = date("--til", args.til.as_ref())?;
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
    let is = "no P-nummer: that is ten digits";
    let p_numbers = numbers("--pnummer", p_numbers, PNummer::parse, is)?;
    let is = "no institution number: that is six capitals and digits";
    let institutions = numbers("--institution", institutions, Institutionsnummer::parse, is)?;
    Ok(match (p_numbers.is_empty(), institutions.is_empty()) {
        (false, _) => Omfang::PNumre(p_numbers),
        (true, false) => Omfang::Institutioner(institutions),
        (true, true) => Omfang::Alle,
    })
}

/// The numbers of an option, each once.
fn numbers<N: Ord, E>(
    option: &'static str,
    texts: &[String],
    parse: fn(&str) -> Result<N, E>,
    otherwise: &str,
) -> Result<Vec<N>, CliError> {
    if texts.len() > MOST_NUMBERS {
        let problem = format!("at most {MOST_NUMBERS} numbers in one agreement");
        return Err(value(option, problem));
    }
    let number =
        |text: &String| parse(text).map_err(|_| value(option, format!("{text} is {otherwise}")));
    let numbers: Result<BTreeSet<N>, _> = texts.iter().map(number).collect();
    Ok(numbers?.into_iter().collect())
}

fn list(args: &ListArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let wanted = args
        .system
        .as_deref()
        .map(|text| system_id("--system", text))
        .transpose()?;
    let (config, store) = args.common.config.open(clock)?;
    let kommune = args.kommune.as_deref();
    let kommune = kommune
        .map(|code| known_kommune(code, &kommuner(&config)?))
        .transpose()?;
    let which = kommune.map_or(Aftaler::Alle, |code| Aftaler::Fra(Part::Kommune(code)));
    let mut all = store
        .read(|view| view.aftaler(which))
        .map_err(CliError::store("the agreements can't be read"))?;
    all.retain(|aftale| wanted.is_none_or(|system| aftale.system == system));
    let names = Names::read(&store, &config, day_of(clock.now())?)?.with_scopes(&store, &all)?;
    if args.common.json {
        return names.tell(&all, out, true, "");
    }
    if all.is_empty() {
        writeln!(
            out,
            "{}",
            match (wanted, kommune) {
                (None, None) => "No agreement is registered: systems may read, and write nothing.",
                _ => "No such agreement is registered.",
            }
        )?;
    }
    for aftale in &all {
        writeln!(out, "{}", names.described(aftale))?;
    }
    Ok(())
}

fn close(args: &CloseArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let id = aftale_id(&args.aftale)?;
    let why = common::name("--aarsag", &args.aarsag, LONGEST_REASON)?;
    let (config, store) = args.common.config.open(clock)?;
    let now = clock.now();
    let act = common::act("aftale close", now);
    let failed = "the agreement can't be ended";
    let stored = common::stored(&store, failed, move |tx| agreements::end(tx, &act, id, why))?;
    let aftale = stored.map_err(|why| told::refused("--system", why))?;
    let names = Names::read(&store, &config, day_of(now)?)?;
    names.tell(&[aftale], out, args.common.json, "ended")
}

fn hand_over(args: &HandOverArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let id = aftale_id(&args.aftale)?;
    let to = system_id("--til", &args.til)?;
    let (config, store) = args.common.config.open(clock)?;
    let now = clock.now();
    let today = day_of(now)?;
    let first = date("--dato", args.dato.as_ref())?.unwrap_or(today);
    let (act, rules) = (common::act("aftale overdrag", now), rules(&config));
    let failed = "the agreement can't be handed over";
    let stored = common::stored(&store, failed, move |tx| {
        agreements::hand_over(tx, &act, &rules, id, to, first)
    })?;
    let both = stored.map_err(|why| told::refused("--til", why))?;
    let names = Names::read(&store, &config, today)?;
    names.tell(&both, out, args.common.json, "handed over")
}

fn aftale_id(text: &str) -> Result<AftaleId, CliError> {
    let problem = || format!("{text} is no agreement: that is AFT- and a number");
    AftaleId::parse(text).map_err(|_| value("--aftale", problem()))
}

fn date(option: &'static str, text: Option<&String>) -> Result<Option<Dato>, CliError> {
    let day = |text: &String| {
        Dato::parse(text)
            .map_err(|_| value(option, format!("{text} is no day: that is YYYY-MM-DD")))
    };
    text.map(day).transpose()
}

fn day_of(now: Tidspunkt) -> Result<Dato, CliError> {
    today(now).map_err(CliError::store("the day can't be told"))
}
