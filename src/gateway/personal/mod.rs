//! The pages of persons behind the sign-in (`/mit/…`). A page is shown in one view of the register, with the rights that hold in
//! it; what is posted is done in one transaction, with the rights that hold there. Nothing of it is kept, and no browser keeps it.

use std::sync::Arc;

use super::common::{self, Common, NotGiven};
use super::login::{Entered, LoginDesk};
use crate::calls::Calls;
use crate::person::{self, Session};
use crate::problem::{Entry, Problem, login};
use crate::search::Search;
use crate::server::exchange::{Answer, DocumentCall};
use crate::site::{Personal, PersonalForm, Place, Shown, Site, Visit};
use crate::store::{Store, StoreExt};

/// What the pages are made of.
#[derive(Debug)]
pub(super) struct PersonalDesk<S> {
    common: Arc<Common<S>>,
    site: Arc<Site>,
    search: Arc<Search>,
    calls: Option<Arc<Calls>>,
}

impl<S: Store> PersonalDesk<S> {
    pub(super) const fn new(
        common: Arc<Common<S>>,
        site: Arc<Site>,
        search: Arc<Search>,
        calls: Option<Arc<Calls>>,
    ) -> Self {
        Self {
            common,
            site,
            search,
            calls,
        }
    }

    /// One of the pages, for a browser that `login` knows.
    pub(super) async fn give(
        self: Arc<Self>,
        login: &LoginDesk<S>,
        (personal, place): (Personal, Place),
        call: &DocumentCall,
    ) -> Result<Answer, NotGiven> {
        let entered = match login.entered(place, call)? {
            Entered::Session(session, cookie) => (session, cookie),
            Entered::Elsewhere(answer) => return Ok(*answer),
        };
        let (session, cookie) = entered;
        let (own, query, who) = (Arc::clone(&session), call.query.clone(), call.asking.who);
        let common = Arc::clone(&self.common);
        let shown = match &call.sent {
            None => {
                let desk = Arc::clone(&self);
                let show = move || desk.show((personal, place), &own, &query);
                common.in_turn(who, show).await?
            }
            Some(sent) => {
                let form = PersonalForm::read(&sent.content_type, &sent.bytes)?;
                let token = form.one("token").unwrap_or_default();
                if !session.is_own_form(&place.path(), token) {
                    return Err(refused(&login::FORMULAR_FORAELDET));
                }
                self.post((personal, place), &session, &form, call).await?
            }
        };
        let mut answer = login.page(shown);
        answer.trace.cvr = Some(session.person.cvr);
        answer
            .headers
            .extend(cookie.map(|cookie| ("set-cookie", cookie)));
        Ok(answer)
    }

    /// Does what is posted to a page, and shows what came of it.
    async fn post(
        &self,
        (personal, _place): (Personal, Place),
        _session: &Arc<Session>,
        _form: &PersonalForm<'_>,
        call: &DocumentCall,
    ) -> Result<Shown, NotGiven> {
        match personal {
            // Each page that takes a form has an arm here: what it does is in a module of its own beside this one.
            _ => Err(common::no_path(call, "/mit").into()),
        }
    }

    /// Shows a page; runs on a thread that may block.
    fn show(
        &self,
        (personal, place): (Personal, Place),
        session: &Session,
        query: &[(String, String)],
    ) -> Result<Shown, NotGiven> {
        let shown = self.common.store.read(|view| {
            let rights = person::rights(view, &session.person)?;
            if personal.is_console() && rights.operator().is_none() {
                return Ok(Err(refused(&login::PERSON_UDEN_RET)));
            }
            let visit = Visit {
                place,
                query,
                person: &session.person,
                rights: &rights,
                token: &session.form_token(&place.path()),
                view,
                tables: &self.common.tables,
                search: &self.search,
                calls: self.calls.as_deref(),
                now: self.common.clock.now(),
            };
            Ok(self.site.personal(personal, &visit).map_err(NotGiven::from))
        });
        shown?
    }
}

fn refused(entry: &'static Entry) -> NotGiven {
    Box::new(Problem::new(entry)).into()
}
