//! Parameters of a document's address: what is wrong with one, and what may be asked.

use super::{Problem, http};

/// Why a parameter can't be used.
#[derive(Debug, Clone, Copy)]
pub enum Parameter<'a> {
    /// The document has no such parameter; these are all it has, `""` for none.
    Unknown(&'a str),
    /// Its value is not one of these.
    Invalid(&'a str),
    /// It stands there twice.
    Twice,
}

/// The refusal of a parameter of this name and value.
pub fn parameter(name: &str, value: &str, why: Parameter<'_>) -> Problem {
    let both = |text: &str| [text.to_owned(), text.to_owned()];
    let (what, advice, allowed) = match why {
        Parameter::Unknown(known) => (
            words!("Ukendt parameter {name}", "Unknown parameter {name}"),
            ["Kendte parametre", "Known parameters"],
            match known {
                "" => words!("ingen", "none"),
                known => both(known),
            },
        ),
        Parameter::Invalid(allowed) => (
            words!(
                "Ugyldig værdi {value} for {name}",
                "Invalid value {value} for {name}"
            ),
            ["Tilladt", "Allowed"],
            both(allowed),
        ),
        Parameter::Twice => (
            words!(
                "Parameteren {name} står flere gange",
                "The parameter {name} is given more than once"
            ),
            ["Tilladt", "Allowed"],
            words!("én gang", "once"),
        ),
    };
    Problem::new(&http::PARAMETER)
        .with_words("hvad", what)
        .with_words("raad", advice)
        .with_words("tilladt", allowed)
}
