//! The manual: the documents of `docs`, rendered.

use askama::Template;

use super::chapters::CHAPTERS;
use super::frame::Frame;
use super::markdown::rendered;
use super::{NotShown, Page, Place, Shown, Site};

#[derive(Template)]
#[template(path = "manual.html")]
struct Manual<'a> {
    f: Frame<'a>,
    chapters: Vec<(&'static str, &'static str)>,
}

#[derive(Template)]
#[template(path = "chapter.html")]
struct Read<'a> {
    f: Frame<'a>,
    body: String,
}

pub(super) fn show(
    site: &Site,
    place: Place,
    chapter: Option<&'static str>,
) -> Result<Shown, NotShown> {
    let found = CHAPTERS.iter().find(|own| Some(own.name) == chapter);
    let Some(chapter) = found else {
        let title = place.language.of("Dokumentation", "Documentation");
        let chapters = CHAPTERS.iter();
        return Shown::html(&Manual {
            f: site.frame(place, title),
            chapters: chapters.map(|own| (own.name, own.title())).collect(),
        });
    };
    Shown::html(&Read {
        f: site.frame(place, chapter.title()),
        body: rendered(chapter.text, place),
    })
}
