//! `dtr support`: the operator's own changes, and those that kommuner and private owners without a system hand in as a
//! file (indmeldte ændringer). A message in the format of ImportService, judged by the same rules, stored with the same
//! history and audit as everybody's, under a case number. A dry run unless told otherwise.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args as ClapArgs;

use super::check;
use super::common::{self, CliError, ConfigArg, Verdict, value};
use crate::agreements::PrivateRules;
use crate::app;
use crate::audit::{Entry, Udfald};
use crate::clock::Clock;
use crate::config::Config;
use crate::contract::services::IMPORT;
use crate::contract::{Contract, Service, SoapVersion};
use crate::identity::Caller;
use crate::import::{Answered, Import, Rules, Safeguards, WRITES, WriteOperation};
use crate::message::{Field, Value};
use crate::problem::{self, Problem};
use crate::register::{Cvr, Kodetabeller};
use crate::services;
use crate::soap::{self, Incoming, Request, Wrapping, wrapping};
use crate::store::{OrgKind, Organisation, Outcome, Store, StoreExt};
use crate::xml::{self, Positions};

/// The longest case number, in characters (kontrakt §3).
pub(super) const LONGEST_CASE: usize = 40;

/// `dtr support`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// A message of ImportService: the operation's element, alone or in its envelope
    file: PathBuf,
    /// The case (sagsnummer) that it belongs to, 1 to 40 characters; it stands in history and audit
    #[arg(long, value_name = "SAG")]
    sagsnummer: String,
    /// Carry it out; else everything is checked and nothing stored
    #[arg(long)]
    udfoer: bool,
    /// Who handed it in: it must be what that organisation may do itself
    #[arg(long = "for", value_name = "CVR")]
    indmelder: Option<String>,
    /// The operator's organisation, where more than one is registered
    #[arg(long, value_name = "CVR")]
    operatoer: Option<String>,
    #[command(flatten)]
    config: ConfigArg,
}

/// What a message is judged by.
struct Desk<'a> {
    config: &'a Config,
    contract: &'a Contract,
    tables: Arc<Kodetabeller>,
    store: &'a dyn Store,
    clock: &'a Clock,
    case: String,
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let case = common::name("--sagsnummer", &args.sagsnummer, LONGEST_CASE)?;
    let (config, store) = args.config.open(clock)?;
    let (contract, tables) = app::rules(&config, "", "")?;
    let operator = operator(&store, args.operatoer.as_deref())?;
    let desk = Desk {
        config: &config,
        contract: &contract,
        tables: Arc::new(tables),
        store: &store,
        clock,
        case,
    };
    let text = read(&args.file, config.graenser.besked_bytes)?;
    if let Some(cvr) = &args.indmelder {
        let who = organisation(&store, "--for", cvr)?;
        let tried = desk.judge(&args.file, &text, who, None, false)?;
        if let Some(kode) = tried.kode {
            out.write_all(&tried.envelope)?;
            if args.udfoer {
                desk.audit_refusal(cvr, kode)?;
            }
            return told(
                "refused: it is not what that organisation may do itself",
                Verdict::Wanting,
            );
        }
    }
    let handed_in = args.indmelder.as_deref();
    let answered = desk.judge(&args.file, &text, operator, handed_in, args.udfoer)?;
    out.write_all(&answered.envelope)?;
    match (answered.kode, args.udfoer) {
        (Some(_), _) => told("refused: nothing was stored", Verdict::Wanting),
        (None, false) => told(
            "a dry run: nothing was stored; --udfoer carries it out",
            Verdict::Good,
        ),
        (None, true) => told("stored", Verdict::Good),
    }
}

/// The answer is on stdout; what it means for a person goes beside it.
fn told(what: &str, verdict: Verdict) -> Result<Verdict, CliError> {
    writeln!(io::stderr(), "\ndtr: {what}")?;
    Ok(verdict)
}

impl Desk<'_> {
    /// Judges the message as sent by an organisation, and stores it where that is wished.
    fn judge(
        &self,
        file: &Path,
        text: &str,
        organisation: Organisation,
        handed_in: Option<&str>,
        store: bool,
    ) -> Result<Answered, CliError> {
        let limits = app::xml_limits(self.config);
        let wrapping = wrapping(text, self.contract.services(), limits);
        if !IMPORT.contains(&wrapping.service) {
            return Err(value("FILE", "is no message of ImportService".to_owned()));
        }
        let (write, mut request) = self.request(file, text, &wrapping)?;
        if store && request.message.flag(Field::Proeve) {
            let why = "says proeve, a dry run: take that out to carry it out";
            return Err(value("FILE", why.to_owned()));
        }
        if !store {
            let dry_run = Value {
                text: "true".to_owned(),
                offset: 0,
            };
            request
                .message
                .parameters
                .insert(0, (Field::Proeve, dry_run));
        }
        request.case_number = Some(self.case.clone());
        // Each run is a call of its own: a case may hand in the same file twice.
        request.message_id = None;
        request.idempotency_key = None;
        // Who handed it in stands in the audit with who carried it out.
        let user = match handed_in {
            Some(cvr) => format!("{}, for CVR {cvr}", common::user()),
            None => common::user(),
        };
        let caller = Caller::at_console(organisation, user);
        let version = wrapping.envelope.unwrap_or(SoapVersion::V11);
        let valid = request.shape.is_valid();
        let id = uuid::Uuid::new_v4();
        let import = Import {
            service: wrapping.service,
            version,
            caller,
            request,
            text: text.to_owned(),
            id,
            kind: write.kind,
            level: write.level,
        };
        let rettigheder = &self.config.rettigheder;
        let privat = PrivateRules {
            by_kommune: rettigheder.private_af_kommune,
            by_owner: rettigheder.private_af_ejer,
        };
        // A file that is handed in is not repeated by anybody's stack.
        let safeguards = Safeguards {
            expected_version: self.config.advarsler.forventet_version,
            message_id: false,
        };
        let rules = Rules {
            tables: Arc::clone(&self.tables),
            privat,
            safeguards,
            mirrors: common::mirrors(self.config),
        };
        let now = self.clock.now();
        let written = if valid {
            let prepared = import.prepare(rules);
            self.store.write_blocking(move |tx| prepared.run(tx, now))
        } else {
            self.store
                .write_blocking(move |tx| import.invalid(tx, &rules, now))
        };
        written.map_err(CliError::store("nothing was stored"))
    }

    /// The audit line of what was to be carried out for somebody who may not do it.
    fn audit_refusal(&self, cvr: &str, kode: &str) -> Result<(), CliError> {
        let noter = vec![format!("for {cvr}"), kode.to_owned()];
        let entry = Entry {
            udfald: Udfald::Afvist,
            sagsnummer: Some(self.case.clone()),
            ..common::audit_entry("support", noter, self.clock.now())
        };
        self.store
            .write_blocking(move |tx| tx.audit(&entry).map(Outcome::Keep))
            .map_err(CliError::store("the refusal can't be written to the audit"))
    }

    /// Reads the message of a write, whatever it stands in.
    fn request(
        &self,
        file: &Path,
        text: &str,
        wrapping: &Wrapping,
    ) -> Result<(&'static WriteOperation, Request), CliError> {
        let limits = app::xml_limits(self.config);
        let Wrapping { service, envelope } = *wrapping;
        let Some(schema) = self.contract.schema(service.document) else {
            return Err(value("FILE", "is of no service".to_owned()));
        };
        let read = match envelope {
            Some(version) => {
                let incoming = Incoming {
                    service,
                    version,
                    action: None,
                    idempotency_key: None,
                    text,
                };
                soap::read(incoming, &WRITES, schema, limits).map_err(|rejected| rejected.problems)
            }
            None => soap::read_bare(service, &WRITES, text, schema, limits),
        };
        let request = read.map_err(|problems| match problems.first() {
            Some(problem) if reads(service, text, problem) => {
                value("FILE", "is a message that writes nothing".to_owned())
            }
            _ => unreadable(file, text, &problems),
        })?;
        let (request, (write, message)) = request.exchange(());
        Ok((write, request.exchange(message).0))
    }
}

/// A registered organisation that is open.
pub(super) fn organisation(
    store: &dyn Store,
    option: &'static str,
    cvr: &str,
) -> Result<Organisation, CliError> {
    let number = Cvr::parse(cvr).map_err(|_| value(option, format!("{cvr} is no CVR number")))?;
    store
        .read(|view| view.organisation(number))
        .map_err(CliError::store("the register can't be read"))?
        .filter(|known| known.lukket.is_none())
        .ok_or_else(|| {
            value(
                option,
                format!("{cvr} is not registered, or closed (dtr org list)"),
            )
        })
}

/// Whether a message was refused because its operation, which the service has, does not write.
fn reads(service: &Service, text: &str, problem: &Problem) -> bool {
    let tag = problem.place.offset.and_then(|at| text.get(at..));
    let tag = tag.and_then(|tag| tag.split([' ', '\t', '\r', '\n', '/', '>']).next());
    let name = tag.map(|tag| tag.rsplit(['<', ':']).next().unwrap_or_default());
    let all = services::all();
    let mut operations = all
        .iter()
        .filter(|own| own.service.namespace == service.namespace)
        .flat_map(|own| &own.operations);
    *problem.entry == problem::soap::UKENDT_OPERATION
        && operations.any(|own| Some(own.operation().name) == name)
}

/// The first thing that keeps a file from being a message, with its place.
fn unreadable(file: &Path, text: &str, problems: &[Problem]) -> CliError {
    let Some(problem) = problems.first() else {
        return value("FILE", "can't be read".to_owned());
    };
    let at = problem.place.offset.map(|offset| {
        let at = Positions::new(text).at(offset);
        format!("{}:{}: ", at.line, at.column)
    });
    let at = at.unwrap_or_default();
    let what = format!(
        "{}:{at} {} {}",
        file.display(),
        problem.entry.kode,
        problem.en()
    );
    value("FILE", what)
}

/// The operator's organisation: the one named, or the only one.
pub(super) fn operator(store: &dyn Store, cvr: Option<&str>) -> Result<Organisation, CliError> {
    let mut all = store
        .read(|view| view.organisationer())
        .map_err(CliError::store("the register can't be read"))?;
    all.retain(|known| {
        known.art == OrgKind::Operatoer
            && known.lukket.is_none()
            && cvr.is_none_or(|cvr| known.cvr.as_str() == cvr)
    });
    match (all.pop(), all.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(_), false) => Err(value(
            "--operatoer",
            "there are several: name one".to_owned(),
        )),
        (None, _) => Err(value(
            "--operatoer",
            "no such organisation of the kind operatoer is registered (dtr org add)".to_owned(),
        )),
    }
}

/// Reads a file within the limit of a message.
fn read(file: &Path, largest: u64) -> Result<String, CliError> {
    let bytes = check::read(file, largest).map_err(CliError::file(file, "can't be read"))?;
    if bytes.len() as u64 > largest {
        return Err(value("FILE", format!("is larger than {largest} bytes")));
    }
    match xml::decode::decode(&bytes, None) {
        Ok(text) => Ok(text.into_owned()),
        Err(error) => {
            let before = xml::decode::readable(&bytes, None, &error);
            let problem = problem::from_decode(&error, &before);
            Err(value("FILE", problem.en()))
        }
    }
}
