//! What came of judging a message without a register.

use serde_json::{Value, json};

use crate::problem::Problem;
use crate::xml::Positions;

/// What is left for the server to find, in Danish and in English.
pub const NOT_CHECKED: [(&str, &str); 6] = [
    (
        "om numre er kendte, åbne og af det rigtige niveau",
        "whether numbers are known, open and of the right level",
    ),
    (
        "forældre, tilbageblevne børn og flytninger",
        "parents, children left and moves",
    ),
    ("rettigheder og aftaler", "rights and agreements"),
    ("forventetVersion", "forventetVersion"),
    (
        "om wsa:MessageID er brugt før, og operatørens sagsnummer",
        "wsa:MessageID used before, the operator's sagsnummer",
    ),
    (
        "P-numre i CVR og adresser i DAR",
        "P-numbers in CVR and addresses in DAR",
    ),
];

/// What came of it.
#[derive(Debug)]
pub struct Judgement {
    /// The operation with its service, such as `import:v2/InsertDaginstitution`, when it could be told.
    pub operation: Option<String>,
    /// How many records the message has.
    pub records: usize,
    /// What is wrong, in the order of the message.
    pub problems: Vec<Problem>,
    /// How many more errors there were than were kept.
    pub more: usize,
    /// The decoded text that the problems' offsets point into.
    pub text: String,
}

impl Judgement {
    /// A message that could not be read as one.
    pub const fn refused(problems: Vec<Problem>, text: String) -> Self {
        Self {
            operation: None,
            records: 0,
            problems,
            more: 0,
            text,
        }
    }

    /// Whether it has no errors.
    pub fn is_good(&self) -> bool {
        self.errors() == 0
    }

    /// How many errors it has.
    pub fn errors(&self) -> usize {
        let own = self.problems.iter().filter(|problem| problem.is_error());
        own.count() + self.more
    }

    /// For programs, with the names that errors have in an answer (kontrakt §4).
    pub fn json(&self) -> Value {
        let mut positions = Positions::new(&self.text);
        let errors: Vec<_> = self
            .problems
            .iter()
            .map(|problem| error(problem, &mut positions))
            .collect();
        json!({
            "gyldig": self.is_good(),
            "operation": self.operation,
            "poster": self.records,
            "fejl": errors,
            "flereFejl": self.more,
        })
    }
}

fn error(problem: &Problem, positions: &mut Positions<'_>) -> Value {
    let at = problem.place.offset.map(|offset| positions.at(offset));
    json!({
        "kode": problem.entry.kode,
        "alvor": problem.entry.alvor.as_str(),
        "nr": problem.place.nr,
        "sti": problem.place.sti,
        "linje": at.map(|at| at.line),
        "kolonne": at.map(|at| at.column),
        "beskedDa": problem.da(),
        "beskedEn": problem.en(),
        "afhjaelpning": problem.hjaelp(),
    })
}
