//! What is to be said of children that do not follow a content model which is
//! a plain sequence, as those of messages are.
//!
//! The children are not judged one by one, for then a mistake early on is
//! blamed on all that comes after it. They are written down until their parent
//! ends; then the fewest mistakes that explain them are looked for: an element
//! too many, in the wrong place, under another name, missing.

use super::content::Match;
use super::path::At;
use super::{Inside, Validator};
use crate::xml::StartTag;
use crate::xsd::error::{Choices, ErrorKind, excerpt};
use crate::xsd::likeness::Likeness;
use crate::xsd::model::{Entry, Model, NONE};
use crate::xsd::names::NameId;
use crate::xsd::tables::{Content, TypeId};

/// Runs of children that are written down for one parent; of further ones it
/// is only counted how many are unknown.
const MOST_RUNS: usize = 64;
/// Names that an error lists.
const MOST_NAMES: usize = 30;
/// The last errors that are looked through for one that a stray explains.
const RECENT: usize = 32;

/// The children of an element since its content went wrong.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    /// The last child before: its leaf, ordinal and offset.
    last: Option<(u32, u32, usize)>,
    /// Whether that child is the only one of its name, so that it may be the
    /// one which is out of place.
    alone: bool,
    /// The leaf before that one.
    second: Option<u32>,
    since: Vec<Run>,
    /// Leaves that are not missed: their element was met elsewhere.
    excused: Vec<u32>,
    /// Elements met here that belong into the child which this leaf takes.
    strays: Vec<(u32, NameId)>,
    /// Unknown children beyond those written down.
    uncounted: usize,
    /// Something was reported already.
    told: bool,
}

/// Children of one name, one after the other.
#[derive(Debug)]
struct Run {
    /// The leaf that takes them; none for a name that the model lacks.
    leaf: Option<u32>,
    local: Box<str>,
    ordinal: u32,
    offset: usize,
    /// The first that is one too many.
    over: Option<(u32, usize)>,
}

/// An error before it is one of the report: offset, kind, and the child that it is about, as in [`At::Child`]; none where
/// it is about the parent.
type Finding = (usize, ErrorKind, Option<(String, u32, bool)>);

impl Validator<'_> {
    /// From here on the children of the innermost element are written down.
    pub(super) fn enter_trouble(&mut self, model: &Model) {
        if let Some(innermost) = self.stack.len().checked_sub(1) {
            self.trouble_at(innermost, model);
        }
    }

    /// The same of an element further out.
    fn trouble_at(&mut self, place: usize, model: &Model) {
        let frame = &mut self.stack[place];
        if frame.trouble.is_some() {
            return;
        }
        let counts = &self.counts[frame.counts_from..];
        let mut seen: Vec<&Entry> = model.entries.iter().collect();
        seen.retain(|e| counts[e.local as usize] > 0);
        seen.sort_unstable_by_key(|e| std::cmp::Reverse(e.leaf));
        let last = seen.first();
        let count = last.map_or(0, |e| counts[e.local as usize]);
        frame.trouble = Some(Box::new(Trouble {
            last: last.map(|e| (e.leaf, count, frame.last_child)),
            alone: count == 1,
            second: seen.get(1).map(|e| e.leaf),
            ..Trouble::default()
        }));
    }

    /// Writes a child down. `entry` is the particle for its name.
    pub(super) fn note(
        &mut self,
        model: &Model,
        tag: &StartTag<'_, '_>,
        name: Option<NameId>,
        entry: Option<Entry>,
    ) -> Match {
        if entry.is_none() && name.is_some_and(|name| self.is_stray(model, tag, name)) {
            return Match::Nowhere;
        }
        let Some(frame) = self.stack.last_mut() else {
            return Match::Nowhere;
        };
        let (local, offset) = (tag.name.local, tag.offset);
        let ordinal = match entry {
            Some(entry) => self.counts[frame.counts_from + entry.local as usize] + 1,
            None => frame.count_other(local),
        };
        let Some(trouble) = &mut frame.trouble else {
            return Match::Nowhere;
        };
        let leaf = entry.map(|e| e.leaf);
        let goes_on = |run: &&mut Run| run.leaf == leaf && (leaf.is_some() || *run.local == *local);
        if trouble.since.last_mut().filter(goes_on).is_none() {
            if trouble.since.len() < MOST_RUNS {
                trouble.since.push(Run {
                    leaf,
                    local: local.into(),
                    ordinal,
                    offset,
                    over: None,
                });
            } else if leaf.is_none() {
                trouble.uncounted += 1;
            }
        }
        let Some(entry) = entry else {
            return Match::Nowhere;
        };
        if ordinal > model.nodes[entry.leaf as usize].max
            && let Some(run) = trouble.since.last_mut().filter(|run| run.leaf == leaf)
        {
            run.over.get_or_insert((ordinal, offset));
        }
        Match::Declared(entry)
    }

    /// Whether a child that the model lacks belongs into an element around
    /// here or into one of the children; then it is reported as such, and not
    /// missed there.
    fn is_stray(&mut self, model: &Model, tag: &StartTag<'_, '_>, name: NameId) -> bool {
        let parent = self.belongs_outside(name);
        let Some(parent) = parent.or_else(|| self.belongs_below(model, name)) else {
            return false;
        };
        let (local, mut ordinal) = (tag.name.local, 1);
        if let Some(frame) = self.stack.last_mut() {
            ordinal = frame.count_other(local);
            frame.trouble.iter_mut().for_each(|t| t.told = true);
        }
        let found = local.to_owned();
        let kind = ErrorKind::BelongsElsewhere { found, parent };
        self.error(tag.offset, At::Child(local, ordinal, false), |_| kind);
        true
    }

    /// The nearest element around the innermost one that takes this child.
    fn belongs_outside(&mut self, name: NameId) -> Option<String> {
        let schema = self.schema;
        for place in (0..self.stack.len().saturating_sub(1)).rev() {
            let Inside::Elements { model, .. } = self.stack[place].inside else {
                continue;
            };
            let model = &schema.models[model as usize];
            let Some(entry) = model.candidates(name).first() else {
                continue;
            };
            if model.plain {
                self.trouble_at(place, model);
                if let Some(trouble) = &mut self.stack[place].trouble {
                    (trouble.told, _) = (true, trouble.excused.push(entry.leaf));
                }
            }
            let own = self.stack[place].name?;
            return Some(schema.names.local(own).to_owned());
        }
        None
    }

    /// The child of the innermost element that takes this element.
    fn belongs_below(&mut self, model: &Model, name: NameId) -> Option<String> {
        let schema = self.schema;
        let takes = |entry: &&Entry| {
            let TypeId::Complex(id) = schema.element(entry.element).ty else {
                return false;
            };
            matches!(schema.complex(id).content, Content::Elements { model, .. }
                if !schema.models[model as usize].candidates(name).is_empty())
        };
        let parent = model.entries.iter().find(takes)?;
        if let Some(trouble) = self.stack.last_mut().and_then(|f| f.trouble.as_mut()) {
            trouble.strays.push((parent.leaf, name));
        }
        let local = schema.names.local(parent.name);
        let (from, to) = (At::Child(local, 1, false), schema.names.local(name));
        let from = self.path(from);
        // It was missed already where the child came before.
        let missed = |error: &crate::xsd::ValidationError| {
            matches!(error.kind, ErrorKind::MissingElement { .. })
                && error.path.starts_with(&from)
                && error.path.rsplit('/').next() == Some(to)
        };
        let errors = &mut self.report.errors;
        let recent = errors.len().saturating_sub(RECENT);
        if let Some(at) = errors[recent..].iter().rposition(missed) {
            errors.remove(recent + at);
        }
        Some(local.to_owned())
    }

    /// The innermost element, whose children were written down or are not all
    /// there, ends at `end`: says what is wrong with them.
    pub(super) fn resolve(&mut self, model: &Model, end: usize) {
        self.enter_trouble(model);
        let Some(frame) = self.stack.last_mut() else {
            return;
        };
        let Some(trouble) = frame.trouble.take() else {
            return;
        };
        let mixed = matches!(frame.inside, Inside::Elements { mixed: true, .. });
        let (stray_text, has_children) = (frame.has_text && !mixed, frame.has_children);
        let (place, counts_from) = (frame.place, frame.counts_from);
        if !self.keeps() {
            self.report.more += 1;
            return;
        }
        // A text in place of the children was reported, and nothing is missed besides.
        let silent = stray_text && !has_children;
        let strays = self.stray_from(place.map(|(_, leaf)| leaf));
        let mut findings = {
            let mut entries: Vec<&Entry> = model.entries.iter().collect();
            entries.sort_unstable_by_key(|e| e.leaf);
            let mut repair = Repair {
                schema: self.schema,
                entries,
                model,
                trouble: &trouble,
                counts: &self.counts[counts_from..],
                inside: self.inside(model),
                place: vec![None; trouble.since.len()],
                claimed: Vec::new(),
                findings: Vec::new(),
            };
            repair.order();
            repair.unknown();
            if !silent {
                repair.missing(end, &strays, has_children);
            }
            repair.findings
        };
        if findings.is_empty() && !trouble.told && !silent && strays.is_empty() {
            // Whatever was not understood is not valid all the same.
            let expected = Choices::default();
            let before = String::new();
            findings.push((end, ErrorKind::MissingElement { expected, before }, None));
        }
        for (offset, kind, child) in findings {
            let at = match &child {
                Some((local, ordinal, repeats)) => At::Child(local, *ordinal, *repeats),
                None => At::Here,
            };
            self.error(offset, at, |_| kind);
        }
        self.report.more += trouble.uncounted;
    }

    /// The elements that were met outside the innermost one, which this leaf
    /// of its parent's model took, and belong into it.
    fn stray_from(&self, leaf: Option<u32>) -> Vec<NameId> {
        let parent = self.stack.len().checked_sub(2).map(|at| &self.stack[at]);
        let strays = parent.and_then(|p| p.trouble.as_ref()).map(|t| &t.strays);
        let of_this = |&(into, name): &(u32, NameId)| (Some(into) == leaf).then_some(name);
        strays.into_iter().flatten().filter_map(of_this).collect()
    }
}

/// The search for the fewest mistakes.
struct Repair<'t> {
    schema: &'t crate::xsd::Schema,
    /// The entries in the order of the sequence.
    entries: Vec<&'t Entry>,
    model: &'t Model,
    trouble: &'t Trouble,
    counts: &'t [u32],
    /// The parent's name, and the namespace of its children.
    inside: (String, String),
    /// By run: the leaf in whose place it stands; none where it is out of order.
    place: Vec<Option<u32>>,
    /// Leaves whose element is there under another name.
    claimed: Vec<u32>,
    findings: Vec<Finding>,
}

impl Repair<'_> {
    fn count(&self, entry: &Entry) -> u32 {
        self.counts[entry.local as usize]
    }

    fn max(&self, leaf: u32) -> u32 {
        self.model.nodes[leaf as usize].max
    }

    fn local(&self, entry: &Entry) -> String {
        self.schema.names.local(entry.name).to_owned()
    }

    /// What is there too often, and what is out of order: as few as explain
    /// the order of the rest.
    fn order(&mut self) {
        let trouble = self.trouble;
        let runs = &trouble.since;
        let mut over: Vec<u32> = Vec::new();
        for run in runs {
            if let (Some(leaf), Some((ordinal, offset))) = (run.leaf, run.over)
                && !over.contains(&leaf)
            {
                over.push(leaf);
                let (found, limit) = (run.local.to_string(), self.max(leaf));
                let kind = ErrorKind::TooManyElements { found, limit };
                let child = (run.local.to_string(), ordinal, self.model.repeats(leaf));
                self.findings.push((offset, kind, Some(child)));
            }
        }
        let counted = |run: &Run| {
            run.leaf
                .filter(|_| run.over.is_none_or(|o| o.1 != run.offset))
        };
        let leaves: Vec<Option<u32>> = runs.iter().map(counted).collect();
        let all = leaves.iter().flatten().count();
        let mut kept = longest(&leaves, trouble.last.map(|l| l.0));
        let mut last_is_wrong = false;
        if trouble.alone {
            let other = longest(&leaves, trouble.second);
            if all - other.len() + 1 < all - kept.len() {
                (kept, last_is_wrong) = (other, true);
            }
        }
        for &index in &kept {
            self.place[index] = leaves[index];
        }
        let dropped = (0..runs.len()).filter(|&i| {
            leaves[i].is_some_and(|leaf| !over.contains(&leaf)) && self.place[i].is_none()
        });
        let mut wrong: Vec<(u32, u32, usize)> = dropped
            .map(|i| (leaves[i].unwrap_or(NONE), runs[i].ordinal, runs[i].offset))
            .collect();
        wrong.extend(trouble.last.filter(|_| last_is_wrong));
        let misplaced: Vec<u32> = wrong.iter().map(|w| w.0).collect();
        for (leaf, ordinal, offset) in wrong {
            self.out_of_place(leaf, ordinal, offset, &misplaced);
        }
    }

    fn out_of_place(&mut self, leaf: u32, ordinal: u32, offset: usize, misplaced: &[u32]) {
        let sound =
            |e: &&&Entry| self.count(e) > 0 && !misplaced.contains(&e.leaf) && e.leaf != leaf;
        let there = self.entries.iter().filter(sound);
        let (before, after): (Vec<&&Entry>, Vec<&&Entry>) = there.partition(|e| e.leaf > leaf);
        let name = |e: Option<&&&Entry>| e.map_or(String::new(), |e| self.local(e));
        let (after, before) = (name(after.last()), name(before.first()));
        let Some(found) = self.entries.iter().find(|e| e.leaf == leaf) else {
            return;
        };
        let found = self.local(found);
        let child = (found.clone(), ordinal, self.model.repeats(leaf));
        let kind = ErrorKind::MisplacedElement {
            found,
            after,
            before,
        };
        self.findings.push((offset, kind, Some(child)));
    }

    /// Names that the model lacks: misspelled, in the place of another, or of
    /// no meaning here.
    fn unknown(&mut self) {
        for index in 0..self.trouble.since.len() {
            let run = &self.trouble.since[index];
            if run.leaf.is_some() {
                continue;
            }
            let (from, to) = self.gap(index);
            let absent = |e: &&&Entry| {
                let (count, max) = (self.count(e), self.max(e.leaf));
                count < max && !self.claimed.contains(&e.leaf)
            };
            let like = |e: &&Entry| Likeness::of(&run.local, self.schema.names.local(e.name));
            let alike = self.entries.iter().filter(absent);
            let alike = alike.filter_map(|e| Some((like(e)?, e)));
            let nearest = alike.min_by_key(|(likeness, _)| *likeness);
            let found = excerpt(&run.local);
            let in_gap = |e: &&&Entry| from.is_none_or(|f| e.leaf > f) && e.leaf < to;
            let needed: Vec<&Entry> = (self.entries.iter().filter(absent).filter(in_gap))
                .filter(|e| self.model.nodes[e.leaf as usize].min > self.count(e))
                .copied()
                .collect();
            let (kind, claim) = match (nearest, &needed[..]) {
                (Some((_, entry)), _) => {
                    let meant = self.local(entry);
                    let kind = ErrorKind::MisspelledElement { found, meant };
                    (kind, Some(entry.leaf))
                }
                (None, [only]) => {
                    let expected = Choices(vec![self.local(only)]);
                    (self.unexpected(found, expected), Some(only.leaf))
                }
                _ => {
                    let near = |e: &&&Entry| in_gap(e) || Some(e.leaf) == from;
                    let here = |e: &&&Entry| e.leaf == to || absent(e) && near(e);
                    let here = self.entries.iter().filter(here);
                    let names = here.take(MOST_NAMES).map(|e| self.local(e));
                    let expected = Choices(names.collect());
                    (self.unexpected(found, expected), None)
                }
            };
            self.claimed.extend(claim);
            self.place[index] = claim;
            let child = (run.local.to_string(), run.ordinal, false);
            self.findings.push((run.offset, kind, Some(child)));
        }
    }

    fn unexpected(&self, found: String, expected: Choices) -> ErrorKind {
        let (inside, namespace) = self.inside.clone();
        ErrorKind::UnexpectedElement {
            found,
            expected,
            inside,
            namespace,
        }
    }

    /// The leaves between which a run stands.
    fn gap(&self, index: usize) -> (Option<u32>, u32) {
        let before = self.place[..index].iter().rev().flatten().next().copied();
        let after = self.place[index + 1..].iter().flatten().next().copied();
        let before = before.or(self.trouble.last.map(|l| l.0));
        (before, after.unwrap_or(NONE))
    }

    /// What had to come and is nowhere: at the next sibling that is in order,
    /// or at the end tag.
    fn missing(&mut self, end: usize, strays: &[NameId], has_children: bool) {
        let is_missing = |e: &&Entry| {
            self.count(e) < self.model.nodes[e.leaf as usize].min
                && !self.claimed.contains(&e.leaf)
                && !self.trouble.excused.contains(&e.leaf)
                && !strays.contains(&e.name)
        };
        let missing: Vec<&Entry> = self.entries.iter().copied().filter(is_missing).collect();
        if missing.len() > 1 && !has_children {
            // The element is empty, which is one mistake.
            let names = missing.iter().take(MOST_NAMES).map(|e| self.local(e));
            let (expected, before) = (Choices(names.collect()), String::new());
            let kind = ErrorKind::MissingElement { expected, before };
            return self.findings.push((end, kind, None));
        }
        for entry in missing {
            let mut runs = self.place.iter().zip(&self.trouble.since);
            let next = runs.find(|(place, _)| place.is_some_and(|leaf| leaf > entry.leaf));
            let (before, offset) = match next {
                Some((_, run)) => (run.local.to_string(), run.offset),
                None => (String::new(), end),
            };
            let child = (self.local(entry), self.count(entry) + 1, false);
            let expected = Choices(vec![child.0.clone()]);
            let kind = ErrorKind::MissingElement { expected, before };
            self.findings.push((offset, kind, Some(child)));
        }
    }
}

/// The indices of a longest run of leaves in order, none of them before
/// `floor`. There are at most [`MOST_RUNS`].
fn longest(leaves: &[Option<u32>], floor: Option<u32>) -> Vec<usize> {
    // By index: the length of the longest that ends here, and what it goes on from.
    let mut best: Vec<(usize, Option<usize>)> = vec![(0, None); leaves.len()];
    let mut top: Option<usize> = None;
    for (index, leaf) in leaves.iter().enumerate() {
        let Some(leaf) = leaf.filter(|&leaf| floor.is_none_or(|floor| leaf >= floor)) else {
            continue;
        };
        let goes_on = |&at: &usize| best[at].0 > 0 && leaves[at].is_some_and(|l| l <= leaf);
        let from = (0..index).filter(goes_on).max_by_key(|&at| best[at].0);
        best[index] = (from.map_or(0, |at| best[at].0) + 1, from);
        if top.is_none_or(|at| best[at].0 < best[index].0) {
            top = Some(index);
        }
    }
    let mut kept = Vec::new();
    while let Some(index) = top {
        kept.push(index);
        top = best[index].1;
    }
    kept
}
