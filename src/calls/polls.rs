//! Calls that say the same are one line a minute with their count: reads that went well, and refusals of who asks too often. The
//! line has the correlation id of the first.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;

use uuid::Uuid;

use super::{Answered, Call};
use crate::register::{Cvr, Tidspunkt};

/// The most lines of a minute that others are counted on; what would need another has a line for each call.
const MOST: usize = 4_096;
/// A minute, in milliseconds.
const MINUTE: i64 = 60_000;

/// What calls must have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Same {
    minute: i64,
    cvr: Option<Cvr>,
    certificate: Option<u64>,
    listener: &'static str,
    service: &'static str,
    operation: &'static str,
    status: u16,
    kode: Option<&'static str>,
}

/// Calls that wait to be counted on a line.
#[derive(Debug)]
pub(super) struct More {
    pub(super) line: (Option<Cvr>, Uuid),
    pub(super) calls: u64,
    pub(super) longest: Duration,
    pub(super) last: Tidspunkt,
}

/// The lines of the last minutes.
#[derive(Debug, Default)]
pub(super) struct Polls {
    newest: i64,
    lines: HashMap<Same, More>,
}

impl Polls {
    /// Whether a call is counted on the line of another. If not, it needs a line of its own.
    pub(super) fn take(&mut self, answered: &Answered, call: &Call) -> bool {
        if !is_poll(answered) {
            return false;
        }
        let minute = call.last.millis().div_euclid(MINUTE);
        self.newest = self.newest.max(minute);
        let same = Same {
            minute,
            cvr: call.cvr,
            certificate: call.certificate,
            listener: answered.listener,
            service: answered.service,
            operation: answered.operation,
            status: answered.status,
            kode: answered.kode,
        };
        let full = self.lines.len() >= MOST;
        match self.lines.entry(same) {
            Entry::Occupied(mut line) => {
                let line = line.get_mut();
                line.calls += 1;
                line.longest = line.longest.max(call.took);
                line.last = line.last.max(call.last);
                true
            }
            Entry::Vacant(line) => {
                if !full {
                    line.insert(More {
                        line: (call.cvr, call.id),
                        calls: 0,
                        longest: Duration::ZERO,
                        last: call.last,
                    });
                }
                false
            }
        }
    }

    /// What is to be counted on lines that are kept already. Lines of minutes gone by are let go of.
    pub(super) fn counted(&mut self) -> Vec<More> {
        let waiting = self.lines.values_mut().filter(|line| line.calls > 0);
        let counted = waiting.map(|line| More {
            calls: std::mem::take(&mut line.calls),
            ..*line
        });
        let counted = counted.collect();
        let newest = self.newest;
        self.lines.retain(|same, _| same.minute >= newest);
        counted
    }

    /// Begins anew: the lines may not have been kept.
    pub(super) fn forget(&mut self) {
        self.lines.clear();
    }
}

/// Whether a call says nothing of its own: a read that went well, or one too many.
fn is_poll(call: &Answered) -> bool {
    match call.kode {
        None => call.status < 400 && call.records == 0 && call.written.is_none(),
        Some(_) => call.status == 429,
    }
}
