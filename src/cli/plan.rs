//! `dtr plan`: what a file of corrections would do, and its carrying out as it was shown. The plan itself is [`crate::plan`].

mod told;

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args as ClapArgs;
use serde_json::json;

use super::check;
use super::common::{self, CliError, Common, Language, Verdict, value};
use super::support::{self, LONGEST_CASE};
use crate::agreements::PrivateRules;
use crate::app;
use crate::audit::{Entry, Udfald};
use crate::clock::Clock;
use crate::config::Config;
use crate::identity::Caller;
use crate::import::{Rules, Safeguards};
use crate::plan::{self, Desk, Digest, Done, LARGEST, Order, Plan, Refusal};
use crate::register::Kommunekode;
use crate::store::{Organisation, Outcome, Store, StoreExt};

/// `dtr plan`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "A file is a CSV in the shape of /eksport/samlet.csv (docs/csv.md), or messages of ImportService, one after the other.\n\
    Without --udfoer nothing is stored. Exit status: 0 it can be carried out, or was; 1 it can't, or was refused; 2 a file\n\
    can't be read."
)]
pub(super) struct Args {
    /// The corrections
    file: PathBuf,
    /// Judge it as what this organisation may do itself, which has handed it in
    #[arg(long, value_name = "CVR")]
    som: Option<String>,
    /// The operator's organisation, where more than one is registered
    #[arg(long, value_name = "CVR")]
    operatoer: Option<String>,
    /// The file is all of this kommune: what it does not name is closed
    #[arg(long, value_name = "KODE")]
    hele_kommunen: Option<String>,
    /// Carry out the plan that was shown with this digest
    #[arg(long, value_name = "DIGEST", requires = "sagsnummer")]
    udfoer: Option<String>,
    /// The case that it belongs to, 1 to 40 characters; it stands in history and audit
    #[arg(long, value_name = "SAG")]
    sagsnummer: Option<String>,
    /// The closings are meant: asked for when they are many, or when a whole kommune's file lacks records
    #[arg(long)]
    bekraeft_lukninger: bool,
    /// The language of the words: da or en
    #[arg(long, value_name = "SPROG", default_value = "en")]
    sprog: Language,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let case = args.sagsnummer.as_deref();
    let case = case.map(|case| common::name("--sagsnummer", case, LONGEST_CASE));
    let case = case.transpose()?;
    let shown = args.udfoer.as_deref().map(digest).transpose()?;
    let whole = args.hele_kommunen.as_deref().map(kommune).transpose()?;
    let (config, store) = args.common.config.open(clock)?;
    let (contract, tables) = app::rules(&config, "", "")?;
    if let Some(whole) = whole
        && tables.kommune.tekst(i32::from(whole.0)).is_none()
    {
        let told = format!("there is no kommune {whole}");
        return Err(value("--hele-kommunen", told));
    }
    let operator = support::operator(&store, args.operatoer.as_deref())?;
    let handed_in = args.som.as_deref();
    let handed_in = handed_in.map(|cvr| support::organisation(&store, "--som", cvr));
    let bytes = check::read(&args.file, LARGEST as u64);
    let asked = Asked {
        args,
        whole,
        case,
        operator,
        handed_in: handed_in.transpose()?,
        bytes: bytes.map_err(CliError::file(&args.file, "can't be read"))?,
        desk: Desk {
            contract: &contract,
            rules: rules(&config, tables),
            store: &store,
            clock,
            limits: app::xml_limits(&config),
            operation: plan::OPERATION,
        },
    };
    asked.answer(shown, out)
}

/// What was asked for, and what it is answered with.
struct Asked<'a> {
    args: &'a Args,
    whole: Option<Kommunekode>,
    case: Option<String>,
    operator: Organisation,
    handed_in: Option<Organisation>,
    bytes: Vec<u8>,
    desk: Desk<'a>,
}

impl Asked<'_> {
    fn answer(&self, shown: Option<Digest>, out: &mut dyn Write) -> Result<Verdict, CliError> {
        let tables = &self.desk.rules.tables;
        let plan = self.made(self.handed_in.as_ref().unwrap_or(&self.operator))?;
        let told = told::Told {
            plan: &plan,
            tables,
            language: self.args.sprog.into(),
        };
        let json = self.args.common.json.then(|| plan.json(tables));
        if json.is_none() {
            told.plan(out)?;
        }
        let Some(shown) = shown else {
            match json {
                Some(plan) => {
                    let all = json!({ "plan": plan, "udfoert": null, "afvist": null });
                    common::json(out, &all)?;
                }
                None => told.how(&self.args.file, out)?,
            }
            return Ok(Verdict::of(plan.errors.is_empty()));
        };
        let language = told.language;
        let came = self.carry_out(plan, shown)?;
        match json {
            Some(plan) => common::json(out, &outcome(&plan, &came))?,
            None => told::came(&came, language, out)?,
        }
        Ok(Verdict::of(came.is_ok()))
    }

    fn made(&self, who: &Organisation) -> Result<Plan, CliError> {
        let caller = Caller::at_console(who.clone(), common::user());
        plan::plan(&self.bytes, self.whole, &caller, &self.desk)
            .map_err(CliError::store("nothing was planned"))
    }

    /// What an organisation may do itself, the operator carries out.
    fn carry_out(&self, plan: Plan, shown: Digest) -> Result<Result<Done, Refusal>, CliError> {
        let confirm = self.args.bekraeft_lukninger;
        let (user, plan) = match &self.handed_in {
            None => (common::user(), plan),
            Some(who) => {
                let user = format!("{}, for CVR {}", common::user(), who.cvr);
                if plan.errors.is_empty() {
                    (user, self.made(&self.operator)?)
                } else {
                    let case = self.case.as_deref();
                    audit_refusal(self.desk.store, who, case, self.desk.clock)?;
                    (user, plan)
                }
            }
        };
        let order = Order {
            caller: Caller::at_console(self.operator.clone(), user),
            person: None,
            case_number: self.case.clone(),
            shown,
            confirmed: confirm.then(|| plan.confirm()),
        };
        Ok(plan::carry_out(plan, order, &self.desk))
    }
}

fn outcome(plan: &serde_json::Value, came: &Result<Done, Refusal>) -> serde_json::Value {
    match came {
        Ok(done) => {
            let numbers = done.numbers.iter();
            let numbers = numbers
                .map(|(called, number)| json!({ "kaldes": called, "nummer": number.as_str() }));
            let ends = done.changes.map(|(first, last)| [first.0, last.0]);
            let told = json!({
                "korrelationsId": done.id.to_string(),
                "sekvenser": ends,
                "aendringer": done.records,
                "numre": numbers.collect::<Vec<_>>(),
            });
            json!({ "plan": plan, "udfoert": told, "afvist": null })
        }
        Err(refusal) => {
            let problem = &refusal.problem;
            let told = json!({
                "kode": problem.entry.kode,
                "beskedDa": problem.da(),
                "beskedEn": problem.en(),
                "afhjaelpning": problem.hjaelp(),
                "fejl": refusal.errors.iter().map(plan::Notice::json).collect::<Vec<_>>(),
            });
            json!({ "plan": plan, "udfoert": null, "afvist": told })
        }
    }
}

/// What the installation has decided.
fn rules(config: &Config, tables: crate::register::Kodetabeller) -> Rules {
    let rettigheder = &config.rettigheder;
    Rules {
        tables: Arc::new(tables),
        privat: PrivateRules {
            by_kommune: rettigheder.private_af_kommune,
            by_owner: rettigheder.private_af_ejer,
        },
        safeguards: Safeguards::NONE,
        mirrors: common::mirrors(config),
    }
}

/// The audit line of what was to be carried out for somebody who may not do it.
fn audit_refusal(
    store: &dyn Store,
    who: &Organisation,
    case: Option<&str>,
    clock: &Clock,
) -> Result<(), CliError> {
    let noter = vec![format!("for {}", who.cvr)];
    let entry = Entry {
        udfald: Udfald::Afvist,
        sagsnummer: case.map(str::to_owned),
        ..common::audit_entry("plan", noter, clock.now())
    };
    store
        .write_blocking(move |tx| tx.audit(&entry).map(Outcome::Keep))
        .map_err(CliError::store("the refusal can't be written to the audit"))
}

fn digest(text: &str) -> Result<Digest, CliError> {
    Digest::parse(text).ok_or_else(|| {
        let told = format!("{text:?} is no digest of a plan; dtr plan FILE shows it");
        value("--udfoer", told)
    })
}

fn kommune(text: &str) -> Result<Kommunekode, CliError> {
    let code = Kommunekode::parse(text);
    code.map_err(|_| {
        value(
            "--hele-kommunen",
            format!("{text:?} is no kommunekode, such as 751"),
        )
    })
}

/// What is told goes to stdout; that nothing was stored, beside it.
fn beside(what: &str) -> Result<(), CliError> {
    Ok(writeln!(io::stderr(), "dtr: {what}")?)
}
