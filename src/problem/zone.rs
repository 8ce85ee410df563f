//! Dates as the date types of programming languages write them, with a zone. What is wrong is not the form but what the type
//! says, so the remedy is the idiom and no pattern.

use crate::xsd::ErrorKind;

use super::{Problem, soap};

/// The type of dates (`Typer-v2.xsd`).
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
    let more = rest.starts_with(['Z', '+', '-', 'T']);
    if type_name != DATE || !more || !is_day(day) {
        return None;
    }
    let field = path.rsplit('/').next().unwrap_or_default();
    let problem = Problem::new(&soap::DATO_MED_ZONE)
        .with("felt", field)
        .with("vaerdi", value)
        .with("dato", day);
    Some(problem)
}

/// `YYYY-MM-DD`, whether the calendar has it or not.
fn is_day(text: &str) -> bool {
    let right = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    text.bytes().enumerate().all(right)
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
    fn what_only_has_a_zone_or_a_time_too_many() {
        for (type_name, value, expected) in [
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
