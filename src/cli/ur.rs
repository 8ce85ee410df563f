//! `dtr ur`: the machine's clock, when it has leapt and is right all the same.

use std::io::Write;

use clap::{Args as ClapArgs, Subcommand};
use serde_json::json;

use super::common::{self, CliError, Common, Verdict};
use crate::app;
use crate::clock::Clock;
use crate::store::{Outcome, StoreExt, sqlite};

/// `dtr ur`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say that the machine's clock is right: a server that takes no writes for its sake goes on (godkend uret)
    #[command(
        after_help = "A server takes no writes when its clock leaps by more than ur.spring_timer hours while it runs, or when it\n\
        starts more than 30 days after the register was last in use. Look at the clock first: what is written from then on\n\
        is dated by it, and its time never goes back. A clock that is wrong is set right instead; the server then goes on\n\
        by itself. The approval stands in the audit chain."
    )]
    Godkend(Approve),
}

#[derive(Debug, ClapArgs)]
struct Approve {
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let Command::Godkend(args) = &args.command;
    let config = args.common.config.load()?;
    common::must_exist(&config)?;
    let heartbeat = sqlite::heartbeat(&config.database.fil);
    let store = app::open_store(&config, clock)?;
    clock.approve();
    let now = clock.now();
    let before = heartbeat.map(|at| at.to_string());
    let noter = vec![
        format!("ur {now}"),
        format!("senest i brug {}", before.as_deref().unwrap_or("ukendt")),
    ];
    let entry = common::audit_entry("ur godkend", noter, now);
    let failed = "the clock was not approved";
    store
        .write_blocking(move |tx| tx.audit(&entry).map(Outcome::Keep))
        .map_err(CliError::store(failed))?;
    sqlite::beat(&config.database.fil, now).map_err(CliError::store(failed))?;
    if args.common.json {
        let answer = json!({ "ur": now.to_string(), "senestIBrug": before });
        common::json(out, &answer)?;
    } else {
        let before = before.map_or_else(String::new, |at| {
            format!(" (the register was last in use at {at})")
        });
        writeln!(
            out,
            "The clock is approved: it is {now}{before}. A server that runs goes on within a few seconds."
        )?;
    }
    Ok(Verdict::Good)
}
