//! What is not as it should be among a person's units: the open findings of the monthly run, in words, with what to do.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use askama::Template;

use super::super::frame::{Frame, Link};
use super::super::institution::day;
use super::super::{NotShown, Page, Shown, Site};
use super::{Personal, Visit, pages};
use crate::export::csv::defused;
use crate::person::Reach;
use crate::register::{Fund, Institutionsnummer, Kommunekode};
use crate::store;

/// So many stand on the page; the file has all.
const MOST: usize = 200;

#[derive(Template)]
#[template(path = "findings.html")]
struct Findings<'a> {
    f: Frame<'a>,
    pages: Vec<(String, &'static str, bool)>,
    findings: Vec<Row>,
    count: usize,
    csv: String,
}

struct Row {
    record: Option<Link>,
    kode: Link,
    kommune: String,
    what: String,
    todo: String,
    since: String,
}

pub(super) fn show(site: &Site, visit: &Visit<'_>) -> Result<Shown, NotShown> {
    let language = visit.language();
    let frame = site.frame(visit.place, language.of("Fund", "Findings"));
    let found = found(visit)?;
    let rows = found.iter().take(MOST).map(|one| {
        let name = |number| -> store::Result<String> {
            let record = visit.view.record(number)?;
            Ok(record.map_or_else(
                || number.to_string(),
                |record| format!("{} ({number})", record.content.navn()),
            ))
        };
        let record = one.fund.nummer.map(|number| {
            Ok::<_, store::StoreError>(Link {
                to: frame.record(number),
                text: name(number)?,
            })
        });
        let kode = super::super::place::error_code(&one.fund.kode);
        Ok(Row {
            record: record.transpose()?,
            kode: Link {
                to: kode.map(|page| frame.to(page)).unwrap_or_default(),
                text: one.fund.kode.clone(),
            },
            kommune: kommune(visit, one.fund.kommune),
            what: language
                .of(&one.fund.besked_da, &one.fund.besked_en)
                .clone(),
            todo: language
                .of(&one.fund.hjaelp_da, &one.fund.hjaelp_en)
                .clone(),
            since: day(one.foerst_set),
        })
    });
    Shown::html(&Findings {
        findings: rows.collect::<store::Result<_>>()?,
        count: found.len(),
        csv: frame.to(Page::Personal(Personal::FindingsCsv)),
        pages: pages(&frame, visit.rights),
        f: frame,
    })
}

/// All of them for spreadsheets, in the form of the register's other tables.
pub(super) fn csv(visit: &Visit<'_>) -> Result<Shown, NotShown> {
    let mut out = "\u{feff}kode;nummer;kommune;besked;hjaelp;foerstSet\r\n".to_owned();
    for one in found(visit)? {
        let number = one.fund.nummer.map(|number| number.to_string());
        for cell in [
            one.fund.kode.as_str(),
            number.as_deref().unwrap_or_default(),
            &one.fund.kommune.to_string(),
            &one.fund.besked_da,
            &one.fund.hjaelp_da,
        ] {
            defused(&mut out, cell);
            out.push(';');
        }
        out += &format!("{}\r\n", one.foerst_set);
    }
    let mut shown = Shown::new("text/csv; charset=utf-8", out);
    let name = "attachment; filename=\"fund.csv\"".to_owned();
    shown.headers.push(("content-disposition", name));
    Ok(shown)
}

/// The open findings that the person's rights reach, each once.
fn found(visit: &Visit<'_>) -> store::Result<Vec<Fund>> {
    let (mut whole, mut single) = (BTreeSet::new(), BTreeSet::new());
    for grant in &visit.rights.grants {
        match grant.reach {
            Reach::Register => return open(visit, None),
            Reach::Kommune(code) => drop(whole.insert(code)),
            Reach::Organisation(_) | Reach::Place(_) => {
                visit
                    .view
                    .records(&grant.reach.selection(), &mut |record| {
                        single.insert(record.nummer);
                        ControlFlow::Continue(())
                    })?;
            }
        }
    }
    let mut kommuner = whole.clone();
    for &number in &single {
        kommuner.extend(visit.view.adm_kommune(number)?);
    }
    let mut found = Vec::new();
    for code in kommuner {
        let is_single =
            |number: Option<Institutionsnummer>| number.is_some_and(|own| single.contains(&own));
        let open = open(visit, Some(code))?.into_iter();
        found.extend(open.filter(|one| whole.contains(&code) || is_single(one.fund.nummer)));
    }
    Ok(found)
}

fn open(visit: &Visit<'_>, kommune: Option<Kommunekode>) -> store::Result<Vec<Fund>> {
    let mut found = visit.view.fund(kommune)?;
    found.retain(|one| one.loest.is_none());
    Ok(found)
}

fn kommune(visit: &Visit<'_>, code: Kommunekode) -> String {
    let name = visit.tables.kommune.tekst(i32::from(code.0));
    name.map_or_else(|| code.to_string(), str::to_owned)
}
