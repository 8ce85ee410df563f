//! The two languages of the demonstration, its lines of 80 columns, and its colours on a terminal.

use clap::ValueEnum;

/// How long a line may be, where its words allow it.
const COLUMNS: usize = 80;

/// What the demonstration speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Language {
    /// Danish.
    Da,
    /// English.
    En,
}

/// A sentence in both languages.
#[derive(Debug, Clone)]
pub(super) struct Both {
    da: String,
    en: String,
}

impl Both {
    pub(super) fn new(da: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            da: da.into(),
            en: en.into(),
        }
    }

    /// The sentence in one of them.
    pub(super) fn text(&self, language: Language) -> &str {
        match language {
            Language::Da => &self.da,
            Language::En => &self.en,
        }
    }
}

/// One half of a remedy, which an answer gives as "dansk / English". Either half may have a slash of its own: then the
/// middle one parts them.
pub(super) fn half(remedy: &str, language: Language) -> &str {
    let slashes: Vec<usize> = remedy.match_indices(" / ").map(|(at, _)| at).collect();
    if slashes.len().is_multiple_of(2) {
        return remedy;
    }
    let halves = slashes
        .get(slashes.len() / 2)
        .and_then(|at| Some((remedy.get(..*at)?, remedy.get(at + " / ".len()..)?)));
    match (halves, language) {
        (Some((da, _)), Language::Da) => da,
        (Some((_, en)), Language::En) => en,
        (None, _) => remedy,
    }
}

/// A text in lines of at most 80 columns, each with this indentation. A word that is longer has a line of its own.
pub(super) fn wrapped(text: &str, indent: usize) -> String {
    let margin = " ".repeat(indent);
    let (mut lines, mut width) = (margin.clone(), indent);
    for word in text.split(' ') {
        let length = word.chars().count();
        if width > indent && width + 1 + length > COLUMNS {
            lines.push('\n');
            lines.push_str(&margin);
            width = indent;
        } else if width > indent {
            lines.push(' ');
            width += 1;
        }
        lines.push_str(word);
        width += length;
    }
    lines
}

/// Colours, or none where the output is no terminal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint(pub(super) bool);

/// What a text is, for its colour.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tone {
    Title,
    Good,
    Bad,
    Warning,
}

impl Paint {
    /// The text in the colour of what it is.
    pub(super) fn tone(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Title => "1",
            Tone::Good => "32",
            Tone::Bad => "31",
            Tone::Warning => "33",
        };
        if self.0 {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_eighty_columns_and_keep_long_words_whole() {
        let text = format!("{} og {}", "å ".repeat(60).trim_end(), "x".repeat(100));
        let lines = wrapped(&text, 5);
        let longest = |line: &str| line.chars().count();
        assert!(lines.lines().all(|line| line.starts_with("     ")));
        assert_eq!(
            lines.lines().map(longest).collect::<Vec<_>>(),
            [80, 51, 105]
        );
        assert_eq!(
            lines.split_whitespace().collect::<Vec<_>>(),
            text.split(' ').collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_remedy_parts_at_its_middle_slash() {
        assert_eq!(half("Ret den. / Correct it.", Language::Da), "Ret den.");
        assert_eq!(half("Ret den. / Correct it.", Language::En), "Correct it.");
        assert_eq!(half("a / b. / a / b!", Language::En), "a / b!");
        assert_eq!(half("no other half", Language::Da), "no other half");
    }
}
