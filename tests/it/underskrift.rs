//! Signed documents: fetched and written, proved offline, and found out when a bit is another.

use base64::Engine as _;
use dtr::client::Response;
use hyper::body::Bytes;
use serde_json::Value;

use crate::support::Folder;
use crate::support::messages::*;
use crate::support::process::{Server, dtr, dtr_json, signing};

async fn answer(server: &Server, path: &str, headers: &[(&str, &str)]) -> Response {
    let url = format!("{}{path}", server.address("public_url"));
    let client = crate::support::anyone();
    client.get(&url, headers).await.unwrap()
}

async fn get(server: &Server, path: &str) -> Bytes {
    let answer = answer(server, path, &[]).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_is_proved_offline_or_found_out() {
    let folder = Folder::new();
    let at = signing(&folder, crate::revision::KEY).await;
    let server = Server::start(&at);
    let insert = write("InsertDaginstitution", &[institution("Kløverengen", 751)]);
    server.caller("kommune").import_v2(insert).ok().await;
    // What another kommune changes is no change of this one's document.
    let insert = write("InsertDaginstitution", &[institution("Havnen", 101)]);
    server.caller("operatoer").import_v2(insert).ok().await;
    let get = async |path: &str| get(&server, path).await;
    let put = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
    put("noegle.pem", &get("/noegle.pem").await);
    let verify = |more: &[&str]| {
        let arguments = [&["export", "verify"], more, &["--noegle", "noegle.pem"]].concat();
        dtr_json(&at, &arguments)
    };
    for (n, (path, sekvens)) in [
        ("/eksport/v2/dagtilbud.xml?kommune=751", 1),
        ("/eksport/v2/daginstitutioner.xml?kommune=101", 2),
        ("/eksport/v2/dagtilbud.xml?pr=1", 1),
        ("/eksport/samlet.csv", 2),
    ]
    .into_iter()
    .enumerate()
    {
        let (name, query) = path.split_once('?').unwrap_or((path, ""));
        let sig = match query {
            "" => format!("{name}.sig"),
            query => format!("{name}.sig?{query}"),
        };
        put("hentet", &get(path).await);
        put("hentet.sig", &get(&sig).await);
        let (told, holds) = verify(&["hentet"]);
        assert!(holds, "{told}");
        assert_eq!(
            (&told["dokument"], &told["sekvens"]),
            (&path.into(), &sekvens.into())
        );
        // Written by the command line it is the same document.
        let to = format!("fil{n}");
        let (written, well) = dtr_json(&at, &["export", "dokument", path, "--til", &to]);
        assert!(well && written["underskrevet"] == true, "{written}");
        let text = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        assert_eq!(text(&to), text("hentet"), "{path}");
        assert!(verify(&[&to]).1);
        let again = dtr(&at, &["export", "dokument", path, "--til", &to]);
        assert!(!again.status.success(), "nothing is overwritten");
    }
    let document = std::fs::read(folder.join("hentet")).unwrap();
    for place in 0..20 {
        let mut other = document.clone();
        let byte = place * other.len() / 20;
        other[byte] ^= 1 << (place % 8);
        put("andet", &other);
        let (told, holds) = verify(&["andet", "hentet.sig"]);
        assert!(!holds && told["holder"] == false, "bit of byte {byte}");
    }
    let signature: Value =
        serde_json::from_slice(&std::fs::read(folder.join("hentet.sig")).unwrap()).unwrap();
    for (field, value) in [
        ("sekvens", 3.into()),
        ("dokument", "/eksport/daginstitution.csv".into()),
        ("epoke", "00000000-0000-4000-8000-000000000000".into()),
        ("algoritme", "anden".into()),
        ("noegle", "0123456789abcdef".into()),
        ("signatur", "AAAA".into()),
    ] {
        let mut other = signature.clone();
        other[field] = value;
        put("anden.sig", other.to_string().as_bytes());
        let (_, holds) = verify(&["hentet", "anden.sig"]);
        assert!(!holds, "{field}");
    }
    // The key's name only helps to find it: the signature proves which it is.
    let mut nameless = signature.clone();
    assert!(nameless.as_object_mut().unwrap().remove("noegle").is_some());
    put("anden.sig", nameless.to_string().as_bytes());
    assert!(verify(&["hentet", "anden.sig"]).1);
    let front = String::from_utf8(get("/data").await.to_vec()).unwrap();
    assert!(front.contains("href=\"/noegle.pem\""), "{front}");
    put("anden.sig", b"ingen");
    let none = dtr(
        &at,
        &[
            "export",
            "verify",
            "hentet",
            "anden.sig",
            "--noegle",
            "noegle.pem",
        ],
    );
    assert!(!none.status.success());
}

/// The seal by the operator's certificate, proved by OpenSSL where there is one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_is_sealed_with_the_operators_certificate() {
    let folder = Folder::new();
    let at = signing(&folder, crate::revision::KEY).await;
    let toml = folder.join("dtr.toml");
    let mut config = dtr::config::Config::load(&toml).unwrap();
    // The example's server certificate will do.
    config.underskrift = Some(dtr::config::Certifikat {
        certifikat: config.tls.certifikat.clone(),
        noegle: config.tls.noegle.clone(),
    });
    let ca = &config.tls.klient_ca[0];
    std::fs::copy(ca, folder.join("ca.pem")).unwrap();
    std::fs::write(&toml, config.annotated()).unwrap();
    let server = Server::start(&at);
    let insert = write("InsertDaginstitution", &[institution("Kløverengen", 751)]);
    server.caller("kommune").import_v2(insert).ok().await;
    let get = async |path: &str| get(&server, path).await;
    let put = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
    let path = "/eksport/v2/dagtilbud.xml";
    put("dagtilbud.xml", &get(path).await);
    put("dagtilbud.xml.p7s", &get(&format!("{path}.p7s")).await);
    let wrong = answer(&server, &format!("{path}.p7s?kommune=x"), &[]).await;
    assert_eq!(wrong.status, 400);
    let head: Value = serde_json::from_slice(&get("/feed/v1/hoved.json").await).unwrap();
    let line = format!(
        "dtr feed v1\nepoke={}\nsekvens={}\nkaede={}\n",
        head["epoke"].as_str().unwrap(),
        head["sekvens"],
        head["kaede"].as_str().unwrap()
    );
    put("hoved", line.as_bytes());
    let seal = head["segl"].as_str().unwrap();
    put(
        "hoved.p7s",
        &base64::engine::general_purpose::STANDARD
            .decode(seal)
            .unwrap(),
    );
    // Made once for a state, and so there is something to ask after.
    for path in [format!("{path}.p7s"), "/feed/v1/hoved.json".to_owned()] {
        let first = answer(&server, &path, &[]).await;
        let etag = first.header("etag").unwrap();
        let again = answer(&server, &path, &[("If-None-Match", etag)]).await;
        assert_eq!(again.status, 304, "{path}");
        assert_eq!(answer(&server, &path, &[]).await.body, first.body);
    }
    let (written, well) = dtr_json(&at, &["export", "dokument", path, "--til", "fil.xml"]);
    assert!(well && written["forseglet"] == true, "{written}");
    let proved = |file: &str, seal: &str| {
        let mut openssl = std::process::Command::new("openssl");
        openssl.args([
            "cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any",
        ]);
        openssl.args([
            "-in", seal, "-content", file, "-CAfile", "ca.pem", "-out", "ud",
        ]);
        openssl.current_dir(&at).output()
    };
    if proved("hoved", "hoved.p7s").is_err() {
        return crate::support::skipped("there is no openssl to prove seals with");
    }
    for (file, seal) in [
        ("dagtilbud.xml", "dagtilbud.xml.p7s"),
        ("fil.xml", "fil.xml.p7s"),
        ("hoved", "hoved.p7s"),
    ] {
        let told = proved(file, seal).unwrap();
        assert!(told.status.success(), "{file}: {told:?}");
    }
    let told = proved("hoved", "fil.xml.p7s").unwrap();
    assert!(!told.status.success(), "another document's seal");
}

#[tokio::test]
async fn without_a_key_there_is_no_signature() {
    let app = crate::support::TestApp::start().await;
    for more in ["sig", "p7s"] {
        let path = app.public(&format!("/eksport/v2/dagtilbud.xml.{more}"));
        assert_eq!(app.anyone().get(&path, &[]).await.unwrap().status, 404);
    }
}
