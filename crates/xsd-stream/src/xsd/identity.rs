//! Identity constraints as compiled: the XPath subset of selectors and fields.

use super::names::NameId;

/// Steps of one path; the matcher keeps a bit for each.
pub(super) const MAX_STEPS: usize = 63;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NameTest {
    Any,
    Namespace(Box<str>),
    Name(NameId),
}

impl NameTest {
    pub(super) fn accepts(&self, namespace: &str, name: Option<NameId>) -> bool {
        match self {
            Self::Any => true,
            Self::Namespace(wanted) => **wanted == *namespace,
            Self::Name(wanted) => name == Some(*wanted),
        }
    }
}

/// `(.//)? step/step/… (@attribute)?`
#[derive(Debug, Clone)]
pub(super) struct Path {
    pub(super) anywhere: bool,
    pub(super) steps: Vec<NameTest>,
    pub(super) attribute: Option<NameTest>,
}

/// The alternatives of a selector or field.
#[derive(Debug, Clone)]
pub(super) struct Paths {
    pub(super) source: Box<str>,
    pub(super) list: Vec<Path>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IdentityKind {
    Unique,
    Key,
    /// Refers to the constraint at this place.
    Keyref(u32),
}

/// A key, keyref or unique.
#[derive(Debug, Clone)]
pub(super) struct IdentityConstraint {
    pub(super) name: Box<str>,
    pub(super) kind: IdentityKind,
    pub(super) selector: Paths,
    pub(super) fields: Vec<Paths>,
}

/// What the steps of all paths of a schema take, and what declares constraints,
/// so that an element that is neither is passed over at one look.
#[derive(Debug, Default)]
pub(super) struct Steps {
    /// A path begins anywhere, or a step takes more than one name.
    any: bool,
    /// By the name's number.
    named: Vec<bool>,
}

impl Steps {
    /// `declaring` are the names of elements that declare constraints.
    pub(super) fn of(
        constraints: &[IdentityConstraint],
        declaring: impl Iterator<Item = NameId>,
    ) -> Self {
        let mut steps = Self::default();
        declaring.for_each(|name| steps.add(&NameTest::Name(name)));
        let paths = constraints
            .iter()
            .flat_map(|c| std::iter::once(&c.selector).chain(&c.fields))
            .flat_map(|paths| &paths.list);
        for path in paths {
            steps.any |= path.anywhere;
            for test in &path.steps {
                steps.add(test);
            }
        }
        steps
    }

    fn add(&mut self, test: &NameTest) {
        let NameTest::Name(name) = test else {
            self.any = true;
            return;
        };
        let place = name.0 as usize;
        if self.named.len() <= place {
            self.named.resize(place + 1, false);
        }
        self.named[place] = true;
    }

    /// Whether a step of some path may take an element of this name, or such
    /// an element may declare a constraint.
    #[inline(always)]
    pub(super) fn may_name(&self, name: Option<NameId>) -> bool {
        let named = |name: NameId| self.named.get(name.0 as usize).copied();
        self.any || name.and_then(named).unwrap_or(false)
    }
}

/// Follows the paths of a selector or field down and up the document: for
/// each open element and path, a bit per number of steps taken so far. Where
/// no path can go on, levels are only counted.
#[derive(Debug, Default)]
pub(super) struct Matcher {
    states: Vec<u64>,
    /// Open elements at which, or above which, every path had ended.
    beyond: usize,
}

impl Matcher {
    /// As new, but for the room it has.
    #[inline]
    pub(super) fn reset(&mut self) {
        self.states.clear();
        self.beyond = 0;
    }

    /// Enters the element from which the paths start; whether one ends there.
    pub(super) fn begin(&mut self, paths: &Paths) -> bool {
        let mut ends = false;
        for path in &paths.list {
            self.states.push(1);
            ends |= path.steps.is_empty();
        }
        ends
    }

    /// Enters a child of the element entered last; whether a path ends there.
    #[inline]
    pub(super) fn enter(&mut self, paths: &Paths, namespace: &str, name: Option<NameId>) -> bool {
        if self.beyond > 0 {
            self.beyond += 1;
            return false;
        }
        let from = self.states.len();
        let above = from - paths.list.len();
        let (mut any, mut ends) = (0, false);
        for (i, path) in paths.list.iter().enumerate() {
            let mut old = self.states[above + i];
            let mut new = u64::from(path.anywhere);
            while old != 0 {
                let step = old.trailing_zeros() as usize;
                old &= old - 1;
                if path
                    .steps
                    .get(step)
                    .is_some_and(|test| test.accepts(namespace, name))
                {
                    new |= 2 << step;
                }
            }
            any |= new;
            ends |= new >> path.steps.len() & 1 == 1;
            self.states.push(new);
        }
        if any == 0 {
            self.states.truncate(from);
            self.beyond = 1;
        }
        ends
    }

    /// Enters as many elements, one in the other, that no path reaches.
    pub(super) fn skip(&mut self, levels: usize) {
        self.beyond += levels;
    }

    #[inline]
    pub(super) fn leave(&mut self, paths: &Paths) {
        if self.beyond > 0 {
            self.beyond -= 1;
        } else {
            self.states.truncate(self.states.len() - paths.list.len());
        }
    }

    /// The paths that end at the element entered last.
    pub(super) fn matched<'p>(&self, paths: &'p Paths) -> impl Iterator<Item = &'p Path> {
        let list = if self.beyond > 0 {
            &[][..]
        } else {
            &paths.list
        };
        let states = &self.states[self.states.len() - list.len()..];
        list.iter()
            .zip(states)
            .filter(|(path, state)| **state >> path.steps.len() & 1 == 1)
            .map(|(path, _)| path)
    }
}
