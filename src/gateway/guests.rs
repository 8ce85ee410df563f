//! Callers with a certificate who read what anybody may have, as far as they were known a moment ago.

use std::time::Duration;

use crate::kept::Kept;

/// How long one is remembered, and how many are.
const REMEMBERED: Duration = Duration::from_secs(1);
const MOST: usize = 1024;

/// Those that were known a moment ago, by their certificate.
#[derive(Debug)]
pub(super) struct Guests(Kept<Vec<u8>, ()>);

impl Guests {
    pub(super) fn knows(&self, leaf: &[u8]) -> bool {
        self.0.get(leaf, |()| Some(())).is_some()
    }

    pub(super) fn remember(&self, leaf: &[u8]) {
        self.0.keep(leaf.to_vec(), ());
    }
}

impl Default for Guests {
    fn default() -> Self {
        Self(Kept::new(MOST).lasting(REMEMBERED))
    }
}
