//! What calls the operator searches for: everybody's, so each search stands in the audit chain before anything is shown.

use uuid::Uuid;

use super::super::super::invalid;
use crate::calls::{self, Filter};
use crate::problem::Problem;
use crate::register::{Cvr, Day, SystemId};

/// A search, read from the query of the page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallSearch {
    /// Which calls.
    pub filter: Filter,
    /// Those older than this one.
    pub before: Option<Uuid>,
    /// What the audit line says of it.
    pub noted: Vec<String>,
}

impl CallSearch {
    /// Reads it; none where nothing is searched for.
    ///
    /// # Errors
    /// A value that can't be used.
    pub fn of(query: &[(String, String)]) -> Result<Option<Self>, Box<Problem>> {
        if query.is_empty() {
            return Ok(None);
        }
        let mut search = Self::default();
        for (name, value) in query {
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            if search.take(name, value)? && name != "foer" {
                search.noted.push(format!("{name} {value}"));
            }
        }
        Ok(Some(search))
    }

    /// Takes a value; tells whether the search has such a field.
    fn take(&mut self, name: &str, value: &str) -> Result<bool, Box<Problem>> {
        let wrong = |allowed| invalid(name, value, allowed);
        let filter = &mut self.filter;
        match name {
            "cvr" => {
                let cvr = Cvr::parse(value).map_err(|_| wrong("8 cifre / digits"))?;
                filter.cvr = Some(cvr);
            }
            "system" => {
                let id = SystemId::parse(value).map_err(|_| wrong("SYS-1"))?;
                filter.system = Some(id);
            }
            "fra" => filter.from = Some(day(value).ok_or_else(|| wrong("YYYY-MM-DD"))?.begins()),
            "til" => filter.to = Some(day(value).ok_or_else(|| wrong("YYYY-MM-DD"))?.ends()),
            "kode" => {
                let code = value.to_ascii_uppercase();
                calls::entry(&code).ok_or_else(|| wrong("DTR1001"))?;
                filter.code = Some(code);
            }
            "kun" => match value {
                "fejl" => filter.only_failures = true,
                _ => return Err(wrong("fejl")),
            },
            "foer" => {
                let id = Uuid::parse_str(value).map_err(|_| wrong("UUID"))?;
                self.before = Some(id);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn day(text: &str) -> Option<Day> {
    Day::parse(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Result<Option<CallSearch>, Box<Problem>> {
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        CallSearch::of(&pairs)
    }

    #[test]
    fn a_search_is_noted_as_it_was_asked() {
        assert_eq!(of(&[]).unwrap(), None);
        let pairs = [
            ("cvr", "99100028"),
            ("system", ""),
            ("kode", "dtr5001"),
            ("kun", "fejl"),
            ("x", "<b>"),
        ];
        let search = of(&pairs).unwrap().unwrap();
        assert_eq!(search.noted, ["cvr 99100028", "kode dtr5001", "kun fejl"]);
        assert_eq!(search.filter.code.as_deref(), Some("DTR5001"));
        assert!(search.filter.only_failures && search.filter.system.is_none());
    }

    #[test]
    fn what_can_not_be_used_is_refused() {
        for (name, value) in [
            ("cvr", "1"),
            ("system", "x"),
            ("fra", "i går"),
            ("til", "2026-13-01"),
            ("kode", "DTR0"),
            ("kun", "alt"),
            ("foer", "x"),
        ] {
            assert!(of(&[(name, value)]).is_err(), "{name}");
        }
    }
}
