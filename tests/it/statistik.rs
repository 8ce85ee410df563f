//! A first load and an import judge the same rows alike: `DTR_STATISTIK=FILE cargo test --test it -- --nocapture statistik`
//! tries it on another file.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use dtr::register::Niveau;
use dtr::statistik::{self, Raekke, Regler};
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
    let regler = Regler {
        schema: contract.schema("ImportService-v2").unwrap(),
        tables: &tables,
    };
    let judged = app
        .store()
        .read(|view| Ok(statistik::doem(&*text, &[], regler, view, &mut |_| ())))
        .unwrap()
        .unwrap();
    let refused: BTreeSet<u64> = judged.afviste.iter().map(|row| row.linje).collect();
    let rows = statistik::raekker(&*text, &tables).unwrap();
    assert_eq!(rows.len() as u64, judged.raekker);

    let caller = app.operatoer();
    let mut sent = Sent::default();
    for (niveau, operation) in [
        (Niveau::Daginstitution, "InsertDaginstitution"),
        (Niveau::Anvisningsenhed, "InsertAnvisningsEnhed"),
        (Niveau::AlternativAdresse, "InsertAlternativAdresse"),
    ] {
        let level: Vec<&Raekke> = rows
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
            .filter_map(|row| sent.numbers.get(row.numre().0))
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
    async fn send(&mut self, caller: &Caller, operation: &str, batch: &[&Raekke]) {
        let mut left = batch.to_vec();
        while !left.is_empty() {
            let records: Vec<String> = left.iter().map(|row| self.record(row)).collect();
            let answer = caller.import_v1(write_v1(operation, &records)).send().await;
            self.messages += 1;
            assert_eq!(answer.status(), 200, "{}", answer.text());
            let wrong = answer.wrong_records();
            if wrong.is_empty() {
                let own = left.iter().map(|row| row.numre().0.to_owned());
                self.numbers.extend(own.zip(answer.numbers()));
                return;
            }
            for (nr, codes) in &wrong {
                let line = left[*nr - 1].linje();
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

    fn record(&self, row: &Raekke) -> String {
        let over = row.numre().1.unwrap_or_default();
        row.post_under(self.numbers.get(over).map_or(over, String::as_str))
    }
}
