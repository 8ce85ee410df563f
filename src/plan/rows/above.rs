//! What a row repeats of the records above its own: ownership, kommune, names, numbers. It is that of the register, or what the
//! file makes of it; whoever wrote something else meant to change it, and would have changed nothing.

use std::rc::Rc;
use std::sync::Arc;

use super::super::message::Values;
use super::super::sheet;
use super::cells::{alike, has, meaning, same};
use super::{Work, new_name};
use crate::problem::{Problem, plan};
use crate::register::{Content, Institutionsnummer, Kind, Niveau, Record};
use crate::store::Result;

/// Of so many records it is looked up what they have said.
const MOST_EARLIER: usize = 2000;

/// A record above a row: as the register has it, as the file has it, or both.
struct Over {
    level: Niveau,
    record: Option<Rc<Record>>,
    row: Option<usize>,
}

impl Work<'_> {
    /// Judges what a row says of other records than its own.
    pub(super) fn above(
        &mut self,
        row: usize,
        level: Niveau,
        record: Option<&Rc<Record>>,
    ) -> Result<()> {
        let over = self.over(row, level, record)?;
        let sheet = self.sheet;
        let cells = &sheet.rows[row];
        let name = |content: &Content| Some(content.navn().to_owned());
        for upper in Niveau::ALL.into_iter().filter(|upper| *upper < level) {
            let at = || over.iter().filter(|own| own.level == upper);
            if let Some(cell) = sheet.columns.name_on(cells, (upper, level)) {
                let right = at().flat_map(|own| self.names(own)).collect();
                let column = sheet::name_column(upper);
                self.repeats(row, (column, cell), right, &numbers(at()), &name)?;
            }
            if level.parent() != Some(upper)
                && let Some(cell) = sheet.columns.number(cells, upper)
            {
                let right = at().flat_map(|own| self.numbers(own)).collect();
                let under = over.iter().filter(|own| own.level.parent() == Some(upper));
                let parent = |content: &Content| content.parent().map(|own| own.to_string());
                let column = sheet::number_column(upper);
                self.repeats(row, (column, cell), right, &numbers(under), &parent)?;
            }
        }
        if let Some(cell) = sheet.columns.name_on(cells, (level, level)) {
            let own = record.map(|own| own.content.navn().to_owned());
            let wanted = sheet.columns.name(cells, level).map(str::to_owned);
            let right = own.into_iter().chain(wanted).collect();
            let number: Vec<_> = record.iter().map(|own| own.nummer).collect();
            let column = sheet::name_column(level);
            self.repeats(row, (column, cell), right, &number, &name)?;
        }
        self.inherited(row, level, &over)?;
        self.below(row, level);
        Ok(())
    }

    /// Fields that the row's level does not have: those of a level above that are shown below, or nothing.
    fn inherited(&mut self, row: usize, level: Niveau, over: &[Over]) -> Result<()> {
        let (sheet, tables) = (self.sheet, self.by.tables);
        let cells = &sheet.rows[row];
        let foreign = sheet.columns.described();
        let foreign: Vec<_> = foreign.filter(|def| !has(level, def.column)).collect();
        for def in foreign {
            let Some(cell) = sheet.columns.field(cells, (def, level), tables) else {
                continue;
            };
            let holder = Niveau::ALL.into_iter().find(|upper| {
                let mut fields = upper.fields();
                *upper < level && fields.any(|own| own.column == def.column && own.inherited)
            });
            let Some(holder) = holder else {
                self.has_no(row, level, def.field.name(), &cell);
                continue;
            };
            let at = || over.iter().filter(|own| own.level == holder);
            let values: Vec<String> = at().flat_map(|own| self.values(own, def)).collect();
            let of = numbers(at());
            let said = |content: &Content| Values::of(content).get(def.column).map(str::to_owned);
            let text = sheet.columns.text(cells, def.column);
            let texts = match def.kind {
                Kind::Code(table) => Some(tables.of(table)),
                _ => None,
            };
            if !values.iter().any(|own| same(def, &cell, Some(own))) {
                self.repeats(row, (def.field.name(), &cell), values.clone(), &of, &said)?;
            }
            if let Some((text, table)) = text.zip(texts) {
                let meant = |code: &String| meaning(table, code).map(str::to_owned);
                let right = values.iter().filter_map(meant).collect();
                let said = |content: &Content| said(content).as_ref().and_then(meant);
                self.repeats(row, (def.field.text_name(), text), right, &of, &said)?;
            }
        }
        Ok(())
    }

    /// The records above a row, as the register and as the file have them.
    fn over(
        &mut self,
        row: usize,
        level: Niveau,
        record: Option<&Rc<Record>>,
    ) -> Result<Vec<Over>> {
        let mut found: Vec<Over> = Vec::new();
        let mut from = vec![(record.cloned(), Some(row))];
        let mut at = level;
        while let Some(upper) = at.parent() {
            let mut next = Vec::new();
            for (record, row) in from {
                let stands = record.and_then(|own| own.content.parent());
                let cell =
                    row.and_then(|row| self.sheet.columns.number(&self.sheet.rows[row], upper));
                let named = cell.and_then(|cell| Institutionsnummer::parse(cell).ok());
                for number in stands.into_iter().chain(named) {
                    let record = self.record(number)?.filter(|own| own.niveau() == upper);
                    next.push((record, self.by_number.get(&number).copied()));
                }
                let new = cell.and_then(new_name);
                let opened = new.and_then(|name| self.by_name.get(&name).copied());
                next.extend(opened.map(|row| (None, Some(row))));
            }
            found.extend(next.iter().map(|(record, row)| Over {
                level: upper,
                record: record.clone(),
                row: *row,
            }));
            (from, at) = (next, upper);
        }
        Ok(found)
    }

    fn names(&self, own: &Over) -> Vec<String> {
        let stands = own
            .record
            .as_ref()
            .map(|record| record.content.navn().to_owned());
        let cell = own
            .row
            .and_then(|row| self.sheet.columns.name(&self.sheet.rows[row], own.level));
        stands.into_iter().chain(cell.map(str::to_owned)).collect()
    }

    fn numbers(&self, own: &Over) -> Vec<String> {
        let stands = own.record.as_ref().map(|record| record.nummer.to_string());
        let cell = own
            .row
            .and_then(|row| self.sheet.columns.number(&self.sheet.rows[row], own.level));
        stands.into_iter().chain(cell.map(str::to_owned)).collect()
    }

    fn values(&self, own: &Over, def: &'static crate::register::Def) -> Vec<String> {
        let stands = own.record.as_ref().and_then(|record| {
            Values::of(&record.content)
                .get(def.column)
                .map(str::to_owned)
        });
        let cell = own.row.and_then(|row| {
            let cells = &self.sheet.rows[row];
            self.sheet
                .columns
                .field(cells, (def, own.level), self.by.tables)
        });
        stands
            .into_iter()
            .chain(cell.map(std::borrow::Cow::into_owned))
            .collect()
    }

    /// Refuses a cell that repeats nothing of what is right, nor of what was before: a file may be older than what it says of
    /// records that it does not change.
    fn repeats(
        &mut self,
        row: usize,
        (name, cell): (&str, &str),
        right: Vec<String>,
        of: &[Institutionsnummer],
        said: &dyn Fn(&Content) -> Option<String>,
    ) -> Result<()> {
        if cell.is_empty() || right.iter().any(|own| alike(own, cell)) {
            return Ok(());
        }
        for number in of {
            let before = self.earlier(*number)?.iter();
            let mut before = before.filter_map(|content| said(content));
            if before.any(|own| alike(&own, cell)) {
                return Ok(());
            }
        }
        let problem = Problem::new(&plan::ANDET_STED)
            .with("kolonne", name)
            .with("vaerdi", cell)
            .with("har", right.first().map_or("-", String::as_str));
        self.error(row, Some(name), problem);
        Ok(())
    }

    /// What a record has said, for so many records as a file may reasonably be older than.
    fn earlier(&mut self, number: Institutionsnummer) -> Result<&[Arc<Content>]> {
        if !self.earlier.contains_key(&number) && self.earlier.len() < MOST_EARLIER {
            let history = self.view.historik(number)?;
            let all = history.into_iter().map(|change| change.record.content);
            self.earlier.insert(number, all.collect());
        }
        Ok(self.earlier.get(&number).map_or(&[], Vec::as_slice))
    }
}

/// The numbers of records above a row.
fn numbers<'o>(over: impl Iterator<Item = &'o Over>) -> Vec<Institutionsnummer> {
    over.filter_map(|own| own.record.as_ref().map(|record| record.nummer))
        .collect()
}
