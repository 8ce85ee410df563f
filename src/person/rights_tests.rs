use std::sync::Arc;

use super::super::{Assurance, Subject, Way};
use super::*;
use crate::audit::{Entry, Udfald};
use crate::pki::scratch::Scratch;
use crate::register::{
    Adresse, AlternativAdresse, Anvisningsenhed, Daginstitution, Omfang, Part, System, SystemId,
    Tidspunkt,
};
use crate::store::sqlite::{Options, SqliteStore};
use crate::store::{Handling, NewChange, Origin, Outcome, Right, StoreExt, Write};

const AARHUS: &str = "55133018";
const OWNER: &str = "12345674";
const VENDOR: &str = "99100028";
const OPERATOR: &str = "99300035";
const CLOSED: &str = "64942212";
const P: &str = "1000000001";

fn cvr(text: &str) -> Cvr {
    Cvr::parse(text).unwrap()
}

fn place(text: &str) -> PNummer {
    PNummer::parse(text).unwrap()
}

fn organisation(number: &str, art: OrgKind, kommune: Option<u16>) -> Organisation {
    Organisation {
        cvr: cvr(number),
        navn: number.to_owned(),
        art,
        kommune: kommune.map(Kommunekode),
        oprettet: Tidspunkt::from_millis(0),
        lukket: (number == CLOSED).then_some(Tidspunkt::from_millis(1)),
    }
}

fn line() -> Entry {
    Entry {
        tidspunkt: Tidspunkt::from_millis(0),
        operation: "cli/test".to_owned(),
        udfald: Udfald::Gemt,
        cvr: None,
        identitet: String::new(),
        person: None,
        korrelations_id: uuid::Uuid::nil(),
        message_id: None,
        sagsnummer: None,
        sekvenser: None,
        noter: Vec::new(),
        antal: 1,
    }
}

fn save(tx: &mut dyn Write, content: Content) -> crate::store::Result<Institutionsnummer> {
    let number = tx.issue_number()?;
    let change = NewChange {
        handling: Handling::Oprettet,
        origin: Origin {
            cvr: None,
            navn: String::new(),
            operation: "cli/test".to_owned(),
            korrelations_id: uuid::Uuid::nil(),
            sagsnummer: None,
            system: None,
            part: None,
        },
        record: Record::unborn(number, Arc::new(content), Vec::new()),
    };
    tx.save(change, Tidspunkt::from_millis(1))?;
    Ok(number)
}

fn unit(top: Institutionsnummer, owner: &str, p: &str) -> Content {
    Content::Anvisningsenhed(Anvisningsenhed {
        daginstitution: top,
        navn: "Skovmusen".to_owned(),
        adresse: Adresse::default(),
        inst_type: 6011,
        email: None,
        telefon: None,
        cvr: Some(cvr(owner)),
        p_nummer: Some(place(p)),
        gyldig_fra: None,
    })
}

/// A register: a municipal daginstitution with two units that share a P-number and an alternative address, and a private one.
struct World {
    _scratch: Scratch,
    store: SqliteStore,
    /// The daginstitutioner, the two units, the address, and the private unit.
    units: Vec<Unit>,
}

fn world() -> World {
    let scratch = Scratch::new();
    let store = SqliteStore::open(&scratch.path().join("r.db"), Options::default()).unwrap();
    let numbers = store.write_blocking(|tx| {
        for one in [
            organisation(AARHUS, OrgKind::Kommune, Some(751)),
            organisation(VENDOR, OrgKind::Leverandoer, None),
            organisation(OPERATOR, OrgKind::Operatoer, None),
            organisation(CLOSED, OrgKind::Kommune, Some(101)),
        ] {
            tx.save_rights(&[Right::Organisation(&one)], &line())?;
        }
        let mut numbers = Vec::new();
        for ejerform in [1, 3] {
            numbers.push(save(
                tx,
                Content::Daginstitution(Daginstitution {
                    navn: "Mosen".to_owned(),
                    ejerform,
                    lovgrundlag: 1,
                    adm_kommune: Kommunekode(751),
                    gyldig_fra: None,
                }),
            )?);
        }
        let shared = unit(numbers[0], AARHUS, P);
        numbers.push(save(tx, shared.clone())?);
        numbers.push(save(tx, shared)?);
        let address = AlternativAdresse {
            enhed: numbers[2],
            navn: "Skovhytten".to_owned(),
            adresse: Adresse::default(),
            email: None,
            telefon: None,
            cvr: None,
            p_nummer: None,
            gyldig_fra: None,
        };
        numbers.push(save(tx, Content::AlternativAdresse(address))?);
        numbers.push(save(tx, unit(numbers[1], OWNER, "1000000002"))?);
        tx.audit(&line())?;
        Ok(Outcome::Keep(numbers))
    });
    let units = store.read(|view| {
        let of = |number: &Institutionsnummer| {
            let record = view.record(*number)?.unwrap();
            Ok(Unit::of(view, &record)?.unwrap())
        };
        numbers
            .as_ref()
            .unwrap()
            .iter()
            .map(of)
            .collect::<crate::store::Result<Vec<_>>>()
    });
    World {
        _scratch: scratch,
        store,
        units: units.unwrap(),
    }
}

fn person(own: &str, held: &[(Scope, Privilege)]) -> Person {
    Person {
        subject: Subject {
            way: Way::OpenId.as_str(),
            issuer: "https://login.example".to_owned(),
            id: "1".to_owned(),
        },
        way: Way::OpenId,
        cvr: cvr(own),
        p_nummer: None,
        navn: "Kim".to_owned(),
        level: Some(Assurance::Substantial),
        held: held
            .iter()
            .map(|&(scope, privilege)| Held { scope, privilege })
            .collect(),
    }
}

impl World {
    fn of(&self, own: &str, held: &[(Scope, Privilege)]) -> PersonRights {
        let person = person(own, held);
        self.store.read(|view| rights(view, &person)).unwrap()
    }

    /// Which of the units a right reaches, in order.
    fn reached(&self, rights: &PersonRights, privilege: Privilege) -> String {
        let units = self.units.iter();
        units
            .map(|unit| {
                if rights.may(privilege, unit).is_some() {
                    'x'
                } else {
                    '.'
                }
            })
            .collect()
    }
}

fn org(number: &str) -> Scope {
    Scope::Organisation(cvr(number))
}

use Privilege::{Agreements, Correct, Operate, Read as Look};

#[test]
fn a_scope_decides_how_far_a_privilege_reaches() {
    let world = world();
    // Two daginstitutioner (municipal, private), two units, the first one's address, the private unit.
    for (own, scope, reached) in [
        (AARHUS, org(AARHUS), "xxxxxx"),
        (OWNER, org(OWNER), ".x...x"),
        (AARHUS, org(OWNER), ".x...x"),
        (AARHUS, Scope::Place(place(P)), "..xxx."),
        (AARHUS, Scope::Place(place("1000000002")), ".....x"),
        (AARHUS, Scope::Place(place("1000000003")), "......"),
        (VENDOR, org(VENDOR), "......"),
        (CLOSED, org(CLOSED), "......"),
        (OPERATOR, org(OPERATOR), "......"),
    ] {
        let rights = world.of(own, &[(scope, Correct)]);
        assert_eq!(world.reached(&rights, Correct), reached, "{own} {scope}");
        assert_eq!(world.reached(&rights, Look), reached, "{own} {scope}");
        assert_eq!(
            world.reached(&rights, Agreements),
            "......",
            "{own} {scope}"
        );
    }
    assert_eq!(world.of(CLOSED, &[(org(CLOSED), Look)]).empty.len(), 1);
}

#[test]
fn rights_come_from_privileges_and_never_from_what_describes() {
    let world = world();
    let mut described = person(AARHUS, &[]);
    described.p_nummer = Some(place(P));
    let rights = world.store.read(|view| rights(view, &described)).unwrap();
    assert!(rights.is_nothing() && rights.operator().is_none());
    assert_eq!(world.reached(&rights, Look), "......");
}

#[test]
fn the_operators_privilege_counts_with_its_own_number_alone() {
    let world = world();
    for (own, scope, counts) in [
        (OPERATOR, org(OPERATOR), true),
        (AARHUS, org(OPERATOR), false),
        (AARHUS, org(AARHUS), false),
        (OPERATOR, org(AARHUS), false),
        (OPERATOR, Scope::Place(place(P)), false),
        (CLOSED, org(CLOSED), false),
    ] {
        let rights = world.of(own, &[(scope, Operate)]);
        assert_eq!(rights.operator().is_some(), counts, "{own} {scope}");
        let reached = if counts { "xxxxxx" } else { "......" };
        for privilege in [Look, Agreements, Correct, Operate] {
            assert_eq!(world.reached(&rights, privilege), reached, "{own} {scope}");
        }
        assert_eq!(rights.empty.len(), usize::from(!counts));
    }
}

#[test]
fn a_shared_p_number_is_said_to_be() {
    let world = world();
    let shared = |reach: Reach| world.store.read(|view| reach.is_shared(view)).unwrap();
    assert!(shared(Reach::Place(place(P))));
    assert!(!shared(Reach::Place(place("1000000002"))));
    assert!(!shared(Reach::Kommune(Kommunekode(751))));
    let rights = world.of(
        AARHUS,
        &[(Scope::Place(place(P)), Look), (org(AARHUS), Look)],
    );
    let why: Vec<_> = rights
        .why(Look, &world.units[2])
        .map(|grant| grant.scope)
        .collect();
    assert_eq!(why, [Scope::Place(place(P)), org(AARHUS)]);
}

#[test]
fn agreements_are_answered_where_a_right_reaches_all_that_they_are_about() {
    let world = world();
    let kommune = Part::Kommune(Kommunekode(751));
    let owner = Part::Ejer(cvr(OWNER));
    let numbers =
        |at: &[usize]| Omfang::Institutioner(at.iter().map(|&at| world.units[at].nummer).collect());
    let p = |texts: &[&str]| Omfang::PNumre(texts.iter().map(|text| place(text)).collect());
    let two = [
        (Scope::Place(place(P)), Agreements),
        (Scope::Place(place("1000000002")), Agreements),
    ];
    let one = &two[..1];
    let whole = &[(org(AARHUS), Agreements)][..];
    for (held, part, omfang, may) in [
        (whole, kommune, Omfang::Alle, true),
        (whole, Part::Kommune(Kommunekode(101)), Omfang::Alle, false),
        (whole, owner, Omfang::Alle, false),
        (whole, kommune, numbers(&[2]), true),
        (&[(org(OWNER), Agreements)], owner, Omfang::Alle, true),
        (&[(org(OWNER), Look)], owner, Omfang::Alle, false),
        (&[(org(OWNER), Correct)], owner, Omfang::Alle, false),
        (one, kommune, Omfang::Alle, false),
        (one, kommune, p(&[P]), true),
        (one, kommune, p(&[P, "1000000002"]), false),
        (&two, kommune, p(&[P, "1000000002"]), true),
        (one, kommune, p(&[]), false),
        (one, kommune, numbers(&[]), false),
        (&[(org(AARHUS), Look)], kommune, Omfang::Alle, false),
        // Nor is what the kommune lets one do the owner's, though it is in the owner's unit.
        (&[(org(OWNER), Agreements)], kommune, numbers(&[5]), false),
        (one, kommune, numbers(&[2, 3, 4]), true),
        (one, kommune, numbers(&[2, 5]), false),
        (one, kommune, numbers(&[0]), false),
        // What the owner lets a system do is not the kommune's to answer, though the kommune may act there.
        (whole, owner, numbers(&[5]), false),
        (&[(org(OWNER), Agreements)], owner, numbers(&[5]), true),
        (&two[1..], owner, p(&["1000000002"]), false),
    ] {
        let rights = world.of(AARHUS, held);
        let decides = world.store.read(|view| {
            let decider = rights.decider(view, Agreements, None)?;
            match decider {
                Some(decider) => decider.decides(view, part, &omfang),
                None => Ok(false),
            }
        });
        assert_eq!(decides.unwrap(), may, "{held:?} {part:?} {omfang:?}");
    }
}

#[test]
fn nobody_lets_a_system_of_an_own_organisation_act() {
    let world = world();
    let owns = |own: &str, held: &[(Scope, Privilege)], owner: &str| {
        let rights = world.of(own, held);
        let system = System {
            id: SystemId(1),
            navn: "Pladsen".to_owned(),
            ejer: cvr(owner),
            certifikater: Vec::new(),
            oprettet: Tidspunkt::from_millis(0),
            lukket: None,
        };
        let owns = world.store.read(|view| {
            let decider = rights.decider(view, Agreements, None)?.unwrap();
            decider.owns(view, &system)
        });
        owns.unwrap()
    };
    let kommune = (org(AARHUS), Agreements);
    assert!(owns(AARHUS, &[kommune], AARHUS));
    assert!(!owns(AARHUS, &[kommune], VENDOR));
    // A consultant with the kommune's privilege, for the consultant's own system; and with the vendor's beside it.
    assert!(owns(VENDOR, &[kommune], VENDOR));
    assert!(owns(AARHUS, &[kommune, (org(VENDOR), Look)], VENDOR));
    // Somebody whose organisation nobody has registered, about the operator's system.
    assert!(!owns("87654325", &[kommune], OPERATOR));
    // Nor the operator.
    let operator = (org(OPERATOR), Operate);
    assert!(owns(OPERATOR, &[operator], OPERATOR));
    assert!(!owns(OPERATOR, &[operator], VENDOR));
}
