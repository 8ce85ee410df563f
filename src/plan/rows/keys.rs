//! What each row is about: a record of the register by its number, or a new one, perhaps with a name that other rows call it by.

use super::super::sheet::number_column;
use super::{Key, Work};
use crate::problem::{Problem, load, plan, register};
use crate::register::{Institutionsnummer, Niveau};
use crate::store::Result;

impl Work<'_> {
    /// Finds out what each row is about.
    pub(super) fn identify(&mut self) -> Result<()> {
        for row in 0..self.sheet.rows.len() {
            let key = self.key(row)?;
            match &key {
                Some((_, Key::Number(number))) => {
                    self.by_number.insert(*number, row);
                }
                Some((_, Key::New(Some(name)))) => {
                    self.by_name.insert(name.clone(), row);
                }
                _ => {}
            }
            self.keys.push(key);
        }
        Ok(())
    }

    fn key(&mut self, row: usize) -> Result<Option<(Niveau, Key)>> {
        let (columns, cells) = (&self.sheet.columns, &self.sheet.rows[row]);
        let Some(level) = columns.level(cells) else {
            let problem = Problem::new(&load::UKENDT_ART).with("art", columns.says(cells));
            self.error(row, Some("dagtilbudsType"), problem);
            return Ok(None);
        };
        let column = number_column(level);
        let Some(text) = columns.number(cells, level) else {
            let problem = Problem::new(&plan::KOLONNE_MANGLER).with("kolonne", column);
            self.error(row, None, problem);
            return Ok(None);
        };
        if text.is_empty() {
            return Ok(Some((level, Key::New(None))));
        }
        if let Some(name) = new_name(text) {
            if self.by_name.contains_key(&name) {
                let problem = Problem::new(&plan::NY_IGEN).with("navn", &name);
                self.error(row, Some(column), problem);
                return Ok(None);
            }
            return Ok(Some((level, Key::New(Some(name)))));
        }
        let Ok(number) = Institutionsnummer::parse(text) else {
            let problem = Problem::new(&load::NUMMER_FORM).with("nummer", text);
            self.error(row, Some(column), problem);
            return Ok(None);
        };
        if number.is_a_number() {
            let problem = self.a_number(number)?;
            self.error(row, Some(column), problem);
            return Ok(None);
        }
        if self.by_number.contains_key(&number) {
            let problem = Problem::new(&load::NUMMER_IGEN).with("nummer", number);
            self.error(row, Some(column), problem);
            return Ok(None);
        }
        Ok(Some((level, Key::Number(number))))
    }

    fn a_number(&self, number: Institutionsnummer) -> Result<Problem> {
        let known = self.view.a_nummer(number)?.and_then(|known| known.afgjort);
        Ok(match known {
            Some((now, _)) => Problem::new(&register::A_NUMMER_KENDT)
                .with("nummer", number)
                .with("nyt", now),
            None => Problem::new(&register::A_NUMMER).with("nummer", number),
        })
    }
}

/// The name of a new record as other rows call it: `NY-` and up to 20 letters and digits, in any case.
pub(super) fn new_name(text: &str) -> Option<String> {
    let name = text.to_uppercase();
    let rest = name.strip_prefix("NY-")?;
    let fits = (1..=20).contains(&rest.chars().count()) && rest.chars().all(char::is_alphanumeric);
    fits.then_some(name)
}
