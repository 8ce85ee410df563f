//! The cells of a row beside what the register has: what each field is to say.

use std::borrow::Cow;

use super::super::message::Values;
use super::super::{damage, sheet};
use super::Work;
use crate::first_load::house_number;
use crate::problem::{Problem, plan};
use crate::register::{Column, Def, Kind, Kodetabel, Niveau};

impl Work<'_> {
    /// The fields of a level as a row wants them. One whose column the file does not have stays as it is; so does one whose cell
    /// is refused.
    pub(super) fn cells(&mut self, row: usize, level: Niveau, current: &Values) -> Values {
        let mut wanted = current.clone();
        for def in level.fields() {
            let (sheet, by) = (self.sheet, self.by);
            let cells = &sheet.rows[row];
            let Some(cell) = sheet.columns.field(cells, (def, level), by.tables) else {
                continue;
            };
            let stands = current.get(def.column);
            self.code_and_text(row, (def, level), &cell, stands);
            if same(def, &cell, stands) {
                continue;
            }
            let name = sheet.columns.called(def.field, level);
            if let Some(problem) = damage::done_to(def, name, &cell, stands) {
                self.error(row, Some(name), problem);
                continue;
            }
            let value = self.read(row, (def, name), cell);
            wanted.set(def.column, value);
        }
        wanted
    }

    fn read(&mut self, row: usize, (def, name): (&Def, &str), cell: Cow<'_, str>) -> String {
        match def.kind {
            Kind::Coordinate => cell.replace(',', "."),
            Kind::HouseNumber => {
                let (read, stands) = house_number(cell.into_owned());
                if let Some(stands) = stands {
                    let problem = Problem::new(&plan::HUSNUMMER_SOM)
                        .with("vaerdi", stands)
                        .with("ment", &read);
                    let notice = self.notice(row, Some(name), problem);
                    self.out.warnings.push(notice);
                }
                read
            }
            _ => cell.into_owned(),
        }
    }

    /// The text beside a code is that of the code, or still that of the code that the register has.
    fn code_and_text(
        &mut self,
        row: usize,
        (def, level): (&Def, Niveau),
        cell: &str,
        stands: Option<&str>,
    ) {
        let Kind::Code(table) = def.kind else {
            return;
        };
        let text = self.sheet.columns.text(&self.sheet.rows[row], def.column);
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return;
        };
        let table = self.by.tables.of(table);
        let (means, meant) = (
            meaning(table, cell),
            stands.and_then(|own| meaning(table, own)),
        );
        // A code that no table has is told as such.
        let unknown = !cell.is_empty() && means.is_none();
        let unchanged = same(def, cell, stands);
        let right = means.is_some_and(|means| alike(means, text))
            || (!unchanged && meant.is_some_and(|meant| alike(meant, text)));
        if !(right || unknown) {
            let problem = Problem::new(&plan::KODE_OG_TEKST)
                .with("kolonne", def.field.text_name())
                .with("tekst", text)
                .with("kode", if cell.is_empty() { "-" } else { cell })
                .with("betyder", means.unwrap_or("-"));
            let name = self.sheet.columns.called(def.field, level);
            self.error(row, Some(name), problem);
        }
    }

    /// What a row says of things that are not its record's: nothing, where its level has no such thing.
    pub(super) fn has_no(&mut self, row: usize, level: Niveau, name: &str, cell: &str) {
        if !cell.is_empty() {
            let problem = Problem::new(&plan::HAR_IKKE)
                .with("kolonne", name)
                .with("vaerdi", cell)
                .with("niveau", level.element());
            self.error(row, Some(name), problem);
        }
    }

    /// The columns of levels below the row's own.
    pub(super) fn below(&mut self, row: usize, level: Niveau) {
        let sheet = self.sheet;
        let cells = &sheet.rows[row];
        for lower in Niveau::ALL.into_iter().filter(|lower| *lower > level) {
            let number = sheet.columns.number(cells, lower).unwrap_or_default();
            self.has_no(row, level, sheet::number_column(lower), number);
            let name = sheet
                .columns
                .name_on(cells, (lower, level))
                .unwrap_or_default();
            self.has_no(row, level, sheet::name_column(lower), name);
        }
    }
}

/// Whether a cell says what the register has.
pub(super) fn same(def: &Def, cell: &str, stands: Option<&str>) -> bool {
    let stands = stands.unwrap_or_default();
    cell == stands
        || match def.kind {
            Kind::Code(_) => {
                let number = |text: &str| text.parse::<u32>().ok();
                number(cell).is_some() && number(cell) == number(stands)
            }
            Kind::HouseNumber | Kind::Uuid => cell.eq_ignore_ascii_case(stands),
            Kind::Coordinate => cell.replace(',', ".") == stands,
            _ => false,
        }
}

/// The text of a code.
pub(super) fn meaning<'t>(table: &'t Kodetabel, code: &str) -> Option<&'t str> {
    table.tekst(code.parse().ok()?)
}

/// Whether two texts of a code are the same but for letter case.
pub(super) fn alike(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// Whether a level has a field in a column.
pub(super) fn has(level: Niveau, column: Column) -> bool {
    level.fields().any(|def| def.column == column)
}
