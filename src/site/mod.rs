//! The site for persons: pages of the public listener in Danish and English, made on the server, without script.
//!
//! `place` has the paths, `frame` what surrounds each page, `templates` their HTML. A page reads the register in one view and is
//! a value; sending it, its ETag and its memory are the gateway's (`gateway/site`).

mod about;
mod assets;
mod atom;
mod behind;
mod catalogue;
mod chapters;
mod chart;
mod check;
mod codes;
mod contract;
mod errors;
mod examples;
mod excerpt;
mod figures;
mod frame;
mod front;
mod institution;
mod kommune;
mod manual;
mod map;
mod markdown;
mod mine;
mod personal;
mod place;
mod placeholders;
mod posted;
mod refusal;
mod sitemap;
mod tiles;
mod zip;

use std::borrow::Cow;
use std::sync::OnceLock;

use askama::Template;

pub use assets::STYLE;
pub use behind::{Console, Personal};
pub use catalogue::entry_json;
pub use frame::{Listed, Settings};
pub use mine::sign_in_path;
pub use personal::{
    CallSearch, Came, Corrected, Decided, Decision, Form as PersonalForm, Handling, Told, Visit,
    oddity, organisation_refused, system_refused,
};
pub use place::{Form, Mine, Page, Place, UPLOAD};
pub use refusal::refusal;

use crate::contract::Contract;
use crate::problem::{Parameter, Problem, parameter};
use crate::register::{Kodetabeller, Tidspunkt};
use crate::search::Search;
use crate::soap::Judgement;
use crate::store::{self, Read};
use frame::Frame;

const JSON: &str = "application/json";
const XML: &str = "application/xml; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

/// What a page is asked for with.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The page.
    pub place: Place,
    /// The pairs of the query.
    pub query: &'a [(String, String)],
    /// What is posted, if anything.
    pub sent: Option<Sent<'a>>,
    /// Whether a program asks, which wants JSON.
    pub takes_json: bool,
}

/// What is posted to a page.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// The Content-Type, as written; empty when there is none.
    pub content_type: &'a str,
    /// The bytes.
    pub bytes: &'a [u8],
}

impl<'a> Asked<'a> {
    /// The value of a parameter; none where it is absent or empty, as forms send what is not filled in.
    fn value(&self, name: &str) -> Option<&'a str> {
        let found = self.query.iter().find(|(own, _)| own == name);
        found
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }
}

/// What a page may look at.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// The register, in one view.
    pub view: &'a dyn Read,
    /// The code tables.
    pub tables: &'a Kodetabeller,
    /// WSDLs and schemas.
    pub contract: &'a Contract,
    /// Judges a message as the services would without the register, in an encoding that is known or that it tells itself.
    pub judge: &'a dyn Fn(&[u8], Option<&str>) -> Judgement,
    /// What the clock shows.
    pub now: Tidspunkt,
    /// The search.
    pub search: &'a Search,
}

/// A page as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// HTTP status.
    pub status: u16,
    /// Content-Type.
    pub content_type: &'static str,
    /// The page.
    pub body: Cow<'static, [u8]>,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
}

impl Shown {
    /// A page that is there.
    fn new(content_type: &'static str, body: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: 200,
            content_type,
            body: match body.into() {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            },
            headers: Vec::new(),
        }
    }

    /// What is no text, or is bytes already.
    fn bytes(content_type: &'static str, body: impl Into<Cow<'static, [u8]>>) -> Self {
        Self {
            body: body.into(),
            ..Self::new(content_type, "")
        }
    }

    /// A page of HTML.
    fn html(page: &impl Template) -> Result<Self, NotShown> {
        Ok(Self::new(HTML, page.render().map_err(NotShown::Template)?))
    }

    /// The way to another path.
    fn redirect(to: String) -> Self {
        Self {
            status: 302,
            headers: vec![("location", to)],
            ..Self::new(HTML, "")
        }
    }
}

/// Why a page is not shown.
#[derive(Debug, thiserror::Error)]
pub enum NotShown {
    /// What the reader is told.
    #[error("refused")]
    Problem(Box<Problem>),
    /// The store's.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// A page can't be written.
    #[error("a page can't be written: {0}")]
    Template(askama::Error),
}

impl From<Problem> for NotShown {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

/// The site.
#[derive(Debug)]
pub struct Site {
    settings: Settings,
    /// The archive of the contract, once somebody has asked for it.
    archive: OnceLock<Vec<u8>>,
}

impl Site {
    /// The site of a server.
    pub const fn new(settings: Settings) -> Self {
        Self {
            settings,
            archive: OnceLock::new(),
        }
    }

    /// Whether a page is the same for as long as the program runs.
    pub const fn is_fixed(page: Page) -> bool {
        matches!(
            page,
            Page::About
                | Page::Accessibility
                | Page::Data
                | Page::ErrorCatalogue(_)
                | Page::ErrorCode(_)
                | Page::ErrorCodes
                | Page::Manual(_)
                | Page::Picture(_)
                | Page::Robots
                | Page::Security
                | Page::Style
                | Page::Validate
                | Page::Was
        )
    }

    /// Shows a page.
    ///
    /// # Errors
    /// [`NotShown`].
    pub fn show(&self, asked: &Asked<'_>, look: Look<'_>) -> Result<Shown, NotShown> {
        match asked.place.page {
            Page::Front => front::show(self, asked, look),
            Page::Institution(number, form) => institution::show(self, asked, (number, form), look),
            Page::About => about::about(self, asked.place),
            Page::Accessibility => about::accessibility(self, asked.place),
            Page::Codes => codes::show(self, asked.place, look),
            Page::Data => about::data(self, asked.place),
            Page::Validate => check::show(self, asked, look),
            Page::ErrorCodes => errors::all(self, asked),
            Page::ErrorCode(kode) => errors::one(self, asked.place, kode),
            Page::ErrorCatalogue(Form::Json) => Ok(Shown::new(JSON, catalogue::json())),
            Page::ErrorCatalogue(_) => Ok(Shown::new(XML, catalogue::xml())),
            Page::Manual(chapter) => manual::show(self, asked.place, chapter),
            Page::Picture(name) => manual::picture(asked.place, name),
            Page::Was => Ok(Shown::redirect("/tilgaengelighed".to_owned())),
            Page::Style => Ok(Shown::new("text/css; charset=utf-8", STYLE)),
            Page::Robots => Ok(about::robots(self)),
            Page::Security => about::security(self, look.now),
            Page::Kommune(code, Form::Atom) => atom::kommune(self, asked, code, look),
            Page::Kommune(code, form) => kommune::show(self, asked, (code, form), look),
            Page::Map => map::show(self, asked.place, look),
            Page::Figures => figures::show(self, asked.place, look),
            Page::Contract => contract::page(self, asked.place, look),
            Page::ContractZip => contract::archive(self, look),
            Page::Sitemaps => sitemap::index(self, look),
            Page::Sitemap(number) => sitemap::part(self, asked.place, number, look),
            // These are the gateway's: they need what a browser sends.
            Page::Mine(_) | Page::Personal(_) => Err(no_path(asked.place).into()),
        }
    }

    fn frame(&self, place: Place, title: impl Into<String>) -> Frame<'_> {
        Frame {
            settings: &self.settings,
            place,
            title: title.into(),
        }
    }
}

/// What a reader is told whose page does not exist.
fn no_path(place: Place) -> Problem {
    Problem::new(&crate::problem::http::UKENDT_STI)
        .with("sti", place.path())
        .with("stier", "/")
}

/// What a reader is told of a parameter that cannot be used.
fn invalid(name: &str, value: &str, allowed: &str) -> Box<Problem> {
    Box::new(parameter(name, value, Parameter::Invalid(allowed)))
}
