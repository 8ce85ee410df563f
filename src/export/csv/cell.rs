//! A cell of a CSV. It is quoted only where it must be, for consumers are known to split at `;` alone. A text that a
//! spreadsheet would take for a formula begins with an apostrophe; a telephone number does not.

/// A telephone number, which no apostrophe may stand before: whoever calls it, or reads it from the file, takes it as it
/// stands. What holds more than a number has is a text like any other.
pub(super) fn telephone(out: &mut String, value: &str) {
    if value
        .chars()
        .all(|c| c.is_ascii_digit() || " +-()./".contains(c))
    {
        quoted(out, value);
    } else {
        defused(out, value);
    }
}

/// What makes a spreadsheet take a cell for a formula when it begins with it; some read the wide forms alike.
const FORMULAS: [char; 10] = [
    '=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
];

/// Whether a text would be taken for a formula, or for one that is defused already.
fn is_formula(value: &str) -> bool {
    value.trim_start_matches('\'').starts_with(FORMULAS)
}

/// A text that somebody wrote: no spreadsheet may run it.
pub(crate) fn defused(out: &mut String, value: &str) {
    if is_formula(value) {
        quoted(out, &format!("'{value}"));
    } else {
        quoted(out, value);
    }
}

/// The text of a cell that was written by [`defused`] and unquoted since. An apostrophe that is the text's own stays.
pub(crate) fn fused(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if is_formula(text) => text,
        _ => cell,
    }
}

/// A cell, in quotes where it holds what ends one.
pub(super) fn quoted(out: &mut String, value: &str) {
    if value.contains([';', '"', '\r', '\n']) {
        out.push('"');
        out.push_str(&value.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be_and_formulas_are_texts() {
        for (value, cell) in [
            ("Æblehaven", "Æblehaven"),
            ("a;b", "\"a;b\""),
            ("\"Blomsten\"", "\"\"\"Blomsten\"\"\""),
            ("=1+1", "'=1+1"),
            ("+45 00 75 10 01", "'+45 00 75 10 01"),
            ("-;x", "\"'-;x\""),
            ("@a", "'@a"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("a=1", "a=1"),
            ("'=1", "''=1"),
            ("'t Hart", "'t Hart"),
            ("'", "'"),
            ("", ""),
        ] {
            let mut out = String::new();
            defused(&mut out, value);
            assert_eq!(out, cell);
            if !cell.starts_with('"') {
                assert_eq!(fused(cell), value, "it is the same text again");
            }
        }
    }

    #[test]
    fn a_telephone_number_stands_as_it_is() {
        for (value, cell) in [
            ("+45 00 75 10 01", "+45 00 75 10 01"),
            ("(00) 75-10.01/2", "(00) 75-10.01/2"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ] {
            let mut out = String::new();
            telephone(&mut out, value);
            assert_eq!(out, cell);
        }
    }
}
