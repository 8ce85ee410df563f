//! From the tree to a table: a Thompson automaton, made deterministic when
//! the result is small, else simulated as it is. Either way the work is
//! linear in the text.

use std::collections::HashMap;

use super::parse::{Node, Tree};

/// States of the automaton with choices; counts are written out into it.
const MAX_STATES: usize = 60_000;
/// States of the deterministic one; beyond, the other is simulated.
const MAX_TABLE: usize = 512;
/// The state from which nothing matches.
const DEAD: u32 = 0;

#[derive(Debug, Clone, Copy)]
enum State {
    /// Reads a character of the set, goes to the next state in order.
    Set {
        set: u32,
        next: u32,
    },
    Split(u32, u32),
    Match,
}

/// Characters that no set of the pattern tells apart share a number.
#[derive(Debug)]
struct Alphabet {
    ascii: [u16; 128],
    /// First code point of each run, ascending, and its class.
    starts: Vec<(u32, u16)>,
    classes: usize,
    /// For each set, whether it holds each class.
    members: Vec<Vec<bool>>,
}

#[derive(Debug)]
struct Table {
    /// By state and class; a state has room for a power of two of classes, and
    /// what is held is where the next state begins.
    next: Vec<u32>,
    shift: u32,
    accepts: Vec<bool>,
}

#[derive(Debug)]
pub(super) struct Automaton {
    alphabet: Alphabet,
    states: Vec<State>,
    start: u32,
    table: Option<Table>,
}

impl Automaton {
    pub(super) fn new(tree: &Tree) -> Result<Self, String> {
        let mut states = vec![State::Match];
        let start = build(tree, tree.root, 0, &mut states)?;
        let mut automaton = Self {
            alphabet: Alphabet::new(tree),
            states,
            start,
            table: None,
        };
        automaton.table = automaton.determinise();
        Ok(automaton)
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        let Some(table) = &self.table else {
            return self.simulate(text);
        };
        let bytes = text.as_bytes();
        let (mut state, mut at) = (1 << table.shift, 0);
        while let Some(&byte) = bytes.get(at) {
            let class = match self.alphabet.ascii.get(usize::from(byte)) {
                Some(&class) => {
                    at += 1;
                    usize::from(class)
                }
                None => {
                    let Some(c) = text[at..].chars().next() else {
                        break;
                    };
                    at += c.len_utf8();
                    self.alphabet.class(c)
                }
            };
            state = table.next[state as usize + class];
            if state == DEAD {
                return false;
            }
        }
        table.accepts[(state >> table.shift) as usize]
    }

    fn simulate(&self, text: &str) -> bool {
        let mut set = Closure::new(self.states.len());
        set.add(&self.states, self.start);
        let mut next = Closure::new(self.states.len());
        for c in text.chars() {
            self.advance(&set, self.alphabet.class(c), &mut next);
            std::mem::swap(&mut set, &mut next);
            if set.list.is_empty() {
                return false;
            }
        }
        set.accepts(&self.states)
    }

    fn advance(&self, from: &Closure, class: usize, into: &mut Closure) {
        into.clear();
        for &s in &from.list {
            if let State::Set { set, next } = self.states[s as usize]
                && self.alphabet.members[set as usize][class]
            {
                into.add(&self.states, next);
            }
        }
    }

    /// The subset construction, given up when the table would grow too large.
    fn determinise(&self) -> Option<Table> {
        let classes = self.alphabet.classes;
        let stride = classes.next_power_of_two();
        let mut table = Table {
            next: vec![DEAD; 2 * stride],
            shift: stride.trailing_zeros(),
            accepts: vec![false; 2],
        };
        let mut known: HashMap<Vec<u32>, u32> = HashMap::new();
        let mut work: Vec<Vec<u32>> = Vec::new();
        let mut budget = 200_000_usize;
        let mut set = Closure::new(self.states.len());
        set.add(&self.states, self.start);
        table.accepts[1] = set.accepts(&self.states);
        known.insert(set.sorted(), 1);
        work.push(set.sorted());
        let mut from = Closure::new(self.states.len());
        while let Some(subset) = work.pop() {
            let id = *known.get(&subset)?;
            budget = budget.checked_sub(subset.len().max(1) * classes)?;
            from.list.clone_from(&subset);
            for class in 0..classes {
                self.advance(&from, class, &mut set);
                if set.list.is_empty() {
                    continue;
                }
                let key = set.sorted();
                let target = match known.get(&key) {
                    Some(&target) => target,
                    None => {
                        let target = table.accepts.len() as u32;
                        if target as usize > MAX_TABLE {
                            return None;
                        }
                        table.accepts.push(set.accepts(&self.states));
                        table.next.resize(table.accepts.len() * stride, DEAD);
                        known.insert(key.clone(), target);
                        work.push(key);
                        target
                    }
                };
                table.next[id as usize * stride + class] = target;
            }
        }
        for state in &mut table.next {
            *state <<= table.shift;
        }
        Some(table)
    }
}

/// A set of states with everything reachable without reading.
struct Closure {
    list: Vec<u32>,
    seen: Vec<u32>,
    round: u32,
    work: Vec<u32>,
}

impl Closure {
    fn new(states: usize) -> Self {
        Self {
            list: Vec::new(),
            seen: vec![0; states],
            round: 1,
            work: Vec::new(),
        }
    }

    fn clear(&mut self) {
        self.list.clear();
        self.round += 1;
    }

    fn add(&mut self, states: &[State], state: u32) {
        self.work.push(state);
        while let Some(s) = self.work.pop() {
            let seen = &mut self.seen[s as usize];
            if *seen == self.round {
                continue;
            }
            *seen = self.round;
            match states[s as usize] {
                State::Split(a, b) => self.work.extend([b, a]),
                State::Set { .. } | State::Match => self.list.push(s),
            }
        }
    }

    fn accepts(&self, states: &[State]) -> bool {
        self.list
            .iter()
            .any(|&s| matches!(states[s as usize], State::Match))
    }

    fn sorted(&self) -> Vec<u32> {
        let mut list = self.list.clone();
        list.sort_unstable();
        list
    }
}

/// Adds the states of `node`, which lead on to `next`; gives the first. The
/// parser bounds the depth of the tree.
fn build(tree: &Tree, node: usize, next: u32, states: &mut Vec<State>) -> Result<u32, String> {
    match &tree.nodes[node] {
        Node::Set(set) => push(
            states,
            State::Set {
                set: *set as u32,
                next,
            },
        ),
        Node::Concat(parts) => parts
            .iter()
            .rev()
            .try_fold(next, |next, &part| build(tree, part, next, states)),
        Node::Alternatives(branches) => {
            let mut first = None;
            for &branch in branches.iter().rev() {
                let entry = build(tree, branch, next, states)?;
                first = Some(match first {
                    None => entry,
                    Some(other) => push(states, State::Split(entry, other))?,
                });
            }
            Ok(first.unwrap_or(next))
        }
        &Node::Repeat { body, min, max } => {
            let mut entry = next;
            match max {
                None => {
                    let split = push(states, State::Split(next, next))?;
                    let loop_entry = build(tree, body, split, states)?;
                    states[split as usize] = State::Split(loop_entry, next);
                    entry = split;
                }
                Some(max) => {
                    for _ in min..max {
                        let inner = build(tree, body, entry, states)?;
                        entry = push(states, State::Split(inner, next))?;
                    }
                }
            }
            for _ in 0..min {
                let before = states.len();
                entry = build(tree, body, entry, states)?;
                if states.len() == before {
                    break;
                }
            }
            Ok(entry)
        }
    }
}

fn push(states: &mut Vec<State>, state: State) -> Result<u32, String> {
    if states.len() == MAX_STATES {
        return Err(format!("the pattern needs more than {MAX_STATES} states"));
    }
    states.push(state);
    Ok(states.len() as u32 - 1)
}

impl Alphabet {
    fn new(tree: &Tree) -> Self {
        let mut cuts: Vec<u32> = vec![0];
        for &(from, to) in tree.sets.iter().flat_map(|set| set.runs()) {
            cuts.extend([from, to + 1]);
        }
        cuts.sort_unstable();
        cuts.dedup();
        let mut known: HashMap<Vec<bool>, u16> = HashMap::new();
        let mut starts: Vec<(u32, u16)> = Vec::new();
        for cut in cuts {
            let signature: Vec<bool> = tree.sets.iter().map(|set| set.contains(cut)).collect();
            let fresh = known.len() as u16;
            let class = *known.entry(signature).or_insert(fresh);
            if starts.last().is_none_or(|last| last.1 != class) {
                starts.push((cut, class));
            }
        }
        let mut members = vec![vec![false; known.len()]; tree.sets.len()];
        for (signature, class) in &known {
            for (set, member) in signature.iter().enumerate() {
                members[set][usize::from(*class)] = *member;
            }
        }
        let mut alphabet = Self {
            ascii: [0; 128],
            starts,
            classes: known.len(),
            members,
        };
        for code in 0..128_u8 {
            alphabet.ascii[usize::from(code)] = alphabet.search(code.into());
        }
        alphabet
    }

    fn class(&self, c: char) -> usize {
        let code = u32::from(c);
        usize::from(match self.ascii.get(code as usize) {
            Some(&class) => class,
            None => self.search(code),
        })
    }

    fn search(&self, code: u32) -> u16 {
        let after = self.starts.partition_point(|&(start, _)| start <= code);
        self.starts[after - 1].1
    }
}
