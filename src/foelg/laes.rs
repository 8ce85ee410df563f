//! Reads what the register sends: pages of the feed and snapshots, into records of their own and the digest of each change.

use super::Sted;
use crate::audit::{self, Hash};
use crate::xml::{Event, Limits, Reader, Writer};

/// Namespace of the records' fields.
const TYPER: &str = "urn:dagtilbudsregister:typer:v2";
/// The three kinds of records.
const NIVEAUER: [&str; 3] = ["daginstitution", "anvisningsenhed", "alternativadresse"];
/// What tells who made a change: no part of what is chained.
const HVEM: [&str; 8] = [
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
pub enum LaesFejl {
    /// It is no XML.
    #[error("not XML: {0}")]
    Xml(String),
    /// It is XML of another kind, or lacks something.
    #[error("{0} is missing: this is no answer of a Dagtilbudsregister")]
    Mangler(&'static str),
}

/// A record as a file of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// Its number.
    pub nummer: String,
    /// `daginstitution`, `anvisningsenhed` or `alternativadresse`.
    pub niveau: String,
    /// The record that it stands under.
    pub foraelder: Option<String>,
    /// Whether it is open.
    pub aktiv: bool,
    /// Its version.
    pub version: u64,
    /// Its fields by name, those of its address among them, as they stand in `xml`.
    pub felter: Vec<(String, String)>,
    /// The record as XML in the types' namespace, the same whether it came in a page or in a snapshot.
    pub xml: String,
}

/// A change of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aendret {
    /// Its place.
    pub sekvens: u64,
    /// `oprettet`, `aendret`, `flyttet`, `nedlagt`.
    pub handling: String,
    /// The record after it.
    pub post: Post,
    /// Its canonical text, which the digest is made over.
    kanonisk: String,
}

/// A page of the feed.
#[derive(Debug)]
pub struct Side {
    /// The line of history.
    pub epoke: String,
    /// The last change looked at.
    pub sidste: u64,
    /// The digest before the first change.
    pub kaede_foer: Hash,
    /// The digest with the last.
    pub kaede: Hash,
    /// The changes.
    pub aendringer: Vec<Aendret>,
}

impl Side {
    /// Reads a page.
    ///
    /// # Errors
    /// [`LaesFejl`].
    pub fn laes(text: &str) -> Result<Self, LaesFejl> {
        let root = Knude::laes(text)?;
        let leaf = |name: &'static str| root.text(name).ok_or(LaesFejl::Mangler(name));
        let hash = |name| Hash::parse(leaf(name)?).ok_or(LaesFejl::Mangler(name));
        let changes = root.born.iter().filter(|child| child.navn == "aendring");
        Ok(Self {
            epoke: leaf("epoke")?.to_owned(),
            sidste: number(leaf("sidsteSekvens")?, "sidsteSekvens")?,
            kaede_foer: hash("kaedeFoer")?,
            kaede: hash("kaede")?,
            aendringer: changes.map(aendret).collect::<Result<_, _>>()?,
        })
    }

    /// Where a copy that stands there stands with this page; none when the page does not follow it without gap, or its
    /// digests are not those of its changes.
    pub fn efter(&self, sted: &Sted) -> Option<Sted> {
        let follows = self.epoke == sted.epoke && self.kaede_foer == sted.kaede;
        let mut at = Sted {
            epoke: sted.epoke.clone(),
            ..*sted
        };
        for change in &self.aendringer {
            if change.sekvens != at.sekvens + 1 {
                return None;
            }
            at.sekvens = change.sekvens;
            at.kaede = audit::chain(&at.kaede, &change.kanonisk);
        }
        (follows && at.sekvens == self.sidste && at.kaede == self.kaede).then_some(at)
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
    pub poster: Vec<Post>,
}

impl Snapshot {
    /// Reads a snapshot.
    ///
    /// # Errors
    /// [`LaesFejl`].
    pub fn laes(text: &str) -> Result<Self, LaesFejl> {
        let root = Knude::laes(text)?;
        let leaf = |name: &'static str| root.text(name).ok_or(LaesFejl::Mangler(name));
        let mut poster = Vec::new();
        // A list of its own instead of the call stack.
        let mut open: Vec<&Knude> = root.records().rev().collect();
        while let Some(record) = open.pop() {
            poster.push(post(record)?);
            open.extend(record.records().rev());
        }
        Ok(Self {
            epoke: leaf("epoke")?.to_owned(),
            sekvens: number(leaf("sekvens")?, "sekvens")?,
            poster,
        })
    }
}

fn number(text: &str, name: &'static str) -> Result<u64, LaesFejl> {
    text.parse().map_err(|_| LaesFejl::Mangler(name))
}

fn aendret(change: &Knude) -> Result<Aendret, LaesFejl> {
    let sekvens = change
        .sekvens
        .as_deref()
        .ok_or(LaesFejl::Mangler("sekvens"))?;
    let record = change
        .records()
        .next()
        .ok_or(LaesFejl::Mangler("the record"))?;
    let mut kanonisk = format!("sekvens={sekvens}\n");
    change.leaves(&mut |leaf| {
        if !leaf.navn.ends_with("_Tekst") && !HVEM.contains(&leaf.navn.as_str()) {
            kanonisk.push_str(&leaf.navn);
            kanonisk.push('=');
            kanonisk.push_str(&leaf.tekst);
            kanonisk.push('\n');
        }
    });
    Ok(Aendret {
        sekvens: number(sekvens, "sekvens")?,
        handling: change
            .text("handling")
            .ok_or(LaesFejl::Mangler("handling"))?
            .to_owned(),
        post: post(record)?,
        kanonisk,
    })
}

fn post(record: &Knude) -> Result<Post, LaesFejl> {
    let own = |name: &'static str| record.text(name).ok_or(LaesFejl::Mangler(name));
    let (nummer, foraelder) = match record.navn.as_str() {
        "daginstitution" => ("daginstitutionsNummer", None),
        "anvisningsenhed" => ("enhedsNummer", Some("daginstitutionsNummer")),
        _ => ("alternativAdresseNummer", Some("enhedsNummer")),
    };
    let mut w = Writer::with_capacity(1024);
    w.declaration();
    w.open(&record.navn).attr("xmlns", TYPER);
    for field in record.born.iter().filter(|child| !child.is_record()) {
        write(&mut w, field);
    }
    w.close(&record.navn);
    let mut felter = Vec::new();
    for field in record.born.iter().filter(|child| !child.is_record()) {
        let leaves = match field.born.as_slice() {
            [] => std::slice::from_ref(field),
            leaves => leaves,
        };
        felter.extend(
            leaves
                .iter()
                .map(|leaf| (leaf.navn.clone(), leaf.tekst.clone())),
        );
    }
    Ok(Post {
        felter,
        nummer: own(nummer)?.to_owned(),
        niveau: record.navn.clone(),
        foraelder: foraelder.map(own).transpose()?.map(str::to_owned),
        aktiv: own("aktivitetsstatus")? == "Aktiv",
        version: number(own("version")?, "version")?,
        xml: w.into_string(),
    })
}

/// Writes a field: a leaf, or an address with its leaves. Nothing in a record lies deeper.
fn write(w: &mut Writer, field: &Knude) {
    if field.born.is_empty() {
        w.leaf(&field.navn, &field.tekst);
        return;
    }
    w.open(&field.navn);
    for leaf in &field.born {
        w.leaf(&leaf.navn, &leaf.tekst);
    }
    w.close(&field.navn);
}

/// An element by its local name.
#[derive(Debug, Default)]
struct Knude {
    navn: String,
    tekst: String,
    /// The attribute of that name.
    sekvens: Option<String>,
    born: Vec<Knude>,
}

impl Knude {
    /// Reads a document; what lies deeper than the register ever writes is refused.
    fn laes(text: &str) -> Result<Self, LaesFejl> {
        let mut limits = Limits::unlimited();
        limits.depth = 16;
        let mut reader = Reader::new(text, limits);
        let mut open = vec![Self::default()];
        loop {
            let event = reader
                .next()
                .map_err(|error| LaesFejl::Xml(error.to_string()))?;
            match event {
                Event::Start(tag) => {
                    let sekvens = tag
                        .attributes()
                        .find(|attribute| attribute.name.local == "sekvens")
                        .map(|attribute| attribute.value.to_string());
                    open.push(Self {
                        navn: tag.name.local.to_owned(),
                        sekvens,
                        ..Self::default()
                    });
                }
                Event::Text(part) => {
                    if let Some(last) = open.last_mut() {
                        last.tekst.push_str(&part.value);
                    }
                }
                Event::End(_) => {
                    if let Some(done) = open.pop()
                        && let Some(over) = open.last_mut()
                    {
                        over.born.push(done);
                    }
                }
                Event::Eof => {
                    let root = open.pop().and_then(|mut outer| outer.born.pop());
                    return root.ok_or(LaesFejl::Mangler("the root"));
                }
            }
        }
    }

    fn is_record(&self) -> bool {
        NIVEAUER.contains(&self.navn.as_str()) && !self.born.is_empty()
    }

    fn records(&self) -> impl DoubleEndedIterator<Item = &Self> {
        self.born.iter().filter(|child| child.is_record())
    }

    /// The text of the child of this name.
    fn text(&self, name: &str) -> Option<&str> {
        let child = self.born.iter().find(|child| child.navn == name)?;
        Some(&child.tekst)
    }

    /// Every element below that holds no other, in document order. Recurses no deeper than a document may be.
    fn leaves(&self, visit: &mut dyn FnMut(&Self)) {
        for child in &self.born {
            if child.born.is_empty() {
                visit(child);
            } else {
                child.leaves(visit);
            }
        }
    }
}
