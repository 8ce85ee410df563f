//! `dtr org administrator`: the certificates that persons of an organisation sign in with (kontrakt §8). Works beside a running
//! server, which sees the change with the next page.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use serde_json::json;

use super::common::{self, CliError, Common, value};
use crate::agreements::{
    AdministratorRefused, CertificateRefused, identity_of, list_administrator, unlist_administrator,
};
use crate::clock::Clock;
use crate::files;
use crate::identity::oces::StableId;
use crate::register::{Administrator, Cvr, Privilege};
use crate::store::StoreExt;

/// `dtr org administrator …`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List a certificate of an organisation: its holder signs in to the pages with it
    Add(AddArgs),
    /// Take a certificate off the list: its holder may do nothing from now on
    Remove(RemoveArgs),
    /// List all administrators, those taken off the list too
    List(Common),
}

#[derive(Debug, ClapArgs)]
struct AddArgs {
    /// CVR-nummer of the organisation, eight digits: the one in the certificate
    #[arg(long)]
    cvr: String,
    /// PEM file of the certificate, which is bound to no system
    #[arg(
        long,
        value_name = "FIL",
        conflicts_with = "identitet",
        required_unless_present = "identitet"
    )]
    certifikat: Option<PathBuf>,
    /// Its stable identity instead, as dtr certs vis shows it
    #[arg(long, value_name = "ID")]
    identitet: Option<String>,
    /// What its holder may do; may be given several times
    #[arg(long, value_enum, required = true)]
    ret: Vec<Allowed>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, ClapArgs)]
struct RemoveArgs {
    /// The certificate's stable identity, as dtr org administrator list shows it
    #[arg(long, value_name = "ID")]
    identitet: String,
    #[command(flatten)]
    common: Common,
}

/// The privileges by the words of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Allowed {
    /// Look: units, findings, calls and agreements
    #[value(name = "laes")]
    Look,
    /// Answer about agreements
    Aftaler,
    /// Correct data
    #[value(name = "ret")]
    Correct,
    /// Run the register; for an operator's organisation alone
    Operatoer,
}

impl From<Allowed> for Privilege {
    fn from(ret: Allowed) -> Self {
        match ret {
            Allowed::Look => Self::Read,
            Allowed::Aftaler => Self::Agreements,
            Allowed::Correct => Self::Correct,
            Allowed::Operatoer => Self::Operate,
        }
    }
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    match &args.command {
        Command::Add(args) => add(args, clock, out),
        Command::Remove(args) => remove(args, clock, out),
        Command::List(args) => list(args, clock, out),
    }
}

fn add(args: &AddArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let cvr = common::cvr("--cvr", &args.cvr)?;
    let identity = match (&args.certifikat, &args.identitet) {
        (Some(file), _) => of_file(file, cvr)?,
        (None, text) => stable_id(text.as_deref().unwrap_or_default())?,
    };
    let privileges: BTreeSet<Privilege> =
        args.ret.iter().map(|ret| Privilege::from(*ret)).collect();
    let privileges: Vec<_> = privileges.into_iter().collect();
    let act = common::act("org administrator add", clock.now());
    let (_, store) = args.common.config.open(clock)?;
    let failed = "the administrator can't be stored";
    let stored = common::stored(&store, failed, move |tx| {
        list_administrator(tx, &act, cvr, identity, &privileges)
    })?;
    answer(out, args.common.json, "listed", &stored.map_err(refused)?)
}

fn remove(args: &RemoveArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let identity = stable_id(&args.identitet)?;
    let act = common::act("org administrator remove", clock.now());
    let (_, store) = args.common.config.open(clock)?;
    let failed = "the administrator can't be stored";
    let stored = common::stored(&store, failed, move |tx| {
        unlist_administrator(tx, &act, &identity)
    })?;
    answer(out, args.common.json, "removed", &stored.map_err(refused)?)
}

fn list(args: &Common, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let (_, store) = args.config.open(clock)?;
    let all = store.read(|view| view.administratorer());
    let all = all.map_err(CliError::store("the administrators can't be read"))?;
    let none = "No administrator is listed: nobody signs in with a certificate.";
    let name = args.json.then_some("administratorer");
    common::list(out, name, &all, none, shown, described)
}

/// The stable identity of the certificate in a file, which must be the organisation's.
fn of_file(file: &std::path::Path, cvr: Cvr) -> Result<String, CliError> {
    let wrong = |why: String| value("--certifikat", format!("{}: {why}", file.display()));
    let pem = files::read(file, files::SMALL).map_err(CliError::file(file, "can't be read"))?;
    identity_of(&pem, cvr).map_err(|why| {
        wrong(match why {
            CertificateRefused::OtherOwner(other) => {
                format!("its CVR-nummer is {other}, not {cvr}")
            }
            other => common::unreadable(&other),
        })
    })
}

fn stable_id(text: &str) -> Result<String, CliError> {
    let id = StableId::parse(text).map(|id| id.to_string());
    id.ok_or_else(|| {
        let problem = format!(
            "{text} is no stable identity: that is a UUID (OCES3), or CVR:…-RID:… (OCES2); dtr certs vis FIL shows it"
        );
        value("--identitet", problem)
    })
}

/// Why an administrator is not listed, in the words of the command line.
fn refused(why: AdministratorRefused) -> CliError {
    let (option, problem) = match why {
        AdministratorRefused::UnknownOrganisation(cvr) => (
            "--cvr",
            format!("no organisation {cvr} is registered; register it with dtr org add"),
        ),
        AdministratorRefused::ClosedOrganisation(cvr) => (
            "--cvr",
            format!("the organisation {cvr} is closed; see dtr org list"),
        ),
        AdministratorRefused::System(identity, system) => (
            "--certifikat",
            format!(
                "{identity} is bound to {} ({}); a system's certificate signs no person in",
                system.id, system.navn
            ),
        ),
        AdministratorRefused::Nothing => ("--ret", "name at least one privilege".to_owned()),
        AdministratorRefused::NotOperator(cvr) => (
            "--ret",
            format!("{cvr} is no operator's organisation; leave out operatoer"),
        ),
        AdministratorRefused::NotListed(identity) => (
            "--identitet",
            format!("{identity} is not on the list; see dtr org administrator list"),
        ),
    };
    value(option, problem)
}

fn answer(
    out: &mut dyn Write,
    as_json: bool,
    done: &str,
    administrator: &Administrator,
) -> Result<(), CliError> {
    if as_json {
        return common::json(out, &shown(administrator));
    }
    Ok(writeln!(out, "{done}: {}", described(administrator))?)
}

fn described(administrator: &Administrator) -> String {
    let privileges = administrator.rettigheder.iter();
    let privileges: Vec<_> = privileges.map(|own| own.as_str()).collect();
    let mut text = format!(
        "{}  {} ({}), since {}",
        administrator.cvr,
        administrator.identitet,
        privileges.join(", "),
        administrator.oprettet
    );
    if let Some(closed) = administrator.lukket {
        text.push_str(&format!(", removed {closed}"));
    }
    text
}

fn shown(administrator: &Administrator) -> serde_json::Value {
    let privileges = administrator.rettigheder.iter();
    let privileges: Vec<_> = privileges.map(|own| own.as_str()).collect();
    json!({
        "cvr": administrator.cvr.as_str(),
        "identitet": administrator.identitet,
        "rettigheder": privileges,
        "oprettet": administrator.oprettet.to_string(),
        "lukket": administrator.lukket.map(|at| at.to_string()),
    })
}
