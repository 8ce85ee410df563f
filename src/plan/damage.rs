//! What spreadsheets do to values: zeros before a number are lost, dates are turned round, long numbers and coordinates become
//! other numbers. Nothing of it is repaired: the row is told, with what was probably meant.

use crate::problem::{Problem, plan, words};
use crate::register::{Column, Def, Kind, Niveau};

/// How many digits a field of a fixed width has.
const fn width(def: &Def) -> Option<usize> {
    match (def.kind, def.column) {
        (Kind::Cvr, _) => Some(8),
        (Kind::PNumber, _) => Some(10),
        (_, Column::PostNummer | Column::VejKode) => Some(4),
        _ => None,
    }
}

/// What a spreadsheet has done to a cell that differs from what the register has.
pub(super) fn done_to(def: &Def, name: &str, cell: &str, stands: Option<&str>) -> Option<Problem> {
    let problem = |entry| {
        let problem = Problem::new(entry)
            .with("kolonne", name)
            .with("vaerdi", cell);
        problem.with("har", stands.unwrap_or("-"))
    };
    let digits = !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(width) = width(def)
        && digits
        && cell.len() < width
    {
        let meant = format!("{cell:0>width$}");
        return Some(
            problem(&plan::NULLER_TABT)
                .with("antal", width)
                .with("ment", meant),
        );
    }
    if def.kind == Kind::Date {
        return date(name, cell);
    }
    let lost = |stands: &str| {
        let bare = stands.trim_start_matches(['+', '0']);
        let number = !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit());
        number && bare != stands && cell == bare
    };
    let odd = match def.kind {
        Kind::Code(_) | Kind::Number | Kind::Date => false,
        Kind::Coordinate => no_degrees(def, cell),
        Kind::Cvr | Kind::PNumber | Kind::HouseNumber | Kind::Token | Kind::Telephone => {
            is_scientific(cell) || is_month(cell) || is_error(cell)
        }
        Kind::Text | Kind::Uuid => is_error(cell) || (def.column == Column::Doer && is_month(cell)),
    };
    (odd || stands.is_some_and(lost)).then(|| problem(&plan::REGNEARK))
}

/// A date that is no date of the contract.
pub(super) fn date(name: &str, cell: &str) -> Option<Problem> {
    if cell.is_empty() || crate::register::Dato::parse(cell).is_ok() {
        return None;
    }
    let parts: Vec<&str> = cell.split(['-', '/', '.', ' ']).collect();
    let number = |text: &str| text.parse::<u16>().ok();
    let meant = match *parts.as_slice() {
        [day, month, year] if year.len() == 4 => {
            let all = number(day).zip(number(month)).zip(number(year));
            all.map(|((day, month), year)| format!("{year:04}-{month:02}-{day:02}"))
        }
        _ => None,
    };
    let meant = meant.filter(|meant| crate::register::Dato::parse(meant).is_ok());
    let said = match meant {
        Some(date) => [date.clone(), date],
        None => words!("datoen som ÅÅÅÅ-MM-DD", "the date as YYYY-MM-DD"),
    };
    let problem = Problem::new(&plan::DATO_FORM).with("kolonne", name);
    Some(problem.with("vaerdi", cell).with_words("ment", said))
}

/// Whether a coordinate lies so far off that its mark is gone.
fn no_degrees(def: &Def, cell: &str) -> bool {
    let most = if def.column == Column::GeoBredde {
        90.0
    } else {
        180.0
    };
    let number = cell.replace(',', ".").parse::<f64>();
    is_scientific(cell) || is_month(cell) || number.is_ok_and(|degrees| degrees.abs() > most)
}

/// `1,97514E+09`.
fn is_scientific(cell: &str) -> bool {
    let Some((number, exponent)) = cell.split_once(['E', 'e']) else {
        return false;
    };
    let exponent = exponent.strip_prefix('+');
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits(&number.replace([',', '.'], "")) && exponent.is_some_and(digits)
}

/// `01-mar` of `1-3`, `mar-12` of `3-12`.
fn is_month(cell: &str) -> bool {
    const MONTHS: [&str; 15] = [
        "jan", "feb", "mar", "apr", "maj", "may", "jun", "jul", "aug", "sep", "okt", "oct", "nov",
        "dec", "sept",
    ];
    let Some((one, other)) = cell.split_once(['-', ' ']) else {
        return false;
    };
    let month = |text: &str| MONTHS.contains(&text.trim_end_matches('.').to_lowercase().as_str());
    let number = |text: &str| text.len() <= 4 && text.parse::<u16>().is_ok();
    (month(one) && number(other)) || (month(other) && number(one))
}

/// A spreadsheet's own error, or a cell too narrow.
fn is_error(cell: &str) -> bool {
    cell.starts_with('#') && cell.len() > 2 && !cell.contains(char::is_whitespace)
}

/// Columns of a level that must hold something.
pub(super) const fn must_hold(level: Niveau) -> &'static [Column] {
    match level {
        Niveau::Daginstitution => &[
            Column::Navn,
            Column::Ejerform,
            Column::Lovgrundlag,
            Column::AdmKommune,
        ],
        Niveau::Anvisningsenhed => &[
            Column::Foraelder,
            Column::Navn,
            Column::VejNavn,
            Column::HusNummer,
            Column::PostNummer,
            Column::InstType,
            Column::PNummer,
        ],
        Niveau::AlternativAdresse => &[
            Column::Foraelder,
            Column::Navn,
            Column::VejNavn,
            Column::HusNummer,
            Column::PostNummer,
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(column: Column, cell: &str, stands: Option<&str>) -> &'static str {
        let mut all = Niveau::Anvisningsenhed.fields();
        let def = all.find(|def| def.column == column).unwrap();
        let problem = done_to(def, def.field.name(), cell, stands);
        problem.map_or("", |problem| problem.entry.kode)
    }

    #[test]
    fn each_harm_is_told_and_nothing_else() {
        use Column::*;
        for (column, cell, stands, code) in [
            (VejKode, "12", Some("0012"), "DTR5510"),
            (PostNummer, "999", None, "DTR5510"),
            (PostNummer, "8000", Some("0999"), ""),
            (Cvr, "1234567", None, "DTR5510"),
            (PNummer, "1,97514E+09", None, "DTR5512"),
            (PNummer, "1.97514E+09", None, "DTR5512"),
            (PNummer, "1975140001", None, ""),
            (GyldigFra, "01-12-2026", None, "DTR5511"),
            (GyldigFra, "2026-12-01", None, ""),
            (GyldigFra, "i morgen", None, "DTR5511"),
            (Telefon, "4500751001", Some("+4500751001"), "DTR5512"),
            (Telefon, "751001", Some("00751001"), "DTR5512"),
            (Telefon, "00751002", Some("00751001"), ""),
            (HusNummer, "01-mar", Some("1"), "DTR5512"),
            (Doer, "mar-12", None, "DTR5512"),
            (Doer, "12a", None, ""),
            (GeoBredde, "5610868", Some("56.10868"), "DTR5512"),
            (GeoBredde, "56,2", Some("56.10868"), ""),
            (Navn, "#NAVN?", None, "DTR5512"),
            (Navn, "#1 Solen", None, ""),
            (Navn, "=1+1", None, ""),
        ] {
            assert_eq!(told(column, cell, stands), code, "{cell}");
        }
        let problem = date("gyldigFra", "1.2.2026").unwrap();
        assert!(
            problem.hjaelp().contains("2026-02-01"),
            "{}",
            problem.hjaelp()
        );
    }
}
