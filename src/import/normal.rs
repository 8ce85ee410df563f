//! What is stored in another form than it was sent, told once for each field of a message: 500 house numbers in lower case
//! are one habit of one system.

use crate::message::{Field, Sent};
use crate::problem::{Problem, register};
use crate::register::{Def, Kind, Niveau};

/// The warnings of an insert or an update, one for each field: at its first value, with how many records it concerns. `text`
/// is the whole message.
pub(super) fn advarsler(records: &[Sent], level: Niveau, text: &str) -> Vec<Problem> {
    let mut defs: Vec<_> = level.fields().collect();
    defs.sort_by_key(|def| def.kind != Kind::HouseNumber);
    let mut found: Vec<(Field, Problem, u32)> = Vec::new();
    for (sent, def) in records
        .iter()
        .flat_map(|sent| defs.iter().map(move |def| (sent, def)))
    {
        let Some((as_sent, as_stored)) = otherwise(sent, def, text) else {
            continue;
        };
        if let Some((.., count)) = found.iter_mut().find(|(field, ..)| *field == def.field) {
            *count += 1;
            continue;
        }
        let problem = Problem::new(&register::GEMT_ANDERLEDES)
            .with("felt", def.field.name())
            .with("gemt", as_stored)
            .with("sendt", as_sent)
            .at(sent.place_of(def.field));
        found.push((def.field, problem, 1));
    }
    let told = found.into_iter();
    told.map(|(_, problem, count)| problem.with("antal", count))
        .collect()
}

/// A value as it was sent and as it is stored, where they differ.
fn otherwise(sent: &Sent, def: &Def, text: &str) -> Option<(String, String)> {
    let value = sent.get(def.field)?;
    let stored = value.text.as_str();
    match def.kind {
        Kind::HouseNumber => {
            let lower = stored.bytes().any(|byte| byte.is_ascii_lowercase());
            lower.then(|| (stored.to_owned(), stored.to_ascii_uppercase()))
        }
        // White space in an e-mail address is warned of as what it is. Words apart by one space, the usual case, take no
        // look at what was sent.
        Kind::Text | Kind::Telephone if def.field != Field::Email && stored.contains(' ') => {
            let rest = text.get(value.offset..).unwrap_or_default();
            // Nor does what stands there as it is stored.
            let after = rest.strip_prefix(stored);
            if after.is_some_and(|after| after.starts_with('<')) {
                return None;
            }
            let sent = rest.split('<').next().unwrap_or_default();
            let sent = sent.trim_matches(is_space);
            is_collapsed(sent).then(|| (sent.to_owned(), stored.to_owned()))
        }
        _ => None,
    }
}

/// White space as XML has it.
const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// Whether white space between words was more than one space.
fn is_collapsed(text: &str) -> bool {
    let mut before = false;
    text.chars().any(|c| {
        let odd = (before && is_space(c)) || matches!(c, '\t' | '\n' | '\r');
        before = c == ' ';
        odd
    })
}

#[cfg(test)]
mod tests {
    use super::is_collapsed;

    #[test]
    fn one_space_between_words_is_as_it_is_stored() {
        for (text, collapsed) in [
            ("Den gule stue", false),
            ("Den  gule stue", true),
            ("Den\tgule", true),
            ("Den\n gule", true),
            ("Solen", false),
        ] {
            assert_eq!(is_collapsed(text), collapsed, "{text:?}");
        }
    }
}
