//! Values, attributes and content that are wrong.

use super::{Message, Out, Place, get, get_mut, path, same, words};
use crate::one_mistake::message::At;
use crate::one_mistake::values;

impl Out {
    pub(super) fn wrong_value(&mut self, message: &Message, at: &[usize]) {
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
                |place| Place::inner(&path, place(tag.id)),
                words([[da.to_owned(), en.to_owned()], same(&tag.name)]),
            );
        }
    }

    /// Nothing between the tags.
    pub(super) fn empty(&mut self, message: &Message, at: &[usize]) {
        let tag = get(&message.root, at);
        let own = path(&message.root, at);
        let empty = emptied(message, at);
        let end = |place: &dyn Fn(usize) -> At| Place::end(&own, place(tag.id));
        let mut push = |code, advice| {
            let words = words([advice, same(&tag.name)]);
            self.push("empty", &empty, &tag.name, code, end, words);
        };
        match (tag.min, &tag.simple) {
            // It could mean the default: that is a rule of its own.
            (_, Some(_)) if tag.name == "proeve" => {
                let advice = ["udelad elementet", "leave the element out"].map(str::to_owned);
                let start = |place: &dyn Fn(usize) -> At| Place::start(&own, place(tag.id));
                let words = words([advice, same("proeve")]);
                self.push("empty", &empty, &tag.name, "DTR3019", start, words);
            }
            (0, Some(_)) => push(
                "DTR4013",
                ["udelad feltet", "leave the field out"].map(str::to_owned),
            ),
            (_, Some(_)) => push(
                "DTR4013",
                [
                    "feltet er obligatorisk; skriv ",
                    "the field is mandatory; write ",
                ]
                .map(str::to_owned),
            ),
            (_, None) => {
                let mandatory = tag.children.iter().filter(|child| child.min > 0);
                let missing: Vec<_> = mandatory.map(|child| child.name.as_str()).collect();
                if missing.len() > 1 {
                    let missing = missing.join(", ");
                    let all = [
                        format!("{missing} mangler; {} er tomt", tag.name),
                        format!("{missing} are missing; {} is empty", tag.name),
                    ];
                    self.push("empty", &empty, &tag.name, "DTR4004", end, words([all]));
                }
            }
        }
    }

    /// Said to have no value.
    pub(super) fn nil(&mut self, message: &Message, at: &[usize]) {
        let tag = get(&message.root, at);
        let own = format!("{}/@nil", path(&message.root, at));
        let xsi = " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
        let mut nil = emptied(message, at);
        get_mut(&mut nil.root, at).attributes = format!(" xsi:nil=\"true\"{xsi}");
        let out = [
            format!("Udelad {} helt", tag.name),
            format!("Leave {} out", tag.name),
        ];
        let inner = |place: &dyn Fn(usize) -> At| Place::inner(&own, place(tag.id));
        self.push("nil", &nil, &tag.name, "DTR4019", inner, words([out]));
    }

    /// An element in place of the value, text in place of the elements.
    pub(super) fn wrong_content(&mut self, message: &Message, at: &[usize]) {
        let tag = get(&message.root, at);
        let own = path(&message.root, at);
        let mut content = emptied(message, at);
        let target = get_mut(&mut content.root, at);
        let (kind, code, own, told) = if tag.simple.is_some() {
            target.text = format!("<vaerdi>{}</vaerdi>", tag.text);
            let told = [same("vaerdi"), same(&tag.name)];
            ("element in value", "DTR4005", format!("{own}/vaerdi"), told)
        } else {
            target.text = "Bøgeskrænten 4".to_owned();
            target.attributes.clear();
            let told = [same("Bøgeskrænten 4"), same(&tag.children[0].name)];
            ("text for elements", "DTR4006", own, told)
        };
        let inner = |place: &dyn Fn(usize) -> At| Place::inner(&own, place(tag.id));
        self.push(kind, &content, &tag.name, code, inner, words(told));
    }

    pub(super) fn attributes(&mut self, message: &Message, at: &[usize]) {
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

/// The message with nothing between an element's tags.
fn emptied(message: &Message, at: &[usize]) -> Message {
    let mut empty = message.clone();
    let target = get_mut(&mut empty.root, at);
    target.text.clear();
    target.children.clear();
    empty
}
