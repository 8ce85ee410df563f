//! Facets: restriction of a simple type by them, and what they must keep to.

use std::sync::Arc;

use super::{Compiler, NodeRef, Space};
use crate::xsd::builtin::PRIMITIVES;
use crate::xsd::datatype::{Lexical, Primitive, Value, WhiteSpace};
use crate::xsd::regex::Pattern;
use crate::xsd::simple::{Bound, Facets, SimpleId, SimpleType, SimpleTypes, Variety};

impl Compiler {
    /// `base` with the facets that are children of `at`.
    pub(super) fn restrict(&mut self, at: NodeRef, base: SimpleId) -> SimpleType {
        let mut built = SimpleTypes(&self.simple).get(base).clone();
        built.base = Some(base);
        let mut patterns = Vec::new();
        let mut allowed = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        for facet in self.children(at) {
            let tag = self.tag(facet).to_owned();
            let Some(value) = self.attr(facet, "value").map(str::to_owned) else {
                continue;
            };
            if !matches!(tag.as_str(), "pattern" | "enumeration") {
                if seen.contains(&tag) {
                    let message = format!("{tag} is given twice");
                    self.error(facet, "src-single-facet-value", message);
                }
                seen.push(tag.clone());
            }
            let result = match tag.as_str() {
                "pattern" => Pattern::new(&value).map(|p| patterns.push(p)),
                "enumeration" if is_boolean(&built.variety) => {
                    Err("enumeration does not apply to xs:boolean".to_owned())
                }
                "enumeration" => self.bound(facet, base, &value).map(|b| allowed.push(b)),
                _ => self.facet(facet, &tag, &value, base, &mut built),
            };
            let before = &self.simple[base.0 as usize];
            let fixed = before.fixed_facets.iter().any(|f| **f == *tag);
            if fixed && result.is_ok() && !same_facet(&tag, before, &built) {
                let message = format!("{tag} is fixed in the base type");
                self.error(facet, facet_rule(&tag), message);
            }
            if self.flag(facet, "fixed") {
                built.fixed_facets.push(tag.as_str().into());
            }
            if let Err(message) = result {
                self.error(facet, facet_rule(&tag), message);
            }
        }
        let both = |a: &str, b: &str| seen.iter().any(|s| s == a) && seen.iter().any(|s| s == b);
        // A length beside limits that the base type already had says nothing new.
        let old = SimpleTypes(&self.simple).get(base).facets.clone();
        let restated =
            |new: Option<u64>, old_limit: Option<u64>| old.length.is_none() && new == old_limit;
        if both("length", "minLength") && !restated(built.facets.min_length, old.min_length)
            || both("length", "maxLength") && !restated(built.facets.max_length, old.max_length)
            || both("minInclusive", "minExclusive")
            || both("maxInclusive", "maxExclusive")
        {
            let message = "two facets that exclude each other are given";
            self.error(at, "facet-consistency", message);
        }
        if !patterns.is_empty() {
            built.facets.patterns.push(patterns.into());
        }
        if !allowed.is_empty() {
            built.facets.enumeration = Some(Arc::from(allowed));
        }
        if let Err(message) = consistent(&built.facets) {
            self.error(at, "facet-consistency", message);
        }
        built
    }

    /// A value of the base type as a facet.
    fn bound(&self, at: NodeRef, base: SimpleId, lexical: &str) -> Result<Bound, String> {
        let types = SimpleTypes(&self.simple);
        let value = types
            .value(base, lexical, Some(&self.document(at).scope(at.1)))
            .map_err(|kind| format!("the facet's value is not valid for its type: {kind}"))?;
        let variety = &types.get(base).variety;
        if let Value::Name(namespace, local) = &value
            && matches!(variety, Variety::Atomic(Primitive::Notation, _))
        {
            let name = (namespace.clone().into_owned(), local.clone().into_owned());
            if self.lookup(Space::Notation, &name).is_none() {
                return Err(format!("there is no notation '{lexical}'"));
            }
        }
        Ok(Bound {
            value,
            lexical: types.normalise(base, lexical).into(),
        })
    }

    fn facet(
        &mut self,
        at: NodeRef,
        tag: &str,
        value: &str,
        base: SimpleId,
        built: &mut SimpleType,
    ) -> Result<(), String> {
        if !applies(tag, &built.variety) {
            return Err(format!("{tag} does not apply to {}", built.name));
        }
        let number = value.trim().parse::<u64>();
        let number = || {
            number
                .clone()
                .map_err(|_| format!("'{value}' is not a count"))
        };
        let fewer = |new: u64, old: Option<u64>| match old {
            Some(old) if new > old => {
                Err(format!("{tag} {new} is greater than the base type's {old}"))
            }
            _ => Ok(Some(new)),
        };
        let facets = &mut built.facets;
        match tag {
            "length" => match (number()?, facets.length) {
                (new, Some(old)) if new != old => {
                    return Err(format!("length differs from the base type's {old}"));
                }
                (new, _) => facets.length = Some(new),
            },
            "minLength" => match (number()?, facets.min_length) {
                (new, Some(old)) if new < old => {
                    return Err(format!("minLength is less than the base type's {old}"));
                }
                (new, _) => facets.min_length = Some(new),
            },
            "maxLength" => facets.max_length = fewer(number()?, facets.max_length)?,
            "totalDigits" if number()? == 0 => {
                return Err("totalDigits must be positive".to_owned());
            }
            "totalDigits" => facets.total_digits = fewer(number()?, facets.total_digits)?,
            "fractionDigits" => facets.fraction_digits = fewer(number()?, facets.fraction_digits)?,
            "whiteSpace" => {
                let new = match value.trim() {
                    "preserve" => WhiteSpace::Preserve,
                    "replace" => WhiteSpace::Replace,
                    "collapse" => WhiteSpace::Collapse,
                    _ => return Err(format!("'{value}' is no treatment of white space")),
                };
                if new < built.white_space {
                    return Err("whiteSpace is weaker than the base type's".to_owned());
                }
                built.white_space = new;
            }
            _ => {
                let bound = match self.bound(at, base, value) {
                    Ok(bound) => Some(bound),
                    // An exclusive bound is no value of its own type, but may
                    // be given again.
                    Err(message) => Some(same_exclusive(tag, value, facets).ok_or(message)?),
                };
                // A new bound takes the place of the base type's on its side.
                match tag {
                    "minInclusive" => (facets.min_inclusive, facets.min_exclusive) = (bound, None),
                    "minExclusive" => (facets.min_exclusive, facets.min_inclusive) = (bound, None),
                    "maxInclusive" => (facets.max_inclusive, facets.max_exclusive) = (bound, None),
                    _ => (facets.max_exclusive, facets.max_inclusive) = (bound, None),
                }
            }
        }
        Ok(())
    }
}

/// Whether a type is xs:boolean or derived from it: patterns are all that can restrict it (Part 2, 4.1.5).
fn is_boolean(variety: &Variety) -> bool {
    matches!(variety, Variety::Atomic(Primitive::Boolean, _))
}

/// Whether a facet applies to a variety (Part 2, 4.1.5).
fn applies(tag: &str, variety: &Variety) -> bool {
    let lengths = matches!(tag, "length" | "minLength" | "maxLength");
    match variety {
        Variety::Any | Variety::Union(_) => false,
        Variety::List(_) => lengths || tag == "whiteSpace",
        Variety::Atomic(primitive, lexical) => match primitive {
            Primitive::String
            | Primitive::AnyUri
            | Primitive::HexBinary
            | Primitive::Base64Binary
            | Primitive::QName
            | Primitive::Notation => lengths || tag == "whiteSpace",
            Primitive::Boolean => tag == "whiteSpace",
            Primitive::Decimal => {
                !lengths && (tag != "fractionDigits" || *lexical != Lexical::Name)
            }
            _ => !lengths && !matches!(tag, "totalDigits" | "fractionDigits"),
        },
    }
}

fn facet_rule(tag: &str) -> &'static str {
    match tag {
        "pattern" => "pattern",
        "enumeration" => "enumeration-valid-restriction",
        "length" => "length-valid-restriction",
        "minLength" => "minLength-valid-restriction",
        "maxLength" => "maxLength-valid-restriction",
        "totalDigits" => "totalDigits-valid-restriction",
        "fractionDigits" => "fractionDigits-valid-restriction",
        "whiteSpace" => "whiteSpace-valid-restriction",
        "minInclusive" => "minInclusive-valid-restriction",
        "minExclusive" => "minExclusive-valid-restriction",
        "maxInclusive" => "maxInclusive-valid-restriction",
        "maxExclusive" => "maxExclusive-valid-restriction",
        _ => "cos-applicable-facets",
    }
}

/// Facets that contradict each other.
fn consistent(facets: &Facets) -> Result<(), String> {
    let above = |a: Option<u64>, b: Option<u64>| matches!((a, b), (Some(a), Some(b)) if a > b);
    if above(facets.min_length, facets.max_length)
        || above(facets.min_length, facets.length)
        || above(facets.length, facets.max_length)
    {
        return Err("the lengths contradict each other".to_owned());
    }
    if above(facets.fraction_digits, facets.total_digits) {
        return Err("fractionDigits is greater than totalDigits".to_owned());
    }
    let order = |a: &Option<Bound>, b: &Option<Bound>| -> Option<std::cmp::Ordering> {
        Value::compare(&a.as_ref()?.value, &b.as_ref()?.value)
    };
    let crossed = order(&facets.min_inclusive, &facets.max_inclusive).is_some_and(|o| o.is_gt())
        || order(&facets.min_exclusive, &facets.max_exclusive).is_some_and(|o| o.is_gt())
        || order(&facets.min_inclusive, &facets.max_exclusive).is_some_and(|o| o.is_ge())
        || order(&facets.min_exclusive, &facets.max_inclusive).is_some_and(|o| o.is_ge());
    if crossed {
        return Err("the bounds contradict each other".to_owned());
    }
    Ok(())
}

/// The exclusive bound already in force, when `value` is the same.
fn same_exclusive(tag: &str, value: &str, facets: &Facets) -> Option<Bound> {
    let old = match tag {
        "minExclusive" => facets.min_exclusive.as_ref()?,
        "maxExclusive" => facets.max_exclusive.as_ref()?,
        _ => return None,
    };
    let text = WhiteSpace::Collapse.normalise(value);
    // Values of different primitives differ, so that one reading at most is the same.
    let mut readings = PRIMITIVES
        .iter()
        .filter_map(|p| Value::parse(p.1, &text, None));
    let same = readings.any(|reading| reading.equals(&old.value));
    same.then(|| old.clone())
}

/// Whether a facet has the same value in both types.
fn same_facet(tag: &str, a: &SimpleType, b: &SimpleType) -> bool {
    let bounds = |x: &Option<Bound>, y: &Option<Bound>| match (x, y) {
        (Some(x), Some(y)) => x.value.equals(&y.value),
        (x, y) => x.is_none() && y.is_none(),
    };
    let (x, y) = (&a.facets, &b.facets);
    match tag {
        "length" => x.length == y.length,
        "minLength" => x.min_length == y.min_length,
        "maxLength" => x.max_length == y.max_length,
        "totalDigits" => x.total_digits == y.total_digits,
        "fractionDigits" => x.fraction_digits == y.fraction_digits,
        "whiteSpace" => a.white_space == b.white_space,
        "minInclusive" => bounds(&x.min_inclusive, &y.min_inclusive),
        "minExclusive" => bounds(&x.min_exclusive, &y.min_exclusive),
        "maxInclusive" => bounds(&x.max_inclusive, &y.max_inclusive),
        "maxExclusive" => bounds(&x.max_exclusive, &y.max_exclusive),
        _ => true,
    }
}
