//! Answers as the HTTP layer takes them.

use crate::contract::SoapVersion;
use crate::import::Answered;
use crate::server::exchange::{Answer, AnswerBody, Trace};

/// An answer with a SOAP body.
pub(super) fn answer(
    version: SoapVersion,
    status: u16,
    body: impl Into<AnswerBody>,
    trace: Trace,
) -> Answer {
    Answer {
        status,
        content_type: version.content_type(),
        body: body.into(),
        etag: None,
        headers: Vec::new(),
        trace,
    }
}

/// An answer that the import has made.
pub fn answered_with(version: SoapVersion, answered: Answered, trace: Trace) -> Answer {
    answer(
        version,
        answered.status,
        answered.envelope,
        Trace {
            kode: answered.kode,
            fejl: answered.fejl,
            ..trace
        },
    )
}
