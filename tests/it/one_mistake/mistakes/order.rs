//! Elements left out, doubled, moved, and in an element that is no home to them.

use super::{Message, Out, Place, get, get_mut, path, same, step, words};
use crate::one_mistake::message::{At, Tag};

impl Out {
    /// Mandatory elements left out.
    pub(super) fn gone(&mut self, message: &Message, at: &[usize]) {
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
    pub(super) fn doubled(&mut self, message: &Message, at: &[usize]) {
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
            |place| Place::start(&path, place(10_000 + limit as usize - 1)),
            words([times, same(&name)]),
        );
    }

    /// Moved to the front and to the end of its siblings.
    pub(super) fn moved(&mut self, message: &Message, at: &[usize]) {
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
    pub(super) fn elsewhere(&mut self, message: &Message, at: &[usize]) {
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
            |place| Place::start(&path, place(tag.id)),
            words([belongs]),
        );
    }
}
