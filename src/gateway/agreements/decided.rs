//! A message as a job of the writer: who sends it is looked up again, each thing is judged by itself, and what is stored, its
//! audit lines and the answer that is kept for repetition are one transaction.

use uuid::Uuid;

use super::sent::{Act, Sent};
use super::told::{self, Names};
use crate::agreements::{self, Decider, Planned, RequestRefused, Rules, Ruling, Unchanged};
use crate::audit::{Entry, Udfald};
use crate::identity::{Caller, Identify, PeerChain, Refused};
use crate::problem::{Problem, aftaler, soap, words};
use crate::register::{AnmodningId, Kodetabel, Part, Standing, SystemId, Tidspunkt};
use crate::server::routes::AgreementPart;
use crate::store::{self, Anmodninger, AnswerKey, OrgKind, Outcome, Read, SavedAnswer, Write};

/// A message with what does not change while it waits.
#[derive(Debug)]
pub(super) struct Posted {
    pub(super) part: AgreementPart,
    pub(super) message: Sent,
    pub(super) dry_run: bool,
    /// The name to repeat it by.
    pub(super) key: Option<String>,
    /// What makes it another one.
    pub(super) fingerprint: [u8; 32],
    pub(super) id: Uuid,
    pub(super) peer: PeerChain,
    pub(super) rules: Rules,
}

/// What it comes to.
#[derive(Debug)]
pub(super) enum Answered {
    /// What became of each thing.
    Told(Told),
    /// The message is refused as a whole.
    Refused(Box<Problem>),
    /// Its sender is not known any more.
    NotKnown(Refused),
}

/// An answer about each thing.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) body: Vec<u8>,
    /// The first code of what was refused.
    pub(super) kode: Option<&'static str>,
    /// How many things are stored.
    pub(super) stored: usize,
}

/// Who is asked by a request.
fn asked_of(view: &dyn Read, id: AnmodningId) -> store::Result<Option<Part>> {
    let found = view.anmodninger(&Anmodninger::en(id))?.pop();
    Ok(found.map(|request| request.part))
}

/// As whom the sender acts.
struct Actor {
    system: Option<SystemId>,
    decider: Option<Decider>,
}

impl Posted {
    /// Decides and stores.
    pub(super) fn run(
        &self,
        tx: &mut dyn Write,
        identify: &Identify,
        kommuner: &Kodetabel,
        now: Tidspunkt,
    ) -> store::Result<Outcome<Answered>> {
        let caller = match identify.caller_in(&self.peer, tx) {
            Ok(caller) => caller,
            Err(Refused::Store(error)) => return Err(error),
            Err(refused) => return Ok(Outcome::Undo(Answered::NotKnown(refused), None)),
        };
        if let Some(again) = self.again(&caller, tx)? {
            return Ok(Outcome::Undo(again, None));
        }
        let actor = match self.actor(&caller, kommuner) {
            Ok(actor) => actor,
            Err(problem) => {
                let line = self.line(&caller, now, Udfald::Fejl, vec![problem.entry.kode]);
                let audit = (!self.dry_run).then_some(line);
                return Ok(Outcome::Undo(Answered::Refused(problem), audit));
            }
        };
        let effects = self.effects(tx, &actor, kommuner, now)?;
        let act = self.act(&caller, now);
        let (mut results, mut codes) = (Vec::new(), Vec::new());
        for (index, one) in self.message.acts.iter().enumerate() {
            let done = self.carry_out(tx, &act, &actor, one)?;
            let names = Names { view: tx, kommuner };
            results.push(match done {
                Ok(done) => names.result(index, done, self.dry_run)?,
                Err((why, part)) => {
                    let problem = why.problem(part);
                    codes.push(problem.entry.kode);
                    told::refused_result(index, &problem)
                }
            });
        }
        let stored = results.len() - codes.len();
        let body = told::bytes(&told::answer(
            (self.id, now, self.dry_run),
            (results, codes.len()),
            effects,
        ));
        self.keep(tx, &caller, now, (body, stored, codes))
    }

    /// The answer that is kept under the key.
    fn again(&self, caller: &Caller, view: &dyn Read) -> store::Result<Option<Answered>> {
        let Some(key) = self.answer_key(caller) else {
            return Ok(None);
        };
        let Some(kept) = view.saved_answer(&key)? else {
            return Ok(None);
        };
        Ok(Some(match kept.fingeraftryk == self.fingerprint {
            true => Answered::Told(Told {
                body: kept.konvolut,
                kode: None,
                stored: 0,
            }),
            false => {
                let problem = Problem::new(&soap::MESSAGE_ID_GENBRUGT).with("id", key.message_id);
                Answered::Refused(Box::new(problem))
            }
        }))
    }

    fn answer_key(&self, caller: &Caller) -> Option<AnswerKey> {
        Some(AnswerKey {
            kalder: caller.answer_key(),
            message_id: self.key.clone()?,
        })
    }

    /// As whom the sender acts, if what it sends is for such as it to send.
    fn actor(&self, caller: &Caller, kommuner: &Kodetabel) -> Result<Actor, Box<Problem>> {
        let system = caller.system().map(|system| system.id);
        let organisation = caller.organisation();
        let decider = match system {
            // A certificate that acts as a system has that system's rights alone.
            Some(_) => None,
            None => Decider::of(organisation),
        };
        let decides = |act: &Act| {
            let withdrawn = matches!(act, Act::Settle(_, Standing::Trukket));
            !matches!(act, Act::Ask(_)) && !withdrawn
        };
        if system.is_none() && !self.message.acts.iter().all(decides) {
            return Err(Box::new(Problem::new(&aftaler::KUN_SYSTEMER)));
        }
        if decider.is_none() && self.message.acts.iter().any(decides) {
            let art = organisation.art.as_str();
            let what = match system {
                Some(id) => words!("systemet {id}", "the system {id}"),
                None => words!(
                    "en organisation af typen {art}",
                    "an organisation of the kind {art}"
                ),
            };
            let problem = Problem::new(&aftaler::INTET_AT_AFGOERE).with_words("hvem", what);
            return Err(Box::new(problem));
        }
        if organisation.art == OrgKind::Operatoer && self.message.case_number.is_none() {
            return Err(Box::new(Problem::new(&aftaler::SAGSNUMMER)));
        }
        let unknown = |act: &Act| match act {
            Act::Ask(wish) => match wish.part {
                Part::Kommune(code) => {
                    let known = kommuner.tekst(i32::from(code.0)).is_some();
                    (!known).then_some(code)
                }
                Part::Ejer(_) => None,
            },
            Act::Settle(..) | Act::End(_) => None,
        };
        for (at, act) in self.message.acts.iter().enumerate() {
            if let Some(code) = unknown(act) {
                let allowed = words!("en kommunekode, som 751", "a kommunekode, such as 751");
                let problem = Problem::new(&aftaler::VAERDI)
                    .with("sti", format!("/anmodninger/{at}/kommune"))
                    .with("vaerdi", code)
                    .with_words("tilladt", allowed);
                return Err(Box::new(problem));
            }
        }
        Ok(Actor { system, decider })
    }

    /// What a dry run tells of the consequences.
    fn effects(
        &self,
        view: &dyn Read,
        actor: &Actor,
        kommuner: &Kodetabel,
        now: Tidspunkt,
    ) -> store::Result<Option<Vec<serde_json::Value>>> {
        let Some(decider) = actor.decider.as_ref().filter(|_| self.dry_run) else {
            return Ok(None);
        };
        let planned = self.message.acts.iter().filter_map(|act| match act {
            Act::Settle(id, Standing::Godkendt) => Some(Planned::Approve(*id)),
            Act::End(id) => Some(Planned::End(*id)),
            Act::Ask(_) | Act::Settle(..) => None,
        });
        let planned: Vec<_> = planned.collect();
        let today = agreements::today(now)?;
        let effects = agreements::effects(view, &self.rules, decider, (&planned, today))?;
        let names = Names { view, kommuner };
        Ok(Some(effects.iter().map(|own| names.effect(own)).collect()))
    }

    /// Does one thing; a refusal leaves nothing.
    fn carry_out(
        &self,
        tx: &mut dyn Write,
        act: &agreements::Act,
        actor: &Actor,
        one: &Act,
    ) -> store::Result<Result<told::Done, (RequestRefused, Option<Part>)>> {
        let comment = self.message.comment.as_deref();
        let refuse = |why, part| Ok(Err((why, part)));
        let (done, part) = match (one, actor.system, &actor.decider) {
            (Act::Ask(wish), Some(system), _) => {
                let asked = (system, wish.clone());
                let made = agreements::request(tx, act, &self.rules, asked, comment);
                (made.map(told::Done::Request), Some(wish.part))
            }
            (Act::Settle(id, Standing::Trukket), Some(system), _) => {
                let made = agreements::withdraw(tx, act, (system, *id), comment);
                (made.map(told::Done::Request), None)
            }
            (Act::Settle(id, standing), _, Some(decider)) => {
                let ruling = match standing {
                    Standing::Godkendt => Ruling::Approve,
                    _ => Ruling::Reject,
                };
                let decision = (*id, ruling);
                let made = agreements::settle(tx, act, &self.rules, decider, decision, comment);
                (made.map(told::Done::Request), asked_of(tx, *id)?)
            }
            (Act::End(id), _, Some(decider)) => {
                let made = agreements::end_own(tx, act, decider, *id, comment);
                (made.map(told::Done::Agreement), None)
            }
            (Act::Settle(id, _), ..) => return refuse(RequestRefused::Unknown(*id), None),
            (Act::End(id), ..) => {
                let why = agreements::AgreementRefused::Unknown(*id);
                return refuse(why.into(), None);
            }
            (Act::Ask(wish), None, _) => {
                return Err(store::StoreError::Failed(format!(
                    "{wish:?} of no system came through"
                )));
            }
        };
        match done {
            Ok(done) => Ok(Ok(done)),
            Err(Unchanged::Refused(why)) => refuse(why, part),
            Err(Unchanged::Store(error)) => Err(error),
        }
    }

    /// Keeps what was stored, with the answer, and tells of what was refused.
    fn keep(
        &self,
        tx: &mut dyn Write,
        caller: &Caller,
        now: Tidspunkt,
        (body, stored, codes): (Vec<u8>, usize, Vec<&'static str>),
    ) -> store::Result<Outcome<Answered>> {
        let refused = (!codes.is_empty() && !self.dry_run)
            .then(|| self.line(caller, now, Udfald::Afvist, codes.clone()));
        let kode = codes.first().copied();
        if self.dry_run || stored == 0 {
            let told = Told {
                body,
                kode,
                stored: 0,
            };
            return Ok(Outcome::Undo(Answered::Told(told), refused));
        }
        if let Some(line) = refused {
            tx.audit(&line)?;
        }
        if let Some(key) = self.answer_key(caller) {
            let kept = SavedAnswer {
                fingeraftryk: self.fingerprint,
                tidspunkt: now,
                konvolut: body.as_slice(),
            };
            tx.save_answer(&key, &kept)?;
        }
        Ok(Outcome::Keep(Answered::Told(Told { body, kode, stored })))
    }

    fn act(&self, caller: &Caller, now: Tidspunkt) -> agreements::Act {
        agreements::Act {
            operation: format!("aftaler:v1/{}", self.part.operation()),
            identity: caller.identitet(),
            cvr: Some(caller.organisation().cvr),
            person: None,
            sagsnummer: self.message.case_number.clone(),
            id: self.id,
            now,
        }
    }

    /// The audit line of what was refused.
    fn line(
        &self,
        caller: &Caller,
        now: Tidspunkt,
        udfald: Udfald,
        mut codes: Vec<&'static str>,
    ) -> Entry {
        let antal = u32::try_from(codes.len()).unwrap_or(u32::MAX);
        codes.sort_unstable();
        codes.dedup();
        let codes = codes.into_iter().map(str::to_owned).collect();
        Entry {
            udfald,
            message_id: self.key.clone(),
            antal,
            ..self.act(caller, now).line(codes)
        }
    }
}
