//! The page of a kommune: its figures, its tree, and what can be fetched of it.

use std::ops::ControlFlow;

use askama::Template;
use serde_json::json;

use super::figures::Numbers;
use super::frame::Frame;
use super::map;
use super::{Asked, Form, Look, NotShown, Page, Shown, Site, no_path};
use crate::register::{Institutionsnummer, Kommunekode, Niveau, Record};
use crate::store::{self, Moment, Portion, Read, Selection};

/// So many daginstitutioner stand on a page, with so many records under them at most.
const TOPS: usize = 50;
const UNDER: usize = 400;

#[derive(Template)]
#[template(path = "kommune.html")]
struct KommunePage<'a> {
    f: Frame<'a>,
    code: Kommunekode,
    n: Option<Numbers>,
    dots: Option<String>,
    findings: usize,
    tops: Vec<Top>,
    page: usize,
    more: bool,
}

/// A daginstitution with what stands directly under it.
struct Top {
    nummer: Institutionsnummer,
    navn: String,
    units: Vec<Unit>,
}

struct Unit {
    nummer: Institutionsnummer,
    navn: String,
    address: String,
}

pub(super) fn show(
    site: &Site,
    asked: &Asked<'_>,
    (code, form): (Kommunekode, Form),
    look: Look<'_>,
) -> Result<Shown, NotShown> {
    let name = look.tables.kommune.tekst(i32::from(code.0));
    let name = name.ok_or_else(|| no_path(asked.place))?;
    match form {
        Form::Html => page(site, asked, (code, name), look),
        Form::Json => as_json(code, name, look),
        Form::Atom | Form::Xml => Err(no_path(asked.place).into()),
    }
}

fn page(
    site: &Site,
    asked: &Asked<'_>,
    (code, name): (Kommunekode, &str),
    look: Look<'_>,
) -> Result<Shown, NotShown> {
    let page = asked.value("side").and_then(|text| text.parse().ok());
    let page: usize = page.unwrap_or(1).clamp(1, 10_000);
    let (tops, more) = tops(look.view, code, (page - 1) * TOPS)?;
    let figures = look.search.figures(Some(code)).ok();
    let found = look.view.fund(Some(code))?;
    let language = asked.place.language;
    Shown::html(&KommunePage {
        f: site.frame(asked.place, name),
        code,
        dots: figures
            .as_ref()
            .map(|figures| map::dots(&figures.cells, language)),
        n: figures.map(|figures| Numbers::of(&figures, look, language)),
        findings: found.iter().filter(|one| one.loest.is_none()).count(),
        tops,
        page,
        more,
    })
}

/// The open daginstitutioner after so many, and whether there are more.
fn tops(view: &dyn Read, code: Kommunekode, after: usize) -> store::Result<(Vec<Top>, bool)> {
    let selection = Selection {
        niveau: Some(Niveau::Daginstitution),
        adm_kommune: Some(code),
        ..Selection::default()
    };
    let (mut at, mut found, mut more) = (0, Vec::new(), false);
    view.records(&selection, &mut |record| {
        at += 1;
        if at <= after {
            return ControlFlow::Continue(());
        }
        if found.len() == TOPS {
            more = true;
            return ControlFlow::Break(());
        }
        found.push(record);
        ControlFlow::Continue(())
    })?;
    let numbers: Vec<_> = found.iter().map(|record| record.nummer).collect();
    let units = under(view, &numbers)?;
    let top = |record: &Record| Top {
        nummer: record.nummer,
        navn: record.content.navn().to_owned(),
        units: units
            .iter()
            .filter(|unit| unit.content.parent() == Some(record.nummer))
            .map(|unit| Unit {
                nummer: unit.nummer,
                navn: unit.content.navn().to_owned(),
                address: unit
                    .content
                    .adresse()
                    .map(|own| own.line())
                    .unwrap_or_default(),
            })
            .collect(),
    };
    Ok((found.iter().map(top).collect(), more))
}

/// The open records directly under these.
fn under(view: &dyn Read, numbers: &[Institutionsnummer]) -> store::Result<Vec<Record>> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let now = Moment::Sekvens(view.position()?.sekvens);
    let mut found = Vec::new();
    view.chosen_on(now, Portion::Under(numbers), &mut |record| {
        if record.is_active() {
            found.push(record);
        }
        match found.len() < UNDER {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    })?;
    Ok(found)
}

/// The figures for programs.
fn as_json(code: Kommunekode, name: &str, look: Look<'_>) -> Result<Shown, NotShown> {
    let figures = look.search.figures(Some(code)).unwrap_or_default();
    let years: Vec<_> = figures
        .years
        .iter()
        .map(|(year, [opened, closed])| json!({ "aar": year, "oprettet": opened, "nedlagt": closed }))
        .collect();
    let levels: serde_json::Map<_, _> = Niveau::ALL
        .into_iter()
        .zip(figures.levels)
        .map(|(niveau, [open, closed])| {
            (
                niveau.element().to_owned(),
                json!({ "aabne": open, "nedlagte": closed }),
            )
        })
        .collect();
    let body = json!({
        "kommune": code.0,
        "navn": name,
        "antal": levels,
        "typer": figures.types,
        "ejerformer": figures.ownership,
        "aar": years,
        "fund": look.view.fund(Some(code))?.iter().filter(|one| one.loest.is_none()).count(),
    });
    Ok(Shown::new("application/json", body.to_string()))
}
