//! A-numbers: numbers from before the register (kontrakt §6). 110 institutions were registered twice, once under an
//! A-number and once under a G-number; here is what is known of the one, and how it is matched with the other.

use std::collections::BTreeSet;

use super::dobbelt::{points, same_place};
use super::{Adresse, Content, Dato, Institutionsnummer, Kommunekode, PNummer, Tidspunkt};

/// An A-number with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ANummer {
    /// `A` and five digits.
    pub nummer: Institutionsnummer,
    /// The institution's name.
    pub navn: String,
    /// Its kommune.
    pub kommune: Option<Kommunekode>,
    /// Its P-number.
    pub p_nummer: Option<PNummer>,
    /// Road.
    pub vej_navn: Option<String>,
    /// House number.
    pub hus_nummer: Option<String>,
    /// Postal code.
    pub post_nummer: Option<String>,
    /// The number that goes on, once confirmed, and when that was.
    pub afgjort: Option<(Institutionsnummer, Tidspunkt)>,
    /// The last day of agreements under the A-number, by the plan.
    pub aftaler_til: Option<Dato>,
    /// The day on which the A-number is closed, by the plan.
    pub lukkes: Option<Dato>,
}

impl ANummer {
    /// How likely a record is the same institution, in percent: 60 for the name, by the words in common over all words,
    /// 25 for the address, 40 for the P-number, and never more than 100.
    pub fn likeness(&self, content: &Content) -> u8 {
        let navn = common_words(&self.navn, content.navn());
        let adresse = content.adresse().is_some_and(|other| {
            let own = |text: &Option<String>| text.clone().unwrap_or_default();
            let own = Adresse {
                vej_navn: own(&self.vej_navn),
                hus_nummer: own(&self.hus_nummer),
                post_nummer: own(&self.post_nummer),
                ..Adresse::default()
            };
            same_place(&own, other)
        });
        let p_nummer = self.p_nummer.zip(content.p_nummer());
        let p_nummer = p_nummer.is_some_and(|(own, other)| own == other);
        (navn + points(25, adresse) + points(40, p_nummer)).min(100)
    }
}

/// 60 by the share of two names' words that are in both; letter case, order and punctuation don't count.
fn common_words(a: &str, b: &str) -> u8 {
    let words = |text: &str| -> BTreeSet<String> {
        text.to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (a, b) = (words(a), words(b));
    let share = (a.intersection(&b).count() * 60).checked_div(a.union(&b).count());
    share
        .and_then(|share| u8::try_from(share).ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::testing::unit;

    fn likeness(navn: &str, hus: &str, p: &str) -> u8 {
        let number = ANummer {
            nummer: Institutionsnummer::parse("A10001").unwrap(),
            navn: "Børnehuset Den Grønne Skov".to_owned(),
            kommune: None,
            p_nummer: PNummer::parse("1000000001").ok(),
            vej_navn: Some("Skovvej".to_owned()),
            hus_nummer: Some("4A".to_owned()),
            post_nummer: Some("8000".to_owned()),
            afgjort: None,
            aftaler_til: None,
            lukkes: None,
        };
        number.likeness(&unit(navn, hus, p))
    }

    #[test]
    fn names_count_by_their_words() {
        let name = |navn| likeness(navn, "6", "1000000002");
        assert_eq!(name("børnehuset den grønne skov"), 60);
        assert_eq!(name("Den Grønne Skov, Børnehuset"), 60);
        assert_eq!(name("Den Grønne Skov"), 45);
        assert_eq!(name("Børnehuset Den Blå Sø"), 20);
        assert_eq!(name("Solsikken"), 0);
        assert_eq!(name(" - "), 0);
    }

    #[test]
    fn address_and_p_number_count_beside_the_name() {
        assert_eq!(likeness("Solsikken", "6", "1000000001"), 40);
        assert_eq!(likeness("Solsikken", "4a", "1000000002"), 25);
        assert_eq!(likeness("Solsikken", "4A", "1000000001"), 65);
        let name = "Børnehuset Den Grønne Skov";
        assert_eq!(likeness(name, "4A", "1000000002"), 85);
        assert_eq!(likeness(name, "4A", "1000000001"), 100);
    }
}
