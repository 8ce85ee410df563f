//! The register that is tampered with: eight audit lines of known content, an earlier backup, an export, saved heads.
//!
//! | line | what | changes |
//! | --- | --- | --- |
//! | 1 | the organisations are registered; published | |
//! | 2, 3 | two kommuner insert; line 2 is published | 1, 2 |
//! | 4 | refused: another kommune's | |
//! | 5 | the operator updates, with a case number; published; then the backup `gammel.db` and `tidligt.json` | 3 |
//! | 6 | a consumer that may not write | |
//! | 7 | a batch of two | 4, 5 |
//! | 8 | refused: an unknown code; then `chain_head.json`, `noegle.pem` and the export `spor.txt` | |

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use dtr::app::publish_head;
use dtr::clock::Clock;
use dtr::config::Config;
use dtr::register::Dato;
use dtr::store::StoreExt;
use dtr::store::sqlite::{Options, SqliteStore};

use super::well;
use crate::support::app::register_organisations;
use crate::support::messages::{institution, institution_fields, institution_update, write};
use crate::support::{Folder, TestApp};

/// The private key that signs heads: RFC 8032, 7.1, test 2. Everybody knows it.
const KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n\
    -----END PRIVATE KEY-----\n";

/// Files that every case gets a copy of.
const FILES: [&str; 7] = [
    "register.db",
    "register.hoejvande",
    "gammel.db",
    "tidligt.json",
    "hoved.json",
    "noegle.pem",
    "spor.txt",
];

/// The register, closed, with what was saved of it.
#[derive(Debug)]
pub(super) struct Base {
    folder: Folder,
    config: Config,
}

impl Base {
    pub(super) async fn make() -> Self {
        let folder = Folder::new();
        let key = folder.join("egen.pem");
        std::fs::write(&key, KEY).unwrap();
        // Each step has its own second, so that the order of times is the order of lines.
        let hands = Arc::new(AtomicI64::new(Clock::System.now().millis()));
        let tick = || hands.fetch_add(1000, Ordering::Relaxed);
        let clock = Clock::Fixed(Arc::clone(&hands));
        let app = begun(clock, key).await;
        let insert = |names: &[&str], kommune| {
            let records: Vec<_> = names
                .iter()
                .map(|name| institution(name, kommune))
                .collect();
            write("InsertDaginstitution", &records)
        };
        let kommune = app.kommune();
        let first = kommune
            .import_v2(insert(&["Kløverengen"], 751))
            .message_id("urn:s11:1");
        let number = first.ok().await.number();
        publish(&app, "2999-11-01").await;
        tick();
        app.kommune2()
            .import_v2(insert(&["Æblehaven"], 101))
            .ok()
            .await;
        tick();
        app.kommune()
            .import_v2(insert(&["Fremmed"], 101))
            .refused()
            .await;
        lines(&app, 4).await;
        let update = institution_update(&number, "", &institution_fields("Kløvermarken", 751));
        tick();
        app.operatoer()
            .import_v2(write("UpdateDaginstitution", &[update]))
            .ok()
            .await;
        publish(&app, "2999-11-02").await;
        app.store()
            .backup(&folder.join("gammel.db"), &mut |_| {})
            .unwrap();
        save(&app, &folder, "/revision/hoved.json", "tidligt.json").await;
        tick();
        app.aftager()
            .import_v2(insert(&["Aftagerens"], 751))
            .fault(500)
            .await;
        lines(&app, 6).await;
        tick();
        app.kommune()
            .import_v2(insert(&["Solsikken", "Mælkebøtten"], 751))
            .ok()
            .await;
        tick();
        app.kommune()
            .import_v2(insert(&["Ukendt"], 9999))
            .refused()
            .await;
        lines(&app, 8).await;
        save(&app, &folder, "/revision/hoved.json", "hoved.json").await;
        save(&app, &folder, "/noegle.pem", "noegle.pem").await;
        app.store()
            .backup(&folder.join("register.db"), &mut |_| {})
            .unwrap();
        let stopped = app.stop().await;
        let mark = "register.hoejvande";
        std::fs::copy(stopped.folder.join(mark), folder.join(mark)).unwrap();
        let base = Self {
            config: stopped.config,
            folder,
        };
        base.configure(&base.folder);
        well(&base.folder.join(""), &["audit", "export", "spor.txt"]);
        base
    }

    fn configure(&self, folder: &Folder) {
        let mut config = self.config.clone();
        config.database.fil = folder.join("register.db");
        std::fs::write(folder.join("dtr.toml"), config.annotated()).unwrap();
    }

    /// A folder with a copy of everything.
    pub(super) fn copy(&self) -> Folder {
        let folder = Folder::new();
        for file in FILES {
            std::fs::copy(self.folder.join(file), folder.join(file)).unwrap();
        }
        self.configure(&folder);
        folder
    }
}

/// A server on a register with the organisations, whose line is published for a day to come: so the server itself publishes
/// none, whatever the day of the test.
async fn begun(clock: Clock, key: PathBuf) -> TestApp {
    let folder = Folder::new();
    let store = SqliteStore::open(&folder.join("register.db"), Options::default()).unwrap();
    register_organisations(&store).await;
    let day = Dato::parse("2999-01-01").unwrap();
    let published = tokio::task::spawn_blocking(move || publish_head(&store, day));
    assert!(published.await.unwrap().unwrap());
    TestApp::on(folder, clock, |config| config.revision.noegle = Some(key)).await
}

async fn publish(app: &TestApp, day: &str) {
    let day = Dato::parse(day).unwrap();
    let store = app.store().clone();
    let published = tokio::task::spawn_blocking(move || publish_head(&*store, day));
    assert!(published.await.unwrap().unwrap());
}

/// Waits until the line of a refusal is written, which its answer did not wait for.
async fn lines(app: &TestApp, count: u64) {
    for _ in 0..30_000 {
        if app.store().read(|view| view.audit_head()).unwrap().number >= count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("line {count} is not written");
}

async fn save(app: &TestApp, folder: &Folder, path: &str, file: &str) {
    let got = app.anyone().get(&app.public(path), &[]).await.unwrap();
    assert_eq!(got.status, 200, "{path}");
    std::fs::write(folder.join(file), &got.body).unwrap();
}
