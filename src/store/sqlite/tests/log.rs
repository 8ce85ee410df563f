//! The write-ahead log: moved beside the writer, begun anew whatever views there are, cut when nothing is written.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::Scope;
use std::time::Duration;

use super::writing::{eventually, insert};
use super::*;

/// How many pages the log holds, and how many of them are moved.
fn pages(beside: &rusqlite::Connection) -> (i64, i64) {
    let looked = beside.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| {
        Ok((row.get(1)?, row.get(2)?))
    });
    looked.unwrap()
}

/// How long the log's file is, in pages.
fn length(folder: &Folder) -> i64 {
    /// A page and the head before it.
    const FRAME: u64 = 4096 + 24;
    let file = std::fs::metadata(folder.file("register.db-wal"));
    file.map_or(0, |file| i64::try_from(file.len() / FRAME).unwrap())
}

#[test]
fn the_log_is_moved_into_the_database_beside_the_writer_and_begins_anew() {
    let folder = Folder::new();
    let store = folder.open();
    let beside = rusqlite::Connection::open(folder.db()).unwrap();
    let (mut jobs, mut most, mut beside_writer) = (0, 0, false);
    loop {
        insert(&store).blocking_recv().unwrap().unwrap();
        jobs += 1;
        let (all, moved) = pages(&beside);
        if all < most {
            break;
        }
        most = all;
        beside_writer |= moved > 0 && all < 6_000;
        // Where the writer's turn has come a move beside it may still be under way.
        assert!(most < 12_000, "it never begins anew");
    }
    // It begins anew at any time when it was moved whole beside the writer.
    assert!(beside_writer || most < 6_000, "only the writer moves it");
    drop(beside);
    store.close();
    assert!(!folder.file("register.db-wal").exists());
    assert_eq!(verify(&folder.db()).unwrap().position.sekvens.0, jobs);
}

/// A view that lasts until it is told to end.
struct Lasting {
    begun: mpsc::Receiver<()>,
    _end: mpsc::Sender<()>,
}

impl Lasting {
    /// Asks for a view. It must begin when no other is under way: `under_way` counts them.
    fn ask<'s>(
        scope: &'s Scope<'s, '_>,
        store: &'s SqliteStore,
        under_way: &'s AtomicUsize,
    ) -> Self {
        let (begins, begun) = mpsc::channel();
        let (end, ended) = mpsc::channel::<()>();
        let (asks, asked) = mpsc::channel();
        scope.spawn(move || {
            asks.send(()).unwrap();
            let seen = store.read_long(|view| {
                assert_eq!(under_way.fetch_add(1, Ordering::SeqCst), 0);
                let before = view.position()?;
                begins.send(()).unwrap();
                let _ = ended.recv();
                assert_eq!(view.position()?, before);
                under_way.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            });
            seen.unwrap();
        });
        asked.recv().unwrap();
        Self { begun, _end: end }
    }

    fn begins(self) -> Self {
        self.begun.recv().unwrap();
        self
    }

    /// Ends the view before it, and begins.
    fn after(self, before: Self) -> Self {
        drop(before);
        self.begins()
    }
}

/// A view is always under way or asked for, and each lasts until the log has come to its bound. What the gate promises is
/// looked at step by step: the next view waits for the one that ends, and then the log begins anew.
#[test]
fn views_that_overlap_without_end_do_not_make_the_log_grow_without_bound() {
    const BOUND: u32 = 500;
    /// What is written while a view waits.
    const BESIDE: usize = 10;
    /// How often the log must begin anew.
    const ANEW: usize = 5;
    let folder = Folder::new();
    let store = folder.open_with(Options {
        log: BOUND,
        // No view is ended, and none goes by the gate.
        view: Duration::from_secs(3600),
        // Nothing else shortens the log.
        idle: Duration::from_secs(3600),
        ..Options::default()
    });
    let beside = rusqlite::Connection::open(folder.db()).unwrap();
    let write = || drop(insert(&store).blocking_recv().unwrap().unwrap());
    let all = || pages(&beside).0;
    let under_way = AtomicUsize::new(0);
    let (mut longest, mut written, mut anew, mut rounds) = (0, 0, 0, 0);
    std::thread::scope(|scope| {
        let mut lasting = Lasting::ask(scope, &store, &under_way).begins();
        while anew < ANEW {
            // A short view of the writer's own may be in the way for longer than the log waits: then the next round does it.
            rounds += 1;
            assert!(rounds < 20 * ANEW, "it begins anew {anew} times");
            write();
            while all() < i64::from(BOUND) {
                write();
            }
            assert!(eventually(|| store.pool.gate().is_closed()));
            let next = Lasting::ask(scope, &store, &under_way);
            (0..BESIDE).for_each(|_| write());
            let length = all();
            longest = longest.max(length);
            lasting = next.after(lasting);
            write();
            if all() < length {
                anew += 1;
                written += length;
            }
        }
    });
    // The file is as long as the log ever was between two beginnings, however much was written.
    assert!(length(&folder) <= longest, "{longest}");
    assert!(written >= ANEW as i64 * i64::from(BOUND));
    drop(beside);
    verify(&folder.db()).unwrap();
}

#[test]
fn a_view_that_lasts_too_long_is_ended_and_told_so() {
    let folder = Folder::new();
    let store = folder.open_with(Options {
        log: 100,
        view: Duration::from_millis(50),
        ..Options::default()
    });
    small_register(&store);
    let ended = std::thread::scope(|scope| {
        let (begun, begin) = mpsc::channel();
        let reader = scope.spawn(|| {
            let begun = begun;
            store.read_long(|view| {
                loop {
                    // It goes on for ever, but for what comes from outside.
                    view.records(&Selection::default(), &mut |_| {
                        let _ = begun.send(());
                        std::thread::sleep(Duration::from_millis(1));
                        ControlFlow::Continue(())
                    })?;
                }
            })
        });
        begin.recv().unwrap();
        while !reader.is_finished() {
            insert(&store).blocking_recv().unwrap().unwrap();
        }
        reader.join().unwrap()
    });
    let ended: Result<()> = ended;
    assert!(matches!(ended, Err(StoreError::Busy)), "{ended:?}");
    // Its connection serves on.
    for _ in 0..8 {
        store.read(|view| view.position()).unwrap();
    }
}

#[test]
fn the_log_of_an_idle_register_is_cut() {
    let folder = Folder::new();
    let store = folder.open_with(Options {
        idle: Duration::from_millis(30),
        ..Options::default()
    });
    for _ in 0..2 {
        small(&store);
        assert!(eventually(|| length(&folder) == 0));
    }
    // A view keeps it, and once it has ended the log is cut all the same.
    store
        .read(|view| {
            view.position()?;
            small(&store);
            Ok(())
        })
        .unwrap();
    assert!(eventually(|| length(&folder) == 0));
    assert_eq!(store.read(|view| view.position()).unwrap().sekvens.0, 60);
}

fn small(store: &SqliteStore) {
    for _ in 0..20 {
        insert(store).blocking_recv().unwrap().unwrap();
    }
}
