//! The front page: search, and what the register is.

use askama::Template;

use super::frame::Frame;
use super::{Asked, NotShown, Page, Shown, Site};

#[derive(Template)]
#[template(path = "front.html")]
struct Front<'a> {
    f: Frame<'a>,
    words: &'a str,
}

pub(super) fn show(site: &Site, asked: &Asked<'_>) -> Result<Shown, NotShown> {
    let words = asked.value("q").unwrap_or_default();
    let title = asked.place.language.of("Find dagtilbud", "Find day care");
    Shown::html(&Front {
        f: site.frame(asked.place, title),
        words,
    })
}
