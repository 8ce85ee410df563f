//! Messages that tests send: records as a vendor would write them, and the writes around them.

use dtr::contract::Service;
use dtr::contract::services::{IMPORT_V1, IMPORT_V2};

/// A write of version 2 with these records, each a whole element.
pub(crate) fn write(operation: &str, records: &[String]) -> String {
    write_of(&IMPORT_V2, operation, records)
}

/// A write of version 1.
pub(crate) fn write_v1(operation: &str, records: &[String]) -> String {
    write_of(&IMPORT_V1, operation, records)
}

/// A dry run of version 2.
pub(crate) fn dry_run(operation: &str, records: &[String]) -> String {
    let proeve = "<i:proeve>true</i:proeve>".to_owned();
    let all: Vec<_> = std::iter::once(proeve)
        .chain(records.iter().cloned())
        .collect();
    write(operation, &all)
}

fn write_of(service: &Service, operation: &str, records: &[String]) -> String {
    let (own, types) = (service.namespace, service.type_namespace);
    let records = records.concat();
    format!("<i:{operation} xmlns:i=\"{own}\" xmlns=\"{types}\">{records}</i:{operation}>")
}

/// A daginstitution to be inserted.
pub(crate) fn institution(name: &str, kommune: u16) -> String {
    element("daginstitution", "", &institution_fields(name, kommune))
}

/// What a daginstitution says.
pub(crate) fn institution_fields(name: &str, kommune: u16) -> String {
    coded_institution_fields(name, kommune, 1, 1)
}

/// What a daginstitution of this ownership and legal basis says.
pub(crate) fn coded_institution_fields(
    name: &str,
    kommune: u16,
    ejerform: i32,
    lovgrundlag: i32,
) -> String {
    format!(
        "<daginstitutionsNavn>{name}</daginstitutionsNavn><ejerformKode>{ejerform}</ejerformKode>\
         <lovgrundlagKode>{lovgrundlag}</lovgrundlagKode><admKommuneKode>{kommune}</admKommuneKode>"
    )
}

/// A change of a daginstitution; `attributes` may hold `forventetVersion`.
pub(crate) fn institution_update(number: &str, attributes: &str, fields: &str) -> String {
    let number = format!("<daginstitutionsNummer>{number}</daginstitutionsNummer>");
    element("daginstitution", attributes, &format!("{number}{fields}"))
}

/// An anvisningsenhed to be inserted under a daginstitution.
pub(crate) fn unit(parent: &str, name: &str) -> String {
    element("anvisningsenhed", "", &unit_fields(parent, name))
}

/// What an anvisningsenhed says.
pub(crate) fn unit_fields(parent: &str, name: &str) -> String {
    format!(
        "<daginstitutionsNummer>{parent}</daginstitutionsNummer><enhedsNavn>{name}</enhedsNavn>\
         {ADDRESS}<instType3>6012</instType3><pNummer>1975100001</pNummer>"
    )
}

/// A change of an anvisningsenhed.
pub(crate) fn unit_update(number: &str, attributes: &str, fields: &str) -> String {
    let number = format!("<enhedsNummer>{number}</enhedsNummer>");
    element("anvisningsenhed", attributes, &format!("{number}{fields}"))
}

/// An alternativ adresse to be inserted under an anvisningsenhed.
pub(crate) fn address(parent: &str, name: &str) -> String {
    element("alternativadresse", "", &address_fields(parent, name))
}

/// What an alternativ adresse says.
pub(crate) fn address_fields(parent: &str, name: &str) -> String {
    format!(
        "<enhedsNummer>{parent}</enhedsNummer>\
         <alternativAdresseNavn>{name}</alternativAdresseNavn>{ADDRESS}"
    )
}

/// A change of an alternativ adresse.
pub(crate) fn address_update(number: &str, fields: &str) -> String {
    let number = format!("<alternativAdresseNummer>{number}</alternativAdresseNummer>");
    element("alternativadresse", "", &format!("{number}{fields}"))
}

/// A record named by its number alone, to be closed.
pub(crate) fn closing(level: &str, number: &str) -> String {
    element(level, "", &own_number(level, number))
}

/// A move of a unit or an address under another parent.
pub(crate) fn moved(level: &str, number: &str, to: &str) -> String {
    let new = match level {
        "alternativadresse" => "nytEnhedsNummer",
        _ => "nytDaginstitutionsNummer",
    };
    let own = own_number(level, number);
    element(level, "", &format!("{own}<{new}>{to}</{new}>"))
}

/// A record element, which is in the service's namespace while what it holds is in the types'.
pub(crate) fn element(name: &str, attributes: &str, inside: &str) -> String {
    format!("<i:{name} {attributes}>{inside}</i:{name}>")
}

fn own_number(level: &str, number: &str) -> String {
    let own = match level {
        "daginstitution" => "daginstitutionsNummer",
        "anvisningsenhed" => "enhedsNummer",
        _ => "alternativAdresseNummer",
    };
    format!("<{own}>{number}</{own}>")
}

const ADDRESS: &str = "<adresse><vejNavn>Bøgeskrænten</vejNavn><husNummer>4b</husNummer>\
                       <postNummer>8270</postNummer></adresse>";
