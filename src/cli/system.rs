//! `dtr system`: the systems that certificates act as (kontrakt §8). Works beside a running server, which sees the
//! change with the next call.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::json;

use super::common::{self, CliError, ConfigArg, Verdict, settled};
use crate::agreements::{self, LONGEST_NAME, SystemRefused, close_system, register_system};
use crate::clock::Clock;
use crate::files;
use crate::identity::Certificate;
use crate::identity::oces::StableId;
use crate::register::{Cvr, System, SystemId};
use crate::store::{self, Store, StoreExt, Write as Tx};

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
    List(ListArgs),
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
struct ListArgs {
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

#[derive(Debug, ClapArgs)]
struct Common {
    #[command(flatten)]
    config: ConfigArg,
    /// One JSON object on stdout
    #[arg(long)]
    json: bool,
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
    let cvr = Cvr::parse(&args.cvr).map_err(|_| {
        let problem = format!("{} is no CVR-nummer: that is eight digits", args.cvr);
        common::value("--cvr", problem)
    })?;
    let navn = common::name("--navn", &args.navn, LONGEST_NAME)?;
    let certifikater = identities(&args.bind, cvr)?;
    let act = common::act("system add", clock.now());
    changed(
        &args.common.config.open(clock)?.1,
        out,
        args.common.json,
        "registered",
        move |tx| register_system(tx, &act, cvr, navn, certifikater),
    )
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
        return Err(common::value("system certifikat", problem.to_owned()));
    }
    let act = common::act("system certifikat", clock.now());
    changed(&store, out, args.common.json, "changed", move |tx| {
        agreements::bind(tx, &act, id, &released, added)
    })
}

fn close(args: &CloseArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let id = system_id("--system", &args.system)?;
    let act = common::act("system close", clock.now());
    changed(
        &args.common.config.open(clock)?.1,
        out,
        args.common.json,
        "closed",
        move |tx| close_system(tx, &act, id),
    )
}

fn list(args: &ListArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let (_, store) = args.common.config.open(clock)?;
    let all = store
        .read(|view| view.systemer())
        .map_err(CliError::store("the systems can't be read"))?;
    if args.common.json {
        let rows: Vec<_> = all.iter().map(shown).collect();
        return common::json(out, &json!({ "systemer": rows }));
    }
    if all.is_empty() {
        writeln!(
            out,
            "No system is registered; each certificate acts as its organisation."
        )?;
    }
    for system in &all {
        writeln!(out, "{}", described(system))?;
    }
    Ok(())
}

/// Runs a change and tells what came of it.
fn changed(
    store: &dyn Store,
    out: &mut dyn Write,
    as_json: bool,
    done: &str,
    change: impl FnOnce(&mut dyn Tx) -> store::Result<Result<System, SystemRefused>> + Send + 'static,
) -> Result<(), CliError> {
    let stored = store
        .write_blocking(move |tx| Ok(settled(change(tx)?)))
        .map_err(CliError::store("the system can't be stored"))?;
    match stored.map_err(refused)? {
        system if as_json => common::json(out, &shown(&system)),
        system => Ok(writeln!(out, "{done}: {}", described(&system))?),
    }
}

/// Why a system stays as it is, in the words of the command line.
fn refused(why: SystemRefused) -> CliError {
    match why {
        SystemRefused::UnknownOwner(cvr) => common::value(
            "--cvr",
            format!("no organisation {cvr} is registered; register it with dtr org add"),
        ),
        SystemRefused::ClosedOwner(cvr) => common::value(
            "--cvr",
            format!("the organisation {cvr} is closed; see dtr org list"),
        ),
        SystemRefused::Unknown(id) => unknown(id),
        SystemRefused::Closed(system) => {
            let since = system
                .lukket
                .map_or_else(String::new, |at| format!(" at {at}"));
            common::value("--system", format!("{} was closed{since}", system.id))
        }
        SystemRefused::NotBound(id, gone) => common::value(
            "--fjern",
            format!("{gone} is not bound to {id}; see dtr system list"),
        ),
        SystemRefused::BoundTo(identity, other) => common::value(
            "--certifikat",
            format!(
                "{identity} is bound to {} ({}); release it there first, with dtr system certifikat --fjern",
                other.id, other.navn
            ),
        ),
    }
}

/// The stable identities that are to be bound; certificates must be their owner's.
fn identities(given: &Certificates, ejer: Cvr) -> Result<Vec<String>, CliError> {
    let mut found = Vec::new();
    for file in &given.certifikat {
        let pem = files::read(file, files::SMALL).map_err(CliError::file(file, "can't be read"))?;
        let der = CertificateDer::from_pem_slice(&pem).map_err(|_| {
            let problem = format!("{}: holds no certificate in PEM", file.display());
            common::value("--certifikat", problem)
        })?;
        let certificate = Certificate::read(&der).map_err(|cause| {
            common::value("--certifikat", format!("{}: {cause}", file.display()))
        })?;
        if certificate.cvr != ejer {
            let problem = format!(
                "{}: its CVR-nummer is {}, the system's owner is {ejer}",
                file.display(),
                certificate.cvr
            );
            return Err(common::value("--certifikat", problem));
        }
        found.push(certificate.identity.to_string());
    }
    for text in &given.identitet {
        found.push(stable_id("--identitet", text)?);
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn stable_id(option: &'static str, text: &str) -> Result<String, CliError> {
    StableId::parse(text).map(|id| id.to_string()).ok_or_else(|| {
        let problem = format!(
            "{text} is no stable identity: that is a UUID (OCES3), or CVR:…-FID:… (OCES2); dtr certs vis FIL shows it"
        );
        common::value(option, problem)
    })
}

/// A system's id on the command line.
pub(super) fn system_id(option: &'static str, text: &str) -> Result<SystemId, CliError> {
    SystemId::parse(text).map_err(|_| {
        common::value(
            option,
            format!("{text} is no system: that is SYS- and a number"),
        )
    })
}

fn unknown(id: SystemId) -> CliError {
    common::value("--system", format!("there is no {id}; see dtr system list"))
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
