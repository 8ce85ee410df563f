//! CSV: a header whose names are found whatever their case, and lines cut into fields.

use std::borrow::Cow;

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
