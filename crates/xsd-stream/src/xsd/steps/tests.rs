//! Models against the plain meaning of particles, and the work of a step.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::VISITS;
use crate::xsd::model::{Mode, Model};
use crate::xsd::{MemoryResolver, Schema};

/// A particle: least and greatest number (`None`: any), and what occurs.
#[derive(Debug, Clone)]
struct Particle(usize, Option<usize>, Part);

#[derive(Debug, Clone)]
enum Part {
    Element(char),
    Sequence(Vec<Particle>),
    Choice(Vec<Particle>),
}

use Part::{Choice, Element, Sequence};

impl Particle {
    fn write(&self, out: &mut String) {
        let Self(min, max, part) = self;
        let max = max.map_or("unbounded".to_owned(), |m| m.to_string());
        let bounds = format!("minOccurs='{min}' maxOccurs='{max}'");
        let (tag, members) = match part {
            Element(name) => {
                return write!(out, "<xs:element name='{name}' {bounds}/>").unwrap();
            }
            Sequence(members) => ("sequence", members),
            Choice(members) => ("choice", members),
        };
        write!(out, "<xs:{tag} {bounds}>").unwrap();
        members.iter().for_each(|m| m.write(out));
        write!(out, "</xs:{tag}>").unwrap();
    }

    /// Where the particle may end in `text` when it begins at one of `from`:
    /// what the recommendation says, by trying everything.
    fn ends(&self, text: &str, from: &BTreeSet<usize>) -> BTreeSet<usize> {
        let Self(min, max, part) = self;
        let mut at = from.clone();
        let mut found = BTreeSet::new();
        for number in 0..=max.unwrap_or(min + text.len()) {
            if number >= *min {
                found.extend(&at);
            }
            let next: BTreeSet<usize> = match part {
                Element(name) => (at.iter().copied())
                    .filter(|&i| text[i..].starts_with(*name))
                    .map(|i| i + 1)
                    .collect(),
                Sequence(members) => members.iter().fold(at, |at, m| m.ends(text, &at)),
                Choice(members) => members.iter().flat_map(|m| m.ends(text, &at)).collect(),
            };
            if next.is_empty() || next == found && number >= *min {
                break;
            }
            at = next;
        }
        found
    }
}

/// The schema whose one element has this content, if it is one.
fn compile(content: &Particle) -> Result<Schema, String> {
    let mut xsd = String::from(
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:complexType name='T'>",
    );
    content.write(&mut xsd);
    xsd.push_str("</xs:complexType></xs:schema>");
    let resolver = MemoryResolver([("t.xsd".to_owned(), xsd.into_bytes())].into());
    Schema::compile(&resolver, &["t.xsd"]).map_err(|e| e[0].to_string())
}

/// The model of the one type that is not built in.
fn model(schema: &Schema) -> &Model {
    schema.models.last().unwrap()
}

fn start(model: &Model) -> Vec<u32> {
    let mut state = Vec::new();
    model.start(&mut state);
    state
}

/// The state after one more child; no two leaves may take it.
fn child(schema: &Schema, state: &[u32], name: char) -> Option<Vec<u32>> {
    let model = model(schema);
    let name = schema.names.find("", &name.to_string())?;
    let mut next = Vec::new();
    let taken = (model.candidates(name).iter())
        .filter(|e| model.step(state, e.leaf, Mode::Strict, &mut next))
        .count();
    assert!(taken < 2, "two particles take the child");
    (taken == 1).then_some(next)
}

/// Judges every text of the letters up to `length` both ways.
fn compare(content: &Particle, letters: &str, length: usize) {
    let Ok(schema) = compile(content) else { return };
    let mut work = vec![(String::new(), Some(start(model(&schema))))];
    while let Some((text, state)) = work.pop() {
        let accepted = state.as_ref().is_some_and(|s| model(&schema).accepts(s));
        let ends = content.ends(&text, &BTreeSet::from([0]));
        assert_eq!(
            accepted,
            ends.contains(&text.len()),
            "'{text}' against {content:?}"
        );
        if text.len() < length {
            work.extend(letters.chars().map(|letter| {
                let next = state.as_ref().and_then(|s| child(&schema, s, letter));
                (format!("{text}{letter}"), next)
            }));
        }
    }
}

/// Numbers that look like chance and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % sides) as usize
    }

    fn bounds(&mut self) -> (usize, Option<usize>) {
        let min = [0, 0, 1, 1, 1, 2, 2, 3, 4][self.roll(9)];
        match self.roll(4) {
            0 => (min, None),
            more => (min, Some((min + more - 1).max(1))),
        }
    }

    fn particle(&mut self, depth: usize, letters: &[char]) -> Particle {
        let (min, max) = self.bounds();
        if depth == 0 || letters.len() == 1 && self.roll(3) == 0 {
            return Particle(min, max, Element(letters[self.roll(letters.len() as u64)]));
        }
        // Members with letters of their own are seldom ambiguous.
        let own = self.roll(5) > 0;
        let parts: Vec<&[char]> = match self.roll(3) {
            0 => vec![letters],
            _ if own => letters.chunks(1 + self.roll(2)).collect(),
            _ => vec![letters; 2],
        };
        let members = (parts.iter())
            .map(|p| self.particle(depth - 1, p))
            .collect();
        let part = match self.roll(3) {
            0 => Choice(members),
            _ => Sequence(members),
        };
        Particle(min, max, part)
    }
}

#[test]
fn verdicts_are_those_of_trying_everything() {
    let mut dice = Dice(20_261_129);
    for _ in 0..300 {
        let letters: &[char] = [&['a'][..], &['a', 'b'], &['a', 'b', 'c']][dice.roll(3)];
        let content = dice.particle(3, letters);
        let (all, length) = match letters.len() {
            1 => ("a", 30),
            2 => ("ab", 8),
            _ => ("abc", 5),
        };
        compare(&content, all, length);
    }
}

fn repeated(min: usize, max: Option<usize>, inner: Particle) -> Particle {
    Particle(min, max, Sequence(vec![inner]))
}

fn a(min: usize, max: Option<usize>) -> Particle {
    Particle(min, max, Element('a'))
}

fn b(min: usize) -> Particle {
    Particle(min, Some(1), Element('b'))
}

/// Nested counts of ten shapes, each as a function of how large its numbers are.
fn shapes(n: usize) -> Vec<Particle> {
    let with = |min, max, members| Particle(min, max, Sequence(members));
    let (some, any) = (Some(n), None);
    vec![
        repeated(1, some, repeated(1, some, a(1, some))),
        repeated(1, some, a(1, any)),
        repeated(1, any, a(1, some)),
        repeated(n / 2, some, a(2, Some(3))),
        with(2, some, vec![a(2, Some(3)), b(0)]),
        with(2, any, vec![b(0), repeated(2, some, a(2, Some(5)))]),
        with(0, some, vec![a(0, some), b(0)]),
        repeated(
            n,
            Some(2 * n),
            Particle(1, any, Choice(vec![a(n, Some(n + 1)), b(1)])),
        ),
        repeated(1, any, repeated(n, any, repeated(2, some, a(3, any)))),
        with(
            1,
            some,
            vec![
                with(1, some, vec![a(1, some), b(0)]),
                Particle(0, some, Element('c')),
            ],
        ),
    ]
}

#[test]
fn ten_shapes_are_judged_rightly() {
    for n in [2, 3, 4] {
        for content in shapes(n) {
            assert!(compile(&content).is_ok(), "{content:?}");
            compare(&content, "ab", 9);
            compare(&content, "a", 40);
        }
    }
}

#[test]
fn work_per_child_hangs_on_no_number() {
    // Particles looked at: a few times up from one leaf of a tree of depth 5 and down to another.
    const MOST: u64 = 40;
    for n in [4, 1_000, 1_000_000_000] {
        for content in shapes(n) {
            let schema = compile(&content).unwrap();
            let mut state = start(model(&schema));
            for number in 0..2_000 {
                let letter = if number % 7 == 6 && n == 4 { 'b' } else { 'a' };
                let before = VISITS.get();
                let next = child(&schema, &state, letter);
                model(&schema).accepts(&state);
                let visits = VISITS.get() - before;
                assert!(
                    visits <= MOST,
                    "{visits} visits for child {number} of {content:?}"
                );
                // The state does not grow either.
                state = match next {
                    Some(next) if next.len() == state.len() => next,
                    Some(_) => panic!("the state grows"),
                    None => start(model(&schema)),
                };
            }
        }
    }
}
