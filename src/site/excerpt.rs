//! Pieces of messages with a spot in them marked: bounded, however long a line is, and with what is not seen made visible.

use std::fmt::Write as _;

use crate::problem::steers;

/// So many characters are shown before and after a spot, and of a spot.
const AROUND: usize = 100;
const SPOT: usize = 60;

/// A line, or what is shown of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// Its number, from 1.
    pub(super) number: usize,
    /// What stands before the spot; the whole line where no spot is in it.
    pub(super) before: String,
    /// What is marked.
    pub(super) spot: String,
    /// What stands after it.
    pub(super) after: String,
}

impl Row {
    /// Whether something in it is marked.
    pub(super) fn is_marked(&self) -> bool {
        !self.spot.is_empty()
    }

    /// A line without a spot.
    fn plain(number: usize, line: &str) -> Self {
        Self {
            number,
            before: visible(line, 2 * AROUND),
            spot: String::new(),
            after: String::new(),
        }
    }

    /// The line around a byte of a text, whose number is known. Looks no further than what is shown.
    pub(super) fn at(text: &str, offset: usize, number: usize) -> Self {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let (left, right) = text.split_at(offset);
        let mut start = offset;
        let mut seen = 0;
        for (at, c) in left.char_indices().rev() {
            if matches!(c, '\n' | '\r') || seen == AROUND {
                break;
            }
            (start, seen) = (at, seen + 1);
        }
        let is_cut = start > 0 && !text[..start].ends_with(['\n', '\r']);
        let end = right.find(['\n', '\r']).unwrap_or(right.len());
        let right = &right[..end];
        let long = spot_length(right);
        let mut before = visible(&text[start..offset], AROUND);
        if is_cut {
            before.insert(0, '…');
        }
        let spot = match &right[..long] {
            "" => "¶".to_owned(),
            spot => visible(spot, SPOT),
        };
        Self {
            number,
            before,
            spot,
            after: visible(&right[long..], AROUND),
        }
    }
}

/// How many bytes from the spot on belong to it: a tag as far as its name, or a word.
fn spot_length(right: &str) -> usize {
    let mut chars = right.char_indices().take(SPOT + 1).peekable();
    let mut end = 0;
    while let Some((at, c)) = chars.next() {
        if at > 0 && matches!(c, '<' | ' ' | '\t' | '>') {
            return match c {
                '>' => at + 1,
                _ => at,
            };
        }
        end = chars.peek().map_or(at + c.len_utf8(), |(next, _)| *next);
    }
    end
}

/// The lines of a small text from one to another, with a spot in one of them.
pub(super) fn lines(
    text: &str,
    (from, to): (usize, usize),
    spot: Option<(usize, usize)>,
) -> Vec<Row> {
    let numbered = (1..).zip(text.lines());
    let chosen = numbered.filter(|(number, _)| (from..=to).contains(number));
    let row = |(number, line): (usize, &str)| match spot {
        Some((own, column)) if own == number => {
            let skipped = line.char_indices().nth(column.saturating_sub(1));
            Row::at(line, skipped.map_or(line.len(), |(at, _)| at), number)
        }
        _ => Row::plain(number, line),
    };
    chosen.map(row).collect()
}

/// A text as a person can read it: cut when long, and with characters that are not seen but steer what is shown written out.
pub(super) fn visible(text: &str, longest: usize) -> String {
    let mut out = String::with_capacity(text.len().min(4 * longest));
    for (index, c) in text.chars().enumerate() {
        if index == longest {
            out.push('…');
            break;
        }
        match c {
            '\t' => out.push(' '),
            c if steers(c) => {
                // Writing to a String cannot fail.
                let _ = write!(out, "[U+{:04X}]", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, offset: usize) -> String {
        let row = Row::at(text, offset, 1);
        format!("{}|{}|{}", row.before, row.spot, row.after)
    }

    #[test]
    fn a_spot_is_a_value_a_tag_or_the_end_of_a_line() {
        let text = "<a>\n  <b>9</b>\n</a>";
        assert_eq!(marked(text, 9), "  <b>|9|</b>");
        assert_eq!(marked(text, 6), "  |<b>|9</b>");
        assert_eq!(marked(text, 14), "  <b>9</b>|¶|");
        assert_eq!(marked(text, 900), "</a>|¶|");
        assert_eq!(marked("", 0), "|¶|");
    }

    #[test]
    fn long_lines_are_cut_and_what_is_not_seen_is_written() {
        let text = format!("{}\u{202e}x{}", "é".repeat(100_000), "y".repeat(100_000));
        let row = Row::at(&text, 200_003, 1);
        assert!(row.before.starts_with('…') && row.before.ends_with("[U+202E]"));
        let shown = [&*row.before, &row.spot, &row.after].concat();
        assert!(shown.chars().count() < 300, "{shown}");
        // An offset inside a character is that of the character.
        assert_eq!(marked("æb", 1), "|æb|");
    }

    #[test]
    fn lines_are_counted_from_one() {
        let rows = lines("a\nb\n  <c>d</c>\ne", (2, 3), Some((3, 6)));
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0], Row::plain(2, "b"));
        assert_eq!((rows[1].number, &*rows[1].spot), (3, "d"));
    }
}
