//! What a server reads when it starts, where something else lies in its place: a pipe that nobody writes to, and a link to a
//! device without end. It is refused by name, and nothing waits or grows.

use std::path::{Path, PathBuf};

use crate::support::process::{Server, dtr, signing};
use crate::support::{Folder, pki};

/// Puts a pipe or an endless device in place of a file.
fn spoil(file: &Path, endless: bool) {
    let _ = std::fs::remove_file(file);
    if endless {
        std::os::unix::fs::symlink("/dev/zero", file).unwrap();
    } else {
        let made = std::process::Command::new("mkfifo").arg(file).status();
        assert!(made.unwrap().success());
    }
}

/// An installation with files of its own for everything that a configuration can name.
async fn installation(folder: &Folder) -> PathBuf {
    let key = pki::folder().join("server.key");
    let at = signing(folder, &signing_key()).await;
    let toml = at.join("dtr.toml");
    let mut config = dtr::config::Config::load(&toml).unwrap();
    for (name, file) in [("server.pem", "server.pem"), ("server.key", "server.key")] {
        std::fs::copy(key.with_file_name(file), at.join(name)).unwrap();
    }
    std::fs::copy(&config.tls.klient_ca[0], at.join("ca.pem")).unwrap();
    let lists = at.join("lister");
    std::fs::create_dir(&lists).unwrap();
    for (n, list) in config.tls.crl.iter().enumerate() {
        std::fs::copy(list, lists.join(format!("{n}.crl"))).unwrap();
    }
    config.tls.certifikat = at.join("server.pem");
    config.tls.noegle = at.join("server.key");
    config.tls.klient_ca[0] = at.join("ca.pem");
    config.tls.crl = vec![lists];
    let tables = at.join("tabeller");
    std::fs::create_dir(&tables).unwrap();
    config.kodetabeller.mappe = Some(tables);
    std::fs::write(toml, config.annotated()).unwrap();
    at
}

fn signing_key() -> String {
    rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519)
        .unwrap()
        .serialize_pem()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_file_keeps_a_server_from_starting_and_is_named() {
    for name in [
        "dtr.toml",
        "server.pem",
        "server.key",
        "ca.pem",
        "lister/ny.crl",
        "tabeller/ejerform.xml",
        "egen.pem",
    ] {
        for (endless, what) in [(false, "a pipe"), (true, "a device")] {
            let folder = Folder::new();
            let at = installation(&folder).await;
            spoil(&at.join(name), endless);
            let ended = dtr(&at, &["serve"]);
            let told = String::from_utf8_lossy(&ended.stderr);
            let file = name.rsplit('/').next().unwrap();
            assert!(!ended.status.success(), "{name}: it started");
            assert!(told.contains(what) && told.contains(file), "{name}: {told}");
        }
    }
}

/// The register works without its mirrors.
#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_that_is_no_file_is_left_out() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    spoil(&at.join("cvr.db"), false);
    spoil(&at.join("dar.db"), true);
    let server = Server::start(&at);
    drop(server);
    let log = std::fs::read_to_string(at.join("log.txt")).unwrap();
    assert!(log.contains("a pipe") && log.contains("a device"), "{log}");
}
