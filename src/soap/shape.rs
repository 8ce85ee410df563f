//! Whether a message has the right shape: what its schema says, and the two rules that stand beside the schema.
//!
//! The schemas give the parameters `proeve`, `inkluderNedlagte` and `maksAntal` a default, so that generated clients send
//! them whenever they are set to another value: without one, .NET leaves out `proeve` unless a second property is set as
//! well, and a dry run would be carried out. By the recommendation an empty element then means the default. Nobody who
//! sends an empty one can be known to mean that, so it is refused here; the validator stays as the recommendation has it.
//!
//! An instant is a plain `xs:dateTime` in the schema, for stacks write a restricted one as they write any text; that it
//! needs a zone is said here.

use crate::message::{Field, Message};
use crate::problem::{self, Parameter, Place, Problem, soap};
use crate::register::Tidspunkt;
use crate::xsd::Report;

/// What is wrong with a message's shape.
#[derive(Debug, Default)]
pub struct Shape {
    /// In the order in which it was found.
    pub problems: Vec<Problem>,
    /// How many more errors there were than are kept.
    pub more: usize,
}

impl Shape {
    /// What is wrong with a message of this operation.
    pub fn of(operation: &str, report: &Report, message: &Message) -> Self {
        let mut problems: Vec<_> = report.errors.iter().map(problem::from_schema).collect();
        for (field, default) in &message.empty {
            let place = Place {
                sti: Some(format!("/{operation}/{}", field.name())),
                ..Place::offset(default.offset)
            };
            let problem = Problem::new(&soap::TOM_PARAMETER)
                .with("felt", field.name())
                .with("standard", &default.text);
            problems.push(problem.at(place));
        }
        let instants = message.parameters.iter();
        for (field, value) in instants.filter(|(field, _)| *field == Field::Tidspunkt) {
            let place = Place {
                sti: Some(format!("/{operation}/{}", field.name())),
                ..Place::offset(value.offset)
            };
            problems.extend(instant(*field, &value.text).map(|problem| problem.at(place)));
        }
        Self {
            problems,
            more: report.more,
        }
    }

    /// Whether nothing is wrong.
    pub fn is_valid(&self) -> bool {
        self.problems.is_empty() && self.more == 0
    }
}

/// What keeps a valid `xs:dateTime` from being one certain instant of the register's calendar.
fn instant(field: Field, text: &str) -> Option<Problem> {
    if Tidspunkt::parse(text).is_ok() {
        return None;
    }
    let problem = match Tidspunkt::parse(&format!("{text}Z")) {
        Ok(_) => Problem::new(&soap::TID_UDEN_ZONE).with("felt", field.name()),
        Err(_) => {
            let allowed = "0001-01-01T00:00:00Z, …, 9999-12-31T23:59:59Z";
            problem::parameter(field.name(), text, Parameter::Invalid(allowed))
        }
    };
    Some(problem.with("vaerdi", text))
}
