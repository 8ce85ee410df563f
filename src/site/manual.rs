//! The manual: the documents of `docs`, rendered.

use std::sync::LazyLock;

use askama::Template;

use super::chapters::{self, CHAPTERS, Chapter, PICTURES, Picture};
use super::frame::Frame;
use super::markdown::{Rendered, rendered};
use super::{NotShown, Page, Place, Shown, Site, no_path};
use crate::register::Language;

#[derive(Template)]
#[template(path = "manual.html")]
struct Manual<'a> {
    f: Frame<'a>,
    chapters: Vec<(&'static str, &'static str)>,
    pictures: &'static [Picture],
}

#[derive(Template)]
#[template(path = "chapter.html")]
struct Read<'a> {
    f: Frame<'a>,
    rendered: &'static Rendered,
}

/// Every chapter in each language, rendered once: the links differ.
static RENDERED: LazyLock<Vec<[Rendered; 2]>> = LazyLock::new(|| {
    let page = Page::Manual(None);
    let render = |chapter: &Chapter| {
        Language::ALL.map(|language| rendered(chapter.text, Place { language, page }))
    };
    CHAPTERS.iter().map(render).collect()
});

pub(super) fn show(
    site: &Site,
    place: Place,
    chapter: Option<&'static str>,
) -> Result<Shown, NotShown> {
    let mut all = CHAPTERS.iter().zip(&*RENDERED);
    let found = all.find(|(own, _)| Some(own.name) == chapter);
    let Some((chapter, [da, en])) = found else {
        let title = place.language.of("Dokumentation", "Documentation");
        let chapters = CHAPTERS.iter();
        return Shown::html(&Manual {
            f: site.frame(place, title),
            chapters: chapters.map(|own| (own.name, own.title())).collect(),
            pictures: &PICTURES,
        });
    };
    Shown::html(&Read {
        f: site.frame(place, chapter.title()),
        rendered: place.language.of(da, en),
    })
}

/// A picture.
pub(super) fn picture(place: Place, name: &str) -> Result<Shown, NotShown> {
    let found = chapters::picture(name).ok_or_else(|| no_path(place))?;
    let (_, content_type, bytes) = found;
    Ok(Shown::bytes(content_type, bytes))
}
