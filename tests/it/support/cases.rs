//! The cases of `fixtures/cases`: what is sent, what is answered, what that shows. See the README there for the form.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use dtr::client::Response;
use dtr::clock::Clock;
use dtr::mirror::MirrorKind;
use dtr::register::{Sekvens, Tidspunkt};
use dtr::store::sqlite::mirror::{self, Load};
use dtr::store::{Position, StoreExt};
use hyper::Method;
use serde::Deserialize;

use super::app::Stopped;
use super::snapshot::{difference, find_uuid, pretty};
use super::{Element, Folder, TestApp};

/// The clock of all cases, so that times are the same each time.
const NOW: &str = "2026-03-02T08:00:00.000Z";

/// `case.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    shows: String,
    caller: String,
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    listener: Option<String>,
    path: String,
    #[serde(default)]
    soap: Option<String>,
    #[serde(default)]
    send_as: Option<String>,
    #[serde(default)]
    setup: Vec<String>,
    #[serde(default)]
    mirrors: bool,
    status: u16,
    #[serde(default)]
    codes: Vec<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

/// A case as it lies in its folder.
#[derive(Debug)]
pub(crate) struct Case {
    /// Area and case, such as `fejl/DTR5001-ukendt-kode`.
    pub name: String,
    folder: PathBuf,
    about: About,
}

impl Case {
    /// Every case, by name.
    pub(crate) fn all() -> Vec<Self> {
        let root = root();
        let mut cases = Vec::new();
        for area in folders(&root) {
            for folder in folders(&area)
                .into_iter()
                .filter(|f| f.join("case.toml").exists())
            {
                let name = folder.strip_prefix(&root).unwrap().display().to_string();
                let text = std::fs::read_to_string(folder.join("case.toml")).unwrap();
                let about: About = toml::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
                cases.push(Self {
                    name,
                    folder,
                    about,
                });
            }
        }
        cases
    }

    /// The codes that the answer must show.
    pub(crate) fn codes(&self) -> &[String] {
        &self.about.codes
    }

    /// The operation's name in the request, and its path.
    pub(crate) fn operation(&self) -> Option<(String, String)> {
        let text = std::fs::read_to_string(self.folder.join("request.xml")).ok()?;
        let start = text.split_once("<soap:Body>")?.1.trim_start();
        let name = start.strip_prefix('<')?;
        let name = &name[..name.find([' ', '\n', '>', '/'])?];
        let local = name.rsplit(':').next()?;
        Some((self.about.path.clone(), local.to_owned()))
    }

    /// The expected answer, as it lies in the folder.
    pub(crate) fn expected(&self) -> String {
        let file = self.folder.join("response.xml");
        std::fs::read_to_string(file).unwrap_or_default()
    }

    /// Plays the case against a register of its own and says what is not as expected.
    pub(crate) async fn play(&self, servers: &Servers, update: bool) -> Result<(), String> {
        let kind = if self.about.mirrors {
            &servers.mirrored
        } else {
            &servers.plain
        };
        let app = servers.take(kind).await;
        let played = self.play_on(&app, update).await;
        servers.put_back(kind, app);
        played
    }

    async fn play_on(&self, app: &TestApp, update: bool) -> Result<(), String> {
        for file in &self.about.setup {
            let answer = self.send(app, file).await;
            if answer.status != 200 {
                return Err(format!("{file}: {}", answer.text()));
            }
        }
        let answer = self.send(app, "request.xml").await;
        let shown = pretty(&self.normal(app, &answer.text()).await);
        if update {
            std::fs::write(self.folder.join("response.xml"), &shown).unwrap();
        }
        if self.about.shows.len() < 10 {
            return Err("shows says nothing".to_owned());
        }
        if answer.status.as_u16() != self.about.status {
            return Err(format!(
                "status {}, expected {}",
                answer.status, self.about.status
            ));
        }
        let content_type = answer.header("content-type").unwrap_or_default();
        if content_type != self.content_type() {
            return Err(format!(
                "Content-Type {content_type}, expected {}",
                self.content_type()
            ));
        }
        let codes = codes(&answer.text());
        if codes != self.about.codes.iter().cloned().collect() {
            return Err(format!("codes {codes:?}, expected {:?}", self.about.codes));
        }
        match difference(&self.expected(), &shown) {
            None => Ok(()),
            Some(difference) => Err(difference),
        }
    }

    async fn send(&self, app: &TestApp, file: &str) -> Response {
        let about = &self.about;
        let method: Method = about.method.as_deref().unwrap_or("POST").parse().unwrap();
        let body = std::fs::read_to_string(self.folder.join(file)).unwrap_or_default();
        let bytes = encoded(&body, about.send_as.as_deref());
        let mut headers: Vec<_> = about.headers.iter().collect();
        let own = ("Content-Type".to_owned(), self.content_type());
        if about.soap.is_some() && !about.headers.contains_key("Content-Type") {
            headers.push((&own.0, &own.1));
        }
        let headers: Vec<_> = headers
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        if about.listener.as_deref() == Some("public") {
            let url = app.public(&about.path);
            return app
                .anyone()
                .send(method, &url, &headers, bytes.into())
                .await
                .unwrap();
        }
        let caller = app.caller(&about.caller);
        caller
            .request(method, &about.path, &headers, bytes)
            .await
            .unwrap()
    }

    /// The Content-Type of a call and of its answer: that of its SOAP version, or of a document.
    fn content_type(&self) -> String {
        let soap_path = self.about.path.contains("Service");
        match self.about.soap.as_deref() {
            Some("1.2") => "application/soap+xml; charset=utf-8",
            Some(_) => "text/xml; charset=utf-8",
            None if soap_path => "text/xml; charset=utf-8",
            None => "application/xml; charset=utf-8",
        }
        .to_owned()
    }

    /// The answer with what differs from run to run replaced.
    async fn normal(&self, app: &TestApp, answer: &str) -> String {
        let epoch = position(app).epoke.to_string();
        let known = self.known_uuids();
        let mut out = String::with_capacity(answer.len());
        let mut rest = answer;
        while let Some(at) = find_uuid(rest) {
            let uuid = &rest[at..at + 36];
            out.push_str(&rest[..at]);
            out.push_str(match uuid {
                _ if uuid == epoch => "{epoke}",
                _ if known.contains(uuid) => uuid,
                _ => "{uuid}",
            });
            rest = &rest[at + 36..];
        }
        out.push_str(rest);
        out
    }

    /// The UUIDs that the case itself or the register's messages name.
    fn known_uuids(&self) -> BTreeSet<String> {
        let mut known = BTreeSet::new();
        for folder in [self.folder.clone(), root().join("register")] {
            for file in std::fs::read_dir(folder).unwrap().flatten() {
                if file.file_name() == "response.xml" {
                    continue;
                }
                let text = std::fs::read_to_string(file.path()).unwrap();
                let mut rest = text.as_str();
                while let Some(at) = find_uuid(rest) {
                    known.insert(rest[at..at + 36].to_owned());
                    rest = &rest[at + 36..];
                }
            }
        }
        known
    }
}

/// Where the cases lie.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases")
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(of).unwrap().flatten();
    let mut folders: Vec<_> = entries.map(|e| e.path()).filter(|p| p.is_dir()).collect();
    folders.sort();
    folders
}

/// Servers on copies of the common register. One whose register is as it was when its case ends is used again.
#[derive(Debug)]
pub(crate) struct Servers {
    filled: Stopped,
    changes: Sekvens,
    plain: Kind,
    mirrored: Kind,
}

/// Servers with mirrors of CVR and DAR, or without.
#[derive(Debug, Default)]
struct Kind {
    mirrors: Option<Folder>,
    idle: Mutex<Vec<TestApp>>,
}

impl Servers {
    /// Fills the common register.
    pub(crate) async fn new() -> Self {
        let app = fill().await;
        let changes = position(&app).sekvens;
        Self {
            filled: app.stop().await,
            changes,
            plain: Kind::default(),
            mirrored: Kind {
                mirrors: Some(mirrors()),
                ..Kind::default()
            },
        }
    }

    async fn take(&self, kind: &Kind) -> TestApp {
        let idle = kind.idle.lock().unwrap().pop();
        match idle {
            Some(app) => app,
            None => self.start(kind).await,
        }
    }

    async fn start(&self, kind: &Kind) -> TestApp {
        let folder = Folder::new();
        for from in [Some(&self.filled.folder), kind.mirrors.as_ref()]
            .into_iter()
            .flatten()
        {
            for file in std::fs::read_dir(from.join("")).unwrap().flatten() {
                let name = file.file_name().into_string().unwrap();
                std::fs::copy(file.path(), folder.join(&name)).unwrap();
            }
        }
        TestApp::on(folder, clock(), addresses).await
    }

    fn put_back(&self, kind: &Kind, app: TestApp) {
        if position(&app).sekvens == self.changes {
            kind.idle.lock().unwrap().push(app);
        }
    }
}

/// A folder with the mirrors that `fixtures/spejle` is loaded into.
fn mirrors() -> Folder {
    let folder = Folder::new();
    for (kind, name) in [(MirrorKind::Cvr, "cvr.csv"), (MirrorKind::Dar, "dar.csv")] {
        let job = Load {
            kind,
            extract: &Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("fixtures/spejle")
                .join(name),
            target: &mirror::path(&folder.join("register.db"), kind),
            now: Tidspunkt::parse(NOW).unwrap(),
            allow_smaller: false,
            allow_without: &[],
            between_points: 100,
        };
        let loaded = mirror::load(&job, &mut |_| ControlFlow::Continue(())).unwrap();
        assert_eq!(loaded.state.rejected, 0, "{name}: {:?}", loaded.rejected);
    }
    folder
}

async fn fill() -> TestApp {
    let app = TestApp::with_clock(clock(), addresses).await;
    let mut files: Vec<_> = std::fs::read_dir(root().join("register"))
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    let caller = app.operatoer();
    for file in files {
        let message = std::fs::read(&file).unwrap();
        caller.import_v2("").bytes(message).ok().await;
    }
    app
}

/// The addresses that the contract advertises, the same in every run; and what a new installation warns of.
fn addresses(config: &mut dtr::config::Config) {
    config.advarsler = dtr::config::Advarsler::default();
    config.service_url = Some("https://service.dagtilbud.example".to_owned());
    config.public_url = Some("https://dagtilbud.example".to_owned());
}

fn clock() -> Clock {
    Clock::fixed(Tidspunkt::parse(NOW).unwrap())
}

fn position(app: &TestApp) -> Position {
    app.store().read(|view| view.position()).unwrap()
}

/// The message in another encoding than that of its file.
fn encoded(text: &str, how: Option<&str>) -> Vec<u8> {
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    match how {
        None => text.as_bytes().to_vec(),
        Some("utf-16le") => utf16(text),
        Some("utf-16le+bom") => utf16(&format!("\u{feff}{text}")),
        Some("iso-8859-1") => text.chars().map(|c| u8::try_from(c).unwrap()).collect(),
        Some(other) => panic!("send_as {other}"),
    }
}

/// Every code that an answer shows, in its detail, its list or its faultstring.
fn codes(answer: &str) -> BTreeSet<String> {
    let tree = Element::parse(answer);
    let mut codes: BTreeSet<String> = tree.texts("kode").into_iter().map(str::to_owned).collect();
    codes.retain(|code| code.starts_with("DTR"));
    if let Some(at) = tree.text_of("faultstring").find("[DTR") {
        codes.insert(tree.text_of("faultstring")[at + 1..at + 8].to_owned());
    }
    codes
}
