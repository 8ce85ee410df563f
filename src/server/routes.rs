//! The whole URL surface: the services that are served, and one table of everything else (`surface`). The front page, the 404,
//! metrics, `dtr export dokument` and the tests of documents read that table. A path is read once, into a [`Page`]: what comes
//! after decides nothing by its text.

mod surface;

use hyper::{Method, Uri};

use super::target;
use crate::agreements::Secret;
use crate::audit::Hash;
use crate::contract::Service;
use crate::export::Document;
use crate::export::parameters::Param;
use crate::register::Kommunekode;
use crate::site::{Listed, Place};

/// The three listeners (kontrakt §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listener {
    /// Mutual TLS: SOAP, exports, feeds.
    Service,
    /// Open to anyone: documents, contract, health.
    Public,
    /// Loopback: metrics and health.
    Admin,
}

impl Listener {
    /// The word that logs, metrics and errors use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Public => "public",
            Self::Admin => "admin",
        }
    }
}

/// What answers a path.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Route {
    /// SOAP by POST; the flat WSDL by GET with `?wsdl`.
    Soap(&'static Service),
    /// GET and HEAD.
    Read(Page, &'static Endpoint),
}

/// What can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// A file of the contract: WSDL or schema.
    Contract,
    /// What the gateway gives.
    Item(Item),
    /// Whether the process lives.
    Alive,
    /// Whether it can serve.
    Ready,
    /// Figures for Prometheus.
    Metrics,
    /// Revocation lists, refused certificates, and how renewal went.
    Tls,
}

/// What the gateway gives. On the service listener all of it is for those that are registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// A document, or what proves it.
    Document(Document, DocumentPart),
    /// Of the change feed.
    Feed(FeedPart),
    /// The findings of a kommune: for that kommune, the systems that write for it, and the operator.
    Findings(Kommunekode),
    /// About the audit chain.
    Revision(RevisionPart),
    /// A page for persons.
    Page(Place),
    /// A one-time code for an administrator whose certificate is shown.
    Handover,
    /// Of agreements and the requests for them, in JSON.
    Agreements(AgreementPart),
    /// What waits for an organisation, at its secret address.
    Notices(Secret),
    /// No path of a folder: its caller is told so after it is known.
    Nothing,
}

/// What there is of agreements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgreementPart {
    /// The requests; one is made by posting it.
    Requests,
    /// Answers to requests are posted here.
    Settlements,
    /// The agreements.
    Agreements,
    /// That agreements end is posted here.
    Endings,
    /// What all of these take and give.
    Description,
}

/// The longest message about agreements, in bytes.
const AGREEMENT_MESSAGE: u64 = 1 << 20;

/// The folder of what speaks JSON, refusals included.
const AGREEMENTS: &str = "/aftaler/";

impl AgreementPart {
    /// What is done there, as logs, metrics and audit lines have it.
    pub const fn operation(self) -> &'static str {
        match self {
            Self::Requests => "anmodninger",
            Self::Settlements => "afgoerelser",
            Self::Agreements => "aftaler",
            Self::Endings => "afslutninger",
            Self::Description => "openapi",
        }
    }

    const fn methods(self) -> Methods {
        match self {
            Self::Requests => Methods::ReadAndPost(AGREEMENT_MESSAGE),
            Self::Settlements | Self::Endings => Methods::Post(AGREEMENT_MESSAGE),
            Self::Agreements | Self::Description => Methods::Read,
        }
    }
}

/// Whether everything at a target is told in JSON.
pub(crate) fn speaks_json(uri: &Uri) -> bool {
    uri.path().starts_with(AGREEMENTS)
}

/// What may be done at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Methods {
    /// GET and HEAD.
    Read,
    /// These, and POST of so many bytes.
    ReadAndPost(u64),
    /// POST of so many bytes alone.
    Post(u64),
}

impl Methods {
    /// Whether a method is one of them.
    pub(crate) fn allow(self, method: &Method) -> bool {
        let reads = matches!(*method, Method::GET | Method::HEAD);
        (reads && !matches!(self, Self::Post(_)))
            || (self.most().is_some() && *method == Method::POST)
    }

    /// How many bytes may be posted.
    pub(crate) const fn most(self) -> Option<u64> {
        match self {
            Self::Read => None,
            Self::ReadAndPost(most) | Self::Post(most) => Some(most),
        }
    }

    /// As the header `Allow` has them.
    pub(crate) const fn written(self) -> &'static str {
        match self {
            Self::Read => "GET, HEAD",
            Self::ReadAndPost(_) => "GET, HEAD, POST",
            Self::Post(_) => "POST",
        }
    }
}

impl Page {
    /// What may be done at its path.
    pub(crate) const fn methods(self) -> Methods {
        match self {
            Self::Item(item) => item.methods(),
            _ => Methods::Read,
        }
    }
}

impl Item {
    /// What may be done at its path.
    const fn methods(self) -> Methods {
        match self {
            Self::Page(place) => match place.page.takes() {
                Some(most) => Methods::ReadAndPost(most),
                None => Methods::Read,
            },
            Self::Agreements(part) => part.methods(),
            _ => Methods::Read,
        }
    }

    /// Whether a person sits at the other end.
    pub(crate) const fn is_for_persons(self) -> bool {
        matches!(self, Self::Page(_))
    }
}

/// A document and what lies beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentPart {
    /// The document.
    Whole,
    /// Its signature, at its path with `.sig`.
    Signature,
    /// Its seal, at its path with `.p7s`.
    Seal,
}

/// What the feed consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedPart {
    /// The changes.
    Changes,
    /// The changes with all of who made them: for those with a right to it.
    PrivateChanges,
    /// The last changes for feed readers.
    Atom,
    /// Where the feed stands.
    Head,
    /// No path of the feed.
    Nothing,
}

/// What is told of the audit chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevisionPart {
    /// Its head, with those of earlier days.
    Head,
    /// What that means.
    About,
    /// The key of the signatures.
    Key,
}

/// How an endpoint matches a path, and what is there.
#[derive(Debug, Clone, Copy)]
enum Pattern {
    /// This path.
    At(&'static str, Page),
    /// Any path that begins so.
    Under(&'static str, Page),
    /// The code of a kommune between these.
    Kommune(&'static str, &'static str, fn(Kommunekode) -> Item),
    /// A secret of 64 hexadecimal digits between these.
    Secret(&'static str, &'static str, fn(Secret) -> Item),
    /// Any path that a page for persons has.
    Pages,
}

/// Whether the site lists an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// Not at all.
    No,
    /// On a line of its own, in Danish and in English.
    Line(&'static str, &'static str),
    /// The same, where documents are signed.
    Signed(&'static str, &'static str),
}

/// A path of the server, or a folder of paths.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint {
    pattern: Pattern,
    /// The listeners that have it.
    pub on: &'static [Listener],
    /// The word that metrics and logs use for it.
    pub word: &'static str,
    /// The Content-Type of what is there.
    pub content_type: &'static str,
    /// The parameters that it knows; any other is refused of what the gateway gives.
    pub parameters: &'static [Param],
    /// Whether the site lists it.
    pub shown: Listing,
}

use Listener::{Public, Service as Calls};
use Page::Item as Given;
use Pattern::{At, Kommune, Pages, Under};
use Route::{Read, Soap};
pub use surface::SURFACE;

impl Endpoint {
    /// Its path as documentation writes it: a folder ends in `…`.
    pub fn written(&self) -> String {
        match self.pattern {
            At(path, _) => path.to_owned(),
            Under(path, _) => format!("{path}…"),
            Kommune(before, after, _) => format!("{before}<kommune>{after}"),
            Pattern::Secret(before, after, _) => format!("{before}<hemmelighed>{after}"),
            Pages => "/…".to_owned(),
        }
    }

    /// Its path, where it is one.
    pub const fn path(&self) -> Option<&'static str> {
        match self.pattern {
            At(path, _) => Some(path),
            Under(..) | Kommune(..) | Pattern::Secret(..) | Pages => None,
        }
    }

    /// What is at a path, if it is one of this.
    fn page(&self, path: &str) -> Option<Page> {
        match self.pattern {
            At(own, page) => {
                let end = path.strip_prefix(own)?;
                if end.is_empty() {
                    return Some(page);
                }
                match page {
                    Given(Item::Document(document, DocumentPart::Whole))
                        if document.is_proved() =>
                    {
                        Some(Given(Item::Document(document, DocumentPart::ending(end)?)))
                    }
                    _ => None,
                }
            }
            Under(folder, page) => {
                (path.len() > folder.len() && path.starts_with(folder)).then_some(page)
            }
            Kommune(before, after, item) => {
                let code = path.strip_prefix(before)?.strip_suffix(after)?;
                Some(Given(item(Kommunekode::parse(code).ok()?)))
            }
            Pattern::Secret(before, after, item) => {
                let digits = path.strip_prefix(before)?.strip_suffix(after)?;
                Some(Given(item(Secret::of(Hash::parse(digits)?.0))))
            }
            Pages => Some(Given(Item::Page(Place::at(path)?))),
        }
    }
}

impl DocumentPart {
    fn ending(end: &str) -> Option<Self> {
        match end {
            ".sig" => Some(Self::Signature),
            ".p7s" => Some(Self::Seal),
            _ => None,
        }
    }
}

/// What answers a target on a listener, and its word.
pub(crate) fn of(
    services: &[&'static Service],
    listener: Listener,
    uri: &Uri,
) -> Option<(Route, &'static str)> {
    // A call as the WSDL has its address is not compared with every other path first.
    let called = services.iter().find(|service| service.path == uri.path());
    if let (Calls, Some(&service)) = (listener, called) {
        return Some((Soap(service), service.short));
    }
    let exact = target::path(uri).and_then(|path| find(listener, &path));
    let read = exact.map(|(page, endpoint)| (Read(page, endpoint), endpoint.word));
    let service = || {
        service(services, uri)
            .filter(|_| listener == Calls)
            .map(|service| (Soap(service), service.short))
    };
    read.or_else(service)
}

/// The service of a target, without regard to case and a slash at the end: vendors type addresses by hand, and a proxy
/// that adds a slash should not cost them a day.
pub(crate) fn service(services: &[&'static Service], uri: &Uri) -> Option<&'static Service> {
    let path = target::path_without_slash(uri)?;
    let mut services = services.iter().copied();
    services.find(|service| service.path.eq_ignore_ascii_case(&path))
}

/// What is at a decoded path on a listener.
fn find(listener: Listener, path: &str) -> Option<(Page, &'static Endpoint)> {
    SURFACE
        .iter()
        .filter(|endpoint| endpoint.on.contains(&listener))
        .find_map(|endpoint| Some((endpoint.page(path)?, endpoint)))
}

/// The document at a decoded path, and the parameters that it knows.
pub fn document_at(path: &str) -> Option<Document> {
    match find(Public, path)? {
        (Given(Item::Document(document, DocumentPart::Whole)), _) => Some(document),
        _ => None,
    }
}

/// What machines fetch, as the site lists it. It tells of signatures where there are any.
pub fn listed(signed: bool) -> Vec<Listed> {
    let shown = |endpoint: &Endpoint| {
        let (da, en) = match endpoint.shown {
            Listing::Line(da, en) => (da, en),
            Listing::Signed(da, en) if signed => (da, en),
            Listing::Signed(..) | Listing::No => return None,
        };
        let path = endpoint.path()?;
        Some(Listed { path, da, en })
    };
    SURFACE.iter().filter_map(shown).collect()
}

/// The paths of an area of the public listener, for somebody who asked for another.
pub(crate) fn told(word: &str) -> String {
    let public = |endpoint: &&Endpoint| endpoint.word == word && endpoint.on.contains(&Public);
    let paths = SURFACE.iter().filter(public).filter_map(Endpoint::path);
    paths.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::Listener::Admin;
    use super::*;
    use crate::contract::services::{ALL, EKSPORT_V1, IMPORT_V2};
    use crate::export::Contents;
    use crate::export::csv::Sheet;

    /// The word and the page of a path.
    fn at(listener: Listener, path: &str) -> Option<(&'static str, Page)> {
        find(listener, path).map(|(page, endpoint)| (endpoint.word, page))
    }

    #[test]
    fn each_listener_answers_its_own_paths_alone() {
        assert_eq!(at(Public, "/metrics"), None);
        assert_eq!(at(Calls, "/metrics"), None);
        assert_eq!(at(Calls, "/"), None);
        assert_eq!(at(Calls, "/kodetabeller.xml"), None);
        assert_eq!(at(Public, "/kodetabeller.xml.sig"), None);
        assert_eq!(at(Admin, "/eksport/samlet.csv"), None);
        assert_eq!(at(Public, "/eksport/"), None);
        assert_eq!(at(Public, "/eksportx"), None);
        assert_eq!(at(Public, "/fund/751.xml"), None);
        let csv = Document::of(Contents::Csv(Sheet::Samlet));
        for (listener, path, word, item) in [
            (
                Public,
                "/eksport/samlet.csv",
                "eksport",
                Item::Document(csv, DocumentPart::Whole),
            ),
            (
                Calls,
                "/eksport/samlet.csv",
                "eksport",
                Item::Document(csv, DocumentPart::Whole),
            ),
            (
                Calls,
                "/eksport/samlet.csv.sig",
                "eksport",
                Item::Document(csv, DocumentPart::Signature),
            ),
            (
                Calls,
                "/eksport/samlet.csv.p7s",
                "eksport",
                Item::Document(csv, DocumentPart::Seal),
            ),
            (
                Calls,
                "/eksport/samlet.csv.p7s.sig",
                "eksport",
                Item::Nothing,
            ),
            (Calls, "/eksport/andet.csv", "eksport", Item::Nothing),
            (
                Calls,
                "/feed/v1/privat/aendringer",
                "feed",
                Item::Feed(FeedPart::PrivateChanges),
            ),
            (
                Public,
                "/feed/v1/privat/aendringer",
                "feed",
                Item::Feed(FeedPart::Nothing),
            ),
            (
                Calls,
                "/fund/0751.xml",
                "fund",
                Item::Findings(Kommunekode(751)),
            ),
            (Calls, "/fund/alle.xml", "fund", Item::Nothing),
        ] {
            assert_eq!(at(listener, path), Some((word, Given(item))), "{path}");
        }
        assert_eq!(
            told("feed"),
            "/feed/v1/aendringer, /feed/v1/atom.xml, /feed/v1/hoved.json"
        );
    }

    #[test]
    fn a_service_is_found_however_its_address_is_typed() {
        for (target, found) in [
            ("/v2/ImportService", Some(&IMPORT_V2)),
            ("/v2/ImportService/", Some(&IMPORT_V2)),
            ("/V2/importservice/?wsdl", Some(&IMPORT_V2)),
            ("/v1/EKSPORTSERVICE", Some(&EKSPORT_V1)),
            ("/v2/ImportService//", None),
            ("//v2/ImportService", None),
            ("/v3/ImportService", None),
            ("/", None),
        ] {
            let uri: Uri = target.parse().unwrap();
            assert_eq!(service(&ALL, &uri), found, "{target}");
            let routed = match of(&ALL, Calls, &uri) {
                Some((Soap(service), word)) => Some((service, word)),
                _ => None,
            };
            let expected = found.map(|service| (service, service.short));
            assert_eq!(routed, expected, "{target}");
            let public = of(&ALL, Public, &uri);
            assert!(!matches!(public, Some((Soap(_), _))), "{target}");
        }
        // Elsewhere a path has one spelling.
        assert!(of(&ALL, Calls, &"/eksport/".parse().unwrap()).is_none());
        assert!(of(&ALL, Public, &"/healthz/".parse().unwrap()).is_none());
        assert!(of(&ALL, Public, &"/HEALTHZ".parse().unwrap()).is_none());
    }

    #[test]
    fn no_endpoint_hides_behind_another() {
        for endpoint in SURFACE {
            for (listener, path) in endpoint.on.iter().zip(endpoint.path()) {
                let found = find(*listener, path).map(|(_, found)| found.written());
                assert_eq!(found, Some(endpoint.written()));
            }
        }
    }
}
