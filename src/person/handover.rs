//! A certificate is handed over: shown on the service listener, where the browser gets a one-time code; the code is typed on the
//! site's sign-in page, in the browser that the page began with. Neither the page's address nor the code alone signs anybody in.

use super::secret::{self, Hash, NoRandom};
use super::{Person, Subject, Way};
use crate::identity::Caller;
use crate::problem::{Problem, login};
use crate::register::Tidspunkt;
use crate::store::{self, Read};

/// How long a code is good, in milliseconds.
const GOOD: i64 = 2 * 60 * 1000;
/// How often a code may be typed wrong.
const TRIES: u8 = 5;

/// A code that has been given out, and whom it signs in.
#[derive(Debug)]
struct Code {
    hash: Hash,
    since: Tidspunkt,
    person: Person,
}

/// What a sign-in page waits for.
#[derive(Debug, Default)]
pub(super) struct Handover {
    code: Option<Code>,
    tries: u8,
}

/// What typing a code comes to.
#[derive(Debug)]
pub(super) enum Typed {
    /// This person signs in.
    Right(Box<Person>),
    /// Another try is allowed.
    Wrong,
    /// It is over.
    Over,
}

impl Handover {
    /// Gives out a code; one that was given before is worth nothing any more.
    pub(super) fn give(&mut self, person: Person, now: Tidspunkt) -> Result<String, NoRandom> {
        let code = secret::typed()?;
        let hash = secret::hash(&secret::plain(&code));
        self.code = Some(Code {
            hash,
            since: now,
            person,
        });
        Ok(code)
    }

    /// Tries a code.
    pub(super) fn try_code(&mut self, typed: &str, now: Tidspunkt) -> Typed {
        self.tries += 1;
        let in_time = |code: &Code| now.millis().saturating_sub(code.since.millis()) < GOOD;
        let typed = secret::hash(&secret::plain(typed));
        let right = self
            .code
            .take_if(|code| in_time(code) && code.hash == typed);
        match right {
            Some(code) => Typed::Right(Box::new(code.person)),
            None if self.tries < TRIES => Typed::Wrong,
            None => Typed::Over,
        }
    }
}

/// The administrator behind a certificate. A system's certificate is none, whatever the list says.
pub(super) fn administrator(
    view: &dyn Read,
    caller: &Caller,
) -> store::Result<Result<Person, Box<Problem>>> {
    let refused = || Box::new(Problem::new(&login::CERTIFIKAT_IKKE_ADMINISTRATOR));
    if caller.system().is_some() {
        return Ok(Err(refused()));
    }
    let (identity, cvr) = (caller.identitet(), caller.organisation().cvr);
    let listed = view.administrator(&identity)?;
    let listed = listed.filter(|own| own.lukket.is_none() && own.cvr == cvr);
    Ok(listed.ok_or_else(refused).map(|_| Person {
        subject: Subject {
            way: Way::Certificate.as_str(),
            issuer: cvr.to_string(),
            id: identity,
        },
        way: Way::Certificate,
        cvr,
        p_nummer: None,
        navn: caller.organisation().navn.clone(),
        level: None,
        held: Vec::new(),
    }))
}
