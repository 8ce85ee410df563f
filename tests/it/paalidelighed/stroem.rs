//! The power goes: of what a server wrote, what it had synced is on disk, and of the rest any sectors of 512 bytes are, in
//! any mixture. `fejl.c` records the writes and syncs of a server under three writers; from the record a register is made
//! for each seed, as a disk could have it after a power loss at some moment, and opened.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tokio::task::JoinSet;

use dtr::store::sqlite::{Options, SqliteStore};

use super::styring::Styring;
use super::{count, intact, mixed, open, seed};
use crate::support::Folder;
use crate::support::messages::*;
use crate::support::process::installation;

const WRITERS: i64 = 3;
/// Enough that the log is moved into the database (a thousand pages) in their midst.
const WRITES: i64 = 50;
const SECTOR: usize = 512;

/// What was done to a file.
#[derive(Debug)]
enum Act {
    Write { offset: usize, bytes: Vec<u8> },
    Truncate(usize),
    Sync,
    Rename(String),
    Unlink,
    Nothing,
}

/// The record, as `noter` writes it; paths are names in the folder, the folder itself is empty.
fn recorded(log: &Path, folder: &Path) -> Vec<(String, Act)> {
    let bytes = std::fs::read(log).unwrap();
    let prefix = format!("{}/", folder.canonicalize().unwrap().display());
    let name = |path: &[u8]| {
        let path = std::str::from_utf8(path).unwrap();
        path.strip_prefix(&prefix).unwrap_or_default().to_owned()
    };
    let (mut rest, mut acts) = (bytes.as_slice(), Vec::new());
    while let Some((kind, after)) = rest.split_first() {
        let number = |at: usize| {
            let bytes = after[at * 8..at * 8 + 8].try_into().unwrap();
            usize::try_from(u64::from_ne_bytes(bytes)).unwrap()
        };
        let (paths, offset, length, held) = (number(0), number(1), number(2), number(3));
        let path = name(&after[32..32 + paths]);
        let data = &after[32 + paths..32 + paths + held];
        let act = match kind {
            b'W' => Act::Write {
                offset,
                bytes: data.to_vec(),
            },
            b'T' => Act::Truncate(length),
            b'S' => Act::Sync,
            b'R' => Act::Rename(name(data)),
            b'U' => Act::Unlink,
            b'N' => Act::Nothing,
            other => panic!("{other}"),
        };
        acts.push((path, act));
        rest = &after[32 + paths + held..];
    }
    acts
}

/// A file as the disk may have it: what is synced, and what was done since.
#[derive(Debug, Default, Clone)]
struct Disk {
    synced: Vec<u8>,
    since: Vec<usize>,
}

fn put(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if file.len() < end {
        file.resize(end, 0);
    }
    file[offset..end].copy_from_slice(bytes);
}

/// Does to a file what was done since its last sync: all of it, or what chance lets through.
fn apply(disk: &Disk, acts: &[(String, Act)], chance: Option<u64>) -> Vec<u8> {
    let mut file = disk.synced.clone();
    for &at in &disk.since {
        match &acts[at].1 {
            Act::Write { offset, bytes } => {
                for (part, sector) in bytes.chunks(SECTOR).enumerate() {
                    let bits =
                        chance.map_or(0, |seed| mixed(seed ^ mixed((at * 64 + part) as u64)));
                    // Some power losses spare most, some little.
                    let spared = chance.map_or(u64::MAX, |seed| mixed(seed ^ 0xd15c));
                    if bits <= spared {
                        put(&mut file, offset + part * SECTOR, sector);
                    }
                }
            }
            Act::Truncate(length) => {
                if chance.is_none_or(|seed| mixed(seed ^ at as u64) & 1 == 0) {
                    file.resize(*length, 0);
                }
            }
            Act::Sync | Act::Rename(_) | Act::Unlink | Act::Nothing => {}
        }
    }
    file
}

/// The files as they may be when the power goes after `moment` acts, put into `to`.
fn power_loss(
    start: &BTreeMap<String, Vec<u8>>,
    acts: &[(String, Act)],
    moment: usize,
    seed: u64,
    to: &Path,
) {
    let mut disks: BTreeMap<&str, Disk> = start
        .iter()
        .map(|(name, bytes)| {
            let disk = Disk {
                synced: bytes.clone(),
                since: Vec::new(),
            };
            (name.as_str(), disk)
        })
        .collect();
    for (at, (name, act)) in acts.iter().enumerate().take(moment) {
        match act {
            Act::Write { .. } | Act::Truncate(_) => disks.entry(name).or_default().since.push(at),
            Act::Sync => {
                if let Some(disk) = disks.get_mut(name.as_str()) {
                    let whole = apply(disk, acts, None);
                    *disk = Disk {
                        synced: whole,
                        since: Vec::new(),
                    };
                }
            }
            // A rename is whole or not at all. One that no sync of the folder followed may not have been.
            Act::Rename(to) => {
                let kept = acts[at..moment]
                    .iter()
                    .any(|(name, act)| name.is_empty() && matches!(act, Act::Sync));
                if kept || mixed(seed ^ at as u64) & 1 == 0 {
                    let disk = disks.remove(name.as_str()).unwrap_or_default();
                    disks.insert(to, disk);
                }
            }
            Act::Unlink => {
                disks.remove(name.as_str());
            }
            Act::Nothing => {}
        }
    }
    for (name, disk) in disks {
        // What is in shared memory does not outlive the machine.
        if name != "register.db-shm" {
            std::fs::write(to.join(name), apply(&disk, acts, Some(seed))).unwrap();
        }
    }
}

/// The registers files as they lie in a folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap();
    let named = entries
        .map(|entry| entry.unwrap().path())
        .filter_map(|path: PathBuf| {
            let name = path.file_name()?.to_str()?.to_owned();
            name.starts_with("register.")
                .then(|| (name, std::fs::read(&path).unwrap()))
        });
    named.collect()
}

/// A write that was answered: after how many acts, and what it stored.
type Answered = (usize, String);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_power_loss_what_was_answered_is_there() {
    let seed = seed();
    let folder = Folder::new();
    let home = installation(&folder).await;
    let start = files(&home);
    let styring = std::sync::Arc::new(Styring::new(&home));
    let (server, log) = styring.recorded();
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (caller, styring) = (server.caller("kommune"), std::sync::Arc::clone(&styring));
        writers.spawn(async move {
            let mut answered: Vec<Answered> = Vec::new();
            for n in 0..WRITES {
                let name = format!("stroem-{writer}-{n}");
                let units: Vec<_> = (0..2)
                    .map(|part| institution(&format!("{name} del {part}"), 751))
                    .collect();
                let body = write("InsertDaginstitution", &units);
                caller
                    .import_v2(body)
                    .message_id(&format!("urn:{name}"))
                    .ok()
                    .await;
                answered.push((usize::try_from(styring.calls()).unwrap(), name));
            }
            answered
        });
    }
    let answered: Vec<Answered> = writers.join_all().await.into_iter().flatten().collect();
    server.kill();
    let acts = recorded(&log, &home);
    // The kill may have come between the counting of a call and its record.
    let counted = styring.calls() - acts.len() as i64;
    assert!(
        (0..=1).contains(&counted),
        "what is counted is what is recorded"
    );
    let losses = count("DTR_STROEM", 100);
    println!("{} acts, {losses} power losses", acts.len());
    let (mut least, mut most) = (u64::MAX, 0);
    for loss in 0..losses {
        let chance = mixed(seed.wrapping_add(loss));
        let moment = 1 + usize::try_from(mixed(chance) % acts.len() as u64).unwrap();
        let lost = folder.join(&format!("tab-{loss}"));
        std::fs::create_dir(&lost).unwrap();
        power_loss(&start, &acts, moment, chance, &lost);
        let database = lost.join("register.db");
        let store = SqliteStore::open(&database, Options::default())
            .unwrap_or_else(|error| panic!("loss {loss} at {moment}: {error}"));
        store.close();
        let position = intact(&database).position.sekvens.0;
        (least, most) = (least.min(position), most.max(position));
        let conn = open(&database);
        for (at, name) in &answered {
            let parts: u32 = conn
                .query_row(
                    "SELECT count(*) FROM aendring WHERE navn IN (?1 || ' del 0', ?1 || ' del 1')",
                    [name],
                    |row| row.get(0),
                )
                .unwrap();
            assert!(
                parts == 0 || parts == 2,
                "loss {loss} at {moment}: half of {name}"
            );
            assert!(
                parts == 2 || *at > moment,
                "loss {loss} at {moment}: {name} was answered at {at}"
            );
        }
        drop(conn);
        std::fs::remove_dir_all(&lost).unwrap();
    }
    println!("the registers stood between {least} and {most}");
    assert!(most > least, "the losses were at different moments");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_comes_alone_costs_one_fsync() {
    let folder = Folder::new();
    let home = installation(&folder).await;
    let styring = Styring::new(&home);
    let (server, log) = styring.recorded();
    let caller = server.caller("kommune");
    let mut marks = Vec::new();
    for n in 0..20 {
        let body = write(
            "InsertDaginstitution",
            &[institution(&format!("alene-{n}"), 751)],
        );
        caller.import_v2(body).ok().await;
        marks.push(usize::try_from(styring.calls()).unwrap());
    }
    server.kill();
    let acts = recorded(&log, &home);
    let syncs: Vec<_> = marks
        .windows(2)
        .map(|pair| {
            let between = &acts[pair[0]..pair[1]];
            between
                .iter()
                .filter(|(_, act)| matches!(act, Act::Sync))
                .count()
        })
        .collect();
    assert!(
        syncs.iter().all(|count| *count >= 1),
        "answered before it was on disk: {syncs:?}"
    );
    // The day's head of the audit chain may be kept among them, and numbers reserved.
    let alone = syncs.iter().filter(|count| **count == 1).count();
    assert!(alone >= 16, "{syncs:?}");
}
