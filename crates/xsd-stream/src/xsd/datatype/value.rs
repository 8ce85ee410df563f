//! A value of any primitive type.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::duration::Duration;
use super::lexical::{base64, hex};
use super::temporal::Temporal;
use super::{Decimal, Primitive, Scope, is_uri};
use crate::xml::is_ncname;

/// A value; borrows from the lexical form where it can.
#[derive(Debug, Clone)]
pub(in crate::xsd) enum Value<'a> {
    Text(Cow<'a, str>),
    Uri(Cow<'a, str>),
    Boolean(bool),
    Decimal(Decimal<'a>),
    Float(f32),
    Double(f64),
    Duration(Duration),
    Temporal(Temporal),
    Hex(Vec<u8>),
    Base64(Vec<u8>),
    /// Namespace and local name, of a QName or a NOTATION.
    Name(Cow<'a, str>, Cow<'a, str>),
    List(Vec<Value<'a>>),
}

impl<'a> Value<'a> {
    /// The value of `lexical`, white space already normalised; `None` when it
    /// has none. Qualified names are looked up in `scope`.
    pub(in crate::xsd) fn parse(
        primitive: Primitive,
        lexical: &'a str,
        scope: Option<&dyn Scope>,
    ) -> Option<Self> {
        Some(match primitive {
            Primitive::String => Self::Text(Cow::Borrowed(lexical)),
            Primitive::AnyUri => {
                if !is_uri(lexical) {
                    return None;
                }
                Self::Uri(Cow::Borrowed(lexical))
            }
            Primitive::Boolean => Self::Boolean(match lexical {
                "true" | "1" => true,
                "false" | "0" => false,
                _ => return None,
            }),
            Primitive::Decimal => Self::Decimal(Decimal::parse(lexical)?),
            Primitive::Float => Self::Float(parse_float(lexical)?),
            Primitive::Double => Self::Double(parse_float(lexical)?),
            Primitive::Duration => Self::Duration(Duration::parse(lexical)?),
            Primitive::HexBinary => Self::Hex(hex(lexical)?),
            Primitive::Base64Binary => Self::Base64(base64(lexical)?),
            Primitive::QName | Primitive::Notation => {
                let (prefix, local) = lexical.split_once(':').unwrap_or(("", lexical));
                let prefixed = local.len() < lexical.len();
                if !is_ncname(local) || prefixed && !is_ncname(prefix) {
                    return None;
                }
                let namespace = scope?.namespace(prefix)?.to_owned();
                Self::Name(Cow::Owned(namespace), Cow::Borrowed(local))
            }
            _ => Self::Temporal(Temporal::parse(primitive, lexical)?),
        })
    }

    pub(in crate::xsd) fn into_owned(self) -> Value<'static> {
        match self {
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Uri(text) => Value::Uri(Cow::Owned(text.into_owned())),
            Self::Boolean(b) => Value::Boolean(b),
            Self::Decimal(d) => Value::Decimal(d.into_owned()),
            Self::Float(f) => Value::Float(f),
            Self::Double(f) => Value::Double(f),
            Self::Duration(d) => Value::Duration(d),
            Self::Temporal(t) => Value::Temporal(t),
            Self::Hex(bytes) => Value::Hex(bytes),
            Self::Base64(bytes) => Value::Base64(bytes),
            Self::Name(ns, local) => {
                Value::Name(Cow::Owned(ns.into_owned()), Cow::Owned(local.into_owned()))
            }
            Self::List(items) => Value::List(items.into_iter().map(Value::into_owned).collect()),
        }
    }

    /// Order within one primitive type; `None` where there is none.
    pub(in crate::xsd) fn compare(&self, other: &Value<'_>) -> Option<Ordering> {
        match (self, other) {
            (Self::Decimal(a), Value::Decimal(b)) => Some(a.cmp(b)),
            (Self::Float(a), Value::Float(b)) => float_order(f64::from(*a), f64::from(*b)),
            (Self::Double(a), Value::Double(b)) => float_order(*a, *b),
            (Self::Duration(a), Value::Duration(b)) => a.compare(b),
            (Self::Temporal(a), Value::Temporal(b)) => a.compare(b),
            _ => None,
        }
    }

    /// Equality in the value space; values of different primitives differ.
    pub(in crate::xsd) fn equals(&self, other: &Value<'_>) -> bool {
        match (self, other) {
            (Self::Text(a), Value::Text(b)) | (Self::Uri(a), Value::Uri(b)) => a == b,
            (Self::Boolean(a), Value::Boolean(b)) => a == b,
            (Self::Decimal(a), Value::Decimal(b)) => a.same(b),
            (Self::Hex(a), Value::Hex(b)) | (Self::Base64(a), Value::Base64(b)) => a == b,
            (Self::Name(a, b), Value::Name(c, d)) => a == c && b == d,
            // A list has as many levels as its type, which is one.
            (Self::List(a), Value::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equals(b))
            }
            (Self::Temporal(a), Value::Temporal(b)) => {
                a.same_kind(b) && a.compare(b) == Some(Ordering::Equal)
            }
            _ => self.compare(other) == Some(Ordering::Equal),
        }
    }
}

/// NaN equals itself and compares with nothing else.
fn float_order(a: f64, b: f64) -> Option<Ordering> {
    match (a.is_nan(), b.is_nan()) {
        (true, true) => Some(Ordering::Equal),
        _ => a.partial_cmp(&b),
    }
}

/// The lexical form of float and double; Rust's own is wider.
fn parse_float<F: std::str::FromStr>(lexical: &str) -> Option<F> {
    match lexical {
        "INF" => return "inf".parse().ok(),
        "-INF" => return "-inf".parse().ok(),
        "NaN" => return "nan".parse().ok(),
        _ => {}
    }
    let (mantissa, exponent) = match lexical.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (lexical, None),
    };
    let digits = |e: &str| {
        let e = e.strip_prefix(['+', '-']).unwrap_or(e);
        !e.is_empty() && e.bytes().all(|b| b.is_ascii_digit())
    };
    Decimal::parse(mantissa)?;
    if !exponent.is_none_or(digits) {
        return None;
    }
    lexical.parse().ok()
}

impl Value<'_> {
    /// Appends a form that is the same for equal values and no others.
    pub(in crate::xsd) fn write_canonical(&self, out: &mut String) {
        use std::fmt::Write;
        // Writing to a string can't fail.
        let _ = match self {
            // Most keys are text, for which formatting would be a detour.
            Self::Text(text) => {
                out.reserve_exact(text.len() + 1);
                out.push('s');
                out.push_str(text);
                Ok(())
            }
            Self::Uri(text) => write!(out, "u{text}"),
            Self::Boolean(b) => write!(out, "b{b}"),
            Self::Decimal(d) => write!(out, "d{d}"),
            // Adding zero makes the negative zero positive.
            Self::Float(f) => write!(out, "f{}", f + 0.0),
            Self::Double(f) => write!(out, "g{}", f + 0.0),
            Self::Duration(d) => write!(out, "p{d:?}"),
            Self::Temporal(t) => write!(out, "t{t:?}"),
            Self::Hex(bytes) => write!(out, "h{bytes:?}"),
            Self::Base64(bytes) => write!(out, "6{bytes:?}"),
            Self::Name(namespace, local) => write!(out, "q{{{namespace}}}{local}"),
            Self::List(items) => {
                out.push('l');
                for item in items {
                    let mut one = String::new();
                    item.write_canonical(&mut one);
                    let _ = write!(out, "{}:{one}", one.len());
                }
                Ok(())
            }
        };
    }
}
