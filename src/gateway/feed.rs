//! The change feed: pages from memory where the changes are recent, long polls that wait without a thread or a look at the
//! database, and everything older from the history.
//!
//! The *tail* (`Tail`) holds the last changes as they are shown, each read and written once for all who ask. It is
//! filled by the first who asks for more than it holds; the others wait for that.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::body::Bytes;
use serde_json::json;
use tokio::time::Instant;

use super::budget::Full;
use super::common::{self, Common};
use super::refusals::RETRY_AFTER;
use super::revision::{Publisher, fingeraftryk};
use crate::agreements;
use crate::audit::Hash;
use crate::export;
use crate::export::feed::{self, ChainLink, FeedPage};
use crate::export::parameters::Query;
use crate::identity::{Caller, PeerChain, Refused};
use crate::kept::Kept;
use crate::problem::{Problem, http};
use crate::register::{Kodetabeller, Sekvens};
use crate::server::exchange::{self, Answer, DocumentCall, Place, Who};
use crate::server::routes::{self, FeedPart};
use crate::store::{self, Position, Read, Store, StoreError, StoreExt};
use crate::sync;

/// The most changes that the tail holds, and the most bytes.
const MOST: usize = 4096;
const MOST_BYTES: usize = 8 << 20;
/// The most bytes of pages that lie behind the tail.
const MOST_OLD_BYTES: u64 = 4 << 20;
/// The tail is filled up from at most so far behind the register.
const BEHIND: u64 = 2000;
/// Changes looked at in one look at the history.
const LOOK: u32 = 1000;

/// An ETag and the bytes that it names.
type Content = (String, Bytes);

/// Where the feed is given.
#[derive(Debug)]
pub(super) struct FeedDesk<S> {
    common: Arc<Common<S>>,
    publisher: Arc<Publisher>,
    feed: Feed,
}

/// What is remembered of the feed.
#[derive(Debug)]
struct Feed {
    tail: Mutex<Tail>,
    /// Pages of the history that were asked for last: what lies behind never changes. After which change, and how many.
    older: Kept<(Sekvens, u32), Stretch>,
    /// The head that was asked for last: signed once for each state. With its ETag.
    head: Mutex<Option<(Position, String, Bytes)>>,
    /// One reads at a time.
    filling: tokio::sync::Mutex<()>,
}

/// The last changes, without gap.
#[derive(Debug, Default)]
struct Tail {
    /// The change before the first, and its digest.
    before: Option<(Sekvens, Hash)>,
    links: VecDeque<Arc<ChainLink>>,
    bytes: usize,
}

impl Tail {
    /// The last change that it holds.
    fn last_sekvens(&self) -> Option<Sekvens> {
        let (before, _) = self.before?;
        Some(self.links.back().map_or(before, |link| link.sekvens))
    }

    fn append(&mut self, new: Vec<ChainLink>) {
        for link in new {
            self.bytes += link.bytes();
            self.links.push_back(Arc::new(link));
        }
        while (self.links.len() > MOST || self.bytes > MOST_BYTES)
            && let Some(gone) = self.links.pop_front()
        {
            self.bytes -= gone.bytes();
            self.before = Some((gone.sekvens, gone.digest));
        }
    }

    /// At most so many of the changes after one, if it holds all that follow it.
    fn after(&self, after: Sekvens, most: usize) -> Option<Stretch> {
        let (before, hash) = self.before.filter(|(before, _)| *before <= after)?;
        let skip = usize::try_from(after.0 - before.0).ok()?;
        let before = match skip.checked_sub(1) {
            None => hash,
            Some(at) => self.links.get(at)?.digest,
        };
        Some(Stretch {
            before,
            links: self.links.iter().skip(skip).take(most).cloned().collect(),
        })
    }
}

/// Changes that follow one another.
#[derive(Debug, Clone)]
struct Stretch {
    /// The digest before the first.
    before: Hash,
    links: Vec<Arc<ChainLink>>,
}

/// Why there is no page.
enum Ingen {
    Problem(Box<Problem>),
    Store(StoreError),
    Full,
    /// It would have to wait, and has no place for it.
    Venter,
}

impl Stretch {
    fn bytes(&self) -> u64 {
        self.links.iter().map(|link| link.bytes() as u64).sum()
    }
}

impl Feed {
    fn new() -> Self {
        Self {
            tail: Mutex::default(),
            older: Kept::new(MOST).within(MOST_OLD_BYTES, MOST_OLD_BYTES, Stretch::bytes),
            head: Mutex::default(),
            filling: tokio::sync::Mutex::default(),
        }
    }

    /// The head where the register stands so, if somebody has asked for it already.
    fn hovedet(&self, stand: Position) -> Option<(String, Bytes)> {
        let head = sync::lock(&self.head);
        let (_, etag, bytes) = head.as_ref().filter(|(at, ..)| *at == stand)?;
        Some((etag.clone(), bytes.clone()))
    }

    fn husk_hovedet(&self, stand: Position, etag: String, bytes: Bytes) {
        let mut head = sync::lock(&self.head);
        *head = Some((stand, etag, bytes));
    }

    /// A page of the history that somebody has asked for already.
    fn gammel(&self, after: Sekvens, antal: u32) -> Option<Stretch> {
        self.older.get(&(after, antal), |known| Some(known.clone()))
    }

    /// Remembers a page, if it is full: then it is always the same.
    fn husk(&self, after: Sekvens, antal: u32, stretch: &Stretch) {
        if u32::try_from(stretch.links.len()) == Ok(antal) {
            self.older.keep((after, antal), stretch.clone());
        }
    }

    fn tail(&self) -> MutexGuard<'_, Tail> {
        sync::lock(&self.tail)
    }
}

impl<S: Store> FeedDesk<S> {
    pub(super) fn new(common: Arc<Common<S>>, publisher: Arc<Publisher>) -> Self {
        Self {
            common,
            publisher,
            feed: Feed::new(),
        }
    }

    /// Answers what is asked of the feed.
    pub(super) async fn answer(self: Arc<Self>, part: FeedPart, call: DocumentCall) -> Answer {
        let id = call.id;
        match self.given(part, &call).await {
            Ok(answer) => answer,
            Err(Ingen::Problem(problem)) => self.common.refused(&problem, id),
            Err(Ingen::Store(error)) => self.common.failed(id, &error),
            Err(Ingen::Full) => self.common.busy(id),
            Err(Ingen::Venter) => {
                let problem = Problem::new(&http::FOR_MANGE_VENTER).with("sekunder", RETRY_AFTER);
                self.common.come_again(&problem, id)
            }
        }
    }

    async fn given(self: &Arc<Self>, part: FeedPart, call: &DocumentCall) -> Result<Answer, Ingen> {
        let privat = part == FeedPart::PrivateChanges;
        if let Some(peer) = &call.peer
            && (privat || !self.common.is_guest(peer))
        {
            Arc::clone(self).admit(Arc::clone(peer), privat).await?;
        }
        if part == FeedPart::Nothing {
            let problem = common::no_path(call, &routes::told("feed"));
            return Err(Ingen::Problem(Box::new(problem)));
        }
        let asked = self.common.asked(call).map_err(Ingen::Problem)?;
        let (etag, bytes) = match part {
            FeedPart::Atom => self.atom(call.asking.who).await?,
            FeedPart::Head => self.head(call.asking.who).await?,
            _ => self.page(&asked, privat, call).await?,
        };
        let held = self.common.room_for(bytes).map_err(|Full| Ingen::Full)?;
        Ok(common::given(call, held, Some(etag)))
    }

    /// Who calls with a certificate must be known here, and for the private feed have a right to it.
    async fn admit(self: Arc<Self>, peer: PeerChain, privat: bool) -> Result<(), Ingen> {
        let admitted = tokio::task::spawn_blocking(move || {
            let caller = match self.common.identify.caller(&peer, &*self.common.store) {
                Ok(caller) => caller,
                Err(Refused::Problem(problem)) => return Err(Ingen::Problem(problem)),
                Err(Refused::Store(error)) => return Err(Ingen::Store(error)),
            };
            if privat && !self.may_follow(&caller).map_err(Ingen::Store)? {
                let problem = Problem::new(&http::FEED_AFTALE);
                return Err(Ingen::Problem(Box::new(problem)));
            }
            Ok(())
        });
        admitted
            .await
            .unwrap_or(Err(Ingen::Store(StoreError::Closed)))
    }

    /// Whether a caller may read all of who made changes.
    fn may_follow(&self, caller: &Caller) -> Result<bool, StoreError> {
        let today = agreements::today(self.common.clock.now())?;
        self.common
            .store
            .read(|view| export::maa_foelge(view, caller, today))
    }

    /// A page; waits for a change where that is asked for and there is none.
    async fn page(
        self: &Arc<Self>,
        asked: &Query,
        privat: bool,
        call: &DocumentCall,
    ) -> Result<Content, Ingen> {
        let mut staar = self.common.staar.clone();
        let mut stopping = call.stopping.clone();
        let end = Instant::now() + asked.vent;
        let mut after = asked.after;
        // Of a kommune's changes it can't be told how many must be looked at.
        let most = asked.kommune.map_or(asked.antal, |_| MOST);
        let mut before = None;
        let who = call.asking.who;
        let mut place: Option<Place> = None;
        let mut needed = false;
        loop {
            let mut stand = *staar.borrow_and_update();
            if asked.after > stand.sekvens {
                stand = self.stand_now(who).await?;
            }
            feed::fits(asked, stand).map_err(Ingen::Problem)?;
            let mut found = Vec::new();
            let mut with = None;
            if after < stand.sekvens {
                let stretch = self.stretch(after, stand, most, who).await?;
                before.get_or_insert(stretch.before);
                for link in stretch.links {
                    if found.len() == asked.antal {
                        break;
                    }
                    after = link.sekvens;
                    with = Some(link.digest);
                    if link.concerns(asked.kommune) {
                        found.push(link);
                    }
                }
            }
            // What lies behind is gone on with by the next call; only at the end there is something to wait for.
            let behind = after < stand.sekvens;
            if !found.is_empty() || behind || needed || Instant::now() >= end {
                let digest = match (asked.kommune, before, with) {
                    (Some(_), ..) => None,
                    (None, Some(before), Some(with)) => Some((before, with)),
                    (None, ..) => {
                        let hash = self.digest_at(after, stand, who).await?;
                        Some((hash, hash))
                    }
                };
                let page = FeedPage {
                    after: asked.after,
                    stand,
                    last_sekvens: after,
                    digest,
                    privat,
                };
                let bytes = page.write(found.iter().map(Arc::as_ref));
                return Ok((self.common.tag(stand, after), bytes.into()));
            }
            let place = match &place {
                Some(place) => place,
                None => {
                    let new = call.asking.wait().map_err(|exchange::Full| Ingen::Venter)?;
                    place.insert(new)
                }
            };
            tokio::select! {
                changed = staar.changed() => if changed.is_err() {
                    return Err(Ingen::Store(StoreError::Closed));
                },
                () = tokio::time::sleep_until(end) => {}
                // Another waits for this place: what there is has to do.
                () = place.is_needed() => needed = true,
                () = stopping.told() => return Err(Ingen::Full),
            }
        }
    }

    /// Where the register stands by the register itself: a caller may have seen what another process wrote before the
    /// writer has noticed it.
    async fn stand_now(self: &Arc<Self>, who: Who) -> Result<Position, Ingen> {
        self.read_in_turn(who, |view, _| view.stand()).await
    }

    /// The digest of a change: from memory where it is in the tail.
    async fn digest_at(
        self: &Arc<Self>,
        sekvens: Sekvens,
        stand: Position,
        who: Who,
    ) -> Result<Hash, Ingen> {
        if stand.sekvens.0 - sekvens.0 <= BEHIND {
            self.fill(stand).await?;
            if let Some(stretch) = self.feed.tail().after(sekvens, 0) {
                return Ok(stretch.before);
            }
        }
        self.read_in_turn(who, move |view, _| view.digest_at(sekvens))
            .await
    }

    /// The changes after one: from the tail if it goes back so far, else from the history, some of them.
    async fn stretch(
        self: &Arc<Self>,
        after: Sekvens,
        stand: Position,
        most: usize,
        who: Who,
    ) -> Result<Stretch, Ingen> {
        if stand.sekvens.0 - after.0 <= BEHIND {
            self.fill(stand).await?;
            if let Some(stretch) = self.feed.tail().after(after, most) {
                return Ok(stretch);
            }
        }
        let antal = LOOK.min(u32::try_from(most).unwrap_or(LOOK));
        if let Some(known) = self.feed.gammel(after, antal) {
            return Ok(known);
        }
        let (before, links) = self.read_changes(after, antal, who).await?;
        let stretch = Stretch {
            before,
            links: links.into_iter().map(Arc::new).collect(),
        };
        self.feed.husk(after, antal, &stretch);
        Ok(stretch)
    }

    /// Makes the tail reach up to where the register stands.
    async fn fill(self: &Arc<Self>, stand: Position) -> Result<(), Ingen> {
        let reaches = |tail: &Tail| {
            tail.last_sekvens()
                .is_some_and(|last| last >= stand.sekvens)
        };
        if reaches(&self.feed.tail()) {
            return Ok(());
        }
        let _filling = self.feed.filling.lock().await;
        loop {
            let last = {
                let mut tail = self.feed.tail();
                if reaches(&tail) {
                    return Ok(());
                }
                // One that has fallen far behind begins anew: nobody has asked for what lies between.
                if tail
                    .last_sekvens()
                    .is_some_and(|last| stand.sekvens.0 - last.0 > BEHIND)
                {
                    *tail = Tail::default();
                }
                tail.last_sekvens()
            };
            let from = last.unwrap_or(Sekvens(stand.sekvens.0.saturating_sub(BEHIND)));
            // One at a time reads for all of both listeners, in a line where nobody else is.
            let (before, links) = self
                .read_changes(from, LOOK, Who::Organisation(None))
                .await?;
            // The first filling is of what was there before anybody asked.
            if last.is_some() {
                let now = self.common.clock.now().millis();
                for each in &links {
                    let lag = u64::try_from(now - each.tidspunkt.millis()).unwrap_or(0);
                    self.common.metrics.feed_has(Duration::from_millis(lag));
                }
            }
            let mut tail = self.feed.tail();
            tail.before.get_or_insert((from, before));
            if links.is_empty() {
                return Ok(());
            }
            tail.append(links);
        }
    }

    async fn read_changes(
        self: &Arc<Self>,
        after: Sekvens,
        antal: u32,
        who: Who,
    ) -> Result<(Hash, Vec<ChainLink>), Ingen> {
        self.read_in_turn(who, move |view, tables| {
            feed::laes(view, tables, after, antal)
        })
        .await
    }

    /// Reads on a thread that may block, when it is its turn.
    async fn read_in_turn<T: Send + 'static>(
        self: &Arc<Self>,
        who: Who,
        job: impl FnOnce(&dyn Read, &Kodetabeller) -> store::Result<T> + Send + 'static,
    ) -> Result<T, Ingen> {
        let turn = self.common.reads.turn(who).await.ok_or(Ingen::Full)?;
        let this = Arc::clone(self);
        let read = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            this.common
                .store
                .read(|view| job(view, &this.common.tables))
        });
        read.await
            .unwrap_or(Err(StoreError::Closed))
            .map_err(Ingen::Store)
    }

    async fn atom(self: &Arc<Self>, who: Who) -> Result<Content, Ingen> {
        let stand = *self.common.staar.borrow();
        let first = Sekvens(stand.sekvens.0.saturating_sub(feed::ATOM));
        let links = if stand.sekvens.0 == 0 {
            Vec::new()
        } else {
            let stretch = self.stretch(first, stand, MOST, who).await?;
            stretch.links
        };
        let shown = links.iter().filter(|link| link.sekvens <= stand.sekvens);
        let newest: Vec<_> = shown.map(Arc::as_ref).collect();
        let bytes = feed::atom(&self.publisher.url, stand, newest.into_iter().rev());
        Ok((self.common.tag(stand, stand.sekvens), bytes.into()))
    }

    /// Where the feed stands, signed where there is a key: what a consumer compares its own chain with.
    async fn head(self: &Arc<Self>, who: Who) -> Result<Content, Ingen> {
        let stand = *self.common.staar.borrow();
        if let Some(known) = self.feed.hovedet(stand) {
            return Ok(known);
        }
        let digest = self.digest_at(stand.sekvens, stand, who).await?;
        let line = feed::head_line(&stand.epoke.to_string(), stand.sekvens.0, &digest);
        let mut head = json!({
            "algoritme": "sha256-kaede-v1",
            "epoke": stand.epoke.to_string(),
            "sekvens": stand.sekvens.0,
            "tidspunkt": stand.tidspunkt.map(|at| at.to_string()),
            "kaede": digest.to_string(),
        });
        if let Some(signer) = &self.publisher.signer {
            head["signatur"] = json!(signer.sign(&line));
            head["noegle"] = json!(format!("{}/noegle.pem", self.publisher.url));
        }
        let mut etag = self.common.tag(stand, stand.sekvens);
        if let Some(seal) = &self.publisher.seal {
            let failed = |error: rustls::Error| Ingen::Store(StoreError::Failed(error.to_string()));
            let seal = STANDARD.encode(seal.af(line.as_bytes()).map_err(failed)?);
            // Some algorithms make another seal in another process.
            etag = format!("{etag}-{}", fingeraftryk(seal.as_bytes()));
            head["segl"] = json!(seal);
        }
        let bytes = Bytes::from(format!("{head:#}\n"));
        self.feed.husk_hovedet(stand, etag.clone(), bytes.clone());
        Ok((etag, bytes))
    }
}
