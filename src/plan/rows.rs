//! Rows beside the register: what each of them opens, changes, moves and closes, as the messages that would do it.

mod above;
mod cells;
mod end;
mod keys;

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use self::keys::new_name;
use super::message::{self, About, Values};
use super::sheet::{Sheet, number_column};
use super::{Notice, Where, damage};
use crate::problem::{Problem, load, plan, register};
use crate::register::{
    Column, Content, Dato, Field, Institutionsnummer, Kodetabeller, Kommunekode, Niveau, Record,
};
use crate::store::{Read, Result};

/// Stands for the number of a parent that is yet to be opened. Whoever writes the record puts the real one there.
const UNKNOWN: &str = "000000";

/// What rows are compared by.
#[derive(Clone, Copy)]
pub(super) struct By<'a> {
    pub(super) tables: &'a Kodetabeller,
    /// The Danish day.
    pub(super) today: Dato,
    /// The kommune that the file is all of.
    pub(super) whole: Option<Kommunekode>,
}

/// One write that a row stands for.
#[derive(Debug)]
pub(super) struct Step {
    /// Its place among the others: parents are opened first, and closed last.
    pub(super) rank: u8,
    /// The row; none for a record that is missing in the file.
    pub(super) row: Option<usize>,
    /// The row of the new record that it stands under.
    pub(super) under: Option<usize>,
    /// Whether it opens a record.
    pub(super) opens: bool,
    /// What it is called while it has no number.
    pub(super) name: String,
    /// The message.
    pub(super) text: String,
}

/// What came of comparing.
#[derive(Debug, Default)]
pub(super) struct Compared {
    pub(super) steps: Vec<Step>,
    pub(super) errors: Vec<Notice>,
    pub(super) warnings: Vec<Notice>,
    /// Rows that say what the register says.
    pub(super) unchanged: u64,
    /// Every number that the file names as a record of its own.
    pub(super) numbers: Vec<Institutionsnummer>,
}

/// What a row is about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Key {
    Number(Institutionsnummer),
    /// A new record, with the name by which other rows call it.
    New(Option<String>),
}

/// Compares all rows with the register.
pub(super) fn compare(sheet: &Sheet, by: By<'_>, view: &dyn Read) -> Result<Compared> {
    let mut work = Work {
        sheet,
        by,
        view,
        keys: Vec::with_capacity(sheet.rows.len()),
        by_number: HashMap::new(),
        by_name: HashMap::new(),
        known: HashMap::new(),
        earlier: HashMap::new(),
        out: Compared::default(),
    };
    work.identify()?;
    for row in 0..sheet.rows.len() {
        if let Some((level, key)) = work.keys.get(row).cloned().flatten() {
            match key {
                Key::Number(number) => work.existing(row, level, number)?,
                Key::New(name) => work.new_record(row, level, name.as_deref())?,
            }
        }
    }
    work.missing()?;
    let mut out = work.out;
    out.steps.sort_by_key(|step| step.rank);
    out.numbers = work.by_number.into_keys().collect();
    Ok(out)
}

struct Work<'a> {
    sheet: &'a Sheet,
    by: By<'a>,
    view: &'a dyn Read,
    keys: Vec<Option<(Niveau, Key)>>,
    by_number: HashMap<Institutionsnummer, usize>,
    by_name: HashMap<String, usize>,
    known: HashMap<Institutionsnummer, Option<Rc<Record>>>,
    /// What records have said.
    earlier: HashMap<Institutionsnummer, Vec<Arc<Content>>>,
    out: Compared,
}

impl Work<'_> {
    /// A row with a number.
    fn existing(&mut self, row: usize, level: Niveau, number: Institutionsnummer) -> Result<()> {
        let found = self.record(number)?.filter(|own| own.niveau() == level);
        let Some(record) = found else {
            let problem = Problem::new(&register::UKENDT_NUMMER)
                .with("niveau", level.element())
                .with("nummer", number);
            self.error(row, Some(number_column(level)), problem);
            return Ok(());
        };
        if let Some(whole) = self.by.whole
            && let Some(kommune) = self.view.adm_kommune(number)?
            && kommune != whole
        {
            self.other_kommune(row, number.as_str(), kommune, whole);
            return Ok(());
        }
        let before = self.out.errors.len();
        let current = Values::of(&record.content);
        let wanted = self.cells(row, level, &current);
        self.above(row, level, Some(&record))?;
        let ends = self.end(row, Some(&record.life));
        let changed = |column| wanted.get(column) != current.get(column);
        let moved = level.parent().is_some() && changed(Column::Foraelder);
        let mut fields = level.fields().filter(|def| def.column != Column::Foraelder);
        let updated = fields.any(|def| changed(def.column));
        if !record.is_active() && (moved || updated) {
            let since = record
                .life
                .nedlagt
                .map_or_else(String::new, |at| at.to_string());
            let problem = Problem::new(&register::LUKKET).with("nummer", number);
            self.error(
                row,
                Some(number_column(level)),
                problem.with("nedlagt", since),
            );
        }
        let under = self.parent(row, level, &wanted);
        if updated {
            self.must_hold(row, level, &wanted);
        }
        if self.out.errors.len() > before {
            return Ok(());
        }
        if !(moved || updated || ends) {
            self.out.unchanged += 1;
            return Ok(());
        }
        self.steps(row, &record, (moved, updated, ends), wanted, under);
        Ok(())
    }

    /// The writes of a row with a number; the first of them has the version that the row was made from.
    fn steps(
        &mut self,
        row: usize,
        record: &Record,
        (moved, updated, ends): (bool, bool, bool),
        mut wanted: Values,
        under: Option<usize>,
    ) {
        let level = record.niveau();
        let life = |field| {
            self.sheet
                .columns
                .life(&self.sheet.rows[row], field)
                .unwrap_or_default()
        };
        let mut version = life(Field::Version);
        let (reason, school, successors) = (
            life(Field::Lukkeaarsag),
            life(Field::SkolensInstitutionsnummer),
            life(Field::AfloestAf),
        );
        if under.is_some() {
            wanted.set(Column::Foraelder, UNKNOWN.to_owned());
        }
        let mut about = || About {
            level,
            number: record.nummer,
            version: std::mem::take(&mut version),
        };
        let mut texts = Vec::new();
        if moved {
            let to = wanted.get(Column::Foraelder).unwrap_or_default();
            texts.push((1 + 3 * level as u8, message::put(about(), to)));
        }
        if updated {
            texts.push((2 + 3 * level as u8, message::update(about(), &wanted)));
        }
        if ends {
            let text = message::close(about(), reason, school, successors);
            texts.push((closing_rank(level), text));
        }
        for (rank, text) in texts {
            self.out.steps.push(Step {
                rank,
                row: Some(row),
                under: under.filter(|_| rank < closing_rank(Niveau::AlternativAdresse)),
                opens: false,
                name: record.nummer.to_string(),
                text,
            });
        }
    }

    /// A row without a number.
    fn new_record(&mut self, row: usize, level: Niveau, name: Option<&str>) -> Result<()> {
        let before = self.out.errors.len();
        let mut wanted = self.cells(row, level, &Values::default());
        self.above(row, level, None)?;
        self.end(row, None);
        let under = self.parent(row, level, &wanted);
        self.must_hold(row, level, &wanted);
        if let Some(whole) = self.by.whole
            && let Some(kommune) = wanted.get(Column::AdmKommune)
            && let Ok(kommune) = Kommunekode::parse(kommune)
            && kommune != whole
        {
            self.other_kommune(row, name.unwrap_or("-"), kommune, whole);
        }
        if self.out.errors.len() > before {
            return Ok(());
        }
        if under.is_some() {
            wanted.set(Column::Foraelder, UNKNOWN.to_owned());
        }
        let succeeds = self
            .sheet
            .columns
            .life(&self.sheet.rows[row], Field::Afloeser);
        let line = self.line(row);
        self.out.steps.push(Step {
            rank: 3 * level as u8,
            row: Some(row),
            under,
            opens: true,
            name: name.map_or_else(|| format!("#{line}"), str::to_owned),
            text: message::insert(level, &wanted, succeeds.unwrap_or_default()),
        });
        Ok(())
    }

    /// The row of the new record that a row stands under.
    fn parent(&mut self, row: usize, level: Niveau, wanted: &Values) -> Option<usize> {
        let parent = level.parent()?;
        let name = new_name(wanted.get(Column::Foraelder)?)?;
        let found = self.by_name.get(&name).copied();
        let found = found.filter(|at| {
            let key = self.keys.get(*at).and_then(Option::as_ref);
            key.is_some_and(|(own, _)| *own == parent)
        });
        if found.is_none() {
            let problem = Problem::new(&plan::NY_UKENDT)
                .with("kolonne", number_column(parent))
                .with("navn", name)
                .with("niveau", parent.element());
            self.error(row, Some(number_column(parent)), problem);
        }
        found
    }

    fn must_hold(&mut self, row: usize, level: Niveau, wanted: &Values) {
        for &column in damage::must_hold(level) {
            if wanted.get(column).is_none() {
                let mut fields = level.fields();
                let field = fields.find(|def| def.column == column).map(|def| def.field);
                let name = field.map_or("", |field| self.sheet.columns.called(field, level));
                let problem = Problem::new(&load::TOM_CELLE).with("kolonne", name);
                self.error(row, Some(name), problem);
            }
        }
    }

    fn other_kommune(
        &mut self,
        row: usize,
        number: &str,
        kommune: Kommunekode,
        whole: Kommunekode,
    ) {
        let problem = Problem::new(&plan::ANDEN_KOMMUNE)
            .with("nummer", number)
            .with("kommune", kommune)
            .with("hele", whole);
        self.error(row, Some("admKommuneKode"), problem);
    }

    /// A record, looked up once.
    fn record(&mut self, number: Institutionsnummer) -> Result<Option<Rc<Record>>> {
        if let Some(known) = self.known.get(&number) {
            return Ok(known.clone());
        }
        let found = self.view.record(number)?.map(Rc::new);
        self.known.insert(number, found.clone());
        Ok(found)
    }

    fn line(&self, row: usize) -> u64 {
        self.sheet.line(row)
    }

    fn notice(&self, row: usize, column: Option<&str>, problem: Problem) -> Notice {
        let key = self.keys.get(row).and_then(Option::as_ref);
        Notice {
            place: Where::Row {
                line: self.line(row),
                column: column.map(str::to_owned),
            },
            number: match key {
                Some((_, Key::Number(number))) => Some(*number),
                _ => None,
            },
            problem,
        }
    }

    fn error(&mut self, row: usize, column: Option<&str>, problem: Problem) {
        let notice = self.notice(row, column, problem);
        self.out.errors.push(notice);
    }
}

/// Closings come last, children before their parents.
const fn closing_rank(level: Niveau) -> u8 {
    20 - level as u8
}
