//! The pages of the site: a page is made in a view of the register, named by its bytes, and kept while nothing changes.

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;

use super::common::{Common, NotGiven};
use super::soap::SoapDesk;
use crate::export::sha256;
use crate::kept::Kept;
use crate::search::Search;
use crate::server::exchange::{Answer, AnswerBody, DocumentCall, Trace};
use crate::site::{self, Look, NotShown, Place, Shown, Site};
use crate::store::{Position, Store, StoreError, StoreExt};

/// The most pages that are kept, their bytes, and how long: findings change without a change of the register.
const PAGES: usize = 1024;
const BYTES: u64 = 8 << 20;
const LASTING: Duration = Duration::from_secs(1);

/// What a page may load and send: its own style sheet, and forms to itself and to these.
pub(super) fn policy(form_targets: &[String]) -> String {
    let targets: String = form_targets
        .iter()
        .map(|target| format!(" {target}"))
        .collect();
    format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'{targets}; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

/// Where pages are given.
#[derive(Debug)]
pub(super) struct SiteDesk<S> {
    common: Arc<Common<S>>,
    soap: Arc<SoapDesk<S>>,
    site: Arc<Site>,
    search: Arc<Search>,
    kept: Kept<Place, Made>,
}

/// A page that was made.
#[derive(Debug, Clone)]
struct Made {
    /// Where the register stood; none: it does not depend on the register.
    position: Option<Position>,
    content_type: &'static str,
    bytes: Bytes,
    etag: String,
}

impl<S: Store> SiteDesk<S> {
    pub(super) fn new(
        common: Arc<Common<S>>,
        soap: Arc<SoapDesk<S>>,
        (site, search): (Arc<Site>, Arc<Search>),
    ) -> Self {
        Self {
            common,
            soap,
            site,
            search,
            kept: Kept::new(PAGES)
                .within(BYTES, BYTES / 16, |made: &Made| made.bytes.len() as u64)
                .lasting(LASTING),
        }
    }

    /// A page that is there already and current.
    pub(super) fn at_hand(&self, place: Place, call: &DocumentCall) -> Option<Answer> {
        if !call.query.is_empty() || call.sent.is_some() {
            return None;
        }
        let now = *self.common.positions.borrow();
        let current = |made: &Made| {
            let is_current = made.position.is_none_or(|position| position == now);
            is_current.then(|| made.clone())
        };
        Some(answer(self.kept.get(&place, current)?))
    }

    /// Gives a page; runs on a thread that may block.
    pub(super) fn give(&self, place: Place, call: &DocumentCall) -> Result<Answer, NotGiven> {
        let asked = site::Asked {
            place,
            query: &call.query,
            sent: call.sent.as_ref().map(|sent| site::Sent {
                content_type: &sent.content_type,
                bytes: &sent.bytes,
            }),
            takes_json: call.browser.as_ref().is_some_and(|own| own.takes_json),
        };
        let judge = self.soap.judge();
        let shown = self.common.store.read(|view| {
            let look = Look {
                view,
                tables: &self.common.tables,
                contract: judge.contract,
                judge: &|bytes, charset| judge.judge(bytes, charset),
                now: self.common.clock.now(),
                search: &self.search,
            };
            let position = match Site::is_fixed(place.page) {
                true => None,
                false => Some(view.position()?),
            };
            Ok((self.site.show(&asked, look), position))
        });
        let (shown, position) = shown?;
        self.answer(place, call, (shown?, position))
    }

    fn answer(
        &self,
        place: Place,
        call: &DocumentCall,
        (shown, position): (Shown, Option<Position>),
    ) -> Result<Answer, NotGiven> {
        let bytes = Bytes::from(shown.body.into_owned());
        if shown.status != 200 || call.sent.is_some() {
            let mut answer = with_policy(Answer::new(shown.status, shown.content_type, bytes));
            answer.headers.extend(shown.headers);
            return Ok(answer);
        }
        let made = Made {
            position,
            content_type: shown.content_type,
            etag: sha256(&bytes)[..32].to_owned(),
            bytes: self.common.room_for(bytes)?,
        };
        if call.query.is_empty() && shown.headers.is_empty() {
            self.kept.keep(place, made.clone());
        }
        let mut answer = answer(made);
        answer.headers.extend(shown.headers);
        Ok(answer)
    }

    /// A refusal as a page; the machine's form where that can't be written.
    pub(super) fn refusal(&self, answer: Answer, path: &str, id: uuid::Uuid) -> Answer {
        let Some(problem) = &answer.refused else {
            return answer;
        };
        let Ok(shown) = site::refusal(&self.site, path, problem, (answer.status, id.to_string()))
        else {
            return answer;
        };
        let body = AnswerBody::from(shown.body.into_owned());
        let mut page = with_policy(Answer::new(answer.status, shown.content_type, body));
        page.headers.extend(answer.headers);
        page.trace = Trace { ..answer.trace };
        page
    }
}

fn answer(made: Made) -> Answer {
    let mut answer = with_policy(Answer::new(200, made.content_type, made.bytes));
    answer.etag = Some(made.etag);
    answer
}

fn with_policy(mut answer: Answer) -> Answer {
    if answer.content_type.starts_with("text/html") {
        answer
            .headers
            .push(("content-security-policy", policy(&[])));
    }
    answer
}

impl From<NotShown> for NotGiven {
    fn from(why: NotShown) -> Self {
        match why {
            NotShown::Problem(problem) => Self::Problem(problem),
            NotShown::Store(error) => Self::Store(error),
            NotShown::Template(error) => Self::Store(StoreError::Failed(error.to_string())),
        }
    }
}
