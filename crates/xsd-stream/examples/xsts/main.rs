//! Runs the W3C XML Schema Test Suite, or a part of it, against `xsd_stream::xsd`.
//!
//! ```text
//! cargo run --release --example xsts -- DIR [--failures] [--only TEXT]
//! cargo run --release --example xsts -- DIR --lines < requests
//! ```
//!
//! The first form reads the test sets that `DIR/suite.xml` names and `DIR`
//! holds, and prints what passed, failed and was skipped per contributor and
//! set. The second answers `id TAB number of schemas TAB schema… TAB instance…`
//! with `id TAB v|i|p TAB v,i,e,x,… TAB message`, a line each.

mod lines;
mod run;
mod suite;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use run::Verdict;

#[derive(Default, Clone, Copy)]
struct Tally {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    fn show(self) -> String {
        let judged = self.passed + self.failed;
        let percent = if judged == 0 {
            100.0
        } else {
            100.0 * self.passed as f64 / judged as f64
        };
        format!(
            "{:>6} {:>5} {:>5} {percent:>7.2}%",
            self.passed, self.failed, self.skipped
        )
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let flag = |name: &str| arguments.iter().any(|a| a == name);
    let Some(directory) = arguments.iter().find(|a| !a.starts_with("--")) else {
        eprintln!("usage: xsts DIR [--failures] [--only TEXT] | DIR --lines");
        return ExitCode::from(2);
    };
    let directory = PathBuf::from(directory);
    // A panic is a result here, not something to print.
    std::panic::set_hook(Box::new(|_| {}));
    if flag("--lines") {
        return lines::serve(&directory);
    }
    let only = arguments
        .iter()
        .position(|a| a == "--only")
        .and_then(|i| arguments.get(i + 1));
    match report(&directory, flag("--failures"), only.map(String::as_str)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn report(directory: &std::path::Path, failures: bool, only: Option<&str>) -> Result<(), String> {
    let sets = suite::read(directory)?;
    let mut per_contributor: BTreeMap<String, (Tally, Tally)> = BTreeMap::new();
    println!(
        "{:<34} {:>27}  {:>27}",
        "", "schema tests", "instance tests"
    );
    println!(
        "{:<34} {:>6} {:>5} {:>5} {:>8}  {:>6} {:>5} {:>5} {:>8}",
        "set", "passed", "fail", "skip", "", "passed", "fail", "skip", ""
    );
    for set in &sets {
        let (mut schemas, mut instances) = (Tally::default(), Tally::default());
        for group in set
            .groups
            .iter()
            .filter(|g| only.is_none_or(|o| g.name.contains(o)))
        {
            let outcome = run::group(group);
            let judge =
                |tally: &mut Tally, name: &str, expected: Option<bool>, verdict: &Verdict| {
                    let Some(expected) = expected else {
                        tally.skipped += 1;
                        return;
                    };
                    let right = match verdict {
                        Verdict::Valid => expected,
                        Verdict::Invalid(_) => !expected,
                        Verdict::NotWellFormed(_) | Verdict::NotRun => !expected,
                        Verdict::Panicked => false,
                    };
                    if right {
                        tally.passed += 1;
                    } else {
                        tally.failed += 1;
                        if failures {
                            println!(
                                "  {}/{name}: expected {}, {verdict}",
                                group.name,
                                if expected { "valid" } else { "invalid" }
                            );
                        }
                    }
                };
            if let Some(test) = &group.schema {
                judge(&mut schemas, &test.name, test.expected, &outcome.schema);
            }
            for (test, verdict) in group.instances.iter().zip(&outcome.instances) {
                judge(&mut instances, &test.name, test.expected, verdict);
            }
        }
        println!("{:<34} {}  {}", set.name, schemas.show(), instances.show());
        let total = per_contributor.entry(set.contributor.clone()).or_default();
        total.0.add(schemas);
        total.1.add(instances);
    }
    let mut all = (Tally::default(), Tally::default());
    println!();
    for (name, (schemas, instances)) in &per_contributor {
        println!("{name:<34} {}  {}", schemas.show(), instances.show());
        all.0.add(*schemas);
        all.1.add(*instances);
    }
    println!("{:<34} {}  {}", "all", all.0.show(), all.1.show());
    println!(
        "\nskipped: tests of XSD 1.1 alone, and those whose outcome is indeterminate, queried or disputed"
    );
    Ok(())
}
