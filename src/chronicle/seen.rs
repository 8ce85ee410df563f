//! A record at a moment, with what stands over and under it, and the names of others that its history speaks of.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::{Event, Told};
use crate::register::{Def, Field, Institutionsnummer, Pen, Record, Value, Version};
use crate::store::{self, Moment, Portion, Position, Read};

/// A record with its neighbours.
#[derive(Debug)]
pub struct Seen {
    /// The change that it is shown after.
    pub position: Position,
    /// The record.
    pub record: Record,
    /// What it stands under, the nearest first.
    pub over: Vec<Record>,
    /// What stands directly under it, closed ones too.
    pub under: Vec<Record>,
}

impl Seen {
    /// As it stood at a moment; none where the register had none of this number.
    ///
    /// # Errors
    /// The store's.
    pub fn at(
        view: &dyn Read,
        number: Institutionsnummer,
        moment: Moment,
    ) -> store::Result<Option<Self>> {
        let one =
            |number| chosen(view, moment, Portion::Disse(&[number])).map(|mut found| found.pop());
        let Some(record) = one(number)? else {
            return Ok(None);
        };
        let mut over = Vec::new();
        let mut parent = record.content.parent();
        while let Some(found) = parent.map(one).transpose()?.flatten() {
            parent = found.content.parent();
            over.push(found);
        }
        Ok(Some(Self {
            position: view.position_on(moment)?,
            under: chosen(view, moment, Portion::Under(&[number]))?,
            record,
            over,
        }))
    }

    /// The name of the record or of one near it.
    pub fn name(&self, number: Institutionsnummer) -> Option<String> {
        let own = std::iter::once(&self.record);
        let mut all = own.chain(&self.over).chain(&self.under);
        let found = all.find(|record| record.nummer == number);
        found.map(|record| record.content.navn().to_owned())
    }
}

/// Some of the records of a moment.
///
/// # Errors
/// The store's.
pub fn chosen(view: &dyn Read, moment: Moment, portion: Portion<'_>) -> store::Result<Vec<Record>> {
    let mut found = Vec::new();
    view.chosen_on(moment, portion, &mut |record| {
        found.push(record);
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

/// The number under which a record goes on: an A-number's successor, where there is one.
///
/// # Errors
/// The store's.
pub fn goes_on_as(
    view: &dyn Read,
    number: Institutionsnummer,
) -> store::Result<Institutionsnummer> {
    if !number.is_a_number() {
        return Ok(number);
    }
    let decided = view.a_nummer(number)?.and_then(|known| known.afgjort);
    Ok(decided.map_or(number, |(now, _)| now))
}

/// The fields of a record in document order; of those of its content, with their description.
#[derive(Debug, Default)]
pub struct Fields<'a>(pub Vec<(Field, Option<&'static Def>, Value<'a>)>);

impl<'a> Pen<'a> for Fields<'a> {
    fn field(&mut self, def: &'static Def, value: Value<'a>) {
        self.0.push((def.field, Some(def), value));
    }

    fn own(&mut self, field: Field, _: Version, value: Value<'a>) {
        self.0.push((field, None, value));
    }
}

/// The names of records, as they are now.
#[derive(Debug, Default)]
pub struct Names(HashMap<Institutionsnummer, String>);

impl Names {
    /// Those that a history speaks of.
    ///
    /// # Errors
    /// The store's.
    pub fn of(view: &dyn Read, history: &[Told<'_>]) -> store::Result<Self> {
        let mut names = Self::default();
        for event in history.iter().flat_map(|told| &told.events) {
            for number in event.numbers() {
                names.learn(view, number)?;
            }
        }
        Ok(names)
    }

    /// Reads one more.
    ///
    /// # Errors
    /// The store's.
    pub fn learn(&mut self, view: &dyn Read, number: Institutionsnummer) -> store::Result<()> {
        if !self.0.contains_key(&number)
            && let Some(record) = view.record(number)?
        {
            let name = record.content.navn().to_owned();
            self.0.insert(number, name);
        }
        Ok(())
    }

    /// That of a number.
    pub fn get(&self, number: Institutionsnummer) -> Option<String> {
        self.0.get(&number).cloned()
    }
}

impl Event<'_> {
    /// The records that it speaks of beside the one that it is of.
    pub fn numbers(&self) -> impl Iterator<Item = Institutionsnummer> {
        let (one, more): ([Option<Institutionsnummer>; 2], &[_]) = match *self {
            Event::Opened { under, succeeds } => ([under, None], succeeds),
            Event::Moved { from, to } => ([Some(from), Some(to)], &[]),
            Event::Closed { successors, .. } => ([None, None], successors),
            Event::Address { .. } | Event::Field { .. } | Event::Unchanged => ([None, None], &[]),
        };
        one.into_iter().flatten().chain(more.iter().copied())
    }
}
