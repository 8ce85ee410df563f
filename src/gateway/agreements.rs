//! Agreements in JSON (`/aftaler/v1/…`, docs/aftaler.md): a system asks, those who are asked answer, and both look. What is posted
//! is one job of the writer, and what is read one view.

mod decided;
mod looked;
mod sent;
mod told;

use std::sync::Arc;

use hyper::body::Bytes;
use uuid::Uuid;

use super::common::{self, Common, NotGiven};
use crate::agreements;
use crate::mirror::MirrorCell;
use crate::problem::Problem;
use crate::server::exchange::{Answer, DocumentCall, Trace, Who};
use crate::server::routes::AgreementPart;
use crate::store::{self, Store, StoreExt, Undo};

use decided::{Answered, Posted};

/// What is served as the description of the API.
const OPENAPI: &str = include_str!("agreements/openapi.json");
const JSON: &str = "application/json";

/// Where agreements are asked for, settled and shown.
#[derive(Debug)]
pub(super) struct AgreementDesk<S> {
    common: Arc<Common<S>>,
    mirrors: Arc<MirrorCell>,
}

impl<S: Store> AgreementDesk<S> {
    pub(super) const fn new(common: Arc<Common<S>>, mirrors: Arc<MirrorCell>) -> Self {
        Self { common, mirrors }
    }

    /// The description, which is anybody's.
    pub(super) fn description(call: &DocumentCall) -> Answer {
        let etag = crate::export::sha256(OPENAPI.as_bytes())[..32].to_owned();
        common::given(call, Bytes::from_static(OPENAPI.as_bytes()), Some(etag))
    }

    /// A list; runs on a thread that may block.
    pub(super) fn look(
        &self,
        part: AgreementPart,
        call: &DocumentCall,
    ) -> Result<Answer, NotGiven> {
        let Some(peer) = &call.peer else {
            return Err(common::no_path(call, "/").into());
        };
        let query = looked::Query::of(part, &call.query)?;
        let read = self.common.store.read(|view| {
            let caller = match self.common.identify.caller_in(peer, view) {
                Ok(caller) => caller,
                Err(refused) => return Ok(Err(NotGiven::from(refused))),
            };
            let names = told::Names {
                view,
                kommuner: &self.common.tables.kommune,
            };
            let today = agreements::today(self.common.clock.now())?;
            looked::list(&query, &caller, &names, today).map(|listed| listed.map_err(Into::into))
        });
        let value = read??;
        let bytes = self.common.room_for(told::bytes(&value).into())?;
        Ok(common::given(call, bytes, None))
    }

    /// What is posted.
    pub(super) async fn post(
        &self,
        part: AgreementPart,
        call: DocumentCall,
    ) -> Result<Answer, NotGiven> {
        let (Some(peer), Some(posted)) = (&call.peer, &call.sent) else {
            return Err(common::no_path(&call, "/").into());
        };
        let dry_run = sent::dry_run(&call.query)?;
        let message = match sent::read(part, posted) {
            Ok(message) => message,
            Err(problems) => return Ok(self.refuse(part, &problems, call.id)),
        };
        let whose = match call.asking.who {
            Who::Organisation(cvr) => cvr,
            Who::Address(_) => None,
        };
        let job = Posted {
            part,
            fingerprint: fingerprint(part, dry_run, &posted.bytes),
            key: posted.idempotency_key.clone(),
            message,
            dry_run,
            id: call.id,
            peer: Arc::clone(peer),
            rules: agreements::Rules {
                by_kommune: self.common.bounds.privat.by_kommune,
                mirrors: self.mirrors.now(),
            },
        };
        let common = Arc::clone(&self.common);
        let undo = match dry_run {
            true => Undo::Tentative,
            false => Undo::Savepoint,
        };
        let records = u32::try_from(job.message.len()).unwrap_or(u32::MAX);
        let queued = self
            .common
            .store
            .write_for(whose, records, undo, move |tx| {
                job.run(
                    tx,
                    &common.identify,
                    &common.tables.kommune,
                    common.clock.now(),
                )
            })?;
        match store::answer(queued.await)? {
            Answered::Told(told) => Ok(Answer {
                trace: Trace {
                    operation: Some(part.operation()),
                    kode: told.kode,
                    poster: told.stored,
                    ..Trace::default()
                },
                ..Answer::new(200, JSON, told.body)
            }),
            Answered::Refused(problem) => Ok(self.refuse(part, &[*problem], call.id)),
            Answered::NotKnown(refused) => Err(refused.into()),
        }
    }

    fn refuse(&self, part: AgreementPart, problems: &[Problem], id: Uuid) -> Answer {
        let mut answer = self.refused(problems, id);
        answer.trace.operation = Some(part.operation());
        answer
    }

    /// A refusal of a whole message, or of what came before one.
    fn refused(&self, problems: &[Problem], id: Uuid) -> Answer {
        let status = problems
            .first()
            .map_or(500, |first| first.entry.fault.document_status());
        let body = told::refusal(problems, id, self.common.clock.now());
        let mut answer = Answer::new(status, JSON, told::bytes(&body));
        answer.trace.kode = problems.first().map(|first| first.entry.kode);
        answer
    }

    /// A refusal that somebody else has made, as JSON; its headers stay.
    pub(super) fn in_json(&self, answer: Answer, id: Uuid) -> Answer {
        let Some(problem) = &answer.refused else {
            return answer;
        };
        let own = self.refused(std::slice::from_ref(problem), id);
        Answer {
            body: own.body,
            content_type: own.content_type,
            ..answer
        }
    }
}

/// What makes two messages the same.
fn fingerprint(part: AgreementPart, dry_run: bool, bytes: &[u8]) -> [u8; 32] {
    let form = if dry_run { "proeve" } else { "" };
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    for piece in [part.operation().as_bytes(), form.as_bytes(), bytes] {
        context.update(piece);
        context.update(&[0]);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}
