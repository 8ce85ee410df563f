//! Simple types: restriction with facets, list and union.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Compiler, NodeRef, Space};
use crate::xsd::builtin::{ANY_SIMPLE, XS};
use crate::xsd::datatype::{Lexical, Primitive, Value, WhiteSpace};
use crate::xsd::regex::Pattern;
use crate::xsd::simple::{Bound, Facets, IdKind, SimpleId, SimpleType, SimpleTypes, Variety};
use crate::xsd::tables::{Methods, TypeId};

/// Unions and lists may nest this deep; checking a value recurses into them.
const MAX_NESTING: usize = 100;

impl Compiler {
    /// Builds every simple type, each after those it is made of.
    pub(super) fn build_simple_types(&mut self) {
        let nodes: Vec<NodeRef> = self
            .all_nodes()
            .into_iter()
            .filter(|&at| self.tag(at) == "simpleType")
            .collect();
        let mut parts: HashMap<NodeRef, Vec<NodeRef>> = HashMap::new();
        for &at in &nodes {
            let list = self.simple_parts(at);
            parts.insert(at, list);
        }
        if !self.errors.is_empty() {
            return;
        }
        let order = match super::declarations::in_order(&nodes, &parts) {
            Ok(order) => order,
            Err(at) => {
                return self.error(
                    at,
                    "st-props-correct.2",
                    "the simple type is made of itself",
                );
            }
        };
        let mut depth: HashMap<NodeRef, usize> = HashMap::new();
        for at in order {
            let below = parts
                .get(&at)
                .into_iter()
                .flatten()
                .filter_map(|p| depth.get(p))
                .max();
            let is_union = self.child(at, "union").is_some() || self.child(at, "list").is_some();
            let own = below.copied().unwrap_or(0) + usize::from(is_union);
            depth.insert(at, own);
            if own > MAX_NESTING {
                self.error(
                    at,
                    "not supported",
                    format!("unions nest deeper than {MAX_NESTING}"),
                );
                return;
            }
            let Some(mut built) = self.build_simple_type(at) else {
                continue;
            };
            built.final_methods = self.methods(at, "final", "finalDefault");
            if let Some(name) = self.attr(at, "name") {
                built.name = name.trim().into();
            }
            self.simple.push(built);
            self.simple_ids
                .insert(at, SimpleId(self.simple.len() as u32 - 1));
        }
    }

    /// The simple types of documents that this one is made of.
    fn simple_parts(&mut self, at: NodeRef) -> Vec<NodeRef> {
        let mut parts = Vec::new();
        for variety in self.children(at) {
            parts.extend(
                self.children(variety)
                    .into_iter()
                    .filter(|&c| self.tag(c) == "simpleType"),
            );
            for attribute in ["base", "itemType", "memberTypes"] {
                let Some(value) = self.attr(variety, attribute).map(str::to_owned) else {
                    continue;
                };
                for lexical in value.split_ascii_whitespace() {
                    let Some(name) = self.resolve(variety, lexical) else {
                        continue;
                    };
                    if let Some(node) = self.lookup(Space::Type, &name)
                        && self.tag(node) == "simpleType"
                        && name.0 != XS
                    {
                        parts.push(node);
                    }
                }
            }
        }
        parts
    }

    fn build_simple_type(&mut self, at: NodeRef) -> Option<SimpleType> {
        let children = self.children(at);
        let variety = *children.iter().find(|&&c| self.tag(c) != "annotation")?;
        match self.tag(variety) {
            "restriction" => {
                let base = self.simple_operand(variety, "base", "st-restrict")?;
                if base == ANY_SIMPLE {
                    self.error(
                        variety,
                        "st-props-correct.1",
                        "anySimpleType can't be restricted",
                    );
                    return None;
                }
                self.check_simple_final(variety, base, Methods::RESTRICTION);
                Some(self.restrict(variety, base))
            }
            "list" => {
                let item =
                    self.simple_operand(variety, "itemType", "src-list-itemType-or-simpleType")?;
                self.check_simple_final(variety, item, Methods::LIST);
                self.build_list(variety, item)
            }
            _ => self.build_union(variety),
        }
    }

    /// The simple type given by an attribute or by a simpleType child, one of
    /// which must be there.
    fn simple_operand(
        &mut self,
        at: NodeRef,
        attribute: &str,
        rule: &'static str,
    ) -> Option<SimpleId> {
        let inline = self.child(at, "simpleType");
        match (self.attr(at, attribute).is_some(), inline) {
            (true, None) => self.simple_reference(at, attribute),
            (false, Some(child)) => self.simple_ids.get(&child).copied(),
            _ => {
                self.error(
                    at,
                    rule,
                    format!("either '{attribute}' or a simpleType must be given"),
                );
                None
            }
        }
    }

    /// The simple type that an attribute refers to.
    pub(super) fn simple_reference(&mut self, at: NodeRef, attribute: &str) -> Option<SimpleId> {
        let name = self.reference(at, attribute)?;
        self.simple_by_name(at, &name)
    }

    fn simple_by_name(&mut self, at: NodeRef, name: &(String, String)) -> Option<SimpleId> {
        match self.find_type(name) {
            Some(TypeId::Simple(id)) => Some(id),
            Some(TypeId::Complex(_)) => {
                self.error(
                    at,
                    "src-resolve",
                    format!("'{}' is not a simple type", name.1),
                );
                None
            }
            None => {
                // A complex type, or a simple type that itself has an error.
                if self.lookup(Space::Type, name).is_none() {
                    self.missing(at, "simple type", name);
                } else if self.errors.is_empty() {
                    self.error(
                        at,
                        "src-resolve",
                        format!("'{}' is not a simple type", name.1),
                    );
                }
                None
            }
        }
    }

    fn check_simple_final(&mut self, at: NodeRef, from: SimpleId, method: Methods) {
        if self.simple[from.0 as usize].final_methods.has(method) {
            self.error(
                at,
                "st-props-correct.3",
                "the type is final for this derivation",
            );
        }
    }

    fn build_list(&mut self, at: NodeRef, item: SimpleId) -> Option<SimpleType> {
        let types = SimpleTypes(&self.simple);
        let nested = match &types.get(item).variety {
            Variety::List(_) => true,
            Variety::Union(members) => members.iter().any(|&m| types.get(m).is_list()),
            _ => false,
        };
        if nested {
            self.error(
                at,
                "cos-st-restricts.2.1",
                "the items of a list can't be lists",
            );
            return None;
        }
        Some(SimpleType {
            name: format!("list of {}", types.get(item).name).into(),
            base: Some(ANY_SIMPLE),
            variety: Variety::List(item),
            white_space: WhiteSpace::Collapse,
            facets: Facets::default(),
            // A list of IDs is no ID, of references it is several.
            id_kind: match types.get(item).id_kind {
                IdKind::Idref => IdKind::Idref,
                _ => IdKind::None,
            },
            final_methods: Methods::default(),
            fixed_facets: Vec::new(),
        })
    }

    fn build_union(&mut self, at: NodeRef) -> Option<SimpleType> {
        let mut members = Vec::new();
        let listed = self.attr(at, "memberTypes").unwrap_or_default().to_owned();
        for lexical in listed.split_ascii_whitespace() {
            let name = match self.resolve(at, lexical) {
                Some(name) if self.sees(at, &name.0) => name,
                Some(name) => {
                    let message = format!("the namespace '{}' is not imported", name.0);
                    self.error(at, "src-resolve.4", message);
                    return None;
                }
                None => {
                    self.error(
                        at,
                        "src-resolve",
                        format!("'{lexical}' is not a qualified name"),
                    );
                    return None;
                }
            };
            members.push(self.simple_by_name(at, &name)?);
        }
        for child in self
            .children(at)
            .into_iter()
            .filter(|&c| self.tag(c) == "simpleType")
        {
            members.push(*self.simple_ids.get(&child)?);
        }
        for &member in &members {
            self.check_simple_final(at, member, Methods::UNION);
        }
        if members.is_empty() {
            self.error(
                at,
                "src-union-memberTypes-or-simpleTypes",
                "a union needs members",
            );
            return None;
        }
        let types = SimpleTypes(&self.simple);
        let names: Vec<&str> = members
            .iter()
            .map(|&m| types.get(m).name.as_ref())
            .collect();
        Some(SimpleType {
            name: format!("union of {}", names.join(", ")).into(),
            base: Some(ANY_SIMPLE),
            variety: Variety::Union(members.into()),
            // Each member normalises for itself.
            white_space: WhiteSpace::Preserve,
            facets: Facets::default(),
            id_kind: IdKind::None,
            final_methods: Methods::default(),
            fixed_facets: Vec::new(),
        })
    }

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
                    self.error(
                        facet,
                        "src-single-facet-value",
                        format!("{tag} is given twice"),
                    );
                }
                seen.push(tag.clone());
            }
            let result = match tag.as_str() {
                "pattern" => Pattern::new(&value).map(|p| patterns.push(p)),
                "enumeration" => self.bound(facet, base, &value).map(|b| allowed.push(b)),
                _ => self.facet(facet, &tag, &value, base, &mut built),
            };
            let fixed = self.simple[base.0 as usize]
                .fixed_facets
                .iter()
                .any(|f| **f == *tag);
            let before = &self.simple[base.0 as usize];
            if fixed && result.is_ok() && !same_facet(&tag, before, &built) {
                self.error(
                    facet,
                    facet_rule(&tag),
                    format!("{tag} is fixed in the base type"),
                );
            }
            if matches!(self.attr(facet, "fixed").map(str::trim), Some("true" | "1")) {
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
            self.error(
                at,
                "facet-consistency",
                "two facets that exclude each other are given",
            );
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
            .map_err(|kind| format!("the facet's value is not valid for its type: {kind}"));
        let value = value?;
        if let Value::Name(namespace, local) = &value
            && matches!(
                types.get(base).variety,
                Variety::Atomic(Primitive::Notation, _)
            )
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
        let number = || {
            value
                .trim()
                .parse::<u64>()
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
    let primitives = [
        Primitive::Decimal,
        Primitive::Float,
        Primitive::Double,
        Primitive::Duration,
    ];
    let dates = [
        Primitive::DateTime,
        Primitive::Time,
        Primitive::Date,
        Primitive::YearMonth,
        Primitive::Year,
        Primitive::MonthDay,
        Primitive::Day,
        Primitive::Month,
    ];
    let mut readings = primitives
        .iter()
        .chain(&dates)
        .filter_map(|&primitive| Value::parse(primitive, &text, None));
    readings
        .any(|reading| reading.equals(&old.value))
        .then(|| old.clone())
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
