use std::sync::Weak;
use std::sync::mpsc::sync_channel;

use super::super::testing::{AARHUS, VENDOR, answered, minute, poll};
use uuid::Uuid;

use super::super::{Calls, Filter, Page, entry};
use super::*;
use crate::pki::scratch::Scratch;
use crate::register::Tidspunkt;
use crate::store::sqlite::SqliteStore;

/// A keeper in a folder of its own.
struct Kept {
    keeper: Keeper,
    calls: Calls,
    metrics: Arc<Metrics>,
    clock: Clock,
    folder: Scratch,
}

impl Kept {
    fn new(bytes: u64) -> Self {
        let folder = Scratch::new();
        let (clock, metrics) = (Clock::fixed(minute(0)), Arc::new(Metrics::new()));
        Self {
            keeper: keeper(&folder, bytes, &clock, &metrics),
            calls: Calls::beside(&folder.path().join("register.db")),
            metrics,
            clock,
            folder,
        }
    }

    fn keep(&mut self, calls: impl IntoIterator<Item = Answered>) {
        self.keeper.keep(calls.into_iter().collect());
    }

    fn all(&self, cvr: &str) -> Vec<Call> {
        let filter = Filter {
            cvr: Some(Cvr::parse(cvr).unwrap()),
            ..Filter::default()
        };
        let page = Page {
            before: None,
            size: 1000,
        };
        self.calls.of(&filter, page).unwrap()
    }

    fn shows(&self, line: &str) -> bool {
        self.metrics.render().contains(line)
    }
}

fn keeper(folder: &Scratch, bytes: u64, clock: &Clock, metrics: &Arc<Metrics>) -> Keeper {
    let settings = Settings {
        file: folder.path().join("kald.db"),
        days: 90,
        bytes,
        silent_after: 72,
    };
    let store: Weak<SqliteStore> = Weak::new();
    Keeper::new(settings, store, clock.clone(), Arc::clone(metrics))
}

const BYTES: u64 = 16 << 20;

#[test]
fn a_call_is_found_by_its_id_with_its_errors_alone() {
    let mut kept = Kept::new(BYTES);
    let entry = entry("DTR4004").unwrap();
    let call = Answered {
        kode: Some(entry.kode),
        errors: Some("DTR4004 /InsertDaginstitution/daginstitution[1]".into()),
        message_id: Some("ø".repeat(300).into()),
        ..answered(AARHUS, minute(0))
    };
    let id = call.id;
    kept.keep([call, answered(VENDOR, minute(0))]);
    let found = kept.calls.by_id(id).unwrap().unwrap();
    assert_eq!(found.at(), minute(0));
    assert_eq!(
        found.errors().0[0].path,
        Some("/InsertDaginstitution/daginstitution[1]")
    );
    assert_eq!(found.message_id.unwrap().len(), LONGEST);
    assert_eq!((found.took.as_micros(), found.records), (1500, 1));
    assert_eq!(kept.calls.by_id(Uuid::nil()).unwrap(), None);
}

#[test]
fn polls_of_a_minute_are_one_line_and_writes_are_not() {
    let mut kept = Kept::new(BYTES);
    let at = |seconds: i64| minute(0).plus_millis(seconds * 1000);
    for second in 0..90 {
        kept.keep([poll(VENDOR, at(second)), poll(AARHUS, at(second))]);
    }
    // Of the same minute in one step as well.
    kept.keep((0..10).map(|_| Answered {
        status: 304,
        ..poll(VENDOR, at(91))
    }));
    let lines = kept.all(VENDOR);
    let counts: Vec<_> = lines.iter().map(|line| (line.status, line.count)).collect();
    assert_eq!(counts, [(304, 10), (200, 30), (200, 60)]);
    assert_eq!(lines[1].last, at(89));
    assert_eq!(kept.all(AARHUS).len(), 2);
    kept.keep((0..3).map(|_| answered(VENDOR, at(92))));
    assert_eq!(kept.all(VENDOR).len(), 6);
    let too_many = || Answered {
        kode: Some("DTR1018"),
        status: 429,
        ..answered(VENDOR, at(93))
    };
    kept.keep((0..50).map(|_| too_many()));
    assert_eq!(kept.all(VENDOR)[0].count, 50);
    // Another minute before it is told of may come late.
    kept.keep([poll(VENDOR, at(1))]);
    assert_eq!(kept.all(VENDOR).len(), 8);
}

#[test]
fn who_calls_most_makes_room_and_others_keep_theirs() {
    let mut kept = Kept::new(2 << 20);
    kept.keep((0..20).map(|n| answered(AARHUS, minute(n))));
    for step in 0..60 {
        kept.keep((0..STEP as i64).map(|n| answered(VENDOR, minute(100 + step).plus_millis(n))));
    }
    assert_eq!(kept.all(AARHUS).len(), 20);
    let newest = kept.all(VENDOR);
    assert_eq!(
        (newest.len(), newest[0].at()),
        (1000, minute(159).plus_millis(511))
    );
    let first = kept.calls.of(
        &Filter {
            to: Some(minute(101)),
            from: Some(minute(100)),
            ..Filter::default()
        },
        Page {
            before: None,
            size: 10,
        },
    );
    assert_eq!(first.unwrap(), [], "the oldest went first");
    let size = std::fs::metadata(kept.folder.path().join("kald.db"))
        .unwrap()
        .len();
    assert!(size <= 2 << 20, "{size}");
    let database = kept.keeper.database.as_ref().unwrap();
    let shares: HashMap<_, _> = database.shares().unwrap().into_iter().collect();
    assert_eq!(kept.keeper.shares, shares, "bytes are counted as they are");
    assert!(!kept.shows("dtr_calls_left_out"));
}

#[test]
fn calls_are_kept_for_so_many_days_and_the_last_of_each_for_ever() {
    let mut kept = Kept::new(BYTES);
    kept.keep((0..700).map(|n| answered(AARHUS, minute(n))));
    let Clock::Fixed(now) = &kept.clock else {
        unreachable!()
    };
    now.store(
        minute(90 * 24 * 60 + 600).millis(),
        std::sync::atomic::Ordering::Relaxed,
    );
    kept.keeper.tend();
    let left = kept.all(AARHUS);
    assert_eq!((left.len(), left.last().unwrap().at()), (100, minute(600)));
    now.store(
        minute(900 * 24 * 60).millis(),
        std::sync::atomic::Ordering::Relaxed,
    );
    kept.keeper.tend();
    assert_eq!(kept.all(AARHUS), []);
    let last = kept.calls.last().unwrap();
    assert_eq!((last.len(), last[0].success), (1, Some(minute(699))));
    assert_eq!(kept.keeper.shares.values().sum::<i64>(), 0);
}

#[test]
fn what_each_last_did_is_told_apart() {
    let mut kept = Kept::new(BYTES);
    let refused = |n| Answered {
        kode: Some("DTR5001"),
        ..answered(AARHUS, minute(n))
    };
    let failed = |n| Answered {
        kode: Some("DTR9001"),
        status: 500,
        ..answered(AARHUS, minute(n))
    };
    let wrote = |n| Answered {
        written: Some(super::super::Written {
            line: 7,
            changes: (crate::register::Sekvens(3), crate::register::Sekvens(4)),
        }),
        ..answered(AARHUS, minute(n))
    };
    let written = wrote(0);
    let id = written.id;
    kept.keep([refused(3), written]);
    kept.keep([failed(1), answered(AARHUS, minute(2)), refused(1)]);
    let last = kept.calls.last().unwrap();
    let [last] = last.as_slice() else {
        panic!("{last:?}")
    };
    assert_eq!(last.success, Some(minute(2)));
    assert_eq!(last.failure, Some(minute(1)));
    assert_eq!(last.refusal, Some(minute(3)));
    assert_eq!(
        (last.wrote, last.call()),
        (Some(minute(0)), Some(minute(3)))
    );
    assert_eq!(
        kept.calls.by_id(id).unwrap().unwrap().written.unwrap().line,
        7
    );
    let database = kept.keeper.database.as_ref().unwrap();
    database.bound_last(0).unwrap();
    assert_eq!(kept.calls.last().unwrap(), []);
}

#[test]
fn a_damaged_or_lost_file_is_made_anew() {
    let mut kept = Kept::new(BYTES);
    let file = kept.folder.path().join("kald.db");
    kept.keep((0..500).map(|n| answered(AARHUS, minute(n))));
    // No call log at all, before it is opened.
    kept.keeper.database = None;
    std::fs::write(&file, b"no database ".repeat(1000)).unwrap();
    assert!(kept.calls.by_id(Uuid::nil()).is_err());
    kept.keep([answered(VENDOR, minute(501))]);
    assert_eq!((kept.all(AARHUS).len(), kept.all(VENDOR).len()), (0, 1));
    assert!(kept.folder.path().join("kald.db.ulaeselig").exists());
    // Somebody else's database.
    kept.keeper.database = None;
    std::fs::remove_file(&file).unwrap();
    let other = rusqlite::Connection::open(&file).unwrap();
    other.execute_batch("CREATE TABLE andet (x)").unwrap();
    drop(other);
    kept.keep([answered(VENDOR, minute(502))]);
    assert_eq!(kept.all(VENDOR).len(), 1);
    // Damaged while it is open.
    kept.keep((0..500).map(|n| answered(AARHUS, minute(n))));
    let database = kept.keeper.database.as_ref().unwrap();
    database
        .conn
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA cache_size = 0")
        .unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    let length = bytes.len();
    bytes[4096..length].fill(0xff);
    {
        use std::io::{Seek as _, Write as _};
        let mut damaged = std::fs::OpenOptions::new().write(true).open(&file).unwrap();
        damaged.seek(std::io::SeekFrom::Start(0)).unwrap();
        damaged.write_all(&bytes).unwrap();
    }
    kept.keeper
        .database
        .as_ref()
        .unwrap()
        .conn
        .execute_batch("PRAGMA shrink_memory")
        .unwrap();
    kept.keep([answered(VENDOR, minute(503))]);
    assert_eq!((kept.all(AARHUS).len(), kept.all(VENDOR).len()), (0, 1));
    // Taken away.
    std::fs::remove_file(&file).unwrap();
    kept.keep([answered(VENDOR, minute(504))]);
    assert_eq!(kept.all(VENDOR).len(), 1);
    assert!(
        !kept.shows("dtr_calls_left_out"),
        "{}",
        kept.metrics.render()
    );
}

#[test]
fn a_full_disk_costs_calls_of_the_log_until_there_is_room() {
    let mut kept = Kept::new(BYTES);
    kept.keep([answered(AARHUS, minute(0))]);
    let pages = |kept: &Kept, most: u32| {
        let conn = &kept.keeper.database.as_ref().unwrap().conn;
        conn.query_row(&format!("PRAGMA max_page_count = {most}"), [], |_| Ok(()))
            .unwrap();
    };
    pages(&kept, 1);
    for step in 0..3 {
        kept.keep((0..100).map(|n| answered(AARHUS, minute(1 + step).plus_millis(n))));
    }
    let lost = kept.keeper.failing.unwrap();
    assert!(lost > 0 && lost.is_multiple_of(100), "{lost}");
    assert!(kept.shows(&format!("dtr_calls_left_out_total{{of=\"disk\"}} {lost}")));
    pages(&kept, 4096);
    kept.keep([answered(VENDOR, minute(9))]);
    assert_eq!((kept.all(VENDOR).len(), kept.keeper.failing), (1, None));
}

#[test]
fn a_full_queue_drops_calls_and_nobody_waits() {
    use super::super::recorder::CallLog;
    let folder = Scratch::new();
    let (clock, metrics) = (Clock::fixed(minute(0)), Arc::new(Metrics::new()));
    let settings = keeper(&folder, BYTES, &clock, &metrics).settings;
    let store: Weak<SqliteStore> = Weak::new();
    let (log, recording) = CallLog::keep(settings, store, (clock, Arc::clone(&metrics)));
    for n in 0..60_000 {
        log.note(|| answered(AARHUS, minute(0).plus_millis(n)));
    }
    drop(recording);
    let calls = Calls::beside(&folder.path().join("register.db"));
    let conn = database::reading(&calls_file(&folder)).unwrap().unwrap();
    let there: u64 = conn
        .query_row("SELECT count(*) FROM kald", [], |row| row.get::<_, i64>(0))
        .unwrap()
        .cast_unsigned();
    let text = metrics.render();
    let dropped = text
        .lines()
        .find_map(|line| line.strip_prefix("dtr_calls_left_out_total{of=\"queue\"} "));
    let dropped: u64 = dropped.map_or(0, |count| count.parse().unwrap());
    assert!(dropped > 0, "60,000 calls found room for 16,384: {there}");
    assert_eq!(there + dropped, 60_000);
    assert!(calls.is_there());
    // After its end calls are left out too.
    log.note(|| answered(AARHUS, minute(1)));
    let after = format!("dtr_calls_left_out_total{{of=\"queue\"}} {}", dropped + 1);
    assert!(metrics.render().contains(&after));
    CallLog::none().note(|| unreachable!("nothing is kept"));
}

fn calls_file(folder: &Scratch) -> std::path::PathBuf {
    folder.path().join("kald.db")
}

#[test]
fn what_came_before_the_end_is_kept() {
    let folder = Scratch::new();
    let (clock, metrics) = (Clock::fixed(minute(0)), Arc::new(Metrics::new()));
    let (sender, receiver) = sync_channel(8);
    sender
        .send(Told::Call(Box::new(answered(AARHUS, minute(0)))))
        .unwrap();
    sender.send(Told::Stop).unwrap();
    keeper(&folder, BYTES, &clock, &metrics).run(&receiver, &Stop::default());
    let calls = Calls::beside(&folder.path().join("register.db"));
    assert_eq!(calls.last().unwrap()[0].success, Some(minute(0)));
}

#[test]
fn only_its_owner_reads_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut kept = Kept::new(BYTES);
    kept.keep([answered(AARHUS, Tidspunkt::from_millis(1))]);
    for name in ["kald.db", "kald.db-wal"] {
        let mode = std::fs::metadata(kept.folder.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}
