//! The rules that a message breaks all by itself, whatever stands in the register: codes, A-numbers, a number given
//! twice, the two fields of a landsbyordning. [`super::check`] applies them with all the others; `dtr check` alone.

use std::collections::HashSet;

use crate::message::{Felt, Message, RawPost};
use crate::problem::{Problem, register};
use crate::register::{Institutionsnummer, Kodetabel, Kodetabeller, Niveau};
use crate::soap::{Kind, Operation, WriteKind};

/// The most rows of a code table that an error lists.
const MOST_CODES: usize = 20;

/// The fields that name a record, its parent, a predecessor or a successor. Not `skolensInstitutionsnummer`: that is a
/// number of another register.
const NUMBERS: [Felt; 7] = [
    Felt::DaginstitutionsNummer,
    Felt::EnhedsNummer,
    Felt::AlternativAdresseNummer,
    Felt::NytDaginstitutionsNummer,
    Felt::NytEnhedsNummer,
    Felt::Afloeser,
    Felt::AfloestAf,
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
    for post in &message.poster {
        match kind {
            WriteKind::Insert | WriteKind::Update => {
                problems.extend(codes(post, operation, tables))
            }
            WriteKind::Delete => problems.extend(closing(post, operation)),
            WriteKind::Move => {}
        }
        for felt in NUMBERS {
            for index in 0..post.all(felt).count() {
                if let Some(Err(problem)) = number(post, operation, felt, index) {
                    problems.push(*problem);
                }
            }
        }
        if kind != WriteKind::Insert {
            let felt = number_field(level);
            let own = number(post, operation, felt, 0).and_then(Result::ok);
            if let Some(number) = own.filter(|number| !seen.insert(*number)) {
                problems.push(twice(post, operation, felt, number));
            }
        }
    }
    problems
}

/// Every coded field must be in its table.
pub(super) fn codes(post: &RawPost, operation: &Operation, tables: &Kodetabeller) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (felt, table) in [
        (Felt::EjerformKode, &tables.ejerform),
        (Felt::LovgrundlagKode, &tables.lovgrundlag),
        (Felt::AdmKommuneKode, &tables.kommune),
        (Felt::InstType3, &tables.inst_type),
        (Felt::KommuneKode, &tables.kommune),
    ] {
        let Some(sent) = post.text(felt) else {
            continue;
        };
        let known = sent.parse().ok().and_then(|code| table.tekst(code));
        if known.is_none() {
            let problem = Problem::new(&register::UKENDT_KODE)
                .with("felt", felt.name())
                .with("vaerdi", sent)
                .with("tabel", &table.navn)
                .with("koder", allowed(table));
            problems.push(problem.at(post.place_of(operation.name, felt, 0)));
        }
    }
    problems
}

/// The reason `brugerSkolensNummer` and the school's number go together.
pub(super) fn closing(post: &RawPost, operation: &Operation) -> Option<Problem> {
    let uses_school = post.text(Felt::Lukkeaarsag) == Some("brugerSkolensNummer");
    if uses_school == post.get(Felt::SkolensInstitutionsnummer).is_some() {
        return None;
    }
    let felt = if uses_school {
        Felt::Lukkeaarsag
    } else {
        Felt::SkolensInstitutionsnummer
    };
    let place = post.place_of(operation.name, felt, 0);
    Some(Problem::new(&register::SKOLENS_NUMMER).at(place))
}

/// A number as sent, when it was; an A-number is refused.
pub(super) fn number(
    post: &RawPost,
    operation: &Operation,
    felt: Felt,
    index: usize,
) -> Option<Result<Institutionsnummer, Box<Problem>>> {
    let number = Institutionsnummer::parse(&post.all(felt).nth(index)?.text).ok()?;
    if !number.is_a_number() {
        return Some(Ok(number));
    }
    let problem = Problem::new(&register::A_NUMMER).with("nummer", number);
    let place = post.place_of(operation.name, felt, index);
    Some(Err(Box::new(problem.at(place))))
}

/// A number that an earlier record of the message has too.
pub(super) fn twice(
    post: &RawPost,
    operation: &Operation,
    felt: Felt,
    number: Institutionsnummer,
) -> Problem {
    Problem::new(&register::NUMMER_TO_GANGE)
        .with("nummer", number)
        .at(post.place_of(operation.name, felt, 0))
}

/// The field that carries the own number of a record.
pub(super) const fn number_field(level: Niveau) -> Felt {
    match level {
        Niveau::Daginstitution => Felt::DaginstitutionsNummer,
        Niveau::Anvisningsenhed => Felt::EnhedsNummer,
        Niveau::AlternativAdresse => Felt::AlternativAdresseNummer,
    }
}

fn allowed(table: &Kodetabel) -> String {
    table
        .listing(MOST_CODES)
        .unwrap_or_else(|| "GetKodetabeller, /kodetabeller.xml".to_owned())
}
