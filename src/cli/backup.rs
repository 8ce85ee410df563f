//! `dtr backup`: copies the register while it is in use, and proves the copy (kontrakt §6).

use std::io::Write;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde_json::json;

use super::common::{self, CliError, Common, Verdict};
use crate::store::sqlite;

/// `dtr backup`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The new file; an existing one is not overwritten
    file: PathBuf,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let config = args.common.config.load()?;
    common::must_exist(&config)?;
    let progress = &mut common::show_progress("backup");
    let of_this_program = sqlite::backup_as_it_is(&config.database.fil, &args.file, progress)
        .map_err(CliError::store("no backup was made"))?;
    let bytes = std::fs::metadata(&args.file)
        .map_err(CliError::file(&args.file, "can't be read"))?
        .len();
    let left: Vec<_> = sqlite::parts(&args.file)
        .iter()
        .map(|part| part.display().to_string())
        .collect();
    if !of_this_program {
        return older(args, bytes, &left, out);
    }
    let verified = sqlite::verify(&args.file).map_err(CliError::store(
        "the backup was made, but does not verify: do not rely on it",
    ))?;
    let (position, head) = (verified.position, verified.head);
    if args.common.json {
        let answer = json!({
            "fil": args.file.display().to_string(),
            "bytes": bytes,
            "epoke": position.epoke.to_string(),
            "sekvens": position.sekvens.0,
            "audit": { "nr": head.number, "hash": head.hash.to_string() },
            "efterladt": left,
        });
        common::json(out, &answer)?;
    } else {
        writeln!(
            out,
            "{}: {bytes} bytes, the register after change {}; it verifies.\n\
             audit head  {} {}\n\
             The way back is dtr restore FILE; a copied file alone would issue numbers twice.",
            args.file.display(),
            position.sekvens,
            head.number,
            head.hash,
        )?;
        tell_left(&left, out)?;
    }
    Ok(Verdict::Good)
}

/// Tells of a copy of an older program's register, which this program can't verify before it is restored.
fn older(
    args: &Args,
    bytes: u64,
    left: &[String],
    out: &mut dyn Write,
) -> Result<Verdict, CliError> {
    let file = args.file.display().to_string();
    if args.common.json {
        let answer = json!({ "fil": file, "bytes": bytes, "efterladt": left });
        common::json(out, &answer)?;
    } else {
        writeln!(
            out,
            "{file}: {bytes} bytes, a copy of the register as the older program left it.\n\
             Verify it with that program (dtr audit verify FILE); dtr restore FILE verifies it too, and is the way back.",
        )?;
        tell_left(left, out)?;
    }
    Ok(Verdict::Good)
}

fn tell_left(left: &[String], out: &mut dyn Write) -> Result<(), CliError> {
    for part in left {
        writeln!(
            out,
            "left over   {part}: part of a backup that was interrupted; remove it when no backup is running"
        )?;
    }
    Ok(())
}
