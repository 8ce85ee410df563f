//! Callers with a certificate who read what anybody may have, as far as they were known a moment ago.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::sync;

/// How long one is remembered, and how many are.
const REMEMBERED: Duration = Duration::from_secs(1);
const MOST: usize = 1024;

/// Those that were known a moment ago, by their certificate.
#[derive(Debug, Default)]
pub(super) struct Guests(Mutex<HashMap<Vec<u8>, Instant>>);

impl Guests {
    pub(super) fn knows(&self, leaf: &[u8]) -> bool {
        let guests = sync::lock(&self.0);
        guests
            .get(leaf)
            .is_some_and(|since| since.elapsed() < REMEMBERED)
    }

    pub(super) fn remember(&self, leaf: &[u8]) {
        let mut guests = sync::lock(&self.0);
        if guests.len() >= MOST {
            guests.clear();
        }
        guests.insert(leaf.to_vec(), Instant::now());
    }
}
