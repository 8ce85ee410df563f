//! The error catalogue: every refusal and warning that a caller can see, with its stable code, its Danish and English
//! text, and what to do about it. No text of a fault or an error stands anywhere else.
//!
//! Which type to use when: a module that can fail has its own `thiserror` enum for what the log shall say; what a
//! caller is told is a [`Problem`], made from an [`Entry`] of this catalogue and the values that fill its text.
//!
//! Codes are `DTR` and four digits: 1 transport and identity, 2 XML, 3 SOAP, 4 schema, 5 the register's rules,
//! 9 the service itself. A code keeps its meaning for ever; a retired one is not used again.

/// Words in Danish and in English, with what they name in braces.
macro_rules! words {
    ($da:literal, $en:literal) => {
        [format!($da), format!($en)]
    };
}
pub(crate) use words;

mod catalogue;
mod form;
mod from_schema;
mod from_xml;
mod parameter;
mod place;
mod zone;

use std::borrow::Cow;
use std::fmt::Write as _;

pub use catalogue::{
    aftaler, all, fund, http, intern, load, login, plan, register, schema, soap, xml,
};
pub use from_schema::from_schema;
pub use from_xml::{from_decode, from_xml};
pub use parameter::{Parameter, parameter};
pub use place::Place;

/// How grave a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The message is refused.
    Fejl,
    /// The message is carried out; the caller should look at it.
    Advarsel,
}

impl Severity {
    /// The word of the contract (kontrakt §4).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fejl => "FEJL",
            Self::Advarsel => "ADVARSEL",
        }
    }
}

/// What a problem is about: the thousand of its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// 1: transport and identity.
    Transport = 1,
    /// 2: bytes that are no XML, or beyond its limits. What they were to call can't be believed.
    Xml = 2,
    /// 3: the envelope, its headers, and which operation is called.
    Soap = 3,
    /// 4: what the schema refuses.
    Schema = 4,
    /// 5: the register's rules.
    Register = 5,
    /// 9: the service itself.
    Internal = 9,
}

/// Which SOAP fault, and which HTTP status, a problem becomes when it refuses a whole call (kontrakt §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The message is wrong: `Client` (1.1), `Sender` (1.2).
    Sender,
    /// The same about a header block: in 1.1 it has no detail.
    Header,
    /// The same about a header block of WS-Addressing, which has an action of its own for that.
    Addressing,
    /// The service failed: `Server` / `Receiver`, status 500.
    Receiver,
    /// A header that must be understood is not.
    MustUnderstand,
    /// The envelope is of no known version.
    VersionMismatch,
    /// A `Client` / `Sender` fault; this HTTP status where it is no SOAP fault.
    Refused(u16),
    /// A `Server` / `Receiver` fault with this HTTP status everywhere, and with Retry-After.
    Unavailable(u16),
    /// The request is broken as HTTP: `Client` / `Sender` with status 400, on SOAP paths too.
    Malformed,
}

impl Fault {
    /// The HTTP status off the SOAP paths, where anybody who reads HTTP reads the body too.
    pub const fn document_status(self) -> u16 {
        match self {
            Self::Refused(status) | Self::Unavailable(status) => status,
            Self::Receiver => 500,
            Self::Sender
            | Self::Header
            | Self::Addressing
            | Self::Malformed
            | Self::MustUnderstand
            | Self::VersionMismatch => 400,
        }
    }

    /// The HTTP status on SOAP paths, the same in both versions. Most stacks read a fault from 500 alone and show their
    /// user nothing but a number else; so 400, 403 and 413 are for documents. What stays is what tells a proxy or a
    /// person that no message was looked at, and when to come again.
    pub const fn soap_status(self) -> u16 {
        match self {
            Self::Refused(status @ (404 | 405 | 408 | 415 | 417)) | Self::Unavailable(status) => {
                status
            }
            Self::Malformed => 400,
            Self::Refused(_)
            | Self::Sender
            | Self::Header
            | Self::Addressing
            | Self::Receiver
            | Self::MustUnderstand
            | Self::VersionMismatch => 500,
        }
    }
}

/// One code of the catalogue. Texts hold `{name}` where a value goes.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// The stable code, such as `DTR5002`.
    pub kode: &'static str,
    /// What it is about.
    pub group: Group,
    /// How grave it is.
    pub alvor: Severity,
    /// What it becomes as a fault.
    pub fault: Fault,
    /// The values that list what would be right: ours and not the caller's, and of no use when cut as others are.
    pub lists: &'static [&'static str],
    /// What is wrong, in Danish.
    pub da: &'static str,
    /// What is wrong, in English.
    pub en: &'static str,
    /// What to do, in Danish.
    pub hjaelp_da: &'static str,
    /// What to do, in English.
    pub hjaelp_en: &'static str,
}

/// A value longer than this is cut in a text, in characters.
const LONGEST_VALUE: usize = 200;
/// Where a list of [`Entry::lists`] is cut all the same, in characters.
const LONGEST_LIST: usize = 2000;

/// The languages of the texts.
#[derive(Debug, Clone, Copy)]
enum Sprog {
    Dansk,
    Engelsk,
}

/// An entry of the catalogue with its values and its place in the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The code and its texts.
    pub entry: &'static Entry,
    /// What goes into the texts.
    pub values: Vec<(&'static str, String)>,
    /// What goes into them in Danish and in English.
    pub phrases: Vec<(&'static str, [Cow<'static, str>; 2])>,
    /// Where in the message.
    pub place: Place,
}

impl Problem {
    /// A problem with nothing to fill in yet.
    pub const fn new(entry: &'static Entry) -> Self {
        Self {
            entry,
            values: Vec::new(),
            phrases: Vec::new(),
            place: Place::NOWHERE,
        }
    }

    /// Fills `{name}` with a value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.values.push((name, value.to_string()));
        self
    }

    /// Fills `{name}` with words, which are others in each language.
    #[must_use]
    pub fn with_words(
        mut self,
        name: &'static str,
        words: [impl Into<Cow<'static, str>>; 2],
    ) -> Self {
        self.set_words(name, words);
        self
    }

    /// The same in place.
    pub fn set_words(&mut self, name: &'static str, words: [impl Into<Cow<'static, str>>; 2]) {
        self.phrases.retain(|(key, _)| *key != name);
        self.phrases.push((name, words.map(Into::into)));
    }

    /// Says where in the message it is.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// What is wrong, in Danish.
    pub fn da(&self) -> String {
        text(|out| self.write_da(out))
    }

    /// What is wrong, in English.
    pub fn en(&self) -> String {
        text(|out| self.write_en(out))
    }

    /// What to do, in both languages.
    pub fn hjaelp(&self) -> String {
        text(|out| self.write_hjaelp(out))
    }

    /// What to do, in Danish and in English.
    pub fn remedies(&self) -> [String; 2] {
        [
            text(|out| self.fill(out, self.entry.hjaelp_da, Sprog::Dansk)),
            text(|out| self.fill(out, self.entry.hjaelp_en, Sprog::Engelsk)),
        ]
    }

    /// Appends what [`Problem::da`] gives.
    pub fn write_da(&self, out: &mut String) {
        self.fill(out, self.entry.da, Sprog::Dansk);
    }

    /// Appends what [`Problem::en`] gives.
    pub fn write_en(&self, out: &mut String) {
        self.fill(out, self.entry.en, Sprog::Engelsk);
    }

    /// Appends what [`Problem::hjaelp`] gives.
    pub fn write_hjaelp(&self, out: &mut String) {
        self.fill(out, self.entry.hjaelp_da, Sprog::Dansk);
        out.push_str(" / ");
        self.fill(out, self.entry.hjaelp_en, Sprog::Engelsk);
    }

    /// Whether it refuses the message.
    pub fn is_error(&self) -> bool {
        self.entry.alvor == Severity::Fejl
    }

    fn value(&self, name: &str, sprog: Sprog) -> &str {
        let phrase = self.phrases.iter().find(|(key, _)| *key == name);
        let value = || self.values.iter().find(|(key, _)| *key == name);
        match phrase {
            Some((_, words)) => &words[sprog as usize],
            None => value().map_or("", |(_, value)| value),
        }
    }

    fn fill(&self, out: &mut String, template: &str, sprog: Sprog) {
        let mut rest = template;
        while let Some((before, after)) = cut(rest, b'{') {
            out.push_str(before);
            let Some((name, after)) = cut(after, b'}') else {
                rest = after;
                break;
            };
            let longest = if self.entry.lists.contains(&name) {
                LONGEST_LIST
            } else {
                LONGEST_VALUE
            };
            push_shown(out, self.value(name, sprog), longest);
            rest = after;
        }
        out.push_str(rest);
    }
}

/// What is written to an empty text.
fn text(write: impl FnOnce(&mut String)) -> String {
    let mut out = String::with_capacity(128);
    write(&mut out);
    out
}

/// What stands before and after the first such byte, which is ASCII. Texts are short: looking at each byte is quicker
/// than a general search.
fn cut(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|own| own == byte)?;
    Some((&text[..at], &text[at + 1..]))
}

/// Appends a value as a person can read it: cut when long, characters that steer terminals or logs made visible.
fn push_shown(out: &mut String, value: &str, longest: usize) {
    // The usual case: there are no more characters than bytes.
    if value.len() <= longest && !value.bytes().any(may_steer) {
        out.push_str(value);
        return;
    }
    for (index, c) in value.chars().enumerate() {
        if index == longest {
            out.push('…');
            return;
        }
        match c {
            c if steers(c) => {
                // Writing to a String cannot fail.
                let _ = write!(out, "[U+{:04X}]", u32::from(c));
            }
            c => out.push(c),
        }
    }
}

/// Whether a character of [`steers`] may begin with this byte in UTF-8: U+0080 to U+009F begin with 0xC2, those from U+2000 on
/// with 0xE2, U+FEFF with 0xEF.
const fn may_steer(byte: u8) -> bool {
    matches!(byte, 0..=0x1F | 0x7F | 0xC2 | 0xE2 | 0xEF)
}

/// Characters that are not seen and change how what follows is: control characters, line and paragraph separators, zero
/// width, direction.
pub(crate) fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_texts_complete() {
        let mut seen = std::collections::BTreeSet::new();
        for entry in all() {
            assert!(seen.insert(entry.kode), "{} twice", entry.kode);
            assert!(
                entry.kode.starts_with(&format!("DTR{}", entry.group as u8))
                    && entry.kode.len() == 7,
                "{}",
                entry.kode
            );
            for text in [entry.da, entry.en, entry.hjaelp_da, entry.hjaelp_en] {
                assert!(
                    text.ends_with('.') || text.ends_with('?'),
                    "{}: {text:?}",
                    entry.kode
                );
            }
        }
    }

    #[test]
    fn the_two_languages_name_the_same_values() {
        let names = |text: &str| -> std::collections::BTreeSet<String> {
            text.split('{')
                .skip(1)
                .filter_map(|part| part.split('}').next())
                .map(String::from)
                .collect()
        };
        for entry in all() {
            let all = names(&[entry.da, entry.hjaelp_da].concat());
            let listed = entry.lists.iter().all(|list| all.contains(*list));
            assert!(listed, "{}: {:?}", entry.kode, entry.lists);
            assert_eq!(names(entry.da), names(entry.en), "{}", entry.kode);
            assert_eq!(
                names(entry.hjaelp_da),
                names(entry.hjaelp_en),
                "{}",
                entry.kode
            );
        }
    }

    #[test]
    fn whatever_steers_begins_with_a_byte_that_is_looked_at() {
        for c in ('\0'..=char::MAX).filter(|&c| steers(c)) {
            let first = c.to_string().bytes().next().unwrap();
            assert!(may_steer(first), "{:X}", u32::from(c));
        }
    }

    #[test]
    fn values_are_cut_and_made_harmless() {
        let problem = Problem::new(&register::UKENDT_NUMMER).with(
            "nummer",
            format!("a\r\n\u{1b}[31m\u{2028}{}", "x".repeat(500)),
        );
        let text = problem.da();
        assert!(
            !text.contains(['\r', '\n', '\u{1b}', '\u{2028}']),
            "{text:?}"
        );
        assert!(text.contains('…') && text.chars().count() < 400, "{text}");
    }
}
