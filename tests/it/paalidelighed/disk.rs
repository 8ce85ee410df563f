//! Each write and fsync of an import fails in turn; the disk is full. Whatever happened, the caller that asks again with
//! the same MessageID has its record, once.

use std::path::Path;
use std::time::Duration;

use super::styring::{EIO, ENOSPC, Styring};
use super::{open, sound};
use crate::support::messages::*;
use crate::support::process::{Server, installation};
use crate::support::{Caller, Folder, anyone};

/// More calls than an import makes: beyond it the test would go on for ever.
const MANY: i64 = 500;

/// Sends a write until it is stored; how often that took.
async fn until_stored(caller: &Caller, name: &str) -> u32 {
    let body = write("InsertDaginstitution", &[institution(name, 751)]);
    for attempt in 1..=20 {
        let call = caller.import_v2(&*body).message_id(&format!("urn:{name}"));
        let answer = call.try_send().await.unwrap();
        match answer.status() {
            200 => {
                assert_eq!(answer.tree().text_of("status"), "OK", "{}", answer.text());
                return attempt;
            }
            500 | 503 => tokio::time::sleep(Duration::from_millis(5)).await,
            other => panic!("{other}: {}", answer.text()),
        }
    }
    panic!("{name} is refused for good");
}

fn stored(folder: &Path) -> Vec<String> {
    let conn = open(&folder.join("register.db"));
    let mut names = conn
        .prepare("SELECT navn FROM aendring ORDER BY navn")
        .unwrap();
    let names = names.query_map([], |row| row.get(0)).unwrap();
    names.collect::<Result<_, _>>().unwrap()
}

/// Lets the n-th call of an import fail, for every n; each import must be there once in the end.
async fn each_call_fails(how: &str, count: i64, short: bool) {
    let folder = Folder::new();
    let folder = installation(&folder).await;
    let styring = Styring::new(&folder);
    let mut server = styring.server();
    let mut caller = server.caller("kommune");
    until_stored(&caller, "begyndelse").await;
    let mut names = vec!["begyndelse".to_owned()];
    let mut n = 1;
    loop {
        let name = format!("{how}-{n:03}");
        let before = styring.hit();
        styring.fail(n, count, EIO, short);
        let body = write("InsertDaginstitution", &[institution(&name, 751)]);
        let call = caller.import_v2(&*body).message_id(&format!("urn:{name}"));
        let answer = call.try_send().await.unwrap();
        let status = answer.status();
        let hit = styring.hit() > before;
        styring.heal();
        if status == 200 {
            assert_eq!(answer.tree().text_of("status"), "OK", "{}", answer.text());
        } else {
            assert_eq!(status, 500, "{}", answer.text());
        }
        let again = until_stored(&caller, &name).await;
        assert!(
            status != 200 || again == 1,
            "{name} was stored, and then was not"
        );
        names.push(name);
        if n % 8 == 0 {
            // What the memory of the process says and the file does not must show.
            server.kill();
            sound(&folder);
            server = styring.server();
            caller = server.caller("kommune");
        }
        if !hit {
            break;
        }
        n += 1;
        assert!(n < MANY, "an import makes no end of calls");
    }
    assert!(n > 3, "an import writes and syncs: {n}");
    println!("{how}: {} calls, each failed once", n - 1);
    assert!(server.terminate().success());
    names.sort();
    assert_eq!(stored(&folder), names);
    assert_eq!(sound(&folder).position.sekvens.0, names.len() as u64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_write_and_fsync_of_an_import_may_fail_once() {
    each_call_fails("en-fejl", 1, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_may_fail_with_all_that_follow() {
    each_call_fails("alle-fejl", i64::MAX / 2, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_write_may_write_half() {
    each_call_fails("halv", 1, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_writes_serves_reads_and_is_got_over() {
    let folder = Folder::new();
    let folder = installation(&folder).await;
    let styring = Styring::new(&folder);
    let server = styring.server();
    let caller = server.caller("kommune");
    until_stored(&caller, "foer").await;
    styring.fail(1, i64::MAX / 2, ENOSPC, false);
    let body = write("InsertDaginstitution", &[institution("fuld", 751)]);
    for _ in 0..3 {
        let call = caller.import_v2(&*body).message_id("urn:fuld");
        let refused = call.send().await;
        assert_eq!((refused.status(), &*refused.fault_code()), (503, "DTR1040"));
        assert_eq!(refused.0.header("retry-after"), Some("60"));
    }
    let all = caller
        .eksport_v2("GetAllDaginstitutioner", "")
        .result()
        .await;
    assert_eq!(all.all("daginstitution").len(), 1, "who reads is served");
    assert_eq!(ready(&server).await, 503);

    styring.heal();
    assert_eq!(until_stored(&caller, "fuld").await, 1);
    becomes_ready(&server).await;
    assert!(server.terminate().success());
    assert_eq!(stored(&folder), ["foer", "fuld"]);
    sound(&folder);
}

/// What `/readyz` answers once it has asked anew: at most once a second.
async fn ready(server: &Server) -> u16 {
    let url = format!("{}/readyz", server.address("admin_url"));
    tokio::time::sleep(Duration::from_millis(1100)).await;
    anyone().get(&url, &[]).await.unwrap().status.as_u16()
}

/// Waits until the server is ready: on a busy machine the register may need longer to answer than it is given once.
async fn becomes_ready(server: &Server) {
    for _ in 0..500 {
        if ready(server).await == 200 {
            return;
        }
    }
    panic!("the server is not ready again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_not_ready_while_a_page_has_room_and_a_batch_has_none() {
    let folder = Folder::new();
    let folder = installation(&folder).await;
    let styring = Styring::new(&folder);
    let server = styring.server();
    let caller = server.caller("kommune");
    until_stored(&caller, "foer").await;
    let units: Vec<_> = (0..450)
        .map(|n| institution(&format!("mange {n:03}"), 751))
        .collect();
    let batch = write("InsertDaginstitution", &units);
    let send = || caller.import_v2(&*batch).message_id("urn:mange").send();
    styring.room(Some(130 << 10));
    let refused = send().await;
    assert_eq!((refused.status(), &*refused.fault_code()), (503, "DTR1040"));
    assert_eq!(ready(&server).await, 503);
    // A small write has room, and proves nothing for a large one.
    until_stored(&caller, "lille").await;
    assert_eq!(ready(&server).await, 503);
    assert_eq!(ready(&server).await, 503);
    styring.room(None);
    becomes_ready(&server).await;
    assert_eq!(send().await.status(), 200);
    assert!(!folder.join("register.db.plads").exists());
    assert!(server.terminate().success());
    assert_eq!(stored(&folder).len(), 452);
    sound(&folder);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_failed_sync_leaves_is_not_called_unstored() {
    let folder = Folder::new();
    let folder = installation(&folder).await;
    let styring = Styring::new(&folder);
    let (mut not_known, mut there_after_all) = (0, 0);
    for n in 1..MANY {
        let server = styring.server();
        let caller = server.caller("kommune");
        until_stored(&caller, &format!("foer-{n:03}")).await;
        let name = format!("fejl-{n:03}");
        let before = styring.hit();
        styring.fail(n, 1, EIO, false);
        let body = write("InsertDaginstitution", &[institution(&name, 751)]);
        let call = caller.import_v2(&*body).message_id(&format!("urn:{name}"));
        let answer = call.send().await;
        // At once, before another commit takes the place of the one that failed.
        server.kill();
        styring.heal();
        let there = stored(&folder).contains(&name);
        if answer.status() == 200 {
            assert!(there, "{name} was answered and is lost");
        } else if answer.fault_code() == "DTR9002" {
            let text = answer.text();
            assert!(!text.contains("Intet er gemt"), "{text}");
            assert!(text.contains("samme wsa:MessageID"), "{text}");
            not_known += 1;
            there_after_all += u32::from(there);
        } else {
            assert!(answer.text().contains("Intet er gemt"), "{}", answer.text());
            assert!(!there, "{name}: {}", answer.text());
        }
        let server = styring.server();
        until_stored(&server.caller("kommune"), &name).await;
        assert!(server.terminate().success());
        let times = stored(&folder).iter().filter(|each| **each == name).count();
        assert_eq!(times, 1, "{name}");
        if styring.hit() == before {
            break;
        }
    }
    println!("{not_known} not known, {there_after_all} of them there");
    assert!(there_after_all > 0);
    sound(&folder);
}
