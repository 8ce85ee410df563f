//! The machine's clock jumps while the server runs: the register's time never goes back, and nothing is lost by it.

use super::styring::Styring;
use super::{open, sound};
use crate::support::Folder;
use crate::support::messages::*;
use crate::support::process::installation;

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
    assert_eq!(sound(&folder).stand.sekvens.0, stored);
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
