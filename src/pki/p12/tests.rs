//! Files that OpenSSL 3 reads without its legacy provider, and keytool where there is one.

use std::path::Path;
use std::process::Command;

use super::super::scratch::Scratch;
use super::super::write_example;
use super::*;

#[test]
fn numbers_are_added_with_their_carry() {
    let mut block = [0x00, 0xff, 0xff];
    add(&mut block, &[0x00, 0x00, 0x00]);
    assert_eq!(block, [0x01, 0x00, 0x00]);
    let mut block = [0xff, 0xff, 0xff];
    add(&mut block, &[0x00, 0x00, 0x01]);
    assert_eq!(block, [0x00, 0x00, 0x01]);
}

/// Runs a tool on a file; none when it is not there, which must not be where everything is proved.
fn run(tool: &str, arguments: &[&str], needed: bool) -> Option<String> {
    let Ok(output) = Command::new(tool).args(arguments).output() else {
        let skipped = !needed || std::env::var_os("DTR_CI").is_none();
        assert!(skipped, "{tool} is missing");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{tool} {arguments:?}: {error}");
    Some(text + &error)
}

/// The first PEM block of a kind in a text, without what stands around it.
fn block<'a>(text: &'a str, kind: &str) -> &'a str {
    let begin = text.find(&format!("-----BEGIN {kind}")).unwrap();
    let end = format!("-----END {kind}-----");
    let length = text[begin..].find(&end).unwrap() + end.len();
    &text[begin..begin + length]
}

/// PEM without its line breaks, which differ between writers.
fn joined(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn openssl_reads_key_and_certificates_without_its_legacy_provider() {
    let scratch = Scratch::new();
    write_example(scratch.path(), rcgen::date_time_ymd(2027, 1, 1)).unwrap();
    let path = |name: &str| scratch.path().join(name).display().to_string();
    let pass = format!("pass:{PASSWORD}");
    for name in ["kommune", "server"] {
        let file = path(&format!("{name}.p12"));
        let own = ["pkcs12", "-in", &file, "-passin", &pass];
        let with = |more: &[&'static str]| [&own[..], more].concat();
        let Some(all) = run("openssl", &with(&["-nodes", "-info"]), true) else {
            return;
        };
        let read = |file: String| std::fs::read_to_string(file).unwrap();
        let (key, certificate) = (
            read(path(&format!("{name}.key"))),
            read(path(&format!("{name}.pem"))),
        );
        assert_eq!(joined(block(&all, "PRIVATE KEY")), joined(&key));
        assert_eq!(joined(block(&all, "CERTIFICATE")), joined(&certificate));
        let Some(issuers) = run("openssl", &with(&["-nokeys", "-cacerts"]), true) else {
            return;
        };
        let ca = read(path("ca.pem"));
        assert_eq!(joined(block(&issuers, "CERTIFICATE")), joined(&ca));
        // What each part is protected by.
        assert!(all.contains("pbeWithSHA1And3-KeyTripleDES-CBC"), "{all}");
        assert!(all.contains(&format!("friendlyName: {name}")), "{all}");
        wrong_password(&file);
        keytool(Path::new(&file), name);
    }
}

fn wrong_password(file: &str) {
    let tried = Command::new("openssl")
        .args(["pkcs12", "-in", file, "-passin", "pass:forkert", "-noout"])
        .output();
    assert!(!tried.unwrap().status.success());
}

fn keytool(file: &Path, name: &str) {
    let file = file.display().to_string();
    let listed = run(
        "keytool",
        &[
            "-list",
            "-storetype",
            "PKCS12",
            "-keystore",
            &file,
            "-storepass",
            PASSWORD,
        ],
        false,
    );
    if let Some(listed) = listed {
        assert!(
            listed.contains(name) && listed.contains("PrivateKeyEntry"),
            "{listed}"
        );
    }
}
