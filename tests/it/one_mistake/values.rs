//! Values by type: a right one, and wrong ones with the code and the words that their error must have.

/// A wrong value: code, words in Danish, words in English.
pub(super) type Bad = (String, &'static str, &'static str, &'static str);

/// A right value.
pub(super) fn right(name: &str, simple: &str, operation: &str) -> &'static str {
    match (simple, name) {
        ("Institutionsnummer", "daginstitutionsNummer") => "G30001",
        ("Institutionsnummer", "enhedsNummer") => "G30005",
        ("Institutionsnummer", "alternativAdresseNummer") => "G30009",
        ("Institutionsnummer", "nytDaginstitutionsNummer") => "G30002",
        ("Institutionsnummer", "nytEnhedsNummer") => "G30006",
        ("Institutionsnummer", "skolensInstitutionsnummer") => "751001",
        ("Institutionsnummer", _) => "G30004",
        ("Navn", _) if operation.ends_with("Enhed") => "Rævelygten",
        ("Navn", _) => "Æblehaven",
        ("EjerformKode" | "LovgrundlagKode", _) => "1",
        ("KommuneKode", _) => "0751",
        ("InstType3", _) => "6012",
        ("Dato", _) => "2026-09-01",
        ("Email", _) => "kernehuset@aarhus.example",
        ("TelefonNummer", _) => "00 75 10 01",
        ("CvrNummer", _) => "55133018",
        ("PNummer", _) => "1975100001",
        ("VejNavn", _) => "Bøgeskrænten",
        ("VejKode", _) => "0714",
        ("HusNummer", _) => "4b",
        ("Etage", _) => "st",
        ("Doer", _) => "tv",
        ("PostNummer", _) => "8270",
        ("ByNavn", _) => "Højbjerg",
        ("SupplerendeBynavn", _) => "Skåde",
        ("Uuid", _) => "0a3f50a0-73c1-32b8-e044-0003ba298018",
        ("GeoBredde", _) => "56.10868",
        ("GeoLaengde", _) => "10.19644",
        ("Lukkeaarsag", _) => "brugerSkolensNummer",
        ("xs:boolean", _) => "true",
        _ => panic!("no value of {simple} for {name}"),
    }
}

/// Wrong values of a type.
pub(super) fn wrong(simple: &str) -> Vec<Bad> {
    let long = |limit: usize| "Å".repeat(limit + 1);
    let rows: Vec<(String, &str, &str, &str)> = match simple {
        "Navn" => vec![
            (
                "!!!".into(),
                "DTR4011",
                "mindst ét bogstav eller ciffer",
                "at least one letter or digit",
            ),
            (long(132), "DTR4014", "højst have 132", "at most 132"),
        ],
        "Email" => vec![(long(132), "DTR4014", "højst have 132", "at most 132")],
        "TelefonNummer" => vec![
            ("1".repeat(21), "DTR4014", "højst have 20", "at most 20"),
            (
                "12\u{7f}34".into(),
                "DTR4011",
                "uden styretegn",
                "without control characters",
            ),
        ],
        "VejNavn" => vec![(long(40), "DTR4014", "højst have 40", "at most 40")],
        "ByNavn" | "SupplerendeBynavn" => {
            vec![(long(34), "DTR4014", "højst have 34", "at most 34")]
        }
        "Institutionsnummer" => vec![
            (
                "g30001".into(),
                "DTR4011",
                "store bogstaver",
                "capital letters",
            ),
            ("30001".into(), "DTR4011", "seks tegn", "six characters"),
        ],
        "CvrNummer" => vec![
            ("5513301".into(), "DTR4011", "otte cifre", "eight digits"),
            (
                "55 13 30 18".into(),
                "DTR4011",
                "Fjern mellemrummene",
                "Remove the spaces",
            ),
        ],
        "PNummer" => vec![("197510000".into(), "DTR4011", "ti cifre", "ten digits")],
        "Uuid" => vec![(
            "0a3f50a0".into(),
            "DTR4011",
            "hexadecimale cifre",
            "hexadecimal digits",
        )],
        "VejKode" => vec![("714".into(), "DTR4011", "nuller foran", "leading zeros")],
        "HusNummer" => vec![
            (
                "0".into(),
                "DTR4011",
                "et gyldigt husnummer",
                "a valid house number",
            ),
            (
                "4 B".into(),
                "DTR4011",
                "1-999 og evt. ét bogstav",
                "1-999 and perhaps one letter",
            ),
        ],
        "Etage" => vec![(
            "stuen".into(),
            "DTR4011",
            "1-99, st, kl eller k2-k9",
            "1-99, st, kl or k2-k9",
        )],
        "Doer" => vec![("TV".into(), "DTR4011", "th, tv, mf", "th, tv, mf")],
        "PostNummer" => vec![("827".into(), "DTR4011", "fire cifre", "four digits")],
        "GeoBredde" => vec![
            (
                "56,10868".into(),
                "DTR4010",
                "decimalpunktum og ikke komma: 56.10868",
                "decimal point and not a comma: 56.10868",
            ),
            ("91".into(), "DTR4016", "geoBredde er 90", "geoBredde is 90"),
            (
                "56.12345678901".into(),
                "DTR4017",
                "10 decimaler",
                "10 decimals",
            ),
        ],
        "GeoLaengde" => vec![
            (
                "10,2".into(),
                "DTR4010",
                "decimalpunktum og ikke komma: 10.2",
                "decimal point and not a comma: 10.2",
            ),
            (
                "-181".into(),
                "DTR4015",
                "geoLaengde er -180",
                "geoLaengde is -180",
            ),
        ],
        "EjerformKode" => vec![
            ("kommunal".into(), "DTR4010", "1 (", "1 ("),
            (
                "0".into(),
                "DTR4015",
                "ejerformKode er 1",
                "ejerformKode is 1",
            ),
            (
                "77".into(),
                "DTR5001",
                "Koderne er: 1 (",
                "The codes are: 1 (",
            ),
        ],
        "LovgrundlagKode" => vec![
            ("x".into(), "DTR4010", "1 (", "1 ("),
            (
                "77".into(),
                "DTR5001",
                "Koderne er: 1 (",
                "The codes are: 1 (",
            ),
        ],
        "InstType3" => vec![
            ("Vuggestue".into(), "DTR4010", "6012 (", "6012 ("),
            (
                "77".into(),
                "DTR5001",
                "Koderne er: 60",
                "The codes are: 60",
            ),
        ],
        "KommuneKode" => vec![
            (
                "Aarhus".into(),
                "DTR4010",
                "kodetabellen (GetKodetabeller",
                "code table has it (GetKodetabeller",
            ),
            ("10000".into(), "DTR4016", "er 9999", "is 9999"),
            (
                "999".into(),
                "DTR5001",
                "Se koderne i GetKodetabeller",
                "See the codes in GetKodetabeller",
            ),
        ],
        "Dato" => vec![
            (
                "2026-02-30".into(),
                "DTR4010",
                "30. februar findes ikke",
                "There is no 30 February",
            ),
            (
                "2026-13-01".into(),
                "DTR4010",
                "Måned 13 findes ikke",
                "There is no month 13",
            ),
            (
                "01-09-2026".into(),
                "DTR4010",
                "Året skal stå først: 2026-09-01",
                "The year comes first: 2026-09-01",
            ),
            (
                "2026-09-01Z".into(),
                "DTR3024",
                "Send datoen alene, som 2026-09-01",
                "Send the date alone, such as 2026-09-01",
            ),
            (
                "2026-09-01T00:00:00+02:00".into(),
                "DTR3024",
                "Send datoen alene, som 2026-09-01",
                "Send the date alone, such as 2026-09-01",
            ),
            (
                "0026-09-01".into(),
                "DTR4015",
                "gyldigFra er 1800-01-01",
                "gyldigFra is 1800-01-01",
            ),
        ],
        "Lukkeaarsag" => vec![(
            "glemt".into(),
            "DTR4012",
            "ophoert, sammenlagt",
            "ophoert, sammenlagt",
        )],
        "xs:boolean" => vec![(
            "ja".into(),
            "DTR4010",
            "Skriv true eller false",
            "Write true or false",
        )],
        _ => panic!("no wrong values of {simple}"),
    };
    rows
}
