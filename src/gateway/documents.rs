//! What is fetched without SOAP: documents, and their refusals as `fejlDetalje`.

use hyper::body::Bytes;
use uuid::Uuid;

use super::Gateway;
use super::refusals::Shown;
use crate::export::{Document, DocumentError};
use crate::identity::Refused;
use crate::problem::{Fault, Problem, http, intern};
use crate::server::exchange::{Answer, DocumentCall, Trace};
use crate::soap;
use crate::store::{Store, StoreError, StoreExt};

const CONTENT_TYPE: &str = "application/xml; charset=utf-8";

impl<S: Store> Gateway<S> {
    /// Builds the document that is asked for; runs on a thread that may block.
    pub(super) fn build_document(&self, call: &DocumentCall) -> Answer {
        if let Some(chain) = &call.peer {
            match self.identify.caller(chain, &*self.store) {
                Ok(_) => {}
                Err(Refused::Problem(problem)) => return self.document_refused(&problem, call.id),
                Err(Refused::Store(error)) => return self.document_failed(call.id, &error),
            }
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
        let built = self
            .store
            .read(|view| Ok(document.build(view, &self.tables)));
        match built {
            Ok(Ok((bytes, stand))) => Answer {
                status: 200,
                content_type: CONTENT_TYPE,
                body: Bytes::from(bytes),
                etag: Some(format!(
                    "{}-{}",
                    &stand.epoke.simple().to_string()[..8],
                    stand.sekvens
                )),
                headers: Vec::new(),
                trace: Trace::default(),
            },
            Ok(Err(DocumentError::Problem(problem))) => self.document_refused(&problem, call.id),
            Ok(Err(DocumentError::Store(error))) | Err(error) => {
                self.document_failed(call.id, &error)
            }
        }
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
