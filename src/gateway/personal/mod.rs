//! The pages of persons behind the sign-in (`/mit/…`). A page is shown in one view of the register, with the rights that hold in
//! it; what is posted is done in one transaction, with the rights that hold there. Nothing of it is kept, and no browser keeps it.

mod agreements;
mod console;
mod corrections;
mod order;
mod uploads;

use std::sync::Arc;

use self::console::Operator;
use self::uploads::Uploads;

use super::common::{self, Common, NotGiven};
use super::login::{Entered, LoginDesk};
use crate::agreements::Rules;
use crate::calls::Calls;
use crate::contract::Contract;
use crate::mirror::MirrorCell;
use crate::person::{self, Session};
use crate::problem::{Entry, Problem, login};
use crate::search::Search;
use crate::server::exchange::{Answer, DocumentCall};
use crate::site::{Console, NotShown, Personal, PersonalForm, Place, Shown, Site, Told, Visit};
use crate::status::Gathering;
use crate::store::{Store, StoreExt};

/// What the pages are made of.
#[derive(Debug)]
pub(super) struct PersonalDesk<S> {
    common: Arc<Common<S>>,
    site: Arc<Site>,
    search: Arc<Search>,
    calls: Option<Arc<Calls>>,
    status: Arc<Gathering>,
    mirrors: Arc<MirrorCell>,
    contract: Arc<Contract>,
    uploads: Uploads,
}

impl<S: Store> PersonalDesk<S> {
    pub(super) fn new(
        common: Arc<Common<S>>,
        site: Arc<Site>,
        search: Arc<Search>,
        calls: Option<Arc<Calls>>,
        status: Gathering,
        (mirrors, contract): (Arc<MirrorCell>, Arc<Contract>),
    ) -> Self {
        Self {
            uploads: Uploads::new(common.clock.clone()),
            mirrors,
            contract,
            status: Arc::new(status),
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
        let shown = match &call.sent {
            None => {
                if personal == Personal::Console(Console::Calls) {
                    let who = Operator::of(&session, login.pseudonym(&session))?;
                    self.look_up(who, call).await?;
                }
                let after = (call.query.clone(), Told::default());
                self.shown((personal, place), &session, after, call).await?
            }
            Some(sent) => {
                let form = PersonalForm::read(&sent.content_type, &sent.bytes)?;
                let token = form.one("token").unwrap_or_default();
                if !session.is_own_form(&place.path(), token) {
                    return Err(refused(&login::FORMULAR_FORAELDET));
                }
                if let Personal::Console(console @ (Console::Organisations | Console::Systems)) =
                    personal
                {
                    let who = Operator::of(&session, login.pseudonym(&session))?;
                    let at = (console, place.language);
                    let after = self.operate(at, who, &form, call).await?;
                    self.shown((personal, place), &session, after, call).await?
                } else {
                    self.post(login, (personal, place), &session, &form, call)
                        .await?
                }
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
        self: &Arc<Self>,
        login: &LoginDesk<S>,
        (personal, place): (Personal, Place),
        session: &Arc<Session>,
        form: &PersonalForm<'_>,
        call: &DocumentCall,
    ) -> Result<Shown, NotGiven> {
        match personal {
            Personal::Corrections | Personal::Contact(_) => {
                self.correct(login, (personal, place), session, form, call)
                    .await
            }
            Personal::Agreements | Personal::Console(Console::Agreements) => {
                self.decide(login, (personal, place), session, form, call)
                    .await
            }
            _ => Err(common::no_path(call, "/mit").into()),
        }
    }

    /// Shows a page when it is its turn.
    async fn shown(
        self: &Arc<Self>,
        page: (Personal, Place),
        session: &Arc<Session>,
        (query, told): console::After,
        call: &DocumentCall,
    ) -> Result<Shown, NotGiven> {
        let (desk, own) = (Arc::clone(self), Arc::clone(session));
        let show = move || desk.show(page, &own, &query, told);
        self.common.in_turn(call.asking.who, show).await
    }

    /// What rules on agreements rest on now.
    fn rules(&self) -> Rules {
        Rules {
            by_kommune: self.common.bounds.privat.by_kommune,
            mirrors: self.mirrors.now(),
        }
    }

    /// Shows a page; runs on a thread that may block.
    fn show(
        &self,
        (personal, place): (Personal, Place),
        session: &Session,
        query: &[(String, String)],
        mut told: Told,
    ) -> Result<Shown, NotGiven> {
        if personal == Personal::Console(Console::Start) {
            let rights = self
                .common
                .store
                .read(|view| person::rights(view, &session.person))?;
            if rights.operator().is_some() {
                told.lines = self.status.now()?.lines(place.language);
            }
        }
        let after = (query, &told);
        self.visit((personal, place), session, after, |site, visit| {
            site.personal(personal, visit)
        })
    }

    /// Shows something in one view of the register, with the rights that hold in it.
    fn visit(
        &self,
        (personal, place): (Personal, Place),
        session: &Session,
        (query, told): (&[(String, String)], &Told),
        show: impl FnOnce(&Site, &Visit<'_>) -> Result<Shown, NotShown>,
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
                told,
            };
            Ok(show(&self.site, &visit).map_err(NotGiven::from))
        });
        shown?
    }
}

fn refused(entry: &'static Entry) -> NotGiven {
    Box::new(Problem::new(entry)).into()
}
