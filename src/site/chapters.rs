//! The chapters of the manual: documents of `docs`, built in.

/// A chapter: its name in paths, its title, its text.
pub(super) struct Chapter {
    pub(super) name: &'static str,
    pub(super) text: &'static str,
}

macro_rules! chapters {
    ($($name:literal),* $(,)?) => {
        [$(Chapter {
            name: $name,
            text: include_str!(concat!("../../docs/", $name, ".md")),
        }),*]
    };
}

/// All of them, in the order in which somebody new reads them.
pub(super) static CHAPTERS: [Chapter; 16] = chapters![
    "sider",
    "leverandoer",
    "aftager",
    "kontrakt",
    "regler",
    "csv",
    "foelg",
    "hvem",
    "klienter",
    "drift",
    "login",
    "tls",
    "spejle",
    "graenser",
    "holdbarhed",
    "ydelse",
];

impl Chapter {
    /// Its first heading.
    pub(super) fn title(&self) -> &'static str {
        let first = self.text.lines().next().unwrap_or_default();
        first.trim_start_matches('#').trim()
    }
}

/// The chapter of a name.
pub(super) fn chapter(name: &str) -> Option<&'static str> {
    let found = CHAPTERS.iter().find(|chapter| chapter.name == name);
    found.map(|chapter| chapter.name)
}

/// A picture of the manual.
pub(super) struct Picture {
    pub(super) name: &'static str,
    pub(super) svg: &'static str,
    /// What it shows, for who does not see it.
    pub(super) da: &'static str,
    pub(super) en: &'static str,
}

/// All of them.
pub(super) static PICTURES: [Picture; 2] = [
    Picture {
        name: "niveauer.svg",
        svg: include_str!("../../docs/niveauer.svg"),
        da: "En daginstitution har anvisningsenheder, og de har alternative adresser",
        en: "A daginstitution has anvisningsenheder, and these have alternative addresses",
    },
    Picture {
        name: "vej.svg",
        svg: include_str!("../../docs/vej.svg"),
        da: "En besked går gennem handshake, grænser, identitet, én læsning og reglerne; én transaktion gemmer alt",
        en: "A message passes handshake, limits, identity, one reading pass and the rules; one transaction stores everything",
    },
];

macro_rules! views {
    ($($name:literal),* $(,)?) => {
        [$((
            concat!("billeder/", $name, ".webp"),
            include_bytes!(concat!("../../docs/billeder/", $name, ".webp")),
        )),*]
    };
}

/// Views of the site, which a chapter shows; `.ci/sider` makes them.
static VIEWS: [(&str, &[u8]); 6] = views![
    "search-desk",
    "institution-desk",
    "kommune-desk",
    "institution-phone",
    "map-phone",
    "check-desk",
];

/// The picture of a path below the manual: its path, type and bytes.
pub(super) fn picture(name: &str) -> Option<(&'static str, &'static str, &'static [u8])> {
    let drawn = PICTURES
        .iter()
        .map(|picture| (picture.name, "image/svg+xml", picture.svg.as_bytes()));
    let seen = VIEWS
        .iter()
        .map(|(name, bytes)| (*name, "image/webp", *bytes));
    drawn.chain(seen).find(|(own, ..)| *own == name)
}
