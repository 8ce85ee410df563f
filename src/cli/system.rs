//! `dtr system`: the systems that certificates act as (kontrakt §8). Works beside a running server, which sees the
//! change with the next call.

use std::collections::{BTreeSet, HashMap};
use std::io::Write;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use serde_json::json;

use super::common::{self, CliError, Common, Verdict, value};
use crate::agreements::{
    self, CertificateRefused, Changed, LONGEST_NAME, SystemRefused, close_system, identity_of,
    register_system,
};
use crate::calls::{Calls, Last};
use crate::clock::Clock;
use crate::files;
use crate::identity::oces::StableId;
use crate::register::{Cvr, System, SystemId};
use crate::store::{Store, StoreExt, Write as Tx};

/// `dtr system …`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Register a system of an organisation, with the certificates that act as it
    Add(AddArgs),
    /// Bind certificates to a system, or release them; it stays the same across renewals of a certificate
    Certifikat(BindArgs),
    /// List all systems, closed ones too
    List(Common),
    /// Close a system: its certificates are refused from now on, its agreements give no right
    Close(CloseArgs),
}

#[derive(Debug, ClapArgs)]
struct AddArgs {
    /// CVR-nummer of the owner, a registered organisation: the one in the system's certificates
    #[arg(long)]
    cvr: String,
    /// Its name (navn)
    #[arg(long)]
    navn: String,
    #[command(flatten)]
    bind: Certificates,
    #[command(flatten)]
    common: Common,
}

/// Certificates, by file or by the identity that dtr certs shows.
#[derive(Debug, Clone, ClapArgs)]
struct Certificates {
    /// PEM file of a certificate to bind; may be given several times
    #[arg(long, value_name = "FIL")]
    certifikat: Vec<PathBuf>,
    /// Stable identity of a certificate to bind: an OCES3 UUID, or CVR:…-FID:… of OCES2
    #[arg(long, value_name = "ID")]
    identitet: Vec<String>,
}

#[derive(Debug, ClapArgs)]
struct BindArgs {
    /// The system, such as SYS-1
    #[arg(long)]
    system: String,
    #[command(flatten)]
    bind: Certificates,
    /// Stable identity of a certificate to release
    #[arg(long, value_name = "ID")]
    fjern: Vec<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, ClapArgs)]
struct CloseArgs {
    /// The system, such as SYS-1
    #[arg(long)]
    system: String,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    match &args.command {
        Command::Add(args) => add(args, clock, out),
        Command::Certifikat(args) => bind(args, clock, out),
        Command::List(args) => list(args, clock, out),
        Command::Close(args) => close(args, clock, out),
    }?;
    Ok(Verdict::Good)
}

fn add(args: &AddArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let cvr = common::cvr("--cvr", &args.cvr)?;
    let navn = common::name("--navn", &args.navn, LONGEST_NAME)?;
    let certifikater = identities(&args.bind, cvr)?;
    let act = common::act("system add", clock.now());
    let (_, store) = args.common.config.open(clock)?;
    changed(&store, out, args.common.json, "registered", move |tx| {
        register_system(tx, &act, cvr, navn, certifikater)
    })
}

fn bind(args: &BindArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let id = system_id("--system", &args.system)?;
    let released = args
        .fjern
        .iter()
        .map(|text| stable_id("--fjern", text))
        .collect::<Result<Vec<_>, _>>()?;
    let given = args.bind.clone();
    let (_, store) = args.common.config.open(clock)?;
    let ejer = store
        .read(|view| view.system(id))
        .map_err(CliError::store("the system can't be read"))?
        .map(|system| system.ejer)
        .ok_or_else(|| unknown(id))?;
    let added = identities(&given, ejer)?;
    if added.is_empty() && released.is_empty() {
        let problem =
            "name what to bind with --certifikat or --identitet, or to release with --fjern";
        return Err(value("system certifikat", problem.to_owned()));
    }
    let act = common::act("system certifikat", clock.now());
    changed(&store, out, args.common.json, "changed", move |tx| {
        agreements::bind(tx, &act, id, &released, added)
    })
}

fn close(args: &CloseArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let id = system_id("--system", &args.system)?;
    let act = common::act("system close", clock.now());
    let (_, store) = args.common.config.open(clock)?;
    changed(&store, out, args.common.json, "closed", move |tx| {
        close_system(tx, &act, id)
    })
}

fn list(args: &Common, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let (config, store) = args.config.open(clock)?;
    let systems = store
        .read(|view| view.systemer())
        .map_err(CliError::store("the systems can't be read"))?;
    let last = Calls::beside(&config.database.fil).last();
    let last = last.unwrap_or_else(|error| {
        common::warn(&[error.to_string()]);
        Vec::new()
    });
    let last = last
        .into_iter()
        .filter_map(|last| Some((last.system?, last)));
    let last: HashMap<_, _> = last.collect();
    let with_last = |system: System| {
        let last = last.get(&system.id).copied();
        (system, last)
    };
    let all: Vec<_> = systems.into_iter().map(with_last).collect();
    let none = "No system is registered; each certificate acts as its organisation.";
    let name = args.json.then_some("systemer");
    let shown = |(system, last): &(System, Option<Last>)| {
        let mut shown = shown(system);
        shown["sidst"] = last.map(|last| last.json()).unwrap_or_default();
        shown
    };
    let described = |(system, last): &(System, Option<Last>)| {
        let at = last.and_then(|last| last.call());
        let at = at.map_or_else(|| "none is known".to_owned(), |at| at.to_string());
        format!("{}\n    last call: {at}", described(system))
    };
    common::list(out, name, &all, none, shown, described)
}

/// Runs a change and tells what came of it.
fn changed(
    store: &dyn Store,
    out: &mut dyn Write,
    as_json: bool,
    done: &str,
    change: impl FnOnce(&mut dyn Tx) -> Changed<System, SystemRefused> + Send + 'static,
) -> Result<(), CliError> {
    let stored = common::stored(store, "the system can't be stored", change)?;
    match stored.map_err(refused)? {
        system if as_json => common::json(out, &shown(&system)),
        system => Ok(writeln!(out, "{done}: {}", described(&system))?),
    }
}

/// Why a system stays as it is, in the words of the command line.
fn refused(why: SystemRefused) -> CliError {
    let (option, problem) = match why {
        SystemRefused::UnknownOwner(cvr) => (
            "--cvr",
            format!("no organisation {cvr} is registered; register it with dtr org add"),
        ),
        SystemRefused::ClosedOwner(cvr) => (
            "--cvr",
            format!("the organisation {cvr} is closed; see dtr org list"),
        ),
        SystemRefused::Unknown(id) => return unknown(id),
        SystemRefused::Closed(system) => {
            let since = system.lukket.map(|at| format!(" at {at}"));
            let since = since.unwrap_or_default();
            ("--system", format!("{} was closed{since}", system.id))
        }
        SystemRefused::NotBound(id, gone) => (
            "--fjern",
            format!("{gone} is not bound to {id}; see dtr system list"),
        ),
        SystemRefused::Administrator(person) => (
            "--certifikat",
            format!(
                "{} is an administrator of {}; take it off that list first, with dtr org administrator remove",
                person.identitet, person.cvr
            ),
        ),
        SystemRefused::BoundTo(identity, other) => (
            "--certifikat",
            format!(
                "{identity} is bound to {} ({}); release it there first, with dtr system certifikat --fjern",
                other.id, other.navn
            ),
        ),
    };
    value(option, problem)
}

/// The stable identities that are to be bound; certificates must be their owner's.
fn identities(given: &Certificates, ejer: Cvr) -> Result<Vec<String>, CliError> {
    let mut found = BTreeSet::new();
    for file in &given.certifikat {
        let wrong = |why: String| value("--certifikat", format!("{}: {why}", file.display()));
        let pem = files::read(file, files::SMALL).map_err(CliError::file(file, "can't be read"))?;
        let identity = identity_of(&pem, ejer).map_err(|why| {
            wrong(match why {
                CertificateRefused::OtherOwner(cvr) => {
                    format!("its CVR-nummer is {cvr}, the system's owner is {ejer}")
                }
                other => common::unreadable(&other),
            })
        })?;
        found.insert(identity);
    }
    for text in &given.identitet {
        found.insert(stable_id("--identitet", text)?);
    }
    Ok(found.into_iter().collect())
}

fn stable_id(option: &'static str, text: &str) -> Result<String, CliError> {
    StableId::parse(text).map(|id| id.to_string()).ok_or_else(|| {
        let problem = format!(
            "{text} is no stable identity: that is a UUID (OCES3), or CVR:…-FID:… (OCES2); dtr certs vis FIL shows it"
        );
        value(option, problem)
    })
}

/// A system's id on the command line.
pub(super) fn system_id(option: &'static str, text: &str) -> Result<SystemId, CliError> {
    SystemId::parse(text).map_err(|_| {
        value(
            option,
            format!("{text} is no system: that is SYS- and a number"),
        )
    })
}

fn unknown(id: SystemId) -> CliError {
    value("--system", format!("there is no {id}; see dtr system list"))
}

fn described(system: &System) -> String {
    let mut text = format!(
        "{}  {} (CVR {}), since {}, {} certificate(s)",
        system.id,
        system.navn,
        system.ejer,
        system.oprettet,
        system.certifikater.len()
    );
    if let Some(closed) = system.lukket {
        text.push_str(&format!(", closed {closed}"));
    }
    for identity in &system.certifikater {
        text.push_str(&format!("\n    {identity}"));
    }
    text
}

fn shown(system: &System) -> serde_json::Value {
    json!({
        "id": system.id.to_string(),
        "navn": system.navn,
        "cvr": system.ejer.as_str(),
        "certifikater": system.certifikater,
        "oprettet": system.oprettet.to_string(),
        "lukket": system.lukket.map(|at| at.to_string()),
    })
}
