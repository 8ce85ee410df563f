//! Writes what exports consist of: trees, lists, changes, code tables.

use std::collections::HashMap;

use super::who;
use crate::contract::Service;
use crate::contract::services::EKSPORT_V2;
use crate::message::{Form, fields, record};
use crate::register::{
    Aftale, Dato, Institutionsnummer, Kodetabel, Kodetabeller, Kommunekode, Niveau, Omfang, Part,
    Record, System, Version,
};
use crate::store::{Aendring, Position};
use crate::xml::Writer;

/// Namespace of changes.
pub(super) const FEED: &str = "urn:dagtilbudsregister:feed:v1";
/// Namespace of the types of their records.
pub(super) const TYPER: &str = EKSPORT_V2.type_namespace;

/// Declares the service's namespace as the default one, and `t` and `d` for types and changes.
pub(super) fn namespaces(w: &mut Writer, service: &Service) {
    w.attr("xmlns", service.namespace);
    w.attr("xmlns:t", service.type_namespace);
    if service.version >= Version::V2 {
        w.attr("xmlns:d", FEED);
    }
}

/// What every result begins with.
pub(super) fn position(w: &mut Writer, position: Position) {
    w.leaf("sekvens", &position.sekvens.to_string());
    w.leaf("epoke", &position.epoke.to_string());
}

/// Records of one level.
pub(super) fn list(w: &mut Writer, posts: &[Record], form: Form<'_>) {
    for post in posts {
        record(w, post.niveau().element(), post, form);
    }
}

/// Trees, each level by number. A record whose parent is not among them is left out: it belongs to no tree shown.
pub(super) fn trees(w: &mut Writer, posts: &[Record], form: Form<'_>) {
    let mut children: HashMap<Institutionsnummer, Vec<&Record>> = HashMap::new();
    for post in posts {
        if let Some(parent) = post.content.parent() {
            children.entry(parent).or_default().push(post);
        }
    }
    let under = |number: &Institutionsnummer| children.get(number).map_or(&[][..], Vec::as_slice);
    for root in posts
        .iter()
        .filter(|post| post.niveau() == Niveau::Daginstitution)
    {
        w.open("daginstitution");
        fields(w, root, form);
        for unit in under(&root.nummer) {
            w.open("t:anvisningsenhed");
            fields(w, unit, form);
            for address in under(&unit.nummer) {
                record(w, "t:alternativadresse", address, form);
            }
            w.close("t:anvisningsenhed");
        }
        w.close("daginstitution");
    }
}

/// A change with the organisation that made it, but for its end and what else is known of who did.
pub(super) fn change_open(w: &mut Writer, change: &Aendring, form: Form<'_>) {
    w.open("aendring");
    w.attr("sekvens", &change.sekvens.to_string());
    w.leaf("d:tidspunkt", &change.tidspunkt.to_string());
    w.leaf("d:handling", change.handling.as_str());
    w.leaf("d:niveau", change.record.niveau().element());
    w.leaf("d:institutionsnummer", change.record.nummer.as_str());
    w.leaf("d:version", &change.record.life.version.to_string());
    let element = match change.record.niveau() {
        Niveau::Daginstitution => "d:daginstitution",
        Niveau::Anvisningsenhed => "d:anvisningsenhed",
        Niveau::AlternativAdresse => "d:alternativadresse",
    };
    record(w, element, &change.record, form);
    who::organisation(w, &change.origin);
}

/// The agreement that a kommune has with itself.
pub(super) fn own_kommune(w: &mut Writer, kommune: Kommunekode, numbers: &[Institutionsnummer]) {
    w.open("aftale");
    w.leaf("kommuneKode", &kommune.to_string());
    w.leaf("service", "ImportService");
    w.leaf("omfang", "alle");
    w.leaf("status", "aktiv");
    for number in numbers {
        w.leaf("institutionsnummer", number.as_str());
    }
    w.close("aftale");
}

/// An agreement of a system, with the institutions that it covers on a day.
pub(super) fn agreement(
    w: &mut Writer,
    aftale: &Aftale,
    system: Option<&System>,
    today: Dato,
    covered: &[Institutionsnummer],
) {
    w.open("aftale");
    w.leaf("aftaleId", &aftale.id.to_string());
    w.leaf("systemId", &aftale.system.to_string());
    if let Some(system) = system {
        w.leaf("systemNavn", &system.navn);
    }
    match aftale.part {
        Part::Ejer(cvr) => w.leaf("principalCvrNummer", cvr.as_str()),
        Part::Kommune(kommune) => w.leaf("kommuneKode", &kommune.to_string()),
    };
    w.leaf("service", aftale.tjeneste.navn());
    w.leaf("omfang", aftale.omfang.art());
    if let Omfang::PNumre(list) = &aftale.omfang {
        for number in list {
            w.leaf("pNummer", number.as_str());
        }
    }
    w.leaf("gyldigFra", &aftale.fra.to_string());
    if let Some(last) = aftale.til {
        w.leaf("gyldigTil", &last.to_string());
    }
    let holds = aftale.gaelder(today);
    w.leaf("status", if holds { "aktiv" } else { "lukket" });
    for number in covered {
        w.leaf("institutionsnummer", number.as_str());
    }
    w.close("aftale");
}

/// All code tables and the lawful combinations.
pub(super) fn code_tables(w: &mut Writer, tables: &Kodetabeller) {
    for table in tables.tables() {
        code_table(w, table);
    }
    w.open("krydsvalidering");
    w.leaf("t:beskrivelseDa", &tables.kryds_da);
    w.leaf("t:beskrivelseEn", &tables.kryds_en);
    for row in &tables.krydsvalidering {
        w.open("t:raekke");
        w.leaf("t:lovgrundlagKode", &row.lovgrundlag.to_string());
        w.leaf("t:ejerformKode", &row.ejerform.to_string());
        w.leaf("t:instType3", &row.inst_type.to_string());
        w.leaf("t:bekraeftet", &row.bekraeftet.to_string());
        w.close("t:raekke");
    }
    w.close("krydsvalidering");
}

fn code_table(w: &mut Writer, table: &Kodetabel) {
    w.open("kodetabel");
    w.leaf("t:navn", &table.navn);
    w.leaf("t:beskrivelseDa", &table.beskrivelse_da);
    w.leaf("t:beskrivelseEn", &table.beskrivelse_en);
    for (code, row) in &table.koder {
        w.open("t:kode");
        w.leaf("t:kode", &code.to_string());
        w.leaf("t:tekst", &row.tekst);
        w.leaf("t:bekraeftet", &row.bekraeftet.to_string());
        if let Some(source) = &row.kilde {
            w.leaf("t:kilde", source);
        }
        w.close("t:kode");
    }
    w.close("kodetabel");
}
