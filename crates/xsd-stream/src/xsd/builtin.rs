//! The built-in datatypes, as entries of the table of simple types.

use super::datatype::{Lexical, Primitive, Value, WhiteSpace};
use super::simple::{ANY_SIMPLE, Bound, IdKind, SimpleId, SimpleType, Variety};

/// The namespace of schemas and of the built-in types.
pub(super) const XS: &str = "http://www.w3.org/2001/XMLSchema";

use Lexical as L;
use Primitive as P;

pub(super) const PRIMITIVES: [(&str, Primitive); 19] = [
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
    let any = SimpleType::new("xs:anySimpleType", Variety::Any, WhiteSpace::Preserve);
    let mut table = vec![SimpleType { base: None, ..any }];
    for (name, primitive) in PRIMITIVES {
        let white_space = match primitive {
            P::String => WhiteSpace::Preserve,
            _ => WhiteSpace::Collapse,
        };
        let variety = Variety::Atomic(primitive, L::Any);
        table.push(SimpleType::new(format!("xs:{name}"), variety, white_space));
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
        derived.white_space = match name {
            "normalizedString" => WhiteSpace::Replace,
            _ => WhiteSpace::Collapse,
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
        let item = find(&table, item).unwrap_or(ANY_SIMPLE);
        let mut list = SimpleType::list(format!("xs:{name}"), item, &table[item.0 as usize]);
        list.facets.min_length = Some(1);
        table.push(list);
    }
    table
}

/// The built-in type of this local name.
pub(super) fn find(table: &[SimpleType], local: &str) -> Option<SimpleId> {
    let mut names = table.iter().map(|t| t.name.strip_prefix("xs:"));
    let place = names.position(|name| name == Some(local))?;
    Some(SimpleId(place as u32))
}

fn derive(table: &[SimpleType], name: &str, base: &str) -> SimpleType {
    let base = find(table, base).unwrap_or(ANY_SIMPLE);
    SimpleType {
        name: format!("xs:{name}").into(),
        base: Some(base),
        ..table[base.0 as usize].clone()
    }
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
            let id = find(&table, name).unwrap();
            for text in good {
                assert_eq!(types.check(id, text, None), Ok(()), "{name} {text:?}");
            }
            for text in bad {
                assert!(types.check(id, text, None).is_err(), "{name} {text:?}");
            }
        }
    }
}
