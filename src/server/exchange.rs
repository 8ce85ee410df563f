//! What passes between the HTTP layer and the gateway behind it: calls with their bytes in, answers with theirs out.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{COOKIE, HeaderMap, HeaderValue, IF_NONE_MATCH};
use uuid::Uuid;

use super::media;
pub use super::polls::{Asking, Full, Place};
use super::routes::Item;
pub use super::routes::Listener;
use super::share::Share;
use super::shutdown::Stopping;
pub(crate) use super::who::Who;
use crate::calls::Written;
use crate::contract::{Service, SoapVersion};
use crate::export::parameters::Query;
use crate::identity::PeerChain;
use crate::problem::Problem;

/// A POST on a SOAP path, read whole and within its limits.
#[derive(Debug)]
pub struct SoapCall {
    /// Which service.
    pub service: &'static Service,
    /// The version that the Content-Type stands for.
    pub version: SoapVersion,
    /// The charset parameter of the Content-Type.
    pub charset: Option<String>,
    /// SOAPAction (1.1, quotes removed) or the action parameter (1.2); none when absent or empty.
    pub action: Option<String>,
    /// The header `Idempotency-Key`, quotes removed.
    pub idempotency_key: Option<String>,
    /// The body's bytes.
    pub body: Bytes,
    /// Who calls.
    pub peer: PeerChain,
    /// Names the call.
    pub id: Uuid,
}

/// A GET or HEAD for a document, or what is posted to the path of one.
#[derive(Debug)]
pub struct DocumentCall {
    /// On which listener.
    pub listener: Listener,
    /// What is asked for.
    pub item: Item,
    /// The Content-Type that it has.
    pub content_type: &'static str,
    /// What its query asks, or what is wrong with that.
    pub asked: Result<Query, Box<Problem>>,
    /// The path, percent-decoded: the name by which it is signed or refused.
    pub path: String,
    /// The query's pairs, percent-decoded, in order; they belong to that name.
    pub query: Vec<(String, String)>,
    /// Whether the caller takes gzip.
    pub gzip: bool,
    /// What the caller has.
    pub if_none_match: IfNoneMatch,
    /// Who calls, on the service listener.
    pub peer: Option<PeerChain>,
    /// What it sent, by POST.
    pub sent: Option<Sent>,
    /// What its browser tells, where the item is for persons.
    pub browser: Option<Box<Browser>>,
    /// Names the call.
    pub id: Uuid,
    /// Where it may wait for a change.
    pub asking: Asking,
    /// Tells who waits that the server is told to stop.
    pub stopping: Stopping,
}

/// What was posted, read whole and within its limits. It counts for its sender as long as this lives.
#[derive(Debug)]
pub struct Sent {
    /// The Content-Type, as written; empty when there is none.
    pub content_type: String,
    /// The header `Idempotency-Key`, quotes removed.
    pub idempotency_key: Option<String>,
    /// The bytes.
    pub bytes: Bytes,
    pub(super) _share: Share,
}

/// What a browser tells of itself and of the page that it comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Browser {
    /// The values of `Cookie`, joined.
    pub cookies: String,
    /// `Host`.
    pub host: String,
    /// `Origin`.
    pub origin: Option<String>,
    /// `Sec-Fetch-Site`.
    pub fetch_site: Option<String>,
    /// Whether it is a program that wants JSON.
    pub takes_json: bool,
}

impl Browser {
    /// Reads it from a request's head. What is no text counts as absent.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let one = |name: &str| Some(headers.get(name)?.to_str().ok()?.to_owned());
        let cookies = headers.get_all(COOKIE).iter();
        let cookies: Vec<_> = cookies.filter_map(|value| value.to_str().ok()).collect();
        Self {
            cookies: cookies.join("; "),
            host: one("host").unwrap_or_default(),
            origin: one("origin"),
            fetch_site: one("sec-fetch-site"),
            takes_json: media::takes_json(headers),
        }
    }

    /// The value of a cookie; none where it stands twice, for then somebody else has set one of them.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let pairs = self
            .cookies
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='));
        let mut values = pairs
            .filter(|(own, _)| *own == name)
            .map(|(_, value)| value);
        let value = values.next();
        value.filter(|_| values.next().is_none())
    }
}

/// What a caller has of a document: the values of If-None-Match.
#[derive(Debug, Clone, Default)]
pub struct IfNoneMatch(Vec<HeaderValue>);

impl IfNoneMatch {
    /// Reads them from a request's head.
    pub fn of(headers: &HeaderMap) -> Self {
        Self(headers.get_all(IF_NONE_MATCH).iter().cloned().collect())
    }

    /// Whether it has nothing, or does not say.
    pub fn is_absent(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it has what this ETag names. The gzip form of a document is the same document.
    pub fn holds(&self, etag: &str) -> bool {
        fn plain(tag: &str) -> &str {
            tag.strip_suffix("-gz").unwrap_or(tag)
        }
        let wanted = plain(etag);
        let tags = self.0.iter().filter_map(|value| value.to_str().ok());
        tags.flat_map(|value| value.split(','))
            .map(str::trim)
            .any(|tag| {
                let opaque = tag.strip_prefix("W/").unwrap_or(tag);
                let named = opaque
                    .strip_prefix('"')
                    .and_then(|named| named.strip_suffix('"'));
                tag == "*" || named.is_some_and(|named| plain(named) == wanted)
            })
    }
}

/// A body: parts that follow one another, so that what many answers share is copied into none of them.
#[derive(Debug, Clone, Default)]
pub struct AnswerBody(VecDeque<Bytes>);

impl AnswerBody {
    /// Of these parts, in order.
    pub fn of(parts: impl IntoIterator<Item = Bytes>) -> Self {
        Self(parts.into_iter().filter(|del| !del.is_empty()).collect())
    }

    /// Its length in bytes.
    pub fn len(&self) -> usize {
        self.0.iter().map(Bytes::len).sum()
    }

    /// Its parts.
    pub fn parts(&self) -> impl Iterator<Item = &Bytes> {
        self.0.iter()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Into<Bytes>> From<T> for AnswerBody {
    fn from(bytes: T) -> Self {
        Self::of([bytes.into()])
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|del| Ok(Frame::data(del))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.len() as u64)
    }
}

/// Bytes that tell when the last who held them has let go.
pub(crate) fn told_of(bytes: Bytes, gone: impl Fn(&Bytes) + Send + 'static) -> Bytes {
    struct Told<F: Fn(&Bytes)>(Bytes, F);

    impl<F: Fn(&Bytes)> AsRef<[u8]> for Told<F> {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }

    impl<F: Fn(&Bytes)> Drop for Told<F> {
        fn drop(&mut self) {
            (self.1)(&self.0);
        }
    }

    Bytes::from_owner(Told(bytes, gone))
}

/// A whole answer. HEAD, Content-Length and If-None-Match are the HTTP layer's work.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Content-Type.
    pub content_type: &'static str,
    /// The body.
    pub body: AnswerBody,
    /// A strong ETag without quotes, for documents that can be asked for conditionally.
    pub etag: Option<String>,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// What the log and the metrics say of the call.
    pub trace: Trace,
    /// Why a document is refused: a browser is shown it as a page.
    pub refused: Option<Box<Problem>>,
}

impl Answer {
    /// Without further headers, and with nothing to say of it.
    pub fn new(status: u16, content_type: &'static str, body: impl Into<AnswerBody>) -> Self {
        Self {
            status,
            content_type,
            body: body.into(),
            etag: None,
            headers: Vec::new(),
            trace: Trace::default(),
            refused: None,
        }
    }
}

/// What the log and the metrics say of a call: no bodies, no personal data.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// The operation, once it is known.
    pub operation: Option<&'static str>,
    /// The caller's CVR-number, once it is known.
    pub cvr: Option<crate::register::Cvr>,
    /// The code of the refusal.
    pub kode: Option<&'static str>,
    /// Records in the message.
    pub poster: usize,
    /// Code and path of the errors of a refusal, as a line of the log shows them.
    pub fejl: Option<Box<str>>,
    /// What a message may be repeated by: for the call log alone.
    pub message_id: Option<Box<str>>,
    /// What a stored write left in the register.
    pub written: Option<Written>,
}

/// What stands behind the HTTP layer.
pub trait Backend: Send + Sync + 'static {
    /// Whether the caller behind a certificate is registered; asked before its message is read. The problem is what it is
    /// told.
    fn admit(
        self: Arc<Self>,
        peer: PeerChain,
        id: Uuid,
    ) -> impl Future<Output = Result<(), Box<Problem>>> + Send;

    /// Answers a SOAP call.
    fn soap(self: Arc<Self>, call: SoapCall) -> impl Future<Output = Answer> + Send;

    /// Answers a call for a document, a page of the feed, findings or what is told of the audit chain.
    fn document(self: Arc<Self>, call: DocumentCall) -> impl Future<Output = Answer> + Send;

    /// Answers a call that the HTTP layer refuses: a fault in the given version on SOAP paths (`None`: not a SOAP
    /// path), else a `fejlDetalje` document.
    fn refuse(&self, version: Option<SoapVersion>, problem: Problem, id: Uuid) -> Answer;

    /// A refusal as a page for a person, at a path; `answer` is what a machine is given.
    fn refusal_page(&self, answer: Answer, _path: &str, _id: Uuid) -> Answer {
        answer
    }

    /// A refusal as JSON, at a path where everything is; `answer` is what is given elsewhere.
    fn refusal_json(&self, answer: Answer, _id: Uuid) -> Answer {
        answer
    }

    /// Checks, through the writer, that the register can be written; the text says what is wrong. Not shown to callers.
    fn ready(self: Arc<Self>) -> impl Future<Output = Result<(), String>> + Send;
}
