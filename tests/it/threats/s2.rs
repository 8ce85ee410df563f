//! S2: hostile SOAP. Versions, headers, actions, addressing, replays, signatures, attachments, methods: each a message
//! to a server, or a few of them, and nothing but data.

use super::vagt::Vagt;
use super::{Case, Outcome};

pub(super) fn run(cases: &[Case]) -> Vec<Outcome> {
    Vagt::start().all(cases)
}
