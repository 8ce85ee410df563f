//! The page of a record: what it is, the tree around it, what has become of it, and whom to tell of a mistake.

use std::ops::ControlFlow;

use askama::Template;
use serde_json::json;

use super::frame::{Frame, Link};
use super::{Asked, Form, Look, NotShown, Page, Place, Shown, Site, XML, atom, invalid, no_path};
use crate::chronicle::json::{self, Telling};
use crate::chronicle::{Fields, Names, Seen, Told, Words, goes_on_as, told};
use crate::export::parameters::{Param, Query};
use crate::export::{actor_name, record_document};
use crate::register::{
    Content, Dato, Field, Institutionsnummer, Kommunekode, Niveau, Record, Sekvens, Tidspunkt,
    Value,
};
use crate::store::{self, Aendring, Moment, Portion, Read};

/// So many records of a tree, and so many changes, are shown; a page stays small.
const TREE: usize = 200;
const CHANGES: usize = 100;

#[derive(Template)]
#[template(path = "institution.html")]
struct Institution<'a> {
    f: Frame<'a>,
    record: &'a Record,
    level: &'static str,
    facts: Vec<Fact>,
    successors: Vec<Link>,
    predecessors: Vec<Link>,
    tree: Vec<Node>,
    more_in_tree: bool,
    history: Vec<Line>,
    more_in_history: bool,
    /// The change that is shown, and whether the page is of an earlier time.
    shown_at: Sekvens,
    is_past: bool,
    kommune: Option<Link>,
    json_ld: String,
}

/// A field.
struct Fact {
    label: String,
    value: String,
    /// Where its value leads.
    link: Option<String>,
}

/// A record of the tree.
struct Node {
    depth: usize,
    nummer: Institutionsnummer,
    navn: String,
    is_active: bool,
    is_here: bool,
}

/// A change.
struct Line {
    date: String,
    sekvens: Sekvens,
    said: Vec<String>,
    who: String,
}

pub(super) fn show(
    site: &Site,
    asked: &Asked<'_>,
    (number, form): (Institutionsnummer, Form),
    look: Look<'_>,
) -> Result<Shown, NotShown> {
    let view = look.view;
    let now_called = goes_on_as(view, number)?;
    if now_called != number {
        let page = Page::Institution(now_called, form);
        return Ok(Shown::redirect(
            Place {
                page,
                ..asked.place
            }
            .path(),
        ));
    }
    let moment = moment(asked)?;
    let seen = Seen::at(view, number, moment.map_or_else(|| now(view), Ok)?)?;
    let seen = seen.ok_or_else(|| no_path(asked.place))?;
    let history = view.historik(number)?;
    match form {
        Form::Html => page(site, asked.place, (&seen, &history, moment.is_some()), look),
        Form::Json => Ok(as_json(&seen, &history, look)?),
        Form::Xml => as_xml(&seen, &history, look, moment.is_some()),
        Form::Atom => atom::record(site, asked, (number, &history), look),
    }
}

fn now(view: &dyn Read) -> store::Result<Moment> {
    Ok(Moment::Sekvens(view.position()?.sekvens))
}

/// The moment that is asked for. Other parameters are not ours: those that come with links are of no interest here.
fn moment(asked: &Asked<'_>) -> Result<Option<Moment>, NotShown> {
    let Some(text) = asked.value(Param::Pr.name()) else {
        return Ok(None);
    };
    let pair = [(Param::Pr.name().to_owned(), text.to_owned())];
    let query = Query::parse(&pair, &[Param::Pr]).map_err(NotShown::Problem)?;
    let wrong = || NotShown::Problem(invalid(Param::Pr.name(), text, "sekvens, YYYY-MM-DD"));
    query.moment.map(Some).ok_or_else(wrong)
}

fn as_json(seen: &Seen, history: &[Aendring], look: Look<'_>) -> store::Result<Shown> {
    let told = told(history);
    let names = Names::of(look.view, &told)?;
    let mut all = json::record(seen, look.tables);
    if let Some(last) = history.last()
        && let Some(object) = all.as_object_mut()
    {
        let history = json::history(last, &told, look.tables, &names, Telling::Public);
        object.insert("historik".to_owned(), history["aendringer"].clone());
    }
    Ok(Shown::new("application/json", all.to_string()))
}

/// The record as the documents have it. What is of now is named by the record's own last change.
fn as_xml(
    seen: &Seen,
    history: &[Aendring],
    look: Look<'_>,
    is_past: bool,
) -> Result<Shown, NotShown> {
    let position = match history.last().filter(|_| !is_past) {
        Some(last) => look.view.position_on(Moment::Sekvens(last.sekvens))?,
        None => seen.position,
    };
    let bytes = record_document(&seen.record, look.tables, position);
    Ok(Shown::bytes(XML, bytes))
}

fn page(
    site: &Site,
    place: Place,
    (seen, history, is_past): (&Seen, &[Aendring], bool),
    look: Look<'_>,
) -> Result<Shown, NotShown> {
    let frame = site.frame(place, seen.record.content.navn());
    let shown_at = seen.position.sekvens;
    let upto = history.partition_point(|change| change.sekvens <= shown_at);
    let told = told(&history[..upto]);
    let mut names = Names::of(look.view, &told)?;
    let life = &seen.record.life;
    for &number in life.afloeser.iter().chain(&life.afloest_af) {
        names.learn(look.view, number)?;
    }
    let name = |number: Institutionsnummer| names.get(number);
    let words = Words {
        language: place.language,
        tables: look.tables,
        name: &name,
    };
    let named = |numbers: &[Institutionsnummer]| -> Vec<_> {
        let link = |number: &Institutionsnummer| Link {
            to: frame.record(*number),
            text: words.record(*number),
        };
        numbers.iter().map(link).collect()
    };
    let mut tree = tree(look.view, seen, Moment::Sekvens(shown_at))?;
    let more_in_tree = tree.len() > TREE;
    tree.truncate(TREE);
    let kommune = kommune(seen);
    let told_of = |code: Kommunekode| Link {
        to: frame.to(Page::Kommune(code, Form::Html)),
        text: look
            .tables
            .kommune
            .tekst(i32::from(code.0))
            .unwrap_or_default()
            .to_owned(),
    };
    Shown::html(&Institution {
        record: &seen.record,
        level: level(seen.record.niveau(), place),
        facts: facts(&frame, seen, &words),
        successors: named(&life.afloest_af),
        predecessors: named(&life.afloeser),
        tree,
        more_in_tree,
        history: lines(&told, &words),
        more_in_history: told.len() > CHANGES,
        shown_at,
        is_past,
        kommune: kommune.map(told_of),
        json_ld: json_ld(site, seen, place),
        f: frame,
    })
}

/// What a level is called.
pub(super) fn level(niveau: Niveau, place: Place) -> &'static str {
    let (da, en) = match niveau {
        Niveau::Daginstitution => ("Daginstitution", "Day-care institution (daginstitution)"),
        Niveau::Anvisningsenhed => ("Anvisningsenhed", "Unit (anvisningsenhed)"),
        Niveau::AlternativAdresse => ("Alternativ adresse", "Further address (alternativ adresse)"),
    };
    place.language.of(da, en)
}

/// The kommune of the institution at the top.
fn kommune(seen: &Seen) -> Option<Kommunekode> {
    let top = seen.over.last().unwrap_or(&seen.record);
    match &*top.content {
        Content::Daginstitution(top) => Some(top.adm_kommune),
        _ => None,
    }
}

/// The fields that say something to people; the number and the name stand over them.
fn facts(frame: &Frame<'_>, seen: &Seen, words: &Words<'_>) -> Vec<Fact> {
    let mut fields = Fields::default();
    seen.record.write(&mut fields);
    let own = seen.record.niveau().number();
    let address = seen.record.content.adresse();
    let mut facts = Vec::new();
    for (field, def, value) in fields.0 {
        let in_address = field.in_address() && field != Field::VejNavn;
        let elsewhere = matches!(
            field,
            Field::Afloeser | Field::AfloestAf | Field::Aktivitetsstatus
        );
        if field == own || field.is_name() || in_address || elsewhere {
            continue;
        }
        if let (Field::VejNavn, Some(address)) = (field, address) {
            facts.push(Fact {
                label: words.language.of("adresse", "address").to_owned(),
                value: address.line(),
                link: None,
            });
            continue;
        }
        let link = match value {
            Value::Number(number) => Some(frame.record(*number)),
            Value::Kommune(code) => Some(frame.to(Page::Kommune(code, Form::Html))),
            _ => None,
        };
        let value = match (def, value) {
            (_, Value::Number(number)) => match seen.name(*number) {
                Some(name) => format!("{name} ({number})"),
                None => number.to_string(),
            },
            (_, Value::Moment(at)) => day(at),
            (Some(def), value) => words.value(def, value),
            (None, value) => value.to_string(),
        };
        facts.push(Fact {
            label: words.label(field).to_owned(),
            value,
            link,
        });
    }
    facts
}

/// The Danish day of a moment.
pub(super) fn day(at: Tidspunkt) -> String {
    Dato::dansk(at).map_or_else(|| at.to_string(), |day| day.to_string())
}

/// The whole tree that the record is of, parents before what stands under them; one more than is shown at most.
fn tree(view: &dyn Read, seen: &Seen, moment: Moment) -> store::Result<Vec<Node>> {
    let top = seen.over.last().unwrap_or(&seen.record);
    let middle = under(view, moment, &[top.nummer])?;
    let numbers: Vec<_> = middle.iter().map(|record| record.nummer).collect();
    let lowest = under(view, moment, &numbers)?;
    let node = |record: &Record, depth| Node {
        depth,
        nummer: record.nummer,
        navn: record.content.navn().to_owned(),
        is_active: record.is_active(),
        is_here: record.nummer == seen.record.nummer,
    };
    let mut nodes = vec![node(top, 0)];
    for unit in &middle {
        nodes.push(node(unit, 1));
        let own = |record: &&Record| record.content.parent() == Some(unit.nummer);
        nodes.extend(lowest.iter().filter(own).map(|record| node(record, 2)));
    }
    Ok(nodes)
}

fn under(
    view: &dyn Read,
    moment: Moment,
    numbers: &[Institutionsnummer],
) -> store::Result<Vec<Record>> {
    let mut found = Vec::new();
    if numbers.is_empty() {
        return Ok(found);
    }
    view.chosen_on(moment, Portion::Under(numbers), &mut |record| {
        found.push(record);
        match found.len() > TREE {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    })?;
    Ok(found)
}

/// The last changes, newest first.
fn lines(told: &[Told<'_>], words: &Words<'_>) -> Vec<Line> {
    let line = |Told { change, events }: &Told<'_>| Line {
        date: day(change.tidspunkt),
        sekvens: change.sekvens,
        said: events.iter().map(|event| words.event(event)).collect(),
        who: actor_name(&change.origin).to_owned(),
    };
    told.iter().rev().take(CHANGES).map(line).collect()
}

/// The record for search engines (schema.org). `<` is written as an escape, so that no name ends the script element.
fn json_ld(site: &Site, seen: &Seen, place: Place) -> String {
    let address = seen.record.content.adresse().map(|address| {
        json!({
            "@type": "PostalAddress",
            "streetAddress": format!("{} {}", address.vej_navn, address.hus_nummer),
            "postalCode": address.post_nummer,
            "addressLocality": address.by_navn,
            "addressCountry": "DK",
        })
    });
    let mut data = json!({
        "@context": "https://schema.org",
        "@type": if address.is_some() { "Preschool" } else { "EducationalOrganization" },
        "name": seen.record.content.navn(),
        "identifier": seen.record.nummer.as_str(),
        "url": format!("{}{}", site.settings.public_url, place.path()),
    });
    if let (Some(address), Some(object)) = (address, data.as_object_mut()) {
        object.insert("address".to_owned(), address);
    }
    data.to_string().replace('<', "\\u003c")
}
