//! Each message sent up to six times at once, by several callers of one organisation, while the server is stopped and
//! started again: every copy gets the same bytes, and the register has the record once. A server that is told to stop lets
//! those that it has taken have their answers, within ten seconds.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use tokio::task::JoinSet;

use super::{count, mixed, open, seed, sound};
use crate::support::messages::*;
use crate::support::process::{Server, installation};
use crate::support::{Caller, Folder};

const CALLERS: u64 = 16;

/// What all callers share.
struct World {
    seed: u64,
    messages: u64,
    /// Counts copies that were begun.
    next: AtomicU64,
    /// The server of the moment; none while it is down.
    server: RwLock<Option<Arc<Server>>>,
    answers: Mutex<BTreeMap<u64, String>>,
}

impl World {
    /// The message of a copy, so that copies of one are neighbours: 1 to 6 of each.
    fn copies(&self) -> Vec<u64> {
        (0..self.messages)
            .flat_map(|message| {
                let times = 1 + mixed(self.seed + message) % 6;
                (0..times).map(move |_| message)
            })
            .collect()
    }

    fn caller(&self) -> Option<Caller> {
        let server = self.server.read().unwrap().clone();
        server.map(|server| server.caller("kommune"))
    }

    /// Sends copies until there are no more; a copy that gets no answer is sent again.
    async fn work(self: Arc<Self>, copies: Arc<Vec<u64>>) {
        let mut caller = None;
        while let Some(&message) = copies.get(self.next.fetch_add(1, Ordering::Relaxed) as usize) {
            let body = body(message);
            let text = loop {
                if caller.is_none() {
                    caller = self.caller();
                }
                let Some(open) = &caller else {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                };
                let call = open.import_v2(&*body).message_id(&id(message));
                match call.try_send().await {
                    Ok(answer) if answer.status() == 200 => break answer.text(),
                    Ok(answer) => assert_eq!(answer.status(), 503, "{}", answer.text()),
                    Err(_) => caller = None,
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            };
            assert!(text.contains("<status>OK</status>"), "{text}");
            let mut answers = self.answers.lock().unwrap();
            let first = answers.entry(message).or_insert_with(|| text.clone());
            assert_eq!(*first, text, "message {message}");
        }
    }
}

fn id(message: u64) -> String {
    format!("urn:gentag:{message}")
}

fn body(message: u64) -> String {
    write(
        "InsertDaginstitution",
        &[institution(&format!("gentag {message}"), 751)],
    )
}

/// SIGTERM; the server ends well.
fn drained(server: Arc<Server>) {
    let server = Arc::into_inner(server).expect("nobody else holds it");
    assert!(server.terminate().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_sent_many_times_at_once_is_stored_once() {
    let folder = Folder::new();
    let folder = installation(&folder).await;
    let world = Arc::new(World {
        seed: seed(),
        messages: count("DTR_GENTAG", 1000),
        next: AtomicU64::new(0),
        server: RwLock::new(Some(Arc::new(Server::start(&folder)))),
        answers: Mutex::default(),
    });
    let copies = Arc::new(world.copies());
    println!("{} messages, {} copies", world.messages, copies.len());
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        callers.spawn(Arc::clone(&world).work(Arc::clone(&copies)));
    }
    // Twice the server goes down under them: once told to, once killed.
    for (part, kill) in [(3, false), (2, true)] {
        while (world.next.load(Ordering::Relaxed) as usize) < copies.len() / part {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let server = world.server.write().unwrap().take().unwrap();
        if kill {
            Arc::into_inner(server).unwrap().kill();
        } else {
            drained(server);
        }
        *world.server.write().unwrap() = Some(Arc::new(Server::start(&folder)));
    }
    while let Some(done) = callers.join_next().await {
        done.unwrap();
    }
    drained(world.server.write().unwrap().take().unwrap());
    assert_eq!(sound(&folder).position.sekvens.0, world.messages);
    let conn = open(&folder.join("register.db"));
    let names: u32 = conn
        .query_row("SELECT count(DISTINCT navn) FROM post", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(u64::from(names), world.messages);
}
