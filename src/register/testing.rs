//! Records that tests of likeness compare.

use super::{Adresse, Anvisningsenhed, Content, Institutionsnummer, PNummer};

/// A unit in Skovvej in Aarhus, of this name, house number and P-number.
pub(super) fn unit(navn: &str, hus: &str, p: &str) -> Content {
    Content::Anvisningsenhed(Anvisningsenhed {
        daginstitution: Institutionsnummer::parse("G30000").unwrap(),
        navn: navn.to_owned(),
        adresse: Adresse {
            vej_navn: "Skovvej".to_owned(),
            hus_nummer: hus.to_owned(),
            post_nummer: "8000".to_owned(),
            ..Adresse::default()
        },
        inst_type: 6011,
        email: None,
        telefon: None,
        cvr: None,
        p_nummer: PNummer::parse(p).ok(),
        gyldig_fra: None,
    })
}
