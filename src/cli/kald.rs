//! `dtr kald`: what became of a call, by its correlation id; or a list of calls. Works beside a running server.

mod told;

use std::io::Write;

use clap::Args as ClapArgs;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::common::{self, CliError, Common, Language, Verdict, value};
use super::system::system_id;
use crate::app;
use crate::calls::{self, Call, Calls, Filter, MOST, Page, StatusClass};
use crate::clock::Clock;
use crate::config::Config;
use crate::register::Day;
use crate::store::sqlite::SqliteStore;
use crate::store::{Outcome, StoreExt};
use told::Seen;

/// `dtr kald`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Without a correlation id, calls are listed, newest first. A list leaves an audit line."
)]
pub(super) struct Args {
    /// The correlation id of an answer, or of a line of the log
    #[arg(value_name = "KORRELATIONSID")]
    id: Option<Uuid>,
    #[command(flatten)]
    chosen: Chosen,
    /// The language of the words: da or en
    #[arg(long, value_name = "SPROG", default_value = "en")]
    sprog: Language,
    #[command(flatten)]
    common: Common,
}

/// Which calls are listed.
#[derive(Debug, ClapArgs)]
struct Chosen {
    /// Of this organisation alone
    #[arg(long, value_name = "CVR", conflicts_with = "id")]
    cvr: Option<String>,
    /// Of this system alone, such as SYS-1
    #[arg(long, value_name = "SYSTEM", conflicts_with = "id")]
    system: Option<String>,
    /// From this Danish day on, YYYY-MM-DD, or this instant
    #[arg(long, value_name = "WHEN", conflicts_with = "id")]
    fra: Option<String>,
    /// To this Danish day, the day included, or before this instant
    #[arg(long, value_name = "WHEN", conflicts_with = "id")]
    til: Option<String>,
    /// Only those with such an HTTP status: 2xx, 4xx, 5xx
    #[arg(long, value_name = "KLASSE", conflicts_with = "id")]
    status: Option<String>,
    /// Only those with this error, such as DTR5001
    #[arg(long, value_name = "KODE", conflicts_with = "id")]
    kode: Option<String>,
    /// Only those that were refused or failed
    #[arg(long, conflicts_with = "id")]
    kun_fejl: bool,
    /// Only those older than this call: the last of a list goes on with it
    #[arg(long, value_name = "KORRELATIONSID", conflicts_with = "id")]
    foer: Option<Uuid>,
    /// So many at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST)))]
    antal: u32,
}

impl Chosen {
    fn filter(&self) -> Result<Filter, CliError> {
        let cvr = self.cvr.as_deref().map(|text| common::cvr("--cvr", text));
        let system = self.system.as_deref();
        let system = system.map(|text| system_id("--system", text));
        let status = self.status.as_deref().map(|text| {
            let problem = || format!("{text} is no class of status: that is 2xx, 3xx, 4xx or 5xx");
            StatusClass::parse(text).ok_or_else(|| value("--status", problem()))
        });
        let code = self.kode.as_deref().map(|text| {
            let code = text.to_ascii_uppercase();
            let problem = || format!("there is no error code {text}; see dtr fejlkoder");
            let known = calls::entry(&code).is_some();
            known
                .then_some(code)
                .ok_or_else(|| value("--kode", problem()))
        });
        let (from, to) = common::span(self.fra.as_deref(), self.til.as_deref())?;
        Ok(Filter {
            cvr: cvr.transpose()?,
            system: system.transpose()?,
            from: from.map(Day::begins),
            to: to.map(Day::ends),
            status: status.transpose()?,
            code: code.transpose()?,
            only_failures: self.kun_fejl,
        })
    }

    /// What the audit line says was asked for.
    fn noted(&self) -> Vec<String> {
        let given = [
            ("cvr", &self.cvr),
            ("system", &self.system),
            ("fra", &self.fra),
            ("til", &self.til),
            ("status", &self.status),
            ("kode", &self.kode),
        ];
        let given = given.into_iter();
        let mut noted: Vec<_> = given
            .filter_map(|(name, text)| Some(format!("{name} {}", text.as_ref()?)))
            .collect();
        noted.extend(self.kun_fejl.then(|| "kun-fejl".to_owned()));
        noted.push(format!("antal {}", self.antal));
        noted
    }
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let chosen = args.chosen.filter()?;
    let (config, store) = args.common.config.open(clock)?;
    let calls = Calls::beside(&config.database.fil);
    match args.id {
        Some(id) => one(args, id, (&config, &store, &calls), out),
        None => list(args, &chosen, (&store, &calls, clock), out),
    }
}

/// Shows a call.
fn one(
    args: &Args,
    id: Uuid,
    (config, store, calls): (&Config, &SqliteStore, &Calls),
    out: &mut dyn Write,
) -> Result<Verdict, CliError> {
    let call = calls.by_id(id).unwrap_or_else(|error| {
        // The audit chain may know it all the same.
        common::warn(&[error.to_string()]);
        None
    });
    let tables = app::rules(config, "", "")?.1;
    let seen = store
        .read(|view| Seen::of(view, id, call))
        .map_err(CliError::store("the call can't be looked up"))?;
    let Some(seen) = seen else {
        return unknown(id, config, calls);
    };
    if args.common.json {
        common::json(out, &seen.json(&tables))?;
    } else {
        seen.text(args.sprog, &tables, out)?;
    }
    Ok(Verdict::Good)
}

/// Says that nothing is known of a call, and what may be the reason.
fn unknown(id: Uuid, config: &Config, calls: &Calls) -> Result<Verdict, CliError> {
    let mut reasons = Vec::new();
    if !config.kaldslog.til {
        reasons.push("the configuration keeps no call log (kaldslog.til)".to_owned());
    } else if !calls.is_there() {
        reasons.push("there is no call log yet: dtr serve makes it with its first call".to_owned());
    }
    if id.get_version_num() != 7 {
        reasons.push("it is no correlation id of dtr: those are UUIDs of version 7".to_owned());
    }
    let days = config.kaldslog.dage;
    reasons.extend([
        format!("it is older than {days} days, or the call log was full of its organisation's calls"),
        "it was a read that went well, or one call too many: of those that say the same in a minute only the first has a line; \
         dtr kald --cvr shows it"
            .to_owned(),
        "it came to the public listener, whose calls are not kept".to_owned(),
        "it was answered by the server of another register, or a moment ago".to_owned(),
    ]);
    let mut told = format!(
        "dtr: {id}: neither the call log nor the audit chain knows this call. It may be that"
    );
    for reason in reasons {
        told += &format!("\n  - {reason}");
    }
    writeln!(std::io::stderr(), "{told}")?;
    Ok(Verdict::Wanting)
}

/// Lists calls, once the audit chain says who looks.
fn list(
    args: &Args,
    chosen: &Filter,
    (store, calls, clock): (&SqliteStore, &Calls, &Clock),
    out: &mut dyn Write,
) -> Result<Verdict, CliError> {
    let entry = common::audit_entry("kald list", args.chosen.noted(), clock.now());
    store
        .write_blocking(move |tx| tx.audit(&entry).map(Outcome::Keep))
        .map_err(CliError::store("the look-up can't be audited"))?;
    let page = Page {
        before: args.chosen.foer,
        size: args.chosen.antal,
    };
    let found = calls
        .of(chosen, page)
        .map_err(|error| CliError::Failed(error.to_string()))?;
    let full = found.len() == usize::try_from(page.size).unwrap_or(usize::MAX);
    let next = found
        .last()
        .filter(|_| full)
        .map(|last| last.id.to_string());
    if args.common.json {
        let rows: Vec<Json> = found.iter().map(told::row).collect();
        common::json(out, &json!({ "kald": rows, "foer": next }))?;
        return Ok(Verdict::Good);
    }
    if found.is_empty() {
        writeln!(out, "No such call is kept.")?;
    }
    for call in &found {
        writeln!(out, "{}", line(call))?;
    }
    if let Some(next) = next {
        writeln!(out, "There may be more: --foer {next}")?;
    }
    Ok(Verdict::Good)
}

/// A call on a line.
fn line(call: &Call) -> String {
    let who = call
        .cvr
        .map_or_else(|| "-".to_owned(), |cvr| cvr.to_string());
    let system = call.system.map(|id| format!(" {id}")).unwrap_or_default();
    let mut text = format!(
        "{}  {}  {who}{system}  {}/{}  {} {}  {}",
        call.at(),
        call.id,
        call.service,
        call.operation,
        call.status,
        call.outcome().as_str(),
        told::took(call),
    );
    if call.count > 1 {
        text += &format!("  x{}", call.count);
    }
    if let Some(errors) = call.told.as_ref().or(call.kode.as_ref()) {
        text += &format!("  {errors}");
    }
    common::printable(&text)
}
