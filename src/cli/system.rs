//! `dtr system`: the systems that certificates act as (kontrakt §8). Works beside a running server, which sees the
//! change with the next call.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::json;

use super::common::{self, CliError, ConfigArg, Verdict};
use crate::clock::Clock;
use crate::identity::Certificate;
use crate::identity::oces::StableId;
use crate::register::{Cvr, System, SystemId, Tidspunkt};
use crate::store::{self, Outcome, StoreExt, Write as Tx};

/// The longest name of a system, in characters: as long as a record's.
const LONGEST_NAME: usize = 132;

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

/// Stores a system with its audit line.
pub(super) fn save(
    tx: &mut dyn Tx,
    operation: &str,
    system: &System,
    now: Tidspunkt,
) -> store::Result<()> {
    tx.gem_system(system)?;
    let mut noter = vec![
        format!("system {}", system.id),
        format!("cvr {}", system.ejer),
    ];
    noter.extend(
        system
            .certifikater
            .iter()
            .map(|id| format!("certifikat {id}")),
    );
    noter.push(format!("navn {}", system.navn));
    tx.audit(&common::audit_entry(operation, noter, now))
}

/// What became of a system: stored, or why not.
type Change = Result<System, (&'static str, String)>;

fn add(args: &AddArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let cvr = Cvr::parse(&args.cvr).map_err(|_| {
        let problem = format!("{} is no CVR-nummer: that is eight digits", args.cvr);
        common::value("--cvr", problem)
    })?;
    let navn = common::name("--navn", &args.navn, LONGEST_NAME)?;
    let certifikater = identities(&args.bind, cvr)?;
    let now = clock.now();
    changed(
        args.common.config.open(clock)?.1,
        out,
        args.common.json,
        "registered",
        move |tx| {
            if let Err(refused) = owner(tx, cvr)? {
                return Ok(Err(refused));
            }
            if let Some(refused) = bound_elsewhere(tx, &certifikater, None)? {
                return Ok(Err(refused));
            }
            let system = System {
                id: tx.nyt_system()?,
                navn,
                ejer: cvr,
                certifikater,
                oprettet: now,
                lukket: None,
            };
            save(tx, "system add", &system, now)?;
            Ok(Ok(system))
        },
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
    let now = clock.now();
    changed(store, out, args.common.json, "changed", move |tx| {
        let Some(mut system) = tx.system(id)?.filter(|system| system.lukket.is_none()) else {
            return Ok(Err(("--system", format!("{id} is closed"))));
        };
        for gone in &released {
            let Some(at) = system.certifikater.iter().position(|known| known == gone) else {
                let problem = format!("{gone} is not bound to {id}; see dtr system list");
                return Ok(Err(("--fjern", problem)));
            };
            system.certifikater.remove(at);
        }
        if let Some(refused) = bound_elsewhere(tx, &added, Some(id))? {
            return Ok(Err(refused));
        }
        let new = added
            .into_iter()
            .filter(|id| !system.certifikater.contains(id));
        let new: Vec<_> = new.collect();
        system.certifikater.extend(new);
        save(tx, "system certifikat", &system, now)?;
        Ok(Ok(system))
    })
}

fn close(args: &CloseArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let id = system_id("--system", &args.system)?;
    let now = clock.now();
    changed(
        args.common.config.open(clock)?.1,
        out,
        args.common.json,
        "closed",
        move |tx| {
            let Some(known) = tx.system(id)? else {
                return Ok(Err((
                    "--system",
                    format!("there is no {id}; see dtr system list"),
                )));
            };
            if let Some(since) = known.lukket {
                return Ok(Err(("--system", format!("{id} was closed at {since}"))));
            }
            let closed = System {
                lukket: Some(now),
                ..known
            };
            save(tx, "system close", &closed, now)?;
            Ok(Ok(closed))
        },
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
    store: store::sqlite::SqliteStore,
    out: &mut dyn Write,
    as_json: bool,
    done: &str,
    change: impl FnOnce(&mut dyn Tx) -> store::Result<Change> + Send + 'static,
) -> Result<(), CliError> {
    let change = store
        .write_blocking(move |tx| {
            Ok(match change(tx)? {
                Ok(system) => Outcome::Keep(Ok(system)),
                Err(refused) => Outcome::Undo(Err(refused), None),
            })
        })
        .map_err(CliError::store("the system can't be stored"))?;
    match change {
        Ok(system) if as_json => common::json(out, &shown(&system)),
        Ok(system) => Ok(writeln!(out, "{done}: {}", described(&system))?),
        Err((option, problem)) => Err(common::value(option, problem)),
    }
}

/// An open, registered organisation must own a system.
fn owner(tx: &dyn Tx, cvr: Cvr) -> store::Result<Result<(), (&'static str, String)>> {
    let known = tx.organisation(cvr)?;
    Ok(match known {
        Some(organisation) if organisation.lukket.is_none() => Ok(()),
        Some(_) => Err((
            "--cvr",
            format!("the organisation {cvr} is closed; see dtr org list"),
        )),
        None => {
            let problem =
                format!("no organisation {cvr} is registered; register it with dtr org add");
            Err(("--cvr", problem))
        }
    })
}

/// A certificate acts as one system at most.
fn bound_elsewhere(
    tx: &dyn Tx,
    identities: &[String],
    own: Option<SystemId>,
) -> store::Result<Option<(&'static str, String)>> {
    for identity in identities {
        if let Some(system) = tx.system_med(identity)?
            && Some(system.id) != own
        {
            let problem = format!(
                "{identity} is bound to {} ({}); release it there first, with dtr system certifikat --fjern",
                system.id, system.navn
            );
            return Ok(Some(("--certifikat", problem)));
        }
    }
    Ok(None)
}

/// The stable identities that are to be bound; certificates must be their owner's.
fn identities(given: &Certificates, ejer: Cvr) -> Result<Vec<String>, CliError> {
    let mut found = Vec::new();
    for file in &given.certifikat {
        let der = CertificateDer::from_pem_file(file).map_err(|cause| {
            let problem = format!("{}: no certificate in PEM: {cause}", file.display());
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
