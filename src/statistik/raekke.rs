//! A row as the record that an import would send: so that one schema and one set of codes judge both.

use crate::register::Niveau;
use crate::server::exchange::Service;
use crate::xml::Writer;

use super::kolonner::Celler;

/// Stands where a first load has no P-number: the schema demands one, the first load does not (decisions §7).
pub(super) const INTET_P_NUMMER: &str = "0000000000";

/// The insert that says what the row says. Empty cells are left out.
pub(super) fn besked(celler: &Celler, niveau: Niveau) -> String {
    let service = Service::ImportV2;
    let (operation, record) = match niveau {
        Niveau::Daginstitution => ("i:InsertDaginstitution", "i:daginstitution"),
        Niveau::Anvisningsenhed => ("i:InsertAnvisningsEnhed", "i:anvisningsenhed"),
        Niveau::AlternativAdresse => ("i:InsertAlternativAdresse", "i:alternativadresse"),
    };
    let mut w = Writer::with_capacity(1024);
    w.open(operation)
        .attr("xmlns:i", service.namespace())
        .attr("xmlns", service.type_namespace())
        .open(record);
    match niveau {
        Niveau::Daginstitution => {
            given(&mut w, "daginstitutionsNavn", &celler.navn);
            given(&mut w, "ejerformKode", &celler.ejerform);
            given(&mut w, "lovgrundlagKode", &celler.lovgrundlag);
            given(&mut w, "admKommuneKode", &celler.adm_kommune);
        }
        Niveau::Anvisningsenhed => {
            given(&mut w, "daginstitutionsNummer", &celler.daginstitution);
            given(&mut w, "enhedsNavn", &celler.navn);
            adresse(&mut w, celler);
            given(&mut w, "instType3", &celler.inst_type);
            contact(&mut w, celler);
            let p_nummer = match celler.p_nummer.as_str() {
                "" => INTET_P_NUMMER,
                own => own,
            };
            given(&mut w, "pNummer", p_nummer);
        }
        Niveau::AlternativAdresse => {
            given(&mut w, "enhedsNummer", &celler.enhed);
            given(&mut w, "alternativAdresseNavn", &celler.navn);
            adresse(&mut w, celler);
            contact(&mut w, celler);
            given(&mut w, "pNummer", &celler.p_nummer);
        }
    }
    given(&mut w, "gyldigFra", &celler.gyldig_fra);
    w.close(record).close(operation);
    w.into_string()
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
