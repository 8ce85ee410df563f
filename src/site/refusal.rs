//! A refusal as a page: what is wrong, what to do, its code, and what names the call.

use askama::Template;

use super::frame::Frame;
use super::{NotShown, Page, Place, Shown, Site};
use crate::problem::Problem;
use crate::register::Language;

#[derive(Template)]
#[template(path = "refusal.html")]
struct Refusal<'a> {
    f: Frame<'a>,
    text: String,
    remedy: String,
    kode: &'static str,
    id: String,
}

/// The page of a refusal at a path, with a status.
///
/// # Errors
/// It can't be written.
pub fn refusal(
    site: &Site,
    path: &str,
    problem: &Problem,
    (status, id): (u16, String),
) -> Result<Shown, NotShown> {
    let is_english = path == "/en" || path.starts_with("/en/");
    let language = if is_english {
        Language::En
    } else {
        Language::Da
    };
    let place = Place {
        language,
        page: Page::Front,
    };
    let [remedy_da, remedy_en] = problem.remedies();
    let title = match status {
        404 => language.of("Siden findes ikke", "There is no such page"),
        _ => language.of("Det gik ikke", "That did not work"),
    };
    let page = Refusal {
        f: site.frame(place, title),
        text: language.of(problem.da(), problem.en()),
        remedy: language.of(remedy_da, remedy_en),
        kode: problem.entry.kode,
        id,
    };
    let mut shown = Shown::html(&page)?;
    shown.status = status;
    Ok(shown)
}
