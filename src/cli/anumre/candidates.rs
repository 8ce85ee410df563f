//! Which open units undecided A-numbers may be: those of its own kommune before all others, the likeliest first.

use std::cmp::Reverse;
use std::io::Write;
use std::ops::ControlFlow;

use serde_json::json;

use crate::cli::common::{self, CliError, Common};
use crate::clock::Clock;
use crate::register::{ANummer, Institutionsnummer, Kommunekode, Niveau, Record};
use crate::store::{Selection, Store, StoreExt};

/// The least likeness of a candidate, in percent: what the same P-number alone comes to.
const LIKELY: u8 = 40;
/// The most candidates shown of one A-number.
const SHOWN: usize = 5;

/// A unit that an A-number may be.
struct Candidate {
    likeness: u8,
    record: Record,
    kommune: Option<Kommunekode>,
    /// Both kommuner are known, and they are not the same.
    foreign: bool,
}

/// An undecided A-number with its candidates.
struct Undecided {
    number: ANummer,
    rejected: Vec<Institutionsnummer>,
    /// At most [`SHOWN`].
    found: Vec<Candidate>,
    /// How many more there are.
    more: usize,
}

fn find(store: &dyn Store) -> Result<Vec<Undecided>, CliError> {
    store
        .read(|view| {
            let mut undecided = Vec::new();
            for number in view.a_numre()? {
                if number.afgjort.is_none() {
                    undecided.push(Undecided {
                        rejected: view.afviste(number.nummer)?,
                        number,
                        found: Vec::new(),
                        more: 0,
                    });
                }
            }
            let units = Selection {
                niveau: Some(Niveau::Anvisningsenhed),
                ..Selection::default()
            };
            view.records(&units, &mut |record| {
                for each in &mut undecided {
                    let likeness = each.number.likeness(&record.content);
                    if likeness >= LIKELY && !each.rejected.contains(&record.nummer) {
                        each.found.push(Candidate {
                            likeness,
                            record: record.clone(),
                            kommune: None,
                            foreign: false,
                        });
                    }
                }
                ControlFlow::Continue(())
            })?;
            for each in &mut undecided {
                for candidate in &mut each.found {
                    candidate.kommune = view.adm_kommune(candidate.record.nummer)?;
                    let both = each.number.kommune.zip(candidate.kommune);
                    candidate.foreign = both.is_some_and(|(own, of)| own != of);
                }
                each.found
                    .sort_by_key(|own| (own.foreign, Reverse(own.likeness), own.record.nummer));
                each.more = each.found.len().saturating_sub(SHOWN);
                each.found.truncate(SHOWN);
            }
            Ok(undecided)
        })
        .map_err(CliError::store("the register can't be read"))
}

pub(super) fn candidates(
    args: &Common,
    clock: &Clock,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    let (_, store) = args.config.open(clock)?;
    let undecided = find(&store)?;
    if args.json {
        let shown: Vec<_> = undecided.iter().map(as_json).collect();
        return common::json(out, &json!({"aNumre": shown}));
    }
    for Undecided {
        number,
        found,
        more,
        ..
    } in &undecided
    {
        writeln!(out, "{} {}", number.nummer, number.navn)?;
        for candidate in found {
            let (likeness, record) = (candidate.likeness, &candidate.record);
            write!(
                out,
                "    {likeness:>3} % {} {}",
                record.nummer,
                record.content.navn()
            )?;
            match candidate.kommune.filter(|_| candidate.foreign) {
                Some(kommune) => writeln!(out, " (of another kommune, {kommune})")?,
                None => writeln!(out)?,
            }
        }
        if found.is_empty() {
            writeln!(out, "    none is alike")?;
        }
        if *more > 0 {
            writeln!(out, "    and {more} more")?;
        }
    }
    Ok(writeln!(out, "{} A-numbers undecided", undecided.len())?)
}

fn as_json(each: &Undecided) -> serde_json::Value {
    let found: Vec<_> = each
        .found
        .iter()
        .map(|candidate| {
            json!({
                "nummer": candidate.record.nummer.to_string(),
                "navn": candidate.record.content.navn(),
                "lighed": candidate.likeness,
                "kommuneKode": candidate.kommune.map(|kommune| kommune.0),
                "andenKommune": candidate.foreign,
            })
        })
        .collect();
    json!({
        "aNummer": each.number.nummer.to_string(),
        "navn": each.number.navn,
        "kandidater": found,
        "flere": each.more,
    })
}
