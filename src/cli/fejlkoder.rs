//! `dtr fejlkoder`: the error catalogue, for those who write the systems that call.

use std::io::Write;

use clap::Args as ClapArgs;
use serde_json::json;

use super::common::{self, CliError, Verdict};
use crate::problem::{self, Entry};
use crate::site;

/// `dtr fejlkoder`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "In the texts, {name} stands where the answer has a value.")]
pub(super) struct Args {
    /// Only these codes, such as DTR5001; or the beginning of a group, such as DTR5
    #[arg(value_name = "KODE")]
    koder: Vec<String>,
    /// One JSON object on stdout
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Verdict, CliError> {
    if let Some(unknown) = args
        .koder
        .iter()
        .find(|wanted| !problem::all().any(|e| matches(e, wanted)))
    {
        let problem = format!("no error code begins {unknown}; dtr fejlkoder lists them all");
        return Err(common::value("KODE", problem));
    }
    let chosen = || {
        problem::all().filter(|entry| {
            args.koder.is_empty() || args.koder.iter().any(|wanted| matches(entry, wanted))
        })
    };
    if args.json {
        let rows: Vec<_> = chosen().map(site::entry_json).collect();
        common::json(out, &json!({ "fejlkoder": rows }))?;
        return Ok(Verdict::Good);
    }
    for entry in chosen() {
        writeln!(out, "{} {}", entry.kode, entry.alvor.as_str())?;
        writeln!(out, "    {}\n    {}", entry.da, entry.en)?;
        writeln!(
            out,
            "    -> {}\n    -> {}",
            entry.hjaelp_da, entry.hjaelp_en
        )?;
    }
    Ok(Verdict::Good)
}

fn matches(entry: &Entry, wanted: &str) -> bool {
    entry.kode.starts_with(&wanted.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(koder: &[&str], json: bool) -> String {
        let args = Args {
            koder: koder.iter().map(|kode| (*kode).to_owned()).collect(),
            json,
        };
        let mut out = Vec::new();
        run(&args, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn all_codes_or_the_chosen_ones_are_listed() {
        assert_eq!(
            printed(&[], true).matches("\"kode\":\"DTR").count(),
            problem::all().count()
        );
        let one = printed(&["dtr5001"], false);
        assert!(
            one.starts_with("DTR5001 FEJL\n") && one.lines().count() == 5,
            "{one}"
        );
    }

    #[test]
    fn an_unknown_code_is_said_to_be_unknown() {
        let args = Args {
            koder: vec!["DTR0".into()],
            json: false,
        };
        assert!(run(&args, &mut Vec::new()).is_err());
    }
}
