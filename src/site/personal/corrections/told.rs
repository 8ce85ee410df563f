//! A plan in words, as much of it as a page holds.

use super::super::super::frame::{Frame, Link};
use super::super::super::{Page, institution};
use super::super::Visit;
use crate::chronicle::Words;
use crate::plan::{Notice, Plan, Planned};
use crate::problem::Problem;
use crate::register::{Language, Value};

/// So many bytes of records are shown: with all around them a page is of at most 100 kB.
const MOST_BYTES: usize = 48_000;
/// So many errors, and so many warnings.
pub(super) const MOST_NOTICES: usize = 30;
/// So many numbers and agreements.
pub(super) const MOST_NUMBERS: usize = 50;
/// What surrounds a record, and each line of it.
const AROUND: [usize; 2] = [160, 12];

/// A list of records.
pub(super) struct Section {
    pub(super) heading: &'static str,
    pub(super) count: usize,
    pub(super) rows: Vec<Row>,
    pub(super) hidden: usize,
}

/// A record of a plan.
pub(super) struct Row {
    pub(super) place: String,
    pub(super) record: Link,
    pub(super) level: &'static str,
    pub(super) lines: Vec<String>,
}

/// Something that is wrong, or should be looked at.
pub(super) struct Told {
    pub(super) place: String,
    pub(super) code: Link,
    pub(super) text: String,
    pub(super) remedy: String,
}

/// The lists of a plan that are not empty.
pub(super) fn sections(visit: &Visit<'_>, frame: &Frame<'_>, plan: &Plan) -> Vec<Section> {
    let mut room = MOST_BYTES;
    let lists = [
        (frame.t("Nedlægges", "Closed"), &plan.closings),
        (frame.t("Flyttes", "Moved"), &plan.moves),
        (frame.t("Oprettes", "Opened"), &plan.openings),
        (frame.t("Ændres", "Changed"), &plan.changes),
    ];
    let lists = lists.into_iter().filter(|(_, list)| !list.is_empty());
    lists
        .map(|(heading, list)| {
            let mut rows = Vec::new();
            for own in list {
                let row = row(visit, frame, own);
                let size = row.size();
                if size > room {
                    // What is smaller must not be shown in its place.
                    room = 0;
                    break;
                }
                room -= size;
                rows.push(row);
            }
            Section {
                heading,
                count: list.len(),
                hidden: list.len() - rows.len(),
                rows,
            }
        })
        .collect()
}

impl Row {
    /// About so many bytes it takes.
    fn size(&self) -> usize {
        let texts = [&self.place, &self.record.to, &self.record.text];
        let texts = texts.into_iter().map(|text| escaped(text));
        let lines = self.lines.iter().map(|line| escaped(line) + AROUND[1]);
        AROUND[0] + texts.chain(lines).sum::<usize>()
    }
}

/// The bytes of a text in HTML.
fn escaped(text: &str) -> usize {
    let special = text.bytes().filter(|byte| b"<>&\"'".contains(byte));
    text.len() + 5 * special.count()
}

fn row(visit: &Visit<'_>, frame: &Frame<'_>, own: &Planned) -> Row {
    let language = visit.language();
    let words = Words {
        language,
        tables: visit.tables,
        name: &|_| None,
    };
    let mut lines = Vec::new();
    let before = own.before.as_deref();
    let parent = before.and_then(|before| before.parent());
    let parent = parent.map(|number| number.to_string());
    if let Some(under) = own
        .under
        .as_ref()
        .filter(|under| parent.as_ref() != Some(*under))
    {
        let from = parent.map(|from| format!("{from} → "));
        lines.push(format!("under: {}{under}", from.unwrap_or_default()));
    }
    for (def, from, to) in own.differing() {
        let value = |value: Option<Value<'_>>| match value {
            Some(value) => words.value(def, value),
            None => language.of("(intet)", "(nothing)").to_owned(),
        };
        let label = words.label(def.field);
        lines.push(match before {
            None => format!("{label}: {}", value(to)),
            Some(_) => format!("{label}: {} → {}", value(from), value(to)),
        });
    }
    Row {
        place: own.place.told(language),
        record: Link {
            to: own
                .number
                .map_or_else(String::new, |number| frame.record(number)),
            text: format!("{} ({})", before.unwrap_or(&own.after).navn(), own.called),
        },
        level: institution::level(own.level, visit.place),
        lines,
    }
}

/// A notice of a plan.
pub(super) fn notice(visit: &Visit<'_>, frame: &Frame<'_>, notice: &Notice) -> Told {
    let number = notice.number.map(|number| format!(", {number}"));
    let place = notice.place.told(visit.language());
    Told {
        place: format!("{place}{}", number.unwrap_or_default()),
        ..problem(visit, frame, &notice.problem)
    }
}

/// A problem by itself.
pub(super) fn problem(visit: &Visit<'_>, frame: &Frame<'_>, problem: &Problem) -> Told {
    let [da, en] = problem.remedies();
    let (text, remedy) = match visit.language() {
        Language::Da => (problem.da(), da),
        Language::En => (problem.en(), en),
    };
    Told {
        place: String::new(),
        code: Link {
            to: frame.to(Page::ErrorCode(problem.entry.kode)),
            text: problem.entry.kode.to_owned(),
        },
        text,
        remedy,
    }
}
