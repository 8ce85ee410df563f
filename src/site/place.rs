//! The paths of the site and what lies at each. A path is read once, here, and written here alone.

use super::behind::Personal;
use crate::problem;
use crate::register::{Institutionsnummer, Kommunekode, Language};

/// A page in a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// The language: English under `/en`.
    pub language: Language,
    /// The page.
    pub page: Page,
}

/// What the site has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Page {
    /// Search, and what the register is.
    Front,
    /// A record.
    Institution(Institutionsnummer, Form),
    /// A kommune.
    Kommune(Kommunekode, Form),
    /// The country.
    Map,
    /// Figures of the whole register.
    Figures,
    /// The code tables.
    Codes,
    /// All error codes.
    ErrorCodes,
    /// One of them.
    ErrorCode(&'static str),
    /// All of them, for programs.
    ErrorCatalogue(Form),
    /// A message is pasted and judged.
    Validate,
    /// Everything of the contract.
    Contract,
    /// The same as one file.
    ContractZip,
    /// Documents, feeds and services for machines.
    Data,
    /// The manual, or one of its chapters.
    Manual(Option<&'static str>),
    /// A picture of the manual.
    Picture(&'static str),
    /// What this is.
    About,
    /// How accessible it is.
    Accessibility,
    /// Where the law wants that told.
    Was,
    /// A person's pages, and the steps of signing in.
    Mine(Mine),
    /// The pages of a person who has signed in.
    Personal(Personal),
    /// The style sheet.
    Style,
    /// What robots may do.
    Robots,
    /// The parts of the site map.
    Sitemaps,
    /// One part of it.
    Sitemap(u32),
    /// Whom to tell of holes.
    Security,
}

/// The forms in which a record or a kommune is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// For people.
    Html,
    /// For programs.
    Json,
    /// For programs, as in the documents.
    Xml,
    /// For feed readers.
    Atom,
}

/// The pages of persons, and the steps between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mine {
    /// What the person may see, and why.
    Start,
    /// The ways to sign in; the demonstration's form.
    SignIn,
    /// The way to the identity provider.
    Begin,
    /// The way back.
    Return,
    /// A one-time code is typed.
    Code,
    /// Signing out.
    SignOut,
}

/// The most bytes of a form of these pages.
const FORM: u64 = 8 << 10;

/// The most that may be posted to a page, in bytes.
pub const UPLOAD: u64 = super::behind::UPLOAD;

/// Pages with a fixed path, by it.
const FIXED: &[(&str, Page)] = &[
    ("/", Page::Front),
    ("/kort", Page::Map),
    ("/tal", Page::Figures),
    ("/kodetabeller", Page::Codes),
    ("/fejlkoder", Page::ErrorCodes),
    ("/valider", Page::Validate),
    ("/kontrakt", Page::Contract),
    ("/data", Page::Data),
    ("/dokumentation", Page::Manual(None)),
    ("/om", Page::About),
    ("/tilgaengelighed", Page::Accessibility),
];

/// Pages for those who sign in, by path: no map of the site has them.
const OWN: &[(&str, Page)] = &[
    ("/mit", Page::Mine(Mine::Start)),
    ("/mit/login", Page::Mine(Mine::SignIn)),
    ("/mit/adgang", Page::Mine(Mine::Code)),
    ("/mit/log-ud", Page::Mine(Mine::SignOut)),
];

/// Files that are the same in both languages.
const FILES: &[(&str, Page)] = &[
    ("/kontrakt.zip", Page::ContractZip),
    ("/fejlkoder.json", Page::ErrorCatalogue(Form::Json)),
    ("/fejlkoder.xml", Page::ErrorCatalogue(Form::Xml)),
    ("/was", Page::Was),
    ("/stil.css", Page::Style),
    ("/mit/login/oidc", Page::Mine(Mine::Begin)),
    ("/mit/retur", Page::Mine(Mine::Return)),
    ("/robots.txt", Page::Robots),
    ("/sitemap.xml", Page::Sitemaps),
    ("/.well-known/security.txt", Page::Security),
];

/// The page of an error code.
pub(super) fn error_code(kode: &str) -> Option<Page> {
    let entry = problem::all().find(|entry| entry.kode == kode)?;
    Some(Page::ErrorCode(entry.kode))
}

impl Place {
    /// What lies at a decoded path.
    pub fn at(path: &str) -> Option<Self> {
        let english = match path.strip_prefix("/en") {
            Some("") => Some("/"),
            Some(rest) if rest.starts_with('/') => Some(rest),
            _ => None,
        };
        if let Some(own) = english {
            // The English front page has one path, without a slash at its end.
            let page = Page::at(own).filter(|page| page.has_languages() && path != "/en/")?;
            return Some(Self {
                language: Language::En,
                page,
            });
        }
        let file = FILES.iter().find(|(own, _)| *own == path);
        let page = file.map(|(_, page)| *page).or_else(|| Page::at(path))?;
        Some(Self {
            language: Language::Da,
            page,
        })
    }

    /// Its path.
    pub fn path(self) -> String {
        let own = self.page.path();
        match (self.language, own.as_str()) {
            (Language::En, "/") => "/en".to_owned(),
            (Language::En, _) if self.page.has_languages() => format!("/en{own}"),
            _ => own,
        }
    }

    /// The same page in another language.
    pub const fn in_language(self, language: Language) -> Self {
        Self { language, ..self }
    }
}

impl Page {
    /// A person's first page.
    pub(super) const MINE: Self = Self::Mine(Mine::Start);

    /// Those with a fixed path that are spoken in both languages.
    pub(super) fn fixed() -> impl Iterator<Item = Self> {
        FIXED.iter().map(|(_, page)| *page)
    }

    fn at(path: &str) -> Option<Self> {
        if let Some(own) = Personal::at(path) {
            return Some(Self::Personal(own));
        }
        if let Some((_, page)) = FIXED.iter().chain(OWN).find(|(own, _)| *own == path) {
            return Some(*page);
        }
        let mut parts = path.strip_prefix('/')?.splitn(2, '/');
        let (folder, name) = (parts.next()?, parts.next().unwrap_or_default());
        match folder {
            "institution" => {
                let (name, form) = Form::of(name);
                Some(Self::Institution(
                    Institutionsnummer::parse(name).ok()?,
                    form,
                ))
            }
            "kommune" => {
                let (name, form) = Form::of(name);
                let code = Kommunekode::parse(name).ok()?;
                // Other spellings of the number are no other page.
                let is_own = code.to_string() == name && form != Form::Xml;
                is_own.then_some(Self::Kommune(code, form))
            }
            "fejlkoder" => error_code(name),
            "dokumentation" if name.contains('.') => {
                Some(Self::Picture(super::chapters::picture(name)?.0))
            }
            "dokumentation" => Some(Self::Manual(Some(super::chapters::chapter(name)?))),
            "sitemap" => {
                let number = name.strip_suffix(".xml")?.parse().ok()?;
                (format!("{number}.xml") == name).then_some(Self::Sitemap(number))
            }
            _ => None,
        }
    }

    fn path(self) -> String {
        let fixed = FIXED
            .iter()
            .chain(OWN)
            .chain(FILES)
            .find(|(_, page)| *page == self);
        if let Some((path, _)) = fixed {
            return (*path).to_owned();
        }
        match self {
            Self::Institution(number, form) => format!("/institution/{number}{}", form.ending()),
            Self::Kommune(code, form) => format!("/kommune/{code}{}", form.ending()),
            Self::ErrorCode(kode) => format!("/fejlkoder/{kode}"),
            Self::Personal(personal) => personal.path(),
            Self::Manual(Some(name)) | Self::Picture(name) => format!("/dokumentation/{name}"),
            Self::Sitemap(number) => format!("/sitemap/{number}.xml"),
            _ => "/".to_owned(),
        }
    }

    /// Whether it is spoken in both languages.
    pub const fn has_languages(self) -> bool {
        match self {
            Self::Institution(_, form) | Self::Kommune(_, form) => matches!(form, Form::Html),
            Self::ContractZip
            | Self::Picture(_)
            | Self::Mine(Mine::Begin | Mine::Return)
            | Self::Personal(Personal::FindingsCsv)
            | Self::ErrorCatalogue(_)
            | Self::Was
            | Self::Style
            | Self::Robots
            | Self::Sitemaps
            | Self::Sitemap(_)
            | Self::Security => false,
            _ => true,
        }
    }

    /// How many bytes may be posted to it, if anything.
    pub const fn takes(self) -> Option<u64> {
        match self {
            Self::Validate => Some(UPLOAD),
            Self::Mine(Mine::SignIn | Mine::Code | Mine::SignOut) => Some(FORM),
            Self::Personal(personal) => personal.takes(),
            _ => None,
        }
    }
}

impl Form {
    /// The form that a name asks for by its ending, and the name without.
    fn of(name: &str) -> (&str, Self) {
        let forms = [Self::Json, Self::Xml, Self::Atom].into_iter();
        let mut found = forms.filter_map(|form| Some((name.strip_suffix(form.ending())?, form)));
        found.next().unwrap_or((name, Self::Html))
    }

    const fn ending(self) -> &'static str {
        match self {
            Self::Html => "",
            Self::Json => ".json",
            Self::Xml => ".xml",
            Self::Atom => ".atom",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_its_page_belong_together() {
        for path in [
            "/",
            "/en",
            "/kort",
            "/en/kort",
            "/institution/G30001",
            "/en/institution/G30001",
            "/institution/G30001.json",
            "/institution/A00012",
            "/kommune/751",
            "/kommune/751.atom",
            "/fejlkoder/DTR3019",
            "/mit",
            "/en/mit/login",
            "/mit/enheder",
            "/mit/fund.csv",
            "/en/mit/ret/G30001",
            "/mit/drift/kald",
            "/mit/retur",
            "/en/fejlkoder",
            "/dokumentation/drift",
            "/dokumentation/vej.svg",
            "/dokumentation/billeder/map-phone.webp",
            "/fejlkoder.xml",
            "/stil.css",
            "/sitemap/1.xml",
            "/.well-known/security.txt",
        ] {
            assert_eq!(Place::at(path).map(Place::path).as_deref(), Some(path));
        }
        for none in [
            "",
            "/en/",
            "/en/stil.css",
            "/en/institution/G30001.json",
            "/english",
            "/institution",
            "/institution/",
            "/institution/x",
            "/institution/G30001/",
            "/kommune/0751",
            "/kommune/751.xml",
            "/mit/ret/g30001",
            "/en/mit/fund.csv",
            "/fejlkoder/DTR0",
            "/dokumentation/../drift",
            "/dokumentation/none.svg",
            "/dokumentation/billeder/none.webp",
            "/en/dokumentation/vej.svg",
            "/sitemap/01.xml",
        ] {
            assert_eq!(Place::at(none), None, "{none}");
        }
    }

    #[test]
    fn every_fixed_page_has_one_path() {
        for (path, page) in FIXED.iter().chain(OWN).chain(FILES) {
            assert_eq!(page.path(), *path);
        }
    }
}
