//! How the values of the schemas' types are written, for people: what the type is called, its form with an example, and
//! what a wrong value looks like it was meant to be.

/// A type as people speak of it, in Danish and in English.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    /// Completes "is not …".
    pub(super) called: [&'static str; 2],
    /// Completes "write …".
    pub(super) form: [&'static str; 2],
}

/// Declares the forms: `types: called da, called en, form da, form en;`
macro_rules! forms {
    ($($($name:literal)|+: $called_da:expr, $called_en:expr, $form_da:expr, $form_en:expr;)*) => {
        impl Form {
            /// The form of a type, by its name in the schema.
            pub(super) fn of(type_name: &str) -> Option<Self> {
                let (called, form) = match type_name {
                    $($($name)|+ => ([$called_da, $called_en], [$form_da, $form_en]),)*
                    _ => return None,
                };
                Some(Self { called, form })
            }
        }
    };
}

forms! {
    "Navn":
        "et gyldigt navn", "a valid name",
        "mindst ét bogstav eller ciffer, på én linje og uden styretegn",
        "at least one letter or digit, on one line and without control characters";
    "Tekst" | "NavnDel" | "Email" | "TelefonNummer" | "Sagsnummer" | "VejNavn" | "ByNavn" |
        "SupplerendeBynavn" | "KodeTekst":
        "en gyldig tekst", "a valid text",
        "teksten på én linje og uden styretegn", "the text on one line and without control characters";
    "Institutionsnummer":
        "et institutionsnummer", "an institution number",
        "seks tegn af A-Z og 0-9, som G30001", "six characters of A-Z and 0-9, such as G30001";
    "CvrNummer":
        "et CVR-nummer", "a CVR number",
        "otte cifre uden mellemrum, som 55133018", "eight digits without spaces, such as 55133018";
    "PNummer":
        "et P-nummer", "a P-number",
        "ti cifre uden mellemrum, som 1975100001", "ten digits without spaces, such as 1975100001";
    "Uuid" | "KorrelationsId":
        "et UUID", "a UUID",
        "32 hexadecimale cifre i fem grupper, som 0a3f50a0-73c1-32b8-e044-0003ba298018",
        "32 hexadecimal digits in five groups, such as 0a3f50a0-73c1-32b8-e044-0003ba298018";
    "VejKode":
        "en vejkode", "a street code",
        "fire cifre med nuller foran, som 0714", "four digits with leading zeros, such as 0714";
    "HusNummer":
        "et gyldigt husnummer", "a valid house number",
        "1-999 og evt. ét bogstav, uden mellemrum, som 4B", "1-999 and perhaps one letter, without spaces, such as 4B";
    "Etage":
        "en etage", "a floor",
        "1-99, st, kl eller k2-k9", "1-99, st, kl or k2-k9";
    "Doer":
        "en dør", "a door",
        "1-9999, th, tv, mf eller små bogstaver, cifre, skråstreg og bindestreg, højst fire tegn",
        "1-9999, th, tv, mf or small letters, digits, slash and hyphen, at most four characters";
    "PostNummer":
        "et postnummer", "a postal code",
        "fire cifre, som 8270", "four digits, such as 8270";
    "GeoBredde":
        "en breddegrad", "a latitude",
        "grader (WGS84) med decimalpunktum, som 56.10868", "degrees (WGS84) with a decimal point, such as 56.10868";
    "GeoLaengde":
        "en længdegrad", "a longitude",
        "grader (WGS84) med decimalpunktum, som 10.19644", "degrees (WGS84) with a decimal point, such as 10.19644";
    "EjerformKode":
        "en kode i tabellen ejerform", "a code of the table ejerform",
        CODE[0], CODE[1];
    "LovgrundlagKode":
        "en kode i tabellen lovgrundlag", "a code of the table lovgrundlag",
        CODE[0], CODE[1];
    "InstType3":
        "en kode i tabellen instType3", "a code of the table instType3",
        CODE[0], CODE[1];
    "KommuneKode":
        "en kode i tabellen kommune", "a code of the table kommune",
        CODE[0], CODE[1];
    "Dato":
        "en dato", "a date",
        "ÅÅÅÅ-MM-DD uden tidszone, som 2026-09-01", "YYYY-MM-DD without a time zone, such as 2026-09-01";
    "UtcTidspunkt" | "xs:dateTime" | "Tidspunkt":
        "et tidspunkt", "an instant",
        "dato, T, klokkeslæt og tidszone, som 2026-09-01T08:00:00Z",
        "date, T, time and zone, such as 2026-09-01T08:00:00Z";
    "Version" | "Sekvens" | "Sekvensstand" | "MaksAntal" | "Loebenummer" | "Id" | "int" | "long" |
        "integer" | "nonNegativeInteger" | "xs:int" | "xs:long" | "xs:integer":
        "et helt tal", "a whole number",
        "cifre alene, uden mellemrum og decimaler", "digits alone, without spaces and decimals";
    "boolean" | "xs:boolean":
        "true eller false", "true or false",
        "true eller false", "true or false";
    "Skemanavn":
        "navnet på et skema", "the name of a schema",
        "navnet uden .xsd, som ImportService-v2", "the name without .xsd, such as ImportService-v2";
}

const CODE: [&str; 2] = [
    "kodens tal, som det står i kodetabellen (GetKodetabeller eller /kodetabeller.xml)",
    "the code's number as the code table has it (GetKodetabeller or /kodetabeller.xml)",
];

const MONTHS: [[&str; 2]; 12] = [
    ["januar", "January"],
    ["februar", "February"],
    ["marts", "March"],
    ["april", "April"],
    ["maj", "May"],
    ["juni", "June"],
    ["juli", "July"],
    ["august", "August"],
    ["september", "September"],
    ["oktober", "October"],
    ["november", "November"],
    ["december", "December"],
];

/// What is wrong with a value, as sentences before the form; empty where nothing more can be told.
pub(super) fn reason(type_name: &str, value: &str) -> [String; 2] {
    match type_name {
        "Dato" => date(value),
        "GeoBredde" | "GeoLaengde" if value.contains(',') => {
            let right = value.replace(',', ".");
            words!(
                "Brug decimalpunktum og ikke komma: {right}. ",
                "Use a decimal point and not a comma: {right}. "
            )
        }
        "Institutionsnummer" if value.chars().any(char::is_lowercase) => {
            words!("Brug store bogstaver. ", "Use capital letters. ")
        }
        "xs:boolean" | "boolean" => Default::default(),
        _ if value.contains(char::is_whitespace) && !is_text(type_name) => {
            words!("Fjern mellemrummene. ", "Remove the spaces. ")
        }
        _ => Default::default(),
    }
}

fn is_text(type_name: &str) -> bool {
    Form::of(type_name)
        .is_some_and(|form| ["a valid text", "a valid name"].contains(&form.called[1]))
}

/// A day that the calendar lacks, or a date in the order of another notation. Zones are told by [`super::zone`].
fn date(value: &str) -> [String; 2] {
    let day = value.get(..10).unwrap_or(value);
    let numbers = |separator: char| -> Option<[u32; 3]> {
        let parts: Result<Vec<u32>, _> = day.split(separator).map(str::parse).collect();
        parts.ok()?.try_into().ok()
    };
    if let Some([year, month, day]) = numbers('-').filter(|[year, ..]| *year > 31) {
        let Some([da, en]) = (month as usize)
            .checked_sub(1)
            .and_then(|at| MONTHS.get(at))
        else {
            return words!("Måned {month} findes ikke. ", "There is no month {month}. ");
        };
        if (1..=days(year, month)).contains(&day) {
            return Default::default();
        }
        let leap_day = month == 2 && day == 29;
        let of_year = if leap_day {
            format!(" {year}")
        } else {
            String::new()
        };
        return words!(
            "{day}. {da}{of_year} findes ikke. ",
            "There is no {day} {en}{of_year}. "
        );
    }
    match ['-', '.', '/'].into_iter().find_map(numbers) {
        Some([day @ 1..=31, month @ 1..=12, year @ 1000..=u32::MAX]) => words!(
            "Året skal stå først: {year}-{month:02}-{day:02}. ",
            "The year comes first: {year}-{month:02}-{day:02}. "
        ),
        _ => Default::default(),
    }
}

fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_apart() {
        for (value, da) in [
            ("2026-02-30", "30. februar findes ikke. "),
            ("2026-02-29", "29. februar 2026 findes ikke. "),
            ("2026-06-31", "31. juni findes ikke. "),
            ("2026-13-01", "Måned 13 findes ikke. "),
            ("01-09-2026", "Året skal stå først: 2026-09-01. "),
            ("1.9.2026", "Året skal stå først: 2026-09-01. "),
            ("2026-09-01Z", ""),
            ("i morgen", ""),
            ("", ""),
            ("æøå-æøåæøå", ""),
        ] {
            assert_eq!(date(value)[0], da, "{value}");
        }
    }

    #[test]
    fn every_simple_type_that_is_sent_has_a_form() {
        let schemas = [
            include_str!("../../xsd/Typer-v1.xsd"),
            include_str!("../../xsd/Typer-v2.xsd"),
            include_str!("../../xsd/ImportService-v2.xsd"),
            include_str!("../../xsd/EksportService-v2.xsd"),
        ];
        // Of these only the answers have values, or the values are listed.
        let other = [
            "Aktivitetsstatus",
            "Niveau",
            "Lukkeaarsag",
            "Svarstatus",
            "KodetabelNavn",
            "Handling",
            "Omfang",
        ];
        for schema in schemas {
            for part in schema.split("<xs:simpleType name=\"").skip(1) {
                let name = part.split('"').next().unwrap_or_default();
                assert!(Form::of(name).is_some() || other.contains(&name), "{name}");
            }
        }
    }
}
