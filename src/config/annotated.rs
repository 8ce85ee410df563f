//! The annotated `dtr.toml` that `dtr init` writes: the words an operator reads first, which stand above each key's field.

use std::fmt::Write;

use super::{
    Advarsler, CallLog, Certifikat, CodeTableFolder, Config, Database, Graenser, Log, Login, Lyt,
    MonthlyRun, Nummer, Oidc, Persons, Proxy, Rettigheder, Revision, Side, Tls, Ur,
};

/// The keys of a section, each with what is said of it, line by line.
pub(super) type Words = &'static [(&'static str, &'static [&'static str])];

/// A section: its keys with what each means, its type and its default.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        pub struct $name:ident {
            $(
                $(#[doc = $word:literal])+
                $(#[serde($($serde:tt)+)])?
                $key:ident: $kind:ty = $begins:expr;
            )*
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $($(#[doc = $word])+ $(#[serde($($serde)+)])? pub $key: $kind,)*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($key: $begins,)* }
            }
        }

        impl $name {
            pub(super) const WORDS: $crate::config::annotated::Words =
                &[$((stringify!($key), &[$($word),+]),)*];
        }
    };
}

pub(super) use section;

/// The sections in the order of the file.
const SECTIONS: [(&str, Words); 20] = [
    ("lyt", Lyt::WORDS),
    ("proxy", Proxy::WORDS),
    ("tls", Tls::WORDS),
    ("offentlig_tls", Certifikat::WORDS),
    ("underskrift", Certifikat::WORDS),
    ("database", Database::WORDS),
    ("nummer", Nummer::WORDS),
    ("rettigheder", Rettigheder::WORDS),
    ("personer", Persons::WORDS),
    ("log", Log::WORDS),
    ("kaldslog", CallLog::WORDS),
    ("kodetabeller", CodeTableFolder::WORDS),
    ("revision", Revision::WORDS),
    ("kontrol", MonthlyRun::WORDS),
    ("ur", Ur::WORDS),
    ("side", Side::WORDS),
    ("advarsler", Advarsler::WORDS),
    ("login", Login::WORDS),
    ("login.oidc", Oidc::WORDS),
    ("graenser", Graenser::WORDS),
];

/// Writes a configuration with every key and its meaning. What is left out, and has its default told in words, stands there
/// as a comment.
pub(super) fn render(config: &Config) -> String {
    // A configuration that was read from TOML is TOML again.
    let values = toml::Table::try_from(config).unwrap_or_default();
    let mut out = String::with_capacity(16 << 10);
    let is_section = |key: &str| SECTIONS.iter().any(|(name, _)| *name == key);
    let own = Config::WORDS.iter().filter(|(key, _)| !is_section(key));
    own.for_each(|(key, words)| line(&mut out, key, words, values.get(*key)));
    for (name, keys) in SECTIONS {
        let about: String = about(name).flatten().copied().collect();
        let mut path = name.split('.');
        let section = path.try_fold(&values, |table, key| table.get(key)?.as_table());
        let mark = if section.is_some() { "" } else { "# " };
        let _ = write!(out, "\n#{about}\n{mark}[{name}]\n");
        let is_own = |key: &str| !is_section(&format!("{name}.{key}"));
        for (key, words) in keys.iter().filter(|(key, _)| is_own(key)) {
            line(&mut out, key, words, section.and_then(|own| own.get(*key)));
        }
    }
    out
}

/// What is said of a section where it is a key.
fn about(name: &str) -> impl Iterator<Item = &'static [&'static str]> {
    let (over, own) = match name.rsplit_once('.') {
        Some((over, own)) => (SECTIONS.iter().find(|(name, _)| *name == over), own),
        None => (None, name),
    };
    let words = over.map_or(Config::WORDS, |(_, words)| words);
    let own = own.to_owned();
    words
        .iter()
        .filter(move |(key, _)| *key == own)
        .map(|(_, words)| *words)
}

/// Writes a key with what is said of it above. Writing into a String can't fail.
fn line(out: &mut String, key: &str, words: &[&str], value: Option<&toml::Value>) {
    for word in words {
        let _ = writeln!(out, "#{word}");
    }
    let _ = match value {
        Some(value) => writeln!(out, "{key} = {value}"),
        None => writeln!(out, "# {key} ="),
    };
}
