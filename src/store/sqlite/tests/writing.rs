//! The writer: groups and their neighbours, answers after the commit, queues that are full, other processes.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use tokio::sync::oneshot::{Receiver, error::TryRecvError};

use super::*;
use crate::store::{Undo, Verdict, Work, Write};

/// Holds the writer inside a job until the sender is dropped. Undone, so that it keeps nobody's answer back.
fn hold(store: &SqliteStore) -> (mpsc::Sender<()>, Receiver<Result<()>>) {
    let (held, until) = mpsc::channel::<()>();
    let (began, begin) = mpsc::channel();
    let done = store
        .write(move |_| {
            began.send(()).unwrap();
            let _ = until.recv();
            Ok(Outcome::Undo((), None))
        })
        .unwrap();
    begin.recv().unwrap();
    (held, done)
}

pub(super) fn insert(store: &SqliteStore) -> Receiver<Result<Aendring>> {
    store
        .write(|tx| insert_next(tx).map(Outcome::Keep))
        .unwrap()
}

/// Waits for what the writer does on its own; what has not come by then never will.
pub(super) fn eventually(what: impl Fn() -> bool) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(600) {
        if what() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    false
}

#[test]
fn many_threads_get_gap_free_sequences_and_different_numbers() {
    let folder = Folder::new();
    let store = folder.open();
    let mut written: Vec<Aendring> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| {
                    (0..25)
                        .map(|_| insert(&store).blocking_recv().unwrap().unwrap())
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    written.sort_by_key(|change| change.sekvens);
    for (at, change) in written.iter().enumerate() {
        assert_eq!(change.sekvens, Sekvens(at as u64 + 1));
        assert_eq!(
            change.record.nummer.to_string(),
            format!("G{}", 30_001 + at)
        );
    }
    assert_eq!(written.len(), 400);
    assert_eq!(changes(&store, 0, 1000), written);
    assert_eq!(verify(&folder.db()).unwrap().head.number, 400);
}

/// Work that does not come through [`StoreExt`].
struct Panics;

impl Work for Panics {
    fn run(&mut self, _: &mut dyn Write) -> Verdict {
        panic!("on purpose")
    }

    fn deliver(self: Box<Self>, done: Result<()>) {
        assert!(done.is_err());
    }
}

#[test]
fn a_job_that_fails_or_panics_takes_back_its_own_writes_and_no_others() {
    let folder = Folder::new();
    let store = folder.open();
    let (held, _) = hold(&store);
    let first = insert(&store);
    let failing = store
        .write(|tx| {
            insert_next(tx)?;
            Err::<Outcome<()>, _>(StoreError::Failed("on purpose".into()))
        })
        .unwrap();
    let panicking = store
        .write(|tx| -> Result<Outcome<()>> {
            insert_next(tx)?;
            panic!("on purpose")
        })
        .unwrap();
    // A job that does not come through StoreExt has nobody to catch its panic but the writer.
    store
        .submit(Job {
            whose: None,
            records: 1,
            undo: Undo::Savepoint,
            work: Box::new(Panics),
        })
        .unwrap();
    let second = insert(&store);
    drop(held);
    let numbers = [first, second].map(|done| done.blocking_recv().unwrap().unwrap().record.nummer);
    assert_eq!(numbers, [number("G30001"), number("G30002")]);
    for (done, why) in [(failing, "on purpose"), (panicking, "panicked")] {
        let error = done.blocking_recv().unwrap().unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
    assert_eq!(verify(&folder.db()).unwrap().position.sekvens, Sekvens(2));
}

#[test]
fn jobs_without_savepoints_are_run_again_when_one_of_them_must_be_taken_back() {
    let folder = Folder::new();
    let store = folder.open();
    let runs = Arc::new(AtomicU64::new(0));
    let queue = |undo, outcome: fn(Aendring) -> Result<Outcome<Aendring>>| {
        let runs = Arc::clone(&runs);
        let job = move |tx: &mut dyn Write| {
            runs.fetch_add(1, Ordering::Relaxed);
            outcome(insert_next(tx)?)
        };
        store.write_for(None, 1, undo, job).unwrap()
    };
    let keep = |change| Ok(Outcome::Keep(change));
    let (held, _) = hold(&store);
    let first = queue(Undo::Transaction, keep);
    let refused = store.write_for(None, 1, Undo::Transaction, |_| {
        Ok(Outcome::Undo((), Some(refusal())))
    });
    let dry = queue(Undo::Tentative, |change| Ok(Outcome::Undo(change, None)));
    let failing = queue(Undo::Transaction, |_| {
        Err(StoreError::Failed("on purpose".into()))
    });
    let panicking = queue(Undo::Transaction, |_| panic!("on purpose"));
    let undone = queue(Undo::Transaction, |change| Ok(Outcome::Undo(change, None)));
    let second = queue(Undo::Transaction, keep);
    // One that may be run once only shares no transaction with them.
    let once = queue(Undo::Savepoint, keep);
    drop(held);
    let number_of = |done: Receiver<Result<Aendring>>| {
        let change = done.blocking_recv().unwrap().unwrap();
        change.record.nummer.to_string()
    };
    assert_eq!(number_of(first), "G30001");
    assert_eq!(number_of(dry), "G30002");
    assert_eq!(number_of(undone), "G30002");
    assert_eq!(number_of(second), "G30002");
    assert_eq!(number_of(once), "G30003");
    refused.unwrap().blocking_recv().unwrap().unwrap();
    for (done, why) in [(failing, "on purpose"), (panicking, "panicked")] {
        let error = done.blocking_recv().unwrap().unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
    // Up to the failing one twice, with savepoints the second time; so are the next two, each for itself.
    assert_eq!(runs.load(Ordering::Relaxed), 2 * 3 + 2 + 2 + 1 + 1);
    let verified = verify(&folder.db()).unwrap();
    assert_eq!(verified.position.sekvens, Sekvens(3));
    // Three changes with their lines, and the line of the refusal: once, though its job was run again.
    assert_eq!(verified.head.number, 4);
}

#[test]
fn what_is_undone_is_answered_at_once_unless_it_may_have_seen_an_uncommitted_neighbour() {
    let folder = Folder::new();
    let store = folder.open();
    let undo = |store: &SqliteStore| {
        store
            .write(|tx| {
                insert_next(tx)?;
                Ok(Outcome::Undo(tx.position()?.sekvens, Some(refusal())))
            })
            .unwrap()
    };
    let (held, _) = hold(&store);
    let early = undo(&store);
    let kept = insert(&store);
    let mut late = undo(&store);
    let (began, begin) = mpsc::channel::<()>();
    let (last_held, until) = mpsc::channel::<()>();
    store
        .write(move |_| {
            drop(began);
            let _ = until.recv();
            Ok(Outcome::Undo((), None))
        })
        .unwrap();
    drop(held);
    // The last job of the group runs: nothing is committed yet.
    assert!(begin.recv().is_err());
    assert_eq!(early.blocking_recv().unwrap().unwrap(), Sekvens(1));
    assert_eq!(late.try_recv().unwrap_err(), TryRecvError::Empty);
    assert_eq!(last(&store), Sekvens(0));
    drop(last_held);
    assert_eq!(late.blocking_recv().unwrap().unwrap(), Sekvens(2));
    kept.blocking_recv().unwrap().unwrap();
    // The refusal's line went along with the commit; its equal is still counted.
    assert_eq!(store.read(|view| view.audit_head()).unwrap().number, 2);
    assert_eq!(verify(&folder.db()).unwrap().position.sekvens, Sekvens(1));
}

#[test]
fn when_the_commit_fails_the_whole_group_is_told_and_nothing_is_stored() {
    let folder = Folder::new();
    let store = folder.open();
    // The mark must be on disk before the numbers: a folder in its place makes that impossible.
    let mark = folder.file("register.hoejvande");
    std::fs::create_dir(&mark).unwrap();
    let (held, _) = hold(&store);
    let jobs = [insert(&store), insert(&store)];
    drop(held);
    for job in jobs {
        let error = job.blocking_recv().unwrap().unwrap_err();
        assert!(error.to_string().contains("register.hoejvande"), "{error}");
    }
    assert_eq!(last(&store), Sekvens(0));
    std::fs::remove_dir(&mark).unwrap();
    let written = insert(&store).blocking_recv().unwrap().unwrap();
    assert_eq!(written.record.nummer, number("G30001"));
    verify(&folder.db()).unwrap();
}

#[test]
fn a_full_queue_is_busy_at_once() {
    let folder = Folder::new();
    let store = folder.open_with(Options {
        queue: 2,
        ..Options::default()
    });
    let (held, _) = hold(&store);
    let queued = [insert(&store), insert(&store)];
    let refused = store.write(|tx| insert_next(tx).map(Outcome::Keep));
    assert!(matches!(refused, Err(StoreError::Busy)));
    drop(held);
    for job in queued {
        job.blocking_recv().unwrap().unwrap();
    }
}

#[test]
fn one_that_floods_gives_way_to_others_and_keeps_nobody_waiting() {
    let folder = Folder::new();
    let store = folder.open_with(Options {
        queue: 100,
        group: 10,
        ..Options::default()
    });
    let of = |cvr: &str| {
        let whose = crate::register::Cvr::parse(cvr).ok();
        let order = || {
            store.write_for(whose, 1, Undo::Transaction, |tx| {
                insert_next(tx).map(Outcome::Keep)
            })
        };
        order()
    };
    let (held, _) = hold(&store);
    let flood: Vec<_> = (0..100).map(|_| of("11111111").unwrap()).collect();
    assert!(matches!(of("11111111"), Err(StoreError::Busy)));
    let others: Vec<_> = (0..4).map(|_| of("22222222").unwrap()).collect();
    drop(held);
    let place = |done: Receiver<Result<Aendring>>| {
        let answer = done.blocking_recv().unwrap();
        answer.map(|change| change.sekvens.0)
    };
    // The other's four come within its first turn, after one turn of the flood.
    for done in others {
        assert!(place(done).unwrap() <= 20);
    }
    let (mut stored, mut busy) = (0, 0);
    for done in flood {
        match place(done) {
            Ok(_) => stored += 1,
            Err(StoreError::Busy) => busy += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((stored, busy), (96, 4));
    verify(&folder.db()).unwrap();
}

#[test]
fn a_quiet_organisation_waits_for_one_batch_at_most() {
    let folder = Folder::new();
    let store = folder.open();
    let of = |cvr: u32, records: u32| {
        let whose = crate::register::Cvr::parse(&cvr.to_string()).ok();
        let job = store.write_for(whose, records, Undo::Transaction, |tx| {
            insert_next(tx).map(Outcome::Keep)
        });
        job.unwrap()
    };
    let (held, _) = hold(&store);
    let flood: Vec<_> = (0..48).map(|n| of(11_111_111 + n % 12, 500)).collect();
    let quiet = of(99_999_999, 1);
    drop(held);
    let place = |done: Receiver<Result<Aendring>>| {
        let answer = done.blocking_recv().unwrap();
        answer.unwrap().sekvens.0
    };
    assert!(place(quiet) <= 2, "one batch may have begun");
    let mut rest: Vec<_> = flood.into_iter().map(place).collect();
    rest.sort_unstable();
    assert_eq!((rest.len(), rest.last()), (48, Some(&49)));
}

#[test]
fn closing_finishes_what_is_begun_refuses_what_is_queued_and_writes_the_lines_of_refusals() {
    let folder = Folder::new();
    let store = folder.open();
    let (held, _) = hold(&store);
    // One group: a write, a long job, and more writes.
    let begun = insert(&store);
    let (long_held, until) = mpsc::channel::<()>();
    let (began, begin) = mpsc::channel::<()>();
    let long = store
        .write(move |_| {
            drop(began);
            let _ = until.recv();
            Ok(Outcome::Undo((), None))
        })
        .unwrap();
    let mut queued: Vec<_> = (0..50).map(|_| insert(&store)).collect();
    drop(held);
    assert!(begin.recv().is_err());
    // And more in the queue.
    queued.extend((0..50).map(|_| insert(&store)));
    store.audit_later(refusal());
    assert!(!store.stop(Duration::from_millis(10)));
    let late = store.write(|tx| insert_next(tx).map(Outcome::Keep));
    assert!(matches!(late, Err(StoreError::Closed)));
    drop(long_held);
    assert!(store.stop(Duration::from_secs(600)));
    begun.blocking_recv().unwrap().unwrap();
    long.blocking_recv().unwrap().unwrap();
    for job in queued {
        let refused = job.blocking_recv().unwrap();
        assert!(matches!(refused, Err(StoreError::Closed)), "{refused:?}");
    }
    store.close();
    let verified = verify(&folder.db()).unwrap();
    assert_eq!(
        (verified.position.sekvens, verified.head.number),
        (Sekvens(1), 2)
    );
}

/// The counts of the audit lines.
fn counts(store: &SqliteStore) -> Vec<String> {
    let mut counts = Vec::new();
    store
        .read(|view| {
            view.audit_lines(&mut |line| {
                counts.extend(line.canonical.lines().last().map(str::to_owned));
                ControlFlow::Continue(())
            })
        })
        .unwrap();
    counts
}

#[test]
fn equal_refusals_are_a_line_at_once_and_one_with_their_count_later_or_at_the_end() {
    let folder = Folder::new();
    // Longer than the test takes.
    let store = folder.open_with(Options {
        merge: Duration::from_secs(3600),
        ..Options::default()
    });
    let again = || (0..10).for_each(|_| store.audit_later(refusal()));
    again();
    let other = audit::Entry {
        noter: vec!["DTR-1002".into()],
        ..refusal()
    };
    store.audit_later(other);
    // An idle writer writes them.
    assert!(eventually(|| counts(&store).len() == 2));
    // A commit does not carry along what is still counted.
    again();
    insert(&store).blocking_recv().unwrap().unwrap();
    assert_eq!(counts(&store), ["antal=1"; 3]);
    store.close();
    let store = folder.open();
    assert_eq!(
        counts(&store),
        ["antal=1", "antal=1", "antal=1", "antal=19"]
    );
    store.close();
    // The minute's end, which here comes at once.
    let store = folder.open_with(Options {
        merge: Duration::from_millis(1),
        ..Options::default()
    });
    store.audit_later(refusal());
    store.audit_later(refusal());
    let sum = || {
        let lines = counts(&store);
        let of = |line: &String| line["antal=".len()..].parse::<u32>().unwrap();
        lines.iter().map(of).sum::<u32>()
    };
    assert!(eventually(|| sum() == 24));
}

#[test]
fn two_stores_on_one_file_write_by_turns_and_notice_each_other() {
    let folder = Folder::new();
    let stores = [folder.open(), folder.open()];
    for turn in 0..20 {
        let change = insert(&stores[turn % 2]).blocking_recv().unwrap().unwrap();
        assert_eq!(change.sekvens, Sekvens(turn as u64 + 1));
    }
    std::thread::scope(|scope| {
        for store in &stores {
            scope.spawn(|| {
                for _ in 0..30 {
                    insert(store).blocking_recv().unwrap().unwrap();
                }
            });
        }
    });
    let verified = verify(&folder.db()).unwrap();
    assert_eq!(
        (verified.position.sekvens, verified.head.number),
        (Sekvens(80), 80)
    );

    let noticed = stores[0].foreign_commits();
    assert!(noticed >= 9);
    insert(&stores[1]).blocking_recv().unwrap().unwrap();
    assert!(eventually(|| stores[0].foreign_commits() > noticed));
}

#[test]
fn another_process_that_writes_for_too_long_makes_the_store_busy_and_no_more() {
    let folder = Folder::new();
    let store = folder.open_with(Options {
        busy_timeout: Duration::from_millis(20),
        ..Options::default()
    });
    let other = connection::writable(&folder.db(), Duration::from_secs(5)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = insert(&store).blocking_recv().unwrap();
    assert!(matches!(refused, Err(StoreError::Busy)));
    assert_eq!(last(&store), Sekvens(0));
    other.execute_batch("ROLLBACK").unwrap();
    insert(&store).blocking_recv().unwrap().unwrap();
}

#[test]
fn the_check_writes_through_the_writer_and_leaves_nothing() {
    let folder = Folder::new();
    let store = folder.open_with(Options {
        busy_timeout: Duration::from_millis(20),
        ..Options::default()
    });
    store.check().unwrap().blocking_recv().unwrap().unwrap();
    assert_eq!(store.read(|view| view.audit_head()).unwrap().number, 0);
    let other = connection::writable(&folder.db(), Duration::from_secs(5)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(store.check().unwrap().blocking_recv().unwrap().is_err());
}

#[test]
fn after_a_failed_commit_the_check_fails_until_a_commit_reaches_the_disk() {
    let folder = Folder::new();
    let store = folder.open();
    let check = || store.check().unwrap().blocking_recv().unwrap();
    let other = connection::readable(&folder.db(), Duration::from_secs(5)).unwrap();
    let commits = || writer::data_version(&other).unwrap();
    let mark = folder.file("register.hoejvande");
    std::fs::create_dir(&mark).unwrap();
    assert!(insert(&store).blocking_recv().unwrap().is_err());
    let before = commits();
    for _ in 0..2 {
        let error = check().unwrap_err().to_string();
        assert!(error.contains("register.hoejvande"), "{error}");
    }
    assert_eq!(commits(), before);
    std::fs::remove_dir(&mark).unwrap();
    check().unwrap();
    let after = commits();
    assert_ne!(after, before, "the probe is a commit that writes");
    check().unwrap();
    assert_eq!(commits(), after, "and there is no other");
    assert_eq!(store.read(|view| view.audit_head()).unwrap().number, 0);
    insert(&store).blocking_recv().unwrap().unwrap();
    verify(&folder.db()).unwrap();
}
