//! Figures of the register or of a kommune, as pictures with the same numbers as tables; and the page of the whole register.

use std::collections::BTreeMap;

use askama::Template;

use super::chart::{self, Count, Year};
use super::frame::Frame;
use super::institution::day;
use super::{Look, NotShown, Page, Place, Shown, Site};
use crate::register::{Kodetabel, Language, Niveau};
use crate::search::Figures;

/// So many years are shown.
const YEARS: usize = 20;

/// Figures as a page shows them. Templates see it as `n`.
pub(super) struct Numbers {
    /// By level: what it is called, how many are open, how many were closed.
    pub(super) levels: Vec<(&'static str, u64, u64)>,
    pub(super) years: Vec<Year>,
    pub(super) years_svg: String,
    pub(super) types: Vec<Count>,
    pub(super) types_svg: String,
    pub(super) ownership: Vec<Count>,
    pub(super) ownership_svg: String,
}

impl Numbers {
    pub(super) fn of(figures: &Figures, look: Look<'_>, language: Language) -> Self {
        let levels = Niveau::ALL.into_iter().zip(&figures.levels);
        let levels =
            levels.map(|(niveau, [open, closed])| (plural(niveau, language), *open, *closed));
        let years: Vec<_> = figures.years.iter().collect();
        let first = years.len().saturating_sub(YEARS);
        let years: Vec<_> = years[first..]
            .iter()
            .map(|&(&year, &[opened, closed])| Year {
                year,
                opened,
                closed,
            })
            .collect();
        let types = counts(&figures.types, &look.tables.inst_type);
        let ownership = counts(&figures.ownership, &look.tables.ejerform);
        let (year_title, type_title, owner_title) = (
            language.of(
                "Anvisningsenheder oprettet og nedlagt, år for år",
                "Units opened and closed, year by year",
            ),
            language.of("Åbne anvisningsenheder efter type", "Open units by type"),
            language.of(
                "Åbne daginstitutioner efter ejerform",
                "Open institutions by ownership",
            ),
        );
        Self {
            levels: levels.collect(),
            years_svg: chart::columns(&years, year_title),
            years,
            types_svg: chart::bars(&types, type_title),
            types,
            ownership_svg: chart::bars(&ownership, owner_title),
            ownership,
        }
    }
}

fn counts(by_code: &BTreeMap<i32, u64>, table: &Kodetabel) -> Vec<Count> {
    let mut counts: Vec<_> = by_code
        .iter()
        .map(|(code, count)| Count {
            label: table
                .tekst(*code)
                .map_or_else(|| code.to_string(), str::to_owned),
            count: *count,
        })
        .collect();
    counts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.label.cmp(&b.label)));
    counts
}

/// What the records of a level are called.
pub(super) fn plural(niveau: Niveau, language: Language) -> &'static str {
    let (da, en) = match niveau {
        Niveau::Daginstitution => ("Daginstitutioner", "Institutions"),
        Niveau::Anvisningsenhed => ("Anvisningsenheder", "Units"),
        Niveau::AlternativAdresse => ("Alternative adresser", "Further addresses"),
    };
    language.of(da, en)
}

#[derive(Template)]
#[template(path = "figures.html")]
struct FiguresPage<'a> {
    f: Frame<'a>,
    n: Option<Numbers>,
    /// Open findings of the last monthly run, and its day.
    findings: Option<(u64, String)>,
}

pub(super) fn show(site: &Site, place: Place, look: Look<'_>) -> Result<Shown, NotShown> {
    let figures = look.search.figures(None).ok();
    let title = place
        .language
        .of("Registeret i tal", "The register in figures");
    Shown::html(&FiguresPage {
        f: site.frame(place, title),
        n: figures.map(|figures| Numbers::of(&figures, look, place.language)),
        findings: look
            .view
            .last_kontrol()?
            .map(|run| (run.aabne, day(run.begyndt))),
    })
}
