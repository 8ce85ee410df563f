//! `dtr restore`: puts a backup in the register's place (kontrakt §6).

use std::io::Write;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde_json::json;

use super::audit;
use super::common::{self, CliError, Common, Verdict};
use crate::app;
use crate::clock::Clock;
use crate::register::Institutionsnummer;
use crate::store::StoreError;
use crate::store::sqlite::{self, Lost, RestoredBy};

/// `dtr restore`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "The server must be stopped. The register that was there is kept under another name.\n\
    Numbers issued after the backup are never issued again: a small file beside the register remembers how far the\n\
    series had come. When that and the register are lost, say it with --numre-fra. A restore that was interrupted\n\
    is run again."
)]
pub(super) struct Args {
    /// The backup
    file: PathBuf,
    /// Continue above this number (institutionsnummer), such as G30500; needed when the register and its mark are lost
    #[arg(long, value_name = "G…")]
    numre_fra: Option<String>,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let config = args.common.config.load()?;
    let above = args.numre_fra.as_deref().map(number).transpose()?;
    let by = RestoredBy {
        identitet: common::user(),
        korrelations_id: uuid::Uuid::new_v4(),
    };
    let restored = sqlite::restore(
        &args.file,
        &config.database.fil,
        &app::store_options(&config, clock),
        above,
        &by,
        &mut common::show_progress("restore"),
    )
    .map_err(|cause| {
        let what = match cause {
            StoreError::Gone(_) => "the restore is not done",
            _ => "nothing was restored, the register is as it was",
        };
        CliError::Store { what, cause }
    })?;
    let position = restored.position;
    let kept = restored
        .kept
        .as_ref()
        .map(|path| path.display().to_string());
    if args.common.json {
        let answer = json!({
            "register": config.database.fil.display().to_string(),
            "epoke": position.epoke.to_string(),
            "sekvens": position.sekvens.0,
            "numreOver": restored.numre_fra.as_str(),
            "numreIKopien": restored.numre_i_kopien.as_str(),
            "tidligere": kept,
            "mistet": lost_json(restored.lost),
            "mistedeLinjer": restored.undone.iter().map(audit::object).collect::<Vec<_>>(),
        });
        common::json(out, &answer)?;
        return Ok(Verdict::Good);
    }
    writeln!(
        out,
        "{} is restored: it stands after change {}, numbers are issued above {}.",
        config.database.fil.display(),
        position.sekvens,
        restored.numre_fra,
    )?;
    writeln!(
        out,
        "epoke  {} (new: consumers of the feed are told to begin anew from a snapshot)",
        position.epoke
    )?;
    if let Some(kept) = &kept {
        writeln!(out, "kept   {kept} (the register as it was)")?;
    }
    writeln!(out, "lost   {}", lost(restored.lost, kept.as_deref()))?;
    if !restored.undone.is_empty() {
        writeln!(
            out,
            "lost   what these lines of its audit chain tell of: do it again where it still holds"
        )?;
        for line in &restored.undone {
            writeln!(out, "         {}", audit::shown(line))?;
        }
    }
    if restored.numre_fra > restored.numre_i_kopien {
        writeln!(
            out,
            "jump   the backup's last number is {}: those up to {} were issued after it, or set aside, and no number is \
             issued twice",
            restored.numre_i_kopien, restored.numre_fra
        )?;
    }
    writeln!(out, "Next: start dtr serve again.")?;
    Ok(Verdict::Good)
}

/// What the register has lost by being put back.
fn lost(lost: Option<Lost>, kept: Option<&str>) -> String {
    let kept = kept.map_or(String::new(), |kept| format!("; {kept} still has it"));
    match lost {
        None => "what came after the backup is not known: the register in place could not be read"
            .to_owned(),
        Some(Lost::Nothing) => "no change of a record: none was made after the backup".to_owned(),
        Some(Lost::Changes { from, to, made }) if from == to => {
            format!("change {from}, made {}{kept}", made.0)
        }
        Some(Lost::Changes { from, to, made }) => format!(
            "changes {from} to {to}, made from {} to {}{}",
            made.0,
            made.1,
            kept.replace("has it", "has them")
        ),
        Some(Lost::Other(position)) => format!(
            "the register as it was had another history ({}, up to change {}): compare the two{kept}",
            position.epoke, position.sekvens
        ),
    }
}

fn lost_json(lost: Option<Lost>) -> serde_json::Value {
    match lost {
        None => serde_json::Value::Null,
        Some(Lost::Nothing) => json!({ "aendringer": 0 }),
        Some(Lost::Changes { from, to, made }) => json!({
            "aendringer": to.0 - from.0 + 1,
            "fra": from.0,
            "til": to.0,
            "fraTidspunkt": made.0.to_string(),
            "tilTidspunkt": made.1.to_string(),
        }),
        Some(Lost::Other(position)) => json!({
            "epoke": position.epoke.to_string(),
            "sekvens": position.sekvens.0,
        }),
    }
}

fn number(text: &str) -> Result<Institutionsnummer, CliError> {
    Institutionsnummer::parse(text)
        .ok()
        .filter(|number| number.as_str().starts_with('G'))
        .ok_or_else(|| {
            let what = "no institutionsnummer: that is G and five digits, such as G30500";
            common::value("--numre-fra", format!("{text} is {what}"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_g_number_is_taken() {
        assert!(number("G30500").is_ok());
        for bad in ["30500", "A30500", "g30500", "G3050", ""] {
            assert!(number(bad).is_err(), "{bad}");
        }
    }
}
