//! The mistakes: each makes one message wrong in one way, and knows what its error must say.

mod content;
mod names;
mod order;

use super::message::{At, Message, Tag, right};

/// A message with one mistake.
pub(super) struct Wrong {
    pub(super) kind: &'static str,
    /// Operation, version, element: for the list of what is not right.
    pub(super) what: String,
    pub(super) text: String,
    pub(super) code: &'static str,
    /// Where the error may be; of two siblings that changed places either is right.
    pub(super) places: Vec<Place>,
    /// What Danish and English must say.
    pub(super) words: [Vec<String>; 2],
}

#[derive(Debug)]
pub(super) struct Place {
    /// None where the message is not well-formed.
    pub(super) path: Option<String>,
    pub(super) line: u32,
    pub(super) column: u32,
}

impl Place {
    fn one(path: &str, (line, column): (u32, u32)) -> Vec<Self> {
        vec![Self {
            path: Some(path.to_owned()),
            line,
            column,
        }]
    }

    /// Where an element begins.
    fn start(path: &str, at: At) -> Vec<Self> {
        Self::one(path, (at.line, at.column))
    }

    /// Behind its start tag's name.
    fn inner(path: &str, at: At) -> Vec<Self> {
        Self::one(path, (at.line, at.inner))
    }

    /// Where it ends.
    fn end(path: &str, at: At) -> Vec<Self> {
        Self::one(path, at.end)
    }
}

/// The messages without a mistake.
pub(super) fn none() -> Vec<Wrong> {
    let good = |message: &Message| Wrong {
        kind: "right",
        what: message.root.name.clone(),
        text: message.write().0,
        code: "",
        places: Vec::new(),
        words: Default::default(),
    };
    right().iter().map(good).collect()
}

/// Every mistake in every message.
pub(super) fn all() -> Vec<Wrong> {
    let mut out = Out(Vec::new());
    for message in right() {
        out.namespaces(&message);
        for at in paths(&message.root) {
            out.gone(&message, &at);
            out.doubled(&message, &at);
            out.moved(&message, &at);
            out.elsewhere(&message, &at);
            out.misspelled(&message, &at);
            out.wrong_value(&message, &at);
            out.empty(&message, &at);
            out.nil(&message, &at);
            out.wrong_content(&message, &at);
            out.prefixed(&message, &at);
            out.open(&message, &at);
            out.unknown(&message, &at);
            out.attributes(&message, &at);
        }
    }
    out.0
}

/// The way to each element below the root.
fn paths(root: &Tag) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    let mut open = vec![(Vec::new(), root)];
    while let Some((path, tag)) = open.pop() {
        for (index, child) in tag.children.iter().enumerate() {
            let mut path: Vec<usize> = path.clone();
            path.push(index);
            found.push(path.clone());
            open.push((path, child));
        }
    }
    found.sort();
    found
}

fn get<'a>(root: &'a Tag, path: &[usize]) -> &'a Tag {
    path.iter().fold(root, |tag, &index| &tag.children[index])
}

fn get_mut<'a>(root: &'a mut Tag, path: &[usize]) -> &'a mut Tag {
    path.iter()
        .fold(root, |tag, &index| &mut tag.children[index])
}

fn step(tag: &Tag) -> String {
    if tag.max > 1 {
        format!("/{}[1]", tag.name)
    } else {
        format!("/{}", tag.name)
    }
}

/// The path of an element as an error has it.
fn path(root: &Tag, at: &[usize]) -> String {
    let mut text = format!("/{}", root.name);
    for length in 1..=at.len() {
        text.push_str(&step(get(root, &at[..length])));
    }
    text
}

fn words<const N: usize>(words: [[String; 2]; N]) -> [Vec<String>; 2] {
    let of = |language: usize| words.iter().map(|both| both[language].clone()).collect();
    [of(0), of(1)]
}

fn same(word: &str) -> [String; 2] {
    [word.to_owned(), word.to_owned()]
}

struct Out(Vec<Wrong>);

impl Out {
    fn push(
        &mut self,
        kind: &'static str,
        message: &Message,
        what: &str,
        code: &'static str,
        place: impl FnOnce(&dyn Fn(usize) -> At) -> Vec<Place>,
        words: [Vec<String>; 2],
    ) {
        let (text, places) = message.write();
        let version = message.import.rsplit(':').next().unwrap();
        self.0.push(Wrong {
            kind,
            what: format!("{kind}, {version}/{}, {what}", message.root.name),
            text,
            code,
            places: place(&|id| places.get(&id).copied().unwrap_or_default()),
            words,
        });
    }
}
