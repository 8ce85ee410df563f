//! Simple types as compiled: what a value must be, and the check itself.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::datatype::{Lexical, Primitive, Scope, Value, WhiteSpace, words};
use super::error::{Choices, ErrorKind, excerpt};
use super::regex::Pattern;
use super::tables::Methods;

/// Number of allowed values that an error lists.
const SHOWN: usize = 30;

/// A simple type's place in the schema's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct SimpleId(pub(super) u32);

/// xs:anySimpleType, always the first.
pub(super) const ANY_SIMPLE: SimpleId = SimpleId(0);

/// How a type makes values of text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Variety {
    /// xs:anySimpleType: any text.
    Any,
    Atomic(Primitive, Lexical),
    List(SimpleId),
    Union(Box<[SimpleId]>),
}

/// A bound and how it was written.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    pub(super) value: Value<'static>,
    pub(super) lexical: Box<str>,
}

/// The facets in force, those of the base types included.
#[derive(Debug, Clone, Default)]
pub(super) struct Facets {
    pub(super) length: Option<u64>,
    pub(super) min_length: Option<u64>,
    pub(super) max_length: Option<u64>,
    pub(super) total_digits: Option<u64>,
    pub(super) fraction_digits: Option<u64>,
    pub(super) min_inclusive: Option<Bound>,
    pub(super) min_exclusive: Option<Bound>,
    pub(super) max_inclusive: Option<Bound>,
    pub(super) max_exclusive: Option<Bound>,
    /// One entry per step of derivation; within a step one must match.
    pub(super) patterns: Vec<std::sync::Arc<[Pattern]>>,
    pub(super) enumeration: Option<std::sync::Arc<[Bound]>>,
}

/// Whether values of a type are IDs, refer to them, or name an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IdKind {
    None,
    Id,
    Idref,
    /// Of a DTD, which no document has: such values are never valid.
    Entity,
    /// A union of which a member is one of these: the member that takes the
    /// value tells.
    Member,
}

/// A compiled simple type.
#[derive(Debug, Clone)]
pub(super) struct SimpleType {
    /// Its own name, or that of the nearest named base.
    pub(super) name: Box<str>,
    pub(super) base: Option<SimpleId>,
    pub(super) variety: Variety,
    pub(super) white_space: WhiteSpace,
    pub(super) facets: Facets,
    pub(super) id_kind: IdKind,
    pub(super) final_methods: Methods,
    /// How many types a value is tried against at most.
    pub(super) weight: u32,
    /// Facets that derived types may not change, by name.
    pub(super) fixed_facets: Vec<Box<str>>,
}

/// The table of simple types.
#[derive(Debug, Clone, Copy)]
pub(super) struct SimpleTypes<'s>(pub(super) &'s [SimpleType]);

impl<'s> SimpleTypes<'s> {
    pub(super) fn get(self, id: SimpleId) -> &'s SimpleType {
        &self.0[id.0 as usize]
    }

    /// The text with white space normalised. For a union that is the
    /// business of the member that takes the value.
    pub(super) fn normalise(self, id: SimpleId, raw: &str) -> Cow<'_, str> {
        self.get(id).white_space.normalise(raw)
    }

    /// Whether `raw` is valid; the kind of the first violation otherwise.
    pub(super) fn check(
        self,
        id: SimpleId,
        raw: &str,
        scope: Option<&dyn Scope>,
    ) -> Result<(), ErrorKind> {
        self.check_normalised(id, &self.normalise(id, raw), scope)
    }

    /// Whether text that is normalised is valid. The value is not handed out,
    /// which makes this the fast way.
    pub(super) fn check_normalised(
        self,
        id: SimpleId,
        text: &str,
        scope: Option<&dyn Scope>,
    ) -> Result<(), ErrorKind> {
        let simple = self.get(id);
        match simple.variety {
            Variety::Atomic(primitive, lexical) => {
                let value = simple.atomic(primitive, lexical, text, scope)?;
                simple.check_facets(text, &value)
            }
            _ => self.evaluate(id, text, scope).map(|_| ()),
        }
    }

    /// The value of `raw`, if it is valid.
    pub(super) fn value(
        self,
        id: SimpleId,
        raw: &str,
        scope: Option<&dyn Scope>,
    ) -> Result<Value<'static>, ErrorKind> {
        let normalised = self.normalise(id, raw);
        self.evaluate(id, &normalised, scope).map(Value::into_owned)
    }

    /// The value of text that is normalised.
    pub(super) fn evaluate<'v>(
        self,
        id: SimpleId,
        text: &'v str,
        scope: Option<&dyn Scope>,
    ) -> Result<Value<'v>, ErrorKind> {
        self.taken(id, text, scope).map(|(value, _)| value)
    }

    /// The value of text that is normalised, and the text as the type that
    /// takes it sees it: a union leaves white space to its member. Recursion
    /// goes down the members of unions and items of lists, whose nesting the
    /// compiler bounds.
    fn taken<'v>(
        self,
        id: SimpleId,
        text: &'v str,
        scope: Option<&dyn Scope>,
    ) -> Result<(Value<'v>, Cow<'v, str>), ErrorKind> {
        let simple = self.get(id);
        let (value, text) = match &simple.variety {
            Variety::Any => (Value::Text(Cow::Borrowed(text)), Cow::Borrowed(text)),
            Variety::Atomic(primitive, lexical) => {
                let value = simple.atomic(*primitive, *lexical, text, scope)?;
                (value, Cow::Borrowed(text))
            }
            Variety::List(item) => {
                let items = words(text).map(|word| self.evaluate(*item, word, scope));
                let items = items.collect::<Result<_, _>>()?;
                (Value::List(items), Cow::Borrowed(text))
            }
            Variety::Union(members) => self.union(simple, members, text, scope)?,
        };
        simple.check_facets(&text, &value)?;
        Ok((value, text))
    }

    fn union<'v>(
        self,
        simple: &SimpleType,
        members: &[SimpleId],
        text: &'v str,
        scope: Option<&dyn Scope>,
    ) -> Result<(Value<'v>, Cow<'v, str>), ErrorKind> {
        for &member in members {
            let found = match self.normalise(member, text) {
                Cow::Borrowed(text) => self.taken(member, text, scope),
                Cow::Owned(text) => self
                    .taken(member, &text, scope)
                    .map(|(value, text)| (value.into_owned(), Cow::Owned(text.into_owned()))),
            };
            if found.is_ok() {
                return found;
            }
        }
        Err(ErrorKind::InvalidUnion {
            type_name: simple.name.to_string(),
            value: excerpt(text),
        })
    }

    /// What a valid value is to IDs: for a union, what it is to the member
    /// that takes it.
    pub(super) fn id_kind(self, id: SimpleId, text: &str) -> IdKind {
        let mut at = self.get(id);
        while let (IdKind::Member, Variety::Union(members)) = (at.id_kind, &at.variety) {
            let takes = |&&member: &&SimpleId| self.check(member, text, None).is_ok();
            match members.iter().find(takes) {
                Some(&member) => at = self.get(member),
                None => return IdKind::None,
            }
        }
        at.id_kind
    }

    /// Whether `derived` is `base` or derived from it by restriction, or a
    /// member of the union `base` that has no facets of its own.
    pub(super) fn derives(self, derived: SimpleId, base: SimpleId) -> bool {
        let mut at = Some(derived);
        while let Some(id) = at {
            if id == base {
                return true;
            }
            at = self.get(id).base;
        }
        match &self.get(base).variety {
            Variety::Union(members) => members.iter().any(|&m| self.derives(derived, m)),
            _ => false,
        }
    }
}

impl SimpleType {
    /// A type that is derived from xs:anySimpleType, without facets.
    pub(super) fn new(
        name: impl Into<Box<str>>,
        variety: Variety,
        white_space: WhiteSpace,
    ) -> Self {
        Self {
            name: name.into(),
            base: Some(ANY_SIMPLE),
            variety,
            white_space,
            facets: Facets::default(),
            id_kind: IdKind::None,
            final_methods: Methods::default(),
            weight: 1,
            fixed_facets: Vec::new(),
        }
    }

    /// A list of `item`, which is `of`.
    pub(super) fn list(name: String, item: SimpleId, of: &Self) -> Self {
        Self {
            // A list of IDs is no ID, of references it is several.
            id_kind: match of.id_kind {
                several @ (IdKind::Idref | IdKind::Entity) => several,
                _ => IdKind::None,
            },
            weight: of.weight,
            ..Self::new(name, Variety::List(item), WhiteSpace::Collapse)
        }
    }

    #[inline(always)]
    fn atomic<'v>(
        &self,
        primitive: Primitive,
        lexical: Lexical,
        text: &'v str,
        scope: Option<&dyn Scope>,
    ) -> Result<Value<'v>, ErrorKind> {
        if primitive == Primitive::String && lexical == Lexical::Any {
            return Ok(Value::Text(Cow::Borrowed(text)));
        }
        let value = if lexical.accepts(text) {
            Value::parse(primitive, text, scope)
        } else {
            None
        };
        value.ok_or_else(|| self.invalid(text))
    }

    #[cold]
    fn invalid(&self, text: &str) -> ErrorKind {
        ErrorKind::InvalidLexical {
            type_name: self.name.to_string(),
            value: excerpt(text),
        }
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self.variety, Variety::List(_))
    }

    fn length_of(&self, text: &str, value: &Value<'_>) -> Option<u64> {
        Some(match value {
            Value::List(items) if self.is_list() => items.len() as u64,
            Value::Hex(bytes) | Value::Base64(bytes) => bytes.len() as u64,
            // Lengths say nothing about qualified names.
            Value::Name(..) => return None,
            _ if text.is_ascii() => text.len() as u64,
            _ => text.chars().count() as u64,
        })
    }

    pub(super) fn check_facets(&self, text: &str, value: &Value<'_>) -> Result<(), ErrorKind> {
        let facets = &self.facets;
        if facets.length.is_some() || facets.min_length.is_some() || facets.max_length.is_some() {
            self.check_length(text, value)?;
        }
        if let Value::Decimal(decimal) = value {
            let digits = |limit: Option<u64>, actual: u64| limit.filter(|&limit| actual > limit);
            if let Some(limit) = digits(facets.total_digits, decimal.total_digits()) {
                let actual = decimal.total_digits();
                return Err(ErrorKind::TotalDigits {
                    value: excerpt(text),
                    limit,
                    actual,
                });
            }
            if let Some(limit) = digits(facets.fraction_digits, decimal.fraction_digits()) {
                let actual = decimal.fraction_digits();
                return Err(ErrorKind::FractionDigits {
                    value: excerpt(text),
                    limit,
                    actual,
                });
            }
        }
        self.check_bounds(text, value)?;
        if let Some(allowed) = &facets.enumeration
            && !allowed.iter().any(|bound| bound.value.equals(value))
        {
            let mut shown: Vec<String> = allowed
                .iter()
                .take(SHOWN)
                .map(|b| b.lexical.to_string())
                .collect();
            if allowed.len() > SHOWN {
                shown.push("…".to_owned());
            }
            return Err(ErrorKind::Enumeration {
                value: excerpt(text),
                allowed: Choices(shown),
                type_name: self.name.to_string(),
            });
        }
        for step in &facets.patterns {
            if !step.iter().any(|pattern| pattern.matches(text)) {
                let sources: Vec<&str> = step.iter().map(Pattern::source).collect();
                return Err(ErrorKind::Pattern {
                    value: excerpt(text),
                    pattern: sources.join(" | "),
                    type_name: self.name.to_string(),
                });
            }
        }
        Ok(())
    }

    fn check_length(&self, text: &str, value: &Value<'_>) -> Result<(), ErrorKind> {
        let Some(actual) = self.length_of(text, value) else {
            return Ok(());
        };
        let Facets {
            length,
            min_length,
            max_length,
            ..
        } = self.facets;
        let value = || excerpt(text);
        match (length, min_length, max_length) {
            (Some(limit), ..) if actual != limit => Err(ErrorKind::Length {
                value: value(),
                limit,
                actual,
            }),
            (_, Some(limit), _) if actual < limit => Err(ErrorKind::TooShort {
                value: value(),
                limit,
                actual,
            }),
            (.., Some(limit)) if actual > limit => Err(ErrorKind::TooLong {
                value: value(),
                limit,
                actual,
            }),
            _ => Ok(()),
        }
    }

    fn check_bounds(&self, text: &str, value: &Value<'_>) -> Result<(), ErrorKind> {
        let facets = &self.facets;
        let broken = |bound: &Option<Bound>, holds: fn(Ordering) -> bool| {
            let bound = bound.as_ref()?;
            let kept = value.compare(&bound.value).is_some_and(holds);
            (!kept).then(|| (excerpt(text), bound.lexical.to_string()))
        };
        if let Some((value, limit)) = broken(&facets.min_inclusive, Ordering::is_ge) {
            return Err(ErrorKind::MinInclusive { value, limit });
        }
        if let Some((value, limit)) = broken(&facets.min_exclusive, Ordering::is_gt) {
            return Err(ErrorKind::MinExclusive { value, limit });
        }
        if let Some((value, limit)) = broken(&facets.max_inclusive, Ordering::is_le) {
            return Err(ErrorKind::MaxInclusive { value, limit });
        }
        if let Some((value, limit)) = broken(&facets.max_exclusive, Ordering::is_lt) {
            return Err(ErrorKind::MaxExclusive { value, limit });
        }
        Ok(())
    }
}
