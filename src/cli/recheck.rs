//! `dtr recheck`: the monthly run by hand, and what it has found (kontrakt §7). Works beside a running server.

use std::io::Write;

use clap::{Args as ClapArgs, ValueEnum};
use serde_json::json;

use super::common::{self, CliError, Common, Verdict, value};
use super::org::{known_kommune, kommuner};
use crate::app;
use crate::clock::Clock;
use crate::export;
use crate::monthly;
use crate::register::{Fund, Kommunekode, Kontrol};
use crate::store::{self, Store, StoreExt};

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
    common: Common,
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
        .map(|code| known_kommune(code, &kommuner(&args.common.config.load()?)?))
        .transpose()?;
    if args.form == Form::Xml && kommune.is_none() && !args.common.json {
        return Err(value(
            "--form xml",
            "also needs --kommune: the document is of one kommune".into(),
        ));
    }
    let (config, store) = args.common.config.open(clock)?;
    if !args.vis {
        let (_, tables) = app::rules(&config, "", "")?;
        monthly::run(&store, &tables, &common::mirrors(&config), clock)
            .map_err(CliError::store("the register can't be checked"))?;
    }
    let found =
        read(&store, args.form, kommune).map_err(CliError::store("the findings can't be read"))?;
    if args.common.json {
        let shown: Vec<_> = found.open().map(as_json).collect();
        let run = found.run.map(|run| {
            json!({"begyndt": run.begyndt.to_string(), "poster": run.records, "nye": run.nye, "aabne": run.aabne,
                "loeste": run.loeste})
        });
        common::json(out, &json!({"kontrol": run, "fund": shown}))?;
    } else {
        show(&found, args.form, kommune, out)?;
    }
    Ok(Verdict::of(found.open().next().is_none()))
}

/// What a run has found.
struct Found {
    /// The last run; its sums are of what is shown, and its records of the whole run.
    run: Option<Kontrol>,
    all: Vec<Fund>,
    /// The document that a kommune fetches, where it is asked for.
    document: Option<Vec<u8>>,
}

impl Found {
    fn open(&self) -> impl Iterator<Item = &Fund> {
        self.all.iter().filter(|each| each.loest.is_none())
    }
}

fn read(store: &dyn Store, form: Form, kommune: Option<Kommunekode>) -> store::Result<Found> {
    let mut found = store.read(|view| {
        Ok(Found {
            run: view.last_kontrol()?,
            all: view.fund(kommune)?,
            document: kommune
                .filter(|_| form == Form::Xml)
                .map(|kommune| export::fundrapport(view, kommune))
                .transpose()?,
        })
    })?;
    if let Some(run) = found.run.filter(|_| kommune.is_some()) {
        let count =
            |is: &dyn Fn(&Fund) -> bool| found.all.iter().filter(|each| is(each)).count() as u64;
        found.run = Some(Kontrol {
            nye: count(&|each| each.foerst_set == run.begyndt),
            aabne: count(&|each| each.loest.is_none()),
            loeste: count(&|each| each.loest == Some(run.begyndt)),
            ..run
        });
    }
    Ok(found)
}

fn show(
    found: &Found,
    form: Form,
    kommune: Option<Kommunekode>,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    match (form, &found.document) {
        (Form::Xml, Some(document)) => out.write_all(document)?,
        // Refused before the run.
        (Form::Xml, None) => {}
        (Form::Csv, _) => csv(&found.all, out)?,
        (Form::Tekst, _) => {
            found.open().try_for_each(|each| text(each, out))?;
            let Some(run) = found.run else {
                writeln!(out, "no run yet: dtr recheck without --vis makes one")?;
                return Ok(());
            };
            let of = kommune.map_or(String::new(), |code| format!(" of kommune {code}"));
            writeln!(
                out,
                "{} records looked at {}: {} findings{of} open ({} new), {} resolved",
                run.records, run.begyndt, run.aabne, run.nye, run.loeste
            )?;
        }
    }
    Ok(())
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
    let names = "kode;kommuneKode;institutionsnummer;beskedDa;beskedEn;afhjaelpningDa;foerstSet;sidstSet;loest";
    let rows = found.iter().map(|each| {
        let fund = &each.fund;
        let nummer = fund.nummer.map(|number| number.to_string());
        [
            fund.kode.clone(),
            fund.kommune.to_string(),
            nummer.unwrap_or_default(),
            fund.besked_da.clone(),
            fund.besked_en.clone(),
            fund.hjaelp_da.clone(),
            each.foerst_set.to_string(),
            each.sidst_set.to_string(),
            each.loest.map(|at| at.to_string()).unwrap_or_default(),
        ]
    });
    common::csv(out, names, rows)
}
