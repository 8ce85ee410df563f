//! The two languages that people are spoken to in.

/// What is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// Danish.
    #[default]
    Da,
    /// English.
    En,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Da, Self::En];

    /// That of two texts which is in this language.
    pub fn of<T>(self, da: T, en: T) -> T {
        match self {
            Self::Da => da,
            Self::En => en,
        }
    }

    /// Its code, as HTML and HTTP write it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Da => "da",
            Self::En => "en",
        }
    }
}
