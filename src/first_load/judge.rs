//! Judges the rows: each by the schema and the codes of an import, then all together by their numbers and parents.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::contract::services::IMPORT_V2;
use crate::import;
use crate::problem::{Problem, load};
use crate::register::{Column, Content, Institutionsnummer, Niveau, opregning};
use crate::soap;
use crate::store::{self, Read};
use crate::xml::Limits;

use super::columns::Cells;
use super::notes::Codes;
use super::row::{self, NO_P_NUMBER};
use super::{FileRules, ReadError, Rejected, Report, RowProblem, fill, notes, number};

/// A row that is accepted.
#[derive(Debug)]
pub struct Accepted {
    /// The line of the file, from 1.
    pub line: u64,
    /// The number that it keeps; none: it gets one.
    pub nummer: Option<Institutionsnummer>,
    /// What it says.
    pub content: Content,
    /// Whether it is closed.
    pub nedlagt: bool,
}

/// Judges all rows, parents before what stands under them whatever their order in the file.
pub(super) fn all(
    mut rows: Vec<Cells>,
    rules: FileRules<'_>,
    view: &dyn Read,
) -> Result<Report, ReadError> {
    let types = types_under(&rows);
    let mut judge = Judging {
        rules,
        view,
        types,
        report: Report {
            rows: rows.len() as u64,
            ..Report::default()
        },
        seen: HashSet::new(),
        parents: HashMap::new(),
        rejected: HashMap::new(),
        missing: BTreeMap::new(),
    };
    // A stable sort: rows of a level keep the order of the file.
    rows.sort_by_key(|cells| cells.niveau);
    for cells in rows {
        judge.row(cells)?;
    }
    judge.tell_of_parents();
    judge.report.fejl.sort_by_key(|about| about.line);
    judge.report.rejected.sort_by_key(|row| row.line);
    judge.report.warnings.sort_by_key(|about| about.line);
    Ok(judge.report)
}

/// The types of the open units under each daginstitution of the file, for rows that leave the legal basis out.
fn types_under(rows: &[Cells]) -> HashMap<String, BTreeSet<i32>> {
    let mut types: HashMap<String, BTreeSet<i32>> = HashMap::new();
    for cells in rows {
        if cells.niveau == Some(Niveau::Anvisningsenhed)
            && !cells.status.eq_ignore_ascii_case("nedlagt")
            && let Ok(inst_type) = cells[Column::InstType].parse()
        {
            let under = types.entry(cells.daginstitution.clone()).or_default();
            under.insert(inst_type);
        }
    }
    types
}

/// What others may stand under: its level, whether it is open, and the codes of its daginstitution where they are known.
type Above = (Niveau, bool, Option<Codes>);

/// A parent that rows name and that is not there: its level, and lines and numbers of those rows.
type Missed = (Niveau, Vec<(u64, Option<String>)>);

/// So many lines are named where many rows stand under a parent that is not there.
const MOST_LINES: usize = 20;

struct Judging<'a> {
    rules: FileRules<'a>,
    view: &'a dyn Read,
    types: HashMap<String, BTreeSet<i32>>,
    report: Report,
    seen: HashSet<Institutionsnummer>,
    /// The accepted rows that others may stand under.
    parents: HashMap<Institutionsnummer, Above>,
    /// The rows with a number that are not accepted, by line.
    rejected: HashMap<Institutionsnummer, u64>,
    /// Parents that are not there.
    missing: BTreeMap<Institutionsnummer, Missed>,
}

/// What a row stands under.
enum Parent {
    /// Nothing, or what is there, with the codes that are known of it.
    There(Option<Codes>),
    /// A number that nothing of the level has.
    Missing(Institutionsnummer, Niveau),
}

impl Judging<'_> {
    fn row(&mut self, mut cells: Cells) -> store::Result<()> {
        let mut fejl = Vec::new();
        let Some(niveau) = cells.niveau else {
            let problem = Problem::new(&load::UKENDT_ART).with("art", &cells.art);
            self.reject(cells, vec![problem], Vec::new());
            return Ok(());
        };
        if niveau == Niveau::Daginstitution && cells[Column::Lovgrundlag].is_empty() {
            self.legal_basis(&mut cells);
        }
        let nedlagt = match cells.status.to_lowercase().as_str() {
            "" | "aktiv" => false,
            "nedlagt" => true,
            _ => {
                fejl.push(Problem::new(&load::UKENDT_STATUS).with("status", &cells.status));
                false
            }
        };
        let nummer = self.own_number(&cells, &mut fejl)?;
        let parent = self.parent(&cells, niveau, nedlagt, &mut fejl)?;
        for column in fill::fill_in(&mut cells, niveau, self.rules.tables) {
            fejl.push(Problem::new(&load::TOM_CELLE).with("kolonne", column));
        }
        let content = self.by_schema(&cells, niveau, &mut fejl);
        match (content, parent) {
            (Some(content), Parent::There(above)) if fejl.is_empty() => {
                self.accepted(&cells, nummer, above, content, nedlagt);
            }
            (_, Parent::Missing(parent, level)) => {
                let (_, lines) = self.missing.entry(parent).or_insert((level, Vec::new()));
                lines.push((cells.line, own_text(&cells)));
                self.reject(cells, fejl, vec![load::FORAELDER_MANGLER.kode]);
            }
            (_, Parent::There(_)) => self.reject(cells, fejl, Vec::new()),
        }
        Ok(())
    }

    /// A file without legal bases: the first one that is lawful with ownership and types is taken, or with the ownership
    /// alone where the types are lawful with none; with a warning.
    fn legal_basis(&mut self, cells: &mut Cells) {
        let tables = self.rules.tables;
        let types = self.types.get(&cells.daginstitution);
        let Ok(ejerform) = cells[Column::Ejerform].parse() else {
            return;
        };
        let fits = |basis: &i32| {
            let lawful = tables.lovlige_typer(*basis, ejerform);
            types.is_none_or(|own| own.is_subset(&lawful))
        };
        let all = tables.lovlige_grundlag(ejerform, None);
        let first = all.iter().find(|basis| fits(basis));
        if let Some(basis) = first.or_else(|| all.first()) {
            cells[Column::Lovgrundlag] = basis.to_string();
            let problem = Problem::new(&load::LOVGRUNDLAG_VALGT)
                .with("lovgrundlag", basis)
                .with("ejerform", ejerform)
                .with("typer", types.map_or_else(|| "-".to_owned(), opregning));
            self.warn(cells, problem);
        }
    }

    /// The number that the row keeps: of the register's shape, new to it, and once in the file.
    fn own_number(
        &mut self,
        cells: &Cells,
        fejl: &mut Vec<Problem>,
    ) -> store::Result<Option<Institutionsnummer>> {
        let text = cells.nummer();
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
        cells: &Cells,
        niveau: Niveau,
        nedlagt: bool,
        fejl: &mut Vec<Problem>,
    ) -> store::Result<Parent> {
        let (text, level) = match niveau {
            Niveau::Daginstitution => return Ok(Parent::There(None)),
            Niveau::Anvisningsenhed => (&cells.daginstitution, Niveau::Daginstitution),
            Niveau::AlternativAdresse => (&cells.enhed, Niveau::Anvisningsenhed),
        };
        let Some(parent) = number(text) else {
            // The schema says so.
            return Ok(Parent::There(None));
        };
        let found = match self.parents.get(&parent) {
            Some(above) => Some(*above),
            None => self.view.record(parent)?.map(|record| {
                (
                    record.niveau(),
                    record.is_active(),
                    Codes::of(&record.content),
                )
            }),
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
            let named = lines
                .iter()
                .take(MOST_LINES)
                .map(|(line, _)| line.to_string());
            let named: Vec<String> = named.collect();
            let (first, of_first) = lines.first().cloned().unwrap_or_default();
            let more = if lines.len() > MOST_LINES {
                ", …"
            } else {
                ""
            };
            let problem = Problem::new(entry)
                .with("niveau", level.element())
                .with("nummer", nummer)
                .with("antal", lines.len())
                .with("linjer", format!("{}{more}", named.join(", ")));
            self.report.fejl.push(RowProblem {
                line: own.unwrap_or(first),
                nummer: own.map_or(of_first, |_| Some(nummer.to_string())),
                problem,
            });
        }
    }

    /// What the schema of the import and the code tables say.
    fn by_schema(&self, cells: &Cells, niveau: Niveau, fejl: &mut Vec<Problem>) -> Option<Content> {
        let message = row::message(cells, niveau);
        let request = match soap::read_bare(
            &IMPORT_V2,
            &import::WRITES,
            &message,
            self.rules.schema,
            Limits::default(),
        ) {
            Ok(request) => request,
            Err(problems) => {
                fejl.extend(problems);
                return None;
            }
        };
        let valid = request.shape.is_valid();
        fejl.extend(request.shape.problems);
        let (write, message) = request.message;
        fejl.extend(import::alone(write, &message, self.rules.tables));
        let record = message.records.first().filter(|_| valid)?;
        let mut content = record.content()?;
        if let Content::Anvisningsenhed(unit) = &mut content
            && cells[Column::PNummer].is_empty()
        {
            unit.p_nummer = unit.p_nummer.filter(|own| own.as_str() != NO_P_NUMBER);
        }
        Some(content)
    }

    fn accepted(
        &mut self,
        cells: &Cells,
        nummer: Option<Institutionsnummer>,
        above: Option<Codes>,
        content: Content,
        nedlagt: bool,
    ) {
        if !nedlagt {
            for problem in notes::all(self.rules.tables, cells, &content, above) {
                self.warn(cells, problem);
            }
        }
        if let Some(nummer) = nummer {
            // A unit's are its daginstitution's.
            let codes = Codes::of(&content).or(above);
            self.parents
                .insert(nummer, (content.niveau(), !nedlagt, codes));
        }
        self.report.accepted.push(Accepted {
            line: cells.line,
            nummer,
            content,
            nedlagt,
        });
    }

    /// Leaves a row out, for what is wrong with it and for reasons that are told elsewhere.
    fn reject(&mut self, cells: Cells, problems: Vec<Problem>, elsewhere: Vec<&'static str>) {
        if let Some(nummer) = number(cells.nummer()) {
            self.rejected.entry(nummer).or_insert(cells.line);
        }
        let mut codes: Vec<_> = problems.iter().map(|problem| problem.entry.kode).collect();
        codes.extend(elsewhere);
        self.report
            .fejl
            .extend(problems.into_iter().map(|problem| about(&cells, problem)));
        self.report.rejected.push(Rejected {
            line: cells.line,
            raw: cells.raw,
            codes,
        });
    }

    fn warn(&mut self, cells: &Cells, problem: Problem) {
        self.report.warnings.push(about(cells, problem));
    }
}

fn about(cells: &Cells, problem: Problem) -> RowProblem {
    RowProblem {
        line: cells.line,
        nummer: own_text(cells),
        problem,
    }
}

/// The number in a row, where there is one.
fn own_text(cells: &Cells) -> Option<String> {
    Some(cells.nummer().to_owned()).filter(|nummer| !nummer.is_empty())
}

/// How often each code stands in a list, by code.
pub fn counted(list: &[RowProblem]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for about in list {
        *counts.entry(about.problem.entry.kode).or_default() += 1;
    }
    counts
}
