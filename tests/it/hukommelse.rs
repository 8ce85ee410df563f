//! Memory after a peak: what large answers took goes back to the system once nobody asks for them any more.
#![cfg(target_os = "linux")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use dtr::client::Client;
use tokio::task::JoinSet;

use crate::support::messages::*;
use crate::support::process::{Server, installation};
use crate::support::{FOR_EVER, Folder};

/// Daginstitutioner, and units under each.
const REGISTER: [usize; 2] = [8, 499];

/// So many callers at a time, and how often each asks.
const PEAK: [usize; 2] = [10, 10];

/// What may stay of what the peak took: one part of so many. Seen: one of 15, and one of 7 with the allocator's own settings.
const STAYS: u64 = 10;

/// What a process has of its own in memory, in bytes.
fn own(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let told = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let kb = told.and_then(|told| told.split_whitespace().next());
    kb.unwrap().parse::<u64>().unwrap() * 1024
}

/// Asks for a path of the public listener, as it is or as gzip.
async fn get(client: &Client, url: &str, gzip: bool) {
    let headers = [("Accept-Encoding", "gzip")];
    loop {
        let headers = if gzip { &headers[..] } else { &[] };
        // On a slow machine a caller's time may run out: it asks again.
        match client.get(url, headers).await {
            Ok(answer) if answer.status != 503 => {
                assert_eq!(answer.status, 200, "{url}: {}", answer.text());
                return;
            }
            _ => {}
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Waits until no document is kept any more, and until the threads that built them have ended.
async fn idle(client: &Client, server: &Server) {
    let metrics = format!("{}/metrics", server.address("admin_url"));
    let waiting = async {
        let empty = async || match client.get(&metrics, &[]).await {
            Ok(page) => page.text().contains("dtr_documents_kept_bytes 0\n"),
            Err(_) => false,
        };
        while !empty().await {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::time::timeout(FOR_EVER, waiting).await.unwrap();
}

/// One of the peak's answers: documents of differing moments, CSVs, gzip forms, and the whole register over SOAP.
async fn large(client: &Client, server: &Server, number: usize) {
    let public = server.address("public_url");
    let pr = REGISTER[0] * REGISTER[1] - number;
    let path = match number % 5 {
        0 | 1 => format!("/eksport/v2/dagtilbud.xml?pr={pr}"),
        2 => format!("/eksport/samlet.csv?pr={pr}"),
        3 => format!("/eksport/v2/anvisningsenheder.xml?pr={pr}"),
        _ => {
            let call = server.caller("kommune");
            while call.eksport_v2("GetAllDagtilbud", "").send().await.status() == 503 {}
            return;
        }
    };
    get(client, &format!("{public}{path}"), number % 2 == 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_memory_of_a_peak_goes_back() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let server = Server::start(&at);
    let caller = server.caller("operatoer");
    for place in 0..REGISTER[0] {
        let top = write(
            "InsertDaginstitution",
            &[institution(&format!("Hus {place}"), 751)],
        );
        let top = caller.import_v2(top).ok().await.numbers().remove(0);
        let units: Vec<_> = (0..REGISTER[1])
            .map(|n| unit(&top, &format!("Stue {n}")))
            .collect();
        let units = write("InsertAnvisningsEnhed", &units);
        caller.import_v2(units).ok().await;
    }
    let client = Client::new(
        &std::fs::read(crate::support::pki::folder().join("ca.pem")).unwrap(),
        None,
    );
    let client = client.unwrap();
    // What a server takes that has built one large answer.
    let public = server.address("public_url");
    let all = format!("{public}/eksport/v2/dagtilbud.xml");
    get(&client, &all, false).await;
    let rest = own(server.id());

    let (client, server) = (Arc::new(client), Arc::new(server));
    let peak = Arc::new(AtomicU64::new(0));
    let mut callers = JoinSet::new();
    for caller in 0..PEAK[0] {
        let (client, server, peak) = (client.clone(), server.clone(), peak.clone());
        callers.spawn(async move {
            for turn in 0..PEAK[1] {
                large(&client, &server, caller * PEAK[1] + turn).await;
                peak.fetch_max(own(server.id()), Ordering::Relaxed);
            }
        });
    }
    while let Some(done) = callers.join_next().await {
        done.unwrap();
    }
    let peak = peak.load(Ordering::Relaxed);
    idle(&client, &server).await;
    let allowed = rest + (peak - rest) / STAYS;
    let mut least = u64::MAX;
    let waiting = async {
        while least > allowed {
            tokio::time::sleep(Duration::from_secs(1)).await;
            least = least.min(own(server.id()));
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(180), waiting).await;
    let told = format!("at rest {rest}, at the peak {peak}, then {least}; {allowed} may stay");
    assert!(waited.is_ok(), "{told}");
}

/// The server is the process that was started, with its name and its arguments, whatever it has told its allocator.
#[cfg(target_env = "gnu")]
#[tokio::test]
async fn the_server_begins_once_more_in_its_own_process() {
    let folder = Folder::new();
    let server = Server::start(&installation(&folder).await);
    let told = |name: &str| {
        let bytes = std::fs::read(format!("/proc/{}/{name}", server.id())).unwrap();
        String::from_utf8(bytes).unwrap().replace('\0', " ")
    };
    assert!(
        told("environ").contains("glibc.malloc.mmap_threshold="),
        "{}",
        told("environ")
    );
    assert!(told("cmdline").ends_with("dtr serve --json "));
    assert_eq!(told("comm"), "dtr\n");
    assert!(server.terminate().success());
}

/// A program that may not be begun again serves as well, and a caller that goes away does not end it.
#[cfg(target_env = "gnu")]
#[tokio::test]
async fn a_server_that_cannot_begin_once_more_serves() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    // As long as a variable may be: with the settings it is too long.
    let long = format!("glibc.rtld.nns=4:{}", "z".repeat(131_000));
    let server = Server::start_with(&at, &[("GLIBC_TUNABLES", std::path::Path::new(&long))]);
    let log = std::fs::read_to_string(at.join("log.txt")).unwrap();
    assert!(
        log.contains("the allocator keeps its own settings"),
        "{log}"
    );
    server.signal("PIPE");
    let top = write("InsertDaginstitution", &[institution("Hus", 751)]);
    server.caller("operatoer").import_v2(top).ok().await;
    assert!(server.terminate().success());
}
