//! How addresses are compared: keys of street names, house numbers as numbers, and how far two names are apart.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// Words of street names that are written in several ways.
const SPELLINGS: [(&str, &str); 2] = [("skt", "sankt"), ("sct", "sankt")];

/// The key of a street name: names with the same key are the same name. Lower case, white space and punctuation as one
/// space, accents of `é` and the like gone, saints written out. `å` stays apart from `aa`: both are in use in names of
/// different streets.
pub fn street_key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    let mut word = String::new();
    let folded = name.nfc().flat_map(char::to_lowercase).map(fold);
    for c in folded.chain([' ']) {
        if c.is_alphanumeric() {
            word.push(c);
        } else if !word.is_empty() {
            if !key.is_empty() {
                key.push(' ');
            }
            let written = SPELLINGS.iter().find(|(short, _)| *short == word);
            key.push_str(written.map_or(&word, |(_, long)| long));
            word.clear();
        }
    }
    key
}

const fn fold(c: char) -> char {
    match c {
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'á' | 'à' | 'â' => 'a',
        'ü' => 'u',
        other => other,
    }
}

/// A house number: 1 to 999 and a letter or none, in the order of a street.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HouseNumber(u16);

/// Letters of a house number, and none.
const LETTERS: u16 = 32;

impl HouseNumber {
    /// Reads `12`, `12A`, `12 a` or `012A`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, letter) = text.split_at(digits);
        let number: u16 = number.parse().ok().filter(|n| (1..=999).contains(n))?;
        let letter = match letter.trim_start().as_bytes() {
            [] => 0,
            [letter] if letter.is_ascii_alphabetic() => {
                u16::from(letter.to_ascii_uppercase() - b'A') + 1
            }
            _ => return None,
        };
        Some(Self(number * LETTERS + letter))
    }

    /// As it is stored.
    pub const fn code(self) -> i64 {
        self.0 as i64
    }

    /// From how it is stored.
    pub fn from_code(code: i64) -> Option<Self> {
        let code = u16::try_from(code).ok()?;
        let (number, letter) = (code / LETTERS, code % LETTERS);
        ((1..=999).contains(&number) && letter <= 26).then_some(Self(code))
    }
}

impl fmt::Display for HouseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0 / LETTERS)?;
        match u8::try_from(self.0 % LETTERS) {
            Ok(letter @ 1..) => write!(f, "{}", char::from(b'A' + letter - 1)),
            _ => Ok(()),
        }
    }
}

/// A road name without the house number at its end, where that is the given one: `Ørbækvej 100a` with `100A`.
pub fn without_house_number(name: &str, house: HouseNumber) -> Option<&str> {
    let name = name.trim_end();
    let cuts = name.char_indices().filter(|(_, c)| c.is_whitespace());
    cuts.map(|(at, _)| name.split_at(at))
        .find(|(road, rest)| !road.trim().is_empty() && HouseNumber::parse(rest) == Some(house))
        .map(|(road, _)| road.trim_end())
}

/// How many characters must be changed, put in, left out or exchanged with their neighbour to make one text of another;
/// `None` when more than `most`.
pub fn afstand(one: &[char], other: &[char], most: usize) -> Option<usize> {
    if one.len().abs_diff(other.len()) > most {
        return None;
    }
    let width = other.len() + 1;
    let mut before_last = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    let mut row = vec![0; width];
    for (i, a) in one.iter().enumerate() {
        row[0] = i + 1;
        let mut least = row[0];
        for (j, b) in other.iter().enumerate() {
            let mut cost = (last[j + 1] + 1)
                .min(row[j] + 1)
                .min(last[j] + usize::from(a != b));
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                cost = cost.min(before_last[j - 1] + 1);
            }
            row[j + 1] = cost;
            least = least.min(cost);
        }
        if least > most {
            return None;
        }
        std::mem::swap(&mut before_last, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    Some(last[width - 1]).filter(|distance| *distance <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_street_have_one_key() {
        for (one, other) in [
            ("Skt. Knuds Vej", "sankt knuds  vej"),
            ("Sct. Pauls Gade", "Sankt Pauls Gade"),
            ("H.C. Andersens Vej", "H. C. Andersens vej"),
            ("Frederiks Allé", "FREDERIKS ALLE"),
            ("A\u{30a}boulevarden", "Åboulevarden"),
            ("Vester-Allé", "Vester Allé"),
        ] {
            assert_eq!(street_key(one), street_key(other), "{one} / {other}");
        }
        assert_ne!(street_key("Ågade"), street_key("Aagade"));
        assert_ne!(street_key("Sktvej"), street_key("Sanktvej"));
        assert_eq!(street_key(" . "), "");
    }

    #[test]
    fn house_numbers_are_read_ordered_and_written() {
        for (text, written) in [("12", "12"), ("012A", "12A"), ("999 z", "999Z")] {
            let house = HouseNumber::parse(text).unwrap();
            assert_eq!(house.to_string(), written);
            assert_eq!(HouseNumber::from_code(house.code()), Some(house));
        }
        for bad in ["", "0", "1000", "A", "12AB", "12-14", "12Å", "٣"] {
            assert_eq!(HouseNumber::parse(bad), None, "{bad}");
        }
        assert!(HouseNumber::parse("9B") < HouseNumber::parse("10"));
        assert_eq!(HouseNumber::from_code(31), None);
        assert_eq!(HouseNumber::from_code(12 * 32 + 27), None);
    }

    #[test]
    fn a_house_number_at_the_end_of_the_name_is_taken_off() {
        let house = HouseNumber::parse("100A").unwrap();
        assert_eq!(
            without_house_number("Ørbækvej 100a", house),
            Some("Ørbækvej")
        );
        assert_eq!(
            without_house_number("Ørbækvej 100 a", house),
            Some("Ørbækvej")
        );
        assert_eq!(without_house_number("Ørbækvej 100", house), None);
        assert_eq!(without_house_number("100A", house), None);
        assert_eq!(without_house_number(" 100A", house), None);
    }

    #[test]
    fn the_distance_counts_edits_and_gives_up_early() {
        let d = |a: &str, b: &str, most| {
            let (a, b): (Vec<_>, Vec<_>) = (a.chars().collect(), b.chars().collect());
            afstand(&a, &b, most)
        };
        assert_eq!(d("skovvej", "skovvej", 2), Some(0));
        assert_eq!(d("skovvej", "skovvejen", 2), Some(2));
        assert_eq!(d("sokvvej", "skovvej", 2), Some(1));
        assert_eq!(d("ørbækvej", "årbækvej", 1), Some(1));
        assert_eq!(d("", "ab", 2), Some(2));
        assert_eq!(d("abcdef", "ghijkl", 3), None);
        assert_eq!(d("ab", "abcde", 2), None);
    }
}
