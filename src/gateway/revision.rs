//! The head of the audit chain as anybody may fetch it, what it means, and the key that signs it.

use std::sync::{Arc, Mutex};

use hyper::body::Bytes;

use super::common::{self, Common, NotGiven};
use crate::audit::{ABOUT, ChainHead, DAYS, PublishedHead, Signer};
use crate::export::{Seal, sha256};
use crate::server::exchange::{Answer, DocumentCall};
use crate::server::routes::RevisionPart;
use crate::store::{Read, Result, Store, StoreExt};
use crate::sync;

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
    chain_head: ChainHead,
    before: Vec<PublishedHead>,
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

    /// `/revision/chain_head.json` as the register stands.
    fn heads(&self, view: &dyn Read) -> Result<Bytes> {
        let chain_head = view.chain_head()?;
        let before = view.heads(DAYS)?;
        let mut built = sync::lock(&self.built);
        if let Some(known) = &*built
            && known.chain_head == chain_head
            && known.before == before
        {
            return Ok(known.bytes.clone());
        }
        let document =
            chain_head.document(&before, self.publisher.signer.as_ref(), &self.publisher.url);
        let mut text = serde_json::to_string_pretty(&document)
            .map_err(|error| crate::store::StoreError::Failed(error.to_string()))?;
        text.push('\n');
        let bytes = Bytes::from(text);
        *built = Some(Built {
            chain_head,
            before,
            bytes: bytes.clone(),
        });
        Ok(bytes)
    }

    /// What is asked for.
    pub(super) fn give(
        &self,
        part: RevisionPart,
        call: &DocumentCall,
    ) -> std::result::Result<Answer, NotGiven> {
        self.common.asked(call)?;
        let bytes = match (part, &self.publisher.signer) {
            (RevisionPart::Head, _) => self.common.store.read(|view| self.heads(view))?,
            (RevisionPart::About, _) => Bytes::from_static(ABOUT.as_bytes()),
            (RevisionPart::Key, Some(signer)) => {
                Bytes::copy_from_slice(signer.public_pem().as_bytes())
            }
            (RevisionPart::Key, None) => {
                return Err(common::unsigned(call, "revision.noegle").into());
            }
        };
        let etag = fingeraftryk(&bytes);
        Ok(common::given(call, bytes, Some(etag)))
    }
}

/// What names bytes that nothing else names: half of their SHA-256.
pub(super) fn fingeraftryk(bytes: &[u8]) -> String {
    let mut hash = sha256(bytes);
    hash.truncate(32);
    hash
}
