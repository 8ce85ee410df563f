//! Plans: what a file of corrections would do is shown, and then carried out as it was shown or not at all.

mod carried_out;
mod files;
mod shown;

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::Folder;
use crate::support::process::{audit_lines, dtr, dtr_json, installation};

/// So many units there are, under each of two daginstitutioner of Aarhus.
const UNITS: usize = 20;

const HEADER: &str = "dagtilbudsType;daginstitutionsNummer;anvisningsenhedsNummer;alternativAdresseNummer;dagtilbudsNavn;\
                      ejerformKode;lovgrundlagKode;admKommuneKode;instType3;pNummer;vejNavn;husNummer;postNummer;vejKode;\
                      telefonNummer;gyldigFra";

/// A register with two daginstitutioner and their units in Aarhus, one of them with an alternative address, and one
/// daginstitution in København.
struct World {
    _folder: Folder,
    at: PathBuf,
}

impl World {
    async fn new() -> Self {
        let folder = Folder::new();
        let at = installation(&folder).await;
        let mut rows = vec![
            HEADER.to_owned(),
            "daginstitution;G13001;;;Bakken;1;1;751;;;;;;;;".to_owned(),
            "daginstitution;G13002;;;Dalen;1;1;751;;;;;;;;".to_owned(),
            "daginstitution;G13003;;;Byen;1;1;101;;;;;;;;".to_owned(),
            "anvisningsenhed;G13003;G13091;;Tårnet;;;;6012;1975100991;Strøget;1;1160;0001;;"
                .to_owned(),
            "alternativadresse;G13001;G13010;G13092;Skoven;;;;;;Skovvej;2;8270;0002;;".to_owned(),
        ];
        for unit in 0..2 * UNITS {
            let (top, number) = (1 + unit / UNITS, 13_010 + unit);
            rows.push(format!(
                "anvisningsenhed;G1300{top};G{number};;Stue {unit};;;;6012;19751{unit:05};Havevej;{};8270;00{unit:02};+4500751{unit:03};",
                unit + 1
            ));
        }
        std::fs::write(at.join("start.csv"), rows.join("\n")).unwrap();
        let (loaded, well) = dtr_json(&at, &["load", "statistik", "start.csv"]);
        assert!(well, "{loaded}");
        Self {
            _folder: folder,
            at,
        }
    }

    /// `samlet.csv` of the register as it stands.
    fn export(&self) -> Sheet {
        // A file that is there is not written over.
        let _ = std::fs::remove_file(self.at.join("ud.csv"));
        let arguments = [
            "export",
            "dokument",
            "/eksport/samlet.csv",
            "--til",
            "ud.csv",
        ];
        assert!(dtr(&self.at, &arguments).status.success());
        Sheet::parse(&std::fs::read_to_string(self.at.join("ud.csv")).unwrap())
    }

    /// Plans a file; gives what is told, and whether it can be carried out.
    fn plan(&self, sheet: &Sheet, more: &[&str]) -> (Value, bool) {
        self.plan_of(sheet.text().as_bytes(), more)
    }

    fn plan_of(&self, bytes: &[u8], more: &[&str]) -> (Value, bool) {
        std::fs::write(self.at.join("ret.csv"), bytes).unwrap();
        dtr_json(&self.at, &[&["plan", "ret.csv"], more].concat())
    }

    /// Plans the file that was planned last, and carries it out as it was shown.
    fn carry_out(&self, told: &Value, more: &[&str]) -> (Value, bool) {
        let digest = told["plan"]["digest"].as_str().unwrap();
        let carry = [
            "plan",
            "ret.csv",
            "--udfoer",
            digest,
            "--sagsnummer",
            "SAG-7",
        ];
        dtr_json(&self.at, &[&carry, more].concat())
    }

    /// Has the operator carry out a message.
    fn support(&self, message: &str) {
        std::fs::write(self.at.join("besked.xml"), message).unwrap();
        let arguments = ["support", "besked.xml", "--sagsnummer", "SAG-1", "--udfoer"];
        let done = dtr(&self.at, &arguments);
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stdout)
        );
    }

    fn last_change(&self) -> u64 {
        dtr_json(&self.at, &["status"]).0["sekvens"]
            .as_u64()
            .unwrap()
    }

    fn last_audit_line(&self) -> Value {
        audit_lines(&self.at, &[]).pop().unwrap()
    }
}

/// A CSV without quotes.
#[derive(Clone, PartialEq, Debug)]
struct Sheet {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    fn parse(text: &str) -> Self {
        let mut lines = text.trim_start_matches('\u{feff}').lines();
        let cells = |line: &str| line.split(';').map(str::to_owned).collect();
        Self {
            header: cells(lines.next().unwrap()),
            rows: lines.map(cells).collect(),
        }
    }

    fn text(&self) -> String {
        let lines = std::iter::once(&self.header).chain(&self.rows);
        let lines: Vec<_> = lines.map(|row| row.join(";")).collect();
        format!("\u{feff}{}\r\n", lines.join("\r\n"))
    }

    fn column(&self, name: &str) -> usize {
        let found = self.header.iter().position(|own| own == name);
        found.unwrap_or_else(|| panic!("{name}"))
    }

    fn at(&self, number: &str) -> usize {
        let numbers = [
            "daginstitutionsNummer",
            "anvisningsenhedsNummer",
            "alternativAdresseNummer",
        ];
        let columns = numbers.map(|name| self.column(name));
        let own = |row: &Vec<String>| {
            columns
                .iter()
                .rev()
                .find(|at| !row[**at].is_empty())
                .map(|at| row[*at].clone())
        };
        let found = self
            .rows
            .iter()
            .position(|row| own(row).as_deref() == Some(number));
        found.unwrap_or_else(|| panic!("{number}"))
    }

    fn set(&mut self, number: &str, column: &str, value: &str) {
        let (row, column) = (self.at(number), self.column(column));
        value.clone_into(&mut self.rows[row][column]);
    }

    /// A new row with these cells.
    fn push(&mut self, cells: &[(&str, &str)]) {
        let mut row = vec![String::new(); self.header.len()];
        for (name, value) in cells {
            (*value).clone_into(&mut row[self.column(name)]);
        }
        self.rows.push(row);
    }

    /// The same without some columns.
    fn without(&self, names: &[&str]) -> Self {
        let kept: Vec<usize> = (0..self.header.len())
            .filter(|at| !names.contains(&self.header[*at].as_str()))
            .collect();
        let of = |row: &Vec<String>| kept.iter().map(|at| row[*at].clone()).collect();
        Self {
            header: of(&self.header),
            rows: self.rows.iter().map(of).collect(),
        }
    }
}

/// The codes of a list, with the line and the column of each.
fn codes(list: &Value) -> Vec<String> {
    let told = |own: &Value| {
        let column = own["kolonnenavn"].as_str().unwrap_or("-");
        format!(
            "{} {} {column}",
            own["kode"].as_str().unwrap(),
            own["linje"]
        )
    };
    list.as_array().unwrap().iter().map(told).collect()
}

fn count(list: &Value) -> usize {
    list.as_array().unwrap().len()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn words(at: &Path, more: &[&str]) -> String {
    text(&dtr(at, &[&["plan", "ret.csv"], more].concat()).stdout)
}
