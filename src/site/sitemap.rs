//! The site map (sitemaps.org): an index, a part of pages that are always there, and parts of records by spans of numbers. A part is
//! read by itself: its records are those whose numbers lie in its span, however many others there are.

use std::ops::ControlFlow;

use super::{Form, Look, NotShown, Page, Place, Shown, Site, XML, no_path};
use crate::register::{Institutionsnummer, Kommunekode, Language};
use crate::store;
use crate::xml::Writer;

const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

/// A number is six characters of these, in the order of their texts.
const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// So many numbers a part can have at most.
const SPAN: u32 = 15 * 36 * 36;

/// The index: the pages, and each part that has records.
pub(super) fn index(site: &Site, look: Look<'_>) -> Result<Shown, NotShown> {
    let mut w = Writer::with_capacity(4096);
    w.declaration();
    w.open("sitemapindex").attr("xmlns", NAMESPACE);
    let mut part = |number: u32| {
        let place = Place {
            language: Language::Da,
            page: Page::Sitemap(number),
        };
        w.open("sitemap");
        w.leaf(
            "loc",
            &format!("{}{}", site.settings.public_url, place.path()),
        );
        w.close("sitemap");
    };
    part(0);
    let mut from = first(1);
    while let Some(number) = from {
        let Some(found) = next(look, number)? else {
            break;
        };
        let own = part_of(found);
        part(own);
        from = first(own + 1);
    }
    w.close("sitemapindex");
    Ok(Shown::new(XML, w.into_string()))
}

/// A part.
pub(super) fn part(
    site: &Site,
    place: Place,
    number: u32,
    look: Look<'_>,
) -> Result<Shown, NotShown> {
    let url = &site.settings.public_url;
    let mut w = Writer::with_capacity(64 << 10);
    w.declaration();
    w.open("urlset").attr("xmlns", NAMESPACE);
    let mut entry = |page: Page, language, changed: Option<String>| {
        let path = Place { language, page }.path();
        w.open("url");
        w.leaf("loc", &format!("{url}{path}"));
        if let Some(changed) = changed {
            w.leaf("lastmod", &changed);
        }
        w.close("url");
    };
    if number == 0 {
        let kommuner = look.tables.kommune.koder.keys();
        let kommuner = kommuner.filter_map(|code| u16::try_from(*code).ok());
        let kommuner = kommuner.map(|code| Page::Kommune(Kommunekode(code), Form::Html));
        for page in Page::fixed().chain(kommuner) {
            for language in Language::ALL {
                entry(page, language, None);
            }
        }
    } else {
        let from = first(number).ok_or_else(|| no_path(place))?;
        let mut is_empty = true;
        look.view.numre(from, &mut |(own, changed)| {
            if part_of(own) != number {
                return ControlFlow::Break(());
            }
            is_empty = false;
            let page = Page::Institution(own, Form::Html);
            entry(page, Language::Da, Some(changed.to_string()));
            ControlFlow::Continue(())
        })?;
        if is_empty {
            return Err(no_path(place).into());
        }
    }
    w.close("urlset");
    Ok(Shown::new(XML, w.into_string()))
}

/// The first number that the register has from one on.
fn next(look: Look<'_>, from: Institutionsnummer) -> store::Result<Option<Institutionsnummer>> {
    let mut found = None;
    look.view.numre(from, &mut |(number, _)| {
        found = Some(number);
        ControlFlow::Break(())
    })?;
    Ok(found)
}

/// The part that a number is in; parts of records begin with 1.
fn part_of(number: Institutionsnummer) -> u32 {
    let value = number.as_str().bytes().fold(0_u64, |value, byte| {
        let digit = DIGITS.iter().position(|own| *own == byte).unwrap_or(0);
        value * 36 + digit as u64
    });
    u32::try_from(value / u64::from(SPAN)).map_or(u32::MAX, |part| part.saturating_add(1))
}

/// The lowest number of a part; none behind the last one.
fn first(part: u32) -> Option<Institutionsnummer> {
    let mut value = u64::from(part.checked_sub(1)?) * u64::from(SPAN);
    let mut text = [b'0'; 6];
    for place in text.iter_mut().rev() {
        *place = *DIGITS.get(usize::try_from(value % 36).ok()?)?;
        value /= 36;
    }
    let text = std::str::from_utf8(&text).ok()?;
    Institutionsnummer::parse(text).ok().filter(|_| value == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Institutionsnummer {
        Institutionsnummer::parse(text).unwrap()
    }

    #[test]
    fn parts_follow_one_another_without_gap() {
        assert_eq!(first(1), Some(number("000000")));
        assert_eq!(first(0), None);
        for text in ["000000", "G30001", "G30000", "GZZZZZ", "ZZZZZZ"] {
            let own = part_of(number(text));
            assert!(first(own).unwrap() <= number(text), "{text}");
            if let Some(after) = first(own + 1) {
                assert!(after > number(text), "{text}");
                assert_eq!(part_of(after), own + 1, "{text}");
            }
        }
        assert_eq!(first(part_of(number("ZZZZZZ")) + 1), None);
        assert_eq!(first(u32::MAX), None);
        const { assert!(SPAN <= 20_000) };
    }
}
