//! The rules that a message breaks all by itself, whatever stands in the register: codes, A-numbers, a number given
//! twice, the two fields of a landsbyordning. [`super::draft`] applies them before a write's turn, and [`super::decide`] all
//! others; `dtr check` and the first load apply these alone.

use std::collections::HashSet;

use crate::message::{Field, Message, Sent};
use crate::problem::{Group, Problem, register, schema, words};
use crate::register::{Def, Institutionsnummer, Kind, Kodetabel, Kodetabeller, Lukkeaarsag, Table};

use super::operations::{WriteKind, WriteOperation};

/// The most rows of a code table that an error lists.
const MOST_CODES: usize = 20;

/// Everything that is wrong with the records of a write as far as it can be told without the register, in record order.
pub fn alone(write: &WriteOperation, message: &Message, tables: &Kodetabeller) -> Vec<Problem> {
    let (kind, level) = (write.kind, write.level);
    let mut problems = Vec::new();
    let mut seen = HashSet::new();
    for sent in &message.records {
        problems.extend(codes(sent, kind, tables));
        problems.extend(closing(sent, kind));
        problems.extend(
            sent.all_numbers()
                .filter_map(|number| a_number(sent, number)),
        );
        problems.extend(lineage(sent));
        let own = sent.number(level.number());
        if let Some(number) = own.filter(|own| !own.is_a_number() && !seen.insert(*own)) {
            problems.push(twice(sent, number));
        }
    }
    problems
}

/// Every coded field of a whole record must be in its table.
pub(super) fn codes(sent: &Sent, kind: WriteKind, tables: &Kodetabeller) -> Vec<Problem> {
    if !matches!(kind, WriteKind::Insert | WriteKind::Update) {
        return Vec::new();
    }
    let mut coded: Vec<_> = sent.level().fields().collect();
    // The report of a first load names the record's own codes before that of its address.
    coded.sort_by_key(|def| def.field.in_address());
    let unknown = |def: &Def| {
        let Kind::Code(table) = def.kind else {
            return None;
        };
        let text = sent.text(def.field)?;
        let code = match table {
            Table::Kommune => sent.kommune(def.field).map(|kommune| i32::from(kommune.0)),
            _ => sent.code(def.field),
        };
        let table = tables.of(table);
        if code.is_some_and(|code| table.tekst(code).is_some()) {
            return None;
        }
        let problem = Problem::new(&register::UKENDT_KODE)
            .with("felt", def.field.name())
            .with("vaerdi", text)
            .with("tabel", &table.navn)
            .with_words("raad", allowed(table));
        Some(problem.at(sent.place_of(def.field)))
    };
    coded.into_iter().filter_map(unknown).collect()
}

/// The reason `brugerSkolensNummer` and the school's number go together.
pub(super) fn closing(sent: &Sent, kind: WriteKind) -> Option<Problem> {
    let uses_school = sent.reason(Field::Lukkeaarsag) == Some(Lukkeaarsag::BrugerSkolensNummer);
    let has_school = sent.get(Field::SkolensInstitutionsnummer).is_some();
    if kind != WriteKind::Delete || uses_school == has_school {
        return None;
    }
    let field = if uses_school {
        Field::Lukkeaarsag
    } else {
        Field::SkolensInstitutionsnummer
    };
    Some(Problem::new(&register::SKOLENS_NUMMER).at(sent.place_of(field)))
}

/// Predecessors and successors are named once each, and none is the record itself.
pub(super) fn lineage(sent: &Sent) -> Vec<Problem> {
    let own = sent.number(sent.level().number());
    let mut problems = Vec::new();
    for field in [Field::Afloeser, Field::AfloestAf] {
        let mut seen = HashSet::new();
        for (index, number) in sent.numbers(field).enumerate() {
            if Some(number) == own || !seen.insert(number) {
                let problem = Problem::new(&register::AFLOESER_IGEN)
                    .with("felt", field.name())
                    .with("nummer", number);
                problems.push(problem.at(sent.place_of_nth(field, index)));
            }
        }
    }
    problems
}

/// The error of an A-number where a record of the register is named. The school's number is one of another register.
pub(super) fn a_number(
    sent: &Sent,
    (field, index, number): (Field, usize, Institutionsnummer),
) -> Option<Problem> {
    if field == Field::SkolensInstitutionsnummer || !number.is_a_number() {
        return None;
    }
    let problem = Problem::new(&register::A_NUMMER).with("nummer", number);
    Some(problem.at(sent.place_of_nth(field, index)))
}

/// A number that an earlier record of the message has too.
pub(super) fn twice(sent: &Sent, number: Institutionsnummer) -> Problem {
    Problem::new(&register::NUMMER_TO_GANGE)
        .with("nummer", number)
        .at(sent.place_of(sent.level().number()))
}

/// Which codes there are, or where they stand when they are many.
fn allowed(table: &Kodetabel) -> [String; 2] {
    match table.listing(MOST_CODES) {
        Some(codes) => words!("Koderne er: {codes}", "The codes are: {codes}"),
        None => words!(
            "Se koderne i GetKodetabeller eller /kodetabeller.xml",
            "See the codes in GetKodetabeller or /kodetabeller.xml"
        ),
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
            let form = words!(
                "kodens tal, en af: {codes}",
                "the code's number, one of: {codes}"
            );
            problem.set_words("form", form);
        }
    }
}

/// Leaves out what the rules conclude from a field's absence where the schema had something to say of the record: the
/// field may be there, and then it is one mistake.
pub fn independent(problems: &mut Vec<Problem>) {
    let mut refused: Vec<(Option<u32>, bool)> = Vec::new();
    for problem in problems
        .iter()
        .filter(|own| own.entry.group == Group::Schema)
    {
        let path = problem.place.sti.as_deref().unwrap_or_default();
        refused.push((problem.place.nr, path.contains("/adresse")));
    }
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
