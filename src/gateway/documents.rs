//! What is fetched without SOAP: documents, and their refusals as `fejlDetalje`.

use hyper::body::Bytes;
use uuid::Uuid;

use super::budget::Full;
use super::cache::Built;
use super::refusals::Shown;
use super::{Gateway, RETRY_AFTER};
use crate::export::{Document, DocumentError};
use crate::identity::Refused;
use crate::problem::{Fault, Problem, http, intern};
use crate::server::exchange::{Answer, DocumentCall, Trace};
use crate::soap;
use crate::store::{Read, Store, StoreError, StoreExt};

pub(super) const CONTENT_TYPE: &str = "application/xml; charset=utf-8";

/// Why a document is not given.
enum NotBuilt {
    Problem(Box<Problem>),
    Store(StoreError),
    /// It does not fit into the budget for answers.
    Full,
}

impl<S: Store> Gateway<S> {
    /// Builds the document that is asked for; runs on a thread that may block.
    pub(super) fn build_document(&self, call: &DocumentCall) -> Answer {
        let mut caller = None;
        if let Some(chain) = &call.peer {
            match self.identify.caller(chain, &*self.store) {
                Ok(known) => caller = Some(known),
                Err(Refused::Problem(problem)) => return self.document_refused(&problem, call.id),
                Err(Refused::Store(error)) => return self.document_failed(call.id, &error),
            }
        }
        if let Some(answer) = self.revision_document(call) {
            return answer;
        }
        if let Some(answer) = self.fund_document(call, caller.as_ref()) {
            return answer;
        }
        let document = match Document::parse(&call.path, &call.query) {
            None => {
                let problem = Problem::new(&http::UKENDT_STI)
                    .with("sti", &call.path)
                    .with("stier", "/");
                return self.document_refused(&problem, call.id);
            }
            Some(Err(problem)) => return self.document_refused(&problem, call.id),
            Some(Ok(document)) => document,
        };
        match self.store.read(|view| Ok(self.built(document, view))) {
            Ok(Ok(built)) => Answer {
                status: 200,
                content_type: CONTENT_TYPE,
                body: built.bytes,
                etag: Some(built.etag),
                headers: Vec::new(),
                trace: Trace::default(),
            },
            Ok(Err(NotBuilt::Full)) => {
                self.cache.clear();
                self.document_busy(call.id)
            }
            Ok(Err(NotBuilt::Problem(problem))) => self.document_refused(&problem, call.id),
            Ok(Err(NotBuilt::Store(error))) | Err(error) => self.document_failed(call.id, &error),
        }
    }

    /// The document as the register stands: that of the cache, or one built now.
    fn built(&self, document: Document, view: &dyn Read) -> Result<Built, NotBuilt> {
        let stand = view.stand().map_err(NotBuilt::Store)?;
        if let Some(built) = self.cache.get(document, stand) {
            return Ok(built);
        }
        let (mut bytes, shown) =
            document
                .build(view, &self.tables)
                .map_err(|error| match error {
                    DocumentError::Problem(problem) => NotBuilt::Problem(problem),
                    DocumentError::Store(error) => NotBuilt::Store(error),
                })?;
        // What is spare would not be counted.
        bytes.shrink_to_fit();
        let bytes = self
            .budget
            .hold(Bytes::from(bytes))
            .map_err(|Full| NotBuilt::Full)?;
        let epoke = shown.epoke.simple().to_string();
        let tag = self.bounds.tables_tag.as_deref().unwrap_or_default();
        let etag = format!("{}-{}{tag}", &epoke[..8], shown.sekvens);
        Ok(self.cache.keep(Built {
            document,
            stand,
            etag,
            bytes,
        }))
    }

    /// Tells a caller to come again.
    pub(super) fn document_busy(&self, id: Uuid) -> Answer {
        let problem = Problem::new(&http::TRAVLT).with("sekunder", RETRY_AFTER);
        let mut answer = self.document_refused(&problem, id);
        answer
            .headers
            .push(("retry-after", RETRY_AFTER.to_string()));
        answer
    }

    pub(super) fn document_failed(&self, id: Uuid, error: &StoreError) -> Answer {
        tracing::error!(korrelationsId = %id, %error, "internal error");
        self.document_refused(&Problem::new(&intern::INTERN).with("id", id), id)
    }

    pub(super) fn document_refused(&self, problem: &Problem, id: Uuid) -> Answer {
        let status = match problem.entry.fault {
            Fault::Refused(status) | Fault::Unavailable(status) => status,
            Fault::Receiver => 500,
            _ => 400,
        };
        Answer {
            status,
            content_type: CONTENT_TYPE,
            body: Bytes::from(soap::document(&self.failure(id, &Shown::only(problem)))),
            etag: None,
            headers: Vec::new(),
            trace: Trace {
                kode: Some(problem.entry.kode),
                ..Trace::default()
            },
        }
    }
}
