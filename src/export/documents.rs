//! Exports as documents of their own, without SOAP (kontrakt §9): the register's trees, its levels, the CSVs, and the code
//! tables. Which there are, and at which paths, stands in `server/routes`.

use super::csv::{DecimalMark, Sheet};
use super::operations::root;
use super::parameters::{Param, Query};
use super::{Result, write};
use crate::contract::services::EKSPORT_V2;
use crate::message::Form;
use crate::register::{Content, Kodetabeller, Kommunekode, Niveau, Record, Sekvens, Version};
use crate::store::{self, Moment, Position, Read, Selection};
use crate::xml::Writer;

/// Changes that are looked through, at most, for the last that a document depends on: an older one counts as the first of
/// those.
pub const LOOK: u64 = 200_000;

/// Which changes a document depends on: those of a kommune, and of the levels from one to another; all where no kommune is asked for.
pub type Afhaengig = (Option<Kommunekode>, Option<(Niveau, Niveau)>);

/// What a document shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Contents {
    /// The register's trees.
    Traeer,
    /// Records of one level.
    Niveau(Niveau),
    /// A spreadsheet.
    Csv(Sheet),
    /// The code tables.
    Kodetabeller,
}

impl Contents {
    /// The level whose records it lists, where it is one.
    const fn niveau(self) -> Option<Niveau> {
        match self {
            Self::Niveau(niveau) | Self::Csv(Sheet::Niveau(niveau)) => Some(niveau),
            Self::Traeer | Self::Csv(Sheet::Samlet) | Self::Kodetabeller => None,
        }
    }

    /// Whether a record shows what stands above it.
    const fn med_over(self) -> bool {
        matches!(self, Self::Csv(..))
    }

    /// The levels whose records show in it, from and to; none: all.
    fn levels(self) -> Option<(Niveau, Niveau)> {
        let niveau = self.niveau()?;
        let from = match self.med_over() {
            true => Niveau::Daginstitution,
            false => niveau,
        };
        let all = (Niveau::Daginstitution, Niveau::AlternativAdresse);
        Some((from, niveau)).filter(|levels| *levels != all)
    }
}

/// A document that can be fetched. Closed records are in all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Document {
    contents: Contents,
    /// Of the anvisningsenheder only those of these types; empty: all.
    types: &'static [i32],
    /// Only what this kommune administers.
    kommune: Option<Kommunekode>,
    /// As the register stood then.
    moment: Option<Moment>,
    decimal: DecimalMark,
}

impl Document {
    /// All of what it shows, as the register stands.
    pub const fn of(contents: Contents) -> Self {
        Self {
            contents,
            types: &[],
            kommune: None,
            moment: None,
            decimal: DecimalMark::Punktum,
        }
    }

    /// The same, which shows of the anvisningsenheder those of these types alone.
    #[must_use]
    pub const fn with_types(self, types: &'static [i32]) -> Self {
        Self { types, ..self }
    }

    /// The same, as a query asks for it.
    #[must_use]
    pub const fn asked(self, query: &Query) -> Self {
        Self {
            kommune: query.kommune,
            moment: query.moment,
            decimal: query.decimal,
            ..self
        }
    }

    /// The parameters that it knows.
    pub const fn parameters(self) -> &'static [Param] {
        match self.contents {
            Contents::Traeer | Contents::Niveau(_) => &[Param::Kommune, Param::Pr],
            Contents::Csv(_) => &[Param::Kommune, Param::Pr, Param::DecimalMark],
            Contents::Kodetabeller => &[],
        }
    }

    /// Whether the register proves it with a signature and a seal.
    pub const fn is_proved(self) -> bool {
        !matches!(self.contents, Contents::Kodetabeller)
    }

    /// Its Content-Type.
    pub const fn content_type(self) -> &'static str {
        match self.contents {
            Contents::Csv(_) => "text/csv; charset=utf-8",
            _ => "application/xml; charset=utf-8",
        }
    }

    /// The name of the file that a browser saves it as; none for what it shows.
    pub const fn fil(self) -> Option<&'static str> {
        match self.contents {
            Contents::Csv(sheet) => Some(sheet.fil()),
            _ => None,
        }
    }

    /// Which changes it depends on: those of a kommune and of some levels, or all. None for a document of another time.
    pub fn selection(self) -> Option<Afhaengig> {
        match self.contents {
            Contents::Kodetabeller => None,
            contents if self.moment.is_none() => Some((self.kommune, contents.levels())),
            _ => None,
        }
    }

    /// The last change that it depends on by a view; none where its moment tells, or all changes count.
    ///
    /// # Errors
    /// The store's.
    pub fn affected(self, view: &dyn Read) -> store::Result<Option<Sekvens>> {
        let Some((kommune, levels)) = self.selection().filter(|of| *of != (None, None)) else {
            return Ok(None);
        };
        let floor = Sekvens(view.position()?.sekvens.0.saturating_sub(LOOK));
        Ok(Some(
            view.affected(kommune, levels, floor)?.unwrap_or(floor),
        ))
    }

    /// Builds the document, of at most `most` records; gives the state that it shows too. What is of now says that it shows
    /// the change `affected`: the last that it depends on.
    ///
    /// # Errors
    /// [`super::ExportError`].
    pub fn build(
        self,
        view: &dyn Read,
        tables: &Kodetabeller,
        affected: Option<Sekvens>,
        most: usize,
    ) -> Result<(Vec<u8>, Position)> {
        let now = view.position()?;
        if let Some(Moment::Sekvens(sekvens)) = self.moment
            && sekvens > now.sekvens
        {
            return Err(Param::Pr.beyond(sekvens, now.sekvens).into());
        }
        if self.contents == Contents::Kodetabeller {
            let tables = document("kodetabeller", now, |w| write::code_tables(w, tables));
            return Ok((tables, now));
        }
        let position = match (self.moment, affected) {
            (Some(moment), _) => view.position_on(moment)?,
            (None, Some(sekvens)) => view.position_on(Moment::Sekvens(sekvens))?,
            (None, None) => now,
        };
        let posts = self.records(view, most)?;
        let form = Form {
            version: Version::V2,
            tables,
        };
        let bytes = match self.contents {
            // As the SOAP operations have it.
            Contents::Niveau(niveau) => {
                document(root(niveau), position, |w| write::list(w, &posts, form))
            }
            Contents::Csv(sheet) => sheet.write(&posts, tables, self.decimal),
            Contents::Traeer | Contents::Kodetabeller => {
                document("dagtilbudsRegister", position, |w| {
                    write::trees(w, &posts, form);
                })
            }
        };
        Ok((bytes, position))
    }

    /// The records that it shows, if they are not more than `most`.
    fn records(self, view: &dyn Read, most: usize) -> Result<Vec<Record>> {
        let (niveau, med_over) = (self.contents.niveau(), self.contents.med_over());
        let mut posts = match (self.moment, self.kommune, niveau) {
            (None, adm_kommune, niveau) => {
                let all = Selection {
                    adm_kommune,
                    inkluder_nedlagte: true,
                    niveau,
                    med_over,
                    ..Selection::default()
                };
                super::collect(view, &all, most)?
            }
            (Some(moment), None, None) => super::as_of(view, moment, true, most)?,
            (Some(moment), None, Some(niveau)) => {
                super::level_of(view, moment, niveau, med_over, most)?
            }
            (Some(moment), Some(kommune), niveau) => {
                let med_over = niveau.is_none() || med_over;
                let niveau = niveau.unwrap_or(Niveau::AlternativAdresse);
                super::portion_of(view, moment, (kommune, niveau), med_over, most)?
            }
        };
        if !self.types.is_empty() {
            posts.retain(|record| match &*record.content {
                Content::Anvisningsenhed(unit) => self.types.contains(&unit.inst_type),
                _ => true,
            });
        }
        Ok(posts)
    }
}

/// A record by itself, in the form of the document of its level.
pub fn one(record: &Record, tables: &Kodetabeller, position: Position) -> Vec<u8> {
    let form = Form {
        version: Version::V2,
        tables,
    };
    document(root(record.niveau()), position, |w| {
        write::list(w, std::slice::from_ref(record), form);
    })
}

fn document(root: &str, position: Position, body: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut w = Writer::with_capacity(64 * 1024);
    w.declaration();
    w.open(root);
    write::namespaces(&mut w, &EKSPORT_V2);
    write::position(&mut w, position);
    body(&mut w);
    w.close(root);
    w.into_bytes()
}
