//! The error codes: all of them by group, one by one with an example, and the catalogue for programs.

use askama::Template;

use super::catalogue::{self, Answered};
use super::examples::{self, Case};
use super::excerpt::{self, Row, visible};
use super::frame::Frame;
use super::{Asked, NotShown, Page, Place, Shown, Site};
use crate::problem::{self, Entry, Group, Severity};

/// So many lines of an example are shown around the one that is wrong, before and after it; the first where none is.
const BEFORE: usize = 7;
const AFTER: usize = 5;
const FIRST: usize = 24;

/// A list of entries under a heading.
struct Section {
    title: &'static str,
    rows: Vec<&'static Entry>,
}

#[derive(Template)]
#[template(path = "error_codes.html")]
struct Codes<'a> {
    f: Frame<'a>,
    words: String,
    sections: Vec<Section>,
}

#[derive(Template)]
#[template(path = "error_code.html")]
struct Code<'a> {
    f: Frame<'a>,
    entry: &'static Entry,
    group: &'static str,
    is_warning: bool,
    is_finding: bool,
    /// Whether it may stand in the list of an answer instead of refusing the call.
    may_be_listed: bool,
    is_of_file: bool,
    is_of_plan: bool,
    answered: Option<Answered>,
    names: Vec<(&'static str, &'static str)>,
    example: Option<Example>,
}

/// The case of a code, as much as tells of it.
struct Example {
    case: &'static Case,
    request: Vec<Row>,
    response: Vec<Row>,
}

pub(super) fn all(site: &Site, asked: &Asked<'_>) -> Result<Shown, NotShown> {
    let place = asked.place;
    let words = asked.value("q").unwrap_or_default();
    let wanted = words.to_lowercase();
    let matches = |entry: &&Entry| {
        let texts = [
            entry.kode,
            place.language.of(entry.da, entry.en),
            place.language.of(entry.hjaelp_da, entry.hjaelp_en),
        ];
        texts
            .iter()
            .any(|text| text.to_lowercase().contains(&wanted))
    };
    let groups = [
        Group::Transport,
        Group::Xml,
        Group::Soap,
        Group::Schema,
        Group::Register,
        Group::Internal,
    ];
    let section = |group: Group| {
        let (da, en) = catalogue::group(group);
        let own = problem::all().filter(|entry| entry.group == group);
        Section {
            title: place.language.of(da, en),
            rows: own.filter(matches).collect(),
        }
    };
    let sections = groups.into_iter().map(section);
    let title = place.language.of("Fejlkoder", "Error codes");
    Shown::html(&Codes {
        f: site.frame(place, title),
        words: visible(words, 200),
        sections: sections.filter(|own| !own.rows.is_empty()).collect(),
    })
}

pub(super) fn one(site: &Site, place: Place, kode: &'static str) -> Result<Shown, NotShown> {
    let entry = problem::all().find(|entry| entry.kode == kode);
    let entry = entry.ok_or_else(|| super::no_path(place))?;
    let (da, en) = catalogue::group(entry.group);
    let names = super::placeholders::of(entry).into_iter();
    let told = |(name, da, en)| (name, place.language.of(da, en));
    Shown::html(&Code {
        f: site.frame(place, kode),
        entry,
        group: place.language.of(da, en),
        is_warning: entry.alvor == Severity::Advarsel,
        is_finding: problem::fund::is_finding(entry),
        may_be_listed: matches!(entry.group, Group::Soap | Group::Schema | Group::Register),
        is_of_file: catalogue::is_of_file(entry),
        is_of_plan: catalogue::is_of_plan(entry),
        answered: catalogue::answered(entry),
        names: names.map(told).collect(),
        example: examples::of_code(kode).map(|case| example(case, kode)),
    })
}

fn example(case: &'static Case, kode: &str) -> Example {
    let (response, spot) = told_in(case.response, kode);
    let request = case.request.map(|text| match spot {
        Some((line, column)) => {
            let range = (line.saturating_sub(BEFORE), line + AFTER);
            excerpt::lines(text, range, Some((line, column)))
        }
        None => excerpt::lines(text, (1, FIRST), None),
    });
    Example {
        case,
        request: request.unwrap_or_default(),
        response,
    }
}

/// The part of an answer that tells of a code, and the line and column that it names.
fn told_in(response: &str, kode: &str) -> (Vec<Row>, Option<(usize, usize)>) {
    let lines: Vec<_> = response.lines().map(str::trim).collect();
    let element = format!("kode>{kode}</");
    let own = lines.iter().rposition(|line| line.contains(&element));
    let Some(own) = own else {
        // A fault about a header has its code in its text.
        let mut raw = response.lines().enumerate();
        let found = raw.find_map(|(at, line)| Some((at + 1, line.split_once(kode)?.0)));
        let rows = found.map(|(number, before)| {
            let column = before.chars().count() + 1;
            excerpt::lines(response, (number, number + 1), Some((number, column)))
        });
        return (rows.unwrap_or_default(), None);
    };
    let begins = |line: &&str| line.starts_with('<') && !line.starts_with("</") && is_error(line);
    let first = lines[..own].iter().rposition(begins);
    let first = first.filter(|first| own - first <= 2).unwrap_or(own);
    let length = lines[own..]
        .iter()
        .position(|line| line.starts_with("</") && is_error(line));
    let last = length.map_or(own + 8, |length| own + length);
    let inside = lines.get(first..=last).unwrap_or_default();
    let number = |name: &str| {
        let found = inside.iter().find_map(|line| line.split_once(name))?.1;
        found.split('<').next()?.parse().ok()
    };
    let spot = number("linje>").zip(number("kolonne>"));
    (excerpt::lines(response, (first + 1, last + 1), None), spot)
}

/// Whether a line begins or ends an error, with or without a prefix.
fn is_error(line: &str) -> bool {
    let name = line.trim_matches(['<', '>', '/']);
    matches!(name.rsplit(':').next(), Some("fejl" | "advarsel"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_shows_the_line_that_is_wrong_and_what_is_said_of_it() {
        let case = examples::of_code("DTR5001").unwrap();
        let shown = example(case, "DTR5001");
        let marked: Vec<_> = shown.request.iter().filter(|row| row.is_marked()).collect();
        assert_eq!(marked.len(), 1);
        assert_eq!((marked[0].number, &*marked[0].spot), (8, "9"));
        assert_eq!(shown.response.first().unwrap().before.trim(), "<fejl>");
        assert_eq!(shown.response.last().unwrap().before.trim(), "</fejl>");
    }

    #[test]
    fn every_code_with_a_case_shows_its_error() {
        for entry in problem::all() {
            let Some(case) = examples::of_code(entry.kode) else {
                continue;
            };
            let shown = example(case, entry.kode);
            let has = |row: &Row| {
                let texts = [&row.before, &row.spot];
                texts.iter().any(|text| text.contains(entry.kode))
            };
            assert!(shown.response.iter().any(has), "{}", entry.kode);
            assert!(shown.response.len() <= 16, "{}", entry.kode);
        }
    }
}
