//! The chain of digests over the changes (kontrakt §9): whoever has followed the feed can prove that nothing is missing.
//!
//! The digest of change n is SHA-256 over the digest of change n - 1 and the change's canonical text; before the first
//! change it is 32 zero bytes. The canonical text is what the feed shows of the change, the texts of codes left out: a line
//! `name=value` for its sequence and for each element that holds text, in document order, without prefixes, each ended by
//! a line feed. So it can be made from a page of the feed with any XML parser, and does not change with the code tables.

use std::fmt::{Display, Write};

use super::Aendring;
use crate::audit::{self, Hash};
use crate::register::{Def, Field, Pen, Value, Version};

/// Before the first change.
pub const BEGINNING: Hash = Hash([0; 32]);

/// The digest of a change that follows one with this digest.
pub fn next(before: &Hash, aendring: &Aendring) -> Hash {
    audit::chain(before, &canonical(aendring))
}

/// The canonical text of a change.
pub fn canonical(aendring: &Aendring) -> String {
    let mut text = Lines(String::with_capacity(768));
    let record = &aendring.record;
    text.line("sekvens", aendring.sekvens);
    text.line("tidspunkt", aendring.tidspunkt);
    text.line("handling", aendring.handling.as_str());
    text.line("niveau", record.niveau().element());
    text.line("institutionsnummer", record.nummer);
    text.line("version", record.life.version);
    record.write(&mut text);
    text.0
}

struct Lines(String);

impl Lines {
    fn line(&mut self, name: &str, value: impl Display) {
        self.0.push_str(name);
        self.0.push('=');
        // Writing into a String can't fail.
        let _ = write!(self.0, "{value}");
        self.0.push('\n');
    }
}

impl<'a> Pen<'a> for Lines {
    fn field(&mut self, def: &'static Def, value: Value<'a>) {
        self.line(def.field.name(), value);
    }

    fn own(&mut self, field: Field, _: Version, value: Value<'a>) {
        self.line(field.name(), value);
    }
}
