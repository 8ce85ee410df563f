//! How words are compared: without case, accents and punctuation, and with Danish letters in one form however they are typed.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// The most characters of a word that count.
const WORD: usize = 64;
/// The most bytes of a folded text.
const TEXT: usize = 2048;

/// The words of a text in the form in which they are compared, with a space between them: lower case, without accents, split
/// by whatever is no letter or digit. `ø`, `ö`, `o` and `oe` are the same, so are `æ` and `ae`, and `å`, `aa` and `a`.
///
/// Folding twice changes nothing more. What is folded is at most 2,048 bytes, in words of at most 64 characters.
pub fn folded(text: &str) -> String {
    let plain = text.nfkd().filter(|c| !is_combining_mark(*c));
    let lower = plain.flat_map(char::to_lowercase);
    // A lower-case letter may come apart where its capital did not.
    let letters = lower.nfkd().filter(|c| !is_combining_mark(*c));
    let mut folded = String::new();
    // Of the word that is being written: its last character, and how many it has.
    let (mut last, mut length) = (None, 0);
    for c in letters.flat_map(latin) {
        if folded.len() + 1 + c.len_utf8() > TEXT {
            break;
        }
        if !c.is_alphanumeric() {
            (last, length) = (None, 0);
            continue;
        }
        let same = matches!((last, c), (Some('a'), 'a') | (Some('o'), 'e'));
        if same || length == WORD {
            continue;
        }
        if last.is_none() && !folded.is_empty() {
            folded.push(' ');
        }
        folded.push(c);
        (last, length) = (Some(c), length + 1);
    }
    folded
}

/// A letter that no decomposition takes apart, in letters that keyboards have.
fn latin(c: char) -> impl Iterator<Item = char> {
    let (first, second) = match c {
        'ø' => ('o', None),
        'æ' => ('a', Some('e')),
        'œ' => ('o', None),
        'ß' => ('s', Some('s')),
        'ð' | 'đ' => ('d', None),
        'þ' => ('t', Some('h')),
        'ł' => ('l', None),
        other => (other, None),
    };
    std::iter::once(first).chain(second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_word_is_found_however_it_is_typed() {
        for (words, form) in [
            (
                &["Århus", "aarhus", "AARHUS", "arhus", "A\u{30a}rhus"][..],
                "arhus",
            ),
            (
                &["Søndergård", "sondergaard", "SOENDERGAARD", "söndergård"],
                "sondergard",
            ),
            (&["Solstrålen", "solstraalen", "solstralen"], "solstralen"),
            (&["Rævekrogen", "raevekrogen", "RÆVEKROGEN"], "raevekrogen"),
            (
                &["Café Blå-Bær", "cafe blaa  baer", "(café) blå/bær!"],
                "cafe bla baer",
            ),
            (&["4 B", "4-b", "4.B"], "4 b"),
            (&["ﬁn", "FIN"], "fin"),
            (&["", " - ", "*\"()^:"], ""),
        ] {
            for word in words {
                assert_eq!(folded(word), form, "{word}");
            }
        }
    }

    /// Whatever a person or a program may send, by a generator of its own so that a failure is found again.
    fn texts() -> impl Iterator<Item = String> {
        let letters: Vec<char> = "aAåÅøØæÆoOeEéöß -.'\"*0123\u{30a}\u{301}İŒ½ﷺ日"
            .chars()
            .collect();
        let mut state = 7_u64;
        let mut next = move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            usize::try_from(state >> 33).unwrap()
        };
        (0..3000).map(move |_| {
            let length = next() % 12 * (1 + next() % 40);
            (0..length)
                .map(|_| letters[next() % letters.len()])
                .collect()
        })
    }

    #[test]
    fn folding_twice_changes_nothing_more() {
        let characters = (0..=0x10_ffff).filter_map(char::from_u32);
        for text in characters.map(String::from).chain(texts()) {
            let once = folded(&text);
            assert_eq!(folded(&once), once, "{text:?}");
        }
    }

    #[test]
    fn what_is_folded_is_bounded_and_has_nothing_but_words() {
        let long = [
            "å".repeat(5000),
            "x".repeat(5000),
            "ord ".repeat(5000),
            "ﷺ".repeat(900),
        ];
        for text in texts().chain(long) {
            let folded = folded(&text);
            assert!(folded.len() <= TEXT, "{}", folded.len());
            for word in folded.split(' ').filter(|_| !folded.is_empty()) {
                assert!((1..=WORD).contains(&word.chars().count()), "{folded:?}");
                assert!(word.chars().all(char::is_alphanumeric), "{folded:?}");
            }
        }
    }

    #[test]
    fn the_beginning_of_a_word_stays_its_beginning() {
        for word in ["Søndergård", "Aaløkke", "Rævekrogen", "Poesi"] {
            let whole = folded(word);
            for (end, _) in word.char_indices() {
                let begun = folded(&word[..end]);
                assert!(whole.starts_with(&begun), "{begun} of {whole}");
            }
        }
    }
}
