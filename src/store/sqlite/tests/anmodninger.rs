//! Requests for agreements: as they are kept, and that what is forgotten is gone.

use rusqlite::Connection;

use super::*;
use crate::register::{
    Afgjort, Aftale, AftaleId, Anmodning, AnmodningId, Kommentar, Om, Omfang, Part, Person,
    Pseudonym, RequestState, Standing, System, SystemId, Tjeneste,
};
use crate::store::{Anmodninger, Asked};

fn somebody() -> Pseudonym {
    Pseudonym::parse(&"ab".repeat(32)).unwrap()
}

fn request(id: u32) -> Anmodning {
    Anmodning {
        id: AnmodningId(id),
        system: SystemId(1),
        part: Part::Kommune(Kommunekode(751)),
        tjeneste: Tjeneste::Import,
        omfang: Omfang::Institutioner(vec![number("G30001"), number("G30002")]),
        fra: Dato::parse("2026-01-01").unwrap(),
        til: Dato::parse("2027-01-01").ok(),
        oprettet: at(3),
        state: RequestState::Venter,
    }
}

fn settled() -> Afgjort {
    Afgjort {
        tidspunkt: at(9),
        cvr: Some(aarhus().cvr),
        person: Some(somebody()),
    }
}

fn approved(id: u32) -> Anmodning {
    Anmodning {
        state: RequestState::Godkendt(settled(), AftaleId(1)),
        ..request(id)
    }
}

fn aftale() -> Aftale {
    Aftale {
        id: AftaleId(1),
        ..request(1).som_aftale(Dato::parse("2026-01-01").unwrap(), at(9))
    }
}

/// A register with three requests: one approved, one that waits, one of a private owner that was refused.
fn with_requests() -> Folder {
    let folder = Folder::new();
    let store = folder.open();
    small_register(&store);
    let system = System {
        id: SystemId(1),
        navn: "Pladsanvisning".into(),
        ejer: aarhus().cvr,
        certifikater: vec!["a".into()],
        oprettet: at(0),
        lukket: None,
    };
    let owners = Anmodning {
        part: Part::Ejer(Cvr::parse("64942212").unwrap()),
        omfang: Omfang::Alle,
        ..request(3)
    };
    store
        .write_blocking(move |tx| {
            tx.save_rights(&[Right::Organisation(&aarhus())], &act())?;
            tx.save_rights(&[Right::System(&system)], &act())?;
            for (id, own) in [request(1), request(2), owners.clone()].iter().enumerate() {
                assert_eq!(tx.new_request_id()?.0 as usize, id + 1);
                tx.save_rights(&[Right::Request(own)], &act())?;
            }
            let both = (approved(1), aftale());
            tx.save_rights(
                &[Right::Agreement(&both.1), Right::Request(&both.0)],
                &act(),
            )?;
            let refused = Anmodning {
                state: RequestState::Afvist(Afgjort {
                    person: None,
                    ..settled()
                }),
                ..owners
            };
            tx.save_rights(&[Right::Request(&refused)], &act())
                .map(Outcome::Keep)
        })
        .unwrap();
    store.close();
    folder
}

#[test]
fn requests_are_read_back_as_they_were_written_by_whose_they_are() {
    let folder = with_requests();
    verify(&folder.db()).unwrap();
    let store = folder.open();
    let of = |af, standing, efter, antal| {
        let which = Anmodninger {
            af,
            standing,
            efter,
            antal,
        };
        store.read(|view| view.anmodninger(&which)).unwrap()
    };
    let ids = |found: Vec<Anmodning>| found.iter().map(|own| own.id.0).collect::<Vec<_>>();
    let found = of(Asked::Alle, None, 0, 10);
    assert_eq!(found[..2], [approved(1), request(2)]);
    assert_eq!(found[2].omfang, Omfang::Alle);
    let kommune = Asked::Hos(Part::Kommune(Kommunekode(751)));
    let owner = Asked::Hos(Part::Ejer(Cvr::parse("64942212").unwrap()));
    for (af, standing, efter, antal, expected) in [
        (Asked::Alle, None, 0, 2, vec![1, 2]),
        (Asked::Alle, None, 2, 2, vec![3]),
        (Asked::Alle, Some(Standing::Venter), 0, 9, vec![2]),
        (Asked::Alle, Some(Standing::Godkendt), 0, 9, vec![1]),
        (Asked::Alle, Some(Standing::Trukket), 0, 9, vec![]),
        (Asked::En(AnmodningId(3)), None, 0, 1, vec![3]),
        (
            Asked::System(SystemId(1)),
            Some(Standing::Afvist),
            0,
            9,
            vec![3],
        ),
        (Asked::System(SystemId(2)), None, 0, 9, vec![]),
        (Asked::Leverandoer(aarhus().cvr), None, 1, 9, vec![2, 3]),
        (kommune, None, 0, 9, vec![1, 2]),
        (owner, None, 0, 9, vec![3]),
    ] {
        assert_eq!(
            ids(of(af, standing, efter, antal)),
            expected,
            "{af:?} {standing:?}"
        );
    }
    assert_eq!(store.read(|view| view.waiting_of(SystemId(1))).unwrap(), 1);
}

#[test]
fn a_request_is_settled_once_and_never_deleted() {
    let folder = with_requests();
    let store = folder.open();
    let again = store.write_blocking(|tx| {
        let withdrawn = Anmodning {
            state: RequestState::Trukket(settled()),
            ..request(1)
        };
        tx.save_rights(&[Right::Request(&withdrawn)], &act())
            .map(Outcome::Keep)
    });
    assert!(again.unwrap_err().to_string().contains("settled once"));
    drop(store);
    let conn = Connection::open(folder.db()).unwrap();
    for sql in [
        "DELETE FROM anmodning",
        "DELETE FROM anmodning_omfang",
        "UPDATE anmodning_omfang SET nummer = 'G30003'",
        "UPDATE anmodning_historik SET stand = 'VENTER'",
        "DELETE FROM anmodning_historik",
    ] {
        assert!(conn.execute_batch(sql).is_err(), "{sql}");
    }
}

#[test]
fn a_request_that_nobody_made_or_settled_is_found() {
    for (tampering, what) in [
        (
            "UPDATE anmodning SET stand = 'AFVIST', afgjort = 5 WHERE id = 2",
            "state and history disagree on the request of number 2",
        ),
        (
            "UPDATE anmodning SET stand = 'AFVIST', afgjort = 5 WHERE id = 2; INSERT INTO anmodning_historik \
             SELECT 6, tidspunkt, 2, system, kommune, ejer, tjeneste, omfang, numre, fra, til, oprettet, 'AFVIST', NULL, 5, \
             NULL, NULL FROM anmodning_historik WHERE id = 2",
            "anmodning 6 of the history stands in no audit line",
        ),
        (
            "UPDATE anmodning_historik SET afgjort_person = NULL WHERE id = 4; UPDATE anmodning SET afgjort_person = NULL",
            "disagree",
        ),
        (
            "UPDATE aftale SET kommune = 101; UPDATE aftale_historik SET kommune = 101",
            "something else than was asked by the request of number 1",
        ),
    ] {
        let folder = with_requests();
        let conn = Connection::open(folder.db()).unwrap();
        tamper(&conn, |conn| conn.execute_batch(tampering)).unwrap();
        drop(conn);
        let (_, examined) = examine(&folder.db(), audit::Heads::default()).unwrap();
        let told: Vec<_> = examined.findings.iter().map(ToString::to_string).collect();
        let told = told.join("; ");
        assert!(told.contains(what), "{tampering}: {told}");
    }
}

#[test]
fn comments_and_persons_are_kept_and_then_forgotten() {
    let folder = with_requests();
    let store = folder.open();
    let kommentar = |om, when: i64, tekst: &str| Kommentar {
        om,
        tidspunkt: at(when),
        cvr: Some(aarhus().cvr),
        person: Some(somebody()),
        tekst: tekst.into(),
    };
    let own = Om::Anmodning(AnmodningId(2));
    let old = kommentar(own, 10, "Hemmelige Birkerod");
    let new = kommentar(own, 30, "Nyt svar");
    let ended = kommentar(Om::Aftale(AftaleId(1)), 10, "Slut");
    let person = Person {
        pseudonym: somebody(),
        navn: "Bodil Birkerod".into(),
        cvr: aarhus().cvr,
    };
    let (all, seen) = ([old.clone(), new.clone(), ended.clone()], person.clone());
    store
        .write_blocking(move |tx| {
            all.iter().try_for_each(|one| tx.save_comment(one))?;
            tx.save_person(&seen, at(10))?;
            // Seen again, and then told late of an earlier time.
            tx.save_person(&seen, at(20))?;
            tx.save_person(&seen, at(5)).map(Outcome::Keep)
        })
        .unwrap();
    let read = |om| store.read(|view| view.comments(om)).unwrap();
    let known = || store.read(|view| view.person(&somebody())).unwrap();
    assert_eq!(read(own), [old, new.clone()]);
    assert_eq!(read(Om::Aftale(AftaleId(1))), [ended]);
    assert_eq!(known(), Some(person));
    let forget = |before: i64| {
        let due = store
            .read(|view| view.has_persons_before(at(before)))
            .unwrap();
        let done = store
            .write_blocking(move |tx| tx.forget_persons(at(before)).map(Outcome::Keep))
            .unwrap();
        assert_eq!(due, done > 0);
        done
    };
    assert_eq!(forget(10), 0);
    assert_eq!(forget(11), 2);
    assert_eq!(read(own), [new]);
    assert!(known().is_some());
    assert_eq!(forget(21), 1);
    assert_eq!(known(), None);
    store.close();
    verify(&folder.db()).unwrap();
    let bytes = std::fs::read(folder.db()).unwrap();
    let holds = |text: &str| {
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    assert!(holds("Nyt svar"), "the file is looked at");
    assert!(!holds("Birkerod"), "what is forgotten is overwritten");
}

#[test]
fn an_address_for_notices_is_one_organisation_s_and_one_at_a_time() {
    let folder = with_requests();
    let store = folder.open();
    let cvr = aarhus().cvr;
    let save = |hash: Option<[u8; 32]>| {
        store
            .write_blocking(move |tx| tx.save_notices(cvr, hash.as_ref()).map(Outcome::Keep))
            .unwrap()
    };
    let whose = |hash: [u8; 32]| store.read(|view| view.notices_of(&hash)).unwrap();
    assert!(!save(Some([1; 32])));
    assert_eq!(whose([1; 32]), Some(cvr));
    assert!(save(Some([2; 32])));
    assert_eq!((whose([1; 32]), whose([2; 32])), (None, Some(cvr)));
    assert!(save(None));
    assert_eq!(whose([2; 32]), None);
    assert!(!save(None));
}

#[test]
fn what_a_system_wrote_is_told_by_its_first_and_last_time() {
    let folder = Folder::new();
    let store = folder.open();
    let changes = small_register(&store);
    let numbers: Vec<_> = changes.iter().map(|change| change.record.nummer).collect();
    let span = |system, numbers: &[_]| {
        let read = store.read(|view| view.written_by(SystemId(system), numbers));
        read.unwrap()
    };
    let times = |changes: &[Aendring]| {
        let first = changes.first().unwrap().tidspunkt;
        Some((first, changes.last().unwrap().tidspunkt))
    };
    assert_eq!(span(3, &numbers), times(&changes));
    assert_eq!(span(3, &numbers[1..2]), times(&changes[1..2]));
    assert_eq!(span(4, &numbers), None);
    assert_eq!(span(3, &[]), None);
}
