//! The change feed (kontrakt §9): what is asked, and how a page is written from changes that were written once each.

use std::time::Duration;

use uuid::Uuid;

use super::documents::kendt_kommune;
use super::hvem::{self, Systemnavne};
use super::write;
use crate::audit::Hash;
use crate::message::Form;
use crate::problem::{Parameter, Problem, http, parameter};
use crate::register::{Content, Kodetabel, Kodetabeller, Kommunekode, Sekvens, Tidspunkt};
use crate::store::{self, Aendring, Handling, Position, Read, digests};
use crate::xml::Writer;

/// How many changes a page has when not told, and at most.
const ANTAL: u32 = 100;
const MEST: u32 = 1000;
/// How long a call may wait for a change, in seconds.
const LAENGST: u64 = 25;
/// Entries of the Atom feed.
pub const ATOM: u64 = 50;

/// A page as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedQuery {
    /// After this change.
    pub after: Sekvens,
    /// At most so many changes.
    pub antal: usize,
    /// How long to wait when there is none.
    pub vent: Duration,
    /// Only changes that concern this kommune.
    pub kommune: Option<Kommunekode>,
    /// The line of history that the caller follows.
    pub epoke: Option<Uuid>,
}

impl FeedQuery {
    /// Reads a query.
    ///
    /// # Errors
    /// What the caller is told.
    pub fn parse(query: &[(String, String)]) -> Result<Self, Box<Problem>> {
        let mut asked = Self {
            after: Sekvens(0),
            antal: ANTAL as usize,
            vent: Duration::ZERO,
            kommune: None,
            epoke: None,
        };
        for (at, (name, value)) in query.iter().enumerate() {
            let wrong = |rule: &str| refused(name, value, rule);
            if query[..at].iter().any(|(earlier, _)| earlier == name) {
                return Err(Box::new(parameter(name, value, Parameter::Twice)));
            }
            match name.as_str() {
                "efter" => asked.after = Sekvens(number(value).ok_or_else(|| wrong("0-"))?),
                "antal" => {
                    let rule = format!("1-{MEST}");
                    asked.antal = number(value)
                        .filter(|antal| (1..=u64::from(MEST)).contains(antal))
                        .and_then(|antal| usize::try_from(antal).ok())
                        .ok_or_else(|| wrong(&rule))?;
                }
                "vent" => {
                    let rule = format!("0-{LAENGST}");
                    let seconds = number(value).filter(|seconds| *seconds <= LAENGST);
                    asked.vent = Duration::from_secs(seconds.ok_or_else(|| wrong(&rule))?);
                }
                "kommune" => {
                    let kommune = Kommunekode::parse(value).map_err(|_| wrong("1-9999"))?;
                    asked.kommune = Some(kommune);
                }
                "epoke" => {
                    let epoke = Uuid::try_parse(value).map_err(|_| wrong("UUID"))?;
                    asked.epoke = Some(epoke);
                }
                _ => return Err(unknown(name, value, "efter, antal, vent, kommune, epoke")),
            }
        }
        Ok(asked)
    }

    /// Refuses a kommune that no code table has.
    ///
    /// # Errors
    /// What the caller is told.
    pub fn kendt(self, kommuner: &Kodetabel) -> Result<Self, Box<Problem>> {
        if let Some(kommune) = self.kommune {
            kendt_kommune(kommune, kommuner)?;
        }
        Ok(self)
    }

    /// Whether the register as it stands can be asked this.
    ///
    /// # Errors
    /// What the caller is told: it follows another line of history, or is ahead of this one.
    pub fn passer(&self, stand: Position) -> Result<(), Box<Problem>> {
        if let Some(epoke) = self.epoke.filter(|epoke| *epoke != stand.epoke) {
            return Err(Box::new(
                Problem::new(&http::EPOKE_ANDEN)
                    .with("sendt", epoke)
                    .with("epoke", stand.epoke),
            ));
        }
        if self.after > stand.sekvens {
            let rule = format!("0-{}", stand.sekvens);
            return Err(refused("efter", &self.after.to_string(), &rule));
        }
        Ok(())
    }
}

/// Digits alone: `+1` and a blank are no numbers here.
fn number(value: &str) -> Option<u64> {
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| value.parse().ok()).flatten()
}

fn refused(name: &str, value: &str, rule: &str) -> Box<Problem> {
    Box::new(parameter(name, value, Parameter::Invalid(rule)))
}

fn unknown(name: &str, value: &str, known: &str) -> Box<Problem> {
    Box::new(parameter(name, value, Parameter::Unknown(known)))
}

/// A change as it is shown, written once for all who ask.
#[derive(Debug)]
pub struct ChainLink {
    /// Its place.
    pub sekvens: Sekvens,
    /// When it was made.
    pub tidspunkt: Tidspunkt,
    /// The digest of the chain with it.
    pub digest: Hash,
    /// The kommune of the record, and another one that it came from.
    kommuner: (Kommunekode, Option<Kommunekode>),
    /// The element without its end, with the organisation that made it.
    xml: Box<str>,
    /// What else the private feed tells of who made it.
    hvem: Box<str>,
    /// Of the Atom feed: who made it.
    navn: Box<str>,
    /// Of the Atom feed: what happened.
    titel: Box<str>,
}

impl ChainLink {
    /// Whether it concerns a kommune: one that a daginstitution left is told of that too.
    pub fn concerns(&self, kommune: Option<Kommunekode>) -> bool {
        let (own, before) = self.kommuner;
        kommune.is_none_or(|kommune| kommune == own || Some(kommune) == before)
    }

    /// About how many bytes it takes in memory.
    pub const fn bytes(&self) -> usize {
        size_of::<Self>() + self.xml.len() + self.hvem.len() + self.navn.len() + self.titel.len()
    }
}

/// Reads at most so many changes after one, as they are shown. Gives the digest before the first, too.
///
/// # Errors
/// [`store::StoreError`].
pub fn laes(
    view: &dyn Read,
    tables: &Kodetabeller,
    after: Sekvens,
    antal: u32,
) -> store::Result<(Hash, Vec<ChainLink>)> {
    let before = view.digest_at(after)?;
    let form = Form { v2: true, tables };
    let mut changes = Vec::new();
    view.aendringer(after, antal, &mut |change| {
        changes.push(change);
        std::ops::ControlFlow::Continue(())
    })?;
    let mut hash = before;
    let mut navne = Systemnavne::default();
    let mut links = Vec::with_capacity(changes.len());
    for change in changes {
        hash = digests::next(&hash, &change);
        let earlier = match (&change.record.content, change.handling) {
            (Content::Daginstitution(_), Handling::Aendret) => {
                view.adm_kommune_before(change.record.nummer, change.sekvens)?
            }
            _ => None,
        };
        let mut hvem = Writer::with_capacity(256);
        hvem::resten(&mut hvem, &change.ophav, view, &mut navne)?;
        links.push(link(&change, hash, earlier, hvem.into_string(), form));
    }
    Ok((before, links))
}

fn link(
    change: &Aendring,
    digest: Hash,
    earlier: Option<Kommunekode>,
    hvem: String,
    form: Form<'_>,
) -> ChainLink {
    let mut xml = Writer::with_capacity(1536);
    write::change_open(&mut xml, change, form);
    let titel = format!(
        "{} {}: {}",
        change.record.nummer,
        change.record.content.navn(),
        change.handling.as_str()
    );
    ChainLink {
        sekvens: change.sekvens,
        tidspunkt: change.tidspunkt,
        digest,
        kommuner: (
            change.adm_kommune,
            earlier.filter(|earlier| *earlier != change.adm_kommune),
        ),
        xml: xml.into_string().into(),
        hvem: hvem.into(),
        navn: hvem::navn(&change.ophav).into(),
        titel: titel.into(),
    }
}

/// What a page shows.
#[derive(Debug)]
pub struct FeedPage<'a> {
    /// What was asked for.
    pub asked: &'a FeedQuery,
    /// Where the register stands.
    pub stand: Position,
    /// The last change looked at.
    pub last_sekvens: Sekvens,
    /// The digests before the first and with the last change; none when changes are left out.
    pub digest: Option<(Hash, Hash)>,
    /// All of who made each change, too.
    pub privat: bool,
}

impl FeedPage<'_> {
    /// Writes the page.
    pub fn write<'l>(&self, links: impl Iterator<Item = &'l ChainLink> + Clone) -> Vec<u8> {
        let length: usize = links.clone().map(ChainLink::bytes).sum();
        let mut w = Writer::with_capacity(1024 + length);
        w.declaration();
        w.open("aendringer");
        w.attr("xmlns", write::FEED);
        w.attr("xmlns:d", write::FEED);
        w.attr("xmlns:t", write::TYPER);
        w.leaf("epoke", &self.stand.epoke.to_string());
        w.leaf("efter", &self.asked.after.to_string());
        w.leaf("sidsteSekvens", &self.last_sekvens.to_string());
        if let Some((before, with)) = &self.digest {
            w.leaf("kaedeFoer", &before.to_string());
            w.leaf("kaede", &with.to_string());
        }
        for each in links {
            w.raw(&each.xml);
            if self.privat {
                w.raw(&each.hvem);
            }
            w.close("aendring");
        }
        w.close("aendringer");
        w.into_bytes()
    }
}

/// What the signature of the feed's head is made over (docs/foelg.md).
pub fn head_line(epoke: &str, sekvens: u64, digest: &Hash) -> String {
    format!("dtr feed v1\nepoke={epoke}\nsekvens={sekvens}\nkaede={digest}\n")
}

/// The last changes for a feed reader, newest first.
pub fn atom<'l>(url: &str, stand: Position, links: impl Iterator<Item = &'l ChainLink>) -> Vec<u8> {
    let beginning = Tidspunkt::from_millis(0);
    let mut w = Writer::with_capacity(16 * 1024);
    w.declaration();
    w.open("feed").attr("xmlns", "http://www.w3.org/2005/Atom");
    w.leaf("id", &format!("urn:uuid:{}", stand.epoke));
    w.leaf("title", "Dagtilbudsregisteret: ændringer");
    w.leaf("updated", &stand.tidspunkt.unwrap_or(beginning).to_string());
    w.open("author");
    w.leaf("name", "Dagtilbudsregisteret");
    w.close("author");
    w.open("link")
        .attr("rel", "self")
        .attr("href", &format!("{url}/feed/v1/atom.xml"));
    w.close("link");
    for each in links {
        let place = format!(
            "{url}/feed/v1/aendringer?efter={}&antal=1&epoke={}",
            each.sekvens.0 - 1,
            stand.epoke
        );
        w.open("entry");
        w.leaf("id", &place);
        w.leaf("title", &each.titel);
        w.leaf("updated", &each.tidspunkt.to_string());
        w.open("author");
        w.leaf("name", &each.navn);
        w.close("author");
        w.open("link").attr("rel", "alternate").attr("href", &place);
        w.close("link");
        w.leaf("summary", &format!("Ændring / change {}", each.sekvens));
        w.close("entry");
    }
    w.close("feed");
    w.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Result<FeedQuery, Box<Problem>> {
        let pairs: Vec<_> = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (name.to_owned(), value.to_owned())
            })
            .collect();
        FeedQuery::parse(&pairs)
    }

    #[test]
    fn a_query_says_what_is_asked() {
        let plain = parse("").unwrap();
        assert_eq!((plain.after, plain.antal), (Sekvens(0), 100));
        assert_eq!(plain.vent, Duration::ZERO);
        let all = parse("efter=17&antal=1000&vent=25&kommune=0751").unwrap();
        assert_eq!((all.after, all.antal), (Sekvens(17), 1000));
        assert_eq!(all.vent, Duration::from_secs(25));
        assert_eq!(all.kommune, Some(Kommunekode(751)));
    }

    #[test]
    fn what_can_not_be_asked_is_refused() {
        for wrong in [
            "efter=-1",
            "efter=+1",
            "efter=",
            "efter=1&efter=2",
            "efter=99999999999999999999",
            "antal=0",
            "antal=1001",
            "vent=26",
            "kommune=x",
            "epoke=x",
            "sekvens=1",
        ] {
            let problem = parse(wrong).unwrap_err();
            assert_eq!(problem.entry.kode, http::PARAMETER.kode, "{wrong}");
        }
    }

    #[test]
    fn another_line_of_history_is_told_before_a_number_ahead() {
        let stand = Position {
            epoke: Uuid::from_u128(7),
            sekvens: Sekvens(10),
            tidspunkt: None,
        };
        let asked = parse("efter=11").unwrap();
        assert_eq!(
            asked.passer(stand).unwrap_err().entry.kode,
            http::PARAMETER.kode
        );
        assert!(parse("efter=10").unwrap().passer(stand).is_ok());
        let other = parse(&format!("efter=11&epoke={}", Uuid::from_u128(8))).unwrap();
        assert_eq!(
            other.passer(stand).unwrap_err().entry.kode,
            http::EPOKE_ANDEN.kode
        );
    }
}
