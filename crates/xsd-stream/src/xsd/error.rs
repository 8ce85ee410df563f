//! What validation and compilation have to say.

use std::fmt;

use crate::xml::kinds::error_kinds;

/// Why a schema is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{document}:{line}:{column}: {constraint}: {message}")]
#[non_exhaustive]
pub struct SchemaError {
    /// Location of the schema document.
    pub document: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// The violated constraint by its name in the recommendation.
    pub constraint: &'static str,
    /// What is wrong, in English.
    pub message: String,
}

/// An error of a document against its schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {}: {kind}", self.constraint())]
#[non_exhaustive]
pub struct ValidationError {
    /// What is wrong, with what was found and expected.
    pub kind: ErrorKind,
    /// Byte offset in the decoded text.
    pub offset: usize,
    /// Where, by local names from the root, with positions where names repeat.
    pub path: String,
}

impl ValidationError {
    /// An error as a validator would give it, such as for a test of the texts
    /// that a program makes of errors.
    #[must_use]
    pub fn new(kind: ErrorKind, offset: usize, path: impl Into<String>) -> Self {
        Self {
            kind,
            offset,
            path: path.into(),
        }
    }

    /// The violated rule by its name in the recommendation (`cvc-…`).
    #[must_use]
    pub fn constraint(&self) -> &'static str {
        match self.kind {
            ErrorKind::FixedValue { .. } if self.path.contains("/@") => "cvc-attribute.4",
            _ => self.kind.constraint(),
        }
    }
}

/// The outcome of a validation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The errors in document order, as many as were to be kept.
    pub errors: Vec<ValidationError>,
    /// How many more there were.
    pub more: usize,
}

impl Report {
    /// True when the document is valid.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.errors.is_empty() && self.more == 0
    }
}

/// Names or values to choose from, written with commas.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Choices(pub Vec<String>);

impl fmt::Display for Choices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}

error_kinds! {
    /// The kinds of validation error; `args` gives the named values.
    pub enum ErrorKind {
        /// No global declaration for the root element.
        UnknownRoot { found: String, expected: Choices } = "no declaration for the root element '{found}'; expected one of: {expected}",
        /// An element that may not stand here.
        UnexpectedElement { found: String, expected: Choices, inside: String, namespace: String } = "unexpected element '{found}'; expected: {expected}",
        /// An element that had to come, before the one named if any; several where the element around them is empty.
        MissingElement { expected: Choices, before: String } = "missing element; expected: {expected}",
        /// An element that stands too early or too late: the ones that it comes after and before, `""` for none.
        MisplacedElement { found: String, after: String, before: String } = "the element '{found}' is out of place; it comes after '{after}' and before '{before}'",
        /// An element more often than it may occur.
        TooManyElements { found: String, limit: u32 } = "the element '{found}' occurs more than {limit} times",
        /// A name that is nearly that of an element which may stand here.
        MisspelledElement { found: String, meant: String } = "unknown element '{found}'; did you mean '{meant}'?",
        /// An element that belongs into another one.
        BelongsElsewhere { found: String, parent: String } = "the element '{found}' belongs into '{parent}'",
        /// The right local name in another namespace, which is said once of each two namespaces.
        WrongNamespace { found: String, namespace: String, expected: String } = "the element '{found}' is in the namespace '{namespace}', must be in '{expected}'",
        /// A wildcard wants a declaration, and there is none.
        UndeclaredElement { found: String } = "no declaration for the element '{found}'",
        /// An element inside simple content.
        ElementNotAllowed { found: String } = "no child elements are allowed here, found '{found}'",
        /// Characters where only elements may stand.
        TextNotAllowed { found: String, expected: Choices } = "text is not allowed here: '{found}'",
        /// Anything inside an element declared empty.
        NotEmpty { found: String } = "the element must be empty, found '{found}'",
        /// The declaration is abstract.
        AbstractElement { found: String } = "the element '{found}' is abstract",
        /// The type is abstract.
        AbstractType { type_name: String } = "the type '{type_name}' is abstract",
        /// `xsi:type` names nothing that is known.
        UnknownType { value: String } = "xsi:type '{value}' names no type",
        /// `xsi:type` names a type that may not stand for the declared one.
        WrongType { value: String, expected: String } = "xsi:type '{value}' is not allowed in place of '{expected}'",
        /// `xsi:nil` on an element that is not nillable.
        NotNillable = "the element is not nillable",
        /// An element with `xsi:nil` that has content.
        NilNotEmpty = "an element with xsi:nil must be empty",
        /// A nilled element with a fixed value.
        NilFixed = "an element with a fixed value can't be nil",
        /// An attribute that is not declared here.
        UnknownAttribute { found: String } = "the attribute '{found}' is not allowed here",
        /// An attribute whose name is nearly that of one which is.
        MisspelledAttribute { found: String, meant: String } = "the attribute '{found}' is not allowed here; did you mean '{meant}'?",
        /// A required attribute is missing.
        MissingAttribute { expected: String } = "the attribute '{expected}' is missing",
        /// An element without a value, of a type that asks for one; `rule` is what it breaks.
        EmptyValue { type_name: String, optional: bool, rule: &'static str } = "the element is empty and must have a value",
        /// A value that is not in the lexical space of its type.
        InvalidLexical { type_name: String, value: String } = "'{value}' is not a valid {type_name}",
        /// A value that is of no member type of a union.
        InvalidUnion { type_name: String, value: String } = "'{value}' is valid for no member of {type_name}",
        /// A value that does not match the pattern.
        Pattern { value: String, pattern: String, type_name: String } = "'{value}' does not match the pattern {pattern} of {type_name}",
        /// A value that is not among the allowed ones.
        Enumeration { value: String, allowed: Choices, type_name: String } = "'{value}' is not one of: {allowed}",
        /// A length other than the one required.
        Length { value: String, limit: u64, actual: u64 } = "'{value}' has length {actual}, must have {limit}",
        /// Too short.
        TooShort { value: String, limit: u64, actual: u64 } = "'{value}' has length {actual}, at least {limit} is required",
        /// Too long.
        TooLong { value: String, limit: u64, actual: u64 } = "'{value}' has length {actual}, at most {limit} is allowed",
        /// Below an inclusive minimum.
        MinInclusive { value: String, limit: String } = "{value} is less than {limit}",
        /// Not above an exclusive minimum.
        MinExclusive { value: String, limit: String } = "{value} is not greater than {limit}",
        /// Above an inclusive maximum.
        MaxInclusive { value: String, limit: String } = "{value} is greater than {limit}",
        /// Not below an exclusive maximum.
        MaxExclusive { value: String, limit: String } = "{value} is not less than {limit}",
        /// Too many digits.
        TotalDigits { value: String, limit: u64, actual: u64 } = "{value} has {actual} digits, at most {limit} are allowed",
        /// Too many digits after the point.
        FractionDigits { value: String, limit: u64, actual: u64 } = "{value} has {actual} digits after the point, at most {limit} are allowed",
        /// An element or attribute with a value other than the fixed one.
        FixedValue { value: String, expected: String } = "'{value}' is not the fixed value '{expected}'",
        /// An ID that occurs twice.
        DuplicateId { value: String } = "the ID '{value}' occurs twice",
        /// A value of type ENTITY: entities are declared in a DTD, and there is none.
        UndeclaredEntity { value: String } = "the entity '{value}' is not declared",
        /// An IDREF without ID.
        UnknownIdref { value: String } = "no element has the ID '{value}'",
        /// More than one ID attribute by wildcard.
        SecondId { found: String } = "a second attribute of type ID, '{found}'",
        /// A key or unique value that occurs twice.
        DuplicateKey { constraint: String, value: String } = "the value ({value}) of '{constraint}' occurs twice",
        /// A key with a field missing.
        IncompleteKey { constraint: String, field: String } = "the field {field} of '{constraint}' is missing",
        /// A field that selects several nodes or none with a simple value.
        BadKeyField { constraint: String, field: String } = "the field {field} of '{constraint}' is not one simple value",
        /// A keyref without key.
        UnknownKeyref { constraint: String, value: String } = "no key matches the value ({value}) of '{constraint}'",
    }
}

impl ErrorKind {
    /// The violated rule by its name in the recommendation.
    #[must_use]
    pub fn constraint(&self) -> &'static str {
        match self {
            Self::UnknownRoot { .. } => "cvc-elt.1",
            Self::UnexpectedElement { .. } => "cvc-complex-type.2.4.a",
            Self::MissingElement { before, .. } if before.is_empty() => "cvc-complex-type.2.4.b",
            Self::MissingElement { .. }
            | Self::MisplacedElement { .. }
            | Self::MisspelledElement { .. }
            | Self::BelongsElsewhere { .. }
            | Self::WrongNamespace { .. } => "cvc-complex-type.2.4.a",
            Self::TooManyElements { .. } => "cvc-complex-type.2.4.d",
            Self::UndeclaredElement { .. } => "cvc-complex-type.2.4.c",
            Self::ElementNotAllowed { .. } => "cvc-type.3.1.2",
            Self::TextNotAllowed { .. } => "cvc-complex-type.2.3",
            Self::NotEmpty { .. } => "cvc-complex-type.2.1",
            Self::AbstractElement { .. } => "cvc-elt.2",
            Self::AbstractType { .. } => "cvc-type.2",
            Self::UnknownType { .. } => "cvc-elt.4.2",
            Self::WrongType { .. } => "cvc-elt.4.3",
            Self::NotNillable => "cvc-elt.3.1",
            Self::NilNotEmpty => "cvc-elt.3.2.1",
            Self::NilFixed => "cvc-elt.3.2.2",
            Self::UnknownAttribute { .. } | Self::MisspelledAttribute { .. } => {
                "cvc-complex-type.3.2.2"
            }
            Self::MissingAttribute { .. } => "cvc-complex-type.4",
            Self::EmptyValue { rule, .. } => rule,
            Self::InvalidLexical { .. } => "cvc-datatype-valid.1.2.1",
            Self::InvalidUnion { .. } => "cvc-datatype-valid.1.2.3",
            Self::Pattern { .. } => "cvc-pattern-valid",
            Self::Enumeration { .. } => "cvc-enumeration-valid",
            Self::Length { .. } => "cvc-length-valid",
            Self::TooShort { .. } => "cvc-minLength-valid",
            Self::TooLong { .. } => "cvc-maxLength-valid",
            Self::MinInclusive { .. } => "cvc-minInclusive-valid",
            Self::MinExclusive { .. } => "cvc-minExclusive-valid",
            Self::MaxInclusive { .. } => "cvc-maxInclusive-valid",
            Self::MaxExclusive { .. } => "cvc-maxExclusive-valid",
            Self::TotalDigits { .. } => "cvc-totalDigits-valid",
            Self::FractionDigits { .. } => "cvc-fractionDigits-valid",
            Self::FixedValue { .. } => "cvc-elt.5.2.2.2",
            Self::DuplicateId { .. } => "cvc-id.2",
            Self::UndeclaredEntity { .. } => "cvc-simple-type.2",
            Self::UnknownIdref { .. } => "cvc-id.1",
            Self::SecondId { .. } => "cvc-complex-type.5.1",
            Self::DuplicateKey { .. } => "cvc-identity-constraint.4.1",
            Self::IncompleteKey { .. } => "cvc-identity-constraint.4.2.1",
            Self::BadKeyField { .. } => "cvc-identity-constraint.3",
            Self::UnknownKeyref { .. } => "cvc-identity-constraint.4.3",
        }
    }
}

/// A value for an error: at most 80 characters, control characters visible.
pub(super) fn excerpt(value: &str) -> String {
    let mut out = String::new();
    for (i, c) in value.chars().enumerate() {
        if i == 80 {
            out.push('…');
            break;
        }
        match c {
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}
