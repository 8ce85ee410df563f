//! The server killed in the middle of eight streams of writes, again and again on one register: what was answered is there,
//! nothing is half there, and a retry gives the same bytes.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::{count, mixed, open, seed, sound};
use crate::support::messages::*;
use crate::support::process::{Server, installation};
use crate::support::{Caller, FOR_EVER, Folder};

const CLIENTS: u64 = 8;
const BATCH: u64 = 3;
/// So many kills each register lives through: after some 500 its numbers would be used up.
const EACH: usize = 100;

/// A write as it was sent, with its answer if there was one.
#[derive(Debug)]
struct Sent {
    name: String,
    body: String,
    answer: Option<String>,
}

impl Sent {
    fn id(&self) -> String {
        format!("urn:{}", self.name)
    }
}

/// A stream of writes that ends when the server does. Each holds a batch, so that half of one could be told.
async fn stream(caller: Caller, name: String, answered: mpsc::UnboundedSender<()>) -> Vec<Sent> {
    let mut all = Vec::new();
    for count in 0.. {
        let name = format!("{name}-{count}");
        let batch: Vec<_> = (0..BATCH)
            .map(|part| institution(&format!("{name} del {part}"), 751))
            .collect();
        let mut sent = Sent {
            body: write("InsertDaginstitution", &batch),
            name,
            answer: None,
        };
        let call = caller.import_v2(&*sent.body).message_id(&sent.id());
        sent.answer = call.try_send().await.ok().map(|answer| answer.text());
        let ended = sent.answer.is_none();
        all.push(sent);
        if ended {
            break;
        }
        let _ = answered.send(());
    }
    all
}

/// The names in the register, and how many parts of each are there.
fn parts(folder: &Path) -> BTreeMap<String, u64> {
    let conn = open(&folder.join("register.db"));
    let mut names = conn.prepare("SELECT navn FROM aendring").unwrap();
    let mut parts = BTreeMap::new();
    for name in names.query_map([], |row| row.get::<_, String>(0)).unwrap() {
        let whole = name.unwrap().split_once(" del ").unwrap().0.to_owned();
        *parts.entry(whole).or_default() += 1;
    }
    parts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_has_kept_what_it_answered() {
    let seed = seed();
    let rounds: Vec<_> = (0..count("DTR_DRAB", 50)).collect();
    for rounds in rounds.chunks(EACH) {
        one_register(seed, rounds).await;
    }
}

async fn one_register(seed: u64, rounds: &[u64]) {
    let folder = Folder::new();
    let folder = installation(&folder).await;
    let (mut expected, mut server) = (0, Server::start(&folder));
    for round in rounds.iter().copied() {
        let after = 8 + mixed(seed + round) % 60;
        println!("kill {round}: after {after} answers");
        let (answered, mut answers) = mpsc::unbounded_channel();
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            let name = format!("runde-{round}-{client}");
            clients.spawn(stream(server.caller("kommune"), name, answered.clone()));
        }
        for _ in 0..after {
            answers.recv().await.unwrap();
        }
        server.kill();
        let sent: Vec<_> = clients.join_all().await.into_iter().flatten().collect();
        sound(&folder);
        let there = parts(&folder);
        assert!(
            there.values().all(|count| *count == BATCH),
            "half a batch: {there:?}"
        );
        for write in &sent {
            let Some(answer) = &write.answer else {
                continue;
            };
            assert!(answer.contains("<status>OK"), "{answer}");
            assert!(there.contains_key(&write.name), "{} is lost", write.name);
        }

        server = Server::start(&folder);
        let caller = server.caller("kommune");
        // All that were not answered, and of the answered ones the last, which was nearest to the kill.
        let mut last_of = BTreeMap::new();
        for write in &sent {
            let stream = write.name.rsplit_once('-').unwrap().0;
            if write.answer.is_some() {
                last_of.insert(stream, write);
            }
        }
        let unanswered = sent.iter().filter(|write| write.answer.is_none());
        for write in unanswered.chain(last_of.into_values()) {
            let call = caller.import_v2(&*write.body).message_id(&write.id());
            let retry = call.ok().await;
            if let Some(answer) = &write.answer {
                assert_eq!(retry.text(), *answer, "{}", write.name);
            }
        }
        expected += sent.len();
        assert_eq!(parts(&folder).len(), expected, "each write once");
    }
    assert!(server.terminate().success());
    assert_eq!(sound(&folder).position.sekvens.0, expected as u64 * BATCH);
}

/// A signal of these numbers is caught by the process: HUP, INT, TERM.
fn hears_signals(id: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let mut lines = status.lines();
    let caught = lines.find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
    let caught = u64::from_str_radix(caught.trim(), 16).unwrap();
    [1, 2, 15]
        .iter()
        .all(|signal| caught & (1 << (signal - 1)) != 0)
}

/// Whoever stops the server on the word that it runs, or asks it to look at its files again, finds it listening: signals are
/// heard while nobody takes that word yet.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_server_hears_signals_before_it_says_that_it_runs() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let (mut told, mut full) = std::io::pipe().unwrap();
    full.write_all(&[b' '; 65_536]).unwrap();
    let mut server = std::process::Command::new(env!("CARGO_BIN_EXE_dtr"))
        .current_dir(&at)
        .args(["serve", "--json"])
        .stdout(full)
        .spawn()
        .unwrap();
    let waiting = async {
        while !hears_signals(server.id()) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(FOR_EVER, waiting).await.unwrap();
    // Its word is still behind what fills the pipe.
    let mut filling = [0; 65_536];
    told.read_exact(&mut filling).unwrap();
    assert_eq!(filling, [b' '; 65_536]);
    let id = server.id().to_string();
    let term = std::process::Command::new("kill").arg(&id).status();
    assert!(term.unwrap().success());
    assert!(server.wait().unwrap().success());
    let mut word = String::new();
    told.read_to_string(&mut word).unwrap();
    assert!(word.contains("service_url"), "{word}");
}
