//! The manual: the documents of `docs`, rendered.

use askama::Template;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, html};

use super::chapters::{CHAPTERS, chapter};
use super::frame::Frame;
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

/// A chapter as HTML. Its first heading stands in the frame; links to other chapters lead to their pages.
fn rendered(text: &str, place: Place) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_HEADING_ATTRIBUTES;
    let text = text.split_once('\n').map_or("", |(_, rest)| rest);
    let events = Parser::new_ext(text, options).map(|event| match event {
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }) => Event::Start(Tag::Link {
            link_type,
            dest_url: linked(dest_url, place),
            title,
            id,
        }),
        other => other,
    });
    let mut out = String::new();
    html::push_html(&mut out, events);
    out
}

fn linked(to: CowStr<'_>, place: Place) -> CowStr<'_> {
    let (file, anchor) = match to.split_once('#') {
        Some((file, anchor)) => (file, Some(anchor)),
        None => (&*to, None),
    };
    let own = file.strip_suffix(".md").and_then(chapter);
    let Some(own) = own else {
        return to;
    };
    let page = Place {
        page: Page::Manual(Some(own)),
        ..place
    };
    match anchor {
        Some(anchor) => format!("{}#{anchor}", page.path()).into(),
        None => page.path().into(),
    }
}
