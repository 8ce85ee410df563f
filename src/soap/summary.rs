//! The errors of a refusal in a line of the log: enough to answer a vendor on the telephone, and nothing that it sent.

use std::fmt::Write as _;

use crate::contract::Operation;
use crate::message::Build;
use crate::problem::Problem;

/// The most errors that a line names.
const LOGGED: usize = 5;
/// The most steps of a path that it names.
const STEPS: usize = 8;

/// The names of a message that a line may show: those of the contract. What else a caller called an element could be anything.
#[derive(Debug, Clone, Copy)]
pub struct Names {
    operation: &'static str,
    knows: fn(&str) -> bool,
}

impl Names {
    /// No names.
    pub(super) const NONE: Self = Self {
        operation: "?",
        knows: |_| false,
    };

    /// Those of an operation whose message is built so.
    pub fn of<B: Build>(operation: &Operation) -> Self {
        Self {
            operation: operation.name,
            knows: B::knows,
        }
    }

    fn has(self, name: &str) -> bool {
        name == self.operation || (self.knows)(name)
    }
}

/// Code and path of the first errors: `DTR4004 /InsertDaginstitution/daginstitution[1]/navn; …`. None where there is none.
pub(super) fn summary(names: Names, problems: &[Problem], more: usize) -> Option<Box<str>> {
    let mut errors = problems.iter().filter(|problem| problem.is_error());
    let mut text = String::new();
    for problem in errors.by_ref().take(LOGGED) {
        if !text.is_empty() {
            text.push_str("; ");
        }
        text.push_str(problem.entry.kode);
        if let Some(sti) = &problem.place.sti {
            text.push(' ');
            path(&mut text, names, sti);
        }
    }
    let left = errors.count() + more;
    if left > 0 && !text.is_empty() {
        // Writing to a String cannot fail.
        let _ = write!(text, "; and {left} more");
    }
    (!text.is_empty()).then(|| text.into())
}

/// A path with the contract's names alone.
fn path(text: &mut String, names: Names, sti: &str) {
    for step in sti.split('/').filter(|step| !step.is_empty()).take(STEPS) {
        let (name, position) = match step.split_once('[') {
            Some((name, rest)) => (name, rest.strip_suffix(']')),
            None => (step, None),
        };
        text.push('/');
        text.push_str(if names.has(name) { name } else { "?" });
        if let Some(position) = position.filter(|of| of.bytes().all(|b| b.is_ascii_digit())) {
            text.push('[');
            text.push_str(position);
            text.push(']');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Names, summary};
    use crate::contract::Operation;
    use crate::message::Builder;
    use crate::problem::{Place, Problem, register, schema};

    fn at(sti: &str) -> Problem {
        Problem::new(&schema::UVENTET_ELEMENT).at(Place {
            sti: Some(sti.to_owned()),
            ..Place::NOWHERE
        })
    }

    #[test]
    fn a_path_has_the_contracts_names_and_no_others() {
        let operation = Operation::writes("InsertDaginstitution", "importSvar");
        let names = Names::of::<Builder>(&operation);
        let told = summary(
            names,
            &[
                at("/InsertDaginstitution/daginstitution[2]/navn"),
                at("/InsertDaginstitution/hemmelig0101011234[1]/adresse[x]/@forventetVersion"),
                Problem::new(&register::SIDSTE_ENHED),
            ],
            3,
        );
        let kode = schema::UVENTET_ELEMENT.kode;
        let wanted = format!(
            "{kode} /InsertDaginstitution/daginstitution[2]/navn; \
             {kode} /InsertDaginstitution/?[1]/adresse/@forventetVersion; and 3 more"
        );
        assert_eq!(told.as_deref(), Some(wanted.as_str()));
        assert_eq!(
            summary(names, &[Problem::new(&register::SIDSTE_ENHED)], 0),
            None
        );
    }
}
