//! What a person does with requests and agreements: tried first, so that its effects are seen, and then done in one transaction,
//! with the rights that hold in it. Each is judged by itself, has an audit line of its own, and keeps no other back.

use std::sync::Arc;

use uuid::Uuid;

use super::super::common::NotGiven;
use super::super::login::LoginDesk;
use super::PersonalDesk;
use crate::agreements::{self, Act, Decider, Effect, Planned, Rules, Ruling, Unchanged};
use crate::audit::Udfald;
use crate::export::sha256;
use crate::person::{self, PersonRights, Session};
use crate::problem::{Problem, aftaler, login};
use crate::register::{AftaleId, Om, Part, Person, Privilege, Tidspunkt};
use crate::server::exchange::DocumentCall;
use crate::site::{Decided, Decision, Handling, Personal, PersonalForm, Place, Shown, Told};
use crate::store::{self, Aftaler, Anmodninger, Outcome, Read, Store, StoreExt, Undo, Write};

impl<S: Store> PersonalDesk<S> {
    /// Tries a decision, or carries out one that was tried and confirmed.
    pub(super) async fn decide(
        self: &Arc<Self>,
        login: &LoginDesk<S>,
        (personal, place): (Personal, Place),
        session: &Arc<Session>,
        form: &PersonalForm<'_>,
        call: &DocumentCall,
    ) -> Result<Shown, NotGiven> {
        let decision = Decision::read(form)?;
        let undo = match decision.confirmed {
            Some(_) => Undo::Savepoint,
            None => Undo::Tentative,
        };
        let person = &session.person;
        let pseudonym = login.pseudonym(session);
        let job = Job {
            personal,
            session: Arc::clone(session),
            known: pseudonym.map(|pseudonym| Person {
                pseudonym,
                navn: person.navn.clone(),
                cvr: person.cvr,
            }),
            rules: self.rules(),
            id: call.id,
            decision,
        };
        let count = u32::try_from(job.decision.chosen.len()).unwrap_or(u32::MAX);
        let clock = self.common.clock.clone();
        let queued = self
            .common
            .store
            .write_for(Some(person.cvr), count, undo, move |tx| {
                job.run(tx, clock.now())
            })?;
        let decided = store::answer(queued.await)??;
        let (desk, own) = (Arc::clone(self), Arc::clone(session));
        let show = move || {
            desk.visit(
                (personal, place),
                &own,
                (&[], &Told::default()),
                |site, visit| site.decided(visit, &decided),
            )
        };
        self.common.in_turn(call.asking.who, show).await
    }
}

/// A decision as a job of the writer.
struct Job {
    personal: Personal,
    decision: Decision,
    session: Arc<Session>,
    /// The person, as the register takes note of one.
    known: Option<Person>,
    rules: Rules,
    id: Uuid,
}

/// What came of it, or why the whole is refused.
type Answered = Result<Decided, Box<Problem>>;

impl Job {
    fn run(&self, tx: &mut dyn Write, now: Tidspunkt) -> store::Result<Outcome<Answered>> {
        let rights = person::rights(tx, &self.session.person)?;
        let decider = rights.decider(tx, Privilege::Agreements, self.known.clone())?;
        let is_console = self.personal.is_console();
        let decider = decider.filter(|own| !is_console || own.is_operator());
        let Some(decider) = decider else {
            return Ok(self.refused(&rights, now, &login::PERSON_UDEN_RET));
        };
        if decider.is_operator() && self.decision.case_number.is_none() {
            return Ok(self.refused(&rights, now, &aftaler::SAGSNUMMER));
        }
        let effects = self.effects(tx, &decider, now)?;
        let digest = digest(&effects);
        let confirmed = self.decision.confirmed.as_ref();
        let moved = confirmed.is_some_and(|shown| *shown != digest);
        let (mut results, mut codes) = (Vec::new(), Vec::new());
        for &om in &self.decision.chosen {
            let done = self.carry_out(tx, (&rights, &decider), om, now)?;
            codes.extend(done.as_ref().err().map(|problem| problem.entry.kode));
            results.push(done);
        }
        let confirmed = confirmed.is_some() && !moved;
        let some = codes.len() < results.len();
        let refused = (confirmed && !codes.is_empty()).then(|| self.line(&rights, now, codes));
        let decided = Decided {
            decision: self.decision.clone(),
            done: confirmed,
            moved,
            effects,
            digest,
            results,
        };
        if !confirmed || !some {
            return Ok(Outcome::Undo(Ok(decided), refused));
        }
        if let Some(line) = refused {
            tx.audit(&line)?;
        }
        agreements::note_person(tx, &decider, now)?;
        Ok(Outcome::Keep(Ok(decided)))
    }

    fn effects(
        &self,
        view: &dyn Read,
        decider: &Decider,
        now: Tidspunkt,
    ) -> store::Result<Vec<Effect>> {
        let planned =
            self.decision
                .chosen
                .iter()
                .filter_map(|om| match (self.decision.handling, *om) {
                    (Handling::Approve, Om::Anmodning(id)) => Some(Planned::Approve(id)),
                    (Handling::End, Om::Aftale(id)) => Some(Planned::End(id)),
                    _ => None,
                });
        let planned: Vec<_> = planned.collect();
        let today = agreements::today(now)?;
        agreements::effects(view, &self.rules, decider, (&planned, today))
    }

    /// Does it with one; a refusal leaves nothing.
    fn carry_out(
        &self,
        tx: &mut dyn Write,
        (rights, decider): (&PersonRights, &Decider),
        om: Om,
        now: Tidspunkt,
    ) -> store::Result<Result<Option<AftaleId>, Problem>> {
        let part = part_of(tx, om)?;
        let act = self.act(rights, part, now);
        let comment = self.decision.comment.as_deref();
        let done = match om {
            Om::Aftale(id) => agreements::end_own(tx, &act, decider, id, comment).map(|_| None),
            Om::Anmodning(id) => {
                let ruling = match self.decision.handling {
                    Handling::Approve => Ruling::Approve,
                    Handling::Reject | Handling::End => Ruling::Reject,
                };
                let made =
                    agreements::settle(tx, &act, &self.rules, decider, (id, ruling), comment);
                made.map(|request| request.state.aftale())
            }
        };
        match done {
            // One that was only tried got an id that it does not keep.
            Ok(made) => Ok(Ok(made.filter(|_| self.decision.confirmed.is_some()))),
            Err(Unchanged::Refused(why)) => Ok(Err(why.problem(part))),
            Err(Unchanged::Store(error)) => Err(error),
        }
    }

    fn act(&self, rights: &PersonRights, part: Option<Part>, now: Tidspunkt) -> Act {
        let person = &self.session.person;
        Act {
            operation: match self.personal.is_console() {
                true => "mit/drift/aftaler".to_owned(),
                false => "mit/aftaler".to_owned(),
            },
            // Who the person is stands in no line that is kept for ever.
            identity: person.way.as_str().to_owned(),
            cvr: Some(part.map_or(person.cvr, |part| rights.answers_for(part))),
            person: self.known.as_ref().map(|known| known.pseudonym.clone()),
            sagsnummer: self.decision.case_number.clone(),
            id: self.id,
            now,
        }
    }

    /// The audit line of what was refused.
    fn line(
        &self,
        rights: &PersonRights,
        now: Tidspunkt,
        mut codes: Vec<&'static str>,
    ) -> crate::audit::Entry {
        let antal = u32::try_from(codes.len()).unwrap_or(u32::MAX);
        codes.sort_unstable();
        codes.dedup();
        let codes = codes.into_iter().map(str::to_owned).collect();
        crate::audit::Entry {
            udfald: Udfald::Afvist,
            antal,
            ..self.act(rights, None, now).line(codes)
        }
    }

    fn refused(
        &self,
        rights: &PersonRights,
        now: Tidspunkt,
        entry: &'static crate::problem::Entry,
    ) -> Outcome<Answered> {
        let line = self.decision.confirmed.as_ref();
        let line = line.map(|_| self.line(rights, now, vec![entry.kode]));
        Outcome::Undo(Err(Box::new(Problem::new(entry))), line)
    }
}

/// Who is asked, or has agreed.
fn part_of(view: &dyn Read, om: Om) -> store::Result<Option<Part>> {
    Ok(match om {
        Om::Anmodning(id) => {
            let found = view.anmodninger(&Anmodninger::en(id))?.pop();
            found.map(|own| own.part)
        }
        Om::Aftale(id) => view.aftaler(Aftaler::En(id))?.pop().map(|own| own.part),
    })
}

/// What names effects that were shown. When a system last wrote changes all the time, and is not part of it.
fn digest(effects: &[Effect]) -> String {
    let mut text = String::new();
    for effect in effects {
        let Effect {
            of,
            system,
            owner,
            part,
            tjeneste,
            records,
            count,
            written: _,
        } = effect;
        let owner = owner.as_ref().map(|owner| owner.cvr);
        text += &format!("{of:?} {} {} {owner:?} ", system.id, system.navn);
        text += &format!("{part:?} {tjeneste:?} {records:?} {count}\n");
    }
    sha256(text.as_bytes())
}
