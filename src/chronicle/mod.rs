//! What has become of a record, in words (kontrakt §8): each change beside the one before it, as events that people tell apart.
//!
//! The fields are those of the description (`register::fields`); `words` says them in Danish or English.

pub mod json;
mod seen;
mod words;

use crate::register::{
    Adresse, Content, Def, Field, Institutionsnummer, Kind, Lukkeaarsag, Pen, Value,
};
use crate::store::{Aendring, Handling};

pub use seen::{Fields, Names, Seen, chosen, goes_on_as};
pub use words::Words;

/// A change with what it did to the record.
#[derive(Debug)]
pub struct Told<'a> {
    /// The change.
    pub change: &'a Aendring,
    /// What it did, in document order; never empty.
    pub events: Vec<Event<'a>>,
}

/// Something that a change did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// The record came to be.
    Opened {
        /// What it was put under.
        under: Option<Institutionsnummer>,
        /// What it took the place of.
        succeeds: &'a [Institutionsnummer],
    },
    /// It went under another record.
    Moved {
        /// The one before.
        from: Institutionsnummer,
        /// The one since.
        to: Institutionsnummer,
    },
    /// It lies, or is called, elsewhere.
    Address {
        /// The one before.
        before: &'a Adresse,
        /// The one since.
        after: &'a Adresse,
    },
    /// A field says something else.
    Field {
        /// The field.
        def: &'static Def,
        /// What it said.
        before: Option<Value<'a>>,
        /// What it says.
        after: Option<Value<'a>>,
    },
    /// It ended.
    Closed {
        /// Why.
        reason: Option<Lukkeaarsag>,
        /// The number of the school that it goes on under.
        school: Option<Institutionsnummer>,
        /// What took its place.
        successors: &'a [Institutionsnummer],
    },
    /// It was sent again as it was.
    Unchanged,
}

/// Tells a record's changes, oldest first.
pub fn told(history: &[Aendring]) -> Vec<Told<'_>> {
    let before = std::iter::once(None).chain(history.iter().map(Some));
    let tell = |(change, before)| Told {
        change,
        events: events(before, change),
    };
    history.iter().zip(before).map(tell).collect()
}

fn events<'a>(before: Option<&'a Aendring>, change: &'a Aendring) -> Vec<Event<'a>> {
    let (content, life) = (&*change.record.content, &change.record.life);
    let Some(before) = before.map(|before| &*before.record.content) else {
        return vec![Event::Opened {
            under: content.parent(),
            succeeds: &life.afloeser,
        }];
    };
    let mut events = differences(before, content);
    if change.handling == Handling::Nedlagt {
        events.push(Event::Closed {
            reason: life.lukkeaarsag,
            school: life.skolens_nummer,
            successors: &life.afloest_af,
        });
    }
    if events.is_empty() {
        events.push(Event::Unchanged);
    }
    events
}

fn differences<'a>(before: &'a Content, after: &'a Content) -> Vec<Event<'a>> {
    let mut events = Vec::new();
    if let (Some(from), Some(to)) = (before.parent(), after.parent())
        && from != to
    {
        events.push(Event::Moved { from, to });
    }
    let elsewhere = match (before.adresse(), after.adresse()) {
        (Some(before), Some(after)) if before.line() != after.line() => Some((before, after)),
        _ => None,
    };
    let (old, new) = (Values::of(before), Values::of(after));
    for def in after.niveau().fields() {
        // The line of an address tells of its parts, and of its place on the map.
        let told_elsewhere = def.field.in_address() && elsewhere.is_some();
        let (before, after) = (old.get(def), new.get(def));
        if before != after && def.kind != Kind::Number && !told_elsewhere {
            events.push(Event::Field { def, before, after });
        }
        if def.field == Field::VejNavn
            && let Some((before, after)) = elsewhere
        {
            events.push(Event::Address { before, after });
        }
    }
    events
}

/// What a record's fields hold.
#[derive(Default)]
struct Values<'a>(Vec<(&'static Def, Value<'a>)>);

impl<'a> Values<'a> {
    fn of(content: &'a Content) -> Self {
        let mut values = Self::default();
        content.write(&mut values);
        values
    }

    fn get(&self, def: &Def) -> Option<Value<'a>> {
        let found = self.0.iter().find(|(own, _)| own.field == def.field);
        found.map(|(_, value)| *value)
    }
}

impl<'a> Pen<'a> for Values<'a> {
    fn field(&mut self, def: &'static Def, value: Value<'a>) {
        self.0.push((def, value));
    }
}
