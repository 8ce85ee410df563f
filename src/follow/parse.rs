//! Reads what the register sends: pages of the feed and snapshots, into records of their own and the digest of each change.

use super::Progress;
use crate::audit::{self, Hash};
use crate::xml::{Event, Limits, Reader, Writer};

/// Namespace of the records' fields.
const TYPES: &str = "urn:dagtilbudsregister:typer:v2";
/// The three kinds of records.
const LEVELS: [&str; 3] = ["daginstitution", "anvisningsenhed", "alternativadresse"];
/// What tells who made a change: no part of what is chained.
const ACTOR_FIELDS: [&str; 8] = [
    "aktoerCvrNummer",
    "aktoerNavn",
    "operation",
    "korrelationsId",
    "systemId",
    "systemNavn",
    "principalKommuneKode",
    "principalCvrNummer",
];

/// Why an answer can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// It is no XML.
    #[error("not XML: {0}")]
    Xml(String),
    /// It is XML of another kind, or lacks something.
    #[error("{0} is missing: this is no answer of a Dagtilbudsregister")]
    Missing(&'static str),
}

/// A record as a file of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its number.
    pub nummer: String,
    /// `daginstitution`, `anvisningsenhed` or `alternativadresse`.
    pub niveau: String,
    /// The record that it stands under.
    pub foraelder: Option<String>,
    /// Whether it is open.
    pub active: bool,
    /// Its version.
    pub version: u64,
    /// Its fields by name, those of its address among them, as they stand in `xml`.
    pub fields: Vec<(String, String)>,
    /// The record as XML in the types' namespace, the same whether it came in a page or in a snapshot.
    pub xml: String,
}

/// A change of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its place.
    pub sekvens: u64,
    /// `oprettet`, `aendret`, `flyttet`, `nedlagt`.
    pub handling: String,
    /// The record after it.
    pub record: Record,
    /// Its canonical text, which the digest is made over.
    canonical: String,
}

/// A page of the feed.
#[derive(Debug)]
pub struct Page {
    /// The line of history.
    pub epoke: String,
    /// The last change looked at.
    pub last: u64,
    /// The digest before the first change.
    pub digest_before: Hash,
    /// The digest with the last.
    pub digest: Hash,
    /// The changes.
    pub changes: Vec<Change>,
}

impl Page {
    /// Reads a page.
    ///
    /// # Errors
    /// [`ParseError`].
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let root = Node::parse(text)?;
        let leaf = |name: &'static str| root.text(name).ok_or(ParseError::Missing(name));
        let hash = |name| Hash::parse(leaf(name)?).ok_or(ParseError::Missing(name));
        let changes = root
            .children
            .iter()
            .filter(|child| child.name == "aendring");
        Ok(Self {
            epoke: leaf("epoke")?.to_owned(),
            last: number(leaf("sidsteSekvens")?, "sidsteSekvens")?,
            digest_before: hash("kaedeFoer")?,
            digest: hash("kaede")?,
            changes: changes.map(change).collect::<Result<_, _>>()?,
        })
    }

    /// Where a copy that stands there stands with this page; none when the page does not follow it without gap, or its
    /// digests are not those of its changes.
    pub fn after(&self, progress: &Progress) -> Option<Progress> {
        let follows = self.epoke == progress.epoke && self.digest_before == progress.digest;
        let mut at = Progress {
            epoke: progress.epoke.clone(),
            ..*progress
        };
        for change in &self.changes {
            if change.sekvens != at.sekvens + 1 {
                return None;
            }
            at.sekvens = change.sekvens;
            at.digest = audit::chain(&at.digest, &change.canonical);
        }
        (follows && at.sekvens == self.last && at.digest == self.digest).then_some(at)
    }
}

/// The whole register at one change.
#[derive(Debug)]
pub struct Snapshot {
    /// The line of history.
    pub epoke: String,
    /// The change from which the feed goes on.
    pub sekvens: u64,
    /// Every record, parents first.
    pub records: Vec<Record>,
}

impl Snapshot {
    /// Reads a snapshot.
    ///
    /// # Errors
    /// [`ParseError`].
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let root = Node::parse(text)?;
        let leaf = |name: &'static str| root.text(name).ok_or(ParseError::Missing(name));
        let mut records = Vec::new();
        // A list of its own instead of the call stack.
        let mut open: Vec<&Node> = root.records().rev().collect();
        while let Some(record) = open.pop() {
            records.push(record_of(record)?);
            open.extend(record.records().rev());
        }
        Ok(Self {
            epoke: leaf("epoke")?.to_owned(),
            sekvens: number(leaf("sekvens")?, "sekvens")?,
            records,
        })
    }
}

fn number(text: &str, name: &'static str) -> Result<u64, ParseError> {
    text.parse().map_err(|_| ParseError::Missing(name))
}

fn change(change: &Node) -> Result<Change, ParseError> {
    let sekvens = change
        .sekvens
        .as_deref()
        .ok_or(ParseError::Missing("sekvens"))?;
    let record = change
        .records()
        .next()
        .ok_or(ParseError::Missing("the record"))?;
    let mut canonical = format!("sekvens={sekvens}\n");
    change.leaves(&mut |leaf| {
        if !leaf.name.ends_with("_Tekst") && !ACTOR_FIELDS.contains(&leaf.name.as_str()) {
            canonical.push_str(&leaf.name);
            canonical.push('=');
            canonical.push_str(&leaf.text);
            canonical.push('\n');
        }
    });
    Ok(Change {
        sekvens: number(sekvens, "sekvens")?,
        handling: change
            .text("handling")
            .ok_or(ParseError::Missing("handling"))?
            .to_owned(),
        record: record_of(record)?,
        canonical,
    })
}

fn record_of(record: &Node) -> Result<Record, ParseError> {
    let own = |name: &'static str| record.text(name).ok_or(ParseError::Missing(name));
    let (nummer, foraelder) = match record.name.as_str() {
        "daginstitution" => ("daginstitutionsNummer", None),
        "anvisningsenhed" => ("enhedsNummer", Some("daginstitutionsNummer")),
        _ => ("alternativAdresseNummer", Some("enhedsNummer")),
    };
    let mut w = Writer::with_capacity(1024);
    w.declaration();
    w.open(&record.name).attr("xmlns", TYPES);
    for field in record.children.iter().filter(|child| !child.is_record()) {
        write(&mut w, field);
    }
    w.close(&record.name);
    let mut fields = Vec::new();
    for field in record.children.iter().filter(|child| !child.is_record()) {
        let leaves = match field.children.as_slice() {
            [] => std::slice::from_ref(field),
            leaves => leaves,
        };
        fields.extend(
            leaves
                .iter()
                .map(|leaf| (leaf.name.clone(), leaf.text.clone())),
        );
    }
    Ok(Record {
        fields,
        nummer: own(nummer)?.to_owned(),
        niveau: record.name.clone(),
        foraelder: foraelder.map(own).transpose()?.map(str::to_owned),
        active: own("aktivitetsstatus")? == "Aktiv",
        version: number(own("version")?, "version")?,
        xml: w.into_string(),
    })
}

/// Writes a field: a leaf, or an address with its leaves. Nothing in a record lies deeper.
fn write(w: &mut Writer, field: &Node) {
    if field.children.is_empty() {
        w.leaf(&field.name, &field.text);
        return;
    }
    w.open(&field.name);
    for leaf in &field.children {
        w.leaf(&leaf.name, &leaf.text);
    }
    w.close(&field.name);
}

/// An element by its local name.
#[derive(Debug, Default)]
struct Node {
    name: String,
    text: String,
    /// The attribute of that name.
    sekvens: Option<String>,
    children: Vec<Node>,
}

impl Node {
    /// Reads a document; what lies deeper than the register ever writes is refused.
    fn parse(text: &str) -> Result<Self, ParseError> {
        let mut limits = Limits::unlimited();
        limits.depth = 16;
        let mut reader = Reader::new(text, limits);
        let mut open = vec![Self::default()];
        loop {
            let event = reader
                .next()
                .map_err(|error| ParseError::Xml(error.to_string()))?;
            match event {
                Event::Start(tag) => {
                    let sekvens = tag
                        .attributes()
                        .find(|attribute| attribute.name.local == "sekvens")
                        .map(|attribute| attribute.value.to_string());
                    open.push(Self {
                        name: tag.name.local.to_owned(),
                        sekvens,
                        ..Self::default()
                    });
                }
                Event::Text(part) => {
                    if let Some(last) = open.last_mut() {
                        last.text.push_str(&part.value);
                    }
                }
                Event::End(_) => {
                    if let Some(done) = open.pop()
                        && let Some(over) = open.last_mut()
                    {
                        over.children.push(done);
                    }
                }
                Event::Eof => {
                    let root = open.pop().and_then(|mut outer| outer.children.pop());
                    return root.ok_or(ParseError::Missing("the root"));
                }
            }
        }
    }

    fn is_record(&self) -> bool {
        LEVELS.contains(&self.name.as_str()) && !self.children.is_empty()
    }

    fn records(&self) -> impl DoubleEndedIterator<Item = &Self> {
        self.children.iter().filter(|child| child.is_record())
    }

    /// The text of the child of this name.
    fn text(&self, name: &str) -> Option<&str> {
        let child = self.children.iter().find(|child| child.name == name)?;
        Some(&child.text)
    }

    /// Every element below that holds no other, in document order. Recurses no deeper than a document may be.
    fn leaves(&self, visit: &mut dyn FnMut(&Self)) {
        for child in &self.children {
            if child.children.is_empty() {
                visit(child);
            } else {
                child.leaves(visit);
            }
        }
    }
}
