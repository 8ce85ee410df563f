//! The code tables, as people read them.

use askama::Template;

use super::frame::Frame;
use super::{Look, NotShown, Page, Place, Shown, Site};
use crate::register::{Kodetabel, Language};

#[derive(Template)]
#[template(path = "codes.html")]
struct Codes<'a> {
    f: Frame<'a>,
    tables: Vec<Table<'a>>,
}

struct Table<'a> {
    name: &'a str,
    title: &'static str,
    about: &'a str,
    rows: Vec<(i32, &'a str, bool)>,
}

impl<'a> Table<'a> {
    fn of(table: &'a Kodetabel, title: &'static str, language: Language) -> Self {
        let rows = table.koder.iter();
        Self {
            name: &table.navn,
            title,
            about: language.of(&table.beskrivelse_da, &table.beskrivelse_en),
            rows: rows
                .map(|(code, row)| (*code, row.tekst.as_str(), row.bekraeftet))
                .collect(),
        }
    }
}

pub(super) fn show(site: &Site, place: Place, look: Look<'_>) -> Result<Shown, NotShown> {
    let all = look.tables;
    let language = place.language;
    let table = |table, title| Table::of(table, title, language);
    Shown::html(&Codes {
        f: site.frame(place, language.of("Kodetabeller", "Code tables")),
        tables: vec![
            table(&all.inst_type, language.of("Type", "Type")),
            table(&all.ejerform, language.of("Ejerform", "Ownership")),
            table(&all.lovgrundlag, language.of("Lovgrundlag", "Legal basis")),
            table(&all.kommune, language.of("Kommuner", "Kommuner")),
        ],
    })
}
