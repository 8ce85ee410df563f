//! Pages for those who write the systems that call: error codes, the checking of messages, the contract; and what robots and feed
//! readers fetch.

use std::fmt::Write as _;
use std::path::Path;

use dtr::client::Response;
use dtr::problem;
use dtr::register::Tidspunkt;
use hyper::Method;

use crate::support::cases::{Case, root};
use crate::support::messages::*;
use crate::support::{Element, TestApp};

const HTML: [(&str, &str); 1] = [("accept", "text/html")];

async fn page(app: &TestApp, path: &str) -> Response {
    let got = app.anyone().get(&app.public(path), &HTML).await.unwrap();
    assert_eq!(got.status, 200, "{path}: {}", got.text());
    if got.header("content-type") == Some("text/html; charset=utf-8") {
        let text = got.text();
        assert!(text.len() <= 100_000, "{path}: {}", text.len());
        // Nothing but the manual's pictures.
        let loaded = text.replace("src=\"/dokumentation/", "");
        assert!(
            !loaded.contains("<script>") && !loaded.contains("src="),
            "{path}"
        );
        let lang = if path.starts_with("/en") { "en" } else { "da" };
        assert!(text.contains(&format!("<html lang=\"{lang}\">")), "{path}");
    }
    got
}

async fn text(app: &TestApp, path: &str) -> String {
    page(app, path).await.text().into_owned()
}

async fn post(app: &TestApp, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Response {
    let url = app.public(path);
    app.anyone()
        .send(Method::POST, &url, headers, body.into())
        .await
        .unwrap()
}

/// The file with the list of cases, as the folder would have it.
fn table() -> (std::path::PathBuf, String) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/site/examples/table.rs");
    let text = std::fs::read_to_string(&file).unwrap();
    let (head, _) = text.split_once("= cases! {\n").unwrap();
    let mut own = format!("{head}= cases! {{\n");
    for case in Case::all() {
        let folder = std::fs::read_dir(root().join(&case.name)).unwrap();
        let mut files: Vec<_> = folder
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let files: Vec<_> = files.iter().map(|file| format!("\"{file}\"")).collect();
        writeln!(own, "    \"{}\": {};", case.name, files.join(" ")).unwrap();
    }
    own.push_str("};\n");
    (file, own)
}

#[test]
fn every_case_is_built_in() {
    let (file, own) = table();
    if std::env::var_os("DTR_OPDATER").is_some() {
        std::fs::write(&file, &own).unwrap();
    }
    assert!(
        std::fs::read_to_string(&file).unwrap() == own,
        "DTR_OPDATER=1 cargo test --test it sider::every_case_is_built_in"
    );
}

#[tokio::test]
async fn every_error_code_has_a_page_in_both_languages() {
    let app = TestApp::start().await;
    let all = text(&app, "/fejlkoder").await;
    let english = text(&app, "/en/fejlkoder").await;
    for entry in problem::all() {
        assert!(all.contains(&format!("href=\"/fejlkoder/{}\"", entry.kode)));
        assert!(english.contains(&format!("href=\"/en/fejlkoder/{}\"", entry.kode)));
        page(&app, &format!("/fejlkoder/{}", entry.kode)).await;
    }
    let one = text(&app, "/en/fejlkoder/DTR5001").await;
    for part in [
        "<mark>9</mark>",
        "&lt;f:kode&gt;DTR5001&lt;/f:kode&gt;",
        "faultcode <code>Client</code>",
        "<code>{tabel}</code>",
    ] {
        let escaped = part.replace("&lt;", "&#60;").replace("&gt;", "&#62;");
        assert!(
            one.contains(part) || one.contains(&escaped),
            "{part}: {one}"
        );
    }
    let none = app
        .anyone()
        .get(&app.public("/fejlkoder/DTR0"), &HTML)
        .await;
    assert_eq!(none.unwrap().status, 404);
}

#[tokio::test]
async fn error_codes_are_found_by_words_without_script() {
    let app = TestApp::start().await;
    let found = text(&app, "/en/fejlkoder?q=Byte+Order").await;
    assert!(found.contains("DTR2003") && !found.contains("DTR5001"));
    let da = text(&app, "/fejlkoder?q=dtr5001").await;
    assert!(da.contains("DTR5001") && !da.contains("DTR5002"));
    let evil = "/fejlkoder?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E%E2%80%AE";
    let shown = text(&app, evil).await;
    assert!(shown.contains("Ingen kode passer"));
    assert!(shown.contains("[U+202E]") && !shown.contains('\u{202e}'));
    assert!(!shown.contains("<script"), "{shown}");
}

#[tokio::test]
async fn the_catalogue_is_given_to_programs() {
    let app = TestApp::start().await;
    let json = page(&app, "/fejlkoder.json").await;
    assert_eq!(json.header("content-type"), Some("application/json"));
    let all: serde_json::Value = serde_json::from_str(&json.text()).unwrap();
    let codes = all["fejlkoder"].as_array().unwrap();
    assert_eq!(codes.len(), problem::all().count());
    let one = codes.iter().find(|own| own["kode"] == "DTR1006").unwrap();
    assert_eq!(one["statusSoap"], 503);
    assert!(one["pladsholdere"]["sekunder"]["en"].is_string());
    let xml = page(&app, "/fejlkoder.xml").await;
    assert_eq!(
        xml.header("content-type"),
        Some("application/xml; charset=utf-8")
    );
    let tree = Element::parse(&xml.text());
    assert_eq!(tree.all("fejlkode").len(), codes.len());
}

const WRONG: &str = "<i:InsertDaginstitution xmlns:i='urn:dagtilbudsregister:import:v2' xmlns='urn:dagtilbudsregister:typer:v2'>\n\
     <i:daginstitution><daginstitutionsNavn>&lt;script>\"'&#x202E;</daginstitutionsNavn>\n\
     <ejerformKode>9</ejerformKode><lovgrundlagKode>1</lovgrundlagKode>\n\
     <admKommuneKode>750x</admKommuneKode></i:daginstitution></i:InsertDaginstitution>";

/// A form as a browser sends it.
fn pasted(message: &str, more: &str) -> Vec<u8> {
    let escaped: String = message.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("besked={escaped}{more}").into_bytes()
}

fn uploaded(message: &[u8], more: &str) -> Vec<u8> {
    let head = "--x1\r\nContent-Disposition: form-data; name=\"fil\"; filename=\"a.xml\"\r\n\
                Content-Type: text/xml\r\n\r\n";
    [
        head.as_bytes(),
        message,
        format!("\r\n{more}--x1--\r\n").as_bytes(),
    ]
    .concat()
}

const PAIRS: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const PARTS: (&str, &str) = ("content-type", "multipart/form-data; boundary=x1");

/// The codes of a report in JSON, with their lines.
fn found(answer: &Response) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let report: serde_json::Value = serde_json::from_str(&answer.text()).unwrap();
    let errors = report["fejl"].as_array().unwrap().iter();
    let line = |error: &serde_json::Value| {
        let kode = error["kode"].as_str().unwrap();
        format!("{kode} {}:{}", error["linje"], error["kolonne"])
    };
    errors.map(line).collect()
}

#[tokio::test]
async fn a_message_is_judged_however_it_is_posted() {
    let app = TestApp::start().await;
    let json = ("accept", "application/json");
    let expected = ["DTR4011 2:39", "DTR5001 3:15", "DTR4010 4:17"];
    let pasted_codes = found(&post(&app, "/valider", &[json, PAIRS], pasted(WRONG, "")).await);
    for (content_type, body) in [
        (PARTS, uploaded(WRONG.as_bytes(), "")),
        (("content-type", "application/xml"), WRONG.into()),
    ] {
        let codes = found(&post(&app, "/en/valider", &[json, content_type], body).await);
        assert_eq!(codes, pasted_codes);
    }
    for code in &expected[1..] {
        assert!(
            pasted_codes.contains(&(*code).to_owned()),
            "{pasted_codes:?}"
        );
    }
    // A file tells its encoding; what is pasted is the page's, whatever it says.
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend(WRONG.encode_utf16().flat_map(u16::to_le_bytes));
    let codes = found(&post(&app, "/valider", &[json, PARTS], uploaded(&utf16, "")).await);
    assert_eq!(codes, pasted_codes);
    let latin = format!(
        "<?xml version='1.0' encoding='ISO-8859-1'?>{}",
        WRONG.replace("script", "æøå")
    );
    let codes = found(&post(&app, "/valider", &[json, PAIRS], pasted(&latin, "")).await);
    assert_eq!(codes.len(), pasted_codes.len(), "{codes:?}");
    // What is no XML says so: a zip, gzip, nothing but a mark.
    for bytes in [
        b"PK\x03\x04\x14\x00".as_slice(),
        b"\x1f\x8b\x08\x00",
        b"\xef\xbb\xbf",
        b"\xff\xfe\x00\x00<",
    ] {
        let codes = found(&post(&app, "/valider", &[json, PARTS], uploaded(bytes, "")).await);
        assert!(codes[0].starts_with("DTR2"), "{codes:?}");
    }
}

#[tokio::test]
async fn a_report_shows_each_spot_and_runs_nothing() {
    let app = TestApp::start().await;
    let html = ("accept", "text/html");
    for (path, word) in [("/valider", "linje"), ("/en/valider", "line")] {
        let got = post(&app, path, &[html, PAIRS], pasted(WRONG, "")).await;
        assert_eq!(got.status, 200);
        // The way back leads to it.
        assert_eq!(got.header("cache-control"), Some("private, no-cache"));
        let text = got.text();
        assert!(text.contains("<mark>9</mark>"), "{text}");
        assert!(text.contains(&format!("{word} 3, ")), "{text}");
        assert!(
            !text.contains("<script") && !text.contains('\u{202e}'),
            "{text}"
        );
        assert!(text.len() <= 100_000);
    }
    let good = WRONG.replace(">9<", ">1<").replace("750x", "751");
    let good = good.replace("&lt;script>\"'&#x202E;", "Blåbær");
    let got = post(&app, "/valider", &[html, PAIRS], pasted(&good, "")).await;
    assert!(got.text().contains("Ingen fejl fundet"), "{}", got.text());
    // Very many errors, each on a line that is long.
    let record = format!(
        "<i:daginstitution><x>{}</x></i:daginstitution>",
        "y".repeat(5000)
    );
    let (open, _) = WRONG.split_once("<i:daginstitution>").unwrap();
    let many = format!("{open}{}</i:InsertDaginstitution>", record.repeat(400));
    let got = post(
        &app,
        "/en/valider",
        &[html, PARTS],
        uploaded(many.as_bytes(), ""),
    )
    .await;
    let text = got.text();
    assert!(
        text.len() <= 100_000 && text.contains("More that are not shown here"),
        "{}",
        text.len()
    );
}

#[tokio::test]
async fn a_report_can_be_saved_and_needs_nothing_else() {
    let app = TestApp::start().await;
    let more = "--x1\r\nContent-Disposition: form-data; name=\"hent\"\r\n\r\n1\r\n";
    let headers = [("accept", "text/html"), PARTS];
    let got = post(
        &app,
        "/en/valider",
        &headers,
        uploaded(WRONG.as_bytes(), more),
    )
    .await;
    assert_eq!(got.status, 200);
    let disposition = got.header("content-disposition");
    assert_eq!(disposition, Some("attachment; filename=\"report.html\""));
    let text = got.text();
    assert!(text.contains("<style>") && !text.contains("<link") && !text.contains("<form"));
    let link = "/en/fejlkoder/DTR5001\">DTR5001</a>";
    let before = text.split_once(link).unwrap().0;
    let (_, host) = before.rsplit_once("href=\"").unwrap();
    assert!(host.starts_with("http://localhost:"), "{host}");
}

#[tokio::test]
async fn what_is_no_form_is_refused() {
    let app = TestApp::start().await;
    let html = ("accept", "text/html");
    let form = |text: &str| text.as_bytes().to_vec();
    for (content_type, body) in [
        (PAIRS, form("")),
        (PAIRS, form("besked=")),
        (PAIRS, form("besked=a&besked=b")),
        (PAIRS, form("andet=a")),
        (PAIRS, form("besked=%zz")),
        (PARTS, form("besked=a")),
        (
            PARTS,
            uploaded(
                b"a",
                "--x1\r\nContent-Disposition: form-data; name=\"besked\"\r\n\r\nb\r\n",
            ),
        ),
        (("content-type", "multipart/form-data"), uploaded(b"a", "")),
        (("content-type", "application/zip"), form("PK")),
        (("content-type", "application/json"), form("{}")),
    ] {
        let got = post(&app, "/valider", &[html, content_type], body).await;
        assert_eq!(got.status, 400, "{content_type:?}");
        assert!(got.text().contains("DTR1050"), "{}", got.text());
    }
    let large = vec![b'a'; (10 << 20) + 1];
    let got = post(&app, "/valider", &[html, PARTS], large).await;
    assert_eq!(got.status, 413);
    let squeezed = [html, PARTS, ("content-encoding", "gzip")];
    let got = post(&app, "/valider", &squeezed, form("x")).await;
    assert_eq!(got.status, 415);
    let elsewhere = post(&app, "/fejlkoder", &[html, PAIRS], form("q=a")).await;
    assert_eq!(elsewhere.status, 405);
}

/// The register of a kommune: an institution with a unit, whose names try to be more.
async fn filled(app: &TestApp) -> (String, String) {
    let evil = "Æblehaven &lt;script&gt;\"'";
    let kommune = app.kommune();
    let top = write("InsertDaginstitution", &[institution(evil, 751)]);
    let top = kommune.import_v2(top).ok().await.number();
    let unit = write(
        "InsertAnvisningsEnhed",
        &[unit(&top, "Kernehuset &amp; co")],
    );
    let unit = kommune.import_v2(unit).ok().await.number();
    (top, unit)
}

#[tokio::test]
async fn the_contract_is_a_page_and_an_archive() {
    let app = TestApp::start().await;
    for path in ["/kontrakt", "/en/kontrakt"] {
        let text = text(&app, path).await;
        for part in [
            "InsertDaginstitution",
            "GetDagtilbudPrDato",
            "/kontrakt.zip",
            "/v2/ImportService",
        ] {
            assert!(text.contains(part), "{path}: {part}");
        }
    }
    let english = text(&app, "/en/kontrakt").await;
    assert!(english.contains("Closes 1-500") && !english.contains("Lukker 1-500"));
    // Every file that the page links to is there.
    let links = english.split("href=\"/").skip(1);
    for link in links.filter(|link| link.starts_with("wsdl") || link.starts_with("xsd")) {
        page(&app, &format!("/{}", link.split('"').next().unwrap())).await;
    }
    let zip = page(&app, "/kontrakt.zip").await;
    assert_eq!(zip.header("content-type"), Some("application/zip"));
    assert!(zip.body.starts_with(b"PK\x03\x04") && zip.body.len() < 1 << 20);
    let known = [("if-none-match", zip.header("etag").unwrap())];
    let url = app.public("/kontrakt.zip");
    let again = app.anyone().get(&url, &known).await.unwrap();
    assert_eq!(again.status, 304);
    assert_eq!(page(&app, "/kontrakt.zip").await.body, zip.body);
}

#[tokio::test]
async fn a_record_is_given_as_the_documents_have_it() {
    let app = TestApp::start().await;
    let (top, unit) = filled(&app).await;
    for (number, path) in [
        (&top, "/eksport/v2/daginstitutioner.xml"),
        (&unit, "/eksport/v2/anvisningsenheder.xml"),
    ] {
        let own = page(&app, &format!("/institution/{number}.xml")).await;
        assert_eq!(
            own.header("content-type"),
            Some("application/xml; charset=utf-8")
        );
        let own = Element::parse(&own.text());
        let all = Element::parse(&text(&app, path).await);
        assert_eq!(own.name, all.name);
        assert_eq!(own.children.last(), all.children.last());
    }
    // It changes with its record alone.
    let path = format!("/institution/{top}.xml");
    let before = page(&app, &path).await;
    filled(&app).await;
    let known = [("if-none-match", before.header("etag").unwrap())];
    let again = app.anyone().get(&app.public(&path), &known).await.unwrap();
    assert_eq!(again.status, 304);
    let html = text(&app, &format!("/en/institution/{top}")).await;
    for form in ["json", "xml", "atom"] {
        assert!(
            html.contains(&format!("href=\"/institution/{top}.{form}")),
            "{html}"
        );
    }
    let none = app
        .anyone()
        .get(&app.public("/institution/G99999.xml"), &[])
        .await;
    assert_eq!(none.unwrap().status, 404);
}

#[tokio::test]
async fn changes_are_given_to_feed_readers_in_words() {
    let app = TestApp::start().await;
    let (top, unit) = filled(&app).await;
    let close = closing("anvisningsenhed", &unit);
    app.kommune()
        .import_v2(write("DeleteAnvisningsEnhed", &[close]))
        .ok()
        .await;
    let got = page(&app, &format!("/institution/{unit}.atom")).await;
    assert_eq!(
        got.header("content-type"),
        Some("application/atom+xml; charset=utf-8")
    );
    let feed = Element::parse(&got.text());
    assert_eq!(
        (feed.name.as_str(), feed.namespace.as_str()),
        ("feed", "http://www.w3.org/2005/Atom")
    );
    let titles: Vec<_> = feed
        .all("entry")
        .iter()
        .map(|own| own.text_of("title").to_owned())
        .collect();
    assert_eq!(titles.len(), 2);
    assert!(
        titles[0].starts_with("Kernehuset & co: Nedlagt"),
        "{titles:?}"
    );
    assert!(
        titles[1].starts_with("Kernehuset & co: Oprettet under"),
        "{titles:?}"
    );
    let ids = feed.texts("id");
    assert!(
        ids.iter().all(|id| id.starts_with("tag:localhost,2026:/")),
        "{ids:?}"
    );
    assert_eq!(
        ids.iter().collect::<std::collections::BTreeSet<_>>().len(),
        3
    );
    for entry in feed.all("entry") {
        assert!(!entry.first("author").unwrap().text_of("name").is_empty());
        let link = entry.first("link").unwrap().attribute("href").unwrap();
        let (_, path) = link.split_once("/institution").unwrap();
        page(&app, &format!("/institution{path}")).await;
    }
    let english = Element::parse(&text(&app, &format!("/institution/{unit}.atom?sprog=en")).await);
    assert!(english.all("entry")[0].text_of("title").contains("Closed"));
    let all = Element::parse(&text(&app, "/kommune/751.atom").await);
    let titles: Vec<_> = all
        .all("entry")
        .iter()
        .map(|own| own.text_of("title").to_owned())
        .collect();
    assert_eq!(titles.len(), 3, "{titles:?}");
    assert!(
        titles[2].starts_with("Æblehaven <script>\"': Oprettet"),
        "{titles:?}"
    );
    let none = Element::parse(&text(&app, "/kommune/101.atom").await);
    assert!(none.all("entry").is_empty() && none.first("author").is_some());
    for (path, status) in [
        (format!("/institution/{top}.atom?sprog=de"), 400),
        ("/institution/G99999.atom".to_owned(), 404),
        ("/kommune/999.atom".to_owned(), 404),
    ] {
        let got = app.anyone().get(&app.public(&path), &[]).await.unwrap();
        assert_eq!(got.status, status, "{path}");
    }
}

#[tokio::test]
async fn the_last_changes_of_a_kommune_are_those_of_all_its_records() {
    let app = TestApp::start().await;
    let (top, _) = filled(&app).await;
    let other = write("InsertDaginstitution", &[institution("Andet", 751)]);
    app.kommune().import_v2(other).ok().await;
    for round in 0..60 {
        let fields = institution_fields(&format!("Navn {round}"), 751);
        let update = institution_update(&top, "", &fields);
        app.kommune()
            .import_v2(write("UpdateDaginstitution", &[update]))
            .ok()
            .await;
    }
    let feed = Element::parse(&text(&app, "/kommune/751.atom").await);
    let entries = feed.all("entry");
    assert_eq!(entries.len(), 50);
    assert!(
        entries[0]
            .text_of("title")
            .starts_with("Navn 59: Nyt navn: Navn 59")
    );
    assert!(entries[49].text_of("title").starts_with("Navn 10: "));
}

#[tokio::test]
async fn robots_find_every_record() {
    let app = TestApp::start().await;
    let empty = Element::parse(&text(&app, "/sitemap.xml").await);
    assert_eq!(empty.all("loc").len(), 1);
    let (top, unit) = filled(&app).await;
    let index = Element::parse(&text(&app, "/sitemap.xml").await);
    let mut found = Vec::new();
    for part in index.texts("loc") {
        let (_, path) = part.split_once("/sitemap/").unwrap();
        let part = Element::parse(&text(&app, &format!("/sitemap/{path}")).await);
        found.extend(part.texts("loc").into_iter().map(str::to_owned));
    }
    for path in [
        &format!("/institution/{top}"),
        &format!("/institution/{unit}"),
        "/en/kort",
        "/kommune/751",
    ] {
        assert!(found.iter().any(|own| own.ends_with(path)), "{path}");
    }
    for none in [
        "/sitemap/1.xml",
        "/sitemap/4294967295.xml",
        "/sitemap/x.xml",
    ] {
        let got = app.anyone().get(&app.public(none), &[]).await.unwrap();
        assert_eq!(got.status, 404, "{none}");
    }
    let robots = text(&app, "/robots.txt").await;
    assert!(robots.contains("/sitemap.xml\n"));
}

#[tokio::test]
async fn who_finds_a_hole_is_told_whom_to_tell() {
    let contact = "mailto:sikkerhed@dtr.example".to_owned();
    let app = TestApp::with(|config| config.side.sikkerhed = Some(contact.clone())).await;
    let told = text(&app, "/.well-known/security.txt").await;
    assert!(told.contains(&format!("Contact: {contact}\n")));
    let expires = told.split_once("Expires: ").unwrap().1;
    let expires = Tidspunkt::parse(expires.lines().next().unwrap()).unwrap();
    assert!(expires > Tidspunkt::parse("2026-01-01T00:00:00Z").unwrap());
    // The address of the test is http, which must not stand there.
    assert!(!told.contains("Canonical"));
    let without = TestApp::start().await;
    let none = without
        .anyone()
        .get(&without.public("/.well-known/security.txt"), &[])
        .await;
    assert_eq!(none.unwrap().status, 404);
}

#[tokio::test]
async fn each_chapter_has_its_sections_and_nothing_twice() {
    let app = TestApp::start().await;
    let index = text_with_pictures(&app, "/en/dokumentation").await;
    let chapters = index.split("href=\"/en/dokumentation/").skip(1);
    let chapters: Vec<_> = chapters
        .map(|link| link.split('"').next().unwrap())
        .collect();
    assert!(chapters.len() >= 14);
    for chapter in chapters {
        for language in ["", "/en"] {
            let path = format!("{language}/dokumentation/{chapter}");
            let html = text(&app, &path).await;
            let ids = html
                .split(" id=\"")
                .skip(1)
                .map(|id| id.split('"').next().unwrap());
            let ids: Vec<_> = ids.collect();
            let each: std::collections::BTreeSet<_> = ids.iter().collect();
            assert_eq!(ids.len(), each.len(), "{path}");
            let anchors = html.split("href=\"#").skip(1);
            for anchor in anchors.map(|link| link.split('"').next().unwrap()) {
                assert!(each.contains(&anchor), "{path}#{anchor}");
            }
            let levels: Vec<usize> = html
                .split("<h")
                .skip(1)
                .filter_map(|rest| rest.chars().next()?.to_digit(10))
                .map(|level| level as usize)
                .collect();
            assert_eq!(
                levels.iter().filter(|level| **level == 1).count(),
                1,
                "{path}"
            );
            assert!(
                levels.windows(2).all(|two| two[1] <= two[0] + 1),
                "{path}: {levels:?}"
            );
        }
    }
    for name in ["vej.svg", "niveauer.svg"] {
        assert!(
            index.contains(&format!("src=\"/dokumentation/{name}\" alt=\"")),
            "{index}"
        );
        let picture = page(&app, &format!("/dokumentation/{name}")).await;
        assert_eq!(picture.header("content-type"), Some("image/svg+xml"));
    }
}

async fn text_with_pictures(app: &TestApp, path: &str) -> String {
    let got = app.anyone().get(&app.public(path), &HTML).await.unwrap();
    assert_eq!(got.status, 200);
    got.text().into_owned()
}
