//! The mistakes: each makes one message wrong in one way, and knows what its error must say.

use super::message::{At, Message, Tag, right};
use super::values;

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

    /// Mandatory elements left out.
    fn gone(&mut self, message: &Message, at: &[usize]) {
        let tag = get(&message.root, at);
        if tag.min == 0 {
            return;
        }
        let (name, mut wrong) = (tag.name.clone(), message.clone());
        let (index, parent) = at.split_last().unwrap();
        let over = get_mut(&mut wrong.root, parent);
        over.children.remove(*index);
        let (over_id, over_name) = (over.id, over.name.clone());
        let next = over
            .children
            .get(*index)
            .map(|next| (next.id, next.name.clone()));
        let path = format!("{}/{name}", path(&message.root, parent));
        let [da, en] = match &next {
            Some((_, next)) => [
                format!("det skal stå før {next}"),
                format!("it must come before {next}"),
            ],
            None => [
                format!("det skal stå sidst i {over_name}"),
                format!("it must come last in {over_name}"),
            ],
        };
        let missing = [
            format!("{name} mangler; {da}"),
            format!("{name} is missing; {en}"),
        ];
        self.push(
            "left out",
            &wrong,
            &name,
            "DTR4004",
            |place| {
                let (line, column) = match &next {
                    Some((id, _)) => (place(*id).line, place(*id).column),
                    None => place(over_id).end,
                };
                vec![Place {
                    path: Some(path),
                    line,
                    column,
                }]
            },
            words([missing]),
        );
    }

    /// One more than there may be.
    fn doubled(&mut self, message: &Message, at: &[usize]) {
        let (index, parent) = at.split_last().unwrap();
        let mut wrong = message.clone();
        let over = get_mut(&mut wrong.root, parent);
        let tag = over.children[*index].clone();
        for copy in 0..tag.max {
            let mut again = tag.clone();
            // Numbers differ, or the rules have something to say as well.
            if tag.simple.as_deref() == Some("Institutionsnummer") && tag.max > 1 {
                again.text = format!("G4{copy:04}");
            }
            again.id = 10_000 + copy as usize;
            over.children.insert(index + 1 + copy as usize, again);
        }
        let (limit, name) = (tag.max, tag.name.clone());
        let path = format!("{}/{name}[{}]", path(&message.root, parent), limit + 1);
        let times = match limit {
            1 => ["højst stå én gang".to_owned(), "at most once".to_owned()],
            limit => [
                format!("højst stå {limit} gange"),
                format!("at most {limit} times"),
            ],
        };
        // Many records of the same number would break a rule too.
        if tag.max > 50 && !message.root.name.starts_with("Insert") {
            return;
        }
        self.push(
            "too many",
            &wrong,
            &name,
            "DTR4021",
            |place| {
                let at = place(10_000 + limit as usize - 1);
                vec![Place {
                    path: Some(path),
                    line: at.line,
                    column: at.column,
                }]
            },
            words([times, same(&name)]),
        );
    }

    /// Moved to the front and to the end of its siblings.
    fn moved(&mut self, message: &Message, at: &[usize]) {
        let (&index, parent) = at.split_last().unwrap();
        let last = get(&message.root, parent).children.len() - 1;
        for target in [0, last] {
            if target == index {
                continue;
            }
            let mut wrong = message.clone();
            let over = get_mut(&mut wrong.root, parent);
            let tag = over.children.remove(index);
            over.children.insert(target, tag.clone());
            let mut blamed = vec![tag.clone()];
            if target.abs_diff(index) == 1 {
                blamed.push(over.children[index].clone());
            }
            let name = tag.name.clone();
            let mut over_path = path(&message.root, parent);
            over_path.push_str("");
            let places = |place: &dyn Fn(usize) -> At| {
                let of = |tag: &Tag| {
                    let at = place(tag.id);
                    let path = Some(format!("{over_path}{}", step(tag)));
                    Place {
                        path,
                        line: at.line,
                        column: at.column,
                    }
                };
                blamed.iter().map(of).collect()
            };
            let must = [" skal stå ".to_owned(), " must come ".to_owned()];
            self.push(
                "moved",
                &wrong,
                &format!("{name} to {target}"),
                "DTR4022",
                places,
                words([must, same(&name)]),
            );
        }
    }

    /// Moved into a child that is no home to it, or out of its parent.
    fn elsewhere(&mut self, message: &Message, at: &[usize]) {
        let (&index, parent) = at.split_last().unwrap();
        if parent.is_empty() {
            return;
        }
        let tag = get(&message.root, at).clone();
        let home = get(&message.root, parent).name.clone();
        let (&own, above) = parent.split_last().unwrap();
        // Before and behind its parent.
        for offset in [0, 1] {
            let mut wrong = message.clone();
            get_mut(&mut wrong.root, parent).children.remove(index);
            get_mut(&mut wrong.root, above)
                .children
                .insert(own + offset, tag.clone());
            let emptied = get(&message.root, parent).children.len() == 1;
            if emptied {
                continue;
            }
            let path = format!("{}/{}", path(&message.root, above), tag.name);
            self.stray(&wrong, &tag, &home, path);
        }
        // Into a sibling with children of its own.
        let into = get(&message.root, parent)
            .children
            .iter()
            .position(|t| !t.children.is_empty());
        if let Some(into) = into.filter(|&into| into != index) {
            let mut wrong = message.clone();
            let over = get_mut(&mut wrong.root, parent);
            over.children[into].children.insert(0, tag.clone());
            let inner = over.children[into].name.clone();
            over.children.remove(index);
            let path = format!("{}/{inner}/{}", path(&message.root, parent), tag.name);
            self.stray(&wrong, &tag, &home, path);
        }
    }

    fn stray(&mut self, wrong: &Message, tag: &Tag, home: &str, path: String) {
        let belongs = [
            format!("{} hører til i {home}", tag.name),
            format!("{} belongs in {home}", tag.name),
        ];
        self.push(
            "in another element",
            wrong,
            &path.clone(),
            "DTR4025",
            |place| {
                let at = place(tag.id);
                vec![Place {
                    path: Some(path),
                    line: at.line,
                    column: at.column,
                }]
            },
            words([belongs]),
        );
    }

    /// A letter left out, in capitals, two letters swapped, Danish letters.
    fn misspelled(&mut self, message: &Message, at: &[usize]) {
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
                |place| {
                    let at = place(id);
                    vec![Place {
                        path: Some(path),
                        line: at.line,
                        column: at.column,
                    }]
                },
                words([meant]),
            );
        }
    }

    fn wrong_value(&mut self, message: &Message, at: &[usize]) {
        let tag = get(&message.root, at).clone();
        let Some(simple) = &tag.simple else {
            return;
        };
        let path = path(&message.root, at);
        for (value, code, da, en) in values::wrong(simple) {
            let mut wrong = message.clone();
            get_mut(&mut wrong.root, at).text.clone_from(&value);
            let what = format!("{} = {value}", tag.name);
            self.push(
                "wrong value",
                &wrong,
                &what,
                code,
                |place| {
                    let at = place(tag.id);
                    vec![Place {
                        path: Some(path.clone()),
                        line: at.line,
                        column: at.inner,
                    }]
                },
                words([[da.to_owned(), en.to_owned()], same(&tag.name)]),
            );
        }
    }

    /// Empty, nil, an element in place of the value, text in place of the elements.
    fn wrong_content(&mut self, message: &Message, at: &[usize]) {
        let tag = get(&message.root, at).clone();
        let own = path(&message.root, at);
        let mut wrong = message.clone();
        let target = get_mut(&mut wrong.root, at);
        target.text.clear();
        target.children.clear();
        let empty = wrong.clone();
        let advice = match (tag.min, &tag.simple) {
            (_, None) => None,
            (0, _) => Some(["udelad feltet".to_owned(), "leave the field out".to_owned()]),
            _ => Some([
                "feltet er obligatorisk; skriv ".to_owned(),
                "the field is mandatory; write ".to_owned(),
            ]),
        };
        let end = |place: &dyn Fn(usize) -> At| {
            let (line, column) = place(tag.id).end;
            vec![Place {
                path: Some(own.clone()),
                line,
                column,
            }]
        };
        match advice {
            // Empty, it could mean the default: that is a rule of its own.
            Some(_) if tag.name == "proeve" => {
                let advice = [
                    "udelad elementet".to_owned(),
                    "leave the element out".to_owned(),
                ];
                let start = |place: &dyn Fn(usize) -> At| {
                    let (path, at) = (Some(own.clone()), place(tag.id));
                    vec![Place {
                        path,
                        line: at.line,
                        column: at.column,
                    }]
                };
                self.push(
                    "empty",
                    &empty,
                    &tag.name,
                    "DTR3019",
                    start,
                    words([advice, same("proeve")]),
                );
            }
            Some(advice) => {
                self.push(
                    "empty",
                    &empty,
                    &tag.name,
                    "DTR4013",
                    end,
                    words([advice, same(&tag.name)]),
                );
            }
            None if tag.children.iter().filter(|child| child.min > 0).count() > 1 => {
                let missing: Vec<_> = tag
                    .children
                    .iter()
                    .filter(|c| c.min > 0)
                    .map(|c| c.name.as_str())
                    .collect();
                let missing = missing.join(", ");
                let all = [
                    format!("{missing} mangler; {} er tomt", tag.name),
                    format!("{missing} are missing; {} is empty", tag.name),
                ];
                self.push("empty", &empty, &tag.name, "DTR4004", end, words([all]));
            }
            None => {}
        }
        let xsi = " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
        let mut nil = empty.clone();
        get_mut(&mut nil.root, at).attributes = format!(" xsi:nil=\"true\"{xsi}");
        let words_of_nil = words([[
            format!("Udelad {} helt", tag.name),
            format!("Leave {} out", tag.name),
        ]]);
        self.push(
            "nil",
            &nil,
            &tag.name,
            "DTR4019",
            |place| {
                let at = place(tag.id);
                vec![Place {
                    path: Some(format!("{own}/@nil")),
                    line: at.line,
                    column: at.inner,
                }]
            },
            words_of_nil,
        );
        let mut content = empty.clone();
        let target = get_mut(&mut content.root, at);
        if tag.simple.is_some() {
            target.text = format!("<vaerdi>{}</vaerdi>", tag.text);
            self.push(
                "element in value",
                &content,
                &tag.name,
                "DTR4005",
                |place| {
                    let at = place(tag.id);
                    vec![Place {
                        path: Some(format!("{own}/vaerdi")),
                        line: at.line,
                        column: at.inner,
                    }]
                },
                words([same("vaerdi"), same(&tag.name)]),
            );
        } else {
            target.text = "Bøgeskrænten 4".to_owned();
            target.attributes.clear();
            self.push(
                "text for elements",
                &content,
                &tag.name,
                "DTR4006",
                |place| {
                    let at = place(tag.id);
                    vec![Place {
                        path: Some(own.clone()),
                        line: at.line,
                        column: at.inner,
                    }]
                },
                words([same("Bøgeskrænten 4"), same(&tag.children[0].name)]),
            );
        }
    }

    /// In the other of the two namespaces, and with a prefix that nobody declared.
    fn prefixed(&mut self, message: &Message, at: &[usize]) {
        let tag = get(&message.root, at).clone();
        let own = path(&message.root, at);
        let types = message.types.clone().unwrap();
        let mut wrong = message.clone();
        let target = get_mut(&mut wrong.root, at);
        target.prefix = if tag.prefix.is_empty() { "i:" } else { "" };
        let here = |place: &dyn Fn(usize) -> At| {
            let at = place(tag.id);
            vec![Place {
                path: Some(own.clone()),
                line: at.line,
                column: at.column,
            }]
        };
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
    fn namespaces(&mut self, message: &Message) {
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
                |place| {
                    let at = place(tag.id);
                    vec![Place {
                        path: Some(own.clone()),
                        line: at.line,
                        column: at.column,
                    }]
                },
                words([found.clone(), same(&types)]),
            );
        }
    }

    /// Without its end tag.
    fn open(&mut self, message: &Message, at: &[usize]) {
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
    fn unknown(&mut self, message: &Message, at: &[usize]) {
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
        let here = |place: &dyn Fn(usize) -> At| {
            let at = place(20_000);
            vec![Place {
                path: Some(own),
                line: at.line,
                column: at.column,
            }]
        };
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

    fn attributes(&mut self, message: &Message, at: &[usize]) {
        let tag = get(&message.root, at).clone();
        if tag.attributes.is_empty() {
            return;
        }
        let own = path(&message.root, at);
        let meant = [
            "mente du forventetVersion?".to_owned(),
            "did you mean forventetVersion?".to_owned(),
        ];
        for (attribute, code, step, value, told) in [
            (
                "forventetversion=\"1\"",
                "DTR4026",
                "forventetversion",
                false,
                meant.clone(),
            ),
            (
                "forventetVerson=\"1\"",
                "DTR4026",
                "forventetVerson",
                false,
                meant.clone(),
            ),
            (
                "i:forventetVersion=\"1\"",
                "DTR4026",
                "forventetVersion",
                false,
                meant,
            ),
            (
                "id=\"1\"",
                "DTR4008",
                "id",
                false,
                ["Attributten id".to_owned(), "attribute id".to_owned()],
            ),
            (
                "forventetVersion=\"x\"",
                "DTR4010",
                "forventetVersion",
                true,
                ["et helt tal".to_owned(), "a whole number".to_owned()],
            ),
            (
                "forventetVersion=\"0\"",
                "DTR4015",
                "forventetVersion",
                true,
                [
                    "forventetVersion er 1".to_owned(),
                    "forventetVersion is 1".to_owned(),
                ],
            ),
        ] {
            let mut wrong = message.clone();
            get_mut(&mut wrong.root, at).attributes = format!(" {attribute}");
            let own = format!("{own}/@{step}");
            self.push(
                "attribute",
                &wrong,
                attribute,
                code,
                |place| {
                    let at = place(tag.id);
                    let further = if value {
                        attribute.find('"').unwrap() as u32 + 1
                    } else {
                        0
                    };
                    vec![Place {
                        path: Some(own),
                        line: at.line,
                        column: at.inner + further,
                    }]
                },
                words([told]),
            );
        }
    }
}
