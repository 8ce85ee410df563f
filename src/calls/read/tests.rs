use std::sync::{Arc, Weak};

use super::super::keeper::{Keeper, Settings};
use super::super::testing::{AARHUS, VENDOR, answered, minute};
use super::*;
use crate::calls::Answered;
use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::pki::scratch::Scratch;
use crate::store::sqlite::SqliteStore;

fn kept(folder: &Scratch, calls: Vec<Answered>) -> Calls {
    let settings = Settings {
        file: folder.path().join("kald.db"),
        days: 90,
        bytes: 16 << 20,
        silent_after: 0,
    };
    let store: Weak<SqliteStore> = Weak::new();
    let clock = Clock::fixed(minute(0));
    let mut keeper = Keeper::new(settings, store, clock, Arc::new(Metrics::new()));
    keeper.keep(calls);
    Calls::beside(&folder.path().join("register.db"))
}

#[test]
fn a_filter_chooses_and_pages_follow_each_other() {
    let folder = Scratch::new();
    let mut all: Vec<_> = (0..30).map(|n| answered(AARHUS, minute(n))).collect();
    for call in &mut all[10..20] {
        call.kode = Some("DTR5001");
        call.errors = Some("DTR5001 /a; DTR4014 /b".into());
    }
    all[20].status = 503;
    all.push(answered(VENDOR, minute(5)));
    let calls = kept(&folder, all);
    let many = |filter: Filter| {
        let page = Page {
            before: None,
            size: MOST + 5,
        };
        calls.of(&filter, page).unwrap().len()
    };
    let none = Filter::default;
    assert_eq!(many(none()), 31);
    let cvr = Cvr::parse(VENDOR).ok();
    assert_eq!(many(Filter { cvr, ..none() }), 1);
    let (from, to) = (Some(minute(3)), Some(minute(6)));
    assert_eq!(many(Filter { from, to, ..none() }), 4);
    assert_eq!(
        many(Filter {
            only_failures: true,
            ..none()
        }),
        11
    );
    for code in ["DTR5001", "DTR4014"] {
        assert_eq!(
            many(Filter {
                code: Some(code.into()),
                ..none()
            }),
            10,
            "{code}"
        );
    }
    assert_eq!(
        many(Filter {
            code: Some("DTR4013".into()),
            ..none()
        }),
        0
    );
    let of = |text| StatusClass::parse(text);
    assert_eq!(
        many(Filter {
            status: of("5xx"),
            ..none()
        }),
        1
    );
    assert_eq!(
        many(Filter {
            status: of("2"),
            ..none()
        }),
        30
    );
    assert_eq!((of("6xx"), of("x"), of("0")), (None, None, None));
    assert_eq!(
        many(Filter {
            system: Some(SystemId(1)),
            ..none()
        }),
        0
    );

    let (mut before, mut seen) = (None, Vec::new());
    loop {
        let page = calls.of(&none(), Page { before, size: 7 }).unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        seen.extend(page.iter().map(Call::at));
    }
    assert_eq!(seen.len(), 31);
    assert!(seen.is_sorted_by(|newer, older| newer >= older));
}

#[test]
fn there_may_be_no_call_log() {
    let folder = Scratch::new();
    let calls = Calls::beside(&folder.path().join("register.db"));
    assert!(!calls.is_there());
    assert_eq!(calls.by_id(Uuid::nil()).unwrap(), None);
    assert_eq!(calls.last().unwrap(), []);
    let page = Page {
        before: None,
        size: 1,
    };
    assert_eq!(calls.of(&Filter::default(), page).unwrap(), []);
    assert!(
        !folder.path().join("kald.db").exists(),
        "nothing is made by looking"
    );
}
