//! The server killed in the middle of a stream of writes: what was answered is there, nothing is half there, and a retry
//! gives the same bytes. `DTR_FROE=<number>` repeats the moments of a run.

use std::collections::BTreeMap;
use std::path::Path;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::support::messages::*;
use crate::support::process::{Server, dtr_json, installation};
use crate::support::{Caller, Folder};

const ROUNDS: u64 = 4;
const CLIENTS: u64 = 3;
const BATCH: u64 = 3;

/// A write as it was sent, with its answer if there was one.
#[derive(Debug)]
struct Sent {
    id: String,
    body: String,
    answer: Option<String>,
}

/// A stream of writes that ends when the server does. Each holds a batch, so that half of one could be told.
async fn stream(caller: Caller, name: String, answered: mpsc::UnboundedSender<()>) -> Vec<Sent> {
    let mut all = Vec::new();
    for count in 0.. {
        let batch: Vec<_> = (0..BATCH)
            .map(|part| institution(&format!("{name}-{count} del {part}"), 751))
            .collect();
        let (id, body) = (
            format!("urn:{name}:{count}"),
            write("InsertDaginstitution", &batch),
        );
        let answer = caller.import_v2(&*body).message_id(&id).try_send().await;
        let answer = answer.ok().map(|answer| answer.text());
        let ended = answer.is_none();
        all.push(Sent { id, body, answer });
        if ended {
            break;
        }
        let _ = answered.send(());
    }
    all
}

/// The names in the register, and how many parts of each are there.
async fn parts(caller: &Caller) -> BTreeMap<String, u64> {
    let all = caller
        .eksport_v2("GetAllDaginstitutioner", "")
        .result()
        .await;
    let mut parts = BTreeMap::new();
    for name in all.texts("daginstitutionsNavn") {
        let whole = name.split_once(" del ").unwrap().0.to_owned();
        *parts.entry(whole).or_default() += 1;
    }
    parts
}

fn verify(folder: &Path) {
    let (told, holds) = dtr_json(folder, &["audit", "verify"]);
    assert!(holds && told["holder"] == true, "{told}");
}

/// A few bits that differ from round to round (splitmix64).
fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_has_kept_what_it_answered() {
    let given = std::env::var("DTR_FROE")
        .ok()
        .and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(|| u64::from(std::process::id()));
    println!("DTR_FROE={seed}");
    let folder = Folder::new();
    let folder = installation(&folder).await;
    let mut expected = 0;
    for round in 0..ROUNDS {
        let after = 2 + mixed(seed + round) % 30;
        println!("round {round}: killed after {after} answers");
        let server = Server::start(&folder);
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
        verify(&folder);

        let server = Server::start(&folder);
        let caller = server.caller("kommune");
        let there = parts(&caller).await;
        assert!(
            there.values().all(|count| *count == BATCH),
            "half a batch: {there:?}"
        );
        for write in &sent {
            let whole = write.id["urn:".len()..].replace(':', "-");
            assert!(
                write.answer.is_none() || there.contains_key(&whole),
                "{whole} is lost"
            );
            let retry = caller
                .import_v2(&*write.body)
                .message_id(&write.id)
                .ok()
                .await;
            if let Some(answer) = &write.answer {
                assert_eq!(retry.text(), *answer, "{whole}");
            }
        }
        expected += sent.len();
        let there = parts(&caller).await;
        assert_eq!(there.len(), expected, "each write once");
        assert!(server.terminate().success());
        verify(&folder);
    }
}
