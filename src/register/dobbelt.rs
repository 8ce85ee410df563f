//! How alike two records are: what is warned of as a likely double registration (kontrakt §7). A score in percent, so
//! that a person can look at the likeliest first.

use super::{Adresse, Content};

/// How alike two records are, in percent: 0 when they are of different levels. The name weighs most; of a daginstitution
/// ownership and legal basis count beside it, of the others address and P-number.
pub fn likeness(a: &Content, b: &Content) -> u8 {
    let navn = points(60, same_text(a.navn(), b.navn()));
    match (a, b) {
        (Content::Daginstitution(a), Content::Daginstitution(b)) => {
            navn + points(20, a.ejerform == b.ejerform) + points(20, a.lovgrundlag == b.lovgrundlag)
        }
        _ if a.niveau() == b.niveau() => {
            let adresse = a.adresse().zip(b.adresse());
            let p_nummer = a.p_nummer().zip(b.p_nummer());
            navn + points(25, adresse.is_some_and(|(a, b)| same_place(a, b)))
                + points(15, p_nummer.is_some_and(|(a, b)| a == b))
        }
        _ => 0,
    }
}

pub(super) const fn points(worth: u8, given: bool) -> u8 {
    if given { worth } else { 0 }
}

/// Whether two addresses are the same house: road, number and postal code.
pub(super) fn same_place(a: &Adresse, b: &Adresse) -> bool {
    same_text(&a.vej_navn, &b.vej_navn)
        && same_text(&a.hus_nummer, &b.hus_nummer)
        && a.post_nummer == b.post_nummer
}

/// Equal but for letter case and white space.
fn same_text(a: &str, b: &str) -> bool {
    let words = |text: &str| {
        text.to_lowercase()
            .split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    words(a) == words(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::testing::unit;
    use crate::register::{Daginstitution, Kommunekode};

    fn top(navn: &str, ejerform: i32) -> Content {
        Content::Daginstitution(Daginstitution {
            navn: navn.to_owned(),
            ejerform,
            lovgrundlag: 1,
            adm_kommune: Kommunekode(751),
            gyldig_fra: None,
        })
    }

    #[test]
    fn likeness_is_the_sum_of_what_is_the_same() {
        assert_eq!(likeness(&top("Solsikken", 1), &top("solsikken", 1)), 100);
        assert_eq!(likeness(&top("Solsikken", 1), &top("Sol  sikken", 2)), 20);
        let own = unit("Mælkebøtten", "4A", "1000000001");
        assert_eq!(
            likeness(&own, &unit("MÆLKEBØTTEN", "4a", "1000000001")),
            100
        );
        assert_eq!(likeness(&own, &unit("Mælkebøtten", "4A", "1000000002")), 85);
        assert_eq!(likeness(&own, &unit("Mælkebøtten", "6", "1000000002")), 60);
        assert_eq!(likeness(&own, &unit("En anden", "4A", "1000000001")), 40);
        assert_eq!(likeness(&own, &top("Mælkebøtten", 1)), 0);
    }
}
