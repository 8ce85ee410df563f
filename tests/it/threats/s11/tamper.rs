//! What an attacker does who can write to the file: to the lines of the chain, the history, an export, a saved head.
//! The register's triggers are taken away first, and put back: a schema that is not the program's own tells at once.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use dtr::audit::{GENESIS, Hash, Line, Reader, Writer, chain};
use rusqlite::Connection;

use super::{number, word};
use crate::support::Folder;

/// Does it to the lines of a register, and to what else `hvad` says.
pub(super) fn database(file: &Path, acts: &[&toml::Table]) {
    let database = Connection::open(file).unwrap();
    let triggers: Vec<(String, String)> = database
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    for (trigger, _) in &triggers {
        database
            .execute_batch(&format!("DROP TRIGGER {trigger}"))
            .unwrap();
    }
    let mut lines: Vec<Line> = database
        .prepare("SELECT nr, linje, hash FROM revision ORDER BY nr")
        .unwrap()
        .query_map([], |row| {
            Ok(Line {
                number: row.get::<_, i64>(0)?.try_into().unwrap(),
                canonical: row.get(1)?,
                hash: Hash(row.get(2)?),
            })
        })
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    for act in acts {
        match word(act, "hvad") {
            "historik" => history(&database, act),
            "sql" => database.execute_batch(word(act, "sql")).unwrap(),
            "glem-hoveder" => database
                .execute_batch("DELETE FROM revision_hoved")
                .unwrap(),
            _ => to_lines(&mut lines, act),
        }
    }
    database.execute_batch("DELETE FROM revision").unwrap();
    for Line {
        number,
        canonical,
        hash,
    } in lines
    {
        let number = i64::try_from(number).unwrap();
        let sql = "INSERT INTO revision (nr, linje, hash) VALUES (?1, ?2, ?3)";
        database.execute(sql, (number, canonical, hash.0)).unwrap();
    }
    for (_, trigger) in triggers {
        database.execute_batch(&trigger).unwrap();
    }
}

fn history(database: &Connection, act: &toml::Table) {
    let column = match word(act, "felt") {
        "cvr" => "ophav_cvr",
        "operation" => "operation",
        "sagsnummer" => "sagsnummer",
        "korrelationsId" => {
            let sql = "UPDATE aendring SET korrelations_id = zeroblob(16) WHERE sekvens = ?1";
            assert_eq!(
                database
                    .execute(sql, [number(act, "sekvens") as i64])
                    .unwrap(),
                1
            );
            return;
        }
        other => panic!("the history has no {other}"),
    };
    let sql = format!("UPDATE aendring SET {column} = ?2 WHERE sekvens = ?1");
    let changed = database.execute(&sql, (number(act, "sekvens") as i64, word(act, "til")));
    assert_eq!(changed.unwrap(), 1);
}

/// Does it to an export: to its lines, and to its text as a whole.
pub(super) fn export(file: &Path, acts: &[&toml::Table]) {
    let mut reader = Reader::new(BufReader::new(File::open(file).unwrap())).unwrap();
    let mut lines = Vec::new();
    while let Some(line) = reader.next_line().unwrap() {
        lines.push(line);
    }
    let is_text = |act: &&&toml::Table| matches!(word(act, "hvad"), "erstat" | "klip");
    acts.iter()
        .filter(|act| !is_text(act))
        .for_each(|act| to_lines(&mut lines, act));
    let mut out = Vec::new();
    let mut writer = Writer::new(&mut out, reader.header()).unwrap();
    lines.iter().for_each(|line| writer.line(line).unwrap());
    writer.finish().unwrap();
    for act in acts.iter().filter(is_text) {
        if word(act, "hvad") == "klip" {
            out.truncate(out.len() - usize::try_from(number(act, "bytes")).unwrap());
            continue;
        }
        let text = String::from_utf8(out).unwrap();
        let other = text.replacen(word(act, "fra"), word(act, "til"), 1);
        assert_ne!(text, other, "{act}");
        out = other.into_bytes();
    }
    std::fs::write(file, out).unwrap();
}

/// Changes a field of a saved head, or without `til` removes it.
pub(super) fn saved_head(folder: &Folder, change: &toml::Table) {
    let file = folder.join(word(change, "fil"));
    let text = std::fs::read_to_string(&file).unwrap();
    let mut head: serde_json::Value = serde_json::from_str(&text).unwrap();
    let Some(to) = change
        .get("til")
        .map(|to| serde_json::to_value(to).unwrap())
    else {
        head.as_object_mut().unwrap().remove(word(change, "felt"));
        return std::fs::write(&file, head.to_string()).unwrap();
    };
    match change.get("tidligere") {
        Some(at) => head["tidligere"][at.as_integer().unwrap() as usize][word(change, "felt")] = to,
        None => head[word(change, "felt")] = to,
    }
    std::fs::write(&file, head.to_string()).unwrap();
}

fn to_lines(lines: &mut Vec<Line>, act: &toml::Table) {
    let at = |key: &str| usize::try_from(number(act, key)).unwrap() - 1;
    match word(act, "hvad") {
        // Another value in a field of the text.
        "felt" => {
            let line = &mut lines[at("linje")];
            let (start, end) = value(&line.canonical, word(act, "felt"));
            line.canonical.replace_range(start..end, word(act, "til"));
        }
        // One bit: of the first byte of a field of the text, of the hash, of the number.
        "bit" => {
            let line = &mut lines[at("linje")];
            let bit = 1 << number(act, "bit");
            match word(act, "felt") {
                "#hash" => line.hash.0[31] ^= bit,
                "#nr" => line.number ^= u64::from(bit),
                field => {
                    let (start, _) = value(&line.canonical, field);
                    let mut bytes = std::mem::take(&mut line.canonical).into_bytes();
                    bytes[start] ^= bit;
                    line.canonical = String::from_utf8(bytes).unwrap();
                }
            }
        }
        "slet" => drop(lines.remove(at("linje"))),
        // Two lines change places: text and hash, the numbers stay.
        "byt" => {
            let (a, b) = (at("linje"), at("med"));
            lines.swap(a, b);
            let number = lines[a].number;
            lines[a].number = lines[b].number;
            lines[b].number = number;
        }
        // As they stand in the file, numbers and all.
        "byt-plads" => lines.swap(at("linje"), at("med")),
        // A copy of a line after it; the numbers of those that follow move on.
        "indsaet" => {
            let mut copy = lines[at("efter")].clone();
            copy.number += 1;
            lines.insert(at("efter") + 1, copy);
            lines[at("efter") + 2..]
                .iter_mut()
                .for_each(|line| line.number += 1);
        }
        "afkort" => lines.truncate(at("efter") + 1),
        // What a careful attacker does afterwards: numbers and hashes from a line on.
        "genberegn" => {
            let from = at("fra");
            for place in from..lines.len() {
                let previous = place
                    .checked_sub(1)
                    .map_or(GENESIS, |before| lines[before].hash);
                let line = &mut lines[place];
                line.number = place as u64 + 1;
                let (start, end) = value(&line.canonical, "nr");
                line.canonical
                    .replace_range(start..end, &line.number.to_string());
                line.hash = chain(&previous, &line.canonical);
            }
        }
        other => panic!("nobody knows how to do {other}"),
    }
}

/// Where the value of a field stands in a text.
fn value(canonical: &str, field: &str) -> (usize, usize) {
    let mut at = 0;
    for line in canonical.split_inclusive('\n') {
        if let Some(value) = line
            .strip_prefix(field)
            .and_then(|rest| rest.strip_prefix('='))
        {
            let start = at + line.len() - value.len();
            return (start, start + value.trim_end_matches('\n').len());
        }
        at += line.len();
    }
    panic!("no field {field} in {canonical}")
}
