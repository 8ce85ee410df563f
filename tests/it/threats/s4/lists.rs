//! Revocation lists in every state, and what comes of a certificate of their issuer.

use std::time::Duration;

use super::making::{Authority, LEAF, Presented, SUB, Wanted, call, client, connect, hello, told};
use super::udloebet;
use crate::threats::{Case, Outcome};

/// Runs a case: `slags` says which lists there are, `forventet` what comes of the certificate.
pub(super) async fn run(case: &Case) -> Outcome {
    let kind = case.text("slags");
    if let Some(what) = kind.strip_prefix("hentet-") {
        return fetched(what).await;
    }
    if kind.contains("udloeb") {
        return udloebet::run(case).await;
    }
    let authority = Authority::new();
    let through_sub = kind.starts_with("mellem");
    let hours = case
        .told
        .get("foraeldet_timer")
        .and_then(toml::Value::as_integer);
    let mut lists = None;
    let app = authority
        .serve(|config| {
            config.tls.crl_foraeldet_timer = hours.map_or(72, |hours| hours as u64);
            lists = Some(config.tls.crl[0].clone());
        })
        .await;
    let lists = lists.unwrap();
    let write = |name: &str, text: &str| std::fs::write(lists.join(name), text).unwrap();
    let mut wanted = Wanted::good();
    if through_sub {
        wanted.through("mellem");
    }
    let presented = authority.issue(&wanted);
    let stranger = Authority::named("En anden CA");
    match kind {
        "god" | "mellem-god" => {}
        "tilbagekaldt" => write("rod.crl", &authority.root.list(&[LEAF], -1, 100)),
        "mellem-blad-tilbagekaldt" => write("mellem.crl", &authority.sub.list(&[LEAF], -1, 100)),
        "mellem-tilbagekaldt" => write("rod.crl", &authority.root.list(&[SUB], -1, 100)),
        "anden-tilbagekaldt" => write("rod.crl", &authority.root.list(&[1, 2, 3], -1, 100)),
        "mellem-uden-liste" => std::fs::remove_file(lists.join("mellem.crl")).unwrap(),
        "gammel" => write("rod.crl", &authority.root.list(&[], -200, -10)),
        "for-gammel" => write("rod.crl", &authority.root.list(&[], -200, -100)),
        "fra-fremtiden" => write("rod.crl", &authority.root.list(&[], 10, 100)),
        // Signed by another CA of the same name.
        "falsk" => write("rod.crl", &Authority::new().root.list(&[], -1, 100)),
        "fremmed-ekstra" => write("fremmed.crl", &stranger.root.list(&[LEAF], -1, 100)),
        "ulaeselig" => write(
            "rod.crl",
            "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n",
        ),
        "enorm" => write("rod.crl", &" ".repeat(50 << 20)),
        "roer" => {
            std::fs::remove_file(lists.join("rod.crl")).unwrap();
            pipe(&lists.join("rod.crl"));
        }
        "uendelig" => {
            std::fs::remove_file(lists.join("rod.crl")).unwrap();
            std::os::unix::fs::symlink("/dev/zero", lists.join("rod.crl")).unwrap();
        }
        "aeldre-ved-siden-af" => {
            write("a.crl", &authority.root.list(&[], -2, 100));
            write("rod.crl", &authority.root.list(&[LEAF], -1, 100));
        }
        "gaaet-tilbage" => {
            write("rod.crl", &authority.root.list(&[], -2, 100));
            return gone_back(&app, case, &presented).await;
        }
        "skiftet-under-forbindelse" => return swapped(&app, &authority, &lists).await,
        other => return Err(format!("unknown kind {other}")),
    }
    renewed(&app, kind).await?;
    super::expect(case, &call(&app, &presented, "").await)
}

/// Waits until the server has read its files again, or has said that it can't.
pub(super) async fn renewed(app: &crate::support::TestApp, kind: &str) -> Outcome {
    if matches!(kind, "god" | "mellem-god") {
        return Ok(());
    }
    let fails = matches!(kind, "ulaeselig" | "enorm" | "roer" | "uendelig");
    for _ in 0..6000 {
        let told = seen(app).await;
        let failed = told["fornyelse"].as_array().unwrap().len();
        if fails && failed == 1 || !fails && told["fornyet"].as_u64() > Some(0) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err("the lists were not read again".to_owned())
}

/// What the server tells of its TLS.
pub(super) async fn seen(app: &crate::support::TestApp) -> serde_json::Value {
    let url = app.admin("/tls.json");
    let answer = app.anyone().get(&url, &[]).await.unwrap();
    serde_json::from_slice(&answer.body).unwrap()
}

/// A pipe that nobody writes to: whoever opens it in the ordinary way waits for ever.
fn pipe(path: &std::path::Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.unwrap().success());
}

/// An older list takes the place of a newer one: it counts, and the server tells it.
async fn gone_back(app: &crate::support::TestApp, case: &Case, presented: &Presented) -> Outcome {
    renewed(app, "gaaet-tilbage").await?;
    let told = seen(app).await;
    let back = told["gaaetTilbage"].as_array().unwrap();
    if back.len() != 1 || back[0]["nyesteSet"].as_i64() <= back[0]["thisUpdate"].as_i64() {
        return Err(format!("it is not told: {told}"));
    }
    super::expect(case, &call(app, presented, "").await)
}

/// An open session of a certificate that is revoked is cut, and no other.
async fn swapped(
    app: &crate::support::TestApp,
    authority: &Authority,
    lists: &std::path::Path,
) -> Outcome {
    let presented = authority.issue(&Wanted::good());
    let mut stream = connect(app, client(Some(&presented), ""), "localhost")
        .await
        .map_err(|error| error.to_string())?;
    let first = hello(&mut stream)
        .await
        .map_err(|error| error.to_string())?;
    if first != "ok" {
        return Err(format!("before it: {first}"));
    }
    std::fs::write(lists.join("rod.crl"), authority.root.list(&[LEAF], -1, 100)).unwrap();
    for _ in 0..6000 {
        match told(hello(&mut stream)).await.as_str() {
            "ok" => tokio::time::sleep(Duration::from_millis(100)).await,
            "DTR1030" => {
                return match told(hello(&mut stream)).await.as_str() {
                    "ok" => Err("the connection goes on".to_owned()),
                    _ => Ok(()),
                };
            }
            other => return Err(format!("it was answered {other}")),
        }
    }
    Err("it was not cut within 60 seconds".to_owned())
}

/// A list that the server fetches: one that revokes, one that another CA signed, what is no list, and nothing at all.
async fn fetched(what: &str) -> Outcome {
    let authority = Authority::new();
    let body = match what {
        "tilbagekaldt" => authority.root.list(&[LEAF], 0, 100),
        "falsk" => Authority::new().root.list(&[LEAF], 0, 100),
        "gammel" => authority.root.list(&[LEAF], -50, 100),
        "sludder" => "<html>Siden findes ikke</html>".to_owned(),
        "tavs" => String::new(),
        other => return Err(format!("unknown kind {other}")),
    };
    let publisher = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/rod.crl", publisher.local_addr().unwrap());
    if what == "tavs" {
        drop(publisher);
    } else {
        tokio::spawn(publish(publisher, body));
    }
    let app = authority
        .serve(|config| {
            let fil = config.tls.crl[0].join("rod.crl");
            config.tls.hent = vec![dtr::config::Hent { url, fil }];
        })
        .await;
    let wanted = if what == "tilbagekaldt" {
        "CertificateRevoked"
    } else {
        "ok"
    };
    let fails = !matches!(what, "tilbagekaldt" | "gammel");
    let presented = authority.issue(&Wanted::good());
    for _ in 0..6000 {
        let text = app
            .anyone()
            .get(&app.admin("/tls.json"), &[])
            .await
            .unwrap();
        let told: serde_json::Value = serde_json::from_slice(&text.body).unwrap();
        let fetching = told["hentning"].as_array().unwrap();
        let done = fetching
            .first()
            .is_some_and(|one| one["fejl"].is_null() != fails);
        if done && call(&app, &presented, "").await == wanted {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(format!("not {wanted}"))
}

/// Answers every connection with one document.
async fn publish(listener: tokio::net::TcpListener, body: String) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut request = [0; 1024];
        let _ = stream.read(&mut request).await;
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let _ = stream.write_all(answer.as_bytes()).await;
        let _ = stream.shutdown().await;
    }
}
