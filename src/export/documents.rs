//! Exports as documents of their own, without SOAP (kontrakt §9): the register's trees, its levels, the CSVs, and the code
//! tables.

use super::csv::{Decimal, Tabel};
use super::write;
use crate::contract::Service;
use crate::message::Form;
use crate::problem::{Parameter, Problem, parameter, register};
use crate::register::{Dato, Kodetabel, Kodetabeller, Kommunekode, Niveau, Sekvens, Tidspunkt};
use crate::store::{self, Moment, Position, Read, Selection};
use crate::xml::Writer;

/// Changes that are looked through, at most, for the last that a document depends on: an older one counts as the first of
/// those.
pub const LOOK: u64 = 200_000;

/// Which changes a document depends on: those of a kommune, and of the levels from one to another; all where it is none.
pub type Afhaengig = (Option<Kommunekode>, Option<(Niveau, Niveau)>);

/// What a document shows of the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Visning {
    /// `/eksport/v2/dagtilbud.xml`: trees.
    Traeer,
    /// `/eksport/v2/daginstitutioner.xml` and its like: records of one level.
    Niveau(Niveau),
    /// `/eksport/samlet.csv` and its like.
    Csv(Tabel, Decimal),
}

impl Visning {
    /// The level whose records it lists, where it is one.
    const fn niveau(self) -> Option<Niveau> {
        match self {
            Self::Niveau(niveau) | Self::Csv(Tabel::Niveau(niveau), _) => Some(niveau),
            Self::Traeer | Self::Csv(Tabel::Samlet, _) => None,
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
pub enum Document {
    /// Of the register.
    Register {
        /// What it shows.
        visning: Visning,
        /// Only what this kommune administers.
        kommune: Option<Kommunekode>,
        /// As it stood then.
        moment: Option<Moment>,
    },
    /// `/kodetabeller.xml`.
    Kodetabeller,
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
    /// The document of a path and its query; `None` when the path is no document's.
    pub fn parse(path: &str, query: &[(String, String)]) -> Option<Result<Self, Box<Problem>>> {
        let visning = match path {
            "/kodetabeller.xml" => {
                return Some(match query.first() {
                    None => Ok(Self::Kodetabeller),
                    Some((name, value)) => Err(unknown(name, value, "")),
                });
            }
            "/eksport/v2/dagtilbud.xml" => Visning::Traeer,
            "/eksport/v2/daginstitutioner.xml" => Visning::Niveau(Niveau::Daginstitution),
            "/eksport/v2/anvisningsenheder.xml" => Visning::Niveau(Niveau::Anvisningsenhed),
            "/eksport/v2/alternativadresser.xml" => Visning::Niveau(Niveau::AlternativAdresse),
            _ => Visning::Csv(
                path.strip_prefix("/eksport/").and_then(Tabel::af_fil)?,
                Decimal::Punktum,
            ),
        };
        Some(Self::register(visning, query))
    }

    fn register(mut visning: Visning, query: &[(String, String)]) -> Result<Self, Box<Problem>> {
        let (mut kommune, mut moment) = (None, None);
        let (mut decimal, known) = match visning {
            Visning::Csv(..) => (None, "kommune, pr, decimal"),
            _ => (Some(Decimal::Punktum), "kommune, pr"),
        };
        for (name, value) in query {
            match name.as_str() {
                "decimal" if decimal.is_none() => {
                    let wanted = Decimal::parse(value)
                        .ok_or_else(|| refused(name, value, "punktum, komma"))?;
                    decimal = Some(wanted);
                    if let Visning::Csv(_, own) = &mut visning {
                        *own = wanted;
                    }
                }
                "kommune" if kommune.is_none() => {
                    kommune = Some(
                        Kommunekode::parse(value).map_err(|_| refused(name, value, "1-9999"))?,
                    );
                }
                "pr" if moment.is_none() => moment = Some(parse_moment(name, value)?),
                "kommune" | "pr" | "decimal" if known.contains(name.as_str()) => {
                    return Err(Box::new(parameter(name, value, Parameter::Twice)));
                }
                _ => return Err(unknown(name, value, known)),
            }
        }
        Ok(Self::Register {
            visning,
            kommune,
            moment,
        })
    }

    /// Refuses a kommune that no code table has: an empty document would be taken for that of a kommune without dagtilbud.
    ///
    /// # Errors
    /// What the caller is told.
    pub fn kendt(self, kommuner: &Kodetabel) -> Result<Self, Box<Problem>> {
        match self {
            Self::Register {
                kommune: Some(kommune),
                ..
            } => kendt_kommune(kommune, kommuner).map(|()| self),
            _ => Ok(self),
        }
    }

    /// Its Content-Type.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Register {
                visning: Visning::Csv(..),
                ..
            } => "text/csv; charset=utf-8",
            _ => "application/xml; charset=utf-8",
        }
    }

    /// The name of the file that a browser saves it as; none for what it shows.
    pub const fn fil(self) -> Option<&'static str> {
        match self {
            Self::Register {
                visning: Visning::Csv(tabel, _),
                ..
            } => Some(tabel.fil()),
            _ => None,
        }
    }

    /// Which changes it depends on: those of a kommune and of some levels, or all. None for a document of another time.
    pub fn selection(self) -> Option<Afhaengig> {
        match self {
            Self::Kodetabeller
            | Self::Register {
                moment: Some(_), ..
            } => None,
            Self::Register {
                visning, kommune, ..
            } => Some((kommune, visning.levels())),
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
        let Self::Register {
            visning,
            kommune,
            moment,
        } = self
        else {
            let tables = document("kodetabeller", now, |w| write::code_tables(w, tables));
            return Ok((tables, now));
        };
        if let Some(Moment::Sekvens(after)) =
            moment.filter(|m| matches!(m, Moment::Sekvens(s) if *s > now.sekvens))
        {
            let rule = format!("0-{}", now.sekvens);
            return Err(DocumentError::Problem(refused(
                "pr",
                &after.to_string(),
                &rule,
            )));
        }
        let (posts, stand) = match moment {
            None => {
                let all = Selection {
                    adm_kommune: kommune,
                    inkluder_nedlagte: true,
                    niveau: visning.niveau(),
                    med_over: visning.med_over(),
                    ..Selection::default()
                };
                let shown = match beroert {
                    Some(sekvens) => view.stand_pr(Moment::Sekvens(sekvens))?,
                    None => now,
                };
                (super::collect(view, &all, mest)?, shown)
            }
            Some(moment) => {
                let posts = match (kommune, visning.niveau()) {
                    (None, None) => super::as_of(view, moment, true, mest)?,
                    (None, Some(niveau)) => {
                        super::niveau_af(view, moment, niveau, visning.med_over(), mest)?
                    }
                    (Some(kommune), niveau) => {
                        let med_over = niveau.is_none() || visning.med_over();
                        let niveau = niveau.unwrap_or(Niveau::AlternativAdresse);
                        super::del_af(view, moment, (kommune, niveau), med_over, mest)?
                    }
                };
                (posts, view.stand_pr(moment)?)
            }
        };
        let posts = posts.map_err(DocumentError::Problem)?;
        let form = Form { v2: true, tables };
        let bytes = match visning {
            Visning::Traeer => document("dagtilbudsRegister", stand, |w| {
                write::trees(w, &posts, form)
            }),
            Visning::Niveau(niveau) => {
                document(root(niveau), stand, |w| write::list(w, &posts, form))
            }
            Visning::Csv(tabel, decimal) => tabel.skriv(&posts, tables, decimal),
        };
        Ok((bytes, stand))
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

fn parse_moment(name: &str, value: &str) -> Result<Moment, Box<Problem>> {
    let sequence = value
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| value.parse().ok())
        .flatten();
    sequence
        .map(|number| Moment::Sekvens(Sekvens(number)))
        .or_else(|| Tidspunkt::parse(value).ok().map(Moment::Tidspunkt))
        // A day is its end, as it is in Denmark.
        .or_else(|| Dato::parse(value).ok()?.slut().map(Moment::Tidspunkt))
        .ok_or_else(|| refused(name, value, "sekvens, YYYY-MM-DD, YYYY-MM-DDThh:mm:ssZ"))
}

/// Refuses a kommune that the code table does not have.
pub(super) fn kendt_kommune(
    kommune: Kommunekode,
    kommuner: &Kodetabel,
) -> Result<(), Box<Problem>> {
    if kommuner.tekst(i32::from(kommune.0)).is_some() {
        return Ok(());
    }
    let problem = Problem::new(&register::UKENDT_KOMMUNE).with("kommune", kommune);
    Err(Box::new(problem))
}

fn refused(name: &str, value: &str, rule: &str) -> Box<Problem> {
    Box::new(parameter(name, value, Parameter::Invalid(rule)))
}

fn unknown(name: &str, value: &str, known: &str) -> Box<Problem> {
    Box::new(parameter(name, value, Parameter::Unknown(known)))
}

fn document(root: &str, stand: Position, body: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut w = Writer::with_capacity(64 * 1024);
    w.declaration();
    w.open(root);
    write::namespaces(&mut w, Service::EksportV2);
    write::stand(&mut w, stand);
    body(&mut w);
    w.close(root);
    w.into_bytes()
}
