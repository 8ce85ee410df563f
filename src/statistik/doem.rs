//! Judges the rows: each by the schema and the codes of an import, then all together by their numbers and parents.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::import;
use crate::message::{Message, content};
use crate::problem::{Problem, load};
use crate::register::{Column, Content, Institutionsnummer, Niveau, opregning};
use crate::server::exchange::Service;
use crate::soap;
use crate::store::{self, Read};
use crate::xml::Limits;

use super::kolonner::Celler;
use super::raekke::{self, INTET_P_NUMMER};
use super::{Afvist, LaesFejl, OmRaekke, Rapport, Regler, noter, number, pladser};

/// A row that is accepted.
#[derive(Debug)]
pub struct Optaget {
    /// The line of the file, from 1.
    pub linje: u64,
    /// The number that it keeps; none: it gets one.
    pub nummer: Option<Institutionsnummer>,
    /// What it says.
    pub content: Content,
    /// Whether it is closed.
    pub nedlagt: bool,
}

/// Judges all rows, parents before what stands under them whatever their order in the file.
pub(super) fn alle(
    mut rows: Vec<Celler>,
    regler: Regler<'_>,
    view: &dyn Read,
) -> Result<Rapport, LaesFejl> {
    let types = types_under(&rows);
    let mut doem = Doem {
        regler,
        view,
        types,
        rapport: Rapport {
            raekker: rows.len() as u64,
            ..Rapport::default()
        },
        seen: HashSet::new(),
        parents: HashMap::new(),
        rejected: HashMap::new(),
        missing: BTreeMap::new(),
    };
    // A stable sort: rows of a level keep the order of the file.
    rows.sort_by_key(|celler| celler.niveau);
    for celler in rows {
        doem.raekke(celler)?;
    }
    doem.tell_of_parents();
    doem.rapport.fejl.sort_by_key(|om| om.linje);
    doem.rapport.afviste.sort_by_key(|row| row.linje);
    doem.rapport.advarsler.sort_by_key(|om| om.linje);
    Ok(doem.rapport)
}

/// The types of the open units under each daginstitution of the file, for rows that leave the legal basis out.
fn types_under(rows: &[Celler]) -> HashMap<String, BTreeSet<i32>> {
    let mut types: HashMap<String, BTreeSet<i32>> = HashMap::new();
    for celler in rows {
        if celler.niveau == Some(Niveau::Anvisningsenhed)
            && !celler.status.eq_ignore_ascii_case("nedlagt")
            && let Ok(inst_type) = celler[Column::InstType].parse()
        {
            let under = types.entry(celler.daginstitution.clone()).or_default();
            under.insert(inst_type);
        }
    }
    types
}

/// The codes of a daginstitution that what stands under it is judged by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Koder {
    pub(super) lovgrundlag: i32,
    pub(super) ejerform: i32,
    pub(super) adm_kommune: i32,
}

/// What others may stand under: its level, whether it is open, and the codes of its daginstitution where they are known.
type Over = (Niveau, bool, Option<Koder>);

/// A parent that rows name and that is not there: its level, and lines and numbers of those rows.
type Savnet = (Niveau, Vec<(u64, Option<String>)>);

/// So many lines are named where many rows stand under a parent that is not there.
const LINJER: usize = 20;

struct Doem<'a> {
    regler: Regler<'a>,
    view: &'a dyn Read,
    types: HashMap<String, BTreeSet<i32>>,
    rapport: Rapport,
    seen: HashSet<Institutionsnummer>,
    /// The accepted rows that others may stand under.
    parents: HashMap<Institutionsnummer, Over>,
    /// The rows with a number that are not accepted, by line.
    rejected: HashMap<Institutionsnummer, u64>,
    /// Parents that are not there.
    missing: BTreeMap<Institutionsnummer, Savnet>,
}

/// What a row stands under.
enum Parent {
    /// Nothing, or what is there, with the codes that are known of it.
    There(Option<Koder>),
    /// A number that nothing of the level has.
    Missing(Institutionsnummer, Niveau),
}

impl Doem<'_> {
    fn raekke(&mut self, mut celler: Celler) -> store::Result<()> {
        let mut fejl = Vec::new();
        let Some(niveau) = celler.niveau else {
            let problem = Problem::new(&load::UKENDT_ART).with("art", &celler.art);
            self.afvist(celler, vec![problem], Vec::new());
            return Ok(());
        };
        if niveau == Niveau::Daginstitution && celler[Column::Lovgrundlag].is_empty() {
            self.legal_basis(&mut celler);
        }
        let nedlagt = match celler.status.to_lowercase().as_str() {
            "" | "aktiv" => false,
            "nedlagt" => true,
            _ => {
                fejl.push(Problem::new(&load::UKENDT_STATUS).with("status", &celler.status));
                false
            }
        };
        let nummer = self.own_number(&celler, &mut fejl)?;
        let parent = self.parent(&celler, niveau, nedlagt, &mut fejl)?;
        for kolonne in pladser::udfyld(&mut celler, niveau, self.regler.tables) {
            fejl.push(Problem::new(&load::TOM_CELLE).with("kolonne", kolonne));
        }
        let content = self.by_schema(&celler, niveau, &mut fejl);
        match (content, parent) {
            (Some(content), Parent::There(over)) if fejl.is_empty() => {
                self.optaget(&celler, nummer, over, content, nedlagt);
            }
            (_, Parent::Missing(parent, level)) => {
                let (_, lines) = self.missing.entry(parent).or_insert((level, Vec::new()));
                lines.push((celler.linje, own_text(&celler)));
                self.afvist(celler, fejl, vec![load::FORAELDER_MANGLER.kode]);
            }
            (_, Parent::There(_)) => self.afvist(celler, fejl, Vec::new()),
        }
        Ok(())
    }

    /// A file without legal bases: the first one that is lawful with ownership and types is taken, or with the ownership
    /// alone where the types are lawful with none; with a warning.
    fn legal_basis(&mut self, celler: &mut Celler) {
        let tables = self.regler.tables;
        let types = self.types.get(&celler.daginstitution);
        let Ok(ejerform) = celler[Column::Ejerform].parse() else {
            return;
        };
        let fits = |grundlag: &i32| {
            let lawful = tables.lovlige_typer(*grundlag, ejerform);
            types.is_none_or(|own| own.is_subset(&lawful))
        };
        let all = tables.lovlige_grundlag(ejerform, None);
        let first = all.iter().find(|grundlag| fits(grundlag));
        if let Some(grundlag) = first.or_else(|| all.first()) {
            celler[Column::Lovgrundlag] = grundlag.to_string();
            let problem = Problem::new(&load::LOVGRUNDLAG_VALGT)
                .with("lovgrundlag", grundlag)
                .with("ejerform", ejerform)
                .with("typer", types.map_or_else(|| "-".to_owned(), opregning));
            self.advarsel(celler, problem);
        }
    }

    /// The number that the row keeps: of the register's shape, new to it, and once in the file.
    fn own_number(
        &mut self,
        celler: &Celler,
        fejl: &mut Vec<Problem>,
    ) -> store::Result<Option<Institutionsnummer>> {
        let text = celler.nummer();
        if text.is_empty() {
            return Ok(None);
        }
        let Some(nummer) = number(text).filter(|number| !number.is_a_number()) else {
            fejl.push(Problem::new(&load::NUMMER_FORM).with("nummer", text));
            return Ok(None);
        };
        if !self.seen.insert(nummer) {
            fejl.push(Problem::new(&load::NUMMER_IGEN).with("nummer", nummer));
        } else if self.view.record(nummer)?.is_some() {
            fejl.push(Problem::new(&load::NUMMER_KENDT).with("nummer", nummer));
        }
        Ok(Some(nummer))
    }

    /// What the row stands under: whether it is there and open is judged here.
    fn parent(
        &self,
        celler: &Celler,
        niveau: Niveau,
        nedlagt: bool,
        fejl: &mut Vec<Problem>,
    ) -> store::Result<Parent> {
        let (text, level) = match niveau {
            Niveau::Daginstitution => return Ok(Parent::There(None)),
            Niveau::Anvisningsenhed => (&celler.daginstitution, Niveau::Daginstitution),
            Niveau::AlternativAdresse => (&celler.enhed, Niveau::Anvisningsenhed),
        };
        let Some(parent) = number(text) else {
            // The schema says so.
            return Ok(Parent::There(None));
        };
        let found = match self.parents.get(&parent) {
            Some(over) => Some(*over),
            None => self
                .view
                .record(parent)?
                .map(|record| (record.niveau(), record.is_active(), codes(&record.content))),
        };
        Ok(match found.filter(|(of, ..)| *of == level) {
            None => Parent::Missing(parent, level),
            Some((_, false, _)) if !nedlagt => {
                fejl.push(Problem::new(&load::FORAELDER_LUKKET).with("nummer", parent));
                Parent::There(None)
            }
            Some((_, _, codes)) => Parent::There(codes),
        })
    }

    /// One error for each parent that is missing, or that was not accepted: not one for each row under it.
    fn tell_of_parents(&mut self) {
        for (nummer, (level, lines)) in std::mem::take(&mut self.missing) {
            let own = self.rejected.get(&nummer).copied();
            let entry = match own {
                Some(_) => &load::FORAELDER_AFVIST,
                None => &load::FORAELDER_MANGLER,
            };
            let named = lines.iter().take(LINJER).map(|(line, _)| line.to_string());
            let named: Vec<String> = named.collect();
            let (first, of_first) = lines.first().cloned().unwrap_or_default();
            let more = if lines.len() > LINJER { ", …" } else { "" };
            let problem = Problem::new(entry)
                .with("niveau", level.element())
                .with("nummer", nummer)
                .with("antal", lines.len())
                .with("linjer", format!("{}{more}", named.join(", ")));
            self.rapport.fejl.push(OmRaekke {
                linje: own.unwrap_or(first),
                nummer: own.map_or(of_first, |_| Some(nummer.to_string())),
                problem,
            });
        }
    }

    /// What the schema of the import and the code tables say.
    fn by_schema(
        &self,
        celler: &Celler,
        niveau: Niveau,
        fejl: &mut Vec<Problem>,
    ) -> Option<Content> {
        let besked = raekke::besked(celler, niveau);
        let bare = match soap::read_bare(
            Service::ImportV2,
            &besked,
            self.regler.schema,
            Limits::default(),
        ) {
            Ok(bare) => bare,
            Err(problems) => {
                fejl.extend(problems);
                return None;
            }
        };
        let valid = bare.shape.is_valid();
        fejl.extend(bare.shape.problems);
        let Message { records, .. } = &bare.message;
        fejl.extend(import::alone(
            bare.operation,
            &bare.message,
            self.regler.tables,
        ));
        let record = records.first().filter(|_| valid)?;
        let mut content = content(record, niveau)?;
        if let Content::Anvisningsenhed(unit) = &mut content
            && celler[Column::PNummer].is_empty()
        {
            unit.p_nummer = unit.p_nummer.filter(|own| own.as_str() != INTET_P_NUMMER);
        }
        Some(content)
    }

    fn optaget(
        &mut self,
        celler: &Celler,
        nummer: Option<Institutionsnummer>,
        over: Option<Koder>,
        content: Content,
        nedlagt: bool,
    ) {
        if !nedlagt {
            for problem in noter::alle(self.regler.tables, celler, &content, over) {
                self.advarsel(celler, problem);
            }
        }
        if let Some(nummer) = nummer {
            // A unit's are its daginstitution's.
            let codes = codes(&content).or(over);
            self.parents
                .insert(nummer, (content.niveau(), !nedlagt, codes));
        }
        self.rapport.optaget.push(Optaget {
            linje: celler.linje,
            nummer,
            content,
            nedlagt,
        });
    }

    /// Leaves a row out, for what is wrong with it and for reasons that are told elsewhere.
    fn afvist(&mut self, celler: Celler, problems: Vec<Problem>, elsewhere: Vec<&'static str>) {
        if let Some(nummer) = number(celler.nummer()) {
            self.rejected.entry(nummer).or_insert(celler.linje);
        }
        let mut koder: Vec<_> = problems.iter().map(|problem| problem.entry.kode).collect();
        koder.extend(elsewhere);
        self.rapport
            .fejl
            .extend(problems.into_iter().map(|problem| om(&celler, problem)));
        self.rapport.afviste.push(Afvist {
            linje: celler.linje,
            raa: celler.raa,
            koder,
        });
    }

    fn advarsel(&mut self, celler: &Celler, problem: Problem) {
        self.rapport.advarsler.push(om(celler, problem));
    }
}

fn om(celler: &Celler, problem: Problem) -> OmRaekke {
    OmRaekke {
        linje: celler.linje,
        nummer: own_text(celler),
        problem,
    }
}

/// The codes that what stands under a daginstitution is judged by.
fn codes(content: &Content) -> Option<Koder> {
    match content {
        Content::Daginstitution(top) => Some(Koder {
            lovgrundlag: top.lovgrundlag,
            ejerform: top.ejerform,
            adm_kommune: i32::from(top.adm_kommune.0),
        }),
        _ => None,
    }
}

/// The number in a row, where there is one.
fn own_text(celler: &Celler) -> Option<String> {
    Some(celler.nummer().to_owned()).filter(|nummer| !nummer.is_empty())
}

/// How often each code stands in a list, by code.
pub fn optalt(list: &[OmRaekke]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for om in list {
        *counts.entry(om.problem.entry.kode).or_default() += 1;
    }
    counts
}
