//! Names, prefixes, namespaces and tags that are wrong.

use super::{Message, Out, Place, get, get_mut, path, same, words};
use crate::one_mistake::message::At;

impl Out {
    /// A letter left out, in capitals, two letters swapped, Danish letters.
    pub(super) fn misspelled(&mut self, message: &Message, at: &[usize]) {
        let right = get(&message.root, at).name.clone();
        let middle = right.len() / 2;
        let mut swapped: Vec<char> = right.chars().collect();
        swapped.swap(middle, middle + 1);
        let names = [
            format!("{}{}", &right[..middle], &right[middle + 1..]),
            right.to_uppercase(),
            swapped.into_iter().collect(),
            right
                .replace("oe", "ø")
                .replace("aa", "å")
                .replace("ae", "æ"),
        ];
        for name in names {
            if name == right {
                continue;
            }
            let mut wrong = message.clone();
            let tag = get_mut(&mut wrong.root, at);
            tag.name.clone_from(&name);
            let id = tag.id;
            let path = format!("{}/{name}", path(&message.root, &at[..at.len() - 1]));
            let meant = [
                format!("mente du {right}?"),
                format!("did you mean {right}?"),
            ];
            self.push(
                "misspelled",
                &wrong,
                &name,
                "DTR4024",
                |place| Place::start(&path, place(id)),
                words([meant]),
            );
        }
    }

    /// In the other of the two namespaces, and with a prefix that nobody declared.
    pub(super) fn prefixed(&mut self, message: &Message, at: &[usize]) {
        let tag = get(&message.root, at).clone();
        let own = path(&message.root, at);
        let types = message.types.clone().unwrap();
        let mut wrong = message.clone();
        let target = get_mut(&mut wrong.root, at);
        target.prefix = if tag.prefix.is_empty() { "i:" } else { "" };
        let here = |place: &dyn Fn(usize) -> At| Place::start(&own, place(tag.id));
        let both = words([same(&message.import), same(&types), same(&tag.name)]);
        self.push("wrong prefix", &wrong, &tag.name, "DTR4023", here, both);
        get_mut(&mut wrong.root, at).prefix = "x:";
        self.push(
            "unknown prefix",
            &wrong,
            &tag.name,
            "DTR2116",
            |place| {
                let at = place(tag.id);
                vec![Place {
                    path: None,
                    line: at.line,
                    column: at.column,
                }]
            },
            words([["Præfikset x".to_owned(), "prefix x".to_owned()]]),
        );
    }

    /// The default namespace of the other version, and none.
    pub(super) fn namespaces(&mut self, message: &Message) {
        let types = message.types.clone().unwrap();
        let other = if types.ends_with("v1") {
            types.replace("v1", "v2")
        } else {
            types.replace("v2", "v1")
        };
        let first = [message.root.children.len() - 1, 0];
        let tag = get(&message.root, &first).clone();
        let own = path(&message.root, &first);
        for wrong_types in [Some(other), None] {
            let mut wrong = message.clone();
            wrong.types.clone_from(&wrong_types);
            let found = match wrong_types {
                Some(found) => same(&found),
                None => ["uden navnerum".to_owned(), "in no namespace".to_owned()],
            };
            self.push(
                "default namespace",
                &wrong,
                &format!("{found:?}"),
                "DTR4023",
                |place| Place::start(&own, place(tag.id)),
                words([found.clone(), same(&types)]),
            );
        }
    }

    /// Without its end tag.
    pub(super) fn open(&mut self, message: &Message, at: &[usize]) {
        let (_, parent) = at.split_last().unwrap();
        let mut wrong = message.clone();
        let tag = get_mut(&mut wrong.root, at);
        tag.open = true;
        let (id, name) = (tag.id, format!("{}{}", tag.prefix, tag.name));
        let over = get(&wrong.root, parent).id;
        let line = wrong.write().1[&id].line;
        let opened = [
            format!("{name}, som er åbnet i linje {line}"),
            format!("{name}, which was opened in line {line}"),
        ];
        self.push(
            "not closed",
            &wrong,
            &name,
            "DTR2107",
            |place| {
                let (line, column) = place(over).end;
                vec![Place {
                    path: None,
                    line,
                    column,
                }]
            },
            words([opened]),
        );
    }

    /// An element of no meaning before this one.
    pub(super) fn unknown(&mut self, message: &Message, at: &[usize]) {
        let (&index, parent) = at.split_last().unwrap();
        let mut wrong = message.clone();
        let over = get_mut(&mut wrong.root, parent);
        let mut extra = over.children[index].clone();
        extra.name = "bemaerkning".to_owned();
        (extra.id, extra.text, extra.attributes) = (20_000, "husk".to_owned(), String::new());
        extra.children.clear();
        over.children.insert(index, extra);
        let inside = over.name.clone();
        let own = format!("{}/bemaerkning", path(&message.root, parent));
        let here = |place: &dyn Fn(usize) -> At| Place::start(&own, place(20_000));
        let gone = [
            format!("bemaerkning kendes ikke her i {inside}"),
            format!("bemaerkning is not known here in {inside}"),
        ];
        self.push(
            "unknown element",
            &wrong,
            &format!("before {}", get(&message.root, at).name),
            "DTR4003",
            here,
            words([gone, ["Fjern det".to_owned(), "Remove it".to_owned()]]),
        );
    }
}
