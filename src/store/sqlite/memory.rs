//! What a transaction remembers of the register: who calls, and what records are put under. A view remembers it for itself; the
//! writer from one transaction to the next, for as long as nobody else has committed.
//!
//! Invariant: what is remembered is what the connection would read now. Who changes a row forgets it here; who takes changes
//! back forgets everything.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;

use crate::register::{Content, Cvr, Institutionsnummer, Kommunekode, Niveau, Record};
use crate::store::{Organisation, Result};

/// The most organisations, and the most records: some 2 kB each.
const MOST: usize = 1024;

#[derive(Debug, Default)]
pub(super) struct Memory {
    organisations: RefCell<HashMap<Cvr, Option<Organisation>>>,
    /// Those that others stand under.
    parents: RefCell<HashMap<Institutionsnummer, Record>>,
    /// Records are looked at again by a later transaction, and hardly ever by the same.
    lasts: bool,
}

impl Memory {
    /// For one transaction after another.
    pub(super) fn lasting() -> Self {
        Self {
            lasts: true,
            ..Self::default()
        }
    }

    pub(super) fn clear(&self) {
        self.organisations.borrow_mut().clear();
        self.parents.borrow_mut().clear();
    }

    pub(super) fn organisation(
        &self,
        cvr: Cvr,
        read: impl FnOnce() -> Result<Option<Organisation>>,
    ) -> Result<Option<Organisation>> {
        if let Some(known) = self.organisations.borrow().get(&cvr) {
            return Ok(known.clone());
        }
        let found = read()?;
        remember(&self.organisations, cvr, found.clone());
        Ok(found)
    }

    pub(super) fn forget_organisation(&self, cvr: Cvr) {
        self.organisations.borrow_mut().remove(&cvr);
    }

    pub(super) fn record(
        &self,
        number: Institutionsnummer,
        read: impl FnOnce() -> Result<Option<Record>>,
    ) -> Result<Option<Record>> {
        if !self.lasts {
            return read();
        }
        if let Some(known) = self.parents.borrow().get(&number) {
            return Ok(Some(known.clone()));
        }
        let found = read()?;
        if let Some(record) = &found
            && record.niveau() != Niveau::AlternativAdresse
        {
            remember(&self.parents, number, record.clone());
        }
        Ok(found)
    }

    pub(super) fn forget_record(&self, number: Institutionsnummer) {
        self.parents.borrow_mut().remove(&number);
    }

    /// The daginstitution that something under a parent belongs to, and its kommune, if all of that is remembered.
    pub(super) fn root(
        &self,
        parent: Institutionsnummer,
        level: Niveau,
    ) -> Option<(Institutionsnummer, Kommunekode)> {
        let parents = self.parents.borrow();
        let record = parents.get(&parent).filter(|r| r.niveau() == level)?;
        let top = match &*record.content {
            Content::Anvisningsenhed(unit) => parents.get(&unit.daginstitution)?,
            _ => record,
        };
        match &*top.content {
            Content::Daginstitution(fields) => Some((top.nummer, fields.adm_kommune)),
            _ => None,
        }
    }
}

fn remember<K: Eq + Hash, V>(known: &RefCell<HashMap<K, V>>, key: K, value: V) {
    let mut known = known.borrow_mut();
    if known.len() >= MOST {
        known.clear();
    }
    known.insert(key, value);
}
