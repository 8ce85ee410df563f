//! `dtr recheck`: the monthly run by hand, and what it has found (kontrakt §7). Works beside a running server.

use std::io::Write;

use clap::{Args as ClapArgs, ValueEnum};
use serde_json::json;

use super::common::{self, CliError, ConfigArg, Verdict, value};
use super::org::{known_kommune, kommuner};
use crate::app;
use crate::clock::Clock;
use crate::export;
use crate::monthly;
use crate::register::{Fund, Kontrol};
use crate::store::StoreExt;

/// `dtr recheck`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Only show findings of this kommune; all are looked at
    #[arg(long, value_name = "KODE")]
    kommune: Option<String>,
    /// Show the findings that are kept, and look at nothing anew
    #[arg(long)]
    vis: bool,
    /// How to show open findings
    #[arg(long, value_enum, default_value_t = Form::Tekst)]
    form: Form,
    #[command(flatten)]
    config: ConfigArg,
    /// One JSON object on stdout
    #[arg(long)]
    json: bool,
}

/// How findings are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For a person
    Tekst,
    /// For a spreadsheet: `;`, UTF-8 with a byte order mark, resolved findings too
    Csv,
    /// The document that a kommune fetches; needs --kommune
    Xml,
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let kommune = args
        .kommune
        .as_deref()
        .map(|code| known_kommune(code, &kommuner(&args.config.load()?)?))
        .transpose()?;
    if args.form == Form::Xml && kommune.is_none() && !args.json {
        return Err(value(
            "--form xml",
            "also needs --kommune: the document is of one kommune".into(),
        ));
    }
    let (config, store) = args.config.open(clock)?;
    if !args.vis {
        let (_, tables) = app::rules(&config, "", "")?;
        monthly::run(&store, &tables, &common::mirrors(&config), clock)
            .map_err(CliError::store("the register can't be checked"))?;
    }
    let read = CliError::store("the findings can't be read");
    let (last, found, document) = store
        .read(|view| {
            let document = match kommune {
                Some(kommune) if args.form == Form::Xml => {
                    Some(export::fundrapport(view, kommune)?)
                }
                _ => None,
            };
            Ok((
                view.last_kontrol()?,
                export::findings(view, kommune)?,
                document,
            ))
        })
        .map_err(read)?;
    let open: Vec<&Fund> = found.iter().filter(|each| each.loest.is_none()).collect();
    // The sums are of what is shown; how many records were looked at is of the whole run.
    let last = last.map(|run| match kommune {
        None => run,
        Some(_) => {
            let at = run.begyndt;
            let count =
                |is: &dyn Fn(&Fund) -> bool| found.iter().filter(|each| is(each)).count() as u64;
            Kontrol {
                nye: count(&|each| each.foerst_set == at),
                aabne: open.len() as u64,
                loeste: count(&|each| each.loest == Some(at)),
                ..run
            }
        }
    });
    if args.json {
        let shown: Vec<_> = open.iter().map(|each| as_json(each)).collect();
        let run = last.map(|run| {
            json!({"begyndt": run.begyndt.to_string(), "poster": run.records, "nye": run.nye, "aabne": run.aabne,
                "loeste": run.loeste})
        });
        common::json(out, &json!({"kontrol": run, "fund": shown}))?;
    } else {
        match (args.form, document) {
            (Form::Xml, Some(document)) => out.write_all(&document)?,
            // Refused before the run.
            (Form::Xml, None) => {}
            (Form::Csv, _) => csv(&found, out)?,
            (Form::Tekst, _) => {
                for each in &open {
                    text(each, out)?;
                }
                match last {
                    Some(run) => {
                        let of =
                            kommune.map_or(String::new(), |code| format!(" of kommune {code}"));
                        writeln!(
                            out,
                            "{} records looked at {}: {} findings{of} open ({} new), {} resolved",
                            run.records, run.begyndt, run.aabne, run.nye, run.loeste
                        )?;
                    }
                    None => writeln!(out, "no run yet: dtr recheck without --vis makes one")?,
                }
            }
        }
    }
    Ok(if open.is_empty() {
        Verdict::Good
    } else {
        Verdict::Wanting
    })
}

fn text(found: &Fund, out: &mut dyn Write) -> Result<(), CliError> {
    let fund = &found.fund;
    writeln!(
        out,
        "{} kommune {} since {}",
        fund.kode, fund.kommune, found.foerst_set
    )?;
    for line in [&fund.besked_da, &fund.besked_en] {
        writeln!(out, "    {line}")?;
    }
    for line in [&fund.hjaelp_da, &fund.hjaelp_en] {
        writeln!(out, "    -> {line}")?;
    }
    Ok(())
}

fn as_json(found: &Fund) -> serde_json::Value {
    let fund = &found.fund;
    json!({
        "kode": fund.kode,
        "kommuneKode": fund.kommune.0,
        "institutionsnummer": fund.nummer.map(|number| number.to_string()),
        "beskedDa": fund.besked_da,
        "beskedEn": fund.besked_en,
        "afhjaelpningDa": fund.hjaelp_da,
        "afhjaelpningEn": fund.hjaelp_en,
        "foerstSet": found.foerst_set.to_string(),
        "sidstSet": found.sidst_set.to_string(),
    })
}

fn csv(found: &[Fund], out: &mut dyn Write) -> Result<(), CliError> {
    write!(
        out,
        "\u{feff}kode;kommuneKode;institutionsnummer;beskedDa;beskedEn;afhjaelpningDa;foerstSet;sidstSet;loest\r\n"
    )?;
    for each in found {
        let fund = &each.fund;
        let cells = [
            fund.kode.clone(),
            fund.kommune.to_string(),
            fund.nummer
                .map(|number| number.to_string())
                .unwrap_or_default(),
            fund.besked_da.clone(),
            fund.besked_en.clone(),
            fund.hjaelp_da.clone(),
            each.foerst_set.to_string(),
            each.sidst_set.to_string(),
            each.loest.map(|at| at.to_string()).unwrap_or_default(),
        ];
        let cells: Vec<String> = cells.iter().map(|cell| common::csv_cell(cell)).collect();
        write!(out, "{}\r\n", cells.join(";"))?;
    }
    Ok(())
}
