//! The language of names (src/register/mod.rs, "Glossary"): English for everything technical. Danish stays for the words of
//! the glossary, for names of the wire, the configuration, the command line and SQL, and for the entries of the catalogue.

use std::fs;
use std::path::{Path, PathBuf};

/// Technical words that have an English name in this program, a line for each letter.
const TECHNICAL: &str = "
    aabent aarsager afgoerelse afskaaret ajour alder
    begraenset bevis bilag brudstykker bygger
    celler
    daekket dele doem doere driften
    efterfoelgere efterladt egne eksisterer emne
    fase felt felter foelg foelger foldet foreloebig forfra formel forslag fremmede fremskridt frisk fundet
    fyld
    gaaet gaar gaeldende gaester gammel gem genoptaget grund
    haanden henlagt hentning hindringer hjerteslag hoejst hoveder hovedet husk hvem hvor hvorfor
    ignoreret indlaes indlaest indre indsigt
    kendte knude koer konsol kopi krop
    lighed ligner linjenummer lukning
    maa maerke mest mindre modtag
    nabo naboer naermest navne navngivet navnloes niveauer
    offentliggjort offentliggoer ogsaa opgave opgoerelse ophav ophavsspor oprette opslag optaget optalt
    optegnelse overskrift
    passer penhed pladser punkt punkter
    raa raekke raekker rapport regel resten rettelse ryd
    saadan samling sandhed savnet sendt ser skift skille skjult skridt skriv slaa slaegt slags spaerreliste
    spejl sprogkode staar stand steder
    tabel tabeller tael taget tilbage tilstand toevende tomme tvivlsom
    ubrugelig udfyld udskriv udsnit udtraek udvalg ulaeste uset
    vaelg vaerdier videre visning
";

/// The Rust files of the product, without those whose constants are entries of the catalogue.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("problem/catalogue") {
            sources(&path, found);
        } else if path.extension().is_some_and(|own| own == "rs") {
            found.push(path);
        }
    }
}

/// The identifiers of a Rust text, with the line of each: not its comments, strings, characters and lifetimes' quotes.
fn identifiers(text: &str) -> Vec<(usize, String)> {
    let bytes = text.as_bytes();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
    let (mut at, mut found) = (0, Vec::new());
    while at < bytes.len() {
        let rest = &text.as_bytes()[at..];
        let length = match rest[0] {
            b'/' if rest.starts_with(b"//") => until(rest, 2, b"\n"),
            b'/' if rest.starts_with(b"/*") => until(rest, 2, b"*/"),
            b'"' => quoted(rest, b'"'),
            b'\'' if rest.get(1) == Some(&b'\\') => quoted(rest, b'\''),
            b'\'' => match text[at + 1..].chars().next() {
                Some(c) if rest.get(1 + c.len_utf8()) == Some(&b'\'') => c.len_utf8() + 2,
                _ => 1,
            },
            first if is_word(first) => {
                let length = rest.iter().take_while(|byte| is_word(**byte)).count();
                let word = &text[at..at + length];
                let hashes = rest[length..].iter().take_while(|b| **b == b'#').count();
                if matches!(word, "r" | "br" | "cr") && rest.get(length + hashes) == Some(&b'"') {
                    let end = [&b"\""[..], &vec![b'#'; hashes]].concat();
                    until(rest, length + hashes + 1, &end)
                } else {
                    let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
                    found.push((line, word.to_owned()));
                    length
                }
            }
            _ => 1,
        };
        at += length;
    }
    found
}

/// How far a piece goes that ends with these bytes, looked for from a place on.
fn until(bytes: &[u8], from: usize, end: &[u8]) -> usize {
    let found = bytes[from..].windows(end.len()).position(|w| w == end);
    found.map_or(bytes.len(), |at| from + at + end.len())
}

/// How far a piece goes that begins and ends with a quote.
fn quoted(bytes: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < bytes.len() && bytes[at] != quote {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// The words of `snake_case`, `CamelCase` and `UPPER_CASE`, in lower case.
fn words(identifier: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = '_';
    for c in identifier.chars() {
        let begins = c.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit());
        if c == '_' || begins {
            words.push(String::new());
        }
        if c.is_alphabetic()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The identifiers that hold a technical Danish word: line, identifier, word.
fn wrong(text: &str) -> Vec<(usize, String, String)> {
    let technical: Vec<&str> = TECHNICAL.split_whitespace().collect();
    let mut wrong = Vec::new();
    for (line, identifier) in identifiers(text) {
        for word in words(&identifier) {
            if technical.contains(&word.as_str()) {
                wrong.push((line, identifier.clone(), word));
            }
        }
    }
    wrong
}

#[test]
fn technical_names_are_english() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 200, "{} files", files.len());
    let mut told = Vec::new();
    for file in files {
        let own = file.strip_prefix(&root).unwrap().display().to_string();
        let name = own.trim_end_matches(".rs").replace(['/', '-'], "_");
        let path = wrong(&name)
            .into_iter()
            .map(|(_, _, word)| (0, own.clone(), word));
        let text = fs::read_to_string(&file).unwrap();
        for (line, identifier, word) in path.chain(wrong(&text)) {
            told.push(format!("src/{own}:{line}: {identifier} ({word})"));
        }
    }
    assert!(
        told.is_empty(),
        "Danish technical names:\n{}",
        told.join("\n")
    );
}

#[test]
fn names_are_found_and_texts_are_not() {
    let text = "// gem\n/* gem */ let gemt = \"gem\"; let c = 'g';\nlet gem_fund = r#\"gem \"gem\"#;\nfn spejlX<'a>() {}\n";
    let found: Vec<String> = wrong(text)
        .into_iter()
        .map(|(line, own, _)| format!("{line} {own}"))
        .collect();
    assert_eq!(found, ["3 gem_fund", "4 spejlX"]);
    assert_eq!(words("KopiFejl_kopiAf"), ["kopi", "fejl", "kopi", "af"]);
}

#[test]
fn no_word_of_the_glossary_is_called_technical() {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/register/mod.rs"))
            .unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("//! | "));
    let glossary: Vec<String> = rows
        .filter_map(|row| row.split(" | ").next())
        .flat_map(|cell| cell.split(|c: char| !c.is_alphabetic()))
        .map(|word| {
            word.to_lowercase()
                .replace('æ', "ae")
                .replace('ø', "oe")
                .replace('å', "aa")
        })
        .collect();
    assert!(glossary.iter().any(|word| word == "anvisningsenhed"));
    let both: Vec<&str> = TECHNICAL
        .split_whitespace()
        .filter(|word| glossary.iter().any(|own| own == word))
        .collect();
    assert!(both.is_empty(), "{both:?}");
}
