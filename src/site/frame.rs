//! What surrounds each page: title, language, navigation, and what the operator has told of itself.

use std::borrow::Borrow;

use super::assets;
use super::place::{Page, Place};
use crate::config::Side;
use crate::register::{Institutionsnummer, Language};

/// What the site knows of its register and of who runs it.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Where the site is reached, without a slash at the end.
    pub public_url: String,
    /// Where the services are reached, without a slash at the end.
    pub service_url: String,
    /// The services' paths and documents, in the order in which they are told of.
    pub services: Vec<(&'static str, &'static str)>,
    /// What machines fetch.
    pub listed: Vec<Listed>,
    /// Who runs the register.
    pub contact: Side,
    /// Whether this is no real register.
    pub is_test: bool,
    /// Whether persons can sign in.
    pub has_sign_in: bool,
    /// Whether anybody may sign in as anybody.
    pub is_demonstration: bool,
}

/// Something that machines fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Its path.
    pub path: &'static str,
    /// What it is, in Danish.
    pub da: &'static str,
    /// What it is, in English.
    pub en: &'static str,
}

impl Listed {
    /// What it is.
    pub(super) fn told(&self, language: impl Borrow<Language>) -> &'static str {
        language.borrow().of(self.da, self.en)
    }
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) to: String,
    pub(super) text: String,
}

/// A page's frame. Templates see it as `f`.
#[derive(Debug, Clone)]
pub(super) struct Frame<'a> {
    pub(super) settings: &'a Settings,
    pub(super) place: Place,
    pub(super) title: String,
}

impl Frame<'_> {
    /// That of two texts which is in the page's language.
    pub(super) fn t<'t>(&self, da: &'t str, en: &'t str) -> &'t str {
        self.place.language.of(da, en)
    }

    /// The language's code.
    pub(super) const fn lang(&self) -> &'static str {
        self.place.language.code()
    }

    /// The path of a page in the page's language.
    pub(super) fn to(&self, page: Page) -> String {
        Place { page, ..self.place }.path()
    }

    /// The path of a record's page.
    pub(super) fn record(&self, number: impl Borrow<Institutionsnummer>) -> String {
        self.to(Page::Institution(*number.borrow(), super::Form::Html))
    }

    /// The page's own path, in the given language.
    pub(super) fn own(&self, language: impl Borrow<Language>) -> String {
        self.place.in_language(*language.borrow()).path()
    }

    /// The other language.
    pub(super) const fn other(&self) -> Language {
        match self.place.language {
            Language::Da => Language::En,
            Language::En => Language::Da,
        }
    }

    /// The pages of the navigation, and whether each is this one.
    pub(super) fn navigation(&self) -> Vec<(String, &'static str, bool)> {
        let entry = |page: Page, da, en| {
            let here = self.place.page == page;
            (self.to(page), self.place.language.of(da, en), here)
        };
        vec![
            entry(Page::Front, "Søg", "Search"),
            entry(Page::Map, "Kort", "Map"),
            entry(Page::Figures, "Tal", "Figures"),
            entry(Page::Data, "Data", "Data"),
            entry(Page::Contract, "Kontrakt", "Contract"),
            entry(Page::Manual(None), "Dokumentation", "Documentation"),
        ]
    }

    /// The style sheet, by a path that changes with it.
    pub(super) fn style(&self) -> &'static str {
        assets::style_path()
    }
}
