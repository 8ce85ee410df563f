//! The whole URL surface, in one table.

use hyper::Uri;

use super::exchange::Listener;
use super::target;
use crate::contract::Service;

/// What answers a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// SOAP by POST; the flat WSDL by GET with `?wsdl`.
    Soap(Service),
    /// GET and HEAD.
    Read(Page),
}

/// What can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    /// A file of the contract: WSDL or schema.
    Contract,
    /// A document that the gateway makes.
    Document,
    /// The front page.
    Front,
    /// Whether the process lives.
    Alive,
    /// Whether it can serve.
    Ready,
    /// Figures for Prometheus.
    Metrics,
    /// Revocation lists, refused certificates, and how renewal went.
    Tls,
}

/// How a row matches a path.
#[derive(Debug, Clone, Copy)]
enum Path {
    /// This path.
    At(&'static str),
    /// Any path that begins so.
    Under(&'static str),
}

use Listener::{Admin, Public, Service as Calls};
use Path::{At, Under};
use Route::{Read, Soap};

/// Listener, path, what answers, and the word that metrics and logs use for it.
const SURFACE: &[(Listener, Path, Route, &str)] = &[
    (
        Calls,
        At(Service::ImportV2.path()),
        Soap(Service::ImportV2),
        Service::ImportV2.short(),
    ),
    (
        Calls,
        At(Service::EksportV2.path()),
        Soap(Service::EksportV2),
        Service::EksportV2.short(),
    ),
    (
        Calls,
        At(Service::ImportV1.path()),
        Soap(Service::ImportV1),
        Service::ImportV1.short(),
    ),
    (
        Calls,
        At(Service::EksportV1.path()),
        Soap(Service::EksportV1),
        Service::EksportV1.short(),
    ),
    (Calls, Under("/eksport/"), Read(Page::Document), "eksport"),
    (Public, Under("/eksport/"), Read(Page::Document), "eksport"),
    (Calls, Under("/feed/"), Read(Page::Document), "feed"),
    (Public, Under("/feed/"), Read(Page::Document), "feed"),
    (Calls, Under("/fund/"), Read(Page::Document), "fund"),
    (
        Public,
        At("/kodetabeller.xml"),
        Read(Page::Document),
        "kodetabeller",
    ),
    (
        Calls,
        At("/revision/hoved.json"),
        Read(Page::Document),
        "revision",
    ),
    (
        Calls,
        At("/revision/om.txt"),
        Read(Page::Document),
        "revision",
    ),
    (Calls, At("/noegle.pem"), Read(Page::Document), "noegle"),
    (
        Public,
        At("/revision/hoved.json"),
        Read(Page::Document),
        "revision",
    ),
    (
        Public,
        At("/revision/om.txt"),
        Read(Page::Document),
        "revision",
    ),
    (Public, At("/noegle.pem"), Read(Page::Document), "noegle"),
    (Public, Under("/wsdl/"), Read(Page::Contract), "kontrakt"),
    (Public, Under("/xsd/"), Read(Page::Contract), "kontrakt"),
    (Public, At("/"), Read(Page::Front), "forside"),
    (Public, At("/healthz"), Read(Page::Alive), "healthz"),
    (Public, At("/readyz"), Read(Page::Ready), "readyz"),
    (Admin, At("/metrics"), Read(Page::Metrics), "metrics"),
    (Admin, At("/tls.json"), Read(Page::Tls), "tls"),
    (Admin, At("/healthz"), Read(Page::Alive), "healthz"),
    (Admin, At("/readyz"), Read(Page::Ready), "readyz"),
];

/// What answers a target on a listener, and its word.
pub(crate) fn of(listener: Listener, uri: &Uri) -> Option<(Route, &'static str)> {
    let exact = target::path(uri).and_then(|path| find(listener, &path));
    let service = || {
        service(uri)
            .filter(|_| listener == Calls)
            .map(|service| (Soap(service), service.short()))
    };
    exact.or_else(service)
}

/// The service of a target, without regard to case and a slash at the end: vendors type addresses by hand, and a proxy
/// that adds a slash should not cost them a day.
pub(crate) fn service(uri: &Uri) -> Option<Service> {
    let path = target::path_without_slash(uri)?;
    Service::ALL
        .into_iter()
        .find(|service| service.path().eq_ignore_ascii_case(&path))
}

/// What answers a decoded path on a listener, and its word.
fn find(listener: Listener, path: &str) -> Option<(Route, &'static str)> {
    SURFACE
        .iter()
        .find(|(on, pattern, ..)| {
            *on == listener
                && match pattern {
                    At(exact) => path == *exact,
                    Under(prefix) => path.len() > prefix.len() && path.starts_with(prefix),
                }
        })
        .map(|(_, _, route, word)| (*route, *word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_listener_answers_its_own_paths_alone() {
        for service in Service::ALL {
            let found = Some((Soap(service), service.short()));
            assert_eq!(find(Calls, service.path()), found);
            assert_eq!(find(Public, service.path()), None);
            assert_eq!(find(Admin, service.path()), None);
        }
        assert_eq!(find(Public, "/metrics"), None);
        assert_eq!(find(Calls, "/metrics"), None);
        assert_eq!(find(Calls, "/"), None);
        assert_eq!(find(Admin, "/eksport/a.csv"), None);
        assert_eq!(find(Public, "/eksport/"), None);
        assert_eq!(find(Public, "/eksportx"), None);
        for (target, found) in [
            ("/v2/ImportService", Some(Service::ImportV2)),
            ("/v2/ImportService/", Some(Service::ImportV2)),
            ("/V2/importservice/?wsdl", Some(Service::ImportV2)),
            ("/v1/EKSPORTSERVICE", Some(Service::EksportV1)),
            ("/v2/ImportService//", None),
            ("//v2/ImportService", None),
            ("/v3/ImportService", None),
            ("/", None),
        ] {
            let uri: Uri = target.parse().unwrap();
            assert_eq!(service(&uri), found, "{target}");
            let route = found.map(|service| (Soap(service), service.short()));
            assert_eq!(of(Calls, &uri), route, "{target}");
            assert!(of(Public, &uri).is_none_or(|(route, _)| matches!(route, Read(_))));
        }
        // Elsewhere a path has one spelling.
        assert_eq!(of(Calls, &"/eksport/".parse().unwrap()), None);
        assert_eq!(of(Public, &"/healthz/".parse().unwrap()), None);
        assert_eq!(of(Public, &"/HEALTHZ".parse().unwrap()), None);
        let csv = Some((Read(Page::Document), "eksport"));
        assert_eq!(find(Public, "/eksport/samlet.csv"), csv);
        assert_eq!(find(Calls, "/eksport/samlet.csv"), csv);
    }
}
