//! A row as the record that an import would send: so that one schema and one set of codes judge both.

use crate::contract::services::IMPORT_V2;
use crate::register::{Entry, Kind, Niveau};
use crate::xml::Writer;

use super::columns::Cells;

/// Stands where a first load has no P-number: the schema demands one, the first load does not (kontrakt §7).
pub(super) const NO_P_NUMBER: &str = "0000000000";

/// The insert that says what the row says. Empty cells are left out.
pub(super) fn message(cells: &Cells, niveau: Niveau) -> String {
    let operation = match niveau {
        Niveau::Daginstitution => "i:InsertDaginstitution",
        Niveau::Anvisningsenhed => "i:InsertAnvisningsEnhed",
        Niveau::AlternativAdresse => "i:InsertAlternativAdresse",
    };
    let mut w = Writer::with_capacity(1024);
    w.open(operation)
        .attr("xmlns:i", IMPORT_V2.namespace)
        .attr("xmlns", IMPORT_V2.type_namespace);
    record(&mut w, cells, niveau);
    w.close(operation);
    w.into_string()
}

/// The record in it: `i:` is the service's namespace, the types' is the default.
pub(super) fn record(w: &mut Writer, cells: &Cells, niveau: Niveau) {
    let record = match niveau {
        Niveau::Daginstitution => "i:daginstitution",
        Niveau::Anvisningsenhed => "i:anvisningsenhed",
        Niveau::AlternativAdresse => "i:alternativadresse",
    };
    w.open(record);
    entries(w, cells, niveau, niveau.entries());
    w.close(record);
}

/// No group of fields holds another one.
fn entries(w: &mut Writer, cells: &Cells, niveau: Niveau, entries: &[Entry]) {
    for entry in entries {
        match entry {
            Entry::Field(def) => {
                let value = match cells.of(def, niveau) {
                    "" if def.kind == Kind::PNumber && niveau == Niveau::Anvisningsenhed => {
                        NO_P_NUMBER
                    }
                    own => own,
                };
                given(w, def.field.name(), value);
            }
            Entry::Address(inside) => {
                w.open("adresse");
                self::entries(w, cells, niveau, inside);
                w.close("adresse");
            }
        }
    }
}

fn given(w: &mut Writer, name: &str, value: &str) {
    // What no XML document can hold is judged as a character that the types refuse.
    let value: String = value
        .chars()
        .map(|c| {
            if c.is_control() && !matches!(c, '\t' | '\n' | '\r') {
                '\u{FFFD}'
            } else {
                c
            }
        })
        .collect();
    if !value.is_empty() {
        w.leaf(name, &value);
    }
}
