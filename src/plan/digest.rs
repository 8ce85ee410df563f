//! What a plan is known by: where the register stood when it was made, and a hash over what it does. Two plans that do the same
//! to the same versions are the same plan, whatever has happened elsewhere.

use std::fmt;

use aws_lc_rs::digest;

use super::source::Source;
use crate::hex::Hex;
use crate::import::{At, Made, Tried};
use crate::problem::register;
use crate::register::{Column, Def, Life, Pen, Sekvens, Value};

/// The digest of a plan, such as `5012-3f2a…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest {
    /// The register's last change when the plan was made.
    pub seen: Sekvens,
    hash: [u8; 16],
}

impl Digest {
    /// Reads it as it was shown.
    pub fn parse(text: &str) -> Option<Self> {
        let (seen, hash) = text.trim().split_once('-')?;
        if hash.len() != 32 || !hash.is_ascii() {
            return None;
        }
        let mut bytes = [0; 16];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(hash.get(2 * at..2 * at + 2)?, 16).ok()?;
        }
        let seen = seen
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| seen.parse());
        Some(Self {
            seen: Sekvens(seen?.ok()?),
            hash: bytes,
        })
    }

    /// Whether both are of the same plan.
    pub fn is_of_the_plan(&self, other: &Self) -> bool {
        self.hash == other.hash
    }

    /// That of a file with which nothing can be done.
    pub(super) const fn none(seen: Sekvens) -> Self {
        Self {
            seen,
            hash: [0; 16],
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.seen, Hex(&self.hash))
    }
}

/// The digest of what a batch did, or would do. Numbers that were issued on the way are called as the file calls their records:
/// each run may issue others.
pub(super) fn of(tried: &Tried, sources: &[Source]) -> Digest {
    let mut text = Canonical {
        out: format!("plan 1\nepoke {}\n", tried.seen.epoke),
        called: &|number| {
            let at = tried.opened.get(number)?;
            Some(called(*at, sources))
        },
    };
    for made in &tried.made {
        change(made, sources, &mut text);
    }
    let ends = tried.warnings.iter().map(|(_, problem)| problem);
    for problem in ends.filter(|own| *own.entry == register::AFTALE_OPHOERT) {
        for (name, value) in &problem.values {
            text.line(name, value);
        }
    }
    let whole = digest::digest(&digest::SHA256, text.out.as_bytes());
    let mut hash = [0; 16];
    hash.copy_from_slice(whole.as_ref().get(..16).unwrap_or(&[0; 16]));
    Digest {
        seen: tried.seen.sekvens,
        hash,
    }
}

fn called(at: At, sources: &[Source]) -> String {
    let source = sources.get(at.member);
    source.map_or_else(String::new, |source| source.called(at.record))
}

fn change(made: &Made, sources: &[Source], text: &mut Canonical<'_>) {
    let record = &made.change.record;
    text.line("handling", made.change.handling.as_str());
    let number = (text.called)(&record.nummer).unwrap_or_else(|| record.nummer.to_string());
    text.line("nummer", &number);
    text.line("sted", &called(made.at, sources));
    let version = made.before.as_ref().map_or(0, |before| before.life.version);
    text.line("version", &version.to_string());
    record.content.write(text);
    let Life {
        lukkeaarsag,
        skolens_nummer,
        afloeser,
        afloest_af,
        ..
    } = &record.life;
    text.line("lukkeaarsag", lukkeaarsag.map_or("", |own| own.as_str()));
    for number in skolens_nummer.iter().chain(afloeser).chain(afloest_af) {
        text.line("slaegtskab", number.as_str());
    }
}

/// Lines of names and values that can't be taken for others.
struct Canonical<'a> {
    out: String,
    called: &'a dyn Fn(&crate::register::Institutionsnummer) -> Option<String>,
}

impl Canonical<'_> {
    fn line(&mut self, name: &str, value: &str) {
        self.out
            .push_str(&format!("{name} {} {value}\n", value.len()));
    }
}

impl<'a> Pen<'a> for Canonical<'_> {
    fn field(&mut self, def: &'static Def, value: Value<'a>) {
        let shown = match value {
            Value::Number(number) if def.column == Column::Foraelder => (self.called)(number),
            _ => None,
        };
        self.line(
            def.field.name(),
            &shown.unwrap_or_else(|| value.to_string()),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_it_is_shown() {
        let digest = Digest {
            seen: Sekvens(12),
            hash: [0xab; 16],
        };
        assert_eq!(Digest::parse(&format!(" {digest}\n")), Some(digest));
        let text = digest.to_string();
        for bad in [
            "",
            "12",
            "-",
            &text[1..4],
            &text.replace("ab", "xy"),
            &format!("+{text}"),
        ] {
            assert_eq!(Digest::parse(bad), None, "{bad}");
        }
    }
}
