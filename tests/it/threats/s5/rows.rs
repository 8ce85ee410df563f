//! The rows of the matrix: a caller, an operation, and what comes of it.

use std::fmt::Write as _;
use std::path::Path;

use dtr::register::{Aftale, Omfang, SystemId};
use dtr::store::{OrgKind, StoreExt};

use crate::support::messages::*;
use crate::support::tilslutning::*;
use crate::support::{Caller, TestApp};
use crate::threats::{Case, Outcome};

const MATRIX: &str = include_str!("../../../../fixtures/authorise/matrix.csv");

const VENDOR: &str = "99100028";
const OWNERS: [&str; 2] = ["99500030", "99500049"];

/// A server with every kind of caller.
pub(super) struct World {
    app: TestApp,
    /// The system that private owners let act.
    steward: SystemId,
}

/// Records that one case has for itself.
struct Records {
    top: String,
    other_top: String,
    empty_top: String,
    unit: String,
    other_unit: String,
    address: String,
}

impl World {
    pub(super) async fn new() -> Self {
        let app = TestApp::start().await;
        for owner in OWNERS {
            app.organisation(owner, OrgKind::PrivatEjer).await;
        }
        let covered = app.system("lev-aftale", VENDOR).await;
        app.aftale(of_kommune(covered, 751, Omfang::Alle)).await;
        let both = app.system("lev-begge", VENDOR).await;
        for kommune in [751, 101] {
            app.aftale(of_kommune(both, kommune, Omfang::Alle)).await;
        }
        let expired = app.system("lev-udloebet", VENDOR).await;
        app.aftale(Aftale {
            til: Some(date("2026-01-31")),
            ..of_kommune(expired, 751, Omfang::Alle)
        })
        .await;
        let other_p = app.system("lev-andet-p", VENDOR).await;
        app.aftale(of_kommune(other_p, 751, p_numbers(&["1999999999"])))
            .await;
        Self {
            app,
            steward: covered,
        }
    }

    pub(super) async fn row(&self, case: &Case) -> Outcome {
        let (operation, caller, wanted) = (
            case.text("operation"),
            case.text("kalder"),
            case.text("svar"),
        );
        let certificate = match caller {
            "egen-kommune" | "anden-kommune" | "kommune-paa-privat" => "kommune",
            "ejer-eget" | "ejer-andres" => "ejer",
            "leverandoer-aftale" => "lev-aftale",
            "leverandoer-begge" => "lev-begge",
            "leverandoer-udloebet" => "lev-udloebet",
            "leverandoer-andet-p-nummer" => "lev-andet-p",
            "leverandoer-uden-aftale" => "leverandoer",
            known @ ("lukket" | "aftager" | "operatoer") => known,
            other => return Err(format!("unknown caller {other}")),
        };
        let kommune = if caller == "anden-kommune" { 101 } else { 751 };
        let owner = match caller {
            "ejer-eget" | "kommune-paa-privat" => Some(OWNERS[0]),
            "ejer-andres" => Some(OWNERS[1]),
            _ => None,
        };
        let records = self.records(kommune, owner).await;
        let caller = self.app.caller(certificate);
        let before = self
            .app
            .store()
            .read(|view| view.position())
            .unwrap()
            .sekvens;
        let found = answered(&caller, operation, &records, kommune, owner.is_some()).await;
        let after = self
            .app
            .store()
            .read(|view| view.position())
            .unwrap()
            .sekvens;
        let stores = wanted == "OK" && !operation.ends_with(" proeve") && !reads(operation);
        if found != wanted {
            Err(format!("answered {found}, not {wanted}"))
        } else if (after > before) != stores {
            Err(format!("the register went from {before} to {after}"))
        } else {
            Ok(())
        }
    }

    /// Two trees of a kommune, or of a private owner there.
    async fn records(&self, kommune: u16, owner: Option<&str>) -> Records {
        let support = self.app.operatoer();
        let tops = ["En", "To", "Tom"].map(|name| top(name, kommune, owner.is_some()));
        let insert = write("InsertDaginstitution", &tops);
        let mut numbers = support.import_v2(insert).ok().await.numbers();
        let empty_top = numbers.pop().unwrap();
        let [top, other_top] = two(numbers);
        let units = [unit(&top, "Rød"), unit(&other_top, "Blå")];
        let insert = write("InsertAnvisningsEnhed", &units);
        let [unit, other_unit] = two(support.import_v2(insert).ok().await.numbers());
        let insert = write("InsertAlternativAdresse", &[address(&unit, "Skoven")]);
        let address = support.import_v2(insert).ok().await.number();
        if let Some(cvr) = owner {
            let all = institutions(&[&top, &other_top, &empty_top]);
            self.app.aftale(of_owner(self.steward, cvr, all)).await;
        }
        Records {
            top,
            other_top,
            empty_top,
            unit,
            other_unit,
            address,
        }
    }
}

fn two(mut numbers: Vec<String>) -> [String; 2] {
    let second = numbers.pop().unwrap();
    [numbers.pop().unwrap(), second]
}

fn top(name: &str, kommune: u16, private: bool) -> String {
    element("daginstitution", "", &top_fields(name, kommune, private))
}

fn top_fields(name: &str, kommune: u16, private: bool) -> String {
    if private {
        coded_institution_fields(name, kommune, 3, 4)
    } else {
        institution_fields(name, kommune)
    }
}

fn reads(operation: &str) -> bool {
    operation.starts_with("Get") || operation.starts_with("Hent")
}

/// `OK`, or the code of the first error or the fault.
async fn answered(
    caller: &Caller,
    operation: &str,
    records: &Records,
    kommune: u16,
    private: bool,
) -> String {
    let answer = if reads(operation) {
        let parameters = match operation {
            "HentDataAftaler" => String::new(),
            _ => format!(
                "<daginstitutionsNummer>{}</daginstitutionsNummer>",
                records.top
            ),
        };
        caller.eksport_v2(operation, &parameters).send().await
    } else {
        let (name, how) = operation.split_once(' ').unwrap_or((operation, ""));
        let trial = how == "proeve";
        let kommune = match how {
            "ny-kommune" => 852 - kommune,
            _ => kommune,
        };
        let record = [record(name, records, kommune, private)];
        let message = if trial {
            dry_run(name, &record)
        } else {
            write(name, &record)
        };
        caller.import_v2(message).send().await
    };
    let tree = answer.tree();
    if tree.first("Fault").is_some() {
        answer.fault_code()
    } else {
        answer
            .errors()
            .into_iter()
            .next()
            .unwrap_or_else(|| "OK".to_owned())
    }
}

fn record(operation: &str, records: &Records, kommune: u16, private: bool) -> String {
    let Records {
        top: number,
        other_top,
        empty_top,
        unit: place,
        other_unit,
        address: extra,
    } = records;
    match operation {
        "InsertDaginstitution" => top("Ny", kommune, private),
        "UpdateDaginstitution" => {
            institution_update(number, "", &top_fields("Nyt navn", kommune, private))
        }
        "DeleteDaginstitution" => closing("daginstitution", empty_top),
        "InsertAnvisningsEnhed" => unit(number, "Ny"),
        "UpdateAnvisningsEnhed" => unit_update(place, "", &unit_fields(number, "Nyt navn")),
        "DeleteAnvisningsEnhed" => closing("anvisningsenhed", other_unit),
        "MoveAnvisningsEnhed" => moved("anvisningsenhed", place, other_top),
        "InsertAlternativAdresse" => address(place, "Ny"),
        "UpdateAlternativAdresse" => address_update(extra, &address_fields(place, "Nyt navn")),
        "DeleteAlternativAdresse" => closing("alternativadresse", extra),
        "MoveAlternativAdresse" => moved("alternativadresse", extra, other_unit),
        other => panic!("unknown operation {other}"),
    }
}

/// Writes a folder for each row of the matrix.
pub(crate) fn write_folders(section: &Path) {
    let rows = MATRIX.lines().filter(|line| !line.starts_with('#')).skip(1);
    for (n, row) in rows.enumerate() {
        let cells: Vec<&str> = row.split(';').collect();
        let [operation, caller, decision, answer] = cells[..] else {
            panic!("{row}: not four columns");
        };
        let name = operation.replace(' ', "-");
        let folder = section.join(format!("{:03}-{name}-{caller}", n + 1));
        std::fs::create_dir_all(&folder).unwrap();
        let mut told = format!("om = \"{operation} af {caller}: {decision}\"\n");
        for (key, value) in [
            ("operation", operation),
            ("kalder", caller),
            ("svar", answer),
        ] {
            let _ = writeln!(told, "{key} = \"{value}\"");
        }
        std::fs::write(folder.join("case.toml"), told).unwrap();
    }
}
