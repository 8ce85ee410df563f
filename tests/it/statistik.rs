//! A first load and an import judge the same rows alike: `DTR_STATISTIK=FILE cargo test --test it -- --nocapture statistik`
//! tries it on another file.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use dtr::first_load::{self, FileRules, Row};
use dtr::register::Niveau;
use dtr::store::StoreExt;

use crate::support::messages::*;
use crate::support::{Caller, TestApp};

/// Records of a message.
const BATCH: usize = 500;

#[tokio::test]
async fn a_first_load_and_an_import_judge_alike() {
    let file = std::env::var_os("DTR_STATISTIK").map_or_else(
        || {
            [env!("CARGO_MANIFEST_DIR"), "fixtures/statistik/udsnit.csv"]
                .iter()
                .collect()
        },
        PathBuf::from,
    );
    let text = std::fs::read(&file).unwrap();
    let app = TestApp::start().await;
    let (contract, tables) = dtr::app::rules(&app.config, "", "").unwrap();
    let rules = FileRules {
        schema: contract.schema("ImportService-v2").unwrap(),
        tables: &tables,
    };
    let judged = app
        .store()
        .read(|view| Ok(first_load::judge(&*text, &[], rules, view, &mut |_| ())))
        .unwrap()
        .unwrap();
    let refused: BTreeSet<u64> = judged.rejected.iter().map(|row| row.line).collect();
    let rows = first_load::rows(&*text, &tables).unwrap();
    assert_eq!(rows.len() as u64, judged.rows);

    let caller = app.operatoer();
    let mut sent = Sent::default();
    for (niveau, operation) in [
        (Niveau::Daginstitution, "InsertDaginstitution"),
        (Niveau::Anvisningsenhed, "InsertAnvisningsEnhed"),
        (Niveau::AlternativAdresse, "InsertAlternativAdresse"),
    ] {
        let level: Vec<&Row> = rows
            .iter()
            .filter(|row| row.niveau() == Some(niveau))
            .collect();
        for batch in level.chunks(BATCH) {
            sent.send(&caller, operation, batch).await;
        }
    }
    assert_eq!(sent.refused, refused, "{:?}", sent.why);
    // What the file has as closed was open until now: children first.
    for (niveau, record, operation) in [
        (
            Niveau::AlternativAdresse,
            "alternativadresse",
            "DeleteAlternativAdresse",
        ),
        (
            Niveau::Anvisningsenhed,
            "anvisningsenhed",
            "DeleteAnvisningsEnhed",
        ),
        (
            Niveau::Daginstitution,
            "daginstitution",
            "DeleteDaginstitution",
        ),
    ] {
        let closed = rows
            .iter()
            .filter(|row| row.niveau() == Some(niveau) && row.nedlagt())
            .filter_map(|row| sent.numbers.get(row.numbers().0))
            .map(|number| closing(record, number))
            .collect::<Vec<_>>();
        for batch in closed.chunks(BATCH).filter(|batch| !batch.is_empty()) {
            caller.import_v1(write_v1(operation, batch)).ok().await;
        }
    }
    println!(
        "{}: {} rows, {} accepted, {} refused, by both; {} messages",
        file.display(),
        rows.len(),
        sent.numbers.len(),
        refused.len(),
        sent.messages
    );
}

/// What was sent, and what came of it.
#[derive(Debug, Default)]
struct Sent {
    /// The number that each number of the file has now.
    numbers: HashMap<String, String>,
    /// The lines refused, and the codes of each.
    refused: BTreeSet<u64>,
    why: BTreeMap<u64, Vec<String>>,
    messages: usize,
}

impl Sent {
    /// Sends rows, and again without those that are refused: a message is taken whole or not at all.
    async fn send(&mut self, caller: &Caller, operation: &str, batch: &[&Row]) {
        let mut left = batch.to_vec();
        while !left.is_empty() {
            let records: Vec<String> = left.iter().map(|row| self.record(row)).collect();
            let answer = caller.import_v1(write_v1(operation, &records)).send().await;
            self.messages += 1;
            assert_eq!(answer.status(), 200, "{}", answer.text());
            let wrong = answer.wrong_records();
            if wrong.is_empty() {
                let own = left.iter().map(|row| row.numbers().0.to_owned());
                self.numbers.extend(own.zip(answer.numbers()));
                return;
            }
            for (nr, codes) in &wrong {
                let line = left[*nr - 1].line();
                self.refused.insert(line);
                self.why.insert(line, codes.clone());
            }
            let mut nr = 0;
            left.retain(|_| {
                nr += 1;
                !wrong.contains_key(&nr)
            });
        }
    }

    fn record(&self, row: &Row) -> String {
        let above = row.numbers().1.unwrap_or_default();
        row.record_under(self.numbers.get(above).map_or(above, String::as_str))
    }
}
