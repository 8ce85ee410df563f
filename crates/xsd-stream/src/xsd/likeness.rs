//! Whether one name was meant by another: misspelled, in other letters, or cut.

/// Names longer than this, in characters, are like nothing.
const LONGEST: usize = 64;
/// The shortest name that may be part of another.
const SHORTEST_PART: usize = 5;

/// How far apart two names are that are alike; less is nearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Likeness(usize);

impl Likeness {
    /// Whether `known` may be meant by `found`, and how far apart they are.
    pub(super) fn of(found: &str, known: &str) -> Option<Self> {
        if found.len() > 4 * LONGEST || known.len() > 4 * LONGEST {
            return None;
        }
        let (found, known) = (plain(found), plain(known));
        let (shorter, longer) = (found.len().min(known.len()), found.len().max(known.len()));
        if longer > LONGEST || shorter == 0 {
            return None;
        }
        let allowed = match shorter {
            0..=2 => 0,
            3..=5 => 1,
            _ => 2,
        };
        if longer - shorter <= allowed {
            let apart = distance(&found, &known);
            if apart <= allowed {
                return Some(Self(apart));
            }
        }
        let (part, whole) = match found.len() < known.len() {
            true => (&found, &known),
            false => (&known, &found),
        };
        let is_part = part.len() >= SHORTEST_PART && 2 * part.len() >= whole.len();
        (is_part && (whole.starts_with(part) || whole.ends_with(part)))
            .then_some(Self(allowed + longer - shorter))
    }
}

/// Small letters, without what joins words, and those outside ASCII written
/// with two.
fn plain(name: &str) -> Vec<char> {
    let mut out = Vec::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase) {
        match c {
            '_' | '-' | '.' => {}
            'æ' | 'ä' => out.extend(['a', 'e']),
            'ø' | 'ö' => out.extend(['o', 'e']),
            'å' => out.extend(['a', 'a']),
            'ü' => out.extend(['u', 'e']),
            c => out.push(c),
        }
    }
    out
}

/// Letters to insert, leave out, replace or swap with the next.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut rows = [vec![0; b.len() + 1], (0..=b.len()).collect(), vec![]];
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = rows[1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(rows[1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(rows[0][j - 2] + 1);
            }
        }
        rows.rotate_left(1);
        rows[1] = row;
    }
    rows[1][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant() {
        for (found, known) in [
            ("pnummer", "pNummer"),
            ("husNumer", "husNummer"),
            ("husNr", "husNr"),
            ("ejerfromKode", "ejerformKode"),
            ("dør", "doer"),
            ("gyldig_fra", "gyldigFra"),
            ("anvisningsEnhed", "anvisningsenhed"),
            ("anvisningsenheder", "anvisningsenhed"),
            ("kommuneKode", "admKommuneKode"),
            ("lovgrundlag", "lovgrundlagKode"),
            ("instType", "instType3"),
        ] {
            assert!(Likeness::of(found, known).is_some(), "{found} {known}");
        }
        for (found, known) in [
            ("navn", "doer"),
            ("by", "byNavn"),
            ("etage", "email"),
            ("vejNavn", "husNummer"),
            ("", "etage"),
            ("ukendt", "email"),
        ] {
            assert!(Likeness::of(found, known).is_none(), "{found} {known}");
        }
        assert!(Likeness::of("vejNav", "vejNavn") < Likeness::of("vejNav", "vejNav1x"));
        assert!(Likeness::of(&"x".repeat(100_000), "etage").is_none());
    }
}
