//! What is fetched without SOAP: documents, and their refusals as `fejlDetalje`.

use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::Bytes;

use super::cache::Built;
use super::common::{self, Common, NotGiven};
use super::revision::{Publisher, fingeraftryk};
use crate::export::{Afhaengig, Document, DocumentSignature, LOOK, sha256, told};
use crate::kept::Kept;
use crate::register::Sekvens;
use crate::server::exchange::{Answer, AnswerBody, DocumentCall};
use crate::server::routes::DocumentPart;
use crate::store::{Position, Read, Store, StoreError, StoreExt};
use crate::sync;

/// The most selections whose last change is remembered.
const SELECTIONS: usize = 1024;

/// Where documents are given.
#[derive(Debug)]
pub(super) struct DocumentDesk<S> {
    common: Arc<Common<S>>,
    publisher: Arc<Publisher>,
    affected: Affected,
}

/// The last change that each selection depends on, as far as anybody has asked.
#[derive(Debug)]
struct Affected {
    /// By selection: looked up to this change, and the last that it depends on.
    seen: Kept<Afhaengig, (Sekvens, Sekvens)>,
    /// One document is built at a time.
    building: Mutex<()>,
}

impl Affected {
    fn new() -> Self {
        Self {
            seen: Kept::new(SELECTIONS),
            building: Mutex::default(),
        }
    }

    /// The last change, if nothing need be looked up for it.
    fn known(&self, selection: Afhaengig, position: Position) -> Option<Sekvens> {
        if selection == (None, None) {
            return Some(position.sekvens);
        }
        self.seen.get(&selection, |(upto, last)| {
            (*upto >= position.sekvens).then_some(*last)
        })
    }

    /// The last change by a view. Of a selection not seen before, no more than so many changes are looked through: an
    /// older last change counts as the first of those.
    fn look(
        &self,
        view: &dyn Read,
        selection: Afhaengig,
        position: Position,
    ) -> Result<Sekvens, StoreError> {
        if let Some(last) = self.known(selection, position) {
            return Ok(last.min(position.sekvens));
        }
        let known = self.seen.get(&selection, |known| Some(*known));
        let floor = Sekvens(position.sekvens.0.saturating_sub(LOOK));
        let (upto, last) = known.unwrap_or((floor, floor));
        let (kommune, levels) = selection;
        let last = view.affected(kommune, levels, upto)?.unwrap_or(last);
        self.seen.keep(selection, (position.sekvens, last));
        Ok(last)
    }
}

impl<S: Store> DocumentDesk<S> {
    pub(super) fn new(common: Arc<Common<S>>, publisher: Arc<Publisher>) -> Self {
        Self {
            common,
            publisher,
            affected: Affected::new(),
        }
    }

    /// Lets go of documents that nobody has asked for in a while.
    pub(super) fn forget(&self, unused: Duration) {
        self.tell(self.common.cache.kept.forget(unused));
    }

    /// Tells how many bytes are kept.
    fn tell(&self, kept: u64) {
        let kept = i64::try_from(kept).unwrap_or(i64::MAX);
        self.common.metrics.document_bytes.set(kept);
    }

    /// A document that is there already and current, or as good as: without a look at the database, but for who calls where
    /// that is asked.
    pub(super) fn at_hand(&self, document: Document, call: &DocumentCall) -> Option<Answer> {
        let document = document.asked(&self.common.asked(call).ok()?);
        let position = *self.common.positions.borrow();
        let sekvens = self.affected.known(document.selection()?, position)?;
        let shown = shown(position, sekvens);
        let stranger = |peer| !self.common.is_guest(peer);
        if call.peer.as_ref().is_some_and(stranger) {
            return None;
        }
        if let Some(unchanged) = self.unchanged(call, shown) {
            return Some(unchanged);
        }
        let built = self.common.cache.current(document, shown)?;
        if call.gzip && built.gzip.get().is_none() {
            return None;
        }
        self.document_answer(built, call.gzip).ok()
    }

    /// Gives a document or what proves it; runs on a thread that may block.
    pub(super) fn give(
        &self,
        document: Document,
        part: DocumentPart,
        call: &DocumentCall,
    ) -> Result<Answer, NotGiven> {
        let given = match part {
            DocumentPart::Whole => self.whole(document, call),
            DocumentPart::Signature => self.signature(document, call),
            DocumentPart::Seal => self.seal(document, call),
        };
        if matches!(given, Err(NotGiven::Full)) {
            self.common.cache.kept.clear();
        }
        given
    }

    /// The document as a query asks for it.
    fn asked(&self, document: Document, call: &DocumentCall) -> Result<Document, NotGiven> {
        Ok(document.asked(&self.common.asked(call)?))
    }

    fn whole(&self, document: Document, call: &DocumentCall) -> Result<Answer, NotGiven> {
        let document = self.asked(document, call)?;
        let (shown, kept) = self.kept(document)?;
        // A document of another time is not named by where the register stands.
        if document.selection().is_some()
            && let Some(unchanged) = self.unchanged(call, shown)
        {
            return Ok(unchanged);
        }
        let built = kept.map_or_else(|| self.built(document), Ok)?;
        self.document_answer(built, call.gzip)
    }

    /// What a caller is told that has the document as it is: its ETag, which the HTTP layer knows again. It need not be built
    /// for that.
    fn unchanged(&self, call: &DocumentCall, shown: Position) -> Option<Answer> {
        if call.if_none_match.is_absent() {
            return None;
        }
        let tag = self.common.tag(shown, shown.sekvens);
        call.if_none_match.holds(&tag).then(|| {
            let tag = if call.gzip { format!("{tag}-gz") } else { tag };
            let mut answer = common::given(call, AnswerBody::default(), Some(tag));
            answer.headers.push(("vary", "Accept-Encoding".to_owned()));
            answer
        })
    }

    fn signature(&self, document: Document, call: &DocumentCall) -> Result<Answer, NotGiven> {
        let Some(signer) = &self.publisher.signer else {
            return Err(common::unsigned(call, "revision.noegle").into());
        };
        let built = self.current(document, call)?;
        let pairs = call.query.iter();
        let pairs = pairs.map(|(name, value)| format!("{name}={value}"));
        let query = pairs.collect::<Vec<_>>().join("&");
        let path = call.path.strip_suffix(".sig").unwrap_or(&call.path);
        let full = match query.as_str() {
            "" => path.to_owned(),
            _ => format!("{path}?{query}"),
        };
        let hash = built.beside.sha256.get_or_init(|| sha256(&built.bytes));
        let signed = DocumentSignature::af(&full, built.shown, hash.clone(), signer);
        let etag = format!("{}-{}-sig", built.etag, signer.id());
        Ok(beside("application/json", signed.tekst(), etag))
    }

    fn seal(&self, document: Document, call: &DocumentCall) -> Result<Answer, NotGiven> {
        let Some(seal) = &self.publisher.seal else {
            return Err(common::unsigned(call, "[underskrift]").into());
        };
        let built = self.current(document, call)?;
        let made = match built.beside.segl.get() {
            Some(made) => made.clone(),
            None => {
                let failed = |error: rustls::Error| StoreError::Failed(error.to_string());
                let made = Bytes::from(seal.af(&built.bytes).map_err(failed)?);
                built.beside.segl.get_or_init(|| made).clone()
            }
        };
        // Some algorithms make another seal in another process.
        let etag = format!("{}-{}-p7s", built.etag, fingeraftryk(&made));
        Ok(beside("application/pkcs7-signature", made, etag))
    }

    /// The document that is kept, or built now.
    fn current(&self, document: Document, call: &DocumentCall) -> Result<Built, NotGiven> {
        let document = self.asked(document, call)?;
        match self.kept(document)? {
            (_, Some(built)) => Ok(built),
            (_, None) => self.built(document),
        }
    }

    /// What a document shows as the register stands, and the document of the cache that is current, or as good as.
    fn kept(&self, document: Document) -> Result<(Position, Option<Built>), NotGiven> {
        let kept = self.common.store.read(|view| {
            let (shown, _) = self.shows(document, view)?;
            Ok((shown, self.common.cache.current(document, shown)))
        });
        Ok(kept?)
    }

    /// The document as the register stands, built now.
    fn built(&self, document: Document) -> Result<Built, NotGiven> {
        // Who waits here finds what was built meanwhile.
        let _one = sync::lock(&self.affected.building);
        let begun = Instant::now();
        let built = self.common.store.read_long(|view| {
            let (position, affected) = self.shows(document, view)?;
            if let Some(built) = self.common.cache.get(document, position) {
                return Ok(Ok(built));
            }
            let (tables, most) = (&self.common.tables, self.common.bounds.most());
            let (mut bytes, shown) = match told(document.build(view, tables, affected, most))? {
                Ok(made) => made,
                Err(problem) => return Ok(Err(problem.into())),
            };
            // What is spare would not be counted.
            bytes.shrink_to_fit();
            let Ok(bytes) = self.common.room_for(Bytes::from(bytes)) else {
                return Ok(Err(NotGiven::Full));
            };
            Ok(Ok(self.common.cache.keep(Built {
                document,
                position,
                shown,
                etag: self.common.tag(shown, shown.sekvens),
                bytes,
                gzip: Arc::default(),
                beside: Arc::default(),
                at: (Instant::now(), begun.elapsed()),
            })))
        });
        self.tell(self.common.cache.kept.bytes());
        built?
    }

    /// What a document shows by a view, as the cache knows it; and the last change that it depends on, where that is not
    /// told by its moment.
    fn shows(
        &self,
        document: Document,
        view: &dyn Read,
    ) -> Result<(Position, Option<Sekvens>), StoreError> {
        let position = view.position()?;
        let Some(selection) = document.selection() else {
            return Ok((position, None));
        };
        let sekvens = self.affected.look(view, selection, position)?;
        Ok((shown(position, sekvens), Some(sekvens)))
    }

    /// The answer with a document, in the form that the caller takes.
    fn document_answer(&self, built: Built, gzip: bool) -> Result<Answer, NotGiven> {
        let mut headers = vec![("vary", "Accept-Encoding".to_owned())];
        if let Some(fil) = built.document.fil() {
            headers.push((
                "content-disposition",
                format!("attachment; filename=\"{fil}\""),
            ));
        }
        let (body, etag) = if gzip {
            let pack = || Ok::<_, NotGiven>(self.common.room_for(packed(&built.bytes)?)?);
            let (body, made) = built.gzip.get_or_make(pack)?;
            if made {
                self.tell(self.common.cache.kept.grown());
            }
            headers.push(("content-encoding", "gzip".to_owned()));
            (body, format!("{}-gz", built.etag))
        } else {
            (built.bytes, built.etag)
        };
        Ok(Answer {
            etag: Some(etag),
            headers,
            ..Answer::new(200, built.document.content_type(), body)
        })
    }
}

/// What a document shows whose last change is this.
const fn shown(position: Position, sekvens: Sekvens) -> Position {
    Position {
        sekvens,
        tidspunkt: None,
        ..position
    }
}

/// What is proved about a document with it.
fn beside(content_type: &'static str, body: impl Into<AnswerBody>, etag: String) -> Answer {
    Answer {
        etag: Some(etag),
        ..Answer::new(200, content_type, body)
    }
}

/// The gzip form: the same bytes each time, for neither time nor name is in it.
fn packed(bytes: &Bytes) -> Result<Bytes, StoreError> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 6), Compression::default());
    let packed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    let mut packed = packed.map_err(|error| StoreError::Failed(error.to_string()))?;
    packed.shrink_to_fit();
    Ok(Bytes::from(packed))
}
