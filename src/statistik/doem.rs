//! Judges the rows: each by the schema and the codes of an import, then all together by their numbers and parents.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::import;
use crate::message::{Message, content};
use crate::problem::{Problem, load};
use crate::register::{Indhold, Institutionsnummer, Kodetabeller, Niveau, opregning};
use crate::server::exchange::Service;
use crate::soap;
use crate::store::{self, Read};
use crate::xml::Limits;

use super::kolonner::Celler;
use super::raekke::{self, INTET_P_NUMMER};
use super::{LaesFejl, OmRaekke, Rapport, Regler, number};

/// A row that is accepted.
#[derive(Debug)]
pub struct Optaget {
    /// The line of the file, from 1.
    pub linje: u64,
    /// The number that it keeps; none: it gets one.
    pub nummer: Option<Institutionsnummer>,
    /// What it says.
    pub indhold: Indhold,
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
    };
    // A stable sort: rows of a level keep the order of the file.
    rows.sort_by_key(|celler| celler.niveau);
    for celler in rows {
        doem.raekke(celler)?;
    }
    doem.rapport.fejl.sort_by_key(|om| om.linje);
    doem.rapport.advarsler.sort_by_key(|om| om.linje);
    Ok(doem.rapport)
}

/// The types of the open units under each daginstitution of the file, for rows that leave the legal basis out.
fn types_under(rows: &[Celler]) -> HashMap<String, BTreeSet<i32>> {
    let mut types: HashMap<String, BTreeSet<i32>> = HashMap::new();
    for celler in rows {
        if celler.niveau == Some(Niveau::Anvisningsenhed)
            && !celler.status.eq_ignore_ascii_case("nedlagt")
            && let Ok(inst_type) = celler.inst_type.parse()
        {
            let under = types.entry(celler.daginstitution.clone()).or_default();
            under.insert(inst_type);
        }
    }
    types
}

/// What others may stand under: its level, whether it is open, and of a daginstitution legal basis and ownership.
type Over = (Niveau, bool, Option<(i32, i32)>);

struct Doem<'a> {
    regler: Regler<'a>,
    view: &'a dyn Read,
    types: HashMap<String, BTreeSet<i32>>,
    rapport: Rapport,
    seen: HashSet<Institutionsnummer>,
    /// The accepted rows that others may stand under.
    parents: HashMap<Institutionsnummer, Over>,
}

impl Doem<'_> {
    fn raekke(&mut self, mut celler: Celler) -> store::Result<()> {
        let mut fejl = Vec::new();
        let Some(niveau) = celler.niveau else {
            let problem = Problem::new(&load::UKENDT_ART).with("art", &celler.art);
            self.afvist(&celler, vec![problem]);
            return Ok(());
        };
        if niveau == Niveau::Daginstitution && celler.lovgrundlag.is_empty() {
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
        let indhold = self.by_schema(&celler, niveau, &mut fejl);
        if let (Some(indhold), true) = (indhold, fejl.is_empty()) {
            self.optaget(&celler, nummer, parent, indhold, nedlagt);
        } else {
            self.afvist(&celler, fejl);
        }
        Ok(())
    }

    /// A file without legal bases: the first one that is lawful with ownership and types is taken, or with the ownership
    /// alone where the types are lawful with none; with a warning.
    fn legal_basis(&mut self, celler: &mut Celler) {
        let tables = self.regler.tables;
        let types = self.types.get(&celler.daginstitution);
        let Ok(ejerform) = celler.ejerform.parse() else {
            return;
        };
        let fits = |grundlag: &i32| {
            let lawful = tables.lovlige_typer(*grundlag, ejerform);
            types.is_none_or(|own| own.is_subset(&lawful))
        };
        let all = tables.lovlige_grundlag(ejerform, None);
        let first = all.iter().find(|grundlag| fits(grundlag));
        if let Some(grundlag) = first.or_else(|| all.first()) {
            celler.lovgrundlag = grundlag.to_string();
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
        } else if self.view.post(nummer)?.is_some() {
            fejl.push(Problem::new(&load::NUMMER_KENDT).with("nummer", nummer));
        }
        Ok(Some(nummer))
    }

    /// The codes of the daginstitution above; that it is there is judged here.
    fn parent(
        &self,
        celler: &Celler,
        niveau: Niveau,
        nedlagt: bool,
        fejl: &mut Vec<Problem>,
    ) -> store::Result<Option<(i32, i32)>> {
        let (text, level) = match niveau {
            Niveau::Daginstitution => return Ok(None),
            Niveau::Anvisningsenhed => (&celler.daginstitution, Niveau::Daginstitution),
            Niveau::AlternativAdresse => (&celler.enhed, Niveau::Anvisningsenhed),
        };
        let Some(parent) = number(text) else {
            // The schema says so.
            return Ok(None);
        };
        let found = match self.parents.get(&parent) {
            Some((of, open, codes)) => Some((*of, *open, *codes)),
            None => self.view.post(parent)?.map(|post| {
                let codes = match &post.indhold {
                    Indhold::Daginstitution(top) => Some((top.lovgrundlag, top.ejerform)),
                    _ => None,
                };
                (post.niveau(), post.is_active(), codes)
            }),
        };
        match found.filter(|(of, ..)| *of == level) {
            None => fejl.push(
                Problem::new(&load::FORAELDER_MANGLER)
                    .with("niveau", level.element())
                    .with("nummer", parent),
            ),
            Some((_, false, _)) if !nedlagt => {
                fejl.push(Problem::new(&load::FORAELDER_LUKKET).with("nummer", parent));
            }
            Some((_, _, codes)) => return Ok(codes),
        }
        Ok(None)
    }

    /// What the schema of the import and the code tables say.
    fn by_schema(
        &self,
        celler: &Celler,
        niveau: Niveau,
        fejl: &mut Vec<Problem>,
    ) -> Option<Indhold> {
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
        let Message { poster, .. } = &bare.message;
        fejl.extend(import::alone(
            bare.operation,
            &bare.message,
            self.regler.tables,
        ));
        let post = poster.first().filter(|_| valid)?;
        let mut indhold = content(post, niveau)?;
        if let Indhold::Anvisningsenhed(unit) = &mut indhold
            && celler.p_nummer.is_empty()
        {
            unit.p_nummer = unit.p_nummer.filter(|own| own.as_str() != INTET_P_NUMMER);
        }
        Some(indhold)
    }

    fn optaget(
        &mut self,
        celler: &Celler,
        nummer: Option<Institutionsnummer>,
        parent: Option<(i32, i32)>,
        indhold: Indhold,
        nedlagt: bool,
    ) {
        for problem in noteworthy(self.regler.tables, &indhold, parent, nedlagt) {
            self.advarsel(celler, problem);
        }
        if let Some(nummer) = nummer {
            let codes = match &indhold {
                Indhold::Daginstitution(top) => Some((top.lovgrundlag, top.ejerform)),
                _ => None,
            };
            self.parents
                .insert(nummer, (indhold.niveau(), !nedlagt, codes));
        }
        self.rapport.optaget.push(Optaget {
            linje: celler.linje,
            nummer,
            indhold,
            nedlagt,
        });
    }

    fn afvist(&mut self, celler: &Celler, problems: Vec<Problem>) {
        self.rapport.afvist += 1;
        self.rapport
            .fejl
            .extend(problems.into_iter().map(|problem| om(celler, problem)));
    }

    fn advarsel(&mut self, celler: &Celler, problem: Problem) {
        self.rapport.advarsler.push(om(celler, problem));
    }
}

fn om(celler: &Celler, problem: Problem) -> OmRaekke {
    OmRaekke {
        linje: celler.linje,
        nummer: Some(celler.nummer().to_owned()).filter(|nummer| !nummer.is_empty()),
        problem,
    }
}

/// What an import would refuse and a first load only notes: the cross-validation, and a missing P-number.
fn noteworthy(
    tables: &Kodetabeller,
    indhold: &Indhold,
    parent: Option<(i32, i32)>,
    nedlagt: bool,
) -> Vec<Problem> {
    if nedlagt {
        return Vec::new();
    }
    let mut problems = Vec::new();
    match indhold {
        Indhold::Daginstitution(top) => {
            if tables
                .lovlige_typer(top.lovgrundlag, top.ejerform)
                .is_empty()
            {
                problems.push(
                    Problem::new(&load::ULOVLIGT_GRUNDLAG)
                        .with("ejerform", top.ejerform)
                        .with("lovgrundlag", top.lovgrundlag),
                );
            }
        }
        Indhold::Anvisningsenhed(unit) => {
            if let Some((lovgrundlag, ejerform)) = parent
                && !tables.er_lovlig(lovgrundlag, ejerform, unit.inst_type)
            {
                problems.push(
                    Problem::new(&load::ULOVLIG_TYPE)
                        .with("instType", unit.inst_type)
                        .with("ejerform", ejerform)
                        .with("lovgrundlag", lovgrundlag),
                );
            }
            if unit.p_nummer.is_none() {
                problems.push(Problem::new(&load::UDEN_P_NUMMER));
            }
        }
        Indhold::AlternativAdresse(_) => {}
    }
    problems
}

/// How often each code stands in a list, by code.
pub fn optalt(list: &[OmRaekke]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for om in list {
        *counts.entry(om.problem.entry.kode).or_default() += 1;
    }
    counts
}
