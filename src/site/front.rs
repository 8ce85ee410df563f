//! The front page: search for records, and what the register is.

use askama::Template;

use super::frame::{Frame, Link};
use super::{Asked, Look, NotShown, Page, Shown, Site, invalid};
use crate::person::query::encode;
use crate::register::{Institutionsnummer, Kodetabel, Kommunekode, Niveau};
use crate::search::{self, Found, Hit, NotReady, Total, Words};

#[derive(Template)]
#[template(path = "front.html")]
struct Front<'a> {
    f: Frame<'a>,
    words: &'a str,
    filters: Vec<Filter<'a>>,
    /// Something is asked for.
    is_asked: bool,
    /// Whether a filter is chosen.
    is_filtered: bool,
    hits: Vec<Line>,
    told: String,
    former: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

/// A list to choose from.
struct Filter<'a> {
    name: &'static str,
    label: &'static str,
    any: &'static str,
    choices: Vec<Choice<'a>>,
}

struct Choice<'a> {
    value: String,
    text: &'a str,
    is_chosen: bool,
}

/// A hit.
struct Line {
    link: Link,
    number: String,
    is_open: bool,
    about: String,
    successors: Vec<Link>,
}

pub(super) fn show(site: &Site, asked: &Asked<'_>, look: Look<'_>) -> Result<Shown, NotShown> {
    let language = asked.place.language;
    let frame = site.frame(asked.place, language.of("Find dagtilbud", "Find day care"));
    let wanted = wanted(asked)?;
    let is_asked = !wanted.is_empty();
    let found = is_asked.then(|| look.search.find(&wanted));
    let told = match &found {
        None => String::new(),
        Some(Ok(found)) => counted(found, &frame),
        Some(Err(not_ready)) => waiting(*not_ready, &frame),
    };
    let found = found.and_then(Result::ok);
    let lines = found.iter().flat_map(|found| &found.hits);
    let pages = found.as_ref().map_or(1, |found| found.total.pages());
    let number = wanted.page.number();
    let to = |page: u16| Some(address(asked, page));
    let filters = filters(&wanted, look, &frame);
    let mut choices = filters.iter().flat_map(|filter| &filter.choices);
    Shown::html(&Front {
        is_filtered: choices.any(|choice| choice.is_chosen),
        words: asked.value("q").unwrap_or_default(),
        filters,
        is_asked,
        hits: lines.map(|hit| line(hit, look, &frame)).collect(),
        told,
        former: found.as_ref().and_then(|found| former(found, &frame)),
        before: (number > 1).then_some(()).and_then(|()| to(number - 1)),
        after: (number < pages).then_some(()).and_then(|()| to(number + 1)),
        f: frame,
    })
}

/// What a query asks for.
fn wanted(asked: &Asked<'_>) -> Result<search::Asked, NotShown> {
    let code = |name| -> Result<Option<i32>, NotShown> {
        let read = |text: &str| {
            let code = text.parse().ok();
            code.ok_or_else(|| NotShown::Problem(invalid(name, text, "0-9")))
        };
        asked.value(name).map(read).transpose()
    };
    let kommune = |text: &str| {
        let code = Kommunekode::parse(text).ok();
        code.ok_or_else(|| NotShown::Problem(invalid("kommune", text, "1-9999")))
    };
    let words = asked.value("q").unwrap_or_default();
    let too_long = |_| NotShown::Problem(invalid("q", "…", "0-200"));
    let page = asked.value("side").unwrap_or("1");
    let page = page.parse().ok().and_then(search::Page::new);
    Ok(search::Asked {
        words: Words::parse(words).map_err(too_long)?,
        kommune: asked.value("kommune").map(kommune).transpose()?,
        inst_type: code("type")?,
        ejerform: code("ejerform")?,
        niveau: asked.value("niveau").and_then(Niveau::from_element),
        shown: match asked.value("status") {
            Some("aaben") => search::Shown::Open,
            Some("nedlagt") => search::Shown::Closed,
            _ => search::Shown::All,
        },
        page: page.ok_or_else(|| NotShown::Problem(invalid("side", "…", "1-50")))?,
    })
}

fn counted(found: &Found, frame: &Frame<'_>) -> String {
    match found.total {
        Total::Exactly(0) => frame
            .t(
                "Ingen træffere. Prøv færre ord, eller kun begyndelsen af det sidste.",
                "No hits. Try fewer words, or only the beginning of the last one.",
            )
            .to_owned(),
        Total::Exactly(1) => frame.t("1 træffer", "1 hit").to_owned(),
        Total::Exactly(count) => format!("{count} {}", frame.t("træffere", "hits")),
        Total::MoreThan(count) => format!(
            "{} {count} {}",
            frame.t("Mere end", "More than"),
            frame.t("træffere; de bedste vises", "hits; the best are shown")
        ),
    }
}

fn waiting(not_ready: NotReady, frame: &Frame<'_>) -> String {
    match not_ready {
        NotReady::Building { done, of } => format!(
            "{} ({done}/{of})",
            frame.t(
                "Søgningen gøres klar. Kom igen om lidt.",
                "The search is being made ready. Come back in a moment."
            )
        ),
        NotReady::Failed => frame
            .t(
                "Der kan ikke søges lige nu. Kommunernes sider har listerne.",
                "Nothing can be searched now. The kommuner's pages have the lists.",
            )
            .to_owned(),
    }
}

/// What is known of an A-number that was asked for.
fn former(found: &Found, frame: &Frame<'_>) -> Option<String> {
    let former = found.a_number.as_ref()?;
    let name = &former.name;
    Some(match former.now {
        Some(now) => format!(
            "{} {} ({name}) {} {now}.",
            frame.t("A-nummeret", "The A-number"),
            former.number,
            frame.t("har nu nummeret", "now has the number")
        ),
        None => format!(
            "{} {} ({name}) {}",
            frame.t("A-nummeret", "The A-number"),
            former.number,
            frame.t(
                "kendes; hvilket nummer det har nu, er ikke afgjort.",
                "is known; which number it has now is not decided."
            )
        ),
    })
}

fn line(hit: &Hit, look: Look<'_>, frame: &Frame<'_>) -> Line {
    let mut about = vec![super::institution::level(hit.niveau, frame.place).to_owned()];
    about.extend(hit.address.clone());
    let kommune = hit
        .kommune
        .and_then(|code| look.tables.kommune.tekst(i32::from(code.0)));
    about.extend(kommune.map(|name| format!("{name} Kommune")));
    let kind = hit
        .inst_type
        .and_then(|code| look.tables.inst_type.tekst(code));
    about.extend(kind.map(str::to_owned));
    let link = |(number, name): &(Institutionsnummer, Option<String>)| Link {
        to: frame.record(*number),
        text: name
            .as_ref()
            .map_or_else(|| number.to_string(), |name| format!("{name} ({number})")),
    };
    Line {
        link: Link {
            to: frame.record(hit.number),
            text: hit.name.clone(),
        },
        number: hit.number.to_string(),
        is_open: hit.open,
        about: about.join(", "),
        successors: hit.successors.iter().map(link).collect(),
    }
}

fn filters<'a>(wanted: &search::Asked, look: Look<'a>, frame: &Frame<'_>) -> Vec<Filter<'a>> {
    let language = frame.place.language;
    let coded = |table: &'a Kodetabel, chosen: Option<i32>| -> Vec<Choice<'a>> {
        let rows = table.koder.iter();
        let choice = rows.map(|(code, row)| Choice {
            value: code.to_string(),
            text: &row.tekst,
            is_chosen: chosen == Some(*code),
        });
        choice.collect()
    };
    let mut kommuner = coded(
        &look.tables.kommune,
        wanted.kommune.map(|code| i32::from(code.0)),
    );
    kommuner.sort_by_cached_key(|choice| search::folded(choice.text));
    let status = [
        ("aaben", language.of("åbne", "open"), search::Shown::Open),
        (
            "nedlagt",
            language.of("nedlagte", "closed"),
            search::Shown::Closed,
        ),
    ];
    let all = language.of("alle", "all");
    vec![
        Filter {
            name: "kommune",
            label: language.of("Kommune", "Kommune"),
            any: all,
            choices: kommuner,
        },
        Filter {
            name: "type",
            label: language.of("Type", "Type"),
            any: all,
            choices: coded(&look.tables.inst_type, wanted.inst_type),
        },
        Filter {
            name: "ejerform",
            label: language.of("Ejerform", "Ownership"),
            any: all,
            choices: coded(&look.tables.ejerform, wanted.ejerform),
        },
        Filter {
            name: "status",
            label: language.of("Åben eller nedlagt", "Open or closed"),
            any: language.of("begge", "both"),
            choices: status
                .map(|(value, text, shown)| Choice {
                    value: value.to_owned(),
                    text,
                    is_chosen: wanted.shown == shown,
                })
                .into(),
        },
    ]
}

/// The path of another page of the same hits.
fn address(asked: &Asked<'_>, page: u16) -> String {
    let mut out = asked.place.path();
    let mut sign = '?';
    for name in ["q", "kommune", "type", "ejerform", "niveau", "status"] {
        if let Some(value) = asked.value(name) {
            out.push(sign);
            out += &format!("{name}={}", encode(value));
            sign = '&';
        }
    }
    out + &format!("{sign}side={page}")
}
