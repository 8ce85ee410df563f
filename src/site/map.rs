//! The country: a tile for each kommune, dots where the records lie, and the kommuner as a list.

use std::fmt::Write as _;

use askama::Template;

use super::chart::escaped;
use super::frame::{Frame, Link};
use super::tiles::{COLUMNS, ROWS, TILES};
use super::{Form, Look, NotShown, Page, Place, Shown, Site};
use crate::register::{Kommunekode, Language};
use crate::search::Cell;

/// The side of a tile, and the space between two.
const TILE: u32 = 52;
const GAP: u32 = 2;

/// So many dots are drawn: those of the cells with most in them.
const DOTS: usize = 5_000;

#[derive(Template)]
#[template(path = "map.html")]
struct Map<'a> {
    f: Frame<'a>,
    tiles: String,
    dots: Option<String>,
    kommuner: Vec<(Link, Option<u64>)>,
}

pub(super) fn show(site: &Site, place: Place, look: Look<'_>) -> Result<Shown, NotShown> {
    let frame = site.frame(place, place.language.of("Kort", "Map"));
    let units = look.search.units_by_kommune().ok();
    let count = |code: u16| Some(units.as_ref()?.get(&code).copied().unwrap_or(0));
    let name = |code: u16| {
        look.tables
            .kommune
            .tekst(i32::from(code))
            .unwrap_or_default()
    };
    let mut kommuner: Vec<_> = TILES
        .iter()
        .map(|&(.., code)| {
            let page = Page::Kommune(Kommunekode(code), Form::Html);
            let link = Link {
                to: frame.to(page),
                text: name(code).to_owned(),
            };
            (link, count(code))
        })
        .collect();
    let tiles = tiles(&kommuner, place.language);
    kommuner.sort_by_cached_key(|(link, _)| crate::search::folded(&link.text));
    let figures = look.search.figures(None).ok();
    Shown::html(&Map {
        tiles,
        dots: figures.map(|figures| dots(&figures.cells, place.language)),
        kommuner,
        f: frame,
    })
}

/// A tile for each kommune, in the order of [`TILES`]; each leads to its page.
fn tiles(kommuner: &[(Link, Option<u64>)], language: Language) -> String {
    let step = TILE + GAP;
    let (wide, tall) = (u32::from(COLUMNS) * step, u32::from(ROWS) * step);
    let title = language.of(
        "Kommunerne, omtrent hvor de ligger",
        "The kommuner, about where they lie",
    );
    let mut out =
        format!("<svg viewBox=\"0 0 {wide} {tall}\" role=\"group\" aria-label=\"{title}\">");
    for ((row, column, _), (link, count)) in TILES.iter().zip(kommuner) {
        let (x, y) = (u32::from(*column) * step, u32::from(*row) * step);
        let name = escaped(&link.text);
        let short: String = link.text.chars().take(12).collect();
        // What is wider than its tile is set closer.
        let close = match short.chars().count() > 7 {
            true => format!(
                " textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\"",
                TILE - 8
            ),
            false => String::new(),
        };
        let told = count.map(|count| format!(": {count}")).unwrap_or_default();
        let number = count.map(|count| count.to_string()).unwrap_or_default();
        // Writing into a String can't fail.
        let _ = write!(
            out,
            "<a href=\"{to}\" aria-label=\"{name}{told}\"><title>{name}{told}</title>\
             <rect class=\"flise\" x=\"{x}\" y=\"{y}\" width=\"{TILE}\" height=\"{TILE}\" rx=\"4\"/>\
             <text x=\"{tx}\" y=\"{ty}\"{close}>{short}</text><text x=\"{tx}\" y=\"{ny}\">{number}</text></a>",
            to = link.to,
            short = escaped(&short),
            tx = x + 4,
            ty = y + 20,
            ny = y + 40,
        );
    }
    out.push_str("</svg>");
    out
}

/// Dots where records lie, as one path: the cells are drawn in a frame around them.
pub(super) fn dots(cells: &[Cell], language: Language) -> String {
    let mut cells: Vec<_> = cells.iter().collect();
    cells.sort_by_key(|cell| std::cmp::Reverse(cell.count));
    cells.truncate(DOTS);
    let bounds = |of: fn(&Cell) -> u32| {
        let all = || cells.iter().map(|cell| of(cell));
        (all().min().unwrap_or(0), all().max().unwrap_or(0))
    };
    let ((left, right), (top, bottom)) = (bounds(|cell| cell.x), bounds(|cell| cell.y));
    let (wide, tall) = (right - left + 8, bottom - top + 8);
    let title = language.of(
        "En prik for hvert sted med åbne enheder",
        "A dot for each place with open units",
    );
    let mut out = format!(
        "<svg class=\"prikker\" viewBox=\"0 0 {wide} {tall}\" role=\"img\" aria-label=\"{title}\">\
         <title>{title}</title><path d=\""
    );
    for cell in cells {
        // Writing into a String can't fail.
        let _ = write!(out, "M{} {}h0", cell.x - left + 4, cell.y - top + 4);
    }
    out.push_str("\"/></svg>");
    out
}
