//! What somebody asks for, and what is found: the forms that pages and programs use. What is asked is within its bounds once it
//! is one of these types.

use super::fold::folded;
use crate::register::{Institutionsnummer, Kommunekode, Niveau};

/// The most characters of what is searched for.
pub const MOST_CHARACTERS: usize = 200;
/// Hits on a page.
pub const HITS: usize = 20;
/// The most pages.
pub const PAGES: u16 = 50;
/// Hits that are counted, and shown on all pages together.
pub(super) const COUNTED: usize = HITS * PAGES as usize;

/// More was asked for than a search takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a search takes at most {MOST_CHARACTERS} characters")]
pub struct TooLong;

/// What is searched for, as it was typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words(String);

impl Words {
    /// Takes at most 200 characters.
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn parse(text: &str) -> Result<Self, TooLong> {
        // A character has at most four bytes: no long text is counted.
        let short = text.len() <= MOST_CHARACTERS * 4 && text.chars().count() <= MOST_CHARACTERS;
        short.then(|| Self(text.to_owned())).ok_or(TooLong)
    }

    /// As it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The words as they are compared. Where nothing but one CVR number or P-number is meant, that alone: `CVR 55 13 30 18`.
    pub(super) fn folded(&self) -> Vec<String> {
        let folded = folded(&self.0);
        let words: Vec<_> = folded.split(' ').filter(|word| !word.is_empty()).collect();
        let is_digits = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
        let (digits, rest): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| is_digits(word));
        let label =
            |word: &&str| ["cvr", "dk", "p", "pnr", "pnummer", "nr", "nummer"].contains(word);
        let number = digits.concat();
        if matches!(number.len(), 8 | 10) && rest.iter().all(label) {
            return vec![number];
        }
        words.into_iter().map(str::to_owned).collect()
    }
}

/// Which records are shown, by whether they are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shown {
    /// All, the open ones first.
    #[default]
    All,
    /// The open ones.
    Open,
    /// The closed ones.
    Closed,
}

/// A page of hits, from 1 to 50.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page(u16);

impl Page {
    /// The first.
    pub const FIRST: Self = Self(1);

    /// The page of this number, where there is one.
    pub fn new(number: u16) -> Option<Self> {
        (1..=PAGES).contains(&number).then_some(Self(number))
    }

    /// Its number, from 1.
    pub const fn number(self) -> u16 {
        self.0
    }

    /// How many hits stand on the pages before.
    pub(super) fn before(self) -> usize {
        usize::from(self.0 - 1) * HITS
    }
}

impl Default for Page {
    fn default() -> Self {
        Self::FIRST
    }
}

/// What is asked for. Everything that is given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// The words, each in the name, the address or the numbers of a record; of the last one its beginning is enough.
    pub words: Words,
    /// Supervised by this kommune.
    pub kommune: Option<Kommunekode>,
    /// Of this type (`instType3`); an alternative address is of its unit's.
    pub inst_type: Option<i32>,
    /// Of this ownership (`ejerform`); everything is of its daginstitution's.
    pub ejerform: Option<i32>,
    /// Of this level.
    pub niveau: Option<Niveau>,
    /// Open or closed.
    pub shown: Shown,
    /// The page of hits.
    pub page: Page,
}

impl Asked {
    /// Whether nothing is asked for: then nothing is found. That only open ones are wanted is no wish of its own.
    pub fn is_empty(&self) -> bool {
        let filtered = self.kommune.is_some()
            || self.inst_type.is_some()
            || self.ejerform.is_some()
            || self.niveau.is_some();
        !filtered && self.words.folded().is_empty()
    }
}

/// How many hits there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    /// So many.
    Exactly(usize),
    /// More than so many, which is all that is counted and shown.
    MoreThan(usize),
}

impl Total {
    /// How many pages show them.
    pub fn pages(self) -> u16 {
        let (Self::Exactly(hits) | Self::MoreThan(hits)) = self;
        u16::try_from(hits.div_ceil(HITS)).map_or(PAGES, |pages| pages.min(PAGES))
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The hits of the page, best first.
    pub hits: Vec<Hit>,
    /// How many there are on all pages.
    pub total: Total,
    /// The page that was asked for.
    pub page: Page,
    /// What an A-number is now, where one was searched for and is known.
    pub a_number: Option<FormerNumber>,
}

/// A number from before the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerNumber {
    /// It.
    pub number: Institutionsnummer,
    /// What was called so.
    pub name: String,
    /// The number that goes on, where that is decided. Its record is the first hit.
    pub now: Option<Institutionsnummer>,
}

/// A record that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Its number.
    pub number: Institutionsnummer,
    /// Its level.
    pub niveau: Niveau,
    /// Its name.
    pub name: String,
    /// Its address in one line; none for a daginstitution.
    pub address: Option<String>,
    /// The kommune that supervises it.
    pub kommune: Option<Kommunekode>,
    /// Its type, a code of `instType3`; none for a daginstitution.
    pub inst_type: Option<i32>,
    /// Its ownership, a code of `ejerform`.
    pub ejerform: Option<i32>,
    /// The record directly above.
    pub parent: Option<Institutionsnummer>,
    /// Whether it is open.
    pub open: bool,
    /// What took the place of a closed one, each with its name where that is known.
    pub successors: Vec<(Institutionsnummer, Option<String>)>,
    /// The number of the school that a closed one goes on under.
    pub school: Option<Institutionsnummer>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_bounded() {
        assert!(Words::parse(&"å".repeat(MOST_CHARACTERS)).is_ok());
        assert_eq!(Words::parse(&"å".repeat(MOST_CHARACTERS + 1)), Err(TooLong));
        assert_eq!(Words::parse(&"x".repeat(1 << 20)), Err(TooLong));
        assert_eq!((Page::new(0), Page::new(PAGES + 1)), (None, None));
        assert_eq!(Page::new(PAGES).unwrap().before() + HITS, COUNTED);
    }

    #[test]
    fn a_number_may_be_written_with_spaces_and_what_it_is() {
        let words = |text| Words::parse(text).unwrap().folded().join(" ");
        assert_eq!(words("CVR-nr. 55 13 30 18"), "55133018");
        assert_eq!(words("p-nummer 1975 199 002"), "1975199002");
        assert_eq!(words("Skovvej 12 8000"), "skovvej 12 8000");
        assert_eq!(words("1234"), "1234");
    }

    #[test]
    fn pages_end_where_counting_ends() {
        assert_eq!(Total::Exactly(0).pages(), 0);
        assert_eq!(Total::Exactly(21).pages(), 2);
        assert_eq!(Total::MoreThan(COUNTED).pages(), PAGES);
    }

    #[test]
    fn nothing_asked_is_told_from_a_filter() {
        assert!(Asked::default().is_empty());
        let marks = Asked {
            words: Words::parse(" *-\" ").unwrap(),
            ..Asked::default()
        };
        assert!(marks.is_empty());
        let filtered = Asked {
            inst_type: Some(6012),
            ..Asked::default()
        };
        assert!(!filtered.is_empty());
    }
}
