//! What is remembered of the feed: the last changes as they are shown (the *tail*), pages of the history behind them, and the
//! head. Each change is read and written once for all who ask.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use hyper::body::Bytes;

use crate::audit::Hash;
use crate::export::feed::ChainLink;
use crate::kept::Kept;
use crate::register::Sekvens;
use crate::store::Position;
use crate::sync;

/// The most changes that the tail holds, and the most bytes.
pub(super) const MOST: usize = 4096;
const MOST_BYTES: usize = 8 << 20;
/// The most bytes of pages that lie behind the tail.
const MOST_OLD_BYTES: u64 = 4 << 20;

/// What is remembered of the feed.
#[derive(Debug)]
pub(super) struct Feed {
    tail: Mutex<Tail>,
    /// Pages of the history that were asked for last: what lies behind never changes. After which change, and how many.
    older: Kept<(Sekvens, u32), Stretch>,
    /// The head that was asked for last: signed once for each state. With its ETag.
    head: Mutex<Option<(Position, String, Bytes)>>,
    /// One reads at a time.
    pub(super) filling: tokio::sync::Mutex<()>,
}

/// The last changes, without gap.
#[derive(Debug, Default)]
pub(super) struct Tail {
    /// The change before the first, and its digest.
    pub(super) before: Option<(Sekvens, Hash)>,
    links: VecDeque<Arc<ChainLink>>,
    bytes: usize,
}

impl Tail {
    /// The last change that it holds.
    pub(super) fn last_sekvens(&self) -> Option<Sekvens> {
        let (before, _) = self.before?;
        Some(self.links.back().map_or(before, |link| link.sekvens))
    }

    pub(super) fn append(&mut self, new: Vec<ChainLink>) {
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
    pub(super) fn after(&self, after: Sekvens, most: usize) -> Option<Stretch> {
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
pub(super) struct Stretch {
    /// The digest before the first.
    pub(super) before: Hash,
    pub(super) links: Vec<Arc<ChainLink>>,
}

impl Stretch {
    fn bytes(&self) -> u64 {
        self.links.iter().map(|link| link.bytes() as u64).sum()
    }
}

impl Feed {
    pub(super) fn new() -> Self {
        Self {
            tail: Mutex::default(),
            older: Kept::new(MOST).within(MOST_OLD_BYTES, MOST_OLD_BYTES, Stretch::bytes),
            head: Mutex::default(),
            filling: tokio::sync::Mutex::default(),
        }
    }

    /// The head where the register stands so, if somebody has asked for it already.
    pub(super) fn head_at(&self, position: Position) -> Option<(String, Bytes)> {
        let head = sync::lock(&self.head);
        let (_, etag, bytes) = head.as_ref().filter(|(at, ..)| *at == position)?;
        Some((etag.clone(), bytes.clone()))
    }

    pub(super) fn keep_head(&self, position: Position, etag: String, bytes: Bytes) {
        let mut head = sync::lock(&self.head);
        *head = Some((position, etag, bytes));
    }

    /// A page of the history that somebody has asked for already.
    pub(super) fn older(&self, after: Sekvens, antal: u32) -> Option<Stretch> {
        self.older.get(&(after, antal), |known| Some(known.clone()))
    }

    /// Remembers a page, if it is full: then it is always the same.
    pub(super) fn keep_older(&self, after: Sekvens, antal: u32, stretch: &Stretch) {
        if u32::try_from(stretch.links.len()) == Ok(antal) {
            self.older.keep((after, antal), stretch.clone());
        }
    }

    pub(super) fn tail(&self) -> MutexGuard<'_, Tail> {
        sync::lock(&self.tail)
    }
}
