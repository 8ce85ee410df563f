//! One mistake, one error, in the right place and with the right remedy, in each language by itself.
//!
//! The messages are made from the schemas: of every write of both versions, each element is left out, doubled, moved,
//! misspelled, wrongly filled, wrongly prefixed, left open. `dtr check` judges them as the server does.

mod message;
mod mistakes;
mod values;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::Folder;
use crate::support::process::dtr;

use mistakes::Wrong;

/// How many files one run of `dtr check` is given.
const AT_A_TIME: usize = 1_000;
/// The least share of messages, in percent, whose one error is right.
const LEAST: usize = 95;

/// Words that only one of the languages has.
const DANISH: [&str; 16] = [
    "og",
    "er",
    "ikke",
    "skal",
    "eller",
    "det",
    "den",
    "uden",
    "mangler",
    "fjern",
    "findes",
    "mellemrum",
    "med",
    "som",
    "står",
    "højst",
];
const ENGLISH: [&str; 16] = [
    "and", "is", "not", "must", "or", "the", "without", "missing", "remove", "there", "spaces",
    "with", "such", "of", "most", "write",
];

#[test]
fn each_mistake_is_one_error_in_its_place_in_each_language() {
    let wrong = mistakes::all();
    assert!(wrong.len() > 1_000, "{}", wrong.len());
    let folder = Folder::new();
    let mut judged = Vec::new();
    for chunk in wrong.chunks(AT_A_TIME) {
        judged.extend(check(&folder, chunk));
    }
    assert_eq!(judged.len(), wrong.len());
    let mut tally: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let mut not_right = Vec::new();
    for (wrong, judged) in wrong.iter().zip(&judged) {
        let row = tally.entry(wrong.kind).or_default();
        row[0] += 1;
        let mut faults = Vec::new();
        for (at, language) in ["Da", "En"].into_iter().enumerate() {
            match fault(wrong, judged, language) {
                None => row[at + 1] += 1,
                Some(fault) => faults.push(fault),
            }
        }
        if !faults.is_empty() {
            not_right.push(format!("{}: {}", wrong.what, faults.join("; ")));
        }
    }
    let mut sum = [0; 3];
    for (kind, row) in &tally {
        println!(
            "{kind:32} {:5} messages, right in Danish {:5}, in English {:5}",
            row[0], row[1], row[2]
        );
        (0..3).for_each(|at| sum[at] += row[at]);
    }
    println!(
        "{:32} {:5} messages, right in Danish {:5}, in English {:5}",
        "all", sum[0], sum[1], sum[2]
    );
    for line in &not_right {
        println!("not right: {line}");
    }
    for (language, right) in [("Danish", sum[1]), ("English", sum[2])] {
        assert!(
            100 * right >= LEAST * sum[0],
            "{language}: {right} of {}",
            sum[0]
        );
    }
    // One kind as a whole may not hide behind the others.
    for (kind, row) in tally {
        assert!(
            100 * row[1].min(row[2]) >= LEAST * row[0],
            "{kind}: {row:?}"
        );
    }
}

#[test]
fn the_messages_that_the_mistakes_are_made_in_are_right() {
    let folder = Folder::new();
    let right = mistakes::none();
    assert_eq!(right.len(), 22);
    for (wrong, judged) in right.iter().zip(check(&folder, &right)) {
        assert_eq!(judged["fejl"], serde_json::json!([]), "{}", wrong.what);
    }
}

/// What `dtr check` says of each message.
fn check(folder: &Folder, messages: &[Wrong]) -> Vec<Value> {
    let mut arguments = vec!["check".to_owned(), "--json".to_owned()];
    for (at, wrong) in messages.iter().enumerate() {
        let file = format!("{at}.xml");
        std::fs::write(folder.join(&file), &wrong.text).unwrap();
        arguments.push(file);
    }
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let told = dtr(&folder.join(""), &arguments).stdout;
    let told: Value = serde_json::from_slice(&told).unwrap();
    told["filer"].as_array().unwrap().clone()
}

/// What is not right about the answer in one language.
fn fault(wrong: &Wrong, judged: &Value, language: &str) -> Option<String> {
    let errors = judged["fejl"].as_array().unwrap();
    let seen = || -> Vec<String> {
        let text = |e: &Value, key: &str| e[key].to_string();
        let show = |e: &Value| {
            format!(
                "{} {} {}:{} {}",
                text(e, "kode"),
                text(e, "sti"),
                e["linje"],
                e["kolonne"],
                text(e, "beskedDa")
            )
        };
        errors.iter().take(3).map(show).collect()
    };
    let [error] = errors.as_slice() else {
        return Some(format!("{} errors: {:?}", errors.len(), seen()));
    };
    if judged["flereFejl"] != 0 {
        return Some("more errors".to_owned());
    }
    if error["kode"] != *wrong.code {
        return Some(format!("not {}: {:?}", wrong.code, seen()));
    }
    let place = |place: &mistakes::Place| {
        (place.path.is_none() || error["sti"].as_str() == place.path.as_deref())
            && (error["linje"] == place.line && error["kolonne"] == place.column)
    };
    if !wrong.places.iter().any(place) {
        return Some(format!("not at {:?}: {:?}", wrong.places, seen()));
    }
    let remedies = error["afhjaelpning"].as_str().unwrap();
    let Some((da, en)) = remedies.split_once(" / ") else {
        return Some(format!("remedies: {remedies}"));
    };
    let (remedy, foreign) = if language == "Da" {
        (da, ENGLISH)
    } else {
        (en, DANISH)
    };
    let message = error[format!("besked{language}")].as_str().unwrap();
    let text = format!("{message} {remedy}");
    let words = wrong.words[usize::from(language == "En")].iter();
    if let Some(word) = words.into_iter().find(|word| !text.contains(word.as_str())) {
        return Some(format!("{word:?} is not in {text:?}"));
    }
    // The texts of codes are data, in Danish.
    let spoken = text.split("es are: ").next().unwrap();
    let spoken = spoken.split("one of: ").next().unwrap();
    let own = spoken
        .split(|c: char| !c.is_alphabetic())
        .map(str::to_lowercase);
    let other = own
        .into_iter()
        .find(|word| foreign.contains(&word.as_str()));
    if let Some(word) = other {
        return Some(format!("{word:?} of the other language: {text:?}"));
    }
    let empty =
        text.contains("{}") || text.contains("  ") || text.contains(" .") || text.contains("\"\"");
    empty.then(|| format!("a hole in {text:?}"))
}
