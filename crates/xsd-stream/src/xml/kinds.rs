//! The macro behind the error kinds of `xml` and `xsd`: one declaration gives
//! the enum, its English text, its stable name and its named arguments, so
//! that a user of the crate can give each kind a text of its own.

/// Declares an enum of error kinds. Each variant has an English text; fields
/// must implement `Display`.
macro_rules! error_kinds {
    (
        $(#[$meta:meta])*
        $vis:vis enum $Name:ident {
            $(
                $(#[$vmeta:meta])*
                $Variant:ident $( { $( $(#[$fmeta:meta])* $field:ident : $ty:ty ),* $(,)? } )? = $text:literal,
            )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        #[non_exhaustive]
        #[expect(missing_docs, reason = "the text of each variant says what its fields are")]
        $vis enum $Name {
            $(
                $(#[$vmeta])*
                #[error($text)]
                $Variant $( { $( $(#[$fmeta])* $field: $ty ),* } )?,
            )*
        }

        impl $Name {
            /// Every stable name, in the order of declaration.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($Variant)),*];

            /// The stable name of this kind, for texts of your own.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $( Self::$Variant $( { $( $field: _ ),* } )? => stringify!($Variant), )*
                }
            }

            /// What the kind carries, by field name, for texts of your own.
            #[must_use]
            pub fn args(&self) -> Vec<(&'static str, String)> {
                match self {
                    $( Self::$Variant $( { $( $field ),* } )? =>
                        vec![ $( $( (stringify!($field), $field.to_string()) ),* )? ], )*
                }
            }
        }
    };
}

pub(crate) use error_kinds;
