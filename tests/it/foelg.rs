//! `dtr follow`: a copy from snapshot and feed is the register, however often it is broken off.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::support::Folder;
use crate::support::messages::*;
use crate::support::process::{Server, dtr, installation, signing};

/// What a command ended with: its last line as JSON, its errors, whether it ended well.
fn follow(at: &Path, url: &str, more: &[&str]) -> (Value, String, bool) {
    let arguments = [&["follow", url, "--once", "--json"], more].concat();
    let output = dtr(at, &arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    let last = text.lines().last().unwrap_or("null");
    let errors = String::from_utf8(output.stderr).unwrap();
    (
        serde_json::from_str(last).unwrap(),
        errors,
        output.status.success(),
    )
}

/// The records of a folder, by the names of their files.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    entries
        .filter(|entry| entry.path().extension().is_some_and(|own| own == "xml"))
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

/// The records of a SQLite copy, as the files would be.
fn rows(file: &Path) -> BTreeMap<String, String> {
    let conn = rusqlite::Connection::open(file).unwrap();
    let mut select = conn
        .prepare("SELECT nummer || '.xml', xml FROM post")
        .unwrap();
    let rows = select
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    rows.map(Result::unwrap).collect()
}

async fn write_some(server: &Server, turn: usize) {
    let kommune = server.caller("kommune");
    let tops: Vec<_> = (0..3)
        .map(|n| institution(&format!("Hus {turn} {n} &amp; co"), 751))
        .collect();
    let tops = kommune
        .import_v2(write("InsertDaginstitution", &tops))
        .ok()
        .await
        .numbers();
    let units = [unit(&tops[0], "Stuen"), unit(&tops[1], "Loftet")];
    let units = kommune
        .import_v2(write("InsertAnvisningsEnhed", &units))
        .ok()
        .await
        .numbers();
    let moved = write(
        "MoveAnvisningsEnhed",
        &[moved("anvisningsenhed", &units[0], &tops[2])],
    );
    kommune.import_v2(moved).ok().await;
    let closed = write(
        "DeleteDaginstitution",
        &[closing("daginstitution", &tops[0])],
    );
    kommune.import_v2(closed).ok().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_the_register_however_it_came_to_be() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let server = Server::start(&at);
    let url = server.address("public_url");
    write_some(&server, 1).await;
    for copy in [["--to", "kopi"], ["--sqlite", "kopi.db"]] {
        let (told, errors, well) = follow(&at, &url, &copy);
        assert!(well, "{errors}");
        assert_eq!(
            (&told["sekvens"], &told["ajour"]),
            (&7.into(), &true.into())
        );
    }
    write_some(&server, 2).await;
    write_some(&server, 3).await;
    for copy in [["--to", "kopi"], ["--sqlite", "kopi.db"]] {
        let (told, errors, well) = follow(&at, &url, &copy);
        assert!(well, "{errors}");
        assert_eq!(
            (&told["sekvens"], &told["aendringer"]),
            (&21.into(), &14.into())
        );
        // Nothing more to do.
        assert_eq!(follow(&at, &url, &copy).0["aendringer"], 0);
    }
    let (told, ..) = follow(&at, &url, &["--to", "ny"]);
    assert_eq!(told["sekvens"], 21);
    let whole = files(&at.join("ny"));
    assert_eq!(whole.len(), 15);
    assert_eq!(
        files(&at.join("kopi")),
        whole,
        "by snapshot and by feed alike"
    );
    assert_eq!(rows(&at.join("kopi.db")), whole);
    // One that was broken off while it was begun anew is begun anew.
    std::fs::write(at.join("kopi/forfra"), "").unwrap();
    std::fs::remove_file(at.join("kopi/G30001.xml")).unwrap();
    let (_, errors, well) = follow(&at, &url, &["--to", "kopi"]);
    assert!(well, "{errors}");
    assert_eq!(files(&at.join("kopi")), whole);
    // And one whose register was restored, too.
    let position = std::fs::read_to_string(at.join("kopi/stand.json")).unwrap();
    let epoke: Value = serde_json::from_str(&position).unwrap();
    let epoke = epoke["epoke"].as_str().unwrap().to_owned();
    let other = position.replace(&epoke, "00000000-0000-4000-8000-000000000000");
    std::fs::write(at.join("kopi/stand.json"), other).unwrap();
    std::fs::write(at.join("kopi/G99999.xml"), "of another history").unwrap();
    let (_, errors, well) = follow(&at, &url, &["--to", "kopi"]);
    assert!(well, "{errors}");
    assert_eq!(files(&at.join("kopi")), whole);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_register_too_large_for_a_snapshot_is_copied_from_its_feed() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let toml = folder.join("dtr.toml");
    let mut config = dtr::config::Config::load(&toml).unwrap();
    // Room for 873 records.
    config.graenser.svar_i_alt_bytes = 1 << 20;
    config.graenser.svar_offentlige_bytes = 1 << 20;
    std::fs::write(toml, config.annotated()).unwrap();
    let server = Server::start(&at);
    let url = server.address("public_url");
    for batch in 0..2 {
        let tops: Vec<_> = (0..450)
            .map(|n| institution(&format!("Hus {batch} {n}"), 751))
            .collect();
        let insert = write("InsertDaginstitution", &tops);
        server.caller("kommune").import_v2(insert).ok().await;
    }
    let (told, errors, well) = follow(&at, &url, &["--sqlite", "kopi.db"]);
    assert!(well, "{errors}");
    assert_eq!(
        (&told["sekvens"], &told["ajour"]),
        (&900.into(), &true.into())
    );
    assert_eq!(rows(&at.join("kopi.db")).len(), 900);
    // It goes on as any other, and says how it began.
    assert_eq!(
        follow(&at, &url, &["--sqlite", "kopi.db"]).0["aendringer"],
        0
    );
    let said = dtr(&at, &["follow", &url, "--once", "--sqlite", "ny.db"]);
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains("too large for a snapshot"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_hold_is_not_taken() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let server = Server::start(&at);
    let url = server.address("public_url");
    write_some(&server, 1).await;
    assert!(follow(&at, &url, &["--to", "kopi"]).2);
    let before = files(&at.join("kopi"));
    write_some(&server, 2).await;
    let position = std::fs::read_to_string(at.join("kopi/stand.json")).unwrap();
    let digest: Value = serde_json::from_str(&position).unwrap();
    let digest = digest["kaede"].as_str().unwrap().to_owned();
    let other = position.replace(&digest, &"0".repeat(64));
    std::fs::write(at.join("kopi/stand.json"), other).unwrap();
    let (_, errors, well) = follow(&at, &url, &["--to", "kopi"]);
    assert!(!well && errors.contains("chain of digests"), "{errors}");
    assert_eq!(files(&at.join("kopi")), before);
    // A register that does not answer is told of, and by --once not waited for.
    let (_, errors, well) = follow(&at, "http://127.0.0.1:9", &["--to", "kopi"]);
    assert!(!well && errors.contains("can't connect"), "{errors}");
    let (_, errors, well) = follow(&at, "ftp://et.sted", &["--to", "kopi"]);
    assert!(!well && errors.contains("ftp://et.sted"), "{errors}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_head_is_checked() {
    let folder = Folder::new();
    let at = signing(&folder, crate::revision::KEY).await;
    let server = Server::start(&at);
    let url = server.address("public_url");
    write_some(&server, 1).await;
    let client = crate::support::anyone();
    let pem = client.get(&format!("{url}/noegle.pem"), &[]).await.unwrap();
    std::fs::write(folder.join("noegle.pem"), pem.body).unwrap();
    let own = ["--to", "kopi", "--noegle", "noegle.pem"];
    let (told, errors, well) = follow(&at, &url, &own);
    assert!(well && told["ajour"] == true, "{errors}");
    // RFC 8032's first key is another.
    std::fs::write(
        folder.join("anden.pem"),
        "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n",
    )
    .unwrap();
    let other = ["--to", "kopi", "--noegle", "anden.pem"];
    let (_, errors, well) = follow(&at, &url, &other);
    assert!(
        !well && errors.contains("not signed by the key"),
        "{errors}"
    );
}

/// A folder whose copy takes longer than the server keeps an idle connection: what is asked for next comes over another.
struct Sen {
    folder: dtr::follow::Folder,
    idle: std::time::Duration,
}

impl dtr::follow::Replica for Sen {
    fn progress(&self) -> Result<Option<dtr::follow::Progress>, dtr::follow::ReplicaError> {
        self.folder.progress()
    }

    fn begin_anew(
        &mut self,
        records: &[dtr::follow::Record],
        progress: &dtr::follow::Progress,
    ) -> Result<(), dtr::follow::ReplicaError> {
        self.folder.begin_anew(records, progress)?;
        // Blocks, as the disk does, so that the client does not see meanwhile that its connection is closed.
        std::thread::sleep(self.idle * 5);
        Ok(())
    }

    fn apply(
        &mut self,
        changes: &[dtr::follow::Change],
        progress: &dtr::follow::Progress,
    ) -> Result<(), dtr::follow::ReplicaError> {
        self.folder.apply(changes, progress)?;
        std::thread::sleep(self.idle * 5);
        Ok(())
    }
}

#[test]
fn copying_may_take_longer_than_a_connection_is_kept() {
    let server = tokio::runtime::Runtime::new().unwrap();
    let idle = std::time::Duration::from_millis(200);
    let app = server.block_on(crate::support::TestApp::with(|config| {
        config.graenser.ledig_ms = 200;
    }));
    let insert = write("InsertDaginstitution", &[institution("Ny", 751)]);
    server.block_on(app.kommune().import_v2(&*insert).ok());
    let folder = Folder::new();
    let mut copy = Sen {
        folder: dtr::follow::Folder::open(&folder.join("kopi")).unwrap(),
        idle,
    };
    let client = crate::support::anyone();
    let follower = dtr::follow::Follower::new(client, &app.public("/"), None);
    // As the command does: one thread for copying and for the connection.
    let own = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut step = || own.block_on(follower.step(&mut copy, false));
    assert_eq!(step().unwrap().begun_anew, Some(1));
    assert_eq!(step().unwrap().changes, 0);
    server.block_on(app.kommune().import_v2(&*insert).ok());
    assert_eq!(step().unwrap().changes, 1);
    assert!(step().unwrap().up_to_date);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_says_when_nothing_is_new_and_writes_through_no_link() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let server = Server::start(&at);
    let url = server.address("public_url");
    write_some(&server, 1).await;
    let victim = at.join("offer");
    std::fs::write(&victim, "urørt").unwrap();
    std::fs::create_dir(at.join("kopi")).unwrap();
    for name in ["G30001.xml", "G30001.xml.ny", "stand.json.ny", "forfra.ny"] {
        std::os::unix::fs::symlink(&victim, at.join("kopi").join(name)).unwrap();
    }
    let run = || dtr(&at, &["follow", &url, "--to", "kopi", "--once"]);
    let first = run();
    assert!(
        first.status.success(),
        "{}",
        String::from_utf8_lossy(&first.stderr)
    );
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "urørt");
    let file = at.join("kopi/G30001.xml");
    assert!(std::fs::symlink_metadata(file).unwrap().is_file());
    assert_eq!(
        String::from_utf8_lossy(&run().stdout),
        "nothing new: the copy is current, at change 7\n"
    );
}

/// Whoever reads the file with SQL needs no XML: each field of a record stands in a column of its level's view.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_has_a_column_for_every_field() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let server = Server::start(&at);
    let url = server.address("public_url");
    write_some(&server, 1).await;
    let (_, errors, well) = follow(&at, &url, &["--sqlite", "kopi.db"]);
    assert!(well, "{errors}");
    let conn = rusqlite::Connection::open(at.join("kopi.db")).unwrap();
    let text = |sql: &str| {
        conn.query_row(sql, [], |row| row.get::<_, String>(0))
            .unwrap()
    };
    assert_eq!(
        text(
            "SELECT substr(d.daginstitutionsNavn, 1, 5) || '/' || d.admKommuneKode || '/' || e.enhedsNavn || '/' || e.vejNavn
             FROM anvisningsenhed AS e JOIN daginstitution AS d USING (daginstitutionsNummer)
             WHERE e.enhedsNavn = 'Loftet'"
        ),
        "Hus 1/751/Loftet/Bøgeskrænten"
    );
    // What stands in XML stands in the columns, under the same names.
    let mut rows = conn
        .prepare("SELECT niveau, nummer, xml FROM post")
        .unwrap();
    let rows: Vec<(String, String, String)> = rows
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(rows.len(), 5);
    for (level, number, xml) in rows {
        let own = match level.as_str() {
            "daginstitution" => "daginstitutionsNummer",
            _ => "enhedsNummer",
        };
        for (name, value) in leaves(&xml) {
            let sql = format!("SELECT CAST({name} AS TEXT) FROM {level} WHERE {own} = '{number}'");
            assert_eq!(text(&sql), value, "{name}");
        }
    }
}

/// The fields of the schema, too, that no record of the test has.
#[test]
fn every_field_of_the_schema_has_a_column() {
    let folder = Folder::new();
    let file = folder.join("kopi.db");
    dtr::follow::Database::open(&file).unwrap();
    let conn = rusqlite::Connection::open(file).unwrap();
    let schema = std::fs::read_to_string("xsd/Typer-v2.xsd").unwrap();
    let schema = crate::support::Element::parse(&schema);
    let mut names = conn
        .prepare("SELECT lower(name) FROM pragma_table_info(?1)")
        .unwrap();
    for (level, kind) in [
        ("daginstitution", "DaginstitutionExtend"),
        ("anvisningsenhed", "AnvisningsenhedExtend"),
        ("alternativadresse", "AlternativAdresseExtend"),
    ] {
        let columns: Vec<String> = names
            .query_map([level], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let fields = fields(&schema, kind);
        assert!(fields.len() > 10, "{kind}: {fields:?}");
        for field in fields {
            assert!(columns.contains(&field.to_lowercase()), "{kind}: {field}");
        }
    }
}

/// The fields of a type of the schema, those of its address among them.
fn fields(schema: &crate::support::Element, kind: &str) -> Vec<String> {
    let attribute = |element: &crate::support::Element, name: &str| {
        let mut all = element.attributes.iter();
        all.find(|(own, _)| own == name)
            .map_or(String::new(), |(_, value)| value.clone())
    };
    let types = schema.all("complexType");
    let own = types
        .into_iter()
        .find(|own| attribute(own, "name") == kind)
        .unwrap();
    let mut found = Vec::new();
    for element in own.all("element") {
        match attribute(element, "type").strip_prefix("typer:") {
            Some("AdresseExtend") => found.extend(fields(schema, "AdresseExtend")),
            _ => found.push(attribute(element, "name")),
        }
    }
    found
}

/// Names and texts of the elements of a record that hold no other.
fn leaves(xml: &str) -> Vec<(String, String)> {
    fn below(element: &crate::support::Element, found: &mut Vec<(String, String)>) {
        for child in &element.children {
            if child.children.is_empty() {
                found.push((child.name.clone(), child.text.clone()));
            } else {
                below(child, found);
            }
        }
    }
    let mut found = Vec::new();
    below(&crate::support::Element::parse(xml), &mut found);
    found
}
