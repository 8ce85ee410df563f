//! Signing in and out, from the first page to the session. Each step takes what a browser sent and gives values: where it goes
//! next, with its cookies, or why not. What is refused by them is refused everywhere: pages hold no rule of it.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use super::Person;
use super::cookie::{Cookie, Transport};
use super::demo::{DemoLogin, DemoPerson};
use super::handover::{self, Handover, Typed};
use super::oidc::{self, Asked, NotSignedIn, Provider};
use super::privilege::PrivilegeNames;
use super::pseudonym::Pseudonyms;
use super::query::{LocalPath, Parameters};
use super::secret::NoRandom;
use super::session::{Opened, Session, Sessions};
use super::waiting::{Begun, NotBegun, Waiting};
use crate::clock::Clock;
use crate::config::{Config, Login};
use crate::identity::Caller;
use crate::problem::{Problem, intern, login};
use crate::register::{Privilege, Pseudonym};
use crate::store::{self, Read};

/// Where the identity provider sends a person back to.
pub const RETURN: &str = "/mit/retur";
/// Where an administrator's certificate is shown, on the service listener.
pub const HANDOVER: &str = "/mit/adgang";

/// Why nobody can sign in at a server of this configuration, which therefore does not start.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The provider.
    #[error("login.oidc: {0}")]
    Provider(#[from] oidc::UnusableProvider),
    /// The key of pseudonyms.
    #[error("{file}: the key of pseudonyms can't be used: {cause}", file = .0.display(), cause = .1)]
    Key(PathBuf, std::io::Error),
    /// Cookies of sessions are for https alone.
    #[error(
        "login: persons sign in by https alone; set public_url to an https:// address, or leave out login.oidc and login.certifikat"
    )]
    InTheClear,
}

/// Where a browser goes, and the cookies that it is given: values of Set-Cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// A path of the site, or the address of the identity provider.
    pub location: String,
    /// The cookies.
    pub cookies: Vec<String>,
}

/// A sign-in page: what it shows of the ways that it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInPage {
    /// Whether there is an OpenID Connect provider: a link to `/mit/login/oidc`.
    pub oidc: bool,
    /// Where an administrator shows the certificate; the code from there goes into a form.
    pub certificate: Option<String>,
    /// The demonstration's persons.
    pub persons: &'static [DemoPerson],
    /// Stands in the page's forms.
    pub state: String,
    /// The cookies.
    pub cookies: Vec<String>,
}

/// A sign-in that is refused. Its cookies are set all the same: they remove what was used.
#[derive(Debug)]
pub struct Refused {
    /// What the person is told.
    pub problem: Box<Problem>,
    /// The cookies.
    pub cookies: Vec<String>,
}

/// Signing in and out.
#[derive(Debug)]
pub struct SignIn {
    clock: Clock,
    transport: Transport,
    public_url: String,
    service_url: String,
    names: PrivilegeNames,
    oidc: Option<Provider>,
    certificates: bool,
    demo: Option<DemoLogin>,
    asked: Waiting<Asked>,
    pages: Waiting<Handover>,
    sessions: Sessions,
    pseudonyms: Pseudonyms,
}

impl SignIn {
    /// What a configuration lets persons sign in by; none where it has no way.
    ///
    /// # Errors
    /// [`SignInError`].
    pub fn of(
        config: &Config,
        (service_url, public_url): (&str, &str),
        demo: Option<DemoLogin>,
        clock: &Clock,
    ) -> Result<Option<Self>, SignInError> {
        let login = &config.login;
        if login.oidc.is_none() && !login.certifikat && demo.is_none() {
            return Ok(None);
        }
        let transport = match demo {
            _ if public_url.starts_with("https://") => Transport::Https,
            Some(_) => Transport::Loopback,
            None => return Err(SignInError::InTheClear),
        };
        let provider = |oidc| Provider::new(oidc, login, public_url, clock.clone());
        let register = &config.database.fil;
        let unusable = |cause| SignInError::Key(super::pseudonym::key_file(register), cause);
        Ok(Some(Self {
            clock: clock.clone(),
            transport,
            public_url: public_url.to_owned(),
            service_url: service_url.to_owned(),
            names: names(login),
            oidc: login.oidc.as_ref().map(provider).transpose()?,
            certificates: login.certifikat || demo.is_some(),
            demo,
            asked: Waiting::new(clock.clone()),
            pages: Waiting::new(clock.clone()),
            sessions: Sessions::new(clock.clone(), login),
            pseudonyms: Pseudonyms::beside(register).map_err(unusable)?,
        }))
    }

    /// Whether anybody at this machine may sign in as anybody: each page says so loudly.
    pub const fn is_demonstration(&self) -> bool {
        self.demo.is_some()
    }

    /// Whether a request's Host is the site's own. Pages under /mit are given to no other.
    pub fn is_own_host(&self, host: &str) -> bool {
        let own = self
            .public_url
            .split_once("://")
            .map_or("", |(_, rest)| rest);
        let own = own.split('/').next().unwrap_or_default();
        host.eq_ignore_ascii_case(own)
    }

    /// Whether a form's Origin is the site itself.
    pub fn is_own_origin(&self, origin: &str) -> bool {
        match (origin.split_once("://"), self.public_url.split_once("://")) {
            (Some((scheme, host)), Some((own, _))) => scheme == own && self.is_own_host(host),
            _ => false,
        }
    }

    /// Where forms of these pages may lead, beside the site itself: the provider, which a signing out goes on to.
    pub fn form_targets(&self) -> Vec<String> {
        self.oidc.as_ref().map_or_else(Vec::new, Provider::origins)
    }

    /// What a person is called in the audit chain.
    pub fn pseudonym(&self, person: &Person) -> Option<Pseudonym> {
        self.pseudonyms.of(&person.subject)
    }

    /// The sign-in page, for a browser that shall go on to a path afterwards.
    pub fn page(&self, from: IpAddr, return_to: Option<&str>) -> Result<SignInPage, Box<Problem>> {
        let begun = self
            .pages
            .begin(from, local(return_to), Handover::default());
        let Begun { state, browser } = begun.map_err(not_begun)?;
        let place = format!("{}{HANDOVER}?noegle={state}", self.service_url);
        Ok(SignInPage {
            oidc: self.oidc.is_some(),
            certificate: self.certificates.then_some(place),
            persons: self.demo.map_or(&[], DemoLogin::persons),
            state,
            cookies: vec![Cookie::Login.set(self.transport, &browser)],
        })
    }

    /// Begins a sign-in at the identity provider.
    pub async fn begin(
        &self,
        from: IpAddr,
        return_to: Option<&str>,
    ) -> Result<Redirect, Box<Problem>> {
        let provider = self.oidc.as_ref().ok_or_else(no_way)?;
        let asked = Asked::fresh().map_err(|error| failed(&error))?;
        let begun = self.asked.begin(from, local(return_to), asked.clone());
        let Begun { state, browser } = begun.map_err(not_begun)?;
        let location = provider.request(&state, &asked).await;
        Ok(Redirect {
            location: location.map_err(|why| told(&why))?,
            cookies: vec![Cookie::Login.set(self.transport, &browser)],
        })
    }

    /// Ends a sign-in at the identity provider: `query` and the values of Cookie are those of the request to [`RETURN`].
    pub async fn finish(&self, query: &str, cookies: &[&str]) -> Result<Redirect, Refused> {
        let refused = |problem| self.refused(problem);
        let provider = self.oidc.as_ref().ok_or_else(|| refused(no_way()))?;
        let over = || refused(Box::new(Problem::new(&login::LOGIN_UDLOEBET)));
        let answer = Parameters::parse(query).ok_or_else(over)?;
        let state = answer.get("state").ok_or_else(over)?;
        let browser = Cookie::Login
            .read(self.transport, cookies)
            .ok_or_else(over)?;
        let waits = self.asked.take(state, &browser).ok_or_else(over)?;
        let person = provider.person(&answer, &waits.of, &self.names).await;
        let person = person.map_err(|why| refused(told(&why)))?;
        self.signed_in(person, &waits.return_to, cookies)
    }

    /// A one-time code for an administrator, whose certificate the service listener has seen: `key` is that of the page's link.
    pub fn hand_over(
        &self,
        view: &dyn Read,
        caller: &Caller,
        key: &str,
    ) -> store::Result<Result<String, Box<Problem>>> {
        if !self.certificates {
            return Ok(Err(no_way()));
        }
        let person = match handover::administrator(view, caller)? {
            Ok(person) => person,
            Err(problem) => return Ok(Err(problem)),
        };
        let now = self.clock.now();
        let code = self.pages.with(key, |page| Some(page.give(person, now)));
        Ok(match code {
            None => Err(Box::new(Problem::new(&login::LOGIN_UDLOEBET))),
            Some(code) => code.map_err(|error| failed(&error)),
        })
    }

    /// Signs in whom a one-time code names: `form` is what the sign-in page has posted, `tilstand` and `kode`.
    pub fn finish_code(&self, form: &Parameters, cookies: &[&str]) -> Result<Redirect, Refused> {
        let over = || self.refused(Box::new(Problem::new(&login::LOGIN_UDLOEBET)));
        let state = form.get("tilstand").ok_or_else(over)?;
        let browser = Cookie::Login
            .read(self.transport, cookies)
            .ok_or_else(over)?;
        let typed = form.get("kode").unwrap_or_default();
        let now = self.clock.now();
        let tried = self
            .pages
            .with_own(state, &browser, |page| Some(page.try_code(typed, now)));
        let wrong = || Box::new(Problem::new(&login::ENGANGSKODE));
        match tried.ok_or_else(over)? {
            // The page stays good, and so do its cookies.
            Typed::Wrong => Err(Refused {
                problem: wrong(),
                cookies: Vec::new(),
            }),
            Typed::Over => {
                self.pages.take(state, &browser);
                Err(self.refused(wrong()))
            }
            Typed::Right(person) => {
                let waits = self.pages.take(state, &browser).ok_or_else(over)?;
                self.signed_in(*person, &waits.return_to, cookies)
            }
        }
    }

    /// Signs a person of the demonstration in: `form` is what the sign-in page has posted, `tilstand` and `person`.
    pub fn finish_demo(&self, form: &Parameters, cookies: &[&str]) -> Result<Redirect, Refused> {
        let refused = |problem| self.refused(problem);
        let demo = self.demo.ok_or_else(|| refused(no_way()))?;
        let over = || refused(Box::new(Problem::new(&login::LOGIN_UDLOEBET)));
        let state = form.get("tilstand").ok_or_else(over)?;
        let browser = Cookie::Login
            .read(self.transport, cookies)
            .ok_or_else(over)?;
        let waits = self.pages.take(state, &browser).ok_or_else(over)?;
        let person = form.get("person").and_then(|key| demo.person(key));
        self.signed_in(
            person.ok_or_else(|| refused(no_way()))?,
            &waits.return_to,
            cookies,
        )
    }

    /// The session of a browser, and the cookie that it is to be given, if another.
    pub fn session(&self, cookies: &[&str]) -> Option<(Arc<Session>, Option<String>)> {
        let id = Cookie::Session.read(self.transport, cookies)?;
        let Opened { session, renewed } = self.sessions.open(&id)?;
        let cookie = renewed.map(|id| Cookie::Session.set(self.transport, &id));
        Some((session, cookie))
    }

    /// Signs out, here and at the provider; `everywhere` ends the person's sessions in other browsers too. The caller has
    /// checked the form's token.
    pub async fn log_out(&self, session: &Session, cookies: &[&str], everywhere: bool) -> Redirect {
        if everywhere {
            self.sessions.end_all(&session.person.subject);
        } else if let Some(id) = Cookie::Session.read(self.transport, cookies) {
            self.sessions.end(&id);
        }
        let own = session.person.way == super::Way::OpenId;
        let provider = self.oidc.as_ref().filter(|_| own);
        let location = match provider {
            Some(provider) => provider.log_out(&format!("{}/", self.public_url)).await,
            None => None,
        };
        Redirect {
            location: location.unwrap_or_else(|| "/".to_owned()),
            cookies: vec![Cookie::Session.clear(self.transport)],
        }
    }

    /// Begins the session. What the browser had before is ended: no session is taken over.
    fn signed_in(
        &self,
        person: Person,
        return_to: &LocalPath,
        cookies: &[&str],
    ) -> Result<Redirect, Refused> {
        if let Some(before) = Cookie::Session.read(self.transport, cookies) {
            self.sessions.end(&before);
        }
        let who = self.pseudonym(&person);
        let who = who.as_ref().map(Pseudonym::as_str);
        tracing::info!(
            person = who,
            cvr = person.cvr.as_str(),
            way = person.way.as_str(),
            "signed in"
        );
        let id = self.sessions.begin(person);
        let id = id.map_err(|error| self.refused(failed(&error)))?;
        Ok(Redirect {
            location: return_to.as_str().to_owned(),
            cookies: vec![
                Cookie::Session.set(self.transport, &id),
                Cookie::Login.clear(self.transport),
            ],
        })
    }

    fn refused(&self, problem: Box<Problem>) -> Refused {
        Refused {
            problem,
            cookies: vec![Cookie::Login.clear(self.transport)],
        }
    }
}

/// Where a browser shall go; to the start where it names no place of this site.
fn local(path: Option<&str>) -> LocalPath {
    path.and_then(LocalPath::parse)
        .unwrap_or_else(LocalPath::start)
}

fn names(login: &Login) -> PrivilegeNames {
    let lists = [
        (&login.laes, Privilege::Read),
        (&login.aftaler, Privilege::Agreements),
        (&login.ret, Privilege::Correct),
        (&login.operatoer, Privilege::Operate),
    ];
    let all = lists
        .into_iter()
        .flat_map(|(list, privilege)| list.iter().map(move |name| (name.clone(), privilege)));
    PrivilegeNames::new(all.collect())
}

fn no_way() -> Box<Problem> {
    Box::new(Problem::new(&login::LOGIN_FINDES_IKKE))
}

/// The machine failed.
fn failed(error: &NoRandom) -> Box<Problem> {
    tracing::error!(%error, "nobody can sign in");
    Box::new(Problem::new(&intern::INTERN).with("id", uuid::Uuid::nil()))
}

fn not_begun(why: NotBegun) -> Box<Problem> {
    match why {
        NotBegun::TooMany(seconds) => {
            Box::new(Problem::new(&login::LOGIN_FOR_OFTE).with("sekunder", seconds))
        }
        NotBegun::Random(error) => failed(&error),
    }
}

/// What a person is told of a sign-in that came to nothing; the log has the rest.
fn told(why: &NotSignedIn) -> Box<Problem> {
    tracing::warn!(%why, "sign-in refused");
    match (why, why.entry()) {
        (NotSignedIn::Random(error), _) => failed(error),
        // Only that of a provider that does not answer has a time to wait.
        (_, entry) => Box::new(Problem::new(entry).with("sekunder", 30)),
    }
}
