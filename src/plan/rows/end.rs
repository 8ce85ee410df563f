//! Ends: what a row says of its record's closing and lineage, and what the file of a whole kommune closes by not naming it.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::super::damage;
use super::super::message::{self, About};
use super::{Step, Work, closing_rank};
use crate::problem::{Problem, load, plan};
use crate::register::{Dato, Def, Field, Life, Pen, Tidspunkt, Value, Version};
use crate::store::{Result, Selection};

impl Work<'_> {
    /// What a row says of its record's end: whether it closes it.
    pub(super) fn end(&mut self, row: usize, life: Option<&Life>) -> bool {
        let cell = |field| self.sheet.columns.life(&self.sheet.rows[row], field);
        let text = |field| cell(field).unwrap_or_default();
        let (status, closed) = (text(Field::Aktivitetsstatus), text(Field::Nedlagt));
        let says_closed = match status.to_lowercase().as_str() {
            "nedlagt" => Some(true),
            "aktiv" => Some(false),
            "" => None,
            _ => {
                let problem = Problem::new(&load::UKENDT_STATUS).with("status", status);
                self.error(row, Some(Field::Aktivitetsstatus.name()), problem);
                return false;
            }
        };
        let stands_closed = life.is_some_and(|life| life.nedlagt.is_some());
        // A date says more than the status beside it, which whoever closes a record may leave as it is.
        let reopens = match cell(Field::Nedlagt) {
            Some(closed) => closed.is_empty(),
            None => says_closed == Some(false),
        };
        let reopens = stands_closed && reopens;
        let undated = !stands_closed && says_closed == Some(true) && closed.is_empty();
        if reopens || undated || (life.is_none() && !closed.is_empty()) {
            let shown = |text: &str| {
                if text.is_empty() {
                    "-".to_owned()
                } else {
                    text.to_owned()
                }
            };
            let problem = Problem::new(&plan::STATUS_UDEN_DATO)
                .with("status", shown(status))
                .with("nedlagt", shown(closed));
            self.error(row, Some(Field::Nedlagt.name()), problem);
            return false;
        }
        let closes = !stands_closed && life.is_some() && !closed.is_empty();
        let closed = closed.to_owned();
        self.lineage(row, life, closes);
        closes && self.closes_today(row, &closed)
    }

    /// Whether the day of a closing is one that the register can keep.
    fn closes_today(&mut self, row: usize, text: &str) -> bool {
        let name = Field::Nedlagt.name();
        let instant = Tidspunkt::parse(text).ok().and_then(Dato::dansk);
        let Some(day) = instant.or_else(|| Dato::parse(text).ok()) else {
            if let Some(problem) = damage::date(name, text) {
                self.error(row, Some(name), problem);
            }
            return false;
        };
        let problem = |entry| {
            Problem::new(entry)
                .with("vaerdi", text)
                .with("dag", self.by.today)
        };
        if day > self.by.today {
            self.error(row, Some(name), problem(&plan::NEDLAGT_DATO));
        } else if day < self.by.today {
            let told = problem(&plan::NEDLAGT_FOERST_NU);
            let notice = self.notice(row, Some(name), told);
            self.out.warnings.push(notice);
        }
        day <= self.by.today
    }

    /// What only an opening or a closing can say stands as the register has it in all other rows.
    fn lineage(&mut self, row: usize, life: Option<&Life>, closes: bool) {
        let own = [
            (Field::Lukkeaarsag, closes),
            (Field::SkolensInstitutionsnummer, closes),
            (Field::AfloestAf, closes),
            (Field::Afloeser, life.is_none()),
        ];
        for (field, said) in own {
            let cell = self.sheet.columns.life(&self.sheet.rows[row], field);
            let Some(cell) = cell.filter(|_| !said) else {
                continue;
            };
            let mut stands = Kept {
                field,
                text: String::new(),
            };
            if let Some(life) = life {
                life.write(&mut stands);
            }
            if cell != stands.text {
                let problem = Problem::new(&plan::ANDET_STED)
                    .with("kolonne", field.name())
                    .with("vaerdi", if cell.is_empty() { "-" } else { cell })
                    .with(
                        "har",
                        if stands.text.is_empty() {
                            "-"
                        } else {
                            &stands.text
                        },
                    );
                self.error(row, Some(field.name()), problem);
            }
        }
    }

    /// Closes what a whole kommune has and the file has not, children first.
    pub(super) fn missing(&mut self) -> Result<()> {
        let Some(whole) = self.by.whole else {
            return Ok(());
        };
        let of = Selection {
            adm_kommune: Some(whole),
            ..Selection::default()
        };
        let named: HashSet<_> = self.by_number.keys().copied().collect();
        let steps = &mut self.out.steps;
        self.view.records(&of, &mut |record| {
            if !named.contains(&record.nummer) {
                let about = About {
                    level: record.niveau(),
                    number: record.nummer,
                    version: "",
                };
                steps.push(Step {
                    rank: closing_rank(record.niveau()),
                    row: None,
                    under: None,
                    opens: false,
                    name: record.nummer.to_string(),
                    text: message::close(about, "", "", ""),
                });
            }
            ControlFlow::Continue(())
        })
    }
}

/// What the register keeps of a record, as a cell shows it.
struct Kept {
    field: Field,
    text: String,
}

impl<'a> Pen<'a> for Kept {
    fn field(&mut self, _: &'static Def, _: Value<'a>) {}

    fn own(&mut self, field: Field, _: Version, value: Value<'a>) {
        if field == self.field {
            if !self.text.is_empty() {
                self.text.push(' ');
            }
            self.text.push_str(&value.to_string());
        }
    }
}
