//! What a line records, its canonical form, and the reading of it.

use std::borrow::Cow;

use uuid::Uuid;

use super::Line;
use crate::register::{Cvr, Pseudonym, Sekvens, Tidspunkt};

/// The kind of line that this program writes and knows the fields of; other kinds are chained all the same.
pub(super) const KIND: &str = "handling.1";

/// A value longer than this, in characters, is cut and ends in `…`: no caller makes the chain grow by more.
const LONGEST: usize = 2048;

/// What came of the audited act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Udfald {
    /// It was stored.
    Gemt,
    /// It was refused with an answer that lists the errors.
    Afvist,
    /// It was refused with a fault.
    Fejl,
}

impl Udfald {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Gemt => "gemt",
            Self::Afvist => "afvist",
            Self::Fejl => "fejl",
        }
    }
}

/// What a line records: who did what, when, in which call, with what outcome. No field values, no personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When. The chain's time never goes back: an earlier one is written as that of the line before.
    pub tidspunkt: Tidspunkt,
    /// The operation with its service, such as `import:v2/InsertDaginstitution`, or `cli/org add`.
    pub operation: String,
    /// Outcome.
    pub udfald: Udfald,
    /// CVR of the acting organisation; none for the command line.
    pub cvr: Option<Cvr>,
    /// Stable identity of the certificate, or the operating-system user for the command line.
    pub identitet: String,
    /// The person who acted through it, by pseudonym; none where no person signed in.
    pub person: Option<Pseudonym>,
    /// The call.
    pub korrelations_id: Uuid,
    /// The caller's MessageID.
    pub message_id: Option<String>,
    /// The operator's case number.
    pub sagsnummer: Option<String>,
    /// First and last change of a stored write.
    pub sekvenser: Option<(Sekvens, Sekvens)>,
    /// Codes of the errors of a refusal, without repetition; or what a command changed.
    pub noter: Vec<String>,
    /// How many alike refusals this line stands for.
    pub antal: u32,
}

impl Entry {
    /// The form that is hashed and stored.
    pub fn canonical(&self, number: u64) -> String {
        self.canonical_with(number, self.tidspunkt, None)
    }

    /// The same at another time than its own, which also names the versions of organisations, systems and agreements that were written with it: what
    /// proves that the line gave (or took) those rights.
    pub fn canonical_with(
        &self,
        number: u64,
        tidspunkt: Tidspunkt,
        tilslutning: Option<&str>,
    ) -> String {
        let mut out = String::with_capacity(320);
        let mut field = |name: &str, value: &str| {
            if !value.is_empty() {
                out.push_str(name);
                out.push('=');
                escape(&mut out, value);
                out.push('\n');
            }
        };
        field("art", KIND);
        field("nr", &number.to_string());
        field("tidspunkt", &tidspunkt.to_string());
        field("operation", &self.operation);
        field("udfald", self.udfald.as_str());
        field("cvr", self.cvr.as_ref().map_or("", Cvr::as_str));
        field("identitet", &self.identitet);
        let person = self.person.as_ref();
        field("person", person.map(Pseudonym::as_str).unwrap_or_default());
        field("korrelationsId", &self.korrelations_id.to_string());
        field("messageId", self.message_id.as_deref().unwrap_or_default());
        field("sagsnummer", self.sagsnummer.as_deref().unwrap_or_default());
        if let Some((first, last)) = self.sekvenser {
            field("sekvenser", &format!("{first}-{last}"));
        }
        field("tilslutning", tilslutning.unwrap_or_default());
        field("noter", &self.noter.join(","));
        field("antal", &self.antal.to_string());
        out
    }
}

/// A value as it is written: bounded, on one line.
fn escape(out: &mut String, value: &str) {
    // So many characters have as many bytes at least.
    let end = (value.len() > LONGEST)
        .then(|| value.char_indices().nth(LONGEST))
        .flatten();
    let (value, cut) = match end {
        Some((end, _)) => (&value[..end], "…"),
        None => (value, ""),
    };
    for piece in value.split_inclusive(['\\', '\n', '\r']) {
        let (plain, escaped) = match piece.as_bytes().last() {
            Some(b'\\') => (&piece[..piece.len() - 1], "\\\\"),
            Some(b'\n') => (&piece[..piece.len() - 1], "\\n"),
            Some(b'\r') => (&piece[..piece.len() - 1], "\\r"),
            _ => (piece, ""),
        };
        out.push_str(plain);
        out.push_str(escaped);
    }
    out.push_str(cut);
}

/// Undoes the writing of `\`, line feed and carriage return.
fn unescaped(value: &str) -> Cow<'_, str> {
    if !value.contains('\\') {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(match chars.next() {
                Some('n') => Some('\n'),
                Some('r') => Some('\r'),
                other => other,
            }),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// What a line says of a stored write: what the history must agree with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored<'a> {
    /// The line.
    pub line: u64,
    /// Its first change.
    pub first: Sekvens,
    /// Its last.
    pub last: Sekvens,
    /// The call.
    pub korrelations_id: Uuid,
    /// The operation.
    pub operation: Cow<'a, str>,
    /// The acting organisation.
    pub cvr: Option<Cow<'a, str>>,
    /// The operator's case number.
    pub sagsnummer: Option<Cow<'a, str>>,
}

/// What a line of a kind that this program knows says.
#[derive(Debug, Default)]
pub(super) struct Said<'a> {
    pub(super) tidspunkt: Option<Tidspunkt>,
    pub(super) operation: Option<Cow<'a, str>>,
    pub(super) cvr: Option<Cow<'a, str>>,
    pub(super) sagsnummer: Option<Cow<'a, str>>,
    pub(super) korrelations_id: Option<Uuid>,
    /// First and last change; none when the text is no such pair.
    pub(super) sekvenser: Option<Option<(Sekvens, Sekvens)>>,
}

impl Line {
    /// The fields of the canonical form in order, as they were before it was written.
    pub fn fields(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.canonical
            .lines()
            .filter_map(|field| field.split_once('='))
            .map(|(name, value)| (name, unescaped(value)))
    }

    /// The number that the text names.
    pub(super) fn named(&self) -> Option<u64> {
        self.field("nr")?.parse().ok()
    }

    /// Its kind.
    pub(super) fn kind(&self) -> Option<Cow<'_, str>> {
        self.field("art")
    }

    /// When it was written, if it says so.
    pub fn tidspunkt(&self) -> Option<Tidspunkt> {
        Tidspunkt::parse(&self.field("tidspunkt")?).ok()
    }

    /// Whether it tells of something stored that is no change of a record: a right, a decision, a run.
    pub fn stored_beside_records(&self) -> bool {
        self.field("udfald").as_deref() == Some(Udfald::Gemt.as_str())
            && self.field("sekvenser").is_none()
    }

    fn field(&self, name: &str) -> Option<Cow<'_, str>> {
        self.fields()
            .find_map(|(found, value)| (found == name).then_some(value))
    }

    pub(super) fn said(&self) -> Said<'_> {
        let mut said = Said::default();
        for (name, value) in self.fields() {
            match name {
                "tidspunkt" => said.tidspunkt = Tidspunkt::parse(&value).ok(),
                "operation" => said.operation = Some(value),
                "cvr" => said.cvr = Some(value),
                "sagsnummer" => said.sagsnummer = Some(value),
                "korrelationsId" => said.korrelations_id = Uuid::try_parse(&value).ok(),
                "sekvenser" => said.sekvenser = Some(range(&value)),
                _ => {}
            }
        }
        said
    }
}

/// `first-last`.
fn range(text: &str) -> Option<(Sekvens, Sekvens)> {
    let (first, last) = text.split_once('-')?;
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (1 <= first && first <= last).then_some((Sekvens(first), Sekvens(last)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{chained, entry, texts};
    use super::*;

    #[test]
    fn the_canonical_form_is_these_characters() {
        let entry = Entry {
            tidspunkt: Tidspunkt::from_millis(1_790_000_000_123),
            udfald: Udfald::Afvist,
            message_id: Some("urn:a".into()),
            sagsnummer: Some("2026-17".into()),
            noter: vec!["DTR5001".into(), "DTR5002".into()],
            antal: 3,
            ..entry(7)
        };
        assert_eq!(
            entry.canonical(12),
            "art=handling.1\nnr=12\ntidspunkt=2026-09-21T14:13:20.123Z\noperation=import:v2/InsertDaginstitution\n\
             udfald=afvist\ncvr=55133018\nidentitet=UI:DK-O:G:11111111-2222-3333-4444-555555555555\n\
             korrelationsId=00000000-0000-0000-0000-000000000007\nmessageId=urn:a\nsagsnummer=2026-17\n\
             sekvenser=7-7\nnoter=DTR5001,DTR5002\nantal=3\n"
        );
        assert!(
            entry
                .canonical_with(12, Tidspunkt::from_millis(0), None)
                .contains("\ntidspunkt=1970-01-01T00:00:00.000Z\n")
        );
        let bare = Entry {
            cvr: None,
            sekvenser: None,
            udfald: Udfald::Fejl,
            ..super::super::testing::entry(1)
        };
        let text = bare.canonical(1);
        assert!(text.contains("\nudfald=fejl\nidentitet="), "{text}");
        assert!(
            !text.contains("sekvenser") && !text.contains("noter") && !text.contains("cvr"),
            "{text}"
        );
    }

    #[test]
    fn a_person_stands_behind_the_certificate_or_the_session() {
        let digits = "0f".repeat(32);
        let acted = Entry {
            person: Pseudonym::parse(&digits),
            ..entry(1)
        };
        let (with, without) = (acted.canonical(1), entry(1).canonical(1));
        let line = format!("person={digits}\n");
        assert_eq!(with.replace(&line, ""), without);
        let before = with.split(&line).next().unwrap();
        assert!(before.lines().last().unwrap().starts_with("identitet="));
    }

    #[test]
    fn values_cannot_forge_fields_and_are_read_back() {
        let value = "linje\nskift\\n\r\\";
        let line = chained([Entry {
            identitet: value.into(),
            ..entry(1)
        }])
        .remove(0);
        assert!(
            line.canonical
                .contains("\nidentitet=linje\\nskift\\\\n\\r\\\\\n"),
            "{}",
            line.canonical
        );
        let read: Vec<_> = line
            .fields()
            .filter(|(name, _)| *name == "identitet")
            .collect();
        assert_eq!(read, [("identitet", Cow::Borrowed(value))]);
        assert_eq!(unescaped("a\\"), "a");
        assert_eq!(unescaped("a\\xb"), "axb");
    }

    #[test]
    fn long_values_are_cut() {
        let of = |length: usize| {
            Entry {
                identitet: "ø".repeat(length),
                ..entry(1)
            }
            .canonical(1)
        };
        let shown = |text: &str| text.matches('ø').count();
        assert_eq!(shown(&of(LONGEST)), LONGEST);
        assert!(!of(LONGEST).contains('…'));
        assert_eq!(shown(&of(LONGEST + 1)), LONGEST);
        assert!(of(LONGEST + 1).contains("ø…\n"));
    }

    #[test]
    fn a_line_says_what_was_written() {
        let line = chained([Entry {
            sagsnummer: Some("S 1".into()),
            sekvenser: Some((Sekvens(1), Sekvens(3))),
            ..entry(1)
        }])
        .remove(0);
        assert_eq!(line.named(), Some(1));
        assert_eq!(line.kind().as_deref(), Some(KIND));
        assert_eq!(line.tidspunkt(), Some(Tidspunkt::from_millis(1000)));
        let said = line.said();
        assert_eq!(said.tidspunkt, Some(Tidspunkt::from_millis(1000)));
        assert_eq!(
            said.operation.as_deref(),
            Some("import:v2/InsertDaginstitution")
        );
        assert_eq!(said.cvr.as_deref(), Some("55133018"));
        assert_eq!(said.sagsnummer.as_deref(), Some("S 1"));
        assert_eq!(said.korrelations_id, Some(Uuid::from_u128(1)));
        assert_eq!(said.sekvenser, Some(Some((Sekvens(1), Sekvens(3)))));
        let other = texts(["art=andet.2\nnr=x\n".to_owned()]).remove(0);
        assert_eq!((other.named(), other.tidspunkt()), (None, None));
        assert_eq!(other.kind().as_deref(), Some("andet.2"));
        assert!(other.said().sekvenser.is_none());
    }

    #[test]
    fn a_range_of_changes_goes_forward_from_one() {
        assert_eq!(range("1-1"), Some((Sekvens(1), Sekvens(1))));
        assert_eq!(range("4-9"), Some((Sekvens(4), Sekvens(9))));
        for bad in ["", "4", "0-1", "5-4", "a-4", "4-b", "-"] {
            assert_eq!(range(bad), None, "{bad}");
        }
    }
}
