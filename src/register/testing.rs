//! Records that tests of likeness compare.

use super::{Adresse, Anvisningsenhed, Content, Institutionsnummer, PNummer};

/// A unit in Skovvej in Aarhus, of this name, house number and P-number.
pub(super) fn unit(navn: &str, hus: &str, p: &str) -> Content {
    Content::Anvisningsenhed(Anvisningsenhed {
        p_nummer: PNummer::parse(p).ok(),
        ..Anvisningsenhed::new(
            Institutionsnummer::parse("G30000").unwrap(),
            navn.to_owned(),
            Adresse {
                vej_navn: "Skovvej".to_owned(),
                hus_nummer: hus.to_owned(),
                post_nummer: "8000".to_owned(),
                ..Adresse::default()
            },
            6011,
        )
    })
}
