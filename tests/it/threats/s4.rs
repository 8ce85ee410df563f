//! S4, TLS and client certificates: real handshakes with certificates made as each case says, against a server that
//! trusts the CA of the test.
//!
//! | section | what a case says |
//! | --- | --- |
//! | S4.1, S4.3 | a certificate: key, subject, dates, usages, chain; and what comes of it |
//! | S4.2 | a revocation list, and what comes of a certificate of its issuer |
//! | S4.4 | the name of something that sessions must keep to |

mod lists;
mod making;
mod sessions;
mod udloebet;

use super::{Case, Outcome};
use making::{Authority, Wanted};

/// S4.1 and S4.3: a certificate each, all on one server.
pub(super) fn certificates(cases: &[Case]) -> Vec<Outcome> {
    on(async {
        let authority = Authority::new();
        let app = authority.serve(|_| {}).await;
        let mut outcomes = Vec::new();
        for case in cases {
            let wanted = Wanted::of(case);
            let presented = authority.issue(&wanted);
            let found = making::call(&app, &presented, "").await;
            outcomes.push(expect(case, &found));
        }
        outcomes
    })
}

/// S4.2: a server for each state of the lists.
pub(super) fn lists(cases: &[Case]) -> Vec<Outcome> {
    on(async {
        let mut outcomes = Vec::new();
        for case in cases {
            outcomes.push(lists::run(case).await);
        }
        outcomes
    })
}

/// S4.4.
pub(super) fn sessions(cases: &[Case]) -> Vec<Outcome> {
    on(async {
        let mut outcomes = Vec::new();
        for case in cases {
            outcomes.push(sessions::run(case.text("slags")).await);
        }
        outcomes
    })
}

fn on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}

/// Compares with what the case expects: `ok`, the code of a fault, or the name of an alert.
fn expect(case: &Case, found: &str) -> Outcome {
    let wanted = case.text("forventet");
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{found}, not {wanted}"))
    }
}
