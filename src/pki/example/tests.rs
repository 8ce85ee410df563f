//! The folder is whole, its keys are private, and its table is what dtr reads from the files.

use super::super::scratch::Scratch;
use super::*;
use std::collections::BTreeSet;

fn now() -> OffsetDateTime {
    rcgen::date_time_ymd(2027, 1, 1)
}

#[test]
fn the_folder_holds_what_the_contract_lists() {
    let scratch = Scratch::new();
    let dir = scratch.path().join("pki");
    let made = write_example(&dir, now()).unwrap();
    let names = "server kommune kommune2 leverandoer aftager operatoer \
                 udloebet fremmed uden-cvr kun-server tilbagekaldt";
    let listed: Vec<_> = made.certificates.iter().map(|c| c.name).collect();
    assert_eq!(listed, names.split_whitespace().collect::<Vec<_>>());

    let mut expected: BTreeSet<String> = ["ca.pem", "ca.key", "crl.pem"].map(String::from).into();
    for name in listed {
        expected.extend(["pem", "key", "p12"].map(|kind| format!("{name}.{kind}")));
    }
    let found = fs::read_dir(&dir).unwrap();
    let found: BTreeSet<_> = found
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(found, expected);
}

#[cfg(unix)]
#[test]
fn keys_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;

    let scratch = Scratch::new();
    write_example(scratch.path(), now()).unwrap();
    let mut keys = 0;
    for entry in fs::read_dir(scratch.path()).unwrap() {
        let entry = entry.unwrap();
        if entry
            .path()
            .extension()
            .is_some_and(|suffix| suffix == "key" || suffix == "p12")
        {
            assert_eq!(
                entry.metadata().unwrap().permissions().mode() & 0o777,
                0o600
            );
            keys += 1;
        }
    }
    assert_eq!(keys, 12 + 11);
}

#[test]
fn the_good_ones_are_the_registered_organisations() {
    let scratch = Scratch::new();
    let made = write_example(scratch.path(), now()).unwrap();
    for organisation in made.organisations {
        let mut named = made
            .certificates
            .iter()
            .filter(|c| c.name == organisation.certificate);
        let certificate = named.next().unwrap();
        assert!(certificate.good);
        assert_eq!(certificate.cvr.as_deref(), Some(organisation.cvr));
        assert!(matches!(certificate.identity, Some(StableId::Uuid(_))));
        let is_kommune = organisation.kind == OrgKind::Kommune;
        assert_eq!(organisation.kommunekode.is_some(), is_kommune);
    }
    let identities: BTreeSet<_> = made
        .certificates
        .iter()
        .filter_map(|c| c.identity.as_ref())
        .collect();
    assert_eq!(
        identities.len(),
        9,
        "all differ; server and uden-cvr have none"
    );
    let bad = made.certificates.iter().filter(|c| !c.good);
    let without: Vec<_> = bad.filter(|c| c.cvr.is_none()).map(|c| c.name).collect();
    assert_eq!(without, ["uden-cvr"]);
}

#[test]
fn nothing_is_overwritten() {
    let scratch = Scratch::new();
    write_example(scratch.path(), now()).unwrap();
    let before = fs::read(scratch.path().join("ca.pem")).unwrap();
    let error = write_example(scratch.path(), now()).unwrap_err();
    assert!(
        matches!(&error, PkiError::Write { file, .. } if file.ends_with("ca.pem")),
        "{error}"
    );
    assert_eq!(fs::read(scratch.path().join("ca.pem")).unwrap(), before);
}
