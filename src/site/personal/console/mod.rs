//! The operator's console: where the register stands, organisations, systems and everybody's calls. Nobody else sees a page of it;
//! what is posted is done by the gateway, which tells here what came of it.

mod calls;
mod organisations;
mod search;
mod start;
mod systems;
mod words;

pub(super) use calls::show as calls;
pub(super) use organisations::show as organisations;
pub use search::CallSearch;
pub(super) use start::show as start;
pub(super) use systems::{show as systems, told as last_call};
pub use words::{oddity, organisation_refused, system_refused};

use askama::Template;

use super::super::frame::Frame;
use super::super::{NotShown, Page, Shown};
use super::{Console, Personal, Visit};
use crate::register::Cvr;
use crate::store::Read;

/// So many organisations or systems are shown; a search finds others.
const MOST: usize = 300;

/// What the gateway tells the operator beside what the register says.
#[derive(Debug, Default)]
pub struct Told {
    /// Where the register stands: the name of each line, and what is to be said of it.
    pub lines: Vec<(String, String)>,
    /// What came of what was posted.
    pub said: Vec<String>,
    /// Whether that was refused.
    pub is_refused: bool,
}

/// What all pages of the console have.
struct Bar<'a> {
    pages: Vec<(String, &'static str, bool)>,
    said: &'a [String],
    is_refused: bool,
    token: &'a str,
}

impl<'a> Bar<'a> {
    fn of(frame: &Frame<'_>, visit: &Visit<'a>) -> Self {
        let entry = |console, da, en| {
            let page = Page::Personal(Personal::Console(console));
            let here = frame.place.page == page;
            (frame.to(page), frame.place.language.of(da, en), here)
        };
        Self {
            pages: vec![
                entry(Console::Start, "Stilling", "Standing"),
                entry(Console::Organisations, "Organisationer", "Organisations"),
                entry(Console::Systems, "Systemer", "Systems"),
                entry(Console::Agreements, "Aftaler", "Agreements"),
                entry(Console::Calls, "Kald", "Calls"),
            ],
            said: &visit.told.said,
            is_refused: visit.told.is_refused,
            token: visit.token,
        }
    }
}

/// A page, with the status that what was posted came to.
fn shown(visit: &Visit<'_>, page: &impl Template) -> Result<Shown, NotShown> {
    let mut shown = Shown::html(page)?;
    if visit.told.is_refused {
        shown.status = 409;
    }
    Ok(shown)
}

/// Whether a text holds another, by letters alone.
fn holds(texts: &[&str], wanted: &str) -> bool {
    let wanted = wanted.to_lowercase();
    texts
        .iter()
        .any(|text| text.to_lowercase().contains(&wanted))
}

/// An organisation's name with its number.
fn named(view: &dyn Read, cvr: Cvr) -> crate::store::Result<String> {
    let known = view.organisation(cvr)?;
    Ok(known.map_or_else(|| cvr.to_string(), |own| format!("{} ({cvr})", own.navn)))
}
