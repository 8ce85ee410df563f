//! The catalogue of threats as cases: a folder each under `fixtures/threats/<section>/<nn-name>/`, whose `case.toml`
//! says what it is about (`om`), what is done and what has to come of it. A section is a file here that knows how its
//! cases are run; this module finds them, runs all sections side by side, and counts.
//!
//! `cargo test --test it -- --nocapture threats_table` prints the count. `DTR_TRUSLER=S3` or `DTR_TRUSLER=S3/07` runs
//! a part.

mod besked;
mod kollision;
mod s1;
mod s11;
mod s12;
mod s2;
mod s3;
mod s4;
mod s5;
mod svar;
mod vagt;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// A case as it lies in its folder.
#[derive(Debug)]
pub(crate) struct Case {
    /// Section and folder: `S1/04-ekstern-entitet`.
    pub name: String,
    /// Where its files lie.
    pub folder: PathBuf,
    /// `case.toml`.
    pub told: toml::Table,
}

impl Case {
    /// A text of `case.toml` that has to be there.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.told
            .get(key)
            .and_then(toml::Value::as_str)
            .unwrap_or_else(|| panic!("{}: case.toml has no text {key}", self.name))
    }
}

/// What came of a case: nothing, or what is wrong.
pub(crate) type Outcome = Result<(), String>;

/// A section of the catalogue, and how its cases are run: all of them in one call, so that they can share a server.
/// One outcome per case, in order.
struct Section {
    name: &'static str,
    title: &'static str,
    run: fn(&[Case]) -> Vec<Outcome>,
}

/// All sections, in the order of the catalogue.
const SECTIONS: &[Section] = &[
    Section {
        name: "S1",
        title: "XML parser hardening",
        run: s1::run,
    },
    Section {
        name: "S2",
        title: "the SOAP layer",
        run: s2::run,
    },
    Section {
        name: "S3",
        title: "the HTTP layer",
        run: s3::run,
    },
    Section {
        name: "S4.1",
        title: "certificates in the handshake",
        run: s4::certificates,
    },
    Section {
        name: "S4.2",
        title: "revocation",
        run: s4::lists,
    },
    Section {
        name: "S4.3",
        title: "identity",
        run: s4::certificates,
    },
    Section {
        name: "S4.4",
        title: "sessions and renewal",
        run: s4::sessions,
    },
    Section {
        name: "S5",
        title: "authorisation and tenants",
        run: s5::run,
    },
    Section {
        name: "S11",
        title: "the audit chain",
        run: s11::run,
    },
    Section {
        name: "S12",
        title: "information leaks and logs",
        run: s12::run,
    },
];

#[test]
fn threats_table() {
    let wanted = std::env::var("DTR_TRUSLER").unwrap_or_default();
    if std::env::var_os("DTR_OPDATER").is_some() {
        s5::write_folders(&root().join("S5"));
    }
    let sections: Vec<_> = SECTIONS
        .iter()
        .map(|section| {
            let mut cases = cases_of(section.name);
            cases.retain(|case| case.name.starts_with(&wanted));
            (section, cases)
        })
        .filter(|(_, cases)| !cases.is_empty())
        .collect();
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> = sections
            .iter()
            .map(|(section, cases)| scope.spawn(|| (section.run)(cases)))
            .collect();
        let joined = running.into_iter().map(|thread| thread.join().unwrap());
        joined.collect()
    });
    let (mut table, mut failures, mut count) = (String::new(), String::new(), 0);
    for ((section, cases), outcomes) in sections.iter().zip(&outcomes) {
        assert_eq!(
            cases.len(),
            outcomes.len(),
            "{}: a case was not run",
            section.name
        );
        let held = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        let _ = writeln!(
            table,
            "{:<5} {:>4} of {:>4}  {}",
            section.name,
            held,
            cases.len(),
            section.title
        );
        count += cases.len();
        for (case, outcome) in cases.iter().zip(outcomes) {
            if let Err(why) = outcome {
                let _ = writeln!(failures, "{}: {why}", case.name);
            }
        }
    }
    println!("{table}threats: {count} cases");
    assert!(failures.is_empty(), "cases that do not hold:\n{failures}");
    if wanted.is_empty() {
        no_folder_is_left_out();
    }
}

/// The cases of a section, by name.
fn cases_of(section: &str) -> Vec<Case> {
    let mut cases: Vec<_> = folders(&root().join(section))
        .into_iter()
        .map(|folder| {
            let name = format!("{section}/{}", name_of(&folder));
            let file = std::fs::read_to_string(folder.join("case.toml"));
            let text = file.unwrap_or_else(|error| panic!("{name}: case.toml: {error}"));
            let told: toml::Table = text
                .parse()
                .unwrap_or_else(|error| panic!("{name}: case.toml: {error}"));
            let case = Case { name, folder, told };
            assert!(
                !case.text("om").is_empty(),
                "{}: says not what it is about",
                case.name
            );
            case
        })
        .collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

/// A folder that belongs to no section would never be run.
fn no_folder_is_left_out() {
    for folder in folders(&root()) {
        let name = name_of(&folder);
        assert!(
            SECTIONS.iter().any(|section| section.name == name),
            "fixtures/threats/{name} is no section"
        );
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/threats")
}

fn folders(of: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(of)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect()
}

fn name_of(folder: &Path) -> String {
    folder.file_name().unwrap().to_str().unwrap().to_owned()
}
