//! `dtr backup`: copies the register while it is in use, and proves the copy (decisions §6).

use std::io::Write;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde_json::json;

use super::common::{self, CliError, ConfigArg, Verdict};
use crate::clock::Clock;
use crate::store::sqlite;

/// `dtr backup`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The new file; an existing one is not overwritten
    file: PathBuf,
    #[command(flatten)]
    config: ConfigArg,
    /// One JSON object on stdout
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let (_, store) = args.config.open(clock)?;
    store
        .backup(&args.file, &mut common::show_progress("backup"))
        .map_err(CliError::store("no backup was made"))?;
    drop(store);
    let bytes = std::fs::metadata(&args.file)
        .map_err(CliError::file(&args.file, "can't be read"))?
        .len();
    let verified = sqlite::verify(&args.file).map_err(CliError::store(
        "the backup was made, but does not verify: do not rely on it",
    ))?;
    let (stand, head) = (verified.stand, verified.head);
    if args.json {
        let answer = json!({
            "fil": args.file.display().to_string(),
            "bytes": bytes,
            "epoke": stand.epoke.to_string(),
            "sekvens": stand.sekvens.0,
            "audit": { "nr": head.number, "hash": head.hash.to_string() },
        });
        common::json(out, &answer)?;
    } else {
        writeln!(
            out,
            "{}: {bytes} bytes, the register after change {}; it verifies.\n\
             audit head  {} {}\n\
             The way back is dtr restore FILE; a copied file alone would issue numbers twice.",
            args.file.display(),
            stand.sekvens,
            head.number,
            head.hash,
        )?;
    }
    Ok(Verdict::Good)
}
