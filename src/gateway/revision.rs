//! The head of the audit chain as anybody may fetch it, what it means, and the key that signs it.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::body::Bytes;

use super::common::Common;
use crate::audit::{ABOUT, DAYS, Hoved, Offentliggjort, Signer};
use crate::export::{Seal, sha256};
use crate::problem::{Parameter, Problem, parameter};
use crate::server::exchange::{Answer, DocumentCall, Trace};
use crate::store::{Read, Result, Store, StoreExt};

const JSON: &str = "application/json";
const PEM: &str = "application/x-pem-file";
const TEXT: &str = "text/plain; charset=utf-8";

/// What documents and heads are published with.
#[derive(Debug, Default)]
pub struct Publisher {
    /// The public listener's address.
    pub url: String,
    /// What signs, where there is a key.
    pub signer: Option<Signer>,
    /// What seals, where there is a certificate.
    pub seal: Option<Seal>,
}

/// Where the head of the audit chain is given.
#[derive(Debug)]
pub(super) struct RevisionDesk<S> {
    common: Arc<Common<S>>,
    publisher: Arc<Publisher>,
    /// The document built last: signing ninety heads anew for each poll would be work for nothing.
    built: Mutex<Option<Built>>,
}

#[derive(Debug)]
struct Built {
    hoved: Hoved,
    before: Vec<Offentliggjort>,
    bytes: Bytes,
}

impl<S: Store> RevisionDesk<S> {
    pub(super) const fn new(common: Arc<Common<S>>, publisher: Arc<Publisher>) -> Self {
        Self {
            common,
            publisher,
            built: Mutex::new(None),
        }
    }

    /// `/revision/hoved.json` as the register stands.
    fn heads(&self, view: &dyn Read) -> Result<Bytes> {
        let hoved = view.hoved()?;
        let mut before = Vec::new();
        view.heads(DAYS, &mut |day| {
            before.push(day);
            ControlFlow::Continue(())
        })?;
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &*built
            && known.hoved == hoved
            && known.before == before
        {
            return Ok(known.bytes.clone());
        }
        let document = hoved.document(&before, self.publisher.signer.as_ref(), &self.publisher.url);
        let mut text = serde_json::to_string_pretty(&document)
            .map_err(|error| crate::store::StoreError::Failed(error.to_string()))?;
        text.push('\n');
        let bytes = Bytes::from(text);
        *built = Some(Built {
            hoved,
            before,
            bytes: bytes.clone(),
        });
        Ok(bytes)
    }

    /// One of the documents about the audit chain; none when the path is another's.
    pub(super) fn document(&self, call: &DocumentCall) -> Option<Answer> {
        let (content_type, bytes) = match (call.path.as_str(), &self.publisher.signer) {
            ("/revision/hoved.json" | "/revision/om.txt" | "/noegle.pem", _)
                if !call.query.is_empty() =>
            {
                return Some(self.common.refused(&unexpected(call), call.id));
            }
            ("/revision/hoved.json", _) => match self.common.store.read(|view| self.heads(view)) {
                Ok(bytes) => (JSON, bytes),
                Err(error) => return Some(self.common.failed(call.id, &error)),
            },
            ("/revision/om.txt", _) => (TEXT, Bytes::from_static(ABOUT.as_bytes())),
            ("/noegle.pem", Some(signer)) => {
                (PEM, Bytes::copy_from_slice(signer.public_pem().as_bytes()))
            }
            _ => return None,
        };
        Some(Answer {
            status: 200,
            content_type,
            etag: Some(fingeraftryk(&bytes)),
            body: bytes.into(),
            headers: Vec::new(),
            trace: Trace::default(),
        })
    }
}

/// What names bytes that nothing else names: half of their SHA-256.
pub(super) fn fingeraftryk(bytes: &[u8]) -> String {
    let mut hash = sha256(bytes);
    hash.truncate(32);
    hash
}

/// These documents take no parameter.
pub(super) fn unexpected(call: &DocumentCall) -> Problem {
    let (name, value) = call.query.first().cloned().unwrap_or_default();
    parameter(&name, &value, Parameter::Unknown(""))
}
