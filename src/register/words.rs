//! Enumerations whose values have a word each.

/// An enumeration with the words that the contract, the command line and the database use.
macro_rules! words {
    (
        $(#[$about:meta])*
        pub enum $name:ident { $($(#[$doc:meta])* $value:ident = $word:literal,)+ }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $value,)+ }

        impl $name {
            /// All, with their words.
            pub const ALL: [(Self, &'static str); [$($word),+].len()] = [$((Self::$value, $word)),+];

            /// The word for it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$value => $word,)+ }
            }

            /// Reads the word for it.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$value),)+ _ => None }
            }
        }
    };
}
pub(crate) use words;
