//! Makes a plan of what trying it came to.

use std::collections::HashMap;
use std::sync::Arc;

use super::source::Source;
use super::{Digest, Ended, MOST_TOLD, Notice, Plan, Planned, Where, digest};
use crate::import::{At, Batch, Made, Tried};
use crate::problem::{Problem, plan, register};
use crate::register::{AftaleId, Column, Content, Institutionsnummer, SystemId};
use crate::store::{self, Handling};

/// What reading a file came to, beside its writes.
#[derive(Default)]
pub(super) struct Read {
    pub(super) errors: Vec<Notice>,
    pub(super) warnings: Vec<Notice>,
    pub(super) unchanged: u64,
    pub(super) not_read: Vec<&'static str>,
    pub(super) named: Vec<Institutionsnummer>,
}

/// The plan of a file that can't be read.
pub(super) fn refused(seen: store::Position, errors: Vec<Notice>) -> Plan {
    untried(
        seen,
        Read {
            errors,
            ..Read::default()
        },
    )
}

/// The plan of a file whose writes were not tried.
pub(super) fn untried(seen: store::Position, read: Read) -> Plan {
    let mut plan = Plan {
        seen,
        openings: Vec::new(),
        changes: Vec::new(),
        moves: Vec::new(),
        closings: Vec::new(),
        unchanged: read.unchanged,
        ended: Vec::new(),
        warnings: read.warnings,
        errors: read.errors,
        more: [0, 0],
        not_read: read.not_read,
        digest: Digest::none(seen.sekvens),
        named: read.named,
        batch: None,
        sources: Arc::default(),
        expected: Vec::new(),
    };
    bound(&mut plan);
    plan
}

/// The plan of what a batch came to.
pub(super) fn plan(batch: Batch, sources: Vec<Source>, tried: Tried, mut read: Read) -> Plan {
    let digest = digest::of(&tried, &sources);
    read.unchanged += tried.idle.len() as u64;
    let orphans = tried.orphans.iter();
    let orphans = orphans.map(|at| (Some(*at), Problem::new(&plan::VENTER)));
    let errors = tried
        .errors
        .into_iter()
        .map(|(at, problem)| (Some(at), problem));
    read.errors.extend(notices(errors.chain(orphans), &sources));
    let (ends, warnings): (Vec<_>, Vec<_>) = tried
        .warnings
        .into_iter()
        .partition(|(_, problem)| *problem.entry == register::AFTALE_OPHOERT);
    let ended: Vec<_> = ends
        .iter()
        .filter_map(|(_, problem)| end_of(problem))
        .collect();
    read.warnings
        .extend(notices(warnings.into_iter(), &sources));
    let mut plan = untried(tried.seen, read);
    let mut expected: HashMap<Institutionsnummer, u32> = HashMap::new();
    for made in tried.made {
        if let Some(before) = &made.before
            && !tried.opened.contains_key(&before.nummer)
        {
            expected.entry(before.nummer).or_insert(before.life.version);
        }
        enter(&mut plan, made, &tried.opened, &sources);
    }
    let mut expected: Vec<_> = expected.into_iter().collect();
    expected.sort_unstable();
    Plan {
        ended,
        digest,
        batch: Some(batch),
        sources: Arc::new(sources),
        expected,
        ..plan
    }
}

/// Enters a change under what it does.
fn enter(
    plan: &mut Plan,
    made: Made,
    opened: &HashMap<Institutionsnummer, At>,
    sources: &[Source],
) {
    let Some(source) = sources.get(made.at.member) else {
        return;
    };
    let record = made.change.record;
    let new = opened.contains_key(&record.nummer);
    let called = |number: Institutionsnummer| match opened.get(&number) {
        None => number.to_string(),
        Some(at) => sources
            .get(at.member)
            .map_or_else(String::new, |own| own.called(at.record)),
    };
    let planned = Planned {
        place: source.place(made.at.record),
        number: (!new).then_some(record.nummer),
        called: called(record.nummer),
        level: record.niveau(),
        under: record.content.parent().map(called),
        before: made.before.map(|before| before.content),
        after: record.content,
    };
    match made.change.handling {
        Handling::Oprettet => plan.openings.push(planned),
        Handling::Flyttet => plan.moves.push(planned),
        Handling::Nedlagt => plan.closings.push(planned),
        Handling::Aendret => {
            let kommune = |content: &Content| match content {
                Content::Daginstitution(top) => Some(top.adm_kommune),
                _ => None,
            };
            let fields = planned.differing();
            let before = planned.before.as_deref().and_then(kommune);
            if before != kommune(&planned.after) {
                plan.moves.push(planned.clone());
            }
            if fields
                .iter()
                .any(|(def, ..)| def.column != Column::AdmKommune)
            {
                plan.changes.push(planned);
            }
        }
    }
}

/// Problems with their places.
pub(super) fn notices(
    problems: impl Iterator<Item = (Option<At>, Problem)>,
    sources: &[Source],
) -> Vec<Notice> {
    let placed = |(at, problem): (Option<At>, Problem)| {
        let source = at.and_then(|at| Some((sources.get(at.member)?, at.record)));
        match source {
            Some((source, record)) => source.notice(record, problem),
            None => super::nowhere(problem),
        }
    };
    problems.map(placed).collect()
}

/// The agreement that a closing ends, as its warning tells it.
fn end_of(problem: &Problem) -> Option<Ended> {
    let value = |name: &str| {
        let mut values = problem.values.iter();
        values
            .find(|(own, _)| *own == name)
            .map(|(_, value)| value.as_str())
    };
    Some(Ended {
        agreement: AftaleId::parse(value("aftale")?).ok()?,
        system: SystemId::parse(value("system")?).ok()?,
        number: Institutionsnummer::parse(value("nummer")?).ok()?,
    })
}

/// Keeps as many errors and warnings as are told, in the order of the file.
fn bound(plan: &mut Plan) {
    let line = |notice: &Notice| match &notice.place {
        Where::File => (0, 0),
        Where::Row { line, .. } => (*line, 0),
        Where::Message { line, column, .. } => (u64::from(*line), *column),
    };
    for (list, more) in [&mut plan.errors, &mut plan.warnings]
        .into_iter()
        .zip(&mut plan.more)
    {
        list.sort_by_key(line);
        *more = list.len().saturating_sub(MOST_TOLD);
        list.truncate(MOST_TOLD);
    }
}
