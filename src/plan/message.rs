//! The messages that a row stands for: what a vendor would send to have the same done.

use crate::contract::services::IMPORT_V2;
use crate::register::{Column, Def, Entry, Institutionsnummer, Niveau, Pen, Value};
use crate::register::{Content, Field};
use crate::xml::Writer;

/// The values of a record's fields, by column; none where it has none.
#[derive(Debug, Clone)]
pub(super) struct Values([Option<String>; Column::COUNT]);

impl Default for Values {
    fn default() -> Self {
        Self(std::array::from_fn(|_| None))
    }
}

impl Values {
    /// Those of a record.
    pub(super) fn of(content: &Content) -> Self {
        let mut values = Self::default();
        content.write(&mut values);
        values
    }

    /// One.
    pub(super) fn get(&self, column: Column) -> Option<&str> {
        self.0[column as usize]
            .as_deref()
            .filter(|text| !text.is_empty())
    }

    /// Sets one.
    pub(super) fn set(&mut self, column: Column, value: String) {
        self.0[column as usize] = Some(value);
    }
}

impl<'a> Pen<'a> for Values {
    fn field(&mut self, def: &'static Def, value: Value<'a>) {
        self.set(def.column, value.to_string());
    }
}

/// A record that a message is about.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) level: Niveau,
    pub(super) number: Institutionsnummer,
    /// The version that the row was made from.
    pub(super) version: &'a str,
}

/// Opens a record.
pub(super) fn insert(level: Niveau, values: &Values, succeeds: &str) -> String {
    message("Insert", level, |w| {
        open(w, level, "");
        entries(w, values, level.entries());
        all(w, Field::Afloeser, succeeds);
    })
}

/// Changes a record.
pub(super) fn update(about: About<'_>, values: &Values) -> String {
    message("Update", about.level, |w| {
        own(w, about);
        entries(w, values, about.level.entries());
    })
}

/// Puts a record under another.
pub(super) fn put(about: About<'_>, under: &str) -> String {
    message("Move", about.level, |w| {
        own(w, about);
        given(w, parent_field(about.level).name(), under);
    })
}

/// Closes a record.
pub(super) fn close(about: About<'_>, reason: &str, school: &str, successors: &str) -> String {
    message("Delete", about.level, |w| {
        own(w, about);
        given(w, Field::Lukkeaarsag.name(), reason);
        given(w, Field::SkolensInstitutionsnummer.name(), school);
        all(w, Field::AfloestAf, successors);
    })
}

const fn parent_field(level: Niveau) -> Field {
    match level {
        Niveau::AlternativAdresse => Field::NytEnhedsNummer,
        _ => Field::NytDaginstitutionsNummer,
    }
}

fn message(does: &str, level: Niveau, inside: impl FnOnce(&mut Writer)) -> String {
    let what = match level {
        Niveau::Daginstitution => "Daginstitution",
        Niveau::Anvisningsenhed => "AnvisningsEnhed",
        Niveau::AlternativAdresse => "AlternativAdresse",
    };
    let operation = format!("i:{does}{what}");
    let mut w = Writer::with_capacity(1024);
    w.open(&operation)
        .attr("xmlns:i", IMPORT_V2.namespace)
        .attr("xmlns", IMPORT_V2.type_namespace);
    inside(&mut w);
    w.close(&format!("i:{}", level.element()));
    w.close(&operation);
    w.into_string()
}

fn open(w: &mut Writer, level: Niveau, version: &str) {
    w.open(&format!("i:{}", level.element()));
    if !version.is_empty() {
        w.attr("forventetVersion", &harmless(version));
    }
}

fn own(w: &mut Writer, about: About<'_>) {
    open(w, about.level, about.version);
    w.leaf(about.level.number().name(), about.number.as_str());
}

/// No group of fields holds another one.
fn entries(w: &mut Writer, values: &Values, entries: &[Entry]) {
    for entry in entries {
        match entry {
            Entry::Field(def) => {
                given(
                    w,
                    def.field.name(),
                    values.get(def.column).unwrap_or_default(),
                );
            }
            Entry::Address(inside) => {
                w.open("adresse");
                self::entries(w, values, inside);
                w.close("adresse");
            }
        }
    }
}

/// Numbers with a space between.
fn all(w: &mut Writer, field: Field, numbers: &str) {
    for number in numbers.split_whitespace() {
        given(w, field.name(), number);
    }
}

fn given(w: &mut Writer, name: &str, value: &str) {
    if !value.is_empty() {
        w.leaf(name, &harmless(value));
    }
}

/// What no XML document can hold is judged as a character that the types refuse.
fn harmless(value: &str) -> String {
    let shown = |c: char| match c {
        '\t' | '\n' | '\r' => c,
        '\u{FFFE}' | '\u{FFFF}' => '\u{FFFD}',
        c if c.is_control() => '\u{FFFD}',
        c => c,
    };
    value.chars().map(shown).collect()
}
