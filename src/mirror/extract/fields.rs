//! CSV: a header whose names are found whatever their case, and lines cut into fields.

use std::borrow::Cow;

use super::{ExtractError, ExtractForm};

/// Separators that a header is tried for.
const SEPARATORS: [u8; 3] = [b';', b',', b'\t'];

/// The columns of a CSV file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    separator: u8,
    names: Vec<String>,
}

impl Columns {
    /// From the first line; the separator is the one that it has most of.
    pub fn of_header(line: &[u8]) -> Self {
        let count = |sign: &u8| line.iter().filter(|byte| *byte == sign).count();
        // The first of the list where they are as many.
        let separator = SEPARATORS
            .into_iter()
            .rev()
            .max_by_key(count)
            .unwrap_or(b';');
        let text = String::from_utf8_lossy(line);
        let names = split(&text, separator)
            .unwrap_or_default()
            .iter()
            .map(|name| name.trim().to_lowercase())
            .collect();
        Self { separator, names }
    }

    /// The separator.
    pub const fn separator(&self) -> u8 {
        self.separator
    }

    /// The names, as they are compared.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Where the first column stands that has one of these names.
    pub fn find(&self, names: &[&str]) -> Option<usize> {
        let known = |column: &String| names.iter().any(|name| name.to_lowercase() == *column);
        self.names.iter().position(known)
    }
}

/// Where the fields of a record stand in the lines of a CSV.
#[derive(Debug)]
pub(super) struct Places<const N: usize> {
    separator: u8,
    at: [Option<usize>; N],
}

impl<const N: usize> Places<N> {
    /// Those in an extract; none where it is no CSV. Of the columns after the first `must` those may lack that `without`
    /// names: a mirror without doors, for one, judges by less, and nobody would see that a column had another name.
    pub(super) fn of(
        form: &ExtractForm,
        names: &[&[&'static str]; N],
        must: usize,
        without: &[String],
    ) -> Result<Option<Self>, ExtractError> {
        let ExtractForm::Csv(columns) = form else {
            return Ok(None);
        };
        let (needed, wanted) = names.split_at(must);
        let known = |name: &String| wanted.iter().any(|names| same(names, name));
        if let Some(unknown) = without.iter().find(|name| !known(name)) {
            let possible = firsts(wanted).join(", ");
            return Err(ExtractError::NoSuchColumn(unknown.clone(), possible));
        }
        let absent = |names: &&&[&'static str]| columns.find(names).is_none();
        let present = || columns.names().join(", ").chars().take(200).collect();
        let missing: Vec<_> = needed.iter().filter(absent).copied().collect();
        if !missing.is_empty() {
            let missing = firsts(&missing).join(", ");
            return Err(ExtractError::Header(missing, present()));
        }
        let mut missing: Vec<_> = wanted.iter().filter(absent).copied().collect();
        missing.retain(|names| !without.iter().any(|name| same(names, name)));
        if !missing.is_empty() {
            return Err(ExtractError::Without(firsts(&missing), present()));
        }
        Ok(Some(Self {
            separator: columns.separator(),
            at: names.map(|names| columns.find(names)),
        }))
    }

    /// Reads a line by what gives its fields, without white space around them.
    pub(super) fn read<T>(
        &self,
        bytes: &[u8],
        read: impl for<'a> FnOnce(&dyn Fn(usize) -> &'a str) -> Result<T, String>,
    ) -> Result<T, String> {
        let line = std::str::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
        let fields = split(line, self.separator).ok_or("quotes are not closed")?;
        read(&|field| {
            let value = self.at[field].and_then(|at| fields.get(at));
            value.map_or("", |value| value.trim())
        })
    }
}

fn same(names: &[&str], name: &str) -> bool {
    let name = name.trim().to_lowercase();
    names.iter().any(|own| own.to_lowercase() == name)
}

fn firsts(columns: &[&[&'static str]]) -> Vec<&'static str> {
    columns.iter().map(|names| names[0]).collect()
}

/// Cuts a line into its fields; a field in quotes may hold the separator, line breaks and doubled quotes. `None` when
/// quotes are not closed, or something stands after them.
pub fn split(line: &str, separator: u8) -> Option<Vec<Cow<'_, str>>> {
    let separator = char::from(separator);
    let mut fields = Vec::with_capacity(32);
    let mut rest = line.trim_end_matches(['\r', '\n']);
    loop {
        let Some(quoted) = rest.strip_prefix('"') else {
            match rest.split_once(separator) {
                Some((field, after)) => {
                    fields.push(Cow::Borrowed(field));
                    rest = after;
                    continue;
                }
                None => {
                    fields.push(Cow::Borrowed(rest));
                    return Some(fields);
                }
            }
        };
        let mut from = 0;
        let end = loop {
            let at = from + quoted[from..].find('"')?;
            if !quoted[at + 1..].starts_with('"') {
                break at;
            }
            from = at + 2;
        };
        fields.push(match quoted[..end].contains('"') {
            true => Cow::Owned(quoted[..end].replace("\"\"", "\"")),
            false => Cow::Borrowed(&quoted[..end]),
        });
        rest = &quoted[end + 1..];
        if rest.is_empty() {
            return Some(fields);
        }
        rest = rest.strip_prefix(separator)?;
    }
}
