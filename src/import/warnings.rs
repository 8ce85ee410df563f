//! What a write is warned of, and carried out all the same (kontrakt §7): names that read as what does not belong here,
//! likely double registrations, shared P-numbers. Asked after the rules accepted the message and before the record is
//! written.

use std::ops::ControlFlow;

use crate::message::{Field, Sent};
use crate::problem::{Problem, register};
use crate::register::{
    Column, Content, DAGPLEJE, Institutionsnummer, Niveau, PNummer, Record, likeness,
    looks_like_a_person,
};
use crate::store::{Result, Selection, Write};

/// The most other records that a warning names.
const MOST_NAMED: usize = 5;
/// The least likeness that is called a likely double registration: the name alone is 60, and names are not unique.
const LIKELY: u8 = 80;
/// Fritidshjem and clubs, which a skolefritidsordning could be taken for.
const FRITID: [i32; 2] = [6020, 6021];

/// Everything to be told of a record that is about to be written. Of numbers that this very message got in a dry
/// run, `reserved` knows the position: they are not shown, since nothing is reserved.
pub(super) fn advarsler(
    sent: &Sent,
    record: &Record,
    before: Option<&Content>,
    tx: &dyn Write,
    reserved: &dyn Fn(Institutionsnummer) -> String,
) -> Result<Vec<Problem>> {
    let mut warnings = Vec::new();
    let mut fields = sent.level().fields();
    let own_name = fields.find(|def| def.column == Column::Navn);
    let place = || own_name.map_or_else(|| sent.place(), |def| sent.place_of(def.field));
    let at_name = |problem: Problem| problem.at(place());
    let name_changed = before.is_none_or(|before| before.navn() != record.content.navn());
    if name_changed && let Some(problem) = name(&record.content) {
        warnings.push(at_name(problem));
    }
    if before.is_none() {
        let double = double(record, tx, reserved)?;
        warnings.extend(double.map(at_name));
        let open = succeeds_open(record, tx)?;
        warnings.extend(open.map(|problem| problem.at(sent.place_of(Field::Afloeser))));
    }
    let p_number = record.content.p_nummer();
    if let Some(number) = p_number
        && before.is_none_or(|before| before.p_nummer() != p_number)
        && let Some(problem) = shared(record, number, tx, reserved)?
    {
        warnings.push(problem.at(sent.place_of(Field::PNummer)));
    }
    Ok(warnings)
}

/// Records that a new one succeeds and that are open all the same.
fn succeeds_open(record: &Record, tx: &dyn Write) -> Result<Option<Problem>> {
    let mut open = Vec::new();
    for &number in &record.life.afloeser {
        let earlier = tx.record(number)?.filter(Record::is_active);
        open.extend(earlier.map(|earlier| earlier.nummer.to_string()));
    }
    Ok((!open.is_empty())
        .then(|| Problem::new(&register::AFLOEST_AABEN).with("numre", open.join(", "))))
}

/// A name that reads as one person's, or as a skolefritidsordning's.
fn name(content: &Content) -> Option<Problem> {
    let Content::Anvisningsenhed(unit) = content else {
        return None;
    };
    let entry = if unit.inst_type == DAGPLEJE && looks_like_a_person(&unit.navn) {
        &register::NAVN_SOM_PERSON
    } else if FRITID.contains(&unit.inst_type) && is_sfo(&unit.navn) {
        &register::NAVN_SOM_SFO
    } else {
        return None;
    };
    Some(Problem::new(entry).with("navn", &unit.navn))
}

fn is_sfo(navn: &str) -> bool {
    let navn = navn.to_lowercase();
    let mut words = navn.split(|c: char| !c.is_alphanumeric());
    navn.contains("skolefritidsordning") || words.any(|word| word == "sfo")
}

/// Open records of the same level and name that are alike: of a daginstitution in the same kommune, of the others at the
/// same address.
fn double(
    record: &Record,
    tx: &dyn Write,
    reserved: &dyn Fn(Institutionsnummer) -> String,
) -> Result<Option<Problem>> {
    let same_name = Selection {
        niveau: Some(record.niveau()),
        navn_er: Some(record.content.navn().to_owned()),
        adm_kommune: match &*record.content {
            Content::Daginstitution(top) => Some(top.adm_kommune),
            _ => None,
        },
        ..Selection::default()
    };
    // Mostly there are none, which is cheaper to see than to read.
    if !tx.has_more_than(&same_name, 0)? {
        return Ok(None);
    }
    let mut alike = Vec::new();
    tx.records(&same_name, &mut |other| {
        let likeness = likeness(&record.content, &other.content);
        let likely = likeness >= LIKELY || record.niveau() == Niveau::Daginstitution;
        if likely && other.nummer != record.nummer {
            alike.push((likeness, other.nummer));
        }
        ControlFlow::Continue(())
    })?;
    alike.sort_by_key(|(likeness, number)| (std::cmp::Reverse(*likeness), *number));
    Ok(alike.first().map(|(likeness, _)| {
        let numbers = alike.iter().map(|(_, number)| *number);
        Problem::new(&register::MULIG_DOBBELT)
            .with("navn", record.content.navn())
            .with("numre", named(numbers, reserved))
            .with("lighed", likeness)
    }))
}

/// Other open records with the same P-number.
fn shared(
    record: &Record,
    number: PNummer,
    tx: &dyn Write,
    reserved: &dyn Fn(Institutionsnummer) -> String,
) -> Result<Option<Problem>> {
    let same_number = Selection {
        p_nummer: Some(number),
        ..Selection::default()
    };
    if !tx.has_more_than(&same_number, 0)? {
        return Ok(None);
    }
    let mut others = Vec::new();
    tx.records(&same_number, &mut |other| {
        if other.nummer != record.nummer {
            others.push(other.nummer);
        }
        if others.len() > MOST_NAMED {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    Ok((!others.is_empty()).then(|| {
        Problem::new(&register::DELT_P_NUMMER)
            .with("pNummer", number)
            .with("numre", named(others.into_iter(), reserved))
    }))
}

fn named(
    numbers: impl Iterator<Item = Institutionsnummer>,
    reserved: &dyn Fn(Institutionsnummer) -> String,
) -> String {
    let mut texts: Vec<String> = numbers.take(MOST_NAMED + 1).map(reserved).collect();
    if texts.len() > MOST_NAMED {
        texts.truncate(MOST_NAMED);
        texts.push("…".to_owned());
    }
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::is_sfo;

    #[test]
    fn a_skolefritidsordning_by_name() {
        for navn in [
            "SFO Solen",
            "Nordskolens sfo",
            "Skolefritidsordningen Nord",
            "SFO-klub",
        ] {
            assert!(is_sfo(navn), "{navn}");
        }
        for navn in ["Fritidshjemmet Solen", "Asfodel", "Klub 2"] {
            assert!(!is_sfo(navn), "{navn}");
        }
    }
}
