//! The change feed (kontrakt §9): what is asked, and how a page is written from changes that were written once each.

use super::parameters::{Param, Query};
use super::who::{self, Systemnavne};
use super::write;
use crate::audit::Hash;
use crate::message::Form;
use crate::problem::{Problem, http};
use crate::register::{Content, Kodetabeller, Kommunekode, Sekvens, Tidspunkt, Version};
use crate::store::{self, Aendring, Handling, Position, Read, digests};
use crate::xml::Writer;

/// Entries of the Atom feed.
pub const ATOM: u64 = 50;

/// Whether the register as it stands can be asked this.
///
/// # Errors
/// What the caller is told: it follows another line of history, or is ahead of this one.
pub fn fits(asked: &Query, position: Position) -> Result<(), Box<Problem>> {
    if let Some(epoke) = asked.epoke.filter(|epoke| *epoke != position.epoke) {
        return Err(Box::new(
            Problem::new(&http::EPOKE_ANDEN)
                .with("sendt", epoke)
                .with("epoke", position.epoke),
        ));
    }
    if asked.after > position.sekvens {
        return Err(Param::Efter.beyond(asked.after, position.sekvens));
    }
    Ok(())
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
    who: Box<str>,
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
        size_of::<Self>() + self.xml.len() + self.who.len() + self.navn.len() + self.titel.len()
    }
}

/// Reads at most so many changes after one, as they are shown. Gives the digest before the first, too.
///
/// # Errors
/// [`store::StoreError`].
pub fn read(
    view: &dyn Read,
    tables: &Kodetabeller,
    after: Sekvens,
    antal: u32,
) -> store::Result<(Hash, Vec<ChainLink>)> {
    let before = view.digest_at(after)?;
    let form = Form {
        version: Version::V2,
        tables,
    };
    let changes = view.aendringer(after, antal)?;
    let mut hash = before;
    let mut names = Systemnavne::default();
    let mut links = Vec::with_capacity(changes.len());
    for change in changes {
        hash = digests::next(&hash, &change);
        let earlier = match (&*change.record.content, change.handling) {
            (Content::Daginstitution(_), Handling::Aendret) => {
                view.adm_kommune_before(change.record.nummer, change.sekvens)?
            }
            _ => None,
        };
        let mut who = Writer::with_capacity(256);
        who::the_rest(&mut who, &change.origin, view, &mut names)?;
        links.push(link(&change, hash, earlier, who.into_string(), form));
    }
    Ok((before, links))
}

fn link(
    change: &Aendring,
    digest: Hash,
    earlier: Option<Kommunekode>,
    who: String,
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
        who: who.into(),
        navn: who::navn(&change.origin).into(),
        titel: titel.into(),
    }
}

/// What a page shows.
#[derive(Debug)]
pub struct FeedPage {
    /// After which change was asked.
    pub after: Sekvens,
    /// Where the register stands.
    pub position: Position,
    /// The last change looked at.
    pub last_sekvens: Sekvens,
    /// The digests before the first and with the last change; none when changes are left out.
    pub digest: Option<(Hash, Hash)>,
    /// All of who made each change, too.
    pub privat: bool,
}

impl FeedPage {
    /// Writes the page.
    pub fn write<'l>(&self, links: impl Iterator<Item = &'l ChainLink> + Clone) -> Vec<u8> {
        let length: usize = links.clone().map(ChainLink::bytes).sum();
        let mut w = Writer::with_capacity(1024 + length);
        w.declaration();
        w.open("aendringer");
        w.attr("xmlns", write::FEED);
        w.attr("xmlns:d", write::FEED);
        w.attr("xmlns:t", write::TYPER);
        w.leaf("epoke", &self.position.epoke.to_string());
        w.leaf("efter", &self.after.to_string());
        w.leaf("sidsteSekvens", &self.last_sekvens.to_string());
        if let Some((before, with)) = &self.digest {
            w.leaf("kaedeFoer", &before.to_string());
            w.leaf("kaede", &with.to_string());
        }
        for each in links {
            w.raw(&each.xml);
            if self.privat {
                w.raw(&each.who);
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
pub fn atom<'l>(
    url: &str,
    position: Position,
    links: impl Iterator<Item = &'l ChainLink>,
) -> Vec<u8> {
    let mut w = Writer::with_capacity(16 * 1024);
    w.declaration();
    w.open("feed").attr("xmlns", "http://www.w3.org/2005/Atom");
    w.leaf("id", &format!("urn:uuid:{}", position.epoke));
    w.leaf("title", "Dagtilbudsregisteret: ændringer");
    let updated = position.tidspunkt.unwrap_or_default();
    w.leaf("updated", &updated.to_string());
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
            position.epoke
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
    use uuid::Uuid;

    use super::*;

    #[test]
    fn another_line_of_history_is_told_before_a_number_ahead() {
        let position = Position {
            epoke: Uuid::from_u128(7),
            sekvens: Sekvens(10),
            tidspunkt: None,
        };
        let after = |sekvens, epoke| Query {
            after: Sekvens(sekvens),
            epoke,
            ..Query::default()
        };
        let refused = |query: &Query| fits(query, position).unwrap_err().entry.kode;
        assert_eq!(refused(&after(11, None)), http::PARAMETER.kode);
        assert!(fits(&after(10, Some(position.epoke)), position).is_ok());
        let other = after(11, Some(Uuid::from_u128(8)));
        assert_eq!(refused(&other), http::EPOKE_ANDEN.kode);
    }
}
