//! Changes for feed readers: those of a record, and the last of a kommune, in words, newest first.

use std::collections::btree_map::{BTreeMap, Entry as Slot};

use super::{Asked, Form, Look, NotShown, Page, Place, Shown, Site, invalid, no_path};
use crate::chronicle::{Names, Told, Words, told};
use crate::export::actor_name;
use crate::register::{Institutionsnummer, Kommunekode, Language, Tidspunkt};
use crate::store::{Aendring, Moment};
use crate::xml::Writer;

const ATOM: &str = "application/atom+xml; charset=utf-8";

/// So many changes a feed has.
const ENTRIES: usize = 50;

/// The year since when the tags of a host are ours (RFC 4151): the first of this program.
const SINCE: &str = "2026";

/// A feed: what it is of.
struct Feed<'a> {
    site: &'a Site,
    /// Where the feed itself is, and the page that it is beside.
    own: Place,
    page: Place,
    title: String,
    epoke: String,
}

/// A change as an entry.
struct Entry {
    sekvens: u64,
    at: Tidspunkt,
    title: String,
    who: String,
    number: Institutionsnummer,
}

/// The changes of a record.
pub(super) fn record(
    site: &Site,
    asked: &Asked<'_>,
    (number, history): (Institutionsnummer, &[Aendring]),
    look: Look<'_>,
) -> Result<Shown, NotShown> {
    let language = language(asked)?;
    let last = history.last().ok_or_else(|| no_path(asked.place))?;
    let told = told(history);
    let names = Names::of(look.view, &told)?;
    let entries = told.iter().rev().take(ENTRIES);
    let entries: Vec<_> = entries
        .map(|own| entry(own, language, look, &names))
        .collect();
    let position = look.view.position_on(Moment::Sekvens(last.sekvens))?;
    let title = format!("{} ({number})", last.record.content.navn());
    let feed = Feed {
        site,
        own: asked.place,
        page: Place {
            language,
            page: Page::Institution(number, Form::Html),
        },
        title,
        epoke: position.epoke.to_string(),
    };
    Ok(feed.write(language, &entries))
}

/// The last changes of what a kommune has.
pub(super) fn kommune(
    site: &Site,
    asked: &Asked<'_>,
    code: Kommunekode,
    look: Look<'_>,
) -> Result<Shown, NotShown> {
    let language = language(asked)?;
    let name = look.tables.kommune.tekst(i32::from(code.0));
    let name = name.ok_or_else(|| no_path(asked.place))?;
    let limit = u32::try_from(ENTRIES).unwrap_or(u32::MAX);
    let changes = look.view.seneste(code, limit)?;
    // What a change did is told by the one before it.
    let mut histories: BTreeMap<Institutionsnummer, Vec<Aendring>> = BTreeMap::new();
    for change in &changes {
        let number = change.record.nummer;
        if let Slot::Vacant(slot) = histories.entry(number) {
            slot.insert(look.view.historik(number)?);
        }
    }
    let told: Vec<Told<'_>> = histories.values().flat_map(|own| told(own)).collect();
    let chosen = |own: &&Told<'_>| {
        changes
            .iter()
            .any(|change| change.sekvens == own.change.sekvens)
    };
    let mut chosen: Vec<_> = told.iter().filter(chosen).collect();
    chosen.sort_by_key(|own| std::cmp::Reverse(own.change.sekvens));
    let mut names = Names::default();
    for number in chosen
        .iter()
        .flat_map(|own| &own.events)
        .flat_map(crate::chronicle::Event::numbers)
    {
        names.learn(look.view, number)?;
    }
    let entries: Vec<_> = chosen
        .into_iter()
        .map(|own| entry(own, language, look, &names))
        .collect();
    let feed = Feed {
        site,
        own: asked.place,
        page: Place {
            language,
            page: Page::Kommune(code, Form::Html),
        },
        title: name.to_owned(),
        epoke: look.view.position()?.epoke.to_string(),
    };
    Ok(feed.write(language, &entries))
}

/// The language of the words: Danish, or what `?sprog=` says.
fn language(asked: &Asked<'_>) -> Result<Language, NotShown> {
    let Some(text) = asked.value("sprog") else {
        return Ok(Language::Da);
    };
    let mut all = Language::ALL.into_iter();
    let found = all.find(|language| language.code() == text);
    found.ok_or_else(|| NotShown::Problem(invalid("sprog", text, "da, en")))
}

fn entry(own: &Told<'_>, language: Language, look: Look<'_>, names: &Names) -> Entry {
    let name = |number: Institutionsnummer| names.get(number);
    let words = Words {
        language,
        tables: look.tables,
        name: &name,
    };
    let said: Vec<_> = own.events.iter().map(|event| words.event(event)).collect();
    let record = &own.change.record;
    Entry {
        sekvens: own.change.sekvens.0,
        at: own.change.tidspunkt,
        title: format!("{}: {}", record.content.navn(), said.join(". ")),
        who: actor_name(&own.change.origin).to_owned(),
        number: record.nummer,
    }
}

impl Feed<'_> {
    fn write(&self, language: Language, entries: &[Entry]) -> Shown {
        let url = &self.site.settings.public_url;
        let (own, page) = (self.own.path(), self.page.path());
        let query = match language {
            Language::Da => "",
            Language::En => "?sprog=en",
        };
        let mut w = Writer::with_capacity(16 << 10);
        w.declaration();
        w.open("feed")
            .attr("xmlns", "http://www.w3.org/2005/Atom")
            .attr("xml:lang", language.code());
        w.leaf("id", &self.tag(&own));
        w.leaf("title", &self.title);
        let updated = entries.first().map(|entry| entry.at).unwrap_or_default();
        w.leaf("updated", &updated.to_string());
        link(&mut w, "self", &format!("{url}{own}{query}"));
        link(&mut w, "alternate", &format!("{url}{page}"));
        for entry in entries {
            let shown = Place {
                language,
                page: Page::Institution(entry.number, Form::Html),
            };
            w.open("entry");
            w.leaf(
                "id",
                &self.tag(&format!("/{}/{}", self.epoke, entry.sekvens)),
            );
            w.leaf("title", &entry.title);
            w.leaf("updated", &entry.at.to_string());
            w.open("author");
            w.leaf("name", &entry.who);
            w.close("author");
            let to = format!("{url}{}?pr={}", shown.path(), entry.sekvens);
            link(&mut w, "alternate", &to);
            w.close("entry");
        }
        // A feed without entries needs somebody who made it.
        if entries.is_empty() {
            w.open("author");
            w.leaf("name", "Dagtilbudsregisteret");
            w.close("author");
        }
        w.close("feed");
        Shown::new(ATOM, w.into_string())
    }

    /// A tag URI (RFC 4151) of the host that the site is reached at.
    fn tag(&self, rest: &str) -> String {
        let url = &self.site.settings.public_url;
        let host = url.split_once("://").map_or(&**url, |(_, rest)| rest);
        let host = host.split(['/', ':']).next().unwrap_or_default();
        format!("tag:{host},{SINCE}:{rest}")
    }
}

fn link(w: &mut Writer, rel: &str, to: &str) {
    w.open("link").attr("rel", rel).attr("href", to);
    w.close("link");
}
