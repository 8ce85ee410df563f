//! Signing in and out, and a person's first page (`/mit`): from what a browser sends to the steps of `person`, and back. Given to
//! the site's own host alone, and kept by nobody.

use std::net::IpAddr;
use std::sync::Arc;

use uuid::Uuid;

use super::common::{Common, NotGiven};
use super::site::policy;
use crate::identity::Caller;
use crate::person::{self, Parameters, Redirect, Refused, Session, SignIn};
use crate::problem::{Problem, login};
use crate::register::Pseudonym;
use crate::server::exchange::{Answer, Browser, DocumentCall, Who};
use crate::site::{self, Mine, Place, Shown, Site};
use crate::store::{Store, StoreExt};

const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

/// The form that signs out, whose token is good for it alone.
const SIGN_OUT: &str = "/mit/log-ud";

/// Where persons sign in.
#[derive(Debug)]
pub(super) struct LoginDesk<S> {
    common: Arc<Common<S>>,
    site: Arc<Site>,
    signin: Option<Arc<SignIn>>,
}

/// A person's session, and the cookie that the browser is to be given with the answer.
type Own = (Arc<Session>, Option<String>);

/// Who comes to a page of a person.
pub(super) enum Entered {
    /// Somebody who has signed in.
    Session(Arc<Session>, Option<String>),
    /// Somebody who is sent to sign in first.
    Elsewhere(Box<Answer>),
}

impl<S: Store> LoginDesk<S> {
    pub(super) const fn new(
        common: Arc<Common<S>>,
        site: Arc<Site>,
        signin: Option<Arc<SignIn>>,
    ) -> Self {
        Self {
            common,
            site,
            signin,
        }
    }

    /// One of the pages.
    pub(super) async fn give(
        &self,
        mine: Mine,
        place: Place,
        call: &DocumentCall,
    ) -> Result<Answer, NotGiven> {
        let browser = call.browser.as_deref().cloned().unwrap_or_default();
        let signin = self.signin_for(&browser)?;
        if call.sent.is_some() && !is_own_form(signin, &browser) {
            return Err(problem(&login::FORMULAR_FORAELDET));
        }
        match (mine, &call.sent) {
            (Mine::Start, _) => self.start(signin, place, &browser, call).await,
            (Mine::SignIn, None) => self.sign_in(signin, place, call),
            (Mine::SignIn, Some(sent)) => {
                let form = form(&sent.bytes)?;
                Ok(self.done(signin.finish_demo(&form, &[&browser.cookies]), call.id))
            }
            (Mine::Code, Some(sent)) => {
                let form = form(&sent.bytes)?;
                Ok(self.done(signin.finish_code(&form, &[&browser.cookies]), call.id))
            }
            (Mine::Begin, _) => {
                let begun = signin.begin(address(call), parameter(call, "til")).await?;
                Ok(redirect(begun))
            }
            (Mine::Return, _) => {
                let query = Parameters::written(&call.query);
                let done = signin.finish(&query, &[&browser.cookies]).await;
                Ok(self.done(done, call.id))
            }
            (Mine::SignOut, Some(sent)) => {
                self.sign_out(signin, &browser, &form(&sent.bytes)?).await
            }
            // These are forms alone.
            (Mine::Code | Mine::SignOut, None) => Ok(redirect(Redirect {
                location: "/mit".to_owned(),
                cookies: Vec::new(),
            })),
        }
    }

    /// Lets somebody into a page behind the sign-in.
    ///
    /// # Errors
    /// A form of another site, or of nobody's.
    pub(super) fn entered(&self, place: Place, call: &DocumentCall) -> Result<Entered, NotGiven> {
        let browser = call.browser.as_deref().cloned().unwrap_or_default();
        let signin = self.signin_for(&browser)?;
        if call.sent.is_some() && !is_own_form(signin, &browser) {
            return Err(problem(&login::FORMULAR_FORAELDET));
        }
        match signin.session(&[&browser.cookies]) {
            Some((session, cookie)) => Ok(Entered::Session(session, cookie)),
            None if call.sent.is_some() => Err(problem(&login::LOGIN_KRAEVES)),
            None => {
                let location = format!("{}?til={}", site::sign_in_path(place), place.path());
                Ok(Entered::Elsewhere(Box::new(redirect(Redirect {
                    location,
                    cookies: Vec::new(),
                }))))
            }
        }
    }

    /// What somebody who has signed in is called in the audit chain.
    pub(super) fn pseudonym(&self, session: &Session) -> Option<Pseudonym> {
        self.signin.as_ref()?.pseudonym(&session.person)
    }

    /// A page with the policy that forms to the identity provider need.
    pub(super) fn page(&self, shown: Shown) -> Answer {
        match &self.signin {
            Some(signin) => page(signin, shown),
            None => Answer::new(shown.status, shown.content_type, shown.body.into_owned()),
        }
    }

    /// The sign-in, for a browser that came by the site's own name.
    fn signin_for(&self, browser: &Browser) -> Result<&Arc<SignIn>, NotGiven> {
        let signin = self.signin.as_ref();
        let own = signin.filter(|signin| signin.is_own_host(&browser.host));
        own.ok_or_else(no_way)
    }

    /// The one-time code for an administrator, on the service listener.
    pub(super) fn hand_over(
        &self,
        call: &DocumentCall,
        caller: Option<&Caller>,
    ) -> Result<Answer, NotGiven> {
        let signin = self.signin.as_ref().ok_or_else(no_way)?;
        let caller = caller.ok_or_else(no_way)?;
        let key = parameter(call, "noegle").unwrap_or_default();
        let code = self
            .common
            .store
            .read(|view| signin.hand_over(view, caller, key))??;
        let text = format!(
            "Engangskode: {code}\n\nSkriv den på loginsiden, som du kom fra. Den gælder i to minutter, én gang, og kun i den \
             browser. Giv den aldrig til andre.\n\nOne-time code: {code}\n\nWrite it on the sign-in page that you came from. \
             It is good for two minutes, once, and in that browser alone. Never give it to others.\n"
        );
        let mut answer = Answer::new(200, TEXT, text);
        answer
            .headers
            .push(("x-content-type-options", "nosniff".to_owned()));
        answer.headers.push(unkept());
        answer.trace.cvr = Some(caller.organisation().cvr);
        Ok(answer)
    }

    async fn start(
        &self,
        signin: &Arc<SignIn>,
        place: Place,
        browser: &Browser,
        call: &DocumentCall,
    ) -> Result<Answer, NotGiven> {
        let Some((session, cookie)) = signin.session(&[&browser.cookies]) else {
            let location = format!("{}?til={}", site::sign_in_path(place), place.path());
            return Ok(redirect(Redirect {
                location,
                cookies: Vec::new(),
            }));
        };
        let (common, site) = (Arc::clone(&self.common), Arc::clone(&self.site));
        let own = Arc::clone(&session);
        let shown = self.common.in_turn(call.asking.who, move || {
            let shown = common.store.read(|view| {
                let rights = person::rights(view, &own.person)?;
                let token = own.form_token(SIGN_OUT);
                Ok(site.mine(place, (&own.person, &rights), token, (view, &common.tables)))
            });
            Ok(shown??)
        });
        let mut answer = page(signin, shown.await?);
        answer.trace.cvr = Some(session.person.cvr);
        answer
            .headers
            .extend(cookie.map(|cookie| ("set-cookie", cookie)));
        Ok(answer)
    }

    fn sign_in(
        &self,
        signin: &SignIn,
        place: Place,
        call: &DocumentCall,
    ) -> Result<Answer, NotGiven> {
        let til = parameter(call, "til");
        let ways = signin.page(address(call), til)?;
        let mut answer = page(
            signin,
            self.site.sign_in(place, &ways, til.unwrap_or_default())?,
        );
        let cookies = ways.cookies.into_iter();
        answer
            .headers
            .extend(cookies.map(|cookie| ("set-cookie", cookie)));
        Ok(answer)
    }

    async fn sign_out(
        &self,
        signin: &SignIn,
        browser: &Browser,
        form: &Parameters,
    ) -> Result<Answer, NotGiven> {
        let cookies = [browser.cookies.as_str()];
        let (session, _) = self::session(signin, browser)?;
        if !session.is_own_form(SIGN_OUT, form.get("token").unwrap_or_default()) {
            return Err(problem(&login::FORMULAR_FORAELDET));
        }
        let everywhere = form.get("overalt").is_some();
        Ok(redirect(
            signin.log_out(&session, &cookies, everywhere).await,
        ))
    }

    /// The end of a sign-in, good or bad: both have cookies.
    fn done(&self, done: Result<Redirect, Refused>, id: Uuid) -> Answer {
        match done {
            Ok(done) => redirect(done),
            Err(refused) => {
                let mut answer = self.common.refused(&refused.problem, id);
                let cookies = refused.cookies.into_iter();
                answer
                    .headers
                    .extend(cookies.map(|cookie| ("set-cookie", cookie)));
                answer
            }
        }
    }
}

/// The session of a browser.
fn session(signin: &SignIn, browser: &Browser) -> Result<Own, NotGiven> {
    let own = signin.session(&[&browser.cookies]);
    own.ok_or_else(|| problem(&login::LOGIN_KRAEVES))
}

/// Whether a form was sent by a page of this site, as far as the browser tells.
fn is_own_form(signin: &SignIn, browser: &Browser) -> bool {
    let own = |origin: &String| signin.is_own_origin(origin);
    let same = |site: &String| site == "same-origin";
    browser.origin.as_ref().is_none_or(own) && browser.fetch_site.as_ref().is_none_or(same)
}

fn problem(entry: &'static crate::problem::Entry) -> NotGiven {
    Box::new(Problem::new(entry)).into()
}

fn no_way() -> NotGiven {
    problem(&login::LOGIN_FINDES_IKKE)
}

fn form(bytes: &[u8]) -> Result<Parameters, NotGiven> {
    let text = std::str::from_utf8(bytes).ok();
    let form = text.and_then(Parameters::parse);
    form.ok_or_else(|| problem(&login::FORMULAR_FORAELDET))
}

fn parameter<'c>(call: &'c DocumentCall, name: &str) -> Option<&'c str> {
    let found = call.query.iter().find(|(own, _)| own == name);
    found.map(|(_, value)| value.as_str())
}

fn address(call: &DocumentCall) -> IpAddr {
    match call.asking.who {
        Who::Address(address) => address.ip(),
        // Nobody with a certificate comes here.
        Who::Organisation(_) => IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED),
    }
}

fn page(signin: &SignIn, shown: Shown) -> Answer {
    let mut answer = Answer::new(shown.status, shown.content_type, shown.body.into_owned());
    let policy = ("content-security-policy", policy(&signin.form_targets()));
    answer.headers.push(policy);
    answer.headers.push(unkept());
    answer.headers.extend(shown.headers);
    answer
}

/// Nobody keeps what is one person's.
fn unkept() -> (&'static str, String) {
    ("cache-control", "no-store".to_owned())
}

fn redirect(to: Redirect) -> Answer {
    let mut answer = Answer::new(303, HTML, "");
    answer.headers.push(("location", to.location));
    let cookies = to.cookies.into_iter();
    answer
        .headers
        .extend(cookies.map(|cookie| ("set-cookie", cookie)));
    answer
}
