//! The rules that a message breaks all by itself, whatever stands in the register: codes, A-numbers, a number given
//! twice, the two fields of a landsbyordning. [`super::check`] applies them with all the others; `dtr check` alone.

use std::collections::HashSet;

use crate::message::{Field, Message, RawRecord};
use crate::problem::{Problem, register, schema};
use crate::register::{Institutionsnummer, Kodetabel, Kodetabeller, Niveau};
use crate::soap::{Kind, Operation, WriteKind};

/// The most rows of a code table that an error lists.
const MOST_CODES: usize = 20;

/// The fields that name a record, its parent, a predecessor or a successor. Not `skolensInstitutionsnummer`: that is a
/// number of another register.
const NUMBERS: [Field; 7] = [
    Field::DaginstitutionsNummer,
    Field::EnhedsNummer,
    Field::AlternativAdresseNummer,
    Field::NytDaginstitutionsNummer,
    Field::NytEnhedsNummer,
    Field::Afloeser,
    Field::AfloestAf,
];

/// Everything that is wrong with the records of a write as far as it can be told without the register, in record order.
pub fn alone(
    operation: &'static Operation,
    message: &Message,
    tables: &Kodetabeller,
) -> Vec<Problem> {
    let Kind::Write(kind, level) = operation.kind else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    let mut seen = HashSet::new();
    for record in &message.records {
        match kind {
            WriteKind::Insert | WriteKind::Update => {
                problems.extend(codes(record, operation, tables))
            }
            WriteKind::Delete => problems.extend(closing(record, operation)),
            WriteKind::Move => {}
        }
        for field in NUMBERS {
            for index in 0..record.all(field).count() {
                if let Some(Err(problem)) = number(record, operation, field, index) {
                    problems.push(*problem);
                }
            }
        }
        problems.extend(lineage(record, operation, level));
        if kind != WriteKind::Insert {
            let field = number_field(level);
            let own = number(record, operation, field, 0).and_then(Result::ok);
            if let Some(number) = own.filter(|number| !seen.insert(*number)) {
                problems.push(twice(record, operation, field, number));
            }
        }
    }
    problems
}

/// Every coded field must be in its table.
pub(super) fn codes(
    record: &RawRecord,
    operation: &Operation,
    tables: &Kodetabeller,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (field, table) in [
        (Field::EjerformKode, &tables.ejerform),
        (Field::LovgrundlagKode, &tables.lovgrundlag),
        (Field::AdmKommuneKode, &tables.kommune),
        (Field::InstType3, &tables.inst_type),
        (Field::KommuneKode, &tables.kommune),
    ] {
        let Some(sent) = record.text(field) else {
            continue;
        };
        let known = sent.parse().ok().and_then(|code| table.tekst(code));
        if known.is_none() {
            let problem = Problem::new(&register::UKENDT_KODE)
                .with("felt", field.name())
                .with("vaerdi", sent)
                .with("tabel", &table.navn)
                .with_words("raad", allowed(table));
            problems.push(problem.at(record.place_of(operation.name, field, 0)));
        }
    }
    problems
}

/// The reason `brugerSkolensNummer` and the school's number go together.
pub(super) fn closing(record: &RawRecord, operation: &Operation) -> Option<Problem> {
    let uses_school = record.text(Field::Lukkeaarsag) == Some("brugerSkolensNummer");
    if uses_school == record.get(Field::SkolensInstitutionsnummer).is_some() {
        return None;
    }
    let field = if uses_school {
        Field::Lukkeaarsag
    } else {
        Field::SkolensInstitutionsnummer
    };
    let place = record.place_of(operation.name, field, 0);
    Some(Problem::new(&register::SKOLENS_NUMMER).at(place))
}

/// Predecessors and successors are named once each, and none is the record itself.
pub(super) fn lineage(record: &RawRecord, operation: &Operation, level: Niveau) -> Vec<Problem> {
    let own = record
        .text(number_field(level))
        .filter(|_| level_is_own(operation));
    let mut problems = Vec::new();
    for field in [Field::Afloeser, Field::AfloestAf] {
        let mut seen = HashSet::new();
        for (index, value) in record.all(field).enumerate() {
            let number = value.text.as_str();
            if Some(number) == own || !seen.insert(number) {
                let problem = Problem::new(&register::AFLOESER_IGEN)
                    .with("felt", field.name())
                    .with("nummer", number);
                problems.push(problem.at(record.place_of(operation.name, field, index)));
            }
        }
    }
    problems
}

/// Whether the operation's records carry their own number: all but inserts, where that field may name the parent.
fn level_is_own(operation: &Operation) -> bool {
    !matches!(operation.kind, Kind::Write(WriteKind::Insert, _))
}

/// A number as sent, when it was; an A-number is refused.
pub(super) fn number(
    record: &RawRecord,
    operation: &Operation,
    field: Field,
    index: usize,
) -> Option<Result<Institutionsnummer, Box<Problem>>> {
    let number = Institutionsnummer::parse(&record.all(field).nth(index)?.text).ok()?;
    if !number.is_a_number() {
        return Some(Ok(number));
    }
    let problem = Problem::new(&register::A_NUMMER).with("nummer", number);
    let place = record.place_of(operation.name, field, index);
    Some(Err(Box::new(problem.at(place))))
}

/// A number that an earlier record of the message has too.
pub(super) fn twice(
    record: &RawRecord,
    operation: &Operation,
    field: Field,
    number: Institutionsnummer,
) -> Problem {
    Problem::new(&register::NUMMER_TO_GANGE)
        .with("nummer", number)
        .at(record.place_of(operation.name, field, 0))
}

/// The field that carries the own number of a record.
pub(super) const fn number_field(level: Niveau) -> Field {
    match level {
        Niveau::Daginstitution => Field::DaginstitutionsNummer,
        Niveau::Anvisningsenhed => Field::EnhedsNummer,
        Niveau::AlternativAdresse => Field::AlternativAdresseNummer,
    }
}

/// Which codes there are, or where they stand when they are many.
fn allowed(table: &Kodetabel) -> [String; 2] {
    match table.listing(MOST_CODES) {
        Some(codes) => [
            format!("Koderne er: {codes}"),
            format!("The codes are: {codes}"),
        ],
        None => [
            "Se koderne i GetKodetabeller eller /kodetabeller.xml".to_owned(),
            "See the codes in GetKodetabeller or /kodetabeller.xml".to_owned(),
        ],
    }
}

/// Tells which codes there are where the schema refused one that is no number.
pub fn name_codes(problems: &mut [Problem], tables: &Kodetabeller) {
    for problem in problems {
        let of_type = problem.values.iter().find(|(name, _)| *name == "type_name");
        let table = match of_type.map(|(_, type_name)| type_name.as_str()) {
            Some("EjerformKode") => &tables.ejerform,
            Some("LovgrundlagKode") => &tables.lovgrundlag,
            Some("InstType3") => &tables.inst_type,
            _ => continue,
        };
        if *problem.entry == schema::FORKERT_VAERDI
            && let Some(codes) = table.listing(MOST_CODES)
        {
            let da = format!("kodens tal, en af: {codes}");
            let en = format!("the code's number, one of: {codes}");
            problem.set_words("form", [da, en]);
        }
    }
}

/// Leaves out what the rules conclude from a field's absence where the schema had something to say of the record: the
/// field may be there, and then it is one mistake.
pub fn independent(problems: &mut Vec<Problem>) {
    let of_schema = |problem: &&Problem| problem.entry.kode.starts_with("DTR4");
    let refused: Vec<(Option<u32>, bool)> = problems
        .iter()
        .filter(of_schema)
        .map(|problem| {
            let path = problem.place.sti.as_deref().unwrap_or_default();
            (problem.place.nr, path.contains("/adresse"))
        })
        .collect();
    if refused.is_empty() {
        return;
    }
    let addresses = [
        &register::ADRESSE_UKENDT,
        &register::ADRESSE_LUKKET,
        &register::ADRESSE_FLERTYDIG,
    ];
    problems.retain(|problem| {
        let here = |nr: &Option<u32>| nr.is_none() || *nr == problem.place.nr;
        let record = refused.iter().any(|(nr, _)| here(nr));
        let address = refused.iter().any(|(nr, address)| *address && here(nr));
        let follows = *problem.entry == register::SKOLENS_NUMMER && record
            || addresses.contains(&problem.entry) && address;
        !follows
    });
}
