use std::sync::atomic::{AtomicI64, Ordering};

use super::super::Way;
use super::*;
use crate::register::Cvr;

const MINUTE: i64 = 60_000;

fn person(id: &str) -> Person {
    Person {
        subject: Subject {
            way: Way::OpenId.as_str(),
            issuer: "https://login.example".to_owned(),
            id: id.to_owned(),
        },
        way: Way::OpenId,
        cvr: Cvr::parse("55133018").unwrap(),
        p_nummer: None,
        navn: "Kim".to_owned(),
        level: None,
        held: Vec::new(),
    }
}

/// Sessions, and the clock that they go by.
fn sessions() -> (Sessions, Arc<AtomicI64>) {
    let at = Arc::new(AtomicI64::new(1_700_000_000_000));
    let sessions = Sessions::new(Clock::Fixed(Arc::clone(&at)), &Login::default());
    (sessions, at)
}

fn pass(at: &AtomicI64, millis: i64) {
    at.fetch_add(millis, Ordering::Relaxed);
}

#[test]
fn a_session_ends_when_it_is_unused_and_in_the_end_in_any_case() {
    let (sessions, at) = sessions();
    let id = sessions.begin(person("1")).unwrap();
    assert!(sessions.open("andet").is_none());
    pass(&at, 29 * MINUTE);
    let opened = sessions.open(&id).unwrap();
    let id = opened.renewed.unwrap_or(id);
    pass(&at, 30 * MINUTE);
    assert!(sessions.open(&id).is_none());
    assert_eq!(sessions.count(), 0);

    let mut id = sessions.begin(person("1")).unwrap();
    for _ in 0..47 {
        pass(&at, 10 * MINUTE);
        let opened = sessions.open(&id).unwrap();
        id = opened.renewed.unwrap_or(id);
    }
    pass(&at, 10 * MINUTE);
    assert!(sessions.open(&id).is_none(), "eight hours are over");
}

#[test]
fn ids_change_and_old_ones_are_good_for_a_moment_only() {
    let (sessions, at) = sessions();
    let first = sessions.begin(person("1")).unwrap();
    assert!(sessions.open(&first).unwrap().renewed.is_none());
    pass(&at, 15 * MINUTE);
    let opened = sessions.open(&first).unwrap();
    let second = opened.renewed.unwrap();
    assert_ne!(first, second);
    // A request that was under way with the old one.
    pass(&at, MINUTE);
    let late = sessions.open(&first).unwrap();
    assert!(late.renewed.is_none());
    assert!(Arc::ptr_eq(&late.session, &opened.session));
    pass(&at, 1);
    assert!(sessions.open(&first).is_none());
    assert!(sessions.open(&second).is_some());
    pass(&at, 15 * MINUTE);
    let third = sessions.open(&second).unwrap().renewed.unwrap();
    assert!(sessions.open(&first).is_none());
    sessions.end(&second);
    assert!(sessions.open(&third).is_none(), "ended by its old id too");
    let table = sessions.lock();
    assert!(table.ids.is_empty(), "nothing is left of it");
}

#[test]
fn a_session_never_takes_over_an_id_that_a_browser_had() {
    let (sessions, _) = sessions();
    let planted = sessions.begin(person("angriber")).unwrap();
    let own = sessions.begin(person("offer")).unwrap();
    assert_ne!(planted, own);
    assert_eq!(
        sessions.open(&planted).unwrap().session.person.subject.id,
        "angriber"
    );
}

#[test]
fn a_persons_sessions_end_all_at_once_and_nobody_elses() {
    let (sessions, _) = sessions();
    let own = [
        sessions.begin(person("1")).unwrap(),
        sessions.begin(person("1")).unwrap(),
    ];
    let other = sessions.begin(person("2")).unwrap();
    assert_eq!(sessions.end_all(&person("1").subject), 2);
    assert!(own.iter().all(|id| sessions.open(id).is_none()));
    assert!(sessions.open(&other).is_some());
}

#[test]
fn sessions_are_bounded_and_the_one_unused_for_longest_gives_way() {
    let (sessions, at) = sessions();
    let ids: Vec<_> = (0..=MOST_OF_ONE)
        .map(|_| {
            pass(&at, 1);
            sessions.begin(person("1")).unwrap()
        })
        .collect();
    assert_eq!(sessions.count(), MOST_OF_ONE);
    assert!(sessions.open(&ids[0]).is_none() && sessions.open(&ids[1]).is_some());
    let (sessions, at) = self::sessions();
    let first = sessions.begin(person("first")).unwrap();
    {
        // As if so many others had begun.
        let mut table = sessions.lock();
        for number in 1..MOST as u64 {
            let entry = Entry {
                session: Arc::clone(&table.entries[&0].session),
                used: sessions.clock.now().plus_millis(1),
                id: (secret::hash(&number.to_string()), sessions.clock.now()),
                before: None,
            };
            table.ids.insert(entry.id.0, number);
            table.entries.insert(number, entry);
            table.next = number + 1;
        }
    }
    pass(&at, 1);
    let last = sessions.begin(person("last")).unwrap();
    assert_eq!(sessions.count(), MOST);
    assert!(sessions.open(&first).is_none() && sessions.open(&last).is_some());
}

#[test]
fn a_form_is_bound_to_its_session_and_to_itself() {
    let (sessions, _) = sessions();
    let open = |id: &str| sessions.open(id).unwrap().session;
    let one = open(&sessions.begin(person("1")).unwrap());
    let other = open(&sessions.begin(person("1")).unwrap());
    let token = one.form_token("/mit/aftaler");
    assert!(one.is_own_form("/mit/aftaler", &token));
    assert!(!one.is_own_form("/mit/log-ud", &token));
    assert!(!other.is_own_form("/mit/aftaler", &token));
    for bent in [
        "",
        "a",
        &token[1..],
        &format!("{token}A"),
        &token.replace(|_| true, "A"),
    ] {
        assert!(!one.is_own_form("/mit/aftaler", bent), "{bent}");
    }
}
