//! `dtr status`: where the register stands, and what will need a hand soon.

use std::io::Write;

use clap::Args as ClapArgs;

use super::common::{self, CliError, Common, Verdict};
use super::serve::runtime;
use crate::app;
use crate::clock::Clock;

/// `dtr status`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let (config, store) = args.common.config.open(clock)?;
    let status = runtime()?
        .block_on(app::status(&config, store, clock))
        .map_err(CliError::store("the register can't be read"))?;
    if args.common.json {
        common::json(out, &status.json())?;
    } else {
        status.text(out)?;
    }
    Ok(Verdict::of(status.obstacles.is_empty()))
}
