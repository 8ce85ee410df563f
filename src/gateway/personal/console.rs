//! What the operator does from the console: the acts of the command line, by the same functions, each in one transaction in which
//! the operator's right is read again. A search among everybody's calls is written into the audit chain before it is shown.

use std::sync::Arc;

use super::order::{Order, Read, case, certificate, read};
use super::{PersonalDesk, refused};
use crate::agreements::{
    self, Act, CertificateRefused, Changed, Oddity, OrganisationRefused, SystemRefused, Unchanged,
};
use crate::gateway::common::NotGiven;
use crate::person::{self, Session};
use crate::problem::login;
use crate::register::{Language, Person, Pseudonym, System, SystemId, Tidspunkt};
use crate::server::exchange::DocumentCall;
use crate::site::{
    CallSearch, Console, PersonalForm, Told, oddity, organisation_refused, system_refused,
};
use crate::store::{self, Organisation, Outcome, Store, StoreError, StoreExt, Write};

/// Who acts.
#[derive(Debug, Clone)]
pub(super) struct Operator {
    /// The session.
    pub(super) session: Arc<Session>,
    /// What that one is called in the audit chain, and the name that is kept beside it.
    pub(super) person: Person,
}

/// What was done.
enum Done {
    Organisation(Organisation, Vec<Oddity>),
    System(System),
}

/// Why nothing was done.
enum Why {
    NoOperator,
    Organisation(OrganisationRefused),
    System(SystemRefused),
    Certificate(CertificateRefused),
}

/// What is shown after a form: the query of the page, and what is told on it.
pub(super) type After = (Vec<(String, String)>, Told);

impl<S: Store> PersonalDesk<S> {
    /// Does what a form of the console asks for.
    pub(super) async fn operate(
        &self,
        (console, language): (Console, Language),
        who: Operator,
        form: &PersonalForm<'_>,
        call: &DocumentCall,
    ) -> Result<After, NotGiven> {
        let now = self.common.clock.now();
        let tables = &self.common.tables.kommune;
        let said = |text: String, is_refused| Told {
            said: vec![text],
            is_refused,
            ..Told::default()
        };
        let case = case(form, language);
        let (order, case) = match (read((console, language), form, tables, now), case) {
            (_, Err(why)) | (Read::Wrong(why), _) => return Ok((Vec::new(), said(why, true))),
            (Read::Unconfirmed(name, value), _) => {
                let text = language.of(
                    "Læs, hvad det betyder, og bekræft.",
                    "Read what it means, and confirm.",
                );
                let query = vec![(name.to_owned(), value)];
                return Ok((query, said(text.to_owned(), true)));
            }
            (Read::Order(order), Ok(case)) => (order, case),
        };
        let act = act(&who, (order.operation(), case), call, now);
        let written = self.common.store.write(move |tx| {
            Ok(match carried_out(tx, &who, &act, order) {
                Ok(done) => Outcome::Keep(Ok(done)),
                Err(Unchanged::Refused(why)) => Outcome::Undo(Err(why), None),
                Err(Unchanged::Store(error)) => return Err(error),
            })
        })?;
        match store::answer(written.await)? {
            Ok(done) => Ok(after(&done, language)),
            Err(Why::NoOperator) => Err(refused(&login::PERSON_UDEN_RET)),
            Err(Why::Organisation(why)) => {
                Ok((Vec::new(), said(organisation_refused(language, &why), true)))
            }
            Err(Why::System(why)) => Ok((Vec::new(), said(system_refused(language, &why), true))),
            Err(Why::Certificate(why)) => Ok((Vec::new(), said(certificate(language, &why), true))),
        }
    }

    /// Writes down that the operator looks for calls of everybody.
    pub(super) async fn look_up(&self, who: Operator, call: &DocumentCall) -> Result<(), NotGiven> {
        let Some(search) = CallSearch::of(&call.query)? else {
            return Ok(());
        };
        let now = self.common.clock.now();
        let act = act(&who, ("kald", None), call, now);
        let written = self.common.store.write(move |tx| {
            if !operates(tx, &who)? {
                return Ok(Outcome::Undo(false, None));
            }
            tx.save_person(&who.person, now)?;
            tx.audit(&act.line(search.noted))?;
            Ok(Outcome::Keep(true))
        })?;
        match store::answer(written.await)? {
            true => Ok(()),
            false => Err(refused(&login::PERSON_UDEN_RET)),
        }
    }
}

fn act(
    who: &Operator,
    (operation, sagsnummer): (&str, Option<String>),
    call: &DocumentCall,
    now: Tidspunkt,
) -> Act {
    let person = &who.session.person;
    Act {
        operation: format!("mit/drift/{operation}"),
        identity: person.way.as_str().to_owned(),
        cvr: Some(person.cvr),
        person: Some(who.person.pseudonym.clone()),
        sagsnummer,
        id: call.id,
        now,
    }
}

/// Whether somebody may run the register, as it stands.
fn operates(view: &dyn store::Read, who: &Operator) -> store::Result<bool> {
    let rights = person::rights(view, &who.session.person)?;
    Ok(rights.operator().is_some())
}

fn carried_out(tx: &mut dyn Write, who: &Operator, act: &Act, order: Order) -> Changed<Done, Why> {
    if !operates(tx, who)? {
        return Err(Unchanged::Refused(Why::NoOperator));
    }
    tx.save_person(&who.person, act.now)?;
    let by_organisation = |why| because(why, Why::Organisation);
    let by_system = |why| because(why, Why::System);
    match order {
        Order::Register(new) => agreements::register_organisation(tx, act, new)
            .map(|(stored, odd)| Done::Organisation(stored, odd))
            .map_err(by_organisation),
        Order::CloseOrganisation(cvr) => agreements::close_organisation(tx, act, cvr)
            .map(|closed| Done::Organisation(closed, Vec::new()))
            .map_err(by_organisation),
        Order::RegisterSystem(cvr, name, identities) => {
            agreements::register_system(tx, act, cvr, name, identities)
                .map(Done::System)
                .map_err(by_system)
        }
        Order::Bind(id, released, pem) => {
            let added = bound(tx, id, pem)?;
            agreements::bind(tx, act, id, &released, added)
                .map(Done::System)
                .map_err(by_system)
        }
        Order::CloseSystem(id) => agreements::close_system(tx, act, id)
            .map(Done::System)
            .map_err(by_system),
    }
}

/// The identity of a certificate that must be the system's owner's.
fn bound(view: &dyn store::Read, id: SystemId, pem: Option<Vec<u8>>) -> Changed<Vec<String>, Why> {
    let Some(pem) = pem else {
        return Ok(Vec::new());
    };
    let unknown = Why::System(SystemRefused::Unknown(id));
    let system = view.system(id)?.ok_or(Unchanged::Refused(unknown))?;
    let identity = agreements::identity_of(&pem, system.ejer);
    let identity = identity.map_err(|why| Unchanged::Refused(Why::Certificate(why)))?;
    Ok(vec![identity])
}

fn because<R>(why: Unchanged<R>, reason: impl FnOnce(R) -> Why) -> Unchanged<Why> {
    match why {
        Unchanged::Refused(why) => Unchanged::Refused(reason(why)),
        Unchanged::Store(error) => Unchanged::Store(error),
    }
}

/// What is shown of what was done: the one that it was done to.
fn after(done: &Done, language: Language) -> After {
    let stored = language.of("Gemt", "Stored");
    let closed = language.of("Lukket", "Closed");
    let (wanted, mut said) = match done {
        Done::Organisation(own, odd) => {
            let what = if own.lukket.is_some() { closed } else { stored };
            let mut said = vec![format!("{what}: {} {}", own.cvr, own.navn)];
            said.extend(odd.iter().map(|odd| oddity(language, odd)));
            (own.cvr.to_string(), said)
        }
        Done::System(own) => {
            let what = if own.lukket.is_some() { closed } else { stored };
            (
                own.id.to_string(),
                vec![format!("{what}: {} {}", own.id, own.navn)],
            )
        }
    };
    said.truncate(10);
    let told = Told {
        said,
        ..Told::default()
    };
    (vec![("soeg".to_owned(), wanted)], told)
}

impl Operator {
    /// Somebody who has signed in, by what the audit chain calls that one.
    pub(super) fn of(
        session: &Arc<Session>,
        pseudonym: Option<Pseudonym>,
    ) -> Result<Self, NotGiven> {
        let lost = || StoreError::Failed("a person has no pseudonym".into());
        let person = &session.person;
        Ok(Self {
            person: Person {
                pseudonym: pseudonym.ok_or_else(lost)?,
                navn: person.navn.clone(),
                cvr: person.cvr,
            },
            session: Arc::clone(session),
        })
    }
}
