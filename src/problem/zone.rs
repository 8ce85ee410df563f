//! Times and dates as the date types of programming languages write them: an instant without a zone, and a date with
//! one. What is wrong is not the form but what the type says, so the remedy is the idiom and no pattern.

use crate::xsd::ErrorKind;

use super::{Problem, soap};

/// The type of a caller's instants, and that of its dates (`Typer-v2.xsd`).
const INSTANT: &str = "TidspunktInd";
const DATE: &str = "Dato";

/// The problem with a value that the schema refuses for its zone; `path` is its element's.
pub(super) fn problem(kind: &ErrorKind, path: &str) -> Option<Problem> {
    let (ErrorKind::Pattern {
        type_name, value, ..
    }
    | ErrorKind::InvalidLexical { type_name, value }) = kind
    else {
        return None;
    };
    let (day, rest) = value.split_at_checked(10)?;
    if !fits(day, "dddd-dd-dd") {
        return None;
    }
    let entry = match type_name.as_str() {
        INSTANT if without_zone(rest) => &soap::TID_UDEN_ZONE,
        DATE if rest.starts_with(['Z', '+', '-', 'T']) => &soap::DATO_MED_ZONE,
        _ => return None,
    };
    let field = path.rsplit('/').next().unwrap_or_default();
    let problem = Problem::new(entry)
        .with("felt", field)
        .with("vaerdi", value)
        .with("dato", day);
    Some(problem)
}

/// `Thh:mm:ss`, with decimals or without, and nothing after it.
fn without_zone(rest: &str) -> bool {
    let (clock, decimals) = rest.split_once('.').unwrap_or((rest, "0"));
    let digits = decimals.bytes().all(|byte| byte.is_ascii_digit());
    fits(clock, "Tdd:dd:dd") && digits
}

/// Whether a text has this form, in which `d` stands for a digit.
fn fits(text: &str, form: &str) -> bool {
    let same = |(have, want): (u8, u8)| match want {
        b'd' => have.is_ascii_digit(),
        want => have == want,
    };
    text.len() == form.len() && text.bytes().zip(form.bytes()).all(same)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(type_name: &str, value: &str) -> Option<&'static str> {
        let kind = ErrorKind::Pattern {
            value: value.into(),
            pattern: String::new(),
            type_name: type_name.into(),
        };
        problem(&kind, "/a/b[1]/felt").map(|problem| problem.entry.kode)
    }

    #[test]
    fn what_only_lacks_a_zone_or_has_one_too_many() {
        for (type_name, value, expected) in [
            (INSTANT, "2026-11-29T12:00:00", Some("DTR3023")),
            (INSTANT, "2026-11-29T12:00:00.123", Some("DTR3023")),
            (INSTANT, "2026-11-29T12:00", None),
            (INSTANT, "2026-11-29", None),
            (INSTANT, "i går", None),
            (DATE, "2026-11-29Z", Some("DTR3024")),
            (DATE, "2026-11-29+01:00", Some("DTR3024")),
            (DATE, "2026-11-29T00:00:00.000Z", Some("DTR3024")),
            (DATE, "29-11-2026", None),
            (DATE, "2026-11-29x", None),
            ("Navn", "2026-11-29Z", None),
        ] {
            assert_eq!(code(type_name, value), expected, "{value}");
        }
    }
}
