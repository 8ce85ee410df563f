//! Organisations and who administers them: registered, found, and closed once it is told what that means.

use askama::Template;

use super::super::super::frame::Frame;
use super::super::super::{NotShown, Page, Shown, Site};
use super::super::{Visit, pages};
use super::{Bar, MOST, holds, shown};
use crate::agreements::{LONGEST_CASE, LONGEST_NAME};
use crate::register::{Administrator, Cvr, Language};
use crate::store::{Aftaler, OrgKind, Organisation, Result};

#[derive(Template)]
#[template(path = "console_organisations.html")]
struct Organisations<'a> {
    f: Frame<'a>,
    pages: Vec<(String, &'static str, bool)>,
    bar: Bar<'a>,
    wanted: &'a str,
    kinds: Vec<(&'static str, &'static str)>,
    longest: (usize, usize),
    closing: Option<Closing>,
    organisations: Vec<Row>,
    more: bool,
}

struct Row {
    cvr: Cvr,
    name: String,
    kind: &'static str,
    kommune: String,
    since: String,
    closed: Option<String>,
    administrators: Vec<String>,
    close: String,
}

/// What closing one means.
struct Closing {
    cvr: Cvr,
    name: String,
    consequences: Vec<String>,
}

pub(in super::super) fn show(
    site: &Site,
    visit: &Visit<'_>,
) -> std::result::Result<Shown, NotShown> {
    let language = visit.language();
    let frame = site.frame(visit.place, language.of("Organisationer", "Organisations"));
    let wanted = visit.value("soeg").unwrap_or_default();
    let mut all = visit.view.organisationer()?;
    all.retain(|own| holds(&[own.cvr.as_str(), &own.navn, own.art.as_str()], wanted));
    let more = all.len() > MOST;
    let listed = visit.view.administratorer()?;
    let rows = all.into_iter().take(MOST);
    let rows = rows.map(|own| row(visit, own, &listed));
    let page = Organisations {
        organisations: rows.collect(),
        more,
        wanted,
        kinds: KINDS
            .map(|(kind, da, en)| (kind.as_str(), language.of(da, en)))
            .into(),
        longest: (LONGEST_NAME, LONGEST_CASE),
        closing: closing(visit, &listed)?,
        pages: pages(&frame, visit.rights),
        bar: Bar::of(&frame, visit),
        f: frame,
    };
    shown(visit, &page)
}

const KINDS: [(OrgKind, &str, &str); 5] = [
    (OrgKind::Kommune, "kommune", "kommune"),
    (OrgKind::Leverandoer, "leverandør", "vendor"),
    (OrgKind::PrivatEjer, "privat ejer", "private owner"),
    (OrgKind::Aftager, "aftager", "consumer"),
    (OrgKind::Operatoer, "operatør", "operator"),
];

fn kind(art: OrgKind, language: Language) -> &'static str {
    let own = KINDS.iter().find(|(kind, _, _)| *kind == art);
    own.map_or(art.as_str(), |(_, da, en)| language.of(*da, *en))
}

fn row(visit: &Visit<'_>, own: Organisation, listed: &[Administrator]) -> Row {
    let path = visit.place.path();
    Row {
        cvr: own.cvr,
        kind: kind(own.art, visit.language()),
        kommune: own.kommune.map(|code| code.to_string()).unwrap_or_default(),
        since: own.oprettet.to_string(),
        closed: own.lukket.map(|at| at.to_string()),
        administrators: open(listed, own.cvr)
            .map(|one| {
                let rights = one.rettigheder.iter().map(|right| right.as_str());
                format!(
                    "{} ({})",
                    one.identitet,
                    rights.collect::<Vec<_>>().join(", ")
                )
            })
            .collect(),
        close: format!("{path}?luk={}", own.cvr),
        name: own.navn,
    }
}

/// An organisation's administrators that are on the list now.
fn open(listed: &[Administrator], cvr: Cvr) -> impl Iterator<Item = &Administrator> {
    listed
        .iter()
        .filter(move |one| one.cvr == cvr && one.lukket.is_none())
}

/// What closing the organisation in the query means, where it is open.
fn closing(visit: &Visit<'_>, listed: &[Administrator]) -> Result<Option<Closing>> {
    let cvr = visit.value("luk").and_then(|text| Cvr::parse(text).ok());
    let Some(cvr) = cvr else {
        return Ok(None);
    };
    let known = visit.view.organisation(cvr)?;
    let Some(own) = known.filter(|own| own.lukket.is_none()) else {
        return Ok(None);
    };
    let t = |da, en| visit.language().of(da, en);
    let (mut systems, mut agreements) = (Vec::new(), 0);
    for system in visit.view.systemer()? {
        if system.ejer == cvr && system.lukket.is_none() {
            agreements += visit.view.aftaler(Aftaler::AabneFor(system.id))?.len();
            systems.push(format!("{} {}", system.id, system.navn));
        }
    }
    let mut consequences = vec![
        t(
            "Alle dens certifikater afvises fra det næste kald.",
            "All its certificates are refused from the next call on.",
        )
        .to_owned(),
        format!(
            "{}: {} ({})",
            t(
                "Systemer, der ikke kan kalde mere",
                "Systems that can call no more"
            ),
            systems.len(),
            systems.join(", ")
        ),
        format!(
            "{}: {agreements}",
            t(
                "Aftaler, der ingen ret giver, før den åbnes igen",
                "Agreements that give no right until it is opened again"
            )
        ),
        format!(
            "{}: {}",
            t(
                "Administratorer, der ingen ret har mere",
                "Administrators who have no right any more"
            ),
            open(listed, cvr).count()
        ),
    ];
    if own.art == OrgKind::Operatoer {
        consequences.push(
            t(
                "Det er en operatørs: dens personer kommer ikke ind i driften mere.",
                "It is an operator's: its persons do not come into this console any more.",
            )
            .to_owned(),
        );
    }
    Ok(Some(Closing {
        cvr,
        name: own.navn,
        consequences,
    }))
}
