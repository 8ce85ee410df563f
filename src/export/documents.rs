//! Exports as documents of their own, without SOAP (kontrakt §9): the register's trees, its levels, the CSVs, and the code
//! tables. Which there are, and at which paths, stands in `server/routes`.

use super::csv::{Decimal, Tabel};
use super::parameters::{Param, Query};
use super::write;
use crate::contract::services::EKSPORT_V2;
use crate::message::Form;
use crate::problem::Problem;
use crate::register::{Content, Kodetabeller, Kommunekode, Niveau, Record, Sekvens, Version};
use crate::store::{self, Moment, Position, Read, Selection};
use crate::xml::Writer;

/// Changes that are looked through, at most, for the last that a document depends on: an older one counts as the first of
/// those.
pub const LOOK: u64 = 200_000;

/// Which changes a document depends on: those of a kommune, and of the levels from one to another; all where it is none.
pub type Afhaengig = (Option<Kommunekode>, Option<(Niveau, Niveau)>);

/// What a document shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Visning {
    /// The register's trees.
    Traeer,
    /// Records of one level.
    Niveau(Niveau),
    /// A spreadsheet.
    Csv(Tabel),
    /// The code tables.
    Kodetabeller,
}

impl Visning {
    /// The level whose records it lists, where it is one.
    const fn niveau(self) -> Option<Niveau> {
        match self {
            Self::Niveau(niveau) | Self::Csv(Tabel::Niveau(niveau)) => Some(niveau),
            Self::Traeer | Self::Csv(Tabel::Samlet) | Self::Kodetabeller => None,
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
    visning: Visning,
    /// Of the anvisningsenheder only those of these types; empty: all.
    types: &'static [i32],
    /// Only what this kommune administers.
    kommune: Option<Kommunekode>,
    /// As the register stood then.
    moment: Option<Moment>,
    decimal: Decimal,
}

/// Why a document is not given.
#[derive(Debug)]
pub enum DocumentError {
    /// What the caller is told.
    Problem(Box<Problem>),
    /// The store failed.
    Store(store::StoreError),
}

impl From<store::StoreError> for DocumentError {
    fn from(error: store::StoreError) -> Self {
        Self::Store(error)
    }
}

impl Document {
    /// All of what it shows, as the register stands.
    pub const fn of(visning: Visning) -> Self {
        Self {
            visning,
            types: &[],
            kommune: None,
            moment: None,
            decimal: Decimal::Punktum,
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
        match self.visning {
            Visning::Traeer | Visning::Niveau(_) => &[Param::Kommune, Param::Pr],
            Visning::Csv(_) => &[Param::Kommune, Param::Pr, Param::Decimal],
            Visning::Kodetabeller => &[],
        }
    }

    /// Whether the register proves it with a signature and a seal.
    pub const fn is_proved(self) -> bool {
        !matches!(self.visning, Visning::Kodetabeller)
    }

    /// Its Content-Type.
    pub const fn content_type(self) -> &'static str {
        match self.visning {
            Visning::Csv(_) => "text/csv; charset=utf-8",
            _ => "application/xml; charset=utf-8",
        }
    }

    /// The name of the file that a browser saves it as; none for what it shows.
    pub const fn fil(self) -> Option<&'static str> {
        match self.visning {
            Visning::Csv(tabel) => Some(tabel.fil()),
            _ => None,
        }
    }

    /// Which changes it depends on: those of a kommune and of some levels, or all. None for a document of another time.
    pub fn selection(self) -> Option<Afhaengig> {
        match self.visning {
            Visning::Kodetabeller => None,
            visning if self.moment.is_none() => Some((self.kommune, visning.levels())),
            _ => None,
        }
    }

    /// The last change that it depends on by a view; none where its moment tells, or all changes count.
    ///
    /// # Errors
    /// The store's.
    pub fn beroert(self, view: &dyn Read) -> store::Result<Option<Sekvens>> {
        let Some((kommune, levels)) = self.selection().filter(|of| *of != (None, None)) else {
            return Ok(None);
        };
        let floor = Sekvens(view.stand()?.sekvens.0.saturating_sub(LOOK));
        Ok(Some(view.beroert(kommune, levels, floor)?.unwrap_or(floor)))
    }

    /// Builds the document, of at most `mest` records; gives the state that it shows too. What is of now says that it shows
    /// the change `beroert`: the last that it depends on.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub fn build(
        self,
        view: &dyn Read,
        tables: &Kodetabeller,
        beroert: Option<Sekvens>,
        mest: usize,
    ) -> Result<(Vec<u8>, Position), DocumentError> {
        let now = view.stand()?;
        if let Some(Moment::Sekvens(sekvens)) = self.moment
            && sekvens > now.sekvens
        {
            let problem = Param::Pr.beyond(sekvens, now.sekvens);
            return Err(DocumentError::Problem(problem));
        }
        if self.visning == Visning::Kodetabeller {
            let tables = document("kodetabeller", now, |w| write::code_tables(w, tables));
            return Ok((tables, now));
        }
        let stand = match (self.moment, beroert) {
            (Some(moment), _) => view.stand_pr(moment)?,
            (None, Some(sekvens)) => view.stand_pr(Moment::Sekvens(sekvens))?,
            (None, None) => now,
        };
        let posts = self.records(view, mest)?.map_err(DocumentError::Problem)?;
        let form = Form {
            version: Version::V2,
            tables,
        };
        let bytes = match self.visning {
            Visning::Niveau(niveau) => {
                document(root(niveau), stand, |w| write::list(w, &posts, form))
            }
            Visning::Csv(tabel) => tabel.skriv(&posts, tables, self.decimal),
            Visning::Traeer | Visning::Kodetabeller => document("dagtilbudsRegister", stand, |w| {
                write::trees(w, &posts, form);
            }),
        };
        Ok((bytes, stand))
    }

    /// The records that it shows, if they are not more than `mest`.
    fn records(self, view: &dyn Read, mest: usize) -> store::Result<super::Poster> {
        let (niveau, med_over) = (self.visning.niveau(), self.visning.med_over());
        let posts = match (self.moment, self.kommune, niveau) {
            (None, adm_kommune, niveau) => {
                let all = Selection {
                    adm_kommune,
                    inkluder_nedlagte: true,
                    niveau,
                    med_over,
                    ..Selection::default()
                };
                super::collect(view, &all, mest)?
            }
            (Some(moment), None, None) => super::as_of(view, moment, true, mest)?,
            (Some(moment), None, Some(niveau)) => {
                super::niveau_af(view, moment, niveau, med_over, mest)?
            }
            (Some(moment), Some(kommune), niveau) => {
                let med_over = niveau.is_none() || med_over;
                let niveau = niveau.unwrap_or(Niveau::AlternativAdresse);
                super::del_af(view, moment, (kommune, niveau), med_over, mest)?
            }
        };
        Ok(posts.map(|posts| self.of_its_types(posts)))
    }

    fn of_its_types(self, mut posts: Vec<Record>) -> Vec<Record> {
        if !self.types.is_empty() {
            posts.retain(|record| match &record.content {
                Content::Anvisningsenhed(unit) => self.types.contains(&unit.inst_type),
                _ => true,
            });
        }
        posts
    }
}

/// The root of a document of one level, as the SOAP operations have it.
const fn root(niveau: Niveau) -> &'static str {
    match niveau {
        Niveau::Daginstitution => "daginstitutionerExtend",
        Niveau::Anvisningsenhed => "anvisningenhederExtend",
        Niveau::AlternativAdresse => "alternativadresserExtend",
    }
}

fn document(root: &str, stand: Position, body: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut w = Writer::with_capacity(64 * 1024);
    w.declaration();
    w.open(root);
    write::namespaces(&mut w, &EKSPORT_V2);
    write::stand(&mut w, stand);
    body(&mut w);
    w.close(root);
    w.into_bytes()
}
