//! Particles as the rules of restriction compare them: as written, once groups
//! that mean nothing by themselves are taken out.

use super::Compiler;
use super::particles::{Part, Particle, ParticleId};
use crate::xsd::model::{Kind, NONE, Term};
use crate::xsd::tables::{ElementId, Wildcard};

/// The comparison goes down both trees at once; they may not be deeper.
const MAX_DEPTH: usize = 300;
/// Particles of one type that are compared, groups written out.
const MAX_PARTICLES: usize = 1_000_000;

/// A particle with pointless groups taken out.
#[derive(Debug, Clone)]
pub(super) struct Plain {
    pub(super) min: u64,
    /// `u64::MAX` is unbounded.
    pub(super) max: u64,
    pub(super) term: PlainTerm,
    /// Least and greatest number of elements it takes ("effective total range").
    pub(super) total: (u64, u64),
}

#[derive(Debug, Clone)]
pub(super) enum PlainTerm {
    Element(ElementId),
    Wildcard(Wildcard),
    Group(Kind, Vec<Plain>),
}

impl Plain {
    pub(super) fn new(min: u64, max: u64, term: PlainTerm) -> Self {
        let (low, high) = term.total();
        Self {
            min,
            max,
            term,
            total: (min.saturating_mul(low), max.saturating_mul(high)),
        }
    }

    /// The member of an `all` that has but one, once: then either may carry
    /// how often it occurs.
    pub(super) fn only_member(&self) -> Option<Self> {
        match &self.term {
            PlainTerm::Group(Kind::All, members) => match &members[..] {
                [only] if (only.min, only.max) == (1, 1) => {
                    Some(Self::new(self.min, self.max, only.term.clone()))
                }
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn is_emptiable(&self) -> bool {
        self.total.0 == 0
    }
}

impl PlainTerm {
    /// Least and greatest number of elements that one of it takes.
    fn total(&self) -> (u64, u64) {
        let Self::Group(kind, members) = self else {
            return (1, 1);
        };
        let totals = members.iter().map(|m| m.total);
        if *kind == Kind::Choice {
            let (low, high) = totals.fold((u64::MAX, 0), |(low, high), (min, max)| {
                (low.min(min), high.max(max))
            });
            return (if members.is_empty() { 0 } else { low }, high);
        }
        totals.fold((0, 0), |(low, high): (u64, u64), (min, max)| {
            (low.saturating_add(min), high.saturating_add(max))
        })
    }
}

impl Compiler {
    /// The particle in plain form; `None` when it takes nothing. The error is
    /// that it is too large to compare.
    pub(super) fn plain(&self, particle: ParticleId) -> Result<Option<Plain>, String> {
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
                vec![Plain::new(min, max, PlainTerm::Wildcard(wildcard.clone()))]
            }
            Part::Term(Term::Element(id)) => {
                let one = |id, min, max| Plain::new(min, max, PlainTerm::Element(id));
                let Some(members) = self.substitutes.get(id) else {
                    return vec![one(*id, min, max)];
                };
                let heads = std::iter::once(id).chain(members);
                let children = heads.map(|&id| one(id, 1, 1)).collect();
                let choice = PlainTerm::Group(Kind::Choice, children);
                vec![Plain::new(min, max, choice)]
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
                vec![Plain::new(min, max, PlainTerm::Group(*kind, plain))]
            }
        }
    }
}
