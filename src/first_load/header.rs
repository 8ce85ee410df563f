//! The header of a file that an operator loads: which column holds what, and that no column is passed over in silence.
//! Names are tolerant of letter case, underscores and punctuation.

use std::fmt::Write as _;

/// Why the columns of a file can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ColumnError {
    /// A column that rows need is not there.
    #[error(
        "the file has no column {column}{}; its first line must name the columns, as dtr's own CSV exports do",
        .resembles.as_ref().map(|own| format!(" (is it {own}?)")).unwrap_or_default()
    )]
    Missing {
        /// The column.
        column: &'static str,
        /// The column of the file that may be meant.
        resembles: Option<String>,
    },
    /// Columns that mean nothing here: their data would be lost.
    #[error(
        "{}; correct the name, or leave columns out with --ignorer-kolonner {}",
        unknown(.0),
        .0.iter().map(|(own, _)| own.as_str()).collect::<Vec<_>>().join(",")
    )]
    Unknown(Vec<(String, Nearest)>),
    /// Two columns say the same, and one of them would be lost.
    #[error(
        "the columns {0} and {1} both stand for {2}; keep one, or leave one out with --ignorer-kolonner"
    )]
    Twice(String, String, &'static str),
    /// A column that is to be left out is not there.
    #[error("--ignorer-kolonner names {0}, and the file has no such column")]
    NotThere(String),
}

/// What an unknown column may be meant for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Nearest {
    /// This column.
    One(&'static str),
    /// One of these: the name is unlike all of them.
    OneOf(Vec<&'static str>),
}

fn unknown(columns: &[(String, Nearest)]) -> String {
    let mut text = String::new();
    for (n, (own, near)) in columns.iter().enumerate() {
        let between = if n > 0 { "; " } else { "" };
        // Writing to a String cannot fail.
        let _ = match near {
            Nearest::One(name) => write!(
                text,
                "{between}the column {own} is not known; the nearest is {name}"
            ),
            Nearest::OneOf(names) => write!(
                text,
                "{between}the column {own} is not known; known are {}",
                names.join(", ")
            ),
        };
    }
    text
}

/// The columns of a file. Each is asked for by name; what nobody asked for is told in the end.
#[derive(Debug)]
pub struct Header {
    columns: Vec<Column>,
    /// All names that were asked for, and whether the file has the column.
    known: Vec<(&'static str, bool)>,
    twice: Option<ColumnError>,
}

#[derive(Debug)]
struct Column {
    /// As the file has it, with nothing that steers a terminal.
    name: String,
    folded: String,
    taken: bool,
    ignored: bool,
}

impl Header {
    /// The columns of a header, without those that the operator leaves out.
    ///
    /// # Errors
    /// [`ColumnError::NotThere`].
    pub fn new<'a>(
        names: impl IntoIterator<Item = &'a str>,
        ignore: &[String],
    ) -> Result<Self, ColumnError> {
        let mut columns: Vec<Column> = names
            .into_iter()
            .map(|name| Column {
                name: shown(name),
                folded: folded(name),
                taken: false,
                ignored: false,
            })
            .collect();
        for name in ignore {
            let name = name.trim();
            let mut there = false;
            for own in &mut columns {
                if own.name == name || (own.folded == folded(name) && !own.folded.is_empty()) {
                    (own.ignored, there) = (true, true);
                }
            }
            if !there {
                return Err(ColumnError::NotThere(shown(name)));
            }
        }
        Ok(Self {
            columns,
            known: Vec::new(),
            twice: None,
        })
    }

    /// Where the column of this name, or of another spelling of it, stands.
    pub fn find(&mut self, name: &'static str, also: &[&str]) -> Option<usize> {
        let names: Vec<String> = [name].iter().chain(also).map(|n| folded(n)).collect();
        let mut found: Option<usize> = None;
        for (at, own) in self.columns.iter_mut().enumerate() {
            if own.ignored || !names.contains(&own.folded) {
                continue;
            }
            own.taken = true;
            if found.is_none() {
                found = Some(at);
            } else {
                let both = [found.unwrap_or(at), at].map(|at| self.columns[at].name.clone());
                let [first, second] = both;
                self.twice
                    .get_or_insert(ColumnError::Twice(first, second, name));
                break;
            }
        }
        self.known.push((name, found.is_some()));
        found
    }

    /// Where a column stands that rows need.
    ///
    /// # Errors
    /// [`ColumnError::Missing`].
    pub fn require(&mut self, name: &'static str, also: &[&str]) -> Result<usize, ColumnError> {
        self.find(name, also).ok_or_else(|| self.missing(name))
    }

    /// That a column is not there, with the one of the file that may be meant.
    pub fn missing(&self, column: &'static str) -> ColumnError {
        let own = self.columns.iter().filter(|own| !own.taken && !own.ignored);
        let near = own.filter_map(|own| {
            let distance = distance(&own.folded, &folded(column))?;
            Some((distance, own.name.clone()))
        });
        ColumnError::Missing {
            column,
            resembles: near.min().map(|(_, name)| name),
        }
    }

    /// Refuses a file whose data would be lost: columns that nobody asked for, and two for one thing.
    ///
    /// # Errors
    /// [`ColumnError::Unknown`] and [`ColumnError::Twice`].
    pub fn all_known(&self) -> Result<(), ColumnError> {
        if let Some(twice) = &self.twice {
            return Err(twice.clone());
        }
        let left: Vec<_> = self
            .unseen()
            .map(|own| (own.name.clone(), self.nearest(&own.folded)))
            .collect();
        if left.is_empty() {
            Ok(())
        } else {
            Err(ColumnError::Unknown(left))
        }
    }

    /// The columns that nobody asked for, for a file of which only some are meant to be read.
    ///
    /// # Errors
    /// [`ColumnError::Twice`].
    pub fn unread(&self) -> Result<Vec<&str>, ColumnError> {
        match &self.twice {
            Some(twice) => Err(twice.clone()),
            None => Ok(self.unseen().map(|own| own.name.as_str()).collect()),
        }
    }

    /// The first cell of a row that no column names, and yet holds something.
    pub fn nameless<'a>(&self, mut cells: impl Iterator<Item = &'a str>) -> bool {
        let mut columns = self.columns.iter();
        cells.any(|cell| {
            let named = columns
                .next()
                .is_some_and(|own| !own.name.is_empty() || own.ignored);
            !named && !cell.trim().is_empty()
        })
    }

    fn unseen(&self) -> impl Iterator<Item = &Column> {
        self.columns
            .iter()
            .filter(|own| !own.taken && !own.ignored && !own.name.is_empty())
    }

    /// The known column that a name may be meant for; one that the file lacks before one that it has.
    fn nearest(&self, folded_name: &str) -> Nearest {
        let near = self.known.iter().filter_map(|&(name, there)| {
            let distance = distance(folded_name, &folded(name))?;
            Some((there, distance, name))
        });
        match near.min() {
            Some((_, _, name)) => Nearest::One(name),
            None => {
                let lacking = self.known.iter().filter(|(_, there)| !there);
                Nearest::OneOf(lacking.map(|(name, _)| *name).collect())
            }
        }
    }
}

/// A name without what spellings differ in.
pub(super) fn folded(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// A name as it may be shown; a byte order mark is no part of it.
fn shown(name: &str) -> String {
    let name = name.trim_start_matches('\u{feff}').trim();
    let harmless = |c| {
        if crate::problem::steers(c) {
            '\u{FFFD}'
        } else {
            c
        }
    };
    name.chars().map(harmless).take(60).collect()
}

/// How far two folded names lie apart; none where they have too little in common to name one for the other. One that is
/// short for the other, such as `tlf` for `telefonnummer`, or a part of it, is near.
fn distance(a: &str, b: &str) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(60).collect(), b.chars().collect());
    let (short, long) = if a.len() <= b.len() {
        (&a, &b)
    } else {
        (&b, &a)
    };
    if short.is_empty() {
        return None;
    }
    let mut line: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut before = line[0];
        line[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = before + usize::from(x != y);
            before = line[j + 1];
            line[j + 1] = changed.min(before + 1).min(line[j] + 1);
        }
    }
    let distance = line[b.len()];
    let part = short.len() > 2 && long.windows(short.len()).any(|of| of == short.as_slice());
    let near = part || is_short_for(short, long) || distance * 5 <= long.len() * 2;
    near.then_some(distance)
}

/// Whether all letters stand in the other name in this order, from the first on.
fn is_short_for(short: &[char], long: &[char]) -> bool {
    let mut rest = long.iter();
    short.len() > 1 && short.first() == long.first() && short.iter().all(|c| rest.any(|o| o == c))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 5] = [
        "daginstitutionsNummer",
        "navn",
        "email",
        "telefonNummer",
        "pNummer",
    ];

    fn header(names: &[&str], ignore: &[&str]) -> Result<Header, ColumnError> {
        let ignore: Vec<String> = ignore.iter().map(|name| (*name).to_owned()).collect();
        let mut header = Header::new(names.iter().copied(), &ignore)?;
        for name in KNOWN {
            header.find(name, if name == "pNummer" { &["pnumber"] } else { &[] });
        }
        Ok(header)
    }

    fn told(names: &[&str], ignore: &[&str]) -> String {
        match header(names, ignore).and_then(|header| header.all_known()) {
            Ok(()) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn an_unknown_column_is_told_with_the_nearest() {
        for (own, near) in [
            ("tlf", "telefonNummer"),
            ("Telefon", "telefonNummer"),
            ("telfonNummer", "telefonNummer"),
            ("e-mails", "email"),
            ("institutionsNummer", "daginstitutionsNummer"),
            ("p_nr", "pNummer"),
        ] {
            let told = told(&["navn", own], &[]);
            assert_eq!(
                told,
                format!(
                    "the column {own} is not known; the nearest is {near}; correct the name, or leave columns out with --ignorer-kolonner {own}"
                )
            );
        }
        let far = told(&["navn", "bemærkning"], &[]);
        let known = "known are daginstitutionsNummer, email, telefonNummer, pNummer;";
        assert!(far.contains(known), "{far}");
    }

    #[test]
    fn spellings_are_known_and_names_left_out_are_passed_over() {
        assert_eq!(told(&["\u{feff}NAVN", "P_nummer", "E-mail", ""], &[]), "");
        assert_eq!(told(&["pNumber", "note"], &["NOTE"]), "");
        let header = header(&["navn", "email"], &["email"]).unwrap();
        assert_eq!(
            header.known[2],
            ("email", false),
            "a known one can be left out too"
        );
        assert!(told(&["navn"], &["note"]).contains("--ignorer-kolonner names note"));
    }

    #[test]
    fn two_columns_for_one_thing_are_refused() {
        let told = told(&["pNummer", "pNumber"], &[]);
        assert!(
            told.contains("pNummer and pNumber both stand for pNummer"),
            "{told}"
        );
    }

    #[test]
    fn a_column_that_is_needed_is_told_with_what_may_be_it() {
        let mut header = Header::new(["dagInstNummer", "navn"], &[]).unwrap();
        let told = header
            .require("daginstitutionsNummer", &[])
            .unwrap_err()
            .to_string();
        assert!(told.contains("(is it dagInstNummer?)"), "{told}");
    }

    #[test]
    fn what_stands_under_no_name_is_seen() {
        let header = Header::new(["navn", "", "note"], &[]).unwrap();
        assert!(header.nameless(["a", "x", "b"].into_iter()));
        assert!(!header.nameless(["a", " ", "b"].into_iter()));
        assert!(header.nameless(["a", "", "b", "y"].into_iter()));
    }
}
