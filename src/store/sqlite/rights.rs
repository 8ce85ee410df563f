//! That nobody has a right which no audit line gave: each version of an organisation, a system (with its certificates), an
//! agreement and a request for one (with their scopes) is named by one audit line, with a digest over what it says.
//!
//! A line names versions by their numbers in the histories, which have no gaps, so that each is named once, in order:
//! `organisation 4-4,aftale 7-8,sha256 <digest>`. The digest is made of the rows, so one that was changed, or put there
//! without the program, is found. What the state says is held against the histories elsewhere (`verify`).
//!
//! Lines of older programs name no versions, but in words what they gave; those are compared with the words that belong to
//! the version whose turn it is. They do not say which numbers an agreement was about.

use std::borrow::Cow;

use aws_lc_rs::digest::{Context, SHA256};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::query::first;
use super::values::Count;
use crate::audit::{Finding, Hash, Line};
use crate::store::Result;

/// What has versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RightKind {
    Organisation,
    System,
    Aftale,
    Anmodning,
    Administrator,
}

impl RightKind {
    const ALL: [Self; 5] = [
        Self::Organisation,
        Self::System,
        Self::Aftale,
        Self::Anmodning,
        Self::Administrator,
    ];

    /// Its word, which its table begins with; all columns of a version, the number first; and what a line of an older
    /// program says of a version: NULL where it said nothing of it.
    const fn table(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Organisation => (
                "organisation",
                "id, tidspunkt, cvr, navn, art, kommune, oprettet, lukket",
                "'cvr ' || cvr || ',art ' || art || coalesce(',kommune ' || kommune, '') || ',navn ' || navn",
            ),
            Self::System => (
                "system",
                "id, tidspunkt, system, navn, ejer, certifikater, oprettet, lukket",
                "'system SYS-' || system || ',cvr ' || ejer \
                 || coalesce(',certifikat ' || replace(certifikater, ' ', ',certifikat '), '') || ',navn ' || navn",
            ),
            Self::Aftale => (
                "aftale",
                "id, tidspunkt, aftale, system, kommune, ejer, tjeneste, omfang, numre, fra, til, overlap, oprettet, \
                 lukket, aarsag, afloeser",
                "CASE WHEN aarsag LIKE '% er nedlagt' THEN NULL ELSE 'aftale AFT-' || aftale || ',system SYS-' \
                 || system || coalesce(',kommune ' || kommune, '') || coalesce(',ejer ' || ejer, '') \
                 || ',tjeneste ' || tjeneste || ',omfang ' || omfang || ',fra ' || fra || coalesce(',til ' || til, '') \
                 || coalesce(',afloeser AFT-' || afloeser, '') || coalesce(',aarsag ' || aarsag, '') END",
            ),
            // No older program wrote any, so none is passed over.
            Self::Anmodning => (
                "anmodning",
                "id, tidspunkt, anmodning, system, kommune, ejer, tjeneste, omfang, numre, fra, til, oprettet, stand, \
                 aftale, afgjort, afgjort_cvr, afgjort_person",
                "'anmodning ANM-' || anmodning",
            ),
            Self::Administrator => (
                "administrator",
                "id, tidspunkt, identitet, cvr, rettigheder, oprettet, lukket",
                "'administrator ' || identitet",
            ),
        }
    }

    const fn word(self) -> &'static str {
        self.table().0
    }
}

/// Versions of each kind, from the first to the last; 0 to 0 for none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Versions([(u64, u64); 5]);

impl Versions {
    pub(super) fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Takes note of the version that was just written.
    pub(super) fn add(&mut self, conn: &Connection, kind: RightKind) -> Result<()> {
        let last = last(conn, kind)?;
        let range = &mut self.0[kind as usize];
        *range = (if range.0 == 0 { last } else { range.0 }, last);
        Ok(())
    }

    fn each(self) -> impl Iterator<Item = (RightKind, u64, u64)> {
        let ranges = RightKind::ALL.into_iter().zip(self.0);
        ranges.filter_map(|(kind, (first, last))| (first > 0).then_some((kind, first, last)))
    }

    /// What an audit line says of them; nothing of none.
    pub(super) fn named(self, conn: &Connection) -> Result<Option<String>> {
        if self.is_empty() {
            return Ok(None);
        }
        let ranges = self
            .each()
            .map(|(kind, first, last)| format!("{} {first}-{last},", kind.word()));
        let ranges: String = ranges.collect();
        Ok(Some(format!("{ranges}sha256 {}", self.digest(conn)?)))
    }

    fn parse(text: &str) -> Option<(Self, Hash)> {
        let (ranges, hash) = text.split_once("sha256 ")?;
        let mut versions = Self::default();
        for range in ranges.split_terminator(',') {
            let (word, numbers) = range.split_once(' ')?;
            let (first, last) = numbers.split_once('-')?;
            let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
            let kind = RightKind::ALL
                .into_iter()
                .find(|kind| kind.word() == word)?;
            (0 < first && first <= last).then_some(())?;
            versions.0[kind as usize] = (first, last);
        }
        Some((versions, Hash::parse(hash)?))
    }

    /// The digest over all that the rows say.
    fn digest(self, conn: &Connection) -> Result<Hash> {
        let mut context = Context::new(&SHA256);
        for (kind, first, last) in self.each() {
            let (word, columns, _) = kind.table();
            let mut statement = conn.prepare_cached(&format!(
                "SELECT {columns} FROM {word}_historik WHERE id BETWEEN ?1 AND ?2 ORDER BY id"
            ))?;
            let columns = statement.column_count();
            let mut rows = statement.query([Count(first), Count(last)])?;
            while let Some(row) = rows.next()? {
                context.update(word.as_bytes());
                for column in 0..columns {
                    value(&mut context, row.get_ref(column)?);
                }
            }
        }
        let mut hash = [0; 32];
        hash.copy_from_slice(context.finish().as_ref());
        Ok(Hash(hash))
    }
}

/// A value so that no two rows are written alike.
fn value(context: &mut Context, value: ValueRef<'_>) {
    let (kind, bytes) = match value {
        ValueRef::Null => ('n', Vec::new()),
        ValueRef::Integer(number) => ('i', number.to_string().into_bytes()),
        ValueRef::Real(number) => ('r', number.to_string().into_bytes()),
        ValueRef::Text(text) => ('t', text.to_vec()),
        ValueRef::Blob(bytes) => ('b', bytes.to_vec()),
    };
    context.update(format!("\n{kind}{}:", bytes.len()).as_bytes());
    context.update(&bytes);
}

fn last(conn: &Connection, kind: RightKind) -> Result<u64> {
    let sql = format!("SELECT max(id) FROM {}_historik", kind.word());
    let last: Option<Count> = first(conn, &sql, [], |row| row.get(0))?.flatten();
    Ok(last.map_or(0, |count| count.0))
}

/// Follows the audit lines, and the versions that they name beside them.
#[derive(Debug, Default)]
pub(super) struct RightsTold {
    /// The last version of each kind that a line has named.
    named: [u64; 5],
}

impl RightsTold {
    /// What is wrong with the versions that a line gave.
    pub(super) fn line(&mut self, conn: &Connection, line: &Line) -> Result<Vec<Finding>> {
        let said = Said::of(line);
        let number = line.number;
        let found = |why: String| Finding::Rights(number, why);
        if !said.stored {
            return Ok(Vec::new());
        }
        let Some(named) = &said.named else {
            let found = match said.older() {
                Some((kind, words)) => self.in_words(conn, kind, words)?.map(found),
                None => None,
            };
            return Ok(found.into_iter().collect());
        };
        let Some((versions, hash)) = Versions::parse(named) else {
            return Ok(vec![found("has no readable tilslutning".to_owned())]);
        };
        let mut findings = Vec::new();
        for (kind, first, last) in versions.each() {
            let next = self.skip(conn, kind, first)? + 1;
            if first != next {
                findings.push(found(format!(
                    "begins at {} {first}, where {next} comes next: versions stand in no line, or in two",
                    kind.word()
                )));
            }
            self.named[kind as usize] = last;
        }
        if versions.digest(conn)? != hash {
            findings.push(found(format!(
                "and the versions that it names ({}) disagree: one was changed after the line was written",
                named.split(",sha256").next().unwrap_or_default()
            )));
        }
        Ok(findings)
    }

    /// Passes over what older programs wrote without a word, up to a version: agreements that ended with their last record.
    fn skip(&mut self, conn: &Connection, kind: RightKind, to: u64) -> Result<u64> {
        let named = &mut self.named[kind as usize];
        while *named + 1 < to
            && let Some(None) = words(conn, kind, *named + 1)?
        {
            *named += 1;
        }
        Ok(*named)
    }

    /// A line of an older program.
    fn in_words(
        &mut self,
        conn: &Connection,
        kind: RightKind,
        said: &str,
    ) -> Result<Option<String>> {
        let version = self.skip(conn, kind, u64::MAX)? + 1;
        let word = kind.word();
        let Some(expected) = words(conn, kind, version)?.flatten() else {
            return Ok(Some(format!(
                "tells of a change of {word}, which the history lacks"
            )));
        };
        self.named[kind as usize] = version;
        let same = match said.strip_suffix('…') {
            // Longer than a line's field may be.
            Some(part) => expected.starts_with(part),
            None => expected == said,
        };
        Ok((!same).then(|| format!("and {word} {version} of the history disagree")))
    }

    /// The versions that no line has named.
    pub(super) fn finish(mut self, conn: &Connection) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        for kind in RightKind::ALL {
            let (named, last) = (self.skip(conn, kind, u64::MAX)?, last(conn, kind)?);
            if named < last {
                findings.push(Finding::Register(format!(
                    "{} {} of the history stands in no audit line: nobody gave that right",
                    kind.word(),
                    named + 1
                )));
            }
        }
        Ok(findings)
    }
}

/// The words of a version; an inner none where there are none for it, an outer one where there is no such version.
fn words(conn: &Connection, kind: RightKind, version: u64) -> Result<Option<Option<String>>> {
    let (word, _, words) = kind.table();
    let sql = format!("SELECT {words} FROM {word}_historik WHERE id = ?1");
    first(conn, &sql, [Count(version)], |row| row.get(0))
}

/// What a line says, as far as rights are concerned.
#[derive(Default)]
struct Said<'a> {
    stored: bool,
    operation: Cow<'a, str>,
    noter: Cow<'a, str>,
    /// The versions that it names.
    named: Option<Cow<'a, str>>,
}

impl<'a> Said<'a> {
    fn of(line: &'a Line) -> Self {
        let mut said = Self::default();
        for (name, value) in line.fields() {
            match name {
                "udfald" => said.stored = value == "gemt",
                "operation" => said.operation = value,
                "noter" => said.noter = value,
                "tilslutning" => said.named = Some(value),
                _ => {}
            }
        }
        said
    }

    /// What a line of an older program tells of, by its operation and its first word.
    fn older(&self) -> Option<(RightKind, &str)> {
        let command = self.operation.strip_prefix("cli/")?;
        let (kind, own) = match self.noter.split_once(' ')?.0 {
            "cvr" => (RightKind::Organisation, "org "),
            "system" => (RightKind::System, "system "),
            "aftale" => (RightKind::Aftale, "aftale "),
            _ => return None,
        };
        (command == "init" || command.starts_with(own)).then_some((kind, &*self.noter))
    }
}
