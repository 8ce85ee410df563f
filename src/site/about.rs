//! What the site tells of itself: what this is, how accessible it is, what machines fetch, and the small files for robots.

use std::fmt::Write as _;

use askama::Template;

use super::frame::Frame;
use super::{NotShown, Page, Place, Shown, Site, no_path};
use crate::register::{Language, Tidspunkt};

const TEXT: &str = "text/plain; charset=utf-8";

/// A day in milliseconds, and for how many days security.txt holds.
const DAY: i64 = 24 * 60 * 60 * 1000;
const HOLDS: i64 = 180;

#[derive(Template)]
#[template(path = "about.html")]
struct About<'a> {
    f: Frame<'a>,
}

#[derive(Template)]
#[template(path = "accessibility.html")]
struct Accessibility<'a> {
    f: Frame<'a>,
}

#[derive(Template)]
#[template(path = "data.html")]
struct Data<'a> {
    f: Frame<'a>,
}

pub(super) fn about(site: &Site, place: Place) -> Result<Shown, NotShown> {
    let title = place.language.of("Om registeret", "About the register");
    Shown::html(&About {
        f: site.frame(place, title),
    })
}

/// The statement of the operator where it has one elsewhere; else what is true of the program.
pub(super) fn accessibility(site: &Site, place: Place) -> Result<Shown, NotShown> {
    if let Some(elsewhere) = &site.settings.contact.tilgaengelighed {
        return Ok(Shown::redirect(elsewhere.clone()));
    }
    let title = place.language.of("Tilgængelighed", "Accessibility");
    Shown::html(&Accessibility {
        f: site.frame(place, title),
    })
}

pub(super) fn data(site: &Site, place: Place) -> Result<Shown, NotShown> {
    let title = place.language.of("Data og tjenester", "Data and services");
    Shown::html(&Data {
        f: site.frame(place, title),
    })
}

/// Robots may read pages; they have no use for forms and for what machines poll.
pub(super) fn robots(site: &Site) -> Shown {
    let mut text =
        "User-agent: *\nDisallow: /mit\nDisallow: /valider\nDisallow: /feed/\n".to_owned();
    let url = &site.settings.public_url;
    // Writing into a String can't fail.
    let _ = writeln!(text, "Sitemap: {url}/sitemap.xml");
    Shown::new(TEXT, text)
}

/// security.txt (RFC 9116); none where the operator has not said whom to tell.
///
/// It must say until when it holds (Expires): half a year, by the day, so that it is the same for a day.
pub(super) fn security(site: &Site, now: Tidspunkt) -> Result<Shown, NotShown> {
    let place = Place {
        language: Language::Da,
        page: Page::Security,
    };
    let contact = site.settings.contact.sikkerhed.as_ref();
    let contact = contact.ok_or_else(|| no_path(place))?;
    let day = now.millis() - now.millis().rem_euclid(DAY);
    let expires = Tidspunkt::from_millis(day + HOLDS * DAY);
    let mut text = format!("Contact: {contact}\nExpires: {expires}\nPreferred-Languages: da, en\n");
    let url = &site.settings.public_url;
    // Only such an address may stand there.
    if url.starts_with("https://") {
        // Writing into a String can't fail.
        let _ = writeln!(text, "Canonical: {url}{}", place.path());
    }
    Ok(Shown::new(TEXT, text))
}
