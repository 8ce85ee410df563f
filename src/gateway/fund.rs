//! The findings of a kommune: for that kommune and for the operator.

use super::Gateway;
use crate::export;
use crate::identity::Caller;
use crate::problem::{Problem, http};
use crate::register::Kommunekode;
use crate::server::exchange::{Answer, DocumentCall, Trace};
use crate::store::{OrgArt, Store, StoreExt};

impl<S: Store> Gateway<S> {
    /// `/fund/<kommune>.xml`; none when the path is another's. Who may not have it is told so before it is looked for.
    pub(super) fn fund_document(
        &self,
        call: &DocumentCall,
        caller: Option<&Caller>,
    ) -> Option<Answer> {
        let name = call.path.strip_prefix("/fund/")?.strip_suffix(".xml")?;
        let kommune = Kommunekode::parse(name).ok()?;
        let organisation = caller.map(|caller| &caller.organisation)?;
        let own = organisation.art == OrgArt::Kommune && organisation.kommune == Some(kommune);
        if !own && organisation.art != OrgArt::Operatoer {
            let problem = Problem::new(&http::FUND_IKKE_TILLADT).with("kommune", kommune);
            return Some(self.document_refused(&problem, call.id));
        }
        if let Some((name, value)) = call.query.first() {
            let problem = Problem::new(&http::PARAMETER)
                .with("parameter", name)
                .with("vaerdi", value)
                .with("regel", &call.path);
            return Some(self.document_refused(&problem, call.id));
        }
        Some(
            match self.store.read(|view| export::fundrapport(view, kommune)) {
                Ok(bytes) => Answer {
                    status: 200,
                    content_type: super::documents::CONTENT_TYPE,
                    body: bytes.into(),
                    etag: None,
                    headers: Vec::new(),
                    trace: Trace::default(),
                },
                Err(error) => self.document_failed(call.id, &error),
            },
        )
    }
}
