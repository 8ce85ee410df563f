//! Writes records as the Extend types of the contract: everything that the register knows, with the texts of codes.
//!
//! The prefix `t` stands for the types' namespace; whoever opens the surrounding element declares it. yaserde does not
//! serve here: the namespace of a version is a run-time value, and the path is hot.

use std::fmt::Display;

use crate::register::{
    Adresse, Content, Institutionsnummer, Kodetabel, Kodetabeller, Life, Record,
};
use crate::xml::Writer;

/// What the form of a record depends on.
#[derive(Debug, Clone, Copy)]
pub struct Form<'a> {
    /// Version 2, which has more fields.
    pub v2: bool,
    /// For the texts of codes.
    pub tables: &'a Kodetabeller,
}

/// Writes a whole record as this element.
pub fn record(w: &mut Writer, element: &str, post: &Record, form: Form<'_>) {
    w.open(element);
    fields(w, post, form);
    w.close(element);
}

/// Writes what stands inside a record's element.
pub fn fields(w: &mut Writer, post: &Record, form: Form<'_>) {
    let tables = form.tables;
    match &post.content {
        Content::Daginstitution(record) => {
            w.leaf("t:daginstitutionsNummer", post.nummer.as_str());
            w.leaf("t:daginstitutionsNavn", &record.navn);
            code(
                w,
                "t:ejerformKode",
                "t:ejerformKode_Tekst",
                record.ejerform,
                &tables.ejerform,
            );
            code(
                w,
                "t:lovgrundlagKode",
                "t:lovgrundlagKode_Tekst",
                record.lovgrundlag,
                &tables.lovgrundlag,
            );
            let kommune = i32::from(record.adm_kommune.0);
            code(
                w,
                "t:admKommuneKode",
                "t:admKommuneKode_Tekst",
                kommune,
                &tables.kommune,
            );
        }
        Content::Anvisningsenhed(record) => {
            w.leaf("t:enhedsNummer", post.nummer.as_str());
            w.leaf("t:daginstitutionsNummer", record.daginstitution.as_str());
            w.leaf("t:enhedsNavn", &record.navn);
            address(w, &record.adresse, tables);
            code(
                w,
                "t:instType3",
                "t:instType3_Tekst",
                record.inst_type,
                &tables.inst_type,
            );
            contact(w, &record.email, &record.telefon);
            shown(w, "t:cvrNummer", record.cvr.as_ref());
            shown(w, "t:pNummer", record.p_nummer.as_ref());
        }
        Content::AlternativAdresse(record) => {
            w.leaf("t:alternativAdresseNummer", post.nummer.as_str());
            w.leaf("t:enhedsNummer", record.enhed.as_str());
            w.leaf("t:alternativAdresseNavn", &record.navn);
            address(w, &record.adresse, tables);
            contact(w, &record.email, &record.telefon);
            shown(w, "t:cvrNummer", record.cvr.as_ref());
            shown(w, "t:pNummer", record.p_nummer.as_ref());
        }
    }
    if form.v2 {
        shown(w, "t:gyldigFra", post.content.gyldig_fra().as_ref());
    }
    life(w, &post.life, form.v2);
}

fn life(w: &mut Writer, life: &Life, v2: bool) {
    w.leaf(
        "t:aktivitetsstatus",
        if life.nedlagt.is_none() {
            "Aktiv"
        } else {
            "Nedlagt"
        },
    );
    w.leaf("t:version", &life.version.to_string());
    w.leaf("t:oprettet", &life.oprettet.to_string());
    w.leaf("t:senestOpdateret", &life.senest_opdateret.to_string());
    shown(w, "t:nedlagt", life.nedlagt.as_ref());
    if v2 {
        optional(
            w,
            "t:lukkeaarsag",
            life.lukkeaarsag.map(|reason| reason.as_str()),
        );
        shown(
            w,
            "t:skolensInstitutionsnummer",
            life.skolens_nummer.as_ref(),
        );
        numbers(w, "t:afloeser", &life.afloeser);
        numbers(w, "t:afloestAf", &life.afloest_af);
    }
}

fn address(w: &mut Writer, address: &Adresse, tables: &Kodetabeller) {
    w.open("t:adresse");
    w.leaf("t:vejNavn", &address.vej_navn);
    optional(w, "t:vejKode", address.vej_kode.as_deref());
    w.leaf("t:husNummer", &address.hus_nummer);
    optional(w, "t:etage", address.etage.as_deref());
    optional(w, "t:doer", address.doer.as_deref());
    w.leaf("t:postNummer", &address.post_nummer);
    optional(w, "t:byNavn", address.by_navn.as_deref());
    optional(
        w,
        "t:supplerendeBynavn",
        address.supplerende_bynavn.as_deref(),
    );
    if let Some(kommune) = address.kommune_kode {
        code(
            w,
            "t:kommuneKode",
            "t:kommuneKode_Tekst",
            i32::from(kommune.0),
            &tables.kommune,
        );
    }
    optional(w, "t:dawaId", address.dawa_id.as_deref());
    optional(w, "t:geoBredde", address.geo_bredde.as_deref());
    optional(w, "t:geoLaengde", address.geo_laengde.as_deref());
    w.close("t:adresse");
}

fn contact(w: &mut Writer, email: &Option<String>, telephone: &Option<String>) {
    optional(w, "t:email", email.as_deref());
    optional(w, "t:telefonNummer", telephone.as_deref());
}

/// A code and its text; a code that a replaced table no longer has stands alone.
fn code(w: &mut Writer, element: &str, text_element: &str, code: i32, table: &Kodetabel) {
    w.leaf(element, &code.to_string());
    optional(w, text_element, table.tekst(code));
}

fn numbers(w: &mut Writer, element: &str, numbers: &[Institutionsnummer]) {
    for number in numbers {
        w.leaf(element, number.as_str());
    }
}

fn optional(w: &mut Writer, element: &str, value: Option<&str>) {
    if let Some(value) = value {
        w.leaf(element, value);
    }
}

fn shown(w: &mut Writer, element: &str, value: Option<&impl Display>) {
    if let Some(value) = value {
        w.leaf(element, &value.to_string());
    }
}
