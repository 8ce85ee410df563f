//! The machine's clock jumps while the server runs: the register's time never goes back, and nothing is lost by it. A leap
//! is not believed: no write is taken until it is over or an operator has approved it.

use std::path::Path;
use std::time::Duration;

use dtr::clock::Clock;
use dtr::register::Tidspunkt;

use super::styring::Styring;
use super::{open, sound};
use crate::support::messages::*;
use crate::support::process::{Server, dtr, installation};
use crate::support::{Caller, Folder};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// Where the clock goes, in seconds from the true time. Summer time does not show in UTC; its nights are an hour's jump
/// where a machine keeps local time.
const JUMPS: [i64; 12] = [
    0,
    -HOUR,
    HOUR,
    -1,
    1,
    -DAY,
    30 * DAY,
    0,
    300 * DAY,
    -300 * DAY,
    -40 * 365 * DAY,
    0,
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_registers_time_never_goes_back() {
    let folder = Folder::new();
    let folder = installation(&folder).await;
    let styring = Styring::new(&folder);
    let server = styring.server();
    let caller = server.caller("kommune");
    let mut refused = 0;
    let mut stored: u64 = 0;
    for (n, seconds) in JUMPS.into_iter().enumerate() {
        styring.clock(seconds);
        for part in 0..3 {
            let name = format!("spring-{n}-{part}");
            let body = write("InsertDaginstitution", &[institution(&name, 751)]);
            let call = caller.import_v2(&*body).message_id(&format!("urn:{name}"));
            match call.try_send().await {
                Ok(answer) if answer.status() == 200 => {
                    assert_eq!(answer.tree().text_of("status"), "OK", "{}", answer.text());
                    stored += 1;
                    let again = caller.import_v2(&*body).message_id(&format!("urn:{name}"));
                    // The connection may be judged anew between the two.
                    match again.try_send().await {
                        Ok(second) if second.status() == 200 => {
                            assert_eq!(second.text(), answer.text());
                        }
                        _ => refused += 1,
                    }
                }
                Ok(answer) if answer.status() == 503 => {
                    assert!(seconds.abs() >= DAY, "{seconds}: {}", answer.text());
                    assert_eq!(answer.fault_code(), "DTR1041");
                    refused += 1;
                }
                // Before its certificate was made, or after it expired, no caller is let in.
                Ok(answer) => {
                    assert_eq!(answer.status(), 500, "{}", answer.text());
                    refused += 1;
                }
                Err(_) => refused += 1,
            }
        }
    }
    styring.clock(0);
    println!("{stored} stored, {refused} refused");
    assert!(stored >= 3 * 6, "{stored}");
    assert!(server.terminate().success());
    assert_eq!(sound(&folder).position.sekvens.0, stored);
    let conn = open(&folder.join("register.db"));
    let back: u32 = conn
        .query_row(
            "SELECT count(*) FROM aendring a JOIN aendring b ON b.sekvens = a.sekvens + 1 WHERE b.tidspunkt <= a.tidspunkt",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(back, 0);
}

async fn sent(caller: &Caller, name: &str) -> (u16, String) {
    let body = write("InsertDaginstitution", &[institution(name, 751)]);
    let call = caller.import_v2(body).message_id(&format!("urn:{name}"));
    let answer = call.send().await;
    match answer.status() {
        200 => (200, answer.tree().text_of("status").to_owned()),
        status => (status, answer.fault_code()),
    }
}

/// Sends until it is stored: a server looks at the clock now and then.
async fn until_stored(caller: &Caller, name: &str) {
    while sent(caller, name).await != (200, "OK".to_owned()) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The times of all changes.
fn times(folder: &Path) -> Vec<i64> {
    let conn = open(&folder.join("register.db"));
    let mut times = conn
        .prepare("SELECT tidspunkt FROM aendring ORDER BY sekvens")
        .unwrap();
    let times = times.query_map([], |row| row.get(0)).unwrap();
    times.collect::<Result<_, _>>().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leap_refuses_writes_until_it_is_over_or_approved() {
    let folder = Folder::new();
    let folder = installation(&folder).await;
    let styring = Styring::new(&folder);
    let server = styring.server();
    let caller = server.caller("kommune");
    until_stored(&caller, "foer").await;

    // Whole hours are told: a machine whose clock is being corrected meanwhile must not change them.
    styring.clock(2 * DAY + HOUR / 2);
    let refused = (503, "DTR1041".to_owned());
    assert_eq!(sent(&caller, "imens").await, refused);
    let all = caller
        .eksport_v2("GetAllDaginstitutioner", "")
        .result()
        .await;
    assert_eq!(all.all("daginstitution").len(), 1, "who reads is served");
    let anyone = crate::support::anyone();
    let ready = format!("{}/readyz", server.address("admin_url"));
    let ready = anyone.get(&ready, &[]).await.unwrap();
    assert_eq!(ready.status, 503);
    assert!(ready.text().contains("\"ur\":false"), "{}", ready.text());
    let metrics = format!("{}/metrics", server.address("admin_url"));
    while !anyone
        .get(&metrics, &[])
        .await
        .unwrap()
        .text()
        .contains("dtr_clock_distrusted 1")
    {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let log = std::fs::read_to_string(folder.join("log.txt")).unwrap();
    assert!(log.contains("leapt 48 hours ahead"), "{log}");
    assert!(log.contains("dtr ur godkend"), "{log}");

    styring.clock(0);
    until_stored(&caller, "efter").await;
    let now = Clock::System.now().millis();
    assert!(times(&folder).iter().all(|at| *at < now + HOUR * 1000));

    styring.clock(3 * DAY);
    assert_eq!(sent(&caller, "igen").await, refused);
    let approved = styring.dtr(&["ur", "godkend"]);
    assert!(approved.status.success(), "{approved:?}");
    until_stored(&caller, "igen").await;
    assert!(times(&folder).last().unwrap() > &(now + 2 * DAY * 1000));
    let told = dtr(&folder, &["audit", "list"]);
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains("cli/ur godkend"), "{told}");
    assert!(server.terminate().success());
    sound(&folder);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_far_ahead_of_the_last_use_is_not_believed_at_the_start() {
    let folder = Folder::new();
    let home = installation(&folder).await;
    let server = Server::start(&home);
    until_stored(&server.caller("kommune"), "foerst").await;
    let file = home.join("register.ur");
    while !file.exists() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(server.terminate().success());
    let text = std::fs::read_to_string(&file).unwrap();
    let (at, inode) = text.trim_end().split_once(' ').unwrap();
    let at = Tidspunkt::parse(at).unwrap();
    let days_ago = |days: i64| at.plus_millis(-days * DAY * 1000);
    // A register that was copied has another file's heartbeat; of one that was never used there is none.
    for (n, heartbeat) in [
        format!("{} {inode}\n", days_ago(20)),
        format!("{} 1\n", days_ago(400)),
        "?".to_owned(),
        String::new(),
    ]
    .into_iter()
    .enumerate()
    {
        std::fs::write(&file, heartbeat).unwrap();
        let server = Server::start(&home);
        let stored = sent(&server.caller("kommune"), &format!("troet-{n}")).await;
        assert_eq!(stored, (200, "OK".to_owned()), "{n}");
        assert!(server.terminate().success());
    }
    std::fs::write(&file, format!("{} {inode}\n", days_ago(40))).unwrap();
    let server = Server::start(&home);
    let caller = server.caller("kommune");
    let refused = sent(&caller, "mistroet").await;
    assert_eq!(refused, (503, "DTR1041".to_owned()));
    let command = dtr(&home, &["recheck"]);
    let told = String::from_utf8_lossy(&command.stderr).into_owned();
    assert_eq!(command.status.code(), Some(1));
    assert!(
        told.contains("was last in use") && told.contains("dtr ur godkend"),
        "{told}"
    );
    let status = dtr(&home, &["status"]);
    let told = String::from_utf8_lossy(&status.stdout).into_owned();
    assert!(status.status.success(), "reading is no writing");
    assert!(told.contains("was last in use"), "{told}");
    assert!(dtr(&home, &["ur", "godkend"]).status.success());
    until_stored(&caller, "mistroet").await;
    // A restore puts another file there, which has no heartbeat yet.
    assert!(dtr(&home, &["backup", "kopi.db"]).status.success());
    assert!(server.terminate().success());
    let text = std::fs::read_to_string(&file).unwrap();
    let inode = text.trim_end().rsplit_once(' ').unwrap().1;
    std::fs::write(&file, format!("{} {inode}\n", days_ago(400))).unwrap();
    let restored = dtr(&home, &["restore", "kopi.db"]);
    assert!(restored.status.success(), "{restored:?}");
    let server = Server::start(&home);
    until_stored(&server.caller("kommune"), "genskabt").await;
    assert!(server.terminate().success());
    sound(&home);
}
