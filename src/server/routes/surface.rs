//! The table of all paths beside the services. A new document, page or feed is an entry here.

use super::Listener::{self, Admin, Public, Service as Calls};
use super::Listing::{self, Line, Signed};
use super::Page::{self, Item as Given};
use super::Pattern::{self, At, Kommune, Pages, Under};
use super::{AGREEMENTS, AgreementPart, DocumentPart, Endpoint, FeedPart, Item, RevisionPart};
use crate::export::csv::Sheet;
use crate::export::parameters::Param;
use crate::export::{Contents, Document};
use crate::metrics;
use crate::register::Niveau::{self, AlternativAdresse, Anvisningsenhed, Daginstitution};

const BOTH: &[Listener] = &[Public, Calls];
const XML: &str = "application/xml; charset=utf-8";
const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const ATOM: &str = "application/atom+xml; charset=utf-8";
const PEM: &str = "application/x-pem-file";
const CHANGES: &[Param] = &[
    Param::Efter,
    Param::Antal,
    Param::Vent,
    Param::Kommune,
    Param::Epoke,
];

/// All of them, in the order of the front page. What stands in no folder comes before its folder.
pub static SURFACE: &[Endpoint] = &[
    document("/eksport/v2/dagtilbud.xml", Document::of(Contents::Traeer))
        .shown(Line("hele registeret", "the whole register")),
    document("/eksport/v2/daginstitutioner.xml", all(Daginstitution))
        .shown(Line("daginstitutioner alene", "daginstitutioner alone")),
    document("/eksport/v2/anvisningsenheder.xml", all(Anvisningsenhed))
        .shown(Line("anvisningsenheder alene", "anvisningsenheder alone")),
    document("/eksport/v2/alternativadresser.xml", all(AlternativAdresse)).shown(Line(
        "alternative adresser alene",
        "alternative addresses alone",
    )),
    document("/eksport/samlet.csv", csv(Sheet::Samlet)).shown(Line(
        "alle tre niveauer til regneark",
        "all three levels for spreadsheets",
    )),
    document("/eksport/daginstitution.csv", table(Daginstitution)).shown(Line(
        "daginstitutioner til regneark",
        "daginstitutioner for spreadsheets",
    )),
    document("/eksport/anvisningsenhed.csv", table(Anvisningsenhed)).shown(Line(
        "anvisningsenheder til regneark",
        "anvisningsenheder for spreadsheets",
    )),
    document("/eksport/alternativadresse.csv", table(AlternativAdresse)).shown(Line(
        "alternative adresser til regneark",
        "alternative addresses for spreadsheets",
    )),
    folder("/eksport/", BOTH, Given(Item::Nothing), "eksport"),
    at("/noegle.pem", BOTH, revision(RevisionPart::Key), "noegle")
        .of_type(PEM)
        .shown(Signed(
            "nøglen til underskrifterne, som ligger ved hvert dokuments sti med .sig",
            "the key of the signatures, which lie at each document's path with .sig",
        )),
    Endpoint {
        on: &[Public],
        word: "kodetabeller",
        ..document("/kodetabeller.xml", Document::of(Contents::Kodetabeller))
            .shown(Line("koder", "codes"))
    },
    at("/feed/v1/aendringer", BOTH, feed(FeedPart::Changes), "feed")
        .with(CHANGES)
        .shown(Line("ændringer, én for én", "changes, one by one")),
    at(
        "/feed/v1/privat/aendringer",
        &[Calls],
        feed(FeedPart::PrivateChanges),
        "feed",
    )
    .with(CHANGES),
    at("/feed/v1/atom.xml", BOTH, feed(FeedPart::Atom), "feed")
        .of_type(ATOM)
        .shown(Line(
            "de seneste ændringer til en feedlæser",
            "the latest changes for feed readers",
        )),
    at("/feed/v1/hoved.json", BOTH, feed(FeedPart::Head), "feed")
        .of_type(JSON)
        .shown(Line("hvor feedet står", "where the feed stands")),
    folder("/feed/", BOTH, feed(FeedPart::Nothing), "feed"),
    Endpoint {
        pattern: Kommune("/fund/", ".xml", Item::Findings),
        ..folder("/fund/", &[Calls], Given(Item::Nothing), "fund")
    },
    folder("/fund/", &[Calls], Given(Item::Nothing), "fund"),
    at(
        "/revision/hoved.json",
        BOTH,
        revision(RevisionPart::Head),
        "revision",
    )
    .of_type(JSON)
    .shown(Line(
        "revisionssporets hoved",
        "the head of the audit chain",
    )),
    at(
        "/revision/om.txt",
        BOTH,
        revision(RevisionPart::About),
        "revision",
    )
    .of_type(TEXT)
    .shown(Line("hvad det betyder", "what that means")),
    agreements("/aftaler/v1/anmodninger", &[Calls], AgreementPart::Requests),
    agreements(
        "/aftaler/v1/anmodninger/afgoerelser",
        &[Calls],
        AgreementPart::Settlements,
    ),
    agreements("/aftaler/v1/aftaler", &[Calls], AgreementPart::Agreements),
    agreements(
        "/aftaler/v1/aftaler/afslutninger",
        &[Calls],
        AgreementPart::Endings,
    ),
    agreements("/aftaler/v1/openapi.json", BOTH, AgreementPart::Description).shown(Line(
        "anmodninger og aftaler i JSON (OpenAPI)",
        "requests and agreements in JSON (OpenAPI)",
    )),
    Endpoint {
        pattern: Pattern::Secret("/varsler/", ".xml", Item::Notices),
        ..folder("/varsler/", &[Public], Given(Item::Nothing), "varsler").of_type(ATOM)
    },
    folder("/varsler/", &[Public], Given(Item::Nothing), "varsler"),
    folder(AGREEMENTS, BOTH, Given(Item::Nothing), "aftaler").of_type(JSON),
    at("/mit/adgang", &[Calls], Given(Item::Handover), "login")
        .of_type("text/plain; charset=utf-8"),
    folder("/wsdl/", &[Public], Page::Contract, "kontrakt"),
    folder("/xsd/", &[Public], Page::Contract, "kontrakt"),
    at("/healthz", &[Public, Admin], Page::Alive, "healthz")
        .of_type(JSON)
        .shown(Line("at serveren lever", "that the server lives")),
    at("/readyz", &[Public, Admin], Page::Ready, "readyz")
        .of_type(JSON)
        .shown(Line("om den kan tjene", "whether it can serve")),
    at("/metrics", &[Admin], Page::Metrics, "metrics").of_type(metrics::CONTENT_TYPE),
    at("/tls.json", &[Admin], Page::Tls, "tls").of_type(JSON),
    Endpoint {
        pattern: Pages,
        ..at("/", &[Public], Given(Item::Nothing), "side").of_type(HTML)
    },
];

const fn all(niveau: Niveau) -> Document {
    Document::of(Contents::Niveau(niveau))
}

const fn csv(sheet: Sheet) -> Document {
    Document::of(Contents::Csv(sheet))
}

const fn table(niveau: Niveau) -> Document {
    csv(Sheet::Niveau(niveau))
}

const fn feed(part: FeedPart) -> Page {
    Given(Item::Feed(part))
}

/// Of agreements.
const fn agreements(path: &'static str, on: &'static [Listener], part: AgreementPart) -> Endpoint {
    at(path, on, Given(Item::Agreements(part)), "aftaler").of_type(JSON)
}

const fn revision(part: RevisionPart) -> Page {
    Given(Item::Revision(part))
}

/// A document of both listeners.
const fn document(path: &'static str, document: Document) -> Endpoint {
    let page = Given(Item::Document(document, DocumentPart::Whole));
    at(path, BOTH, page, "eksport")
        .of_type(document.content_type())
        .with(document.parameters())
}

/// Any path of a folder.
const fn folder(
    path: &'static str,
    on: &'static [Listener],
    page: Page,
    word: &'static str,
) -> Endpoint {
    Endpoint {
        pattern: Under(path, page),
        ..at(path, on, page, word)
    }
}

/// A page, of XML if nothing else is said.
const fn at(
    path: &'static str,
    on: &'static [Listener],
    page: Page,
    word: &'static str,
) -> Endpoint {
    Endpoint {
        pattern: At(path, page),
        on,
        word,
        content_type: XML,
        parameters: &[],
        shown: Listing::No,
    }
}

impl Endpoint {
    const fn of_type(self, content_type: &'static str) -> Self {
        Self {
            content_type,
            ..self
        }
    }

    const fn with(self, parameters: &'static [Param]) -> Self {
        Self { parameters, ..self }
    }

    const fn shown(self, shown: Listing) -> Self {
        Self { shown, ..self }
    }
}
