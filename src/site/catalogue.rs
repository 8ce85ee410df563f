//! The error catalogue for programs, and what it says of an entry beside its texts.

use serde_json::{Value, json};

use super::placeholders;
use crate::problem::{self, Entry, Fault, Group, Severity};
use crate::xml::Writer;

/// The namespace of the catalogue in XML.
const NAMESPACE: &str = "urn:dagtilbudsregister:fejlkatalog:v1";

/// How a call that is refused with an entry is answered: what SOAP 1.1 and 1.2 call the fault, and the HTTP status on the
/// services' paths and elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answered {
    pub(super) soap11: &'static str,
    pub(super) soap12: &'static str,
    pub(super) status_soap: u16,
    pub(super) status_document: u16,
}

/// How a call is answered; none for what never refuses one: warnings, findings, and what is said of a file.
pub(super) fn answered(entry: &Entry) -> Option<Answered> {
    if entry.alvor == Severity::Advarsel || is_of_file(entry) || is_of_plan(entry) {
        return None;
    }
    let (soap11, soap12) = match entry.fault {
        Fault::Receiver | Fault::Unavailable(_) => ("Server", "Receiver"),
        Fault::MustUnderstand => ("MustUnderstand", "MustUnderstand"),
        Fault::VersionMismatch => ("VersionMismatch", "VersionMismatch"),
        Fault::Sender
        | Fault::Header
        | Fault::Addressing
        | Fault::Refused(_)
        | Fault::Malformed => ("Client", "Sender"),
    };
    Some(Answered {
        soap11,
        soap12,
        status_soap: entry.fault.soap_status(),
        status_document: entry.fault.document_status(),
    })
}

/// Whether it is about a row of a file that the operator loads.
pub(super) fn is_of_file(entry: &Entry) -> bool {
    problem::load::is_of_file(entry)
}

/// Whether it is about a file of corrections.
pub(super) fn is_of_plan(entry: &Entry) -> bool {
    problem::plan::is_of_plan(entry)
}

/// The name of a group, in Danish and in English.
pub(super) const fn group(group: Group) -> (&'static str, &'static str) {
    match group {
        Group::Transport => ("Transport og identitet", "Transport and identity"),
        Group::Xml => ("XML", "XML"),
        Group::Soap => ("SOAP", "SOAP"),
        Group::Schema => ("Skemaet", "The schema"),
        Group::Register => ("Registerets regler", "The register's rules"),
        Group::Internal => ("Tjenesten selv", "The service itself"),
    }
}

/// An entry as JSON has it.
pub fn entry_json(entry: &Entry) -> Value {
    let names: serde_json::Map<_, _> = placeholders::of(entry)
        .into_iter()
        .map(|(name, da, en)| (name.to_owned(), json!({ "da": da, "en": en })))
        .collect();
    let answered = answered(entry);
    json!({
        "kode": entry.kode,
        "gruppe": entry.group as u8,
        "alvor": entry.alvor.as_str(),
        "beskedDa": entry.da,
        "beskedEn": entry.en,
        "afhjaelpningDa": entry.hjaelp_da,
        "afhjaelpningEn": entry.hjaelp_en,
        "pladsholdere": names,
        "faultcode11": answered.map(|own| own.soap11),
        "faultcode12": answered.map(|own| own.soap12),
        "statusSoap": answered.map(|own| own.status_soap),
        "statusDokument": answered.map(|own| own.status_document),
    })
}

/// The catalogue as JSON.
pub(super) fn json() -> String {
    let entries: Vec<_> = problem::all().map(entry_json).collect();
    format!("{:#}\n", json!({ "fejlkoder": entries }))
}

/// The catalogue as XML.
pub(super) fn xml() -> String {
    let mut w = Writer::with_capacity(128 << 10);
    w.declaration();
    w.open("fejlkoder").attr("xmlns", NAMESPACE);
    for entry in problem::all() {
        w.open("fejlkode").attr("kode", entry.kode);
        w.leaf("gruppe", &(entry.group as u8).to_string());
        w.leaf("alvor", entry.alvor.as_str());
        w.leaf("beskedDa", entry.da);
        w.leaf("beskedEn", entry.en);
        w.leaf("afhjaelpningDa", entry.hjaelp_da);
        w.leaf("afhjaelpningEn", entry.hjaelp_en);
        for (name, da, en) in placeholders::of(entry) {
            w.open("pladsholder").attr("navn", name);
            w.leaf("da", da);
            w.leaf("en", en);
            w.close("pladsholder");
        }
        if let Some(own) = answered(entry) {
            w.leaf("faultcode11", own.soap11);
            w.leaf("faultcode12", own.soap12);
            w.leaf("statusSoap", &own.status_soap.to_string());
            w.leaf("statusDokument", &own.status_document.to_string());
        }
        w.close("fejlkode");
    }
    w.close("fejlkoder");
    w.into_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::{http, load, register, soap};

    #[test]
    fn both_forms_have_every_code() {
        let (json, xml) = (json(), xml());
        for entry in problem::all() {
            assert!(json.contains(&format!("\"kode\": \"{}\"", entry.kode)));
            assert!(xml.contains(&format!("<fejlkode kode=\"{}\">", entry.kode)));
        }
    }

    #[test]
    fn a_fault_is_told_as_it_is_answered() {
        let told = |entry| answered(entry).map(|own| (own.soap12, own.status_soap));
        assert_eq!(told(&http::TRAVLT), Some(("Receiver", 503)));
        assert_eq!(told(&soap::ACTION_MODSIGER), Some(("Sender", 500)));
        assert_eq!(told(&register::UKENDT_NUMMER), Some(("Sender", 500)));
        assert_eq!(told(&load::UKENDT_ART), None);
        assert_eq!(told(&register::MULIG_DOBBELT), None);
    }
}
