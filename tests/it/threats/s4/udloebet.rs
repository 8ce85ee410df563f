//! Revocation lists that are no longer believed, where no other is: nobody comes in, and the server says so.

use time::Duration;

use super::lists::seen;
use super::making::{Authority, LEAF, Wanted, call, client, connect, hello, told};
use crate::support::TestApp;
use crate::threats::{Case, Outcome};

/// Runs a case: `slags` says which lists have run out, and when.
pub(super) async fn run(case: &Case) -> Outcome {
    let hours = case.told.get("foraeldet_timer");
    let hours = hours.and_then(toml::Value::as_integer);
    match case.text("slags") {
        "udloeber-undervejs" => under_way().await,
        kind => refused(case, kind, hours.map_or(72, |hours| hours as u64)).await,
    }
}

/// Everything that the server has has run out: good and revoked certificates are refused alike.
async fn refused(case: &Case, kind: &str, hours: u64) -> Outcome {
    let authority = Authority::new();
    let second = Authority::named("Den anden CA");
    let from_start = kind.ends_with("fra-start");
    let mut lists = None;
    let fresh = if hours == 0 { -10 } else { -100 };
    let run_out = |lists: &std::path::Path| {
        let old = authority.root.list(&[LEAF], -200, fresh);
        std::fs::write(lists.join("rod.crl"), old).unwrap();
        match kind {
            "mellem-alle-udloebet" => {
                let old = authority.sub.list(&[LEAF], -200, fresh);
                std::fs::write(lists.join("mellem.crl"), old).unwrap();
            }
            "to-ca-alle-udloebet" => {
                let old = second.root.list(&[], -200, fresh);
                std::fs::write(lists.join("anden.crl"), old).unwrap();
            }
            _ => {}
        }
    };
    let app = authority
        .serve(|config| {
            let own = config.tls.crl[0].clone();
            config.tls.crl_foraeldet_timer = hours;
            config.tls.klient_ca.truncate(1);
            if kind != "mellem-alle-udloebet" {
                std::fs::remove_file(own.join("mellem.crl")).unwrap();
            }
            if kind == "to-ca-alle-udloebet" {
                let file = own.with_extension("pem");
                std::fs::write(&file, second.root.certificate.pem()).unwrap();
                std::fs::write(own.join("anden.crl"), second.root.list(&[], -1, 100)).unwrap();
                config.tls.klient_ca.push(file);
            }
            if from_start {
                run_out(&own);
            }
            lists = Some(own);
        })
        .await;
    let mut wanted = Wanted::good();
    if kind.starts_with("mellem") {
        wanted.through("mellem");
    }
    let presented = authority.issue(&wanted);
    if !from_start {
        let before = call(&app, &presented, "").await;
        if before != "ok" {
            return Err(format!("before it: {before}"));
        }
        run_out(&lists.unwrap());
        super::lists::renewed(&app, kind).await?;
    }
    for versions in ["1.2", "1.3"] {
        super::expect(case, &call(&app, &presented, versions).await)?;
    }
    says_so(&app).await
}

/// `/readyz` is red for that reason, and `/tls.json` names the lists and whom they kept out.
async fn says_so(app: &TestApp) -> Outcome {
    let ready = app.anyone().get(&app.admin("/readyz"), &[]).await.unwrap();
    let checks: serde_json::Value = serde_json::from_slice(&ready.body).unwrap();
    if ready.status != 503 || checks["checks"]["spaerrelister"] != false {
        return Err(format!("/readyz says {checks}"));
    }
    let told = seen(app).await;
    let lists = told["spaerrelister"].as_array().unwrap();
    let all = lists.iter().all(|list| list["tilstand"] == "udloebet");
    let refused = told["afviste"].as_array().unwrap();
    let why = refused.iter().all(|one| one["kontrol"] == "crl_expired");
    if lists.is_empty() || refused.is_empty() || !all || !why {
        return Err(format!("/tls.json says {told}"));
    }
    Ok(())
}

/// A list that runs out while a connection is open and its session may be resumed. No file changes.
///
/// A slow machine may need longer for the first connections than the list lasts: then one that lasts longer.
async fn under_way() -> Outcome {
    let mut outcome = Ok(());
    for seconds in [20, 200] {
        outcome = running_out(seconds).await;
        if !matches!(&outcome, Err(why) if why.starts_with("before it")) {
            break;
        }
    }
    outcome
}

async fn running_out(seconds: i64) -> Outcome {
    let authority = Authority::new();
    let app = authority
        .serve(|config| {
            let own = config.tls.crl[0].clone();
            config.tls.crl_foraeldet_timer = 0;
            config.tls.klient_ca.truncate(1);
            std::fs::remove_file(own.join("mellem.crl")).unwrap();
            let due = Duration::seconds(seconds);
            let list = authority.root.list_due(&[], Duration::hours(-1), due);
            std::fs::write(own.join("rod.crl"), list).unwrap();
        })
        .await;
    let presented = authority.issue(&Wanted::good());
    let configs = ["1.2", "1.3"].map(|versions| client(Some(&presented), versions));
    let mut open = Vec::new();
    for config in &configs {
        let stream = connect(&app, config.clone(), "localhost").await;
        let mut stream = stream.map_err(|error| format!("before it: {error}"))?;
        let first = told(hello(&mut stream)).await;
        if first != "ok" {
            return Err(format!("before it: {first}"));
        }
        open.push(stream);
    }
    // Both are asked in turns, so that none is idle for long.
    let mut ends: [Option<String>; 2] = [None, None];
    for _ in 0..6000 {
        for (stream, end) in open.iter_mut().zip(&mut ends) {
            if end.is_none() {
                let found = told(hello(stream)).await;
                *end = (found != "ok").then_some(found);
            }
        }
        if ends.iter().all(Option::is_some) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    for end in ends {
        if end.as_deref() != Some("DTR1030") {
            return Err(format!("an open connection ended with {end:?}"));
        }
    }
    // Resumed and refused at its first request, or refused in a whole handshake once the configuration was renewed.
    for config in configs {
        let again = told(async {
            let mut stream = connect(&app, config, "localhost").await?;
            hello(&mut stream).await
        });
        let again = again.await;
        if !matches!(again.as_str(), "DTR1030" | "UnknownCA") {
            return Err(format!("coming again ended with {again}"));
        }
    }
    let told = seen(&app).await;
    match told["spaerrelister"][0]["tilstand"].as_str() {
        Some("udloebet") => Ok(()),
        other => Err(format!("the list is told as {other:?}")),
    }
}
