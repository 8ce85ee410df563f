//! The built-in datatypes, as entries of the table of simple types.

use super::datatype::{Lexical, Primitive, Value, WhiteSpace};
use super::simple::{Bound, Facets, IdKind, SimpleId, SimpleType, Variety};
use super::tables::Methods;

/// The namespace of schemas and of the built-in types.
pub(super) const XS: &str = "http://www.w3.org/2001/XMLSchema";

/// xs:anySimpleType, always the first.
pub(super) const ANY_SIMPLE: SimpleId = SimpleId(0);

use Lexical as L;
use Primitive as P;

const PRIMITIVES: [(&str, Primitive); 19] = [
    ("string", P::String),
    ("boolean", P::Boolean),
    ("decimal", P::Decimal),
    ("float", P::Float),
    ("double", P::Double),
    ("duration", P::Duration),
    ("dateTime", P::DateTime),
    ("time", P::Time),
    ("date", P::Date),
    ("gYearMonth", P::YearMonth),
    ("gYear", P::Year),
    ("gMonthDay", P::MonthDay),
    ("gDay", P::Day),
    ("gMonth", P::Month),
    ("hexBinary", P::HexBinary),
    ("base64Binary", P::Base64Binary),
    ("anyURI", P::AnyUri),
    ("QName", P::QName),
    ("NOTATION", P::Notation),
];

/// Name, base, lexical space, inclusive bounds (`""` for none).
const INTEGERS: [(&str, &str, &str, &str); 13] = [
    ("integer", "decimal", "", ""),
    ("nonPositiveInteger", "integer", "", "0"),
    ("negativeInteger", "nonPositiveInteger", "", "-1"),
    (
        "long",
        "integer",
        "-9223372036854775808",
        "9223372036854775807",
    ),
    ("int", "long", "-2147483648", "2147483647"),
    ("short", "int", "-32768", "32767"),
    ("byte", "short", "-128", "127"),
    ("nonNegativeInteger", "integer", "0", ""),
    (
        "unsignedLong",
        "nonNegativeInteger",
        "0",
        "18446744073709551615",
    ),
    ("unsignedInt", "unsignedLong", "0", "4294967295"),
    ("unsignedShort", "unsignedInt", "0", "65535"),
    ("unsignedByte", "unsignedShort", "0", "255"),
    ("positiveInteger", "nonNegativeInteger", "1", ""),
];

const STRINGS: [(&str, &str, Lexical); 9] = [
    ("normalizedString", "string", L::Any),
    ("token", "normalizedString", L::Any),
    ("language", "token", L::Language),
    ("NMTOKEN", "token", L::NmToken),
    ("Name", "token", L::Name),
    ("NCName", "Name", L::NcName),
    ("ID", "NCName", L::NcName),
    ("IDREF", "NCName", L::NcName),
    ("ENTITY", "NCName", L::NcName),
];

const LISTS: [(&str, &str); 3] = [
    ("NMTOKENS", "NMTOKEN"),
    ("IDREFS", "IDREF"),
    ("ENTITIES", "ENTITY"),
];

/// All built-in simple types; their local names stand after `xs:`.
pub(super) fn builtin_types() -> Vec<SimpleType> {
    let mut table = vec![SimpleType {
        name: "xs:anySimpleType".into(),
        base: None,
        variety: Variety::Any,
        white_space: WhiteSpace::Preserve,
        facets: Facets::default(),
        id_kind: IdKind::None,
        final_methods: Methods::default(),
        weight: 1,
        fixed_facets: Vec::new(),
    }];
    for (name, primitive) in PRIMITIVES {
        let white_space = if primitive == P::String {
            WhiteSpace::Preserve
        } else {
            WhiteSpace::Collapse
        };
        table.push(SimpleType {
            name: format!("xs:{name}").into(),
            base: Some(ANY_SIMPLE),
            variety: Variety::Atomic(primitive, L::Any),
            white_space,
            facets: Facets::default(),
            id_kind: IdKind::None,
            final_methods: Methods::default(),
            weight: 1,
            fixed_facets: Vec::new(),
        });
    }
    for (name, base, min, max) in INTEGERS {
        let mut derived = derive(&table, name, base);
        derived.variety = Variety::Atomic(P::Decimal, L::Integer);
        derived.facets.fraction_digits = Some(0);
        for (lexical, bound) in [
            (min, &mut derived.facets.min_inclusive),
            (max, &mut derived.facets.max_inclusive),
        ] {
            if let Some(value) = Value::parse(P::Decimal, lexical, None) {
                *bound = Some(Bound {
                    value,
                    lexical: lexical.into(),
                });
            }
        }
        table.push(derived);
    }
    for (name, base, lexical) in STRINGS {
        let mut derived = derive(&table, name, base);
        derived.variety = Variety::Atomic(P::String, lexical);
        derived.white_space = if name == "normalizedString" {
            WhiteSpace::Replace
        } else {
            WhiteSpace::Collapse
        };
        derived.id_kind = match name {
            "ID" => IdKind::Id,
            "IDREF" => IdKind::Idref,
            "ENTITY" => IdKind::Entity,
            _ => IdKind::None,
        };
        table.push(derived);
    }
    for (name, item) in LISTS {
        let item = find(&table, item);
        table.push(SimpleType {
            name: format!("xs:{name}").into(),
            base: Some(ANY_SIMPLE),
            variety: Variety::List(item),
            white_space: WhiteSpace::Collapse,
            facets: Facets {
                min_length: Some(1),
                ..Facets::default()
            },
            id_kind: match name {
                "IDREFS" => IdKind::Idref,
                "ENTITIES" => IdKind::Entity,
                _ => IdKind::None,
            },
            final_methods: Methods::default(),
            weight: 1,
            fixed_facets: Vec::new(),
        });
    }
    table
}

/// The built-in type of this local name; the table holds it for every name
/// that this module gives.
pub(super) fn find(table: &[SimpleType], local: &str) -> SimpleId {
    let place = table
        .iter()
        .position(|t| t.name.strip_prefix("xs:") == Some(local));
    SimpleId(place.unwrap_or(0) as u32)
}

fn derive(table: &[SimpleType], name: &str, base: &str) -> SimpleType {
    let id = find(table, base);
    let mut derived = table[id.0 as usize].clone();
    derived.name = format!("xs:{name}").into();
    derived.base = Some(id);
    derived
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xsd::simple::SimpleTypes;

    #[test]
    fn values_of_builtin_types() {
        let table = builtin_types();
        let types = SimpleTypes(&table);
        assert_eq!(table.len(), 45);
        for (name, good, bad) in [
            ("boolean", &["true", " 0 "][..], &["TRUE", "2", ""][..]),
            (
                "int",
                &["2147483647", "-0", "+007", " 1\n"],
                &["2147483648", "1.0", "1e1", "", "a"],
            ),
            ("byte", &["127", "-128"], &["128", "-129"]),
            (
                "unsignedLong",
                &["18446744073709551615"],
                &["18446744073709551616", "-1"],
            ),
            (
                "positiveInteger",
                &["1", "99999999999999999999999999"],
                &["0", "-1"],
            ),
            ("negativeInteger", &["-1"], &["0"]),
            ("decimal", &["1", ".5", "1.", "-0.50"], &["1,5", "", "."]),
            (
                "float",
                &["1", "-1.5E-3", "INF", "-INF", "NaN"],
                &["+INF", "inf", "nan", "1e", "0x1", "infinity"],
            ),
            ("date", &["2024-02-29"], &["2023-02-29", "2024-2-1"]),
            ("string", &["", " \n "], &[]),
            ("token", &["a b", "  a  "], &[]),
            ("language", &["da"], &["da_DK", ""]),
            ("NCName", &["a"], &["a:b", "1"]),
            ("NMTOKEN", &["1a:b"], &["a b", ""]),
            ("NMTOKENS", &["1 2", "x"], &["", " "]),
            ("anyURI", &["", "http://x/å b", "#a", "%20"], &["%", "%zz"]),
            ("hexBinary", &["0AFf", ""], &["0", "x0"]),
            ("base64Binary", &["aGVq", ""], &["a"]),
            ("QName", &[], &["a:b:c", "1"]),
        ] {
            let id = find(&table, name);
            for text in good {
                assert_eq!(types.check(id, text, None), Ok(()), "{name} {text:?}");
            }
            for text in bad {
                assert!(types.check(id, text, None).is_err(), "{name} {text:?}");
            }
        }
    }
}
