//! The rows of the catalogue, a file for each thousand.

use super::Entry;

/// Declares entries of a group: `Group; NAME = "DTR1001", severity, fault, lists [values], da, en, remedy da, remedy en;`
macro_rules! entries {
    ($group:ident; $($name:ident = $kode:literal, $alvor:ident, $fault:expr, $(lists [$($list:literal),*],)?
        $da:literal, $en:literal, $hjaelp_da:literal, $hjaelp_en:literal;)*) => {
        $(
            #[doc = concat!("`", $kode, "`: ", $en)]
            pub static $name: crate::problem::Entry = crate::problem::Entry {
                kode: $kode,
                group: crate::problem::Group::$group,
                alvor: crate::problem::Severity::$alvor,
                fault: $fault,
                lists: &[$($($list),*)?],
                da: $da,
                en: $en,
                hjaelp_da: $hjaelp_da,
                hjaelp_en: $hjaelp_en,
            };
        )*

        /// The entries of this file, in order.
        pub(super) static ROWS: &[&crate::problem::Entry] = &[$(&$name),*];
    };
}
pub(super) use entries;

pub mod aftaler;
pub mod fund;
pub mod http;
pub mod intern;
pub mod load;
pub mod login;
pub mod plan;
pub mod register;
pub mod schema;
pub mod soap;
pub mod xml;

/// Every entry, by code.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    let files = [
        http::ROWS,
        login::ROWS,
        xml::ROWS,
        soap::ROWS,
        schema::ROWS,
        register::ROWS,
        fund::ROWS,
        load::ROWS,
        aftaler::ROWS,
        plan::ROWS,
        intern::ROWS,
    ];
    files.into_iter().flatten().copied()
}
