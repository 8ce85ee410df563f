//! Sets of characters, as sorted runs of code points.

use std::sync::LazyLock;

use super::unicode::CATEGORIES;
use crate::xml::{is_name_char, is_name_start};

/// The last code point.
const LAST: u32 = 0x10_FFFF;

/// The sets of `\i`, `\c` and `\w`, which take long to find out: once, and not
/// at every place of every pattern.
static NAME_START: LazyLock<CharSet> = LazyLock::new(|| CharSet::by(is_name_start));
static NAME: LazyLock<CharSet> = LazyLock::new(|| CharSet::by(is_name_char));
static WORD: LazyLock<CharSet> = LazyLock::new(|| {
    let others = ["P", "Z", "C"].map(|name| CharSet::category(name).unwrap_or_default());
    let all = others.iter().fold(CharSet::default(), CharSet::union);
    all.negated()
});

/// A set of code points: sorted, disjoint, non-adjacent runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CharSet {
    runs: Vec<(u32, u32)>,
}

impl CharSet {
    pub(super) fn from_runs(mut runs: Vec<(u32, u32)>) -> Self {
        runs.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(runs.len());
        for (from, to) in runs {
            match merged.last_mut() {
                Some(last) if from <= last.1.saturating_add(1) => last.1 = last.1.max(to),
                _ => merged.push((from, to)),
            }
        }
        Self { runs: merged }
    }

    pub(super) fn single(c: char) -> Self {
        Self {
            runs: vec![(c.into(), c.into())],
        }
    }

    pub(super) fn runs(&self) -> &[(u32, u32)] {
        &self.runs
    }

    pub(super) fn negated(&self) -> Self {
        let mut runs = Vec::with_capacity(self.runs.len() + 1);
        let mut next = 0;
        for &(from, to) in &self.runs {
            if from > next {
                runs.push((next, from - 1));
            }
            next = to + 1;
        }
        if next <= LAST {
            runs.push((next, LAST));
        }
        Self { runs }
    }

    pub(super) fn union(mut self, other: &Self) -> Self {
        self.runs.extend_from_slice(&other.runs);
        Self::from_runs(self.runs)
    }

    pub(super) fn minus(&self, other: &Self) -> Self {
        self.negated().union(other).negated()
    }

    pub(super) fn contains(&self, code: u32) -> bool {
        let after = self.runs.partition_point(|&(from, _)| from <= code);
        after > 0 && self.runs[after - 1].1 >= code
    }

    /// `\p{name}` for a general category: one letter or two.
    pub(super) fn category(name: &str) -> Option<Self> {
        let set = |name: &str| {
            let those = CATEGORIES.iter().filter(|c| c.0.starts_with(name));
            Self::from_runs(those.flat_map(|c| runs(c.1)).collect())
        };
        let unassigned = || set("").negated();
        match name {
            "Cn" => Some(unassigned()),
            "C" => Some(set("C").union(&unassigned())),
            // Surrogates are no characters.
            "" | "Cs" => None,
            _ => Some(set(name)).filter(|set| !set.runs.is_empty()),
        }
    }

    /// The set of a multi-character escape: `\s`, `\i`, `\c`, `\d`, `\w` and
    /// their complements, and `.`.
    pub(super) fn escape(letter: char) -> Option<Self> {
        let set = match letter.to_ascii_lowercase() {
            's' => Self::from_runs(vec![(0x20, 0x20), (9, 10), (13, 13)]),
            'i' => NAME_START.clone(),
            'c' => NAME.clone(),
            'd' => Self::category("Nd")?,
            'w' => WORD.clone(),
            '.' => Self::from_runs(vec![(10, 10), (13, 13)]).negated(),
            _ => return None,
        };
        Some(if letter.is_ascii_uppercase() {
            set.negated()
        } else {
            set
        })
    }

    fn by(member: fn(char) -> bool) -> Self {
        // What production NameStartChar says of the planes beyond the first.
        let beyond = (0x1_0000, 0xE_FFFF);
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for c in ('\0'..='\u{FFFF}').filter(|&c| member(c)) {
            match (u32::from(c), runs.last_mut()) {
                (code, Some(last)) if last.1 + 1 == code => last.1 = code,
                (code, _) => runs.push((code, code)),
            }
        }
        runs.push(beyond);
        Self { runs }
    }
}

/// The runs of a list of code points: `41-5A` is one, and `100-136/2` is every second code point of one.
fn runs(list: &str) -> impl Iterator<Item = (u32, u32)> {
    let code = |hex| u32::from_str_radix(hex, 16).unwrap_or_default();
    list.split(' ').flat_map(move |item| {
        let (run, step) = item.split_once('/').unwrap_or((item, ""));
        let (from, to) = run.split_once('-').unwrap_or((run, run));
        let (from, to) = (code(from), code(to));
        let (step, beyond) = match step {
            "" => (to - from + 1, to - from),
            step => (code(step), 0),
        };
        (from..=to)
            .step_by(step as usize)
            .map(move |c| (c, c + beyond))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets() {
        let set = CharSet::from_runs(vec![(5, 7), (1, 2), (3, 3), (6, 9)]);
        assert_eq!(set.runs(), [(1, 3), (5, 9)]);
        assert_eq!(set.negated().runs(), [(0, 0), (4, 4), (10, LAST)]);
        assert_eq!(
            set.minus(&CharSet::from_runs(vec![(2, 5)])).runs(),
            [(1, 1), (6, 9)]
        );
        assert!(set.contains(9) && !set.contains(4) && !set.contains(10));
    }

    #[test]
    fn escapes_of_names() {
        for (letter, member) in [
            ('i', is_name_start as fn(char) -> bool),
            ('c', is_name_char),
        ] {
            let set = CharSet::escape(letter).unwrap();
            let wrong = ('\0'..=char::MAX).find(|&c| set.contains(c.into()) != member(c));
            assert_eq!(wrong, None, "{letter}");
        }
    }

    #[test]
    fn every_code_point_is_in_one_category() {
        let runs = CATEGORIES.iter().flat_map(|c| runs(c.1));
        let count: u32 = runs.map(|(from, to)| to - from + 1).sum();
        let unassigned = CharSet::category("Cn").unwrap();
        let free: u32 = unassigned.runs.iter().map(|r| r.1 - r.0 + 1).sum();
        assert_eq!((count, count + free), (284_278, LAST + 1));
    }

    #[test]
    fn categories() {
        for (name, member, stranger) in [
            ("Lu", 'Å', 'å'),
            ("L", 'ß', '1'),
            ("Nd", '٣', '²'),
            ("Zs", '\u{A0}', '\n'),
            ("Cc", '\n', ' '),
            ("Sc", '€', '+'),
            ("Cn", '\u{378}', 'a'),
            ("C", '\u{378}', 'a'),
        ] {
            let set = CharSet::category(name).unwrap();
            assert!(
                set.contains(member.into()) && !set.contains(stranger.into()),
                "{name}"
            );
        }
        for unknown in ["", "Cs", "Xx", "Lux", "Lu "] {
            assert_eq!(CharSet::category(unknown), None);
        }
    }
}
