//! The command as typed: arguments in, text or JSON out, files on disk.

use super::*;
use crate::pki::scratch::Scratch;
use clap::Parser;
use serde_json::Value;

#[derive(Parser)]
struct Typed {
    #[command(flatten)]
    args: Args,
}

/// Runs `dtr certs <words>`; `@` stands for the scratch folder.
fn typed(scratch: &Scratch, words: &str) -> (String, Result<(), CliError>) {
    let folder = scratch.path().to_str().unwrap();
    let words = words
        .split_whitespace()
        .map(|word| word.replace('@', folder));
    let parsed = Typed::try_parse_from(std::iter::once("certs".to_owned()).chain(words)).unwrap();
    let mut out = Vec::new();
    let ended = run(&parsed.args, &Clock::System, &mut out).map(|_| ());
    (String::from_utf8(out).unwrap(), ended)
}

fn typed_json(scratch: &Scratch, words: &str) -> Value {
    let (out, ended) = typed(scratch, &format!("{words} --json"));
    ended.unwrap();
    assert_eq!(out.lines().count(), 1);
    serde_json::from_str(&out).unwrap()
}

const ISSUE: &str = "organisation --ca @/ca.pem --ca-key @/ca.key --cvr 55133018 --navn Aarhus";

#[test]
fn makes_a_folder() {
    let scratch = Scratch::new();
    let (out, ended) = typed(&scratch, "ny --dir @/pki");
    ended.unwrap();
    assert!(
        out.contains("\n  kommune       55133018  a kommune's own system\n"),
        "{out}"
    );
    assert!(out.contains("\n  uden-cvr      -  "), "{out}");
    let answer = typed_json(&scratch, "ny --dir @/pki2");
    assert_eq!(answer["certifikater"].as_array().unwrap().len(), 11);
    let again = typed(&scratch, "ny --dir @/pki").1.unwrap_err();
    assert!(again.to_string().contains("ca.pem"), "{again}");
}

#[test]
fn issues_both_generations() {
    let scratch = Scratch::new();
    typed(&scratch, "ny --dir @").1.unwrap();
    let new = typed_json(&scratch, &format!("{ISSUE} --out @/mit"));
    let (told, _) = typed(&scratch, &format!("{ISSUE} --out @/andet"));
    assert!(
        told.starts_with("made ") && told.contains("andet.pem, its .key"),
        "{told}"
    );
    assert_eq!(
        (&new["cvr"], &new["generation"]),
        (&"55133018".into(), &"OCES3".into())
    );
    assert_eq!(
        (&new["slags"], &new["gyldigNu"]),
        (&"organisation".into(), &true.into())
    );
    let old = typed_json(&scratch, &format!("{ISSUE} --out @/gammelt --oces2"));
    assert_eq!(
        (&old["generation"], &old["slags"]),
        (&"OCES2".into(), &"function".into())
    );
    let identity = old["identitet"].as_str().unwrap();
    assert!(identity.starts_with("CVR:55133018-FID:"), "{identity}");

    let (out, ended) = typed(&scratch, "vis @/mit.pem");
    ended.unwrap();
    let shown: Vec<_> = out
        .lines()
        .map(|l| l.split_whitespace().next().unwrap())
        .collect();
    assert_eq!(shown, ["CVR", "identity", "form", "validity", "sha256"]);
    assert!(scratch.path().join("mit.key").is_file());
}

#[test]
fn shows_why_a_certificate_is_refused() {
    let scratch = Scratch::new();
    typed(&scratch, "ny --dir @").1.unwrap();
    let (out, ended) = typed(&scratch, "vis @/uden-cvr.pem --json");
    let error = ended.unwrap_err();
    let refused = format!("is refused: {}", OcesError::NoCvr);
    assert!(error.to_string().ends_with(&refused), "{error}");
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(answer["afvist"], OcesError::NoCvr.to_string());
    assert_eq!(answer["cvr"], Value::Null);

    let expired = typed_json(&scratch, "vis @/udloebet.pem");
    assert_eq!(expired["gyldigNu"], false);
    let (out, _) = typed(&scratch, "vis @/udloebet.pem");
    assert!(out.contains("(not valid now)"), "{out}");
}

#[test]
fn reads_der_too() {
    let scratch = Scratch::new();
    typed(&scratch, "ny --dir @").1.unwrap();
    let pem = scratch.path().join("kommune.pem");
    scratch.file("kommune.cer", CertificateDer::from_pem_file(pem).unwrap());
    let (as_pem, as_der) = ("vis @/kommune.pem", "vis @/kommune.cer");
    assert_eq!(typed_json(&scratch, as_pem), typed_json(&scratch, as_der));
}

#[test]
fn says_what_is_wrong_with_the_arguments() {
    let scratch = Scratch::new();
    typed(&scratch, "ny --dir @").1.unwrap();
    let failed = |words: &str| typed(&scratch, words).1.unwrap_err();
    let seven = ISSUE.replace("55133018", "5513301");
    let other = ISSUE.replace("ca.key", "kommune.key");
    for (words, wanted) in [
        (
            format!("{seven} --out @/x"),
            "--cvr 5513301: a CVR number is eight digits",
        ),
        (
            format!("{ISSUE} --out /"),
            "--out /: must end in the new files' name",
        ),
        (
            format!("{other} --out @/x"),
            "the key is not that of the CA certificate",
        ),
        ("vis @/findes-ikke".into(), "findes-ikke: can't be read: "),
        (
            "vis @/ca.key".into(),
            "ca.key: holds no X.509 certificate, neither as PEM nor as DER",
        ),
        (
            "vis @/crl.pem".into(),
            "crl.pem: holds no X.509 certificate, neither as PEM nor as DER",
        ),
    ] {
        let error = failed(&words).to_string();
        assert!(error.contains(wanted), "{words}: {error}");
    }
    scratch.file("kort.cer", [0x30, 0x03]);
    let error = failed("vis @/kort.cer").to_string();
    assert!(error.contains("kort.cer: holds no X.509"), "{error}");
}
