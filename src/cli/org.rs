//! `dtr org`: the organisations that may call (kontrakt §8). Works beside a running server, which sees the change with
//! the next call.

mod varsel;

use std::io::Write;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use serde_json::json;

use super::administrator;
use super::common::{self, CliError, Common, Verdict, cvr, value};
use crate::agreements::{
    self, KommuneRefused, LONGEST_NAME, Oddity, OrganisationRefused, close_organisation,
    kommune_for, register_organisation,
};
use crate::app;
use crate::clock::Clock;
use crate::config::Config;
use crate::register::{Kodetabel, Kommunekode, Tidspunkt};
use crate::store::{OrgKind, Organisation, StoreExt};

/// `dtr org …`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Register an organisation, or open a closed one again
    Add(AddArgs),
    /// List all organisations, closed ones too
    List(Common),
    /// Close an organisation: its certificates are refused from now on
    Close(CloseArgs),
    /// Certificates that persons of an organisation sign in to the pages with
    Administrator(administrator::Args),
    /// Make a secret address at which an organisation is told what waits for its answer; any before stops working
    Varsel(varsel::Args),
}

#[derive(Debug, ClapArgs)]
struct AddArgs {
    /// CVR-nummer, eight digits: the one in its certificates
    #[arg(long)]
    cvr: String,
    /// Its name (navn)
    #[arg(long)]
    navn: String,
    /// What it is (art)
    #[arg(long, value_enum)]
    art: Art,
    /// Kommunekode of a kommune, such as 751; for a kommune alone
    #[arg(long, value_name = "KODE")]
    kommune: Option<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, ClapArgs)]
struct CloseArgs {
    /// CVR-nummer, eight digits
    #[arg(long)]
    cvr: String,
    #[command(flatten)]
    common: Common,
}

/// The kinds by the words of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Art {
    /// A kommune with its own system: writes in its own dagtilbud
    Kommune,
    /// A vendor of administrative systems: writes by agreement
    Leverandoer,
    /// A private owner: writes by agreement
    Privat,
    /// A consumer of exports: reads
    Aftager,
    /// The register's own support: writes everything, with a case number
    Operatoer,
}

impl From<Art> for OrgKind {
    fn from(art: Art) -> Self {
        match art {
            Art::Kommune => Self::Kommune,
            Art::Leverandoer => Self::Leverandoer,
            Art::Privat => Self::PrivatEjer,
            Art::Aftager => Self::Aftager,
            Art::Operatoer => Self::Operatoer,
        }
    }
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    match &args.command {
        Command::Add(args) => add(args, clock, out),
        Command::List(args) => list(args, clock, out),
        Command::Close(args) => close(args, clock, out),
        Command::Administrator(args) => administrator::run(args, clock, out),
        Command::Varsel(args) => varsel::run(args, clock, out),
    }?;
    Ok(Verdict::Good)
}

fn add(args: &AddArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let (config, store) = args.common.config.open(clock)?;
    let now = clock.now();
    let new = wanted(args, &kommuner(&config)?, now)?;
    let act = common::act("org add", now);
    let failed = "the organisation can't be registered";
    let stored = common::stored(&store, failed, move |tx| {
        register_organisation(tx, &act, new)
    })?;
    let (organisation, oddities) = stored.map_err(refused)?;
    let odd: Vec<_> = oddities.iter().map(odd).collect();
    answer(out, args.common.json, "registered", &organisation, &odd)
}

/// Why an organisation stays as it is, in the words of the command line.
fn refused(why: OrganisationRefused) -> CliError {
    let problem = match why {
        OrganisationRefused::Open(known) => format!(
            "{} is registered already: {}; to change it, close it with dtr org close and add it anew",
            known.cvr,
            described(&known),
        ),
        OrganisationRefused::Closed(known) => {
            format!("{} is closed already: {}", known.cvr, described(&known))
        }
        OrganisationRefused::Unknown(cvr) => {
            format!("no organisation {cvr} is registered; see dtr org list")
        }
        OrganisationRefused::Agreements(ids) => {
            let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
            let problem = format!(
                "its systems have import agreements, which an organisation of this kind can't use: {}; end them with dtr \
                 aftale close, or hand them over with dtr aftale overdrag",
                ids.join(", ")
            );
            return value("--art", problem);
        }
    };
    value("--cvr", problem)
}

fn odd(oddity: &Oddity) -> String {
    match oddity {
        Oddity::CheckDigit(cvr) => common::wrong_check_digit(*cvr),
        Oddity::SameKommune(kommune, others) => {
            let others: Vec<_> = others
                .iter()
                .map(|other| format!("{} {}", other.cvr, other.navn))
                .collect();
            format!(
                "kommune {kommune} is registered as {} too, and each of them may write in all that it supervises; close \
                 those that are not the kommune with dtr org close",
                others.join(", ")
            )
        }
    }
}

/// The organisation that the command line asks for, checked.
fn wanted(args: &AddArgs, kommuner: &Kodetabel, now: Tidspunkt) -> Result<Organisation, CliError> {
    let navn = common::name("--navn", &args.navn, LONGEST_NAME)?;
    let kommune = kommune_for(args.art.into(), args.kommune.as_deref(), kommuner);
    let kommune = kommune.map_err(|why| no_kommune(args, why, kommuner))?;
    Ok(Organisation {
        cvr: cvr("--cvr", &args.cvr)?,
        navn,
        art: args.art.into(),
        kommune,
        oprettet: now,
        lukket: None,
    })
}

fn no_kommune(args: &AddArgs, why: KommuneRefused, kommuner: &Kodetabel) -> CliError {
    match why {
        KommuneRefused::Missing => {
            let problem = "a kommune needs --kommune and its kommunekode, such as --kommune 751";
            value("--art kommune", problem.to_owned())
        }
        KommuneRefused::NotKommune => {
            let problem = "goes with --art kommune alone; leave it out";
            value("--kommune", problem.to_owned())
        }
        KommuneRefused::Unknown => {
            unknown_kommune(args.kommune.as_deref().unwrap_or_default(), kommuner)
        }
    }
}

/// A kommunekode of the code table.
pub(super) fn known_kommune(text: &str, kommuner: &Kodetabel) -> Result<Kommunekode, CliError> {
    agreements::known_kommune(text, kommuner).ok_or_else(|| unknown_kommune(text, kommuner))
}

fn unknown_kommune(text: &str, kommuner: &Kodetabel) -> CliError {
    let problem = format!(
        "{text} is no kommunekode of the code table kommune ({} codes, such as 751 Aarhus)",
        kommuner.koder.len()
    );
    value("--kommune", problem)
}

fn list(args: &Common, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let (_, store) = args.config.open(clock)?;
    let all = store
        .read(|view| view.organisationer())
        .map_err(CliError::store("the organisations can't be read"))?;
    let none = "No organisation is registered: nobody can call. Register one with dtr org add.";
    let name = args.json.then_some("organisationer");
    common::list(out, name, &all, none, shown, line)
}

fn close(args: &CloseArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let cvr = cvr("--cvr", &args.cvr)?;
    let (_, store) = args.common.config.open(clock)?;
    let act = common::act("org close", clock.now());
    let failed = "the organisation can't be closed";
    let stored = common::stored(&store, failed, move |tx| close_organisation(tx, &act, cvr))?;
    answer(
        out,
        args.common.json,
        "closed",
        &stored.map_err(refused)?,
        &[],
    )
}

fn answer(
    out: &mut dyn Write,
    as_json: bool,
    done: &str,
    organisation: &Organisation,
    odd: &[String],
) -> Result<(), CliError> {
    common::warn(odd);
    if as_json {
        let mut shown = shown(organisation);
        if let Some(object) = shown.as_object_mut() {
            object.insert("advarsler".to_owned(), json!(odd));
        }
        return common::json(out, &shown);
    }
    Ok(writeln!(out, "{done}: {}", line(organisation))?)
}

fn line(organisation: &Organisation) -> String {
    format!("{}  {}", organisation.cvr, described(organisation))
}

/// `Aarhus Kommune (kommune 751), since …`.
fn described(organisation: &Organisation) -> String {
    let kommune = organisation
        .kommune
        .map_or(String::new(), |code| format!(" {code}"));
    let mut text = format!(
        "{} ({}{kommune}), since {}",
        organisation.navn,
        organisation.art.as_str(),
        organisation.oprettet
    );
    if let Some(closed) = organisation.lukket {
        text.push_str(&format!(", closed {closed}"));
    }
    text
}

fn shown(organisation: &Organisation) -> serde_json::Value {
    json!({
        "cvr": organisation.cvr.as_str(),
        "navn": organisation.navn,
        "art": organisation.art.as_str(),
        "kommune": organisation.kommune.map(|code| code.0),
        "oprettet": organisation.oprettet.to_string(),
        "lukket": organisation.lukket.map(|at| at.to_string()),
    })
}

/// The code table of kommuner that the configuration names.
pub(super) fn kommuner(config: &Config) -> Result<Kodetabel, CliError> {
    Ok(app::rules(config, "", "")?.1.kommune)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::Kode;

    fn args(art: Art, kommune: Option<&str>) -> AddArgs {
        AddArgs {
            cvr: "55133018".into(),
            navn: " Aarhus Kommune ".into(),
            art,
            kommune: kommune.map(str::to_owned),
            common: Common::default(),
        }
    }

    fn tables() -> Kodetabel {
        let mut table = Kodetabel::default();
        let row = Kode {
            tekst: "Aarhus".into(),
            bekraeftet: true,
            kilde: None,
        };
        table.koder.insert(751, row);
        table
    }

    #[test]
    fn a_kommune_and_only_a_kommune_has_a_kommunekode() {
        let now = Tidspunkt::from_millis(0);
        for (art, kommune, good) in [
            (Art::Kommune, Some("751"), true),
            (Art::Kommune, Some("0751"), true),
            (Art::Kommune, Some("752"), false),
            (Art::Kommune, None, false),
            (Art::Aftager, None, true),
            (Art::Aftager, Some("751"), false),
        ] {
            let made = wanted(&args(art, kommune), &tables(), now);
            assert_eq!(made.is_ok(), good, "{art:?} {kommune:?}: {made:?}");
            if let Ok(made) = made {
                assert_eq!(made.navn, "Aarhus Kommune");
            }
        }
    }

    #[test]
    fn names_and_numbers_are_checked() {
        let now = Tidspunkt::from_millis(0);
        for (cvr, navn) in [("5513301", "x"), ("55133018", " "), ("55133018", "a\nb")] {
            let args = AddArgs {
                cvr: cvr.into(),
                navn: navn.into(),
                ..args(Art::Aftager, None)
            };
            assert!(wanted(&args, &tables(), now).is_err(), "{cvr} {navn:?}");
        }
    }
}
