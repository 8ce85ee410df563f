//! The matrix, and what it does not say: days, both sides of a change, and what the configuration leaves to the kommune.

use super::*;
use crate::agreements::PrivateRules;
use crate::register::{
    AftaleId, Cvr, Dato, Institutionsnummer, Omfang, PNummer, SystemId, Tidspunkt, Tjeneste,
};
use crate::store::Organisation;

const AARHUS: Kommunekode = Kommunekode(751);
const KOEBENHAVN: Kommunekode = Kommunekode(101);

fn cvr(text: &str) -> Cvr {
    Cvr::parse(text).unwrap()
}

fn owner() -> Cvr {
    cvr("11111111")
}

fn day(text: &str) -> Dato {
    Dato::parse(text).unwrap()
}

fn rights(art: OrgKind) -> Rights {
    Rights {
        organisation: Organisation {
            cvr: if art == OrgKind::PrivatEjer {
                owner()
            } else {
                cvr("55133018")
            },
            navn: "x".into(),
            art,
            kommune: (art == OrgKind::Kommune).then_some(AARHUS),
            oprettet: Tidspunkt::from_millis(0),
            lukket: None,
        },
        system_closed: false,
        aftaler: Vec::new(),
        today: day("2026-06-15"),
        sagsnummer: false,
        privat: PrivateRules::default(),
    }
}

fn agreement(part: Part, omfang: Omfang) -> Aftale {
    Aftale {
        id: AftaleId(1),
        system: SystemId(1),
        part,
        tjeneste: Tjeneste::Import,
        omfang,
        fra: day("2026-01-01"),
        til: None,
        overlap: false,
        oprettet: Tidspunkt::from_millis(0),
        lukket: None,
        afloeser: None,
    }
}

fn vendor(aftaler: Vec<Aftale>) -> Rights {
    Rights {
        aftaler,
        ..rights(OrgKind::Leverandoer)
    }
}

fn of_aarhus(omfang: Omfang) -> Aftale {
    agreement(Part::Kommune(AARHUS), omfang)
}

/// A record of Aarhus: a unit, or the daginstitution itself.
fn place(level: Niveau) -> Sted {
    let numbers: &[&str] = match level {
        Niveau::Daginstitution => &["G30001"],
        Niveau::Anvisningsenhed => &["G30002", "G30001"],
        Niveau::AlternativAdresse => &["G30003", "G30002", "G30001"],
    };
    Sted {
        kommune: AARHUS,
        privat: false,
        numre: numbers
            .iter()
            .map(|text| Institutionsnummer::parse(text).unwrap())
            .collect(),
        p_nummer: (level != Niveau::Daginstitution).then(|| PNummer::parse("1000000001").unwrap()),
        ejer: None,
    }
}

fn private(level: Niveau, ejer: Option<Cvr>) -> Sted {
    Sted {
        privat: true,
        ejer,
        ..place(level)
    }
}

/// The caller of a row of the matrix, and where the record stands that it writes.
fn situation(name: &str, level: Niveau) -> (Rights, Sted) {
    let public = place(level);
    let expired = Aftale {
        til: Some(day("2026-06-14")),
        ..of_aarhus(Omfang::Alle)
    };
    let other_p = of_aarhus(Omfang::PNumre(vec![PNummer::parse("1000000002").unwrap()]));
    match name {
        "egen-kommune" => (rights(OrgKind::Kommune), public),
        "anden-kommune" => {
            let elsewhere = Sted {
                kommune: KOEBENHAVN,
                ..public
            };
            (rights(OrgKind::Kommune), elsewhere)
        }
        "ejer-eget" => (rights(OrgKind::PrivatEjer), private(level, Some(owner()))),
        "ejer-andres" => {
            let others = private(level, Some(cvr("22222222")));
            (rights(OrgKind::PrivatEjer), others)
        }
        "kommune-paa-privat" => (rights(OrgKind::Kommune), private(level, Some(owner()))),
        "leverandoer-aftale" => (vendor(vec![of_aarhus(Omfang::Alle)]), public),
        "leverandoer-begge" => {
            let other = agreement(Part::Kommune(KOEBENHAVN), Omfang::Alle);
            (vendor(vec![of_aarhus(Omfang::Alle), other]), public)
        }
        "leverandoer-udloebet" => (vendor(vec![expired]), public),
        "leverandoer-andet-p-nummer" => (vendor(vec![other_p]), public),
        "leverandoer-uden-aftale" => (vendor(Vec::new()), public),
        "lukket" => {
            let mut closed = rights(OrgKind::Kommune);
            closed.organisation.lukket = Some(Tidspunkt::from_millis(1));
            (closed, public)
        }
        "aftager" => (rights(OrgKind::Aftager), public),
        "operatoer" => {
            let with_case = Rights {
                sagsnummer: true,
                ..rights(OrgKind::Operatoer)
            };
            (with_case, public)
        }
        other => panic!("an unknown caller: {other}"),
    }
}

fn word(decision: Result<Reason, Denied>) -> &'static str {
    decision.map_or_else(Denied::as_str, Reason::as_str)
}

/// The operation's kind and level; none for one that reads.
fn write_of(operation: &str) -> Option<(WriteKind, Niveau)> {
    let name = operation.split(' ').next()?;
    let kinds = [
        ("Insert", WriteKind::Insert),
        ("Update", WriteKind::Update),
        ("Delete", WriteKind::Delete),
        ("Move", WriteKind::Move),
    ];
    let (prefix, kind) = kinds
        .into_iter()
        .find(|(prefix, _)| name.starts_with(prefix))?;
    let level = match &name[prefix.len()..] {
        "Daginstitution" => Niveau::Daginstitution,
        "AnvisningsEnhed" => Niveau::Anvisningsenhed,
        "AlternativAdresse" => Niveau::AlternativAdresse,
        other => panic!("an unknown level: {other}"),
    };
    Some((kind, level))
}

#[test]
fn the_matrix_is_what_is_decided() {
    let mut decided = 0;
    let rows = include_str!("../../../fixtures/authorise/matrix.csv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .skip(1);
    for row in rows {
        let cells: Vec<&str> = row.split(';').collect();
        let [operation, caller, wanted, _] = cells[..] else {
            panic!("{row}: not four columns");
        };
        let Some((kind, level)) = write_of(operation) else {
            continue;
        };
        let (rights, sted) = situation(caller, level);
        let mut there = sted.clone();
        if operation.ends_with(" ny-kommune") {
            there.kommune = match sted.kommune {
                AARHUS => KOEBENHAVN,
                _ => AARHUS,
            };
        }
        let (before, after) = match kind {
            WriteKind::Insert => (None, Some(&sted)),
            WriteKind::Delete => (Some(&sted), None),
            WriteKind::Update | WriteKind::Move => (Some(&sted), Some(&there)),
        };
        let decision = authorise(&rights, kind, level, before, after);
        assert_eq!(word(decision), wanted, "{row}");
        decided += 1;
    }
    assert_eq!(decided, 12 * 12 + 13);
}

#[test]
fn both_sides_of_a_change_count() {
    let unit = Niveau::Anvisningsenhed;
    let here = place(unit);
    let there = Sted {
        kommune: KOEBENHAVN,
        ..here.clone()
    };
    let kommune = rights(OrgKind::Kommune);
    let decide = |before, after| authorise(&kommune, WriteKind::Move, unit, before, after);
    assert_eq!(decide(Some(&here), Some(&here)), Ok(Reason::EgenKommune));
    assert_eq!(
        decide(Some(&here), Some(&there)),
        Err(Denied::BeggeKommuner)
    );
    assert_eq!(decide(Some(&there), Some(&here)), Err(Denied::OtherKommune));
    // Nothing to judge is no right.
    assert_eq!(decide(None, None), Err(Denied::NoAgreement));
    // Two agreements may hold one side each.
    let both = vendor(vec![
        of_aarhus(Omfang::Alle),
        agreement(Part::Kommune(KOEBENHAVN), Omfang::Alle),
    ]);
    let decision = authorise(&both, WriteKind::Move, unit, Some(&here), Some(&there));
    assert_eq!(decision, Ok(Reason::Aftale));
}

#[test]
fn a_change_of_kommune_needs_both_kommuner_whoever_owns_it() {
    let top = Niveau::Daginstitution;
    let here = private(top, Some(owner()));
    let there = Sted {
        kommune: KOEBENHAVN,
        ..here.clone()
    };
    let to = |kommune| agreement(Part::Kommune(kommune), Omfang::Alle);
    let from_owner = agreement(Part::Ejer(owner()), Omfang::Alle);
    let expired = Aftale {
        til: Some(day("2026-06-14")),
        ..to(KOEBENHAVN)
    };
    let with = |art, aftaler: &[&Aftale]| Rights {
        aftaler: aftaler.iter().copied().cloned().collect(),
        ..rights(art)
    };
    let (ejer, kommune, vendor) = (OrgKind::PrivatEjer, OrgKind::Kommune, OrgKind::Leverandoer);
    for (rights, wanted) in [
        (with(ejer, &[]), Err(Denied::BeggeKommuner)),
        (with(ejer, &[&from_owner]), Err(Denied::BeggeKommuner)),
        (with(vendor, &[&from_owner]), Err(Denied::BeggeKommuner)),
        (
            with(vendor, &[&from_owner, &to(AARHUS)]),
            Err(Denied::BeggeKommuner),
        ),
        (
            with(vendor, &[&from_owner, &to(KOEBENHAVN)]),
            Err(Denied::BeggeKommuner),
        ),
        (
            with(vendor, &[&to(AARHUS), &expired]),
            Err(Denied::BeggeKommuner),
        ),
        (
            with(vendor, &[&to(AARHUS), &to(KOEBENHAVN)]),
            Ok(Reason::Aftale),
        ),
        (with(kommune, &[]), Err(Denied::BeggeKommuner)),
        (with(kommune, &[&to(KOEBENHAVN)]), Ok(Reason::Aftale)),
        (
            with(ejer, &[&to(AARHUS), &to(KOEBENHAVN)]),
            Ok(Reason::Aftale),
        ),
    ] {
        let decision = authorise(&rights, WriteKind::Update, top, Some(&here), Some(&there));
        assert_eq!(decision, wanted, "{rights:?}");
    }
    // Where kommuner leave private dagtilbud to their owners, none of the two moves one.
    let both = Rights {
        privat: PrivateRules {
            by_kommune: false,
            by_owner: true,
        },
        ..with(vendor, &[&to(AARHUS), &to(KOEBENHAVN), &from_owner])
    };
    let decision = authorise(&both, WriteKind::Update, top, Some(&here), Some(&there));
    assert_eq!(decision, Err(Denied::BeggeKommuner));
}

#[test]
fn an_agreement_gives_a_right_to_those_who_can_have_one_by_it() {
    let unit = Niveau::Anvisningsenhed;
    let elsewhere = Sted {
        kommune: KOEBENHAVN,
        ..place(unit)
    };
    for (art, _) in OrgKind::ALL {
        let rights = Rights {
            aftaler: vec![agreement(Part::Kommune(KOEBENHAVN), Omfang::Alle)],
            sagsnummer: true,
            ..rights(art)
        };
        let decision = authorise(&rights, WriteKind::Update, unit, Some(&elsewhere), None);
        assert_eq!(
            decision == Ok(Reason::Aftale),
            writes_by_agreement(art),
            "{art:?}"
        );
    }
}

#[test]
fn an_agreement_is_for_its_service_days_and_scope() {
    let unit = Niveau::Anvisningsenhed;
    let sted = place(unit);
    let decide = |aftaler| {
        authorise(
            &vendor(aftaler),
            WriteKind::Update,
            unit,
            Some(&sted),
            Some(&sted),
        )
    };
    let reads = Aftale {
        tjeneste: Tjeneste::Eksport,
        ..of_aarhus(Omfang::Alle)
    };
    let to_come = Aftale {
        fra: day("2026-06-16"),
        ..of_aarhus(Omfang::Alle)
    };
    let today = Aftale {
        fra: day("2026-06-15"),
        til: Some(day("2026-06-15")),
        ..of_aarhus(Omfang::Alle)
    };
    let p = Omfang::PNumre(vec![PNummer::parse("1000000001").unwrap()]);
    let top = Omfang::Institutioner(vec![Institutionsnummer::parse("G30001").unwrap()]);
    let other = Omfang::Institutioner(vec![Institutionsnummer::parse("G39999").unwrap()]);
    for (aftaler, wanted) in [
        (vec![reads.clone()], Err(Denied::NoAgreement)),
        (vec![to_come.clone()], Err(Denied::AftaleUdloebet)),
        (vec![today.clone()], Ok(Reason::Aftale)),
        (vec![to_come, today], Ok(Reason::Aftale)),
        (vec![of_aarhus(p)], Ok(Reason::Aftale)),
        (vec![of_aarhus(top)], Ok(Reason::Aftale)),
        (vec![of_aarhus(other), reads], Err(Denied::NoAgreement)),
    ] {
        assert_eq!(decide(aftaler.clone()), wanted, "{aftaler:?}");
    }
}

#[test]
fn private_dagtilbud_are_left_to_whom_the_configuration_says() {
    let unit = Niveau::Anvisningsenhed;
    let sted = private(unit, Some(owner()));
    let not_by_kommune = PrivateRules {
        by_kommune: false,
        by_owner: true,
    };
    let not_by_owner = PrivateRules {
        by_kommune: true,
        by_owner: false,
    };
    let decide = |rights: Rights, privat, sted: &Sted| {
        let rights = Rights { privat, ..rights };
        authorise(&rights, WriteKind::Update, unit, Some(sted), Some(sted))
    };
    let kommune = || rights(OrgKind::Kommune);
    assert_eq!(
        decide(kommune(), not_by_kommune, &sted),
        Err(Denied::PrivatAfEjer)
    );
    assert_eq!(
        decide(kommune(), not_by_owner, &sted),
        Ok(Reason::EgenKommune)
    );
    // What is not private stays the kommune's.
    assert_eq!(
        decide(kommune(), not_by_kommune, &place(unit)),
        Ok(Reason::EgenKommune)
    );
    let ejer = || rights(OrgKind::PrivatEjer);
    assert_eq!(decide(ejer(), not_by_owner, &sted), Err(Denied::IkkeEjer));
    assert_eq!(decide(ejer(), not_by_kommune, &sted), Ok(Reason::EgenEjer));
    // Nor does a kommune's agreement reach further than the kommune.
    let by_kommune = || vendor(vec![of_aarhus(Omfang::Alle)]);
    assert_eq!(
        decide(by_kommune(), not_by_kommune, &sted),
        Err(Denied::NoAgreement)
    );
    assert_eq!(
        decide(by_kommune(), not_by_kommune, &place(unit)),
        Ok(Reason::Aftale)
    );
    let by_owner = || vendor(vec![agreement(Part::Ejer(owner()), Omfang::Alle)]);
    assert_eq!(
        decide(by_owner(), not_by_kommune, &sted),
        Ok(Reason::Aftale)
    );
    assert_eq!(decide(by_owner(), not_by_owner, &sted), Ok(Reason::Aftale));
}

#[test]
fn an_owner_has_what_is_proven_to_be_its_own() {
    let unit = Niveau::Anvisningsenhed;
    let ejer = rights(OrgKind::PrivatEjer);
    let decide = |level, kind, sted: &Sted| authorise(&ejer, kind, level, Some(sted), None);
    let unproven = private(unit, None);
    assert_eq!(
        decide(unit, WriteKind::Update, &unproven),
        Err(Denied::IkkeEjer)
    );
    // Its CVR number on something that is not private gives nothing.
    let public = Sted {
        ejer: Some(owner()),
        ..place(unit)
    };
    assert_eq!(
        decide(unit, WriteKind::Update, &public),
        Err(Denied::IkkeEjer)
    );
    // It closes its units, not its daginstitution.
    let own = private(unit, Some(owner()));
    assert_eq!(decide(unit, WriteKind::Delete, &own), Ok(Reason::EgenEjer));
    let top = private(Niveau::Daginstitution, Some(owner()));
    let level = Niveau::Daginstitution;
    assert_eq!(
        decide(level, WriteKind::Delete, &top),
        Err(Denied::IkkeEjer)
    );
    assert_eq!(decide(level, WriteKind::Update, &top), Ok(Reason::EgenEjer));
    // With an agreement it does.
    let with = Rights {
        aftaler: vec![agreement(Part::Ejer(owner()), Omfang::Alle)],
        ..ejer.clone()
    };
    let closes = authorise(&with, WriteKind::Delete, level, Some(&top), None);
    assert_eq!(closes, Ok(Reason::Aftale));
}

#[test]
fn closed_callers_and_the_operator_without_a_case() {
    let unit = Niveau::Anvisningsenhed;
    let sted = place(unit);
    let decide = |rights: &Rights| authorise(rights, WriteKind::Update, unit, Some(&sted), None);
    assert_eq!(decide(&rights(OrgKind::Operatoer)), Err(Denied::IngenSag));
    let closed = Rights {
        system_closed: true,
        ..vendor(vec![of_aarhus(Omfang::Alle)])
    };
    assert_eq!(decide(&closed), Err(Denied::Lukket));
    assert_eq!(Denied::IngenSag.as_str(), "ingen-sag");
    assert_eq!(Denied::PrivatAfEjer.as_str(), "privat-af-ejer");
}

#[test]
fn a_new_daginstitution_is_judged_by_the_kommune_it_names() {
    let kommune = rights(OrgKind::Kommune);
    assert_eq!(kommune.in_kommune(AARHUS, false), Ok(Reason::EgenKommune));
    assert_eq!(kommune.in_kommune(AARHUS, true), Ok(Reason::EgenKommune));
    assert_eq!(
        kommune.in_kommune(KOEBENHAVN, false),
        Err(Denied::OtherKommune)
    );
    let numbers = Omfang::Institutioner(vec![Institutionsnummer::parse("G30001").unwrap()]);
    let scoped = vendor(vec![of_aarhus(numbers)]);
    assert_eq!(scoped.in_kommune(AARHUS, false), Err(Denied::NoAgreement));
    let ejer = rights(OrgKind::PrivatEjer);
    assert_eq!(ejer.in_kommune(AARHUS, true), Err(Denied::IkkeEjer));
}
