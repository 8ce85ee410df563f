//! The step from one child to the next, and whether the content may end.
//!
//! A child is taken by one leaf (Unique Particle Attribution), but which of
//! several particles around it begins anew may stay open: in `(a{2,3}, b?){4}`
//! a third `a` may be the last of one `a{2,3}` or the first of the next. So a
//! count tells no more than what is known. That of a particle without an
//! `outer` tells how often it has occurred in the one around it. Where there
//! is an `outer`, the count goes on over the border, and only when the particle
//! is left is it shared out: `n` occurrences make `g` groups of `min` to `max`
//! when `g * min <= n <= g * max`, and for all `n` of a range these `g` are a
//! range again. So one range for each particle says all, and a step costs what
//! the particles around the two leaves cost, whatever the numbers.
//!
//! Where a child may stand later in the same occurrence or in the next one
//! (`(a?, b?){4}`), the content may be empty, so that only the greatest number
//! counts, and the same occurrence is always as good.

use super::model::{Kind, Mode, Model, ModelNode, NONE};

/// The possible values of a count, from and to.
type Range = (u32, u32);

impl Model {
    /// Adds to `out` the state reached from `state` when `leaf` takes the next
    /// child. False when there is none.
    pub(super) fn step(&self, state: &[u32], leaf: u32, mode: Mode, out: &mut Vec<u32>) -> bool {
        let place = state[0];
        let mut climb = Climb::new(self, state, mode);
        if self.nodes[0].kind == Kind::All {
            return take_member(state, leaf, mode, out);
        }
        if place == NONE {
            return climb.is_first(0, leaf) && climb.enter(NONE, leaf, out);
        }
        // Up to the lowest particle around both.
        let (mut at, mut branch) = (place, NONE);
        while !self.holds(at, leaf) {
            if !climb.may_end(at, branch) || !climb.close(at) {
                return false;
            }
            (branch, at) = (at, self.nodes[at as usize].parent);
        }
        if climb.goes_on(at, branch, leaf) {
            return climb.enter(at, leaf, out);
        }
        // Further up, to one that can begin anew.
        let mut first = climb.is_first(at, leaf);
        while first && climb.may_end(at, branch) {
            if climb.again(at) {
                return climb.enter(at, leaf, out);
            }
            let node = &self.nodes[at as usize];
            if node.parent == NONE || !climb.close(at) {
                return false;
            }
            first = mode == Mode::Relaxed || node.before == 0;
            (branch, at) = (at, node.parent);
        }
        false
    }

    /// Whether the content may end in `state`.
    pub(super) fn accepts(&self, state: &[u32]) -> bool {
        let Some(root) = self.nodes.first() else {
            return true;
        };
        if state[0] == NONE {
            return root.min == 0;
        }
        if root.kind == Kind::All {
            let mut members = (1..).zip(&self.nodes[1..]);
            return members.all(|(id, node)| node.min == 0 || state[id] > 0);
        }
        let mut climb = Climb::new(self, state, Mode::Strict);
        let (mut at, mut branch) = (state[0], NONE);
        while at != NONE {
            if !climb.may_end(at, branch) || !climb.close(at) {
                return false;
            }
            (branch, at) = (at, self.nodes[at as usize].parent);
        }
        true
    }

    fn holds(&self, node: u32, leaf: u32) -> bool {
        node <= leaf && leaf < self.nodes[node as usize].end
    }

    /// Required members of the sequence around `branch`, up to and with it.
    fn passed(&self, branch: u32) -> u32 {
        let node = &self.nodes[branch as usize];
        node.before + u32::from(node.min > 0)
    }
}

/// In an all group the state says of each member whether it was seen.
fn take_member(state: &[u32], leaf: u32, mode: Mode, out: &mut Vec<u32>) -> bool {
    if state[leaf as usize] > 0 || mode == Mode::Relaxed {
        return false;
    }
    let new = out.len();
    out.extend_from_slice(state);
    out[new] = leaf;
    out[new + leaf as usize] = 1;
    true
}

/// On the way from a leaf up the tree.
struct Climb<'m> {
    model: &'m Model,
    state: &'m [u32],
    mode: Mode,
    /// The count of the next counting particle on the way, where what was left
    /// below has changed it.
    changed: Option<Range>,
}

impl<'m> Climb<'m> {
    fn new(model: &'m Model, state: &'m [u32], mode: Mode) -> Self {
        Self {
            model,
            state,
            mode,
            changed: None,
        }
    }

    fn node(&self, at: u32) -> &'m ModelNode {
        #[cfg(test)]
        VISITS.set(VISITS.get() + 1);
        &self.model.nodes[at as usize]
    }

    fn count(&self, node: &ModelNode) -> Range {
        let slot = 2 * node.depth as usize - 1;
        self.changed
            .unwrap_or((self.state[slot], self.state[slot + 1]))
    }

    /// Whether `leaf` can take the first child of the content of `top`.
    fn is_first(&self, top: u32, leaf: u32) -> bool {
        let mut at = leaf;
        while at != top {
            let node = self.node(at);
            if self.mode == Mode::Strict && node.before > 0 {
                return false;
            }
            at = node.parent;
        }
        true
    }

    /// Whether the content of `at` may end after its child `branch`.
    fn may_end(&self, at: u32, branch: u32) -> bool {
        let node = self.node(at);
        let counts = self.mode == Mode::Strict && branch != NONE && node.kind == Kind::Sequence;
        !counts || node.required == self.model.passed(branch)
    }

    /// Whether `leaf` is in a later member of the sequence `at` that may follow
    /// the member `branch`.
    fn goes_on(&self, at: u32, branch: u32, leaf: u32) -> bool {
        if branch == NONE || self.node(at).kind != Kind::Sequence || leaf < branch {
            return false;
        }
        let mut member = leaf;
        while self.node(member).parent != at {
            member = self.node(member).parent;
        }
        let open =
            self.mode == Mode::Relaxed || self.node(member).before == self.model.passed(branch);
        open && self.is_first(member, leaf)
    }

    /// Leaves `at` for good; false when it has not occurred often enough.
    fn close(&mut self, at: u32) -> bool {
        let node = self.node(at);
        if !node.counts {
            return true;
        }
        let (low, high) = self.count(node);
        self.changed = None;
        let strict = self.mode == Mode::Strict;
        if node.outer == NONE {
            return !strict || low.max(node.min) <= high.min(node.max);
        }
        let (few, mut many) = (
            groups(low, node.max),
            high.checked_div(node.min).unwrap_or(NONE),
        );
        if few > many {
            if strict {
                return false;
            }
            many = few;
        }
        let outer = self.node(node.outer);
        if outer.counts {
            let (low, high) = self.count(outer);
            self.changed = Some((low.saturating_add(few - 1), high.saturating_add(many - 1)));
        }
        true
    }

    /// Counts one more of `at`; false when there can't be.
    fn again(&mut self, at: u32) -> bool {
        let node = self.node(at);
        if node.max <= 1 || !node.counts {
            return node.max > 1;
        }
        let (low, high) = self.count(node);
        let more = (low.saturating_add(1), high.saturating_add(1));
        // With as few as can be in all particles around it there must be room.
        let (mut node, mut fewest) = (node, more.0);
        self.changed = None;
        while node.outer != NONE {
            let outer = self.node(node.outer);
            if !outer.counts {
                break;
            }
            fewest = self
                .count(outer)
                .0
                .saturating_add(groups(fewest, node.max) - 1);
            node = outer;
        }
        let room = node.outer != NONE || fewest <= node.max;
        self.changed = if room { Some(more) } else { Some((low, high)) };
        room
    }

    /// Adds the state in which `leaf` took a child below `at`: what is around
    /// that keeps its count, what is inside begins.
    fn enter(&self, at: u32, leaf: u32, out: &mut Vec<u32>) -> bool {
        let kept = match at {
            NONE => 0,
            at => self.node(at).depth as usize,
        };
        out.push(leaf);
        out.extend_from_slice(&self.state[1..=2 * kept]);
        if let Some((low, high)) = self.changed {
            out.truncate(out.len() - 2);
            out.extend([low, high]);
        }
        let depth = self.node(leaf).depth as usize;
        out.extend(std::iter::repeat_n(1, 2 * (depth - kept)));
        out.extend(std::iter::repeat_n(0, self.model.stride - 1 - 2 * depth));
        true
    }
}

/// The least number of groups of up to `size` that `count` makes.
fn groups(count: u32, size: u32) -> u32 {
    match size {
        NONE => 1,
        size => count.div_ceil(size).max(1),
    }
}

#[cfg(test)]
thread_local! {
    /// Particles looked at by this thread.
    pub(super) static VISITS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

#[cfg(test)]
mod tests;
