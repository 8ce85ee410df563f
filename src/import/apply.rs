//! Commits: writes the records of an accepted message, in order, and finds what the caller should be warned of.

use crate::message::{Felt, RawPost, closing, content, lineage};
use crate::problem::{Problem, register};
use crate::register::{
    Indhold, Institutionsnummer, Livsforloeb, Niveau, Omfang, Post, Sekvens, Tidspunkt,
};
use crate::soap::WriteKind;
use crate::store::{Aendring, Aftaler, Handling, NyAendring, Result, StoreError, Write};

use super::Import;
use super::alone::number_field;
use super::spejl::Opslag;

/// One record of an accepted write.
#[derive(Debug)]
pub struct Stored {
    /// Its position in the batch, from 1.
    pub nr: u32,
    /// The change as written; undone for a dry run.
    pub change: Aendring,
}

/// What an accepted write did.
#[derive(Debug)]
pub(super) struct Applied {
    pub(super) results: Vec<Stored>,
    pub(super) warnings: Vec<Problem>,
}

impl Applied {
    /// The first and last change.
    pub(super) fn sekvenser(&self) -> Option<(Sekvens, Sekvens)> {
        Some((
            self.results.first()?.change.sekvens,
            self.results.last()?.change.sekvens,
        ))
    }
}

/// Writes all records; the rules have been checked in this transaction.
pub(super) fn apply(
    import: &Import,
    opslag: &Opslag,
    tx: &mut dyn Write,
    now: Tidspunkt,
) -> Result<Applied> {
    let mut applied = Applied {
        results: Vec::new(),
        warnings: opslag.advarsler(),
    };
    for raw in &import.request.message.poster {
        let before = match import.kind {
            WriteKind::Insert => None,
            _ => Some(existing(import, raw, tx)?),
        };
        let parent_before = before.as_ref().and_then(|post| post.indhold.foraelder());
        let mut post = match before {
            None => inserted(import, raw, tx)?,
            Some(before) => changed(import, raw, before)?,
        };
        opslag.fyld(raw.nr, &mut post.indhold);
        let handling = match import.kind {
            WriteKind::Insert => Handling::Oprettet,
            WriteKind::Update => Handling::Aendret,
            WriteKind::Delete => Handling::Nedlagt,
            WriteKind::Move => Handling::Flyttet,
        };
        let change = tx.gem(
            NyAendring {
                handling,
                ophav: import.ophav(),
                post,
            },
            now,
        )?;
        if import.kind == WriteKind::Delete {
            let ended = affected(tx, &change.post, now)?;
            applied.warnings.extend(ended.into_iter().map(|problem| {
                let felt = number_field(import.level);
                problem.at(raw.place_of(import.request.operation.name, felt, 0))
            }));
        }
        applied.results.push(Stored { nr: raw.nr, change });
        if matches!(import.kind, WriteKind::Delete | WriteKind::Move)
            && import.level == Niveau::Anvisningsenhed
        {
            applied
                .warnings
                .extend(left_empty(import, raw, parent_before, tx)?);
        }
    }
    Ok(applied)
}

/// Ends the agreements of which a closed record was the last that they name (decisions §8), and tells of them and of
/// the others that name it or its P-number.
fn affected(tx: &mut dyn Write, closed: &Post, now: Tidspunkt) -> Result<Vec<Problem>> {
    let mut warnings = Vec::new();
    let numbers = [
        Some(closed.nummer.to_string()),
        closed.indhold.p_nummer().map(|number| number.to_string()),
    ];
    for number in numbers.into_iter().flatten() {
        for mut aftale in tx.aftaler(Aftaler::AabneOm(&number))? {
            let ends = match &aftale.omfang {
                Omfang::Institutioner(list) => all_closed(tx, list)?,
                Omfang::Alle | Omfang::PNumre(_) => false,
            };
            if ends {
                aftale.lukket = Some((now, format!("{} er nedlagt", closed.nummer)));
                tx.gem_aftale(&aftale)?;
            }
            let entry = if ends {
                &register::AFTALE_OPHOERT
            } else {
                &register::AFTALE_BEROERT
            };
            warnings.push(
                Problem::new(entry)
                    .with("system", aftale.system)
                    .with("aftale", aftale.id)
                    .with("nummer", closed.nummer),
            );
        }
    }
    Ok(warnings)
}

fn all_closed(tx: &dyn Write, numbers: &[Institutionsnummer]) -> Result<bool> {
    for &number in numbers {
        if tx.post(number)?.is_some_and(|post| post.is_active()) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn existing(import: &Import, raw: &RawPost, tx: &dyn Write) -> Result<Post> {
    let number = raw
        .text(number_field(import.level))
        .and_then(|text| Institutionsnummer::parse(text).ok());
    let post = match number {
        Some(number) => tx.post(number)?,
        None => None,
    };
    post.ok_or_else(incoherent)
}

fn inserted(import: &Import, raw: &RawPost, tx: &mut dyn Write) -> Result<Post> {
    let epoch = Tidspunkt::from_millis(0);
    Ok(Post {
        nummer: tx.issue_number()?,
        indhold: content(raw, import.level).ok_or_else(incoherent)?,
        liv: Livsforloeb {
            version: 0,
            oprettet: epoch,
            senest_opdateret: epoch,
            nedlagt: None,
            lukkeaarsag: None,
            skolens_nummer: None,
            afloeser: lineage(raw, Felt::Afloeser),
            afloest_af: Vec::new(),
        },
    })
}

fn changed(import: &Import, raw: &RawPost, mut post: Post) -> Result<Post> {
    match import.kind {
        WriteKind::Insert => {}
        WriteKind::Update => {
            let mut indhold = content(raw, import.level).ok_or_else(incoherent)?;
            if !import.service.is_v2() {
                keep_v2_fields(&post.indhold, &mut indhold);
            }
            post.indhold = indhold;
        }
        WriteKind::Delete => closing(raw, &mut post.liv),
        WriteKind::Move => {
            let felt = match import.level {
                Niveau::AlternativAdresse => Felt::NytEnhedsNummer,
                _ => Felt::NytDaginstitutionsNummer,
            };
            let number = raw
                .text(felt)
                .and_then(|text| Institutionsnummer::parse(text).ok());
            post.indhold.set_foraelder(number.ok_or_else(incoherent)?);
        }
    }
    Ok(post)
}

/// An update through v1 leaves the fields that v1 does not have (decisions §3).
fn keep_v2_fields(before: &Indhold, after: &mut Indhold) {
    after.set_gyldig_fra(before.gyldig_fra());
}

/// A daginstitution that lost its last open unit.
fn left_empty(
    import: &Import,
    raw: &RawPost,
    parent: Option<Institutionsnummer>,
    tx: &dyn Write,
) -> Result<Option<Problem>> {
    let Some(parent) = parent else {
        return Ok(None);
    };
    if tx.has_active_children(parent)? {
        return Ok(None);
    }
    let problem = Problem::new(&register::SIDSTE_ENHED).with("nummer", parent);
    Ok(Some(problem.at(raw.place(import.request.operation.name))))
}

/// The schema accepted what the records cannot hold: a fault of ours, told as an internal error.
fn incoherent() -> StoreError {
    StoreError::Corrupt("an accepted message lacks a mandatory field".to_owned())
}
