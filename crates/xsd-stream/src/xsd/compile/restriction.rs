//! When a content model restricts another (Structures 3.9.6, "Particle Valid
//! (Restriction)").

use super::Compiler;
use super::particles::ParticleId;
use super::plain::{Plain, PlainTerm};
use crate::xsd::model::Kind;
use crate::xsd::simple::SimpleTypes;
use crate::xsd::tables::{
    ElementId, Methods, NamespaceSet, Process, TypeId, ValueConstraint, Wildcard, derives,
};

/// Comparisons of one particle with another for one type.
const MAX_COMPARISONS: usize = 2_000_000;

const MISSING: &str = "an element that the base type requires is missing";

fn ensure(holds: bool, otherwise: &str) -> Result<(), String> {
    holds.then_some(()).ok_or_else(|| otherwise.to_owned())
}

fn in_range(r: (u64, u64), b: &Plain) -> Result<(), String> {
    let message = "occurs less or more often than in the base type";
    ensure(r.0 >= b.min && r.1 <= b.max, message)
}

/// Whether every namespace in `a` is in `b`.
pub(super) fn is_subset(a: &NamespaceSet, b: &NamespaceSet) -> bool {
    match (a, b) {
        (_, NamespaceSet::Any) => true,
        (NamespaceSet::Of(list), b) => list.iter().all(|n| b.accepts(n)),
        (NamespaceSet::Not(x), NamespaceSet::Not(y)) => x == y,
        _ => false,
    }
}

impl Compiler {
    /// Whether the content `derived` restricts the content `base`.
    pub(super) fn restricts(
        &self,
        derived: Option<ParticleId>,
        base: Option<ParticleId>,
    ) -> Result<(), String> {
        self.comparisons.set(0);
        let derived = derived.map_or(Ok(None), |p| self.plain(p))?;
        let base = base.map_or(Ok(None), |p| self.plain(p))?;
        match (derived, base) {
            (None, None) => Ok(()),
            (None, Some(base)) if base.is_emptiable() => Ok(()),
            (None, Some(_)) => Err("the base type's content can't be empty".to_owned()),
            (Some(derived), None) if derived.total.1 == 0 => Ok(()),
            (Some(_), None) => Err("the base type's content is empty".to_owned()),
            (Some(derived), Some(base)) => {
                let result = self.restriction(&derived, &base);
                // What was said before the end was only that nothing matched any more.
                match self.comparisons.get() > MAX_COMPARISONS {
                    true => Err("content models too large to compare".to_owned()),
                    false => result,
                }
            }
        }
    }

    fn restriction(&self, r: &Plain, b: &Plain) -> Result<(), String> {
        self.comparisons.set(self.comparisons.get() + 1);
        if self.comparisons.get() > MAX_COMPARISONS {
            return Err(String::new());
        }
        let as_written = self.term_restriction(r, b);
        let alone = |plain: &Plain| plain.only_member().unwrap_or_else(|| plain.clone());
        match (r.only_member(), b.only_member()) {
            (None, None) => as_written,
            _ => as_written.or_else(|_| self.term_restriction(&alone(r), &alone(b))),
        }
    }

    fn term_restriction(&self, r: &Plain, b: &Plain) -> Result<(), String> {
        use PlainTerm::{Element, Group, Wildcard};
        let ranges = || in_range((r.min, r.max), b);
        match (&r.term, &b.term) {
            (Element(x), Element(y)) => ranges().and_then(|()| self.name_and_type(*x, *y)),
            (Element(x), Wildcard(w)) => {
                let name = self.elements[x.0 as usize].name;
                match w.namespaces.accepts(self.names.namespace(name)) {
                    true => ranges(),
                    false => Err(format!(
                        "the base wildcard does not take '{}'",
                        self.names.local(name)
                    )),
                }
            }
            (Wildcard(x), Wildcard(y)) => {
                let message = "the wildcard takes more namespaces than the base type's";
                ensure(is_subset(&x.namespaces, &y.namespaces), message)?;
                let message = "the wildcard is processed more leniently than the base type's";
                ensure(x.process >= y.process, message)?;
                ranges()
            }
            (Element(_), Group(kind, members)) => {
                in_range((1, 1), b)?;
                self.recurse(std::slice::from_ref(r), members, *kind != Kind::Choice)
            }
            (Group(_, members), Wildcard(w)) => {
                let message = "occurs less or more often than the base wildcard";
                in_range(r.total, b).map_err(|_| message.to_owned())?;
                let any_number = Plain::new(0, u64::MAX, PlainTerm::Wildcard(w.clone()));
                members
                    .iter()
                    .try_for_each(|m| self.restriction(m, &any_number))
            }
            (Group(Kind::All, x), Group(Kind::All, y))
            | (Group(Kind::Sequence, x), Group(Kind::Sequence, y)) => {
                ranges().and_then(|()| self.recurse(x, y, true))
            }
            (Group(Kind::Choice, x), Group(Kind::Choice, y)) => {
                ranges().and_then(|()| self.recurse(x, y, false))
            }
            (Group(Kind::Sequence, x), Group(Kind::All, y)) => {
                ranges().and_then(|()| self.recurse_unordered(x, y))
            }
            (Group(Kind::Sequence, x), Group(Kind::Choice, y)) => {
                let count = x.len() as u64;
                let range = (r.min.saturating_mul(count), r.max.saturating_mul(count));
                in_range(range, b)?;
                let lacks = |m: &&Plain| !y.iter().any(|n| self.restriction(m, n).is_ok());
                x.iter()
                    .find(lacks)
                    .map_or(Ok(()), |m| Err(self.unmatched(m)))
            }
            _ => Err("a group of another kind than in the base type".to_owned()),
        }
    }

    /// Maps the members to those of the base in order; what is passed over in
    /// the base must be optional if all of it counts.
    fn recurse(&self, r: &[Plain], b: &[Plain], all_count: bool) -> Result<(), String> {
        let mut rest = b.iter();
        for member in r {
            loop {
                let Some(candidate) = rest.next() else {
                    return Err(self.unmatched(member));
                };
                match self.restriction(member, candidate) {
                    Ok(()) => break,
                    Err(_) if !all_count || candidate.is_emptiable() => {}
                    Err(message) => return Err(message),
                }
            }
        }
        ensure(!all_count || rest.all(Plain::is_emptiable), MISSING)
    }

    fn recurse_unordered(&self, r: &[Plain], b: &[Plain]) -> Result<(), String> {
        let mut used = vec![false; b.len()];
        for member in r {
            let place = (0..b.len()).find(|&i| !used[i] && self.restriction(member, &b[i]).is_ok());
            match place {
                Some(place) => used[place] = true,
                None => return Err(self.unmatched(member)),
            }
        }
        let mut all = b.iter().zip(&used);
        ensure(all.all(|(m, used)| *used || m.is_emptiable()), MISSING)
    }

    fn unmatched(&self, plain: &Plain) -> String {
        match &plain.term {
            PlainTerm::Element(id) => {
                let local = self.names.local(self.elements[id.0 as usize].name);
                format!("'{local}' has no counterpart in the base type")
            }
            PlainTerm::Wildcard(_) => "a wildcard has no counterpart in the base type".to_owned(),
            PlainTerm::Group(..) => "a group has no counterpart in the base type".to_owned(),
        }
    }

    fn name_and_type(&self, r: ElementId, b: ElementId) -> Result<(), String> {
        if r == b {
            return Ok(());
        }
        let element = |id: ElementId| &self.elements[id.0 as usize];
        let (x, y) = (element(r), element(b));
        let local = self.names.local(x.name);
        let fixed =
            |v: &Option<ValueConstraint>| v.as_ref().filter(|v| v.fixed).map(|v| v.lexical.clone());
        let problem = if x.name != y.name {
            "is not the element of the base type"
        } else if x.nillable && !y.nillable {
            "is nillable, but not in the base type"
        } else if fixed(&y.value)
            .is_some_and(|v| !self.same_value(y.ty, fixed(&x.value).as_deref(), &v))
        {
            "does not keep the fixed value of the base type"
        } else if x.constraints.iter().any(|c| !y.constraints.contains(c)) {
            "has identity constraints that the base type has not"
        } else if y.block.0 & !x.block.0 != 0 {
            "blocks less than in the base type"
        } else if !derives(
            SimpleTypes(&self.simple),
            &self.complex,
            x.ty,
            y.ty,
            Methods::EXTENSION.with(Methods::LIST).with(Methods::UNION),
        ) {
            "has a type that is no restriction of that in the base type"
        } else {
            return Ok(());
        };
        Err(format!("'{local}' {problem}"))
    }

    /// Whether two fixed values are one, in the value space where there is one.
    pub(super) fn same_value(&self, ty: TypeId, a: Option<&str>, b: &str) -> bool {
        let Some(a) = a else { return false };
        let types = SimpleTypes(&self.simple);
        match ty {
            TypeId::Simple(id) => match (types.value(id, a, None), types.value(id, b, None)) {
                (Ok(a), Ok(b)) => a.equals(&b),
                _ => a == b,
            },
            TypeId::Complex(_) => a == b,
        }
    }
}

/// Whether a wildcard for attributes restricts another.
pub(super) fn wildcard_restricts(r: &Wildcard, b: &Wildcard) -> bool {
    is_subset(&r.namespaces, &b.namespaces)
        && (r.process >= b.process || b.process == Process::Skip)
}
