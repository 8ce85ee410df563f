//! A row as the record that an import would send: so that one schema and one set of codes judge both.

use crate::register::{Entry, Kind, Niveau};
use crate::server::exchange::Service;
use crate::xml::Writer;

use super::kolonner::Celler;

/// Stands where a first load has no P-number: the schema demands one, the first load does not (kontrakt §7).
pub(super) const INTET_P_NUMMER: &str = "0000000000";

/// The insert that says what the row says. Empty cells are left out.
pub(super) fn besked(celler: &Celler, niveau: Niveau) -> String {
    let service = Service::ImportV2;
    let operation = match niveau {
        Niveau::Daginstitution => "i:InsertDaginstitution",
        Niveau::Anvisningsenhed => "i:InsertAnvisningsEnhed",
        Niveau::AlternativAdresse => "i:InsertAlternativAdresse",
    };
    let mut w = Writer::with_capacity(1024);
    w.open(operation)
        .attr("xmlns:i", service.namespace())
        .attr("xmlns", service.type_namespace());
    record(&mut w, celler, niveau);
    w.close(operation);
    w.into_string()
}

/// The record in it: `i:` is the service's namespace, the types' is the default.
pub(super) fn record(w: &mut Writer, celler: &Celler, niveau: Niveau) {
    let record = match niveau {
        Niveau::Daginstitution => "i:daginstitution",
        Niveau::Anvisningsenhed => "i:anvisningsenhed",
        Niveau::AlternativAdresse => "i:alternativadresse",
    };
    w.open(record);
    entries(w, celler, niveau, niveau.entries());
    w.close(record);
}

/// No group of fields holds another one.
fn entries(w: &mut Writer, celler: &Celler, niveau: Niveau, entries: &[Entry]) {
    for entry in entries {
        match entry {
            Entry::Field(def) => {
                let value = match celler.of(def, niveau) {
                    "" if def.kind == Kind::PNumber && niveau == Niveau::Anvisningsenhed => {
                        INTET_P_NUMMER
                    }
                    own => own,
                };
                given(w, def.field.name(), value);
            }
            Entry::Address(inside) => {
                w.open("adresse");
                self::entries(w, celler, niveau, inside);
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
