//! When a content model restricts another (Structures 3.9.6, "Particle Valid
//! (Restriction)"). The rules compare the particles as written, once groups
//! that mean nothing by themselves are taken out.

use super::Compiler;
use super::particles::{Part, Particle, ParticleId};
use crate::xsd::model::{Kind, NONE, Term};
use crate::xsd::simple::SimpleTypes;
use crate::xsd::tables::{
    Element, ElementId, Methods, NamespaceSet, Process, TypeId, ValueConstraint, Wildcard, derives,
};

/// The comparison goes down both trees at once; they may not be deeper.
const MAX_DEPTH: usize = 300;
/// Particles of one type that are compared, groups written out.
const MAX_PARTICLES: usize = 1_000_000;

/// A particle with pointless groups taken out.
#[derive(Debug, Clone)]
pub(super) struct Plain {
    min: u64,
    /// `u64::MAX` is unbounded.
    max: u64,
    term: PlainTerm,
}

#[derive(Debug, Clone)]
enum PlainTerm {
    Element(ElementId),
    Wildcard(Wildcard),
    Group(Kind, Vec<Plain>),
}

fn times(a: u64, b: u64) -> u64 {
    if a == 0 || b == 0 {
        0
    } else {
        a.saturating_mul(b)
    }
}

impl Plain {
    /// Least and greatest number of elements it takes ("effective total range").
    fn total(&self) -> (u64, u64) {
        let PlainTerm::Group(kind, children) = &self.term else {
            return (self.min, self.max);
        };
        let totals = children.iter().map(Plain::total);
        let (min, max) = if *kind == Kind::Choice {
            let (mut low, mut high) = (u64::MAX, 0);
            for (min, max) in totals {
                (low, high) = (low.min(min), high.max(max));
            }
            (if children.is_empty() { 0 } else { low }, high)
        } else {
            totals.fold((0, 0_u64), |(a, b), (min, max)| {
                (a + min, b.saturating_add(max))
            })
        };
        (times(self.min, min), times(self.max, max))
    }

    /// The member of an `all` that has but one, once: then either may carry
    /// how often it occurs.
    fn only_member(&self) -> Option<Self> {
        match &self.term {
            PlainTerm::Group(Kind::All, members) => match &members[..] {
                [only] if (only.min, only.max) == (1, 1) => Some(Self {
                    min: self.min,
                    max: self.max,
                    term: only.term.clone(),
                }),
                _ => None,
            },
            _ => None,
        }
    }

    fn is_emptiable(&self) -> bool {
        self.min == 0 || self.total().0 == 0
    }
}

fn in_range(r: (u64, u64), b: (u64, u64)) -> bool {
    r.0 >= b.0 && r.1 <= b.1
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
    /// The particle in plain form; `None` when it takes nothing. The error is
    /// that it is too large to compare.
    fn plain(&self, particle: ParticleId) -> Result<Option<Plain>, String> {
        let mut budget = MAX_PARTICLES;
        let plain = self.plain_in(particle, None, 0, &mut budget).pop();
        if budget == 0 {
            return Err("a content model too large or too deep to compare".to_owned());
        }
        Ok(plain)
    }

    /// The particle as members of a group of kind `outer`: usually one, but a
    /// group of the same kind that occurs once gives its own members.
    fn plain_in(
        &self,
        particle: ParticleId,
        outer: Option<Kind>,
        depth: usize,
        budget: &mut usize,
    ) -> Vec<Plain> {
        let Particle { min, max, part, .. } = &self.particles[particle.0 as usize];
        let (min, max) = (
            u64::from(*min),
            if *max == NONE {
                u64::MAX
            } else {
                u64::from(*max)
            },
        );
        let once = (min, max) == (1, 1);
        *budget = if depth > MAX_DEPTH {
            0
        } else {
            budget.saturating_sub(1)
        };
        if *budget == 0 {
            return Vec::new();
        }
        match part {
            Part::Term(Term::Wildcard(wildcard)) => {
                vec![Plain {
                    min,
                    max,
                    term: PlainTerm::Wildcard(wildcard.clone()),
                }]
            }
            Part::Term(Term::Element(id)) => {
                let one = |id: ElementId, min, max| Plain {
                    min,
                    max,
                    term: PlainTerm::Element(id),
                };
                let Some(members) = self.substitutes.get(id) else {
                    return vec![one(*id, min, max)];
                };
                let heads = std::iter::once(id).chain(members);
                let children = heads.map(|&id| one(id, 1, 1)).collect();
                vec![Plain {
                    min,
                    max,
                    term: PlainTerm::Group(Kind::Choice, children),
                }]
            }
            Part::Group(kind, children) => {
                let plain: Vec<Plain> = children
                    .iter()
                    .flat_map(|&c| self.plain_in(c, Some(*kind), depth + 1, budget))
                    .collect();
                if plain.is_empty() && (*kind != Kind::Choice || min == 0) {
                    return Vec::new();
                }
                if once && (plain.len() == 1 || outer == Some(*kind) && *kind != Kind::All) {
                    return plain;
                }
                vec![Plain {
                    min,
                    max,
                    term: PlainTerm::Group(*kind, plain),
                }]
            }
        }
    }

    /// Whether the content `derived` restricts the content `base`.
    pub(super) fn restricts(
        &self,
        derived: Option<ParticleId>,
        base: Option<ParticleId>,
    ) -> Result<(), String> {
        let derived = derived.map_or(Ok(None), |p| self.plain(p))?;
        let base = base.map_or(Ok(None), |p| self.plain(p))?;
        match (derived, base) {
            (None, None) => Ok(()),
            (None, Some(base)) if base.is_emptiable() => Ok(()),
            (None, Some(_)) => Err("the base type's content can't be empty".to_owned()),
            (Some(derived), None) if derived.total().1 == 0 => Ok(()),
            (Some(_), None) => Err("the base type's content is empty".to_owned()),
            (Some(derived), Some(base)) => self.restriction(&derived, &base),
        }
    }

    fn restriction(&self, r: &Plain, b: &Plain) -> Result<(), String> {
        let as_written = self.term_restriction(r, b);
        let alone = |plain: &Plain| plain.only_member().unwrap_or_else(|| plain.clone());
        match (r.only_member(), b.only_member()) {
            (None, None) => as_written,
            _ => as_written.or_else(|_| self.term_restriction(&alone(r), &alone(b))),
        }
    }

    fn term_restriction(&self, r: &Plain, b: &Plain) -> Result<(), String> {
        use PlainTerm::{Element, Group, Wildcard};
        let ranges = || match in_range((r.min, r.max), (b.min, b.max)) {
            true => Ok(()),
            false => Err("occurs less or more often than in the base type".to_owned()),
        };
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
                if !is_subset(&x.namespaces, &y.namespaces) {
                    return Err(
                        "the wildcard takes more namespaces than the base type's".to_owned()
                    );
                }
                if x.process < y.process {
                    return Err(
                        "the wildcard is processed more leniently than the base type's".to_owned(),
                    );
                }
                ranges()
            }
            (Element(_), Group(kind, members)) => {
                if !in_range((1, 1), (b.min, b.max)) {
                    return Err("occurs less or more often than in the base type".to_owned());
                }
                self.recurse(std::slice::from_ref(r), members, *kind != Kind::Choice)
            }
            (Group(_, members), Wildcard(w)) => {
                if !in_range(r.total(), (b.min, b.max)) {
                    return Err("occurs less or more often than the base wildcard".to_owned());
                }
                let any_number = Plain {
                    min: 0,
                    max: u64::MAX,
                    term: PlainTerm::Wildcard(w.clone()),
                };
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
                if !in_range((times(r.min, count), times(r.max, count)), (b.min, b.max)) {
                    return Err("occurs less or more often than in the base type".to_owned());
                }
                x.iter()
                    .try_for_each(|m| match y.iter().any(|n| self.restriction(m, n).is_ok()) {
                        true => Ok(()),
                        false => Err(self.unmatched(m)),
                    })
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
        match all_count && rest.any(|m| !m.is_emptiable()) {
            true => Err("an element that the base type requires is missing".to_owned()),
            false => Ok(()),
        }
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
        match b
            .iter()
            .zip(&used)
            .any(|(m, used)| !used && !m.is_emptiable())
        {
            true => Err("an element that the base type requires is missing".to_owned()),
            false => Ok(()),
        }
    }

    fn unmatched(&self, plain: &Plain) -> String {
        match &plain.term {
            PlainTerm::Element(id) => {
                let name = self.elements[id.0 as usize].name;
                format!(
                    "'{}' has no counterpart in the base type",
                    self.names.local(name)
                )
            }
            PlainTerm::Wildcard(_) => "a wildcard has no counterpart in the base type".to_owned(),
            PlainTerm::Group(..) => "a group has no counterpart in the base type".to_owned(),
        }
    }

    fn name_and_type(&self, r: ElementId, b: ElementId) -> Result<(), String> {
        let (x, y): (&Element, &Element) =
            (&self.elements[r.0 as usize], &self.elements[b.0 as usize]);
        let local = self.names.local(x.name);
        if r == b {
            return Ok(());
        }
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
