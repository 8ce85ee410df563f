//! The store as its users see it: here every method of the traits; below what holds across them.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::testing::*;
use super::*;
use crate::audit;
use crate::register::{Cvr, Dato, Kommunekode, Niveau, PNummer, Record, Sekvens};
use crate::store::{
    Aendring, AnswerKey, Handling, Moment, OrgKind, Organisation, Right, SavedAnswer, Selection,
};

mod anmodninger;
mod digests;
mod foreign;
mod log;
mod numbering;
mod opening;
mod restoring;
mod rights;
mod writing;

fn chosen(store: &SqliteStore, selection: &Selection) -> Vec<String> {
    let mut found = Vec::new();
    store
        .read(|view| {
            view.records(selection, &mut |record| {
                found.push(record.nummer.to_string());
                ControlFlow::Continue(())
            })
        })
        .unwrap();
    found
}

fn register_at(store: &SqliteStore, moment: Moment) -> Vec<Record> {
    let mut found = Vec::new();
    store
        .read(|view| {
            view.records_on(moment, &mut |record| {
                found.push(record);
                ControlFlow::Continue(())
            })
        })
        .unwrap();
    found
}

fn changes(store: &SqliteStore, after: u64, limit: u32) -> Vec<Aendring> {
    store
        .read(|view| view.aendringer(Sekvens(after), limit))
        .unwrap()
}

#[test]
fn what_is_written_is_read_back_field_by_field() {
    let folder = Folder::new();
    let store = folder.open();
    let written = small_register(&store);
    assert_eq!(written.len(), 4);
    for (at, change) in written.iter().enumerate() {
        assert_eq!(change.sekvens, Sekvens(at as u64 + 1));
        assert_eq!(change.record.life.version, 1);
        let number = change.record.nummer;
        let (record, history) = store
            .read(|view| Ok((view.record(number)?, view.historik(number)?)))
            .unwrap();
        assert_eq!(record.as_ref(), Some(&change.record));
        assert_eq!(history, std::slice::from_ref(change));
    }
    assert_eq!(changes(&store, 0, 1000), written);
    assert_eq!(changes(&store, 1, 2), written[1..3]);
    assert_eq!(changes(&store, u64::MAX, 2), []);
    let position = store.read(|view| view.position()).unwrap();
    assert_eq!(
        (position.sekvens, position.tidspunkt),
        (Sekvens(4), Some(written[3].tidspunkt))
    );
}

#[test]
fn a_change_keeps_birth_and_counts_the_version_and_a_closing_is_final() {
    let folder = Folder::new();
    let store = folder.open();
    small_register(&store);
    let mut record = ekstra("G30004", "G30003");
    record.life.version = 99;
    let written = write(
        &store,
        vec![
            change(Handling::Aendret, record.clone()),
            change(Handling::Nedlagt, record.clone()),
        ],
    );
    let [changed, closed] = &written[..] else {
        panic!()
    };
    assert_eq!(
        (changed.record.life.version, closed.record.life.version),
        (2, 3)
    );
    assert_eq!(closed.record.life.oprettet, at(4000));
    assert_eq!(changed.record.life.nedlagt, None);
    assert_eq!(closed.record.life.nedlagt, Some(closed.tidspunkt));
    assert_eq!(closed.adm_kommune, Kommunekode(751));
    for (handling, record, why) in [
        (Handling::Aendret, record, "is closed"),
        (Handling::Oprettet, enhed("G30003", "G30001"), "UNIQUE"),
        (
            Handling::Aendret,
            enhed("G30001", "G30001"),
            "does not exist",
        ),
        (
            Handling::Oprettet,
            enhed("G30009", "G30003"),
            "has no parent",
        ),
    ] {
        let error = store
            .write_blocking(move |tx| {
                tx.save(change(handling, record), at(0))
                    .map(|_| Outcome::Keep(()))
            })
            .unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
    assert_eq!(last(&store), Sekvens(6));
}

#[test]
fn time_never_goes_back() {
    let folder = Folder::new();
    let store = folder.open();
    let times = store
        .write_blocking(|tx| {
            let mut times = Vec::new();
            for now in [at(500), at(100), at(500), at(900)] {
                let nummer = tx.issue_number()?;
                let record = daginstitution(nummer.as_str(), "x", 751);
                times.push(tx.save(change(Handling::Oprettet, record), now)?.tidspunkt);
            }
            Ok(Outcome::Keep(times))
        })
        .unwrap();
    assert_eq!(times, [at(500), at(501), at(502), at(900)]);
}

#[test]
fn every_selection_finds_its_records_by_number() {
    let folder = Folder::new();
    let store = folder.open();
    small_register(&store);
    write(
        &store,
        vec![change(
            Handling::Nedlagt,
            daginstitution("G30002", "ÆBLEHAVEN", 101),
        )],
    );
    let every = Selection::default;
    let cases = [
        (every(), vec!["G30001", "G30003", "G30004"]),
        (
            Selection {
                inkluder_nedlagte: true,
                ..every()
            },
            vec!["G30001", "G30002", "G30003", "G30004"],
        ),
        (
            Selection {
                niveau: Some(Niveau::Anvisningsenhed),
                ..every()
            },
            vec!["G30003"],
        ),
        (
            Selection {
                niveau: Some(Niveau::Anvisningsenhed),
                med_over: true,
                inkluder_nedlagte: true,
                ..every()
            },
            vec!["G30001", "G30003"],
        ),
        (
            Selection {
                niveau: Some(Niveau::AlternativAdresse),
                med_over: true,
                adm_kommune: Some(Kommunekode(751)),
                ..every()
            },
            vec!["G30001", "G30003", "G30004"],
        ),
        (
            Selection {
                adm_kommune: Some(Kommunekode(751)),
                ..every()
            },
            vec!["G30001", "G30003", "G30004"],
        ),
        (
            Selection {
                adm_kommune: Some(Kommunekode(101)),
                ..every()
            },
            vec![],
        ),
        (
            Selection {
                navn: Some("æble".into()),
                inkluder_nedlagte: true,
                ..every()
            },
            vec!["G30002"],
        ),
        (
            Selection {
                navn: Some("HAVEN".into()),
                inkluder_nedlagte: true,
                ..every()
            },
            vec!["G30002", "G30003"],
        ),
        (
            Selection {
                navn: Some("%".into()),
                ..every()
            },
            vec![],
        ),
        (
            Selection {
                p_nummer: PNummer::parse("1000000012").ok(),
                ..every()
            },
            vec!["G30003"],
        ),
        (
            Selection {
                cvr: Cvr::parse("00000012").ok(),
                ..every()
            },
            vec!["G30003"],
        ),
        (
            Selection {
                cvr: Cvr::parse("00000013").ok(),
                ..every()
            },
            vec![],
        ),
        (
            Selection {
                parent: Some(number("G30001")),
                ..every()
            },
            vec!["G30003"],
        ),
        (
            Selection {
                root: Some(number("G30001")),
                ..every()
            },
            vec!["G30001", "G30003", "G30004"],
        ),
        (
            Selection {
                root: Some(number("G30001")),
                niveau: Some(Niveau::AlternativAdresse),
                ..every()
            },
            vec!["G30004"],
        ),
    ];
    for (selection, expected) in cases {
        assert_eq!(chosen(&store, &selection), expected, "{selection:?}");
    }
    let (children, none, counts) = store
        .read(|view| {
            Ok((
                view.has_active_children(number("G30001"))?,
                view.has_active_children(number("G30002"))?,
                view.counts()?,
            ))
        })
        .unwrap();
    assert!(children && !none);
    assert_eq!(counts, [(1, 1), (1, 0), (1, 0)]);
}

#[test]
fn a_visitor_that_has_enough_is_shown_no_more() {
    let folder = Folder::new();
    let store = folder.open();
    small_register(&store);
    let mut seen = 0;
    store
        .read(|view| {
            view.records(&Selection::default(), &mut |_| {
                seen += 1;
                ControlFlow::Break(())
            })
        })
        .unwrap();
    assert_eq!(seen, 1);
}

#[test]
fn a_moved_unit_takes_its_addresses_along_and_a_change_of_kommune_the_subtree() {
    let folder = Folder::new();
    let store = folder.open();
    small_register(&store);
    let moved = write(
        &store,
        vec![change(Handling::Flyttet, enhed("G30003", "G30002"))],
    );
    assert_eq!(moved[0].adm_kommune, Kommunekode(101));
    let under = Selection {
        root: Some(number("G30002")),
        ..Selection::default()
    };
    assert_eq!(chosen(&store, &under), ["G30002", "G30003", "G30004"]);
    write(
        &store,
        vec![change(
            Handling::Aendret,
            daginstitution("G30002", "Æblehaven", 740),
        )],
    );
    let kommune = store
        .read(|view| view.adm_kommune(number("G30004")))
        .unwrap();
    assert_eq!(kommune, Some(Kommunekode(740)));
    assert_eq!(
        store
            .read(|view| view.adm_kommune(number("G39999")))
            .unwrap(),
        None
    );
    verify(&folder.db()).unwrap();
}

#[test]
fn the_register_is_shown_as_it_stood_at_any_moment() {
    let folder = Folder::new();
    let store = folder.open();
    let mut written = small_register(&store);
    written.extend(write(
        &store,
        vec![
            change(Handling::Aendret, daginstitution("G30001", "Nyt navn", 751)),
            change(
                Handling::Nedlagt,
                daginstitution("G30002", "ÆBLEHAVEN", 101),
            ),
        ],
    ));
    for until in 0..=written.len() {
        let mut expected: Vec<Record> = Vec::new();
        for change in &written[..until] {
            expected.retain(|record| record.nummer != change.record.nummer);
            expected.push(change.record.clone());
        }
        expected.sort_by_key(|record| record.nummer);
        assert_eq!(
            register_at(&store, Moment::Sekvens(Sekvens(until as u64))),
            expected
        );
        for millis in [0, 1, 999] {
            let moment = Moment::Tidspunkt(at(until as i64 * 1000 + millis));
            assert_eq!(register_at(&store, moment), expected);
            let position = store.read(|view| view.position_on(moment)).unwrap();
            assert_eq!(position.sekvens, Sekvens(until as u64));
        }
    }
    let later = store
        .read(|view| view.position_on(Moment::Sekvens(Sekvens(99))))
        .unwrap();
    assert_eq!(later.sekvens, Sekvens(6));
}

fn aarhus() -> Organisation {
    Organisation {
        cvr: Cvr::parse("55133018").unwrap(),
        navn: "Aarhus Kommune".into(),
        art: OrgKind::Kommune,
        kommune: Some(Kommunekode(751)),
        oprettet: at(0),
        lukket: None,
    }
}

#[test]
fn organisations_are_replaced_and_every_version_is_kept() {
    let folder = Folder::new();
    let store = folder.open();
    let open = aarhus();
    let closed = Organisation {
        lukket: Some(at(5)),
        ..open.clone()
    };
    for version in [open, closed.clone()] {
        store
            .write_blocking(move |tx| {
                tx.save_rights(&[Right::Organisation(&version)], &act())
                    .map(Outcome::Keep)
            })
            .unwrap();
    }
    let (one, all) = store
        .read(|view| Ok((view.organisation(closed.cvr)?, view.organisationer()?)))
        .unwrap();
    assert_eq!((one, all), (Some(closed.clone()), vec![closed]));
    let conn = connection::writable(&folder.db(), std::time::Duration::from_secs(5)).unwrap();
    let kept: i64 = conn
        .query_row("SELECT count(*) FROM organisation_historik", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(kept, 2);
}

fn svar(
    kalder: &str,
    id: &str,
    time: crate::register::Tidspunkt,
) -> (AnswerKey, SavedAnswer<&'static [u8]>) {
    let key = AnswerKey {
        kalder: kalder.into(),
        message_id: id.into(),
    };
    let svar = SavedAnswer {
        fingeraftryk: [7; 32],
        tidspunkt: time,
        konvolut: b"<Envelope/>".as_slice(),
    };
    (key, svar)
}

#[test]
fn answers_are_remembered_for_ninety_days_and_never_overwritten() {
    let folder = Folder::new();
    let clock = Clock::fixed(at(0));
    let store = folder.open_with(Options {
        clock: clock.clone(),
        ..Options::default()
    });
    let put = |id: &str, time| {
        let (key, answer) = svar("kalder", id, time);
        store.write_blocking(move |tx| tx.save_answer(&key, &answer).map(Outcome::Keep))
    };
    put("urn:1", at(0)).unwrap();
    put("urn:2", at(0)).unwrap();
    assert!(
        put("urn:1", at(1))
            .unwrap_err()
            .to_string()
            .contains("already")
    );
    let (key, answer) = svar("kalder", "urn:1", at(0));
    let (other, _) = svar("en anden", "urn:1", at(0));
    let read = |key: &AnswerKey| store.read(|view| view.saved_answer(key)).unwrap();
    let found = SavedAnswer {
        fingeraftryk: answer.fingeraftryk,
        tidspunkt: answer.tidspunkt,
        konvolut: answer.konvolut.to_vec(),
    };
    assert_eq!((read(&key), read(&other)), (Some(found), None));

    let Clock::Fixed(hands) = &clock else {
        panic!()
    };
    let later = at(read::REMEMBERED + 1);
    hands.store(later.millis(), std::sync::atomic::Ordering::Relaxed);
    // A clock that has leapt is no ninety days: those are counted by the heads of the audit chain.
    assert!(read(&key).is_some());
    assert!(put("urn:1", later).is_err());
    for day in 0..90 {
        assert!(read(&key).is_some(), "day {day}");
        let now = later.plus_millis(day * 24 * 60 * 60 * 1000);
        hands.store(now.millis(), std::sync::atomic::Ordering::Relaxed);
        let line = Entry {
            tidspunkt: now,
            ..refusal()
        };
        let published = store.write_blocking(move |tx| {
            tx.audit(&line)?;
            tx.publish(now.dato().unwrap()).map(Outcome::Keep)
        });
        assert!(published.unwrap());
    }
    assert_eq!(read(&key), None);
    put("urn:1", later).unwrap();
    let conn = connection::readable(&folder.db(), std::time::Duration::ZERO).unwrap();
    let left: String = conn
        .query_row("SELECT group_concat(message_id) FROM svar", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(left, "urn:1");
}

#[test]
fn audit_lines_form_a_chain_that_names_its_head() {
    let folder = Folder::new();
    let store = folder.open();
    assert_eq!(
        store.read(|view| view.audit_head()).unwrap(),
        audit::Head {
            number: 0,
            hash: audit::GENESIS
        }
    );
    for _ in 0..3 {
        store
            .write_blocking(|tx| insert_next(tx).map(Outcome::Keep))
            .unwrap();
    }
    let head = store.read(|view| view.audit_head()).unwrap();
    assert_eq!(head.number, 3);
    assert_eq!(verify(&folder.db()).unwrap().head, head);
}

#[test]
fn a_day_keeps_its_first_head_and_no_day_comes_again() {
    let folder = Folder::new();
    let store = folder.open();
    let keep = |day: &str| {
        let day = Dato::parse(day).unwrap();
        store
            .write_blocking(move |tx| tx.publish(day).map(Outcome::Keep))
            .unwrap()
    };
    let kept = |limit: u32| {
        let found = store.read(|view| view.heads(limit)).unwrap();
        let day = |day: audit::PublishedHead| (day.dato.to_string(), day.chain_head);
        found.into_iter().map(day).collect::<Vec<_>>()
    };
    let chain_head = || store.read(|view| view.chain_head()).unwrap();
    assert!(!keep("2026-11-01"), "there is no line yet");
    small_register(&store);
    let first = chain_head();
    assert_eq!((first.head.number, first.sekvens), (1, last(&store)));
    assert!(keep("2026-11-01"));
    store
        .write_blocking(|tx| Ok(Outcome::Keep(insert_next(tx)?)))
        .unwrap();
    assert!(!keep("2026-11-01"), "it has one");
    assert!(!keep("2026-10-31"), "days do not come again");
    assert_eq!(kept(9), [("2026-11-01".to_owned(), first)]);
    assert!(keep("2026-11-03"));
    assert_eq!(kept(1), [("2026-11-03".to_owned(), chain_head())]);
    assert_eq!(kept(9).len(), 2);
    verify(&folder.db()).unwrap();
}

#[test]
fn the_time_of_audit_lines_never_goes_back() {
    let folder = Folder::new();
    let store = folder.open();
    for millis in [5, 3, 7] {
        let entry = audit::Entry {
            tidspunkt: at(millis),
            ..refusal()
        };
        store
            .write_blocking(move |tx| tx.audit(&entry).map(Outcome::Keep))
            .unwrap();
    }
    let mut times = Vec::new();
    let read = store.read(|view| {
        view.audit_lines(&mut |line| {
            times.push(line.tidspunkt());
            ControlFlow::Continue(())
        })
    });
    read.unwrap();
    assert_eq!(times, [Some(at(5)), Some(at(5)), Some(at(7))]);
}
