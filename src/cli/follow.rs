//! `dtr follow URL`: keeps a copy of a register current from its snapshots and its feed. The reference for consumers in
//! other languages (docs/foelg.md).

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgGroup, Args as ClapArgs};
use serde_json::json;

use super::common::{CliError, Verdict, value};
use crate::audit::PublicKey;
use crate::client::Client;
use crate::files;
use crate::follow::{Database, Folder, FollowError, Follower, News, Replica, Step};

/// `dtr follow`.
#[derive(Debug, ClapArgs)]
#[command(group = ArgGroup::new("kopi").args(["to", "sqlite"]).required(true))]
pub(super) struct Args {
    /// The register's address, such as http://127.0.0.1:8080
    url: String,
    /// Keep the copy in this folder: a file for each record, and stand.json
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// Keep the copy in this SQLite file: the table post, with a view for each level, and stand
    #[arg(long, value_name = "FILE")]
    sqlite: Option<PathBuf>,
    /// End once the copy is current, instead of waiting for changes; or at the first error
    #[arg(long)]
    once: bool,
    /// Check the register's signed head by this public key, its /noegle.pem
    #[arg(long, value_name = "FILE")]
    noegle: Option<PathBuf>,
    /// The CA of an https address
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The own certificate and its chain, where the address asks for one
    #[arg(long, value_name = "FILE", requires_all = ["certifikat_noegle", "ca"])]
    certifikat: Option<PathBuf>,
    /// The key of the own certificate
    #[arg(long, value_name = "FILE", requires = "certifikat")]
    certifikat_noegle: Option<PathBuf>,
    /// A JSON object on stdout for each step, one a line
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let follower = Follower::new(client(args)?, &args.url, key(args)?);
    let mut replica: Box<dyn Replica> = match (&args.to, &args.sqlite) {
        (_, Some(file)) => Box::new(Database::open(file).map_err(FollowError::from)?),
        (Some(folder), None) => Box::new(Folder::open(folder).map_err(FollowError::from)?),
        (None, None) => return Err(value("--to", "a folder, or --sqlite and a file".to_owned())),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    if !args.once && !args.json && io::stderr().is_terminal() {
        let url = &args.url;
        writeln!(
            io::stderr(),
            "dtr: follows {url} and waits for changes; Ctrl-C ends it, and the same command goes on from there"
        )?;
    }
    let mut told = Ok(());
    runtime.block_on(
        follower.follow(&mut *replica, !args.once, &mut |step| match step {
            News::Step(step) => {
                told = tell((args.json, args.once), step, out);
                told.is_ok() && !(args.once && step.up_to_date)
            }
            News::Again(error, pause) => {
                if !args.once {
                    again(error, pause);
                }
                !args.once
            }
        }),
    )?;
    told?;
    Ok(Verdict::Good)
}

fn client(args: &Args) -> Result<Client, CliError> {
    let Some(ca) = &args.ca else {
        return Ok(Client::plain()?);
    };
    let ca = read(ca)?;
    let (Some(chain), Some(key)) = (&args.certifikat, &args.certifikat_noegle) else {
        return Ok(Client::new(&ca, None)?);
    };
    Ok(Client::new(&ca, Some((&read(chain)?, &read(key)?)))?)
}

fn key(args: &Args) -> Result<Option<PublicKey>, CliError> {
    let Some(file) = &args.noegle else {
        return Ok(None);
    };
    let key = PublicKey::load(file).map_err(|error| value("--noegle", error.to_string()))?;
    Ok(Some(key))
}

fn read(file: &Path) -> Result<Vec<u8>, CliError> {
    files::read(file, files::SMALL)
        .map_err(|error| value("file", format!("{}: {error}", file.display())))
}

fn tell((as_json, once): (bool, bool), step: &Step, out: &mut dyn Write) -> Result<(), CliError> {
    let progress = &step.progress;
    if as_json {
        let told = json!({"forfra": step.begun_anew, "aendringer": step.changes, "epoke": progress.epoke,
            "sekvens": progress.sekvens, "kaede": progress.digest.to_string(), "ajour": step.up_to_date});
        writeln!(out, "{told}")?;
        return Ok(out.flush()?);
    }
    match step.begun_anew {
        Some(0) if progress.sekvens == 0 => writeln!(
            out,
            "begun anew from the first change: the register is empty, or too large for a snapshot; its feed brings everything"
        )?,
        Some(records) => writeln!(
            out,
            "begun anew from a snapshot: {records} records at change {}",
            progress.sekvens
        )?,
        None if step.changes > 0 => {
            writeln!(out, "{} changes, up to {}", step.changes, progress.sekvens)?;
        }
        None if once => writeln!(
            out,
            "nothing new: the copy is current, at change {}",
            progress.sekvens
        )?,
        None => {}
    }
    Ok(out.flush()?)
}

fn again(error: &FollowError, pause: Duration) {
    // Nothing is left to be done when stderr can't be written.
    let _ = writeln!(
        io::stderr(),
        "dtr: {error}; trying again in {} s",
        pause.as_secs()
    );
}
