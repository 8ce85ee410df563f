//! The first load (kontrakt §6, §7 and §11): the register as Danmarks Statistik or the register itself had it, from a
//! CSV of three levels. Rows are judged one by one by the schema and the codes that every import is judged by; numbers
//! that stand in the file are kept; everything is stored, or nothing.
//!
//! The way of a row: `kolonner` finds its cells, `raekke` writes them as the record an import would send, `doem`
//! judges that, and `gem` stores what was accepted.

mod begraenset;
mod doem;
mod gem;
mod hoved;
mod kolonner;
mod laeser;
mod noter;
mod pladser;
mod raekke;

use std::io::Read;

use crate::problem::Problem;
use crate::register::{Institutionsnummer, Kodetabeller, Niveau};
use crate::store;
use crate::xml::Writer;
use crate::xsd::Schema;

pub use begraenset::{Begraenset, LAENGSTE};
pub use doem::{Optaget, optalt};
pub use gem::gem;
pub use hoved::{Hoved, KolonneFejl, Naermest};
pub use laeser::Laeser;

/// Why a file can't be judged at all.
#[derive(Debug, thiserror::Error)]
pub enum LaesFejl {
    /// The file, or a row of it, is no CSV.
    #[error("line {linje}: {hvorfor}")]
    Csv {
        /// The line, from 1.
        linje: u64,
        /// Why, for a person.
        hvorfor: String,
    },
    /// The columns that rows need are not there.
    #[error(transparent)]
    Kolonner(#[from] KolonneFejl),
    /// The register can't be read.
    #[error("the register: {}", .0.detail())]
    Store(#[from] store::StoreError),
}

/// What is said of a row: why it is not accepted, or what is noteworthy about it.
#[derive(Debug)]
pub struct OmRaekke {
    /// The line of the file on which it begins, from 1; the header is 1.
    pub linje: u64,
    /// The number in the row, where there is one.
    pub nummer: Option<String>,
    /// What is wrong or noteworthy.
    pub problem: Problem,
}

/// What came of judging a file.
#[derive(Debug, Default)]
pub struct Rapport {
    /// The rows accepted, parents first.
    pub optaget: Vec<Optaget>,
    /// Why rows are not accepted. A parent that is missing or not accepted is told once for all rows under it.
    pub fejl: Vec<OmRaekke>,
    /// What is noteworthy about accepted rows.
    pub advarsler: Vec<OmRaekke>,
    /// Rows read, the header left out.
    pub raekker: u64,
    /// The rows not accepted, as they stand, in the order of the file.
    pub afviste: Vec<Afvist>,
    /// The header as it stands.
    pub hoved: csv::StringRecord,
    /// Whether the file was read as windows-1252.
    pub windows_1252: bool,
    /// Columns that are known and not loaded, since the register keeps them by itself.
    pub ikke_indlaest: Vec<&'static str>,
}

/// A row that is not accepted.
#[derive(Debug)]
pub struct Afvist {
    /// The line of the file on which it begins.
    pub linje: u64,
    /// Its cells as they stand.
    pub raa: csv::StringRecord,
    /// The codes of what is wrong with it, in the order found.
    pub koder: Vec<&'static str>,
}

impl Rapport {
    /// The rows that were not accepted as a file of their own, to be corrected and loaded: the same columns, and one that
    /// names the codes of what was wrong, which a load passes over.
    ///
    /// # Errors
    /// What can't be written.
    pub fn rest(&self, out: impl std::io::Write) -> csv::Result<()> {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(b';')
            .flexible(true)
            .terminator(csv::Terminator::CRLF)
            .from_writer(out);
        let names = || self.hoved.iter().filter(|name| *name != kolonner::FEJL);
        let columns: Vec<usize> = (0..self.hoved.len())
            .filter(|at| self.hoved.get(*at) != Some(kolonner::FEJL))
            .collect();
        writer.write_record(names().chain([kolonner::FEJL]))?;
        for row in &self.afviste {
            let cells = columns
                .iter()
                .map(|at| row.raa.get(*at).unwrap_or_default());
            writer.write_record(cells.chain([row.koder.join(" ").as_str()]))?;
        }
        Ok(writer.flush()?)
    }
}

/// What rows are judged by.
#[derive(Debug, Clone, Copy)]
pub struct Regler<'a> {
    /// The schema of ImportService-v2.
    pub schema: &'a Schema,
    /// The code tables.
    pub tables: &'a Kodetabeller,
}

/// Judges a file with the register as it stands, without the columns that the operator leaves out. `progress` is told the
/// rows read so far.
///
/// # Errors
/// [`LaesFejl`]: the file can't be judged. A row that is wrong is in the report instead.
pub fn doem(
    file: impl Read,
    ignorer: &[String],
    regler: Regler<'_>,
    view: &dyn store::Read,
    progress: &mut dyn FnMut(u64),
) -> Result<Rapport, LaesFejl> {
    let laest = kolonner::laes(file, regler.tables, ignorer, progress)?;
    let rapport = doem::alle(laest.raekker, regler, view)?;
    Ok(Rapport {
        hoved: laest.hoved,
        windows_1252: laest.windows_1252,
        ikke_indlaest: laest.ikke_indlaest,
        ..rapport
    })
}

/// A row as an import would send it, before anything has judged it.
#[derive(Debug)]
pub struct Raekke(kolonner::Celler);

impl Raekke {
    /// The line of the file, from 1.
    pub fn linje(&self) -> u64 {
        self.0.linje
    }

    /// Its level; none when the file names one that is not known.
    pub fn niveau(&self) -> Option<Niveau> {
        self.0.niveau
    }

    /// Its number in the file, and that of what it stands under.
    pub fn numre(&self) -> (&str, Option<&str>) {
        let over = match self.0.niveau {
            Some(Niveau::Anvisningsenhed) => Some(self.0.daginstitution.as_str()),
            Some(Niveau::AlternativAdresse) => Some(self.0.enhed.as_str()),
            Some(Niveau::Daginstitution) | None => None,
        };
        (self.0.nummer(), over)
    }

    /// Whether it is closed.
    pub fn nedlagt(&self) -> bool {
        self.0.status.eq_ignore_ascii_case("nedlagt")
    }

    /// The record of an insert, under another number than the file's; `i:` is the service's namespace, the default one the
    /// types'. Nothing for a row of no known level.
    pub fn post_under(&self, over: &str) -> String {
        let mut celler = self.0.clone();
        match celler.niveau {
            Some(Niveau::Anvisningsenhed) => over.clone_into(&mut celler.daginstitution),
            Some(Niveau::AlternativAdresse) => over.clone_into(&mut celler.enhed),
            Some(Niveau::Daginstitution) | None => {}
        }
        let mut w = Writer::with_capacity(1024);
        if let Some(niveau) = celler.niveau {
            raekke::record(&mut w, &celler, niveau);
        }
        w.into_string()
    }
}

/// The rows of a file, for a system that wants to send them itself.
///
/// # Errors
/// [`LaesFejl`].
pub fn raekker(file: impl Read, tables: &Kodetabeller) -> Result<Vec<Raekke>, LaesFejl> {
    let laest = kolonner::laes(file, tables, &[], &mut |_| ())?;
    Ok(laest.raekker.into_iter().map(Raekke).collect())
}

/// A number of the register, where the text is one.
fn number(text: &str) -> Option<Institutionsnummer> {
    Institutionsnummer::parse(text).ok()
}
