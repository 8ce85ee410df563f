//! The command line (kontrakt §11): one file per command, what they share in `common`.
//!
//! A command writes its answer to stdout (text, or with `--json` one JSON object), progress and errors to stderr.
//! Status 0: done; 1: not done, or found wanting; 2: the command line or a file to be looked at can't be read.

mod administrator;
mod aftale;
mod anmodning;
mod anumre;
mod audit;
mod backup;
mod certs;
mod check;
mod common;
mod dagpleje;
mod demo;
mod export;
mod fejlkoder;
mod follow;
mod historik;
mod init;
mod kald;
mod load;
mod mirror;
mod org;
mod plan;
mod recheck;
mod restore;
mod serve;
mod soeg;
mod status;
mod support;
mod system;
mod ur;
mod vis;

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::clock::Clock;

pub use common::{CliError, Verdict};

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "dtr",
    version,
    about = "Server software for a register of Danish day-care, in one program and one file; not the official register",
    after_help = "First time here: dtr demo. For an installation of your own: dtr init DIR, then dtr serve --config DIR/dtr.toml.\n\
        Exit status: 0 done; 1 not done, or found wanting; 2 not a command line of dtr, or a file can't be read."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// In the order in which a new operator meets them.
#[derive(Debug, Subcommand)]
enum Command {
    /// Run a complete demonstration in a temporary folder: certificates, register, import and export over mutual TLS
    Demo(demo::Args),
    /// Make a folder to start from: configuration, empty register, example certificates
    Init(init::Args),
    /// Run the register's server until SIGTERM or Ctrl-C
    Serve(serve::Args),
    /// Register the organisations that may call: kommuner, vendors, owners, consumers (aftagere)
    Org(org::Args),
    /// Register the systems that certificates act as (udbydersystemer)
    System(system::Args),
    /// Register the agreements that let a system act for a kommune or a private owner (aftaler)
    Aftale(aftale::Args),
    /// See and settle requests for agreements (anmodninger)
    Anmodning(anmodning::Args),
    /// Make example certificates, or show how dtr reads one
    Certs(certs::Args),
    /// Validate messages offline with the server's checks
    Check(check::Args),
    /// List every error code with its Danish and English text and remedy
    Fejlkoder(fejlkoder::Args),
    /// Load the register from a file: the first load (statistik)
    Load(load::Args),
    /// Numbers from before the register: candidates, successors, their end (A-numre)
    Anumre(anumre::Args),
    /// Areas of dagpleje from a kommune's list of dagplejere
    Dagpleje(dagpleje::Args),
    /// Change the register as its operator, from a file, under a case number (support, indmeldte ændringer)
    Support(support::Args),
    /// Show what a file of corrections would do, and carry it out as it was shown (plan)
    Plan(plan::Args),
    /// Run the monthly data check and list its findings (månedlig kontrol)
    Recheck(recheck::Args),
    /// Load the mirrors of CVR and DAR that imports are checked against
    Mirror(mirror::Args),
    /// Write documents of the register to files, and prove a signed one offline (eksport)
    Export(export::Args),
    /// Keep a copy of a register current from its snapshots and feed, as a consumer (aftager)
    Follow(follow::Args),
    /// Find institutions by name, address, town, kommune or number (søg)
    Soeg(soeg::Args),
    /// Show a record as it stands or stood, with what is over and under it (vis)
    Vis(vis::Args),
    /// Tell what has become of a record: each change in words, with who made it (historik)
    Historik(historik::Args),
    /// Show what became of a call by its correlation id, or list calls (kald)
    Kald(kald::Args),
    /// Show the register's status: sequence, counts, numbers left, certificate, server
    Status(status::Args),
    /// Prove or list the audit chain (revisionsspor)
    Audit(audit::Args),
    /// Copy the register to a file while it is in use (sikkerhedskopi)
    Backup(backup::Args),
    /// Put a backup in the register's place: the only way back
    Restore(restore::Args),
    /// Approve the machine's clock after it has leapt (ur)
    Ur(ur::Args),
}

/// The program: reads the command line, runs the command, and tells how it went.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = io::stdout().lock();
    let done = run(&cli, &mut out).and_then(|verdict| {
        out.flush()?;
        Ok(verdict)
    });
    match done {
        Ok(verdict) => verdict.into(),
        // Whoever read the output has seen enough, as with `dtr fejlkoder | head`.
        Err(CliError::Stdout(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be done when stderr can't be written either.
            let _ = writeln!(io::stderr(), "dtr: {error}");
            error.exit()
        }
    }
}

fn run(cli: &Cli, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let clock = Clock::watched();
    match &cli.command {
        Command::Demo(args) => demo::run(args, &clock, out),
        Command::Init(args) => init::run(args, &clock, out),
        Command::Serve(args) => serve::run(args, &clock, out),
        Command::Org(args) => org::run(args, &clock, out),
        Command::System(args) => system::run(args, &clock, out),
        Command::Aftale(args) => aftale::run(args, &clock, out),
        Command::Anmodning(args) => anmodning::run(args, &clock, out),
        Command::Certs(args) => certs::run(args, &clock, out),
        Command::Check(args) => check::run(args, out),
        Command::Fejlkoder(args) => fejlkoder::run(args, out),
        Command::Load(args) => load::run(args, &clock, out),
        Command::Anumre(args) => anumre::run(args, &clock, out),
        Command::Dagpleje(args) => dagpleje::run(args, out),
        Command::Support(args) => support::run(args, &clock, out),
        Command::Plan(args) => plan::run(args, &clock, out),
        Command::Recheck(args) => recheck::run(args, &clock, out),
        Command::Mirror(args) => mirror::run(args, &clock, out),
        Command::Export(args) => export::run(args, &clock, out),
        Command::Follow(args) => follow::run(args, out),
        Command::Soeg(args) => soeg::run(args, &clock, out),
        Command::Vis(args) => vis::run(args, &clock, out),
        Command::Historik(args) => historik::run(args, &clock, out),
        Command::Kald(args) => kald::run(args, &clock, out),
        Command::Status(args) => status::run(args, &clock, out),
        Command::Audit(args) => audit::run(args, &clock, out),
        Command::Backup(args) => backup::run(args, out),
        Command::Restore(args) => restore::run(args, &clock, out),
        Command::Ur(args) => ur::run(args, &clock, out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
