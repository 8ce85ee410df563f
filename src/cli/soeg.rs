//! `dtr soeg`: finds institutions by words and numbers, in the index that a server keeps, or in one made for the occasion.

use std::io::Write;
use std::sync::Arc;

use clap::Args as ClapArgs;
use serde_json::{Value as Json, json};

use super::common::{self, CliError, Common, Verdict, value};
use crate::app;
use crate::clock::Clock;
use crate::register::{Kodetabeller, Kommunekode};
use crate::search::{self, Asked, Found, Hit, Page, Search, Shown, Total, Words};
use crate::store::{Store, StoreExt};

/// The most records of which an index is made for one search.
const SMALL: u64 = 50_000;

/// `dtr soeg`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Words of name, address, town or kommune, or an institution number, A-number, P-number or CVR number
    #[arg(required = true)]
    ord: Vec<String>,
    /// Of this kommune alone, by its code
    #[arg(long, value_name = "KODE")]
    kommune: Option<String>,
    /// Open ones alone
    #[arg(long)]
    aabne: bool,
    /// The page of hits, from 1 to 50
    #[arg(long, value_name = "NR", default_value_t = 1)]
    side: u16,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let asked = asked(args)?;
    let (config, store) = args.common.config.open(clock)?;
    let tables = app::rules(&config, "", "")?.1;
    let store: Arc<dyn Store> = Arc::new(store);
    let file = search::path(&config.database.fil);
    let search = match Search::beside(&file, &tables, &store) {
        Some(search) => search,
        None => in_memory(&tables, &store)?,
    };
    let found = search.find(&asked);
    let found = found.map_err(|why| CliError::Failed(why.to_string()))?;
    if args.common.json {
        common::json(out, &shown(&found))?;
    } else {
        tell(&found, &tables, out)?;
    }
    Ok(Verdict::of(!found.hits.is_empty()))
}

fn asked(args: &Args) -> Result<Asked, CliError> {
    let words = Words::parse(&args.ord.join(" "));
    let words = words.map_err(|why| value("ORD", why.to_string()))?;
    let kommune = args.kommune.as_deref().map(Kommunekode::parse).transpose();
    let kommune =
        kommune.map_err(|_| value("--kommune", "a code is one to four digits".to_owned()))?;
    let page = Page::new(args.side).ok_or_else(|| {
        let pages = search::PAGES;
        value("--side", format!("there are pages 1 to {pages}"))
    })?;
    Ok(Asked {
        words,
        kommune,
        shown: if args.aabne { Shown::Open } else { Shown::All },
        page,
        ..Asked::default()
    })
}

/// A search in an index that is made now, where that takes no more than a second or two.
fn in_memory(tables: &Kodetabeller, store: &Arc<dyn Store>) -> Result<Search, CliError> {
    let counts = store.read(|view| view.counts());
    let counts = counts.map_err(CliError::store("the records can't be counted"))?;
    if counts
        .iter()
        .map(|(open, closed)| open + closed)
        .sum::<u64>()
        > SMALL
    {
        let why = "there is no index of this register, and it is too large to make one for this search: dtr serve makes one";
        return Err(CliError::Failed(why.to_owned()));
    }
    Search::in_memory(tables, store).map_err(CliError::Failed)
}

fn tell(found: &Found, tables: &Kodetabeller, out: &mut dyn Write) -> Result<(), CliError> {
    if let Some(former) = &found.a_number {
        let goes_on = match former.now {
            Some(now) => format!("goes on as {now}"),
            None => "no record is known to go on from it".to_owned(),
        };
        writeln!(out, "{} ({}): {goes_on}", former.name, former.number)?;
    }
    for hit in &found.hits {
        let state = if hit.open { "open" } else { "closed" };
        writeln!(
            out,
            "{} ({}), {}, {state}",
            hit.name,
            hit.number,
            hit.niveau.element()
        )?;
        let kommune = hit.kommune.map(|code| tables.kommune.named(code.0.into()));
        let line: Vec<_> = hit.address.iter().cloned().chain(kommune).collect();
        writeln!(out, "  {}", line.join("; "))?;
        for (number, name) in &hit.successors {
            writeln!(out, "  -> {} ({number})", name.as_deref().unwrap_or("?"))?;
        }
    }
    let page = found.page.number();
    match found.total {
        Total::Exactly(0) => writeln!(out, "nothing was found")?,
        Total::Exactly(hits) => {
            writeln!(out, "{hits} found; page {page} of {}", found.total.pages())?
        }
        Total::MoreThan(hits) => writeln!(
            out,
            "more than {hits} found; page {page} of {}: another word finds fewer",
            found.total.pages()
        )?,
    }
    Ok(())
}

fn shown(found: &Found) -> Json {
    let (total, more) = match found.total {
        Total::Exactly(hits) => (hits, false),
        Total::MoreThan(hits) => (hits, true),
    };
    json!({
        "antal": total,
        "flere": more,
        "side": found.page.number(),
        "sider": found.total.pages(),
        "aNummer": found.a_number.as_ref().map(|former| json!({
            "nummer": former.number.as_str(),
            "navn": former.name,
            "nu": former.now.map(|now| now.to_string()),
        })),
        "fundet": found.hits.iter().map(hit).collect::<Vec<_>>(),
    })
}

fn hit(hit: &Hit) -> Json {
    json!({
        "nummer": hit.number.as_str(),
        "niveau": hit.niveau.element(),
        "navn": hit.name,
        "adresse": hit.address,
        "kommune": hit.kommune.map(|code| code.0),
        "instType3": hit.inst_type,
        "ejerformKode": hit.ejerform,
        "foraelder": hit.parent.map(|number| number.to_string()),
        "aktiv": hit.open,
        "afloestAf": hit.successors.iter().map(|(number, _)| number.as_str()).collect::<Vec<_>>(),
        "skolensInstitutionsnummer": hit.school.map(|number| number.to_string()),
    })
}
