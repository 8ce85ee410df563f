//! A row as the record that an import would send: so that one schema and one set of codes judge both.

use crate::register::Niveau;
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
    match niveau {
        Niveau::Daginstitution => {
            given(w, "daginstitutionsNavn", &celler.navn);
            given(w, "ejerformKode", &celler.ejerform);
            given(w, "lovgrundlagKode", &celler.lovgrundlag);
            given(w, "admKommuneKode", &celler.adm_kommune);
        }
        Niveau::Anvisningsenhed => {
            given(w, "daginstitutionsNummer", &celler.daginstitution);
            given(w, "enhedsNavn", &celler.navn);
            adresse(w, celler);
            given(w, "instType3", &celler.inst_type);
            contact(w, celler);
            let p_nummer = match celler.p_nummer.as_str() {
                "" => INTET_P_NUMMER,
                own => own,
            };
            given(w, "pNummer", p_nummer);
        }
        Niveau::AlternativAdresse => {
            given(w, "enhedsNummer", &celler.enhed);
            given(w, "alternativAdresseNavn", &celler.navn);
            adresse(w, celler);
            contact(w, celler);
            given(w, "pNummer", &celler.p_nummer);
        }
    }
    given(w, "gyldigFra", &celler.gyldig_fra);
    w.close(record);
}

fn contact(w: &mut Writer, celler: &Celler) {
    given(w, "email", &celler.email);
    given(w, "telefonNummer", &celler.telefon);
    given(w, "cvrNummer", &celler.cvr);
}

fn adresse(w: &mut Writer, celler: &Celler) {
    w.open("adresse");
    for (name, value) in [
        ("vejNavn", &celler.vej_navn),
        ("vejKode", &celler.vej_kode),
        ("husNummer", &celler.hus_nummer),
        ("etage", &celler.etage),
        ("doer", &celler.doer),
        ("postNummer", &celler.post_nummer),
        ("byNavn", &celler.by_navn),
        ("supplerendeBynavn", &celler.supplerende_bynavn),
        ("kommuneKode", &celler.kommune_kode),
        ("dawaId", &celler.dawa_id),
        ("geoBredde", &celler.geo_bredde),
        ("geoLaengde", &celler.geo_laengde),
    ] {
        given(w, name, value);
    }
    w.close("adresse");
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
