//! From what the validator found to the catalogue: which entry, and the words that depend on the field and its type.

use crate::xsd::{ErrorKind, ValidationError};

use super::form::{self, Form};
use super::{Entry, Place, Problem, Sprog, schema, zone};

/// Elements of records that came with version 2.
const ONLY_V2: [&str; 5] = [
    "gyldigFra",
    "afloeser",
    "lukkeaarsag",
    "skolensInstitutionsnummer",
    "afloestAf",
];

/// A message that the schema refuses. The record's position is read off the path.
pub fn from_schema(error: &ValidationError) -> Problem {
    let (path, kind) = (error.path.as_str(), &error.kind);
    let place = Place {
        nr: record_of(path),
        sti: Some(error.path.clone()),
        offset: Some(error.offset),
    };
    if let Some(problem) = zone::problem(kind, path) {
        return problem.at(place);
    }
    let problem = Problem {
        values: kind.args(),
        ..Problem::new(entry(kind))
    };
    let (field, over) = field_of(path);
    let problem = problem
        .with("regel", error.constraint())
        .with("felt", field)
        .with("over", over)
        .at(place);
    worded(problem, kind)
}

/// The last step of a path without its position, and the one before it.
fn field_of(path: &str) -> (&str, &str) {
    let name = |step: &'_ str| -> usize { step.find('[').unwrap_or(step.len()) };
    let mut steps = path.rsplit('/').map(|step| &step[..name(step)]);
    let field = steps.next().unwrap_or_default().trim_start_matches('@');
    (field, steps.next().unwrap_or_default())
}

/// The position of the second step, such as 3 in `/InsertDaginstitution/daginstitution[3]/ejerformKode`.
fn record_of(path: &str) -> Option<u32> {
    let step = path.split('/').nth(2)?;
    step.split_once('[')?.1.strip_suffix(']')?.parse().ok()
}

/// Kinds that no schema of the contract can give rise to have no entry of their own: the general one names the rule.
fn entry(kind: &ErrorKind) -> &'static Entry {
    match kind {
        ErrorKind::UnknownRoot { .. } => &schema::UKENDT_ROD,
        ErrorKind::UnexpectedElement { expected, .. } if expected.0.is_empty() => {
            &schema::INTET_MERE
        }
        ErrorKind::UnexpectedElement { .. } => &schema::UVENTET_ELEMENT,
        ErrorKind::MissingElement { expected, .. } if expected.0.is_empty() => &schema::UGYLDIG,
        ErrorKind::MissingElement { .. } => &schema::MANGLENDE_ELEMENT,
        ErrorKind::TooManyElements { .. } => &schema::FOR_MANGE_GANGE,
        ErrorKind::MisplacedElement { .. } => &schema::FORKERT_PLADS,
        ErrorKind::BelongsElsewhere { .. } => &schema::HOERER_TIL_ANDET,
        ErrorKind::WrongNamespace { .. } => &schema::FORKERT_NAVNERUM,
        ErrorKind::MisspelledElement { .. } => &schema::ELEMENT_STAVET,
        ErrorKind::MisspelledAttribute { .. } => &schema::ATTRIBUT_STAVET,
        ErrorKind::ElementNotAllowed { .. } => &schema::ELEMENT_I_VAERDI,
        ErrorKind::TextNotAllowed { .. } => &schema::TEKST_MELLEM_ELEMENTER,
        ErrorKind::NotEmpty { .. } => &schema::SKAL_VAERE_TOM,
        ErrorKind::UnknownAttribute { .. } => &schema::UKENDT_ATTRIBUT,
        ErrorKind::MissingAttribute { .. } => &schema::MANGLENDE_ATTRIBUT,
        ErrorKind::EmptyValue { .. } => &schema::TOM_VAERDI,
        ErrorKind::InvalidLexical { .. } => &schema::FORKERT_VAERDI,
        ErrorKind::Pattern { .. } => &schema::MOENSTER,
        ErrorKind::Enumeration { .. } => &schema::IKKE_PAA_LISTE,
        ErrorKind::TooLong { .. } => &schema::FOR_LANG,
        ErrorKind::MinInclusive { .. } => &schema::FOR_LILLE,
        ErrorKind::MaxInclusive { .. } => &schema::FOR_STOR,
        ErrorKind::FractionDigits { .. } => &schema::FOR_MANGE_DECIMALER,
        ErrorKind::UnknownType { .. } | ErrorKind::WrongType { .. } => &schema::XSI_TYPE,
        ErrorKind::NotNillable => &schema::XSI_NIL,
        _ => &schema::UGYLDIG,
    }
}

/// Adds the words that are others in each language.
fn worded(problem: Problem, kind: &ErrorKind) -> Problem {
    match kind {
        ErrorKind::MissingElement { expected, before } => {
            let [field, over] = ["felt", "over"].map(|name| problem.value(name, Sprog::Dansk));
            let place = match before.as_str() {
                "" if expected.0.len() > 1 => {
                    words!("{field} er tomt", "{field} is empty")
                }
                "" => words!("det skal stå sidst i {over}", "it must come last in {over}"),
                next => words!("det skal stå før {next}", "it must come before {next}"),
            };
            let are = if expected.0.len() == 1 {
                "is missing"
            } else {
                "are missing"
            };
            problem
                .with_words("hvor", place)
                .with_words("er", ["mangler", are])
        }
        ErrorKind::MisplacedElement { after, before, .. } => {
            let place = match after.as_str() {
                "" => words!("før {before}", "before {before}"),
                after => words!("efter {after}", "after {after}"),
            };
            problem.with_words("hvor", place)
        }
        ErrorKind::TooManyElements { limit, .. } => problem.with_words(
            "gange",
            match limit {
                1 => words!("én gang", "once"),
                limit => words!("{limit} gange", "{limit} times"),
            },
        ),
        ErrorKind::WrongNamespace {
            namespace,
            expected,
            ..
        } => wrong_namespace(problem, namespace, expected),
        ErrorKind::UnexpectedElement {
            found, namespace, ..
        } => {
            let newer = namespace.ends_with(":v1") && ONLY_V2.contains(&found.as_str());
            let why = match newer {
                true => words!(
                    "{found} findes kun i version 2 af tjenesten. ",
                    "{found} exists only in version 2 of the service. "
                ),
                false => [String::new(), String::new()],
            };
            problem.with_words("grund", why)
        }
        ErrorKind::UnknownRoot { expected, .. } => {
            let calls = expected.0.iter().filter(|name| !name.ends_with("Response"));
            let names: Vec<&str> = calls.map(String::as_str).collect();
            let mut problem = problem;
            problem.values.retain(|(name, _)| *name != "expected");
            problem.with("expected", names.join(", "))
        }
        ErrorKind::EmptyValue {
            type_name,
            optional,
            ..
        } => {
            let form = Form::of(type_name);
            let advice = match (optional, form) {
                (true, _) => words!(
                    "udelad feltet, når det ingen værdi har",
                    "leave the field out when it has no value"
                ),
                (false, Some(Form { form, .. })) => [
                    format!("feltet er obligatorisk; skriv {}", form[0]),
                    format!("the field is mandatory; write {}", form[1]),
                ],
                (false, None) => words!(
                    "feltet er obligatorisk; skriv en værdi",
                    "the field is mandatory; write a value"
                ),
            };
            problem.with_words("raad", advice)
        }
        ErrorKind::InvalidLexical { type_name, value }
        | ErrorKind::Pattern {
            type_name, value, ..
        } => wrong_value(problem, kind, type_name, value),
        _ => problem,
    }
}

fn wrong_namespace(problem: Problem, found: &str, expected: &str) -> Problem {
    let found = match found {
        "" => words!("uden navnerum", "in no namespace"),
        found => words!("i navnerummet {found}", "in the namespace {found}"),
    };
    let right = match expected {
        "" => words!("uden navnerum", "in none"),
        right => [right.to_owned(), right.to_owned()],
    };
    problem.with_words("fundet", found).with_words("ret", right)
}

/// What a value should have been, and what the one that was sent looks like.
fn wrong_value(problem: Problem, kind: &ErrorKind, type_name: &str, value: &str) -> Problem {
    let of_type = || words!("af typen {type_name}", "of the type {type_name}");
    let problem = match (Form::of(type_name), kind) {
        (Some(Form { called, form }), _) => {
            problem.with_words("hvad", called).with_words("form", form)
        }
        (None, ErrorKind::Pattern { pattern, .. }) => {
            let form = words!(
                "en værdi af formen {pattern}",
                "a value of the form {pattern}"
            );
            problem
                .with_words("hvad", of_type())
                .with_words("form", form)
        }
        (None, _) => {
            let form = words!(
                "værdien, som {type_name} skrives",
                "the value as {type_name} is written"
            );
            problem
                .with_words("hvad", of_type())
                .with_words("form", form)
        }
    };
    problem.with_words("grund", form::reason(type_name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kind: ErrorKind, path: &str) -> Problem {
        from_schema(&ValidationError::new(kind, 7, path))
    }

    #[test]
    fn a_kind_without_an_entry_names_its_rule() {
        let path = "/InsertDaginstitution/daginstitution[3]/ejerformKode";
        let problem = told(ErrorKind::NilNotEmpty, path);
        assert_eq!(problem.entry, &schema::UGYLDIG);
        assert!(problem.da().contains("cvc-elt.3.2.1"), "{}", problem.da());
        assert_eq!((problem.place.nr, problem.place.offset), (Some(3), Some(7)));
    }

    #[test]
    fn values_are_told_by_field_type_and_cause() {
        let value = |type_name: &str, value: &str| ErrorKind::InvalidLexical {
            type_name: type_name.into(),
            value: value.into(),
        };
        let problem = told(value("Dato", "2026-02-30"), "/a/b[1]/gyldigFra");
        assert_eq!(problem.da(), "gyldigFra: \"2026-02-30\" er ikke en dato.");
        let [da, en] = problem.remedies();
        assert!(
            da.starts_with("30. februar findes ikke. Skriv ÅÅÅÅ-MM-DD"),
            "{da}"
        );
        assert!(
            en.starts_with("There is no 30 February. Write YYYY-MM-DD"),
            "{en}"
        );
        let [da, en] = told(value("GeoBredde", "56,1"), "/a/b[1]/adresse/geoBredde").remedies();
        assert!(da.contains("decimalpunktum") && da.contains("56.1"), "{da}");
        assert!(en.contains("decimal point") && en.contains("56.1"), "{en}");
    }
}
