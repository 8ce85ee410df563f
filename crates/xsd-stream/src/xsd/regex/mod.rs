//! Patterns: the regular expressions of XML Schema, as automata that look at
//! each character once. Anchored at both ends, no captures, no backtracking.

mod automaton;
mod blocks;
mod class;
mod parse;
mod unicode;

use automaton::Automaton;

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Pattern {
    source: Box<str>,
    automaton: Automaton,
}

impl Pattern {
    /// Compiles `source`; the error says what is wrong with it.
    pub(super) fn new(source: &str) -> Result<Self, String> {
        let tree = parse::parse(source)?;
        Ok(Self {
            source: source.into(),
            automaton: Automaton::new(&tree)?,
        })
    }

    /// The pattern as written.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// Whether the whole of `text` matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.automaton.matches(text)
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn matching() {
        for (pattern, good, bad) in [
            (
                "[0-9]{10}",
                &["0123456789"][..],
                &["", "123", "01234567890", "012345678x"][..],
            ),
            ("", &[""], &["a"]),
            ("a|b|", &["a", "b", ""], &["c", "ab"]),
            ("(ab)*c?", &["", "ab", "ababc", "c"], &["a", "abcc"]),
            ("a{2,3}", &["aa", "aaa"], &["a", "aaaa"]),
            ("a{2,}", &["aa", "aaaaaaa"], &["a"]),
            ("a{0}", &[""], &["a"]),
            ("(a{0,2}b){2}", &["bb", "aabab"], &["b", "aaabb"]),
            ("^a$", &["^a$"], &["a"]),
            (".", &["x", "å", "\t"], &["\n", "\r", "", "xx"]),
            ("\\d+", &["12", "٣"], &["x"]),
            ("[a-z-[aeiou]]+", &["xyz"], &["a", "xa"]),
            ("[^a-c]", &["d", "\n"], &["a"]),
            ("[^a-c-[x]]", &["d"], &["a", "x"]),
            ("[-a]+", &["-a-"], &["b"]),
            ("[a-]+", &["-a-"], &["b"]),
            ("[\\-x\\]]+", &["-]x"], &["\\"]),
            ("\\p{Lu}\\P{Lu}", &["Åå"], &["åÅ"]),
            ("\\p{IsBasicLatin}*", &["abc"], &["å"]),
            ("\\i\\c*", &["_a-1", "å"], &["1a", ""]),
            ("[\\w.]+@[\\w.]+", &["a.b@c.dk"], &["a@", "@b"]),
            (
                "(G[0-9]{5}|[A-F0-9]{6})",
                &["G12345", "ABCDEF"],
                &["G1234", "g12345"],
            ),
            (
                "[1-9][0-9]{0,2}[A-Za-zÆØÅæøå]?",
                &["1", "999Å"],
                &["0", "1000", "1AA"],
            ),
        ] {
            let compiled = Pattern::new(pattern).unwrap_or_else(|e| panic!("{pattern}: {e}"));
            for text in good {
                assert!(compiled.matches(text), "{pattern} should match {text:?}");
            }
            for text in bad {
                assert!(
                    !compiled.matches(text),
                    "{pattern} should not match {text:?}"
                );
            }
        }
    }

    #[test]
    fn bad_patterns() {
        for pattern in [
            "(",
            ")",
            "[",
            "]",
            "[]",
            "a{",
            "a{1",
            "a{,2}",
            "a{2,1}",
            "*a",
            "?",
            "a**",
            "a{1}{2}",
            "\\",
            "\\q",
            "\\p",
            "\\p{",
            "\\p{Xx}",
            "\\p{IsNowhere}",
            "[z-a]",
            "[a[b]",
            "[a-c-e]",
            "[a-\\d]",
            "{",
            "}",
            "[a-z-[b]c]",
            "\\1",
            "(?:a)",
        ] {
            assert!(Pattern::new(pattern).is_err(), "{pattern}");
        }
    }

    /// Patterns that make backtracking engines hang, and large counts.
    #[test]
    fn linear_time() {
        let text = "a".repeat(50_000);
        for pattern in [
            "(a+)+b",
            "(a|a)*b",
            "(a|aa)+b",
            "(.*)(.*)(.*)b",
            "a{0,3000}b",
            "(a?){1000}b",
        ] {
            assert!(!Pattern::new(pattern).unwrap().matches(&text), "{pattern}");
        }
        assert!(Pattern::new("(((a{100}){100}){100}){100}").is_err());
        // The sets of escapes are large, and must not be built at every place.
        let escapes = Pattern::new(&r"\i\c\w".repeat(1_000)).unwrap();
        assert!(escapes.matches(&"a".repeat(3_000)));
    }
}
