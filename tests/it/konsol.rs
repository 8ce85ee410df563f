//! The operator's console in a browser: what stands where, who comes in, and what the command line does done from there.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use dtr::calls::Calls;
use dtr::client::{Client, Response};
use dtr::store::StoreExt;

use crate::support::TestApp;
use crate::support::messages::*;
use crate::support::pki;

const CONSOLE: [&str; 5] = [
    "/mit/drift",
    "/mit/drift/organisationer",
    "/mit/drift/systemer",
    "/mit/drift/aftaler",
    "/mit/drift/kald",
];

/// A browser.
struct Browser {
    app: TestApp,
    client: Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Browser {
    async fn of(person: &str) -> Self {
        let app = TestApp::demonstration().await;
        let browser = Self {
            client: app.anyone(),
            app,
            cookies: Mutex::default(),
        };
        browser.sign_in(person).await;
        browser
    }

    async fn sign_in(&self, person: &str) {
        let page = self.get("/mit/login").await.text().into_owned();
        let form = format!("tilstand={}&person={person}", hidden(&page, "tilstand"));
        let done = self.post("/mit/login", FORM, form.into_bytes()).await;
        assert_eq!(done.status.as_u16(), 303);
    }

    fn url(&self, path: &str) -> String {
        format!(
            "http://localhost:{}{path}",
            self.app.app.running.public.port()
        )
    }

    async fn get(&self, path: &str) -> Response {
        let cookies = self.cookies();
        let headers = [("cookie", cookies.as_str()), ("accept", "text/html")];
        self.kept(self.client.get(&self.url(path), &headers).await.unwrap())
    }

    /// A page that must be there.
    async fn page(&self, path: &str) -> String {
        let got = self.get(path).await;
        assert_eq!(got.status.as_u16(), 200, "{path}: {}", got.text());
        got.text().into_owned()
    }

    async fn post(&self, path: &str, kind: &str, body: Vec<u8>) -> Response {
        let cookies = self.cookies();
        let headers = [
            ("cookie", cookies.as_str()),
            ("accept", "text/html"),
            ("content-type", kind),
        ];
        let url = self.url(path);
        self.kept(self.client.post(&url, &headers, body).await.unwrap())
    }

    /// Posts fields with the page's own token.
    async fn sent(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let token = hidden(&self.page(path).await, "token");
        let mut body = format!("token={token}");
        for (name, value) in fields {
            let value: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
            body += &format!("&{name}={value}");
        }
        self.post(path, FORM, body.into_bytes()).await
    }

    fn cookies(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        let pairs = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn kept(&self, answer: Response) -> Response {
        for set in answer.headers.get_all("set-cookie") {
            let set = set.to_str().unwrap();
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            let mut cookies = self.cookies.lock().unwrap();
            cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }

    /// The lines of the audit chain whose operation begins so: operation, case number and notes. A person stands in each.
    fn audited(&self, begins: &str) -> Vec<String> {
        let mut found = Vec::new();
        let read = self.app.store().read(|view| {
            view.audit_lines(&mut |line| {
                let field = |name: &str| {
                    let own =
                        |row: &str| Some(row.strip_prefix(name)?.strip_prefix('=')?.to_owned());
                    line.canonical.lines().find_map(own).unwrap_or_default()
                };
                if field("operation").starts_with(begins) {
                    assert_eq!(field("person").len(), 64, "{}", line.canonical);
                    assert!(!line.canonical.contains("Oda"), "{}", line.canonical);
                    let told = ["operation", "sagsnummer", "noter"].map(field);
                    found.push(told.join("|"));
                }
                std::ops::ControlFlow::Continue(())
            })
        });
        read.unwrap();
        found
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

/// The value of a hidden field of a page.
fn hidden(page: &str, name: &str) -> String {
    let field = format!("name=\"{name}\" value=\"");
    let (_, after) = page.split_once(&field).expect("the field is there");
    after.split('"').next().unwrap().to_owned()
}

/// A form with a certificate in a file.
fn with_file(fields: &[(&str, &str)], certificate: &str) -> (String, Vec<u8>) {
    let mut body = String::new();
    for (name, value) in fields {
        body += &format!(
            "--skel\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
    }
    let pem = std::fs::read_to_string(pki::folder().join(format!("{certificate}.pem"))).unwrap();
    body += &format!(
        "--skel\r\nContent-Disposition: form-data; name=\"certifikat\"; filename=\"c.pem\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n{pem}\r\n--skel--\r\n"
    );
    (
        "multipart/form-data; boundary=skel".to_owned(),
        body.into_bytes(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_the_operator_comes_in() {
    for person in ["kommune", "ejer", "ingen"] {
        let browser = Browser::of(person).await;
        for path in CONSOLE {
            for path in [
                path.to_owned(),
                format!("/en{path}"),
                format!("{path}?cvr=55133018"),
            ] {
                let got = browser.get(&path).await;
                assert_eq!(got.status.as_u16(), 403, "{person} {path}");
                assert!(got.text().contains("DTR1071"), "{person} {path}");
            }
            // The token of a form of another page, and none at all: nobody but the operator has one of these.
            let body = b"token=AAAA&handling=registrer".to_vec();
            let posted = browser.post(path, FORM, body).await;
            let status = posted.status.as_u16();
            assert!(matches!(status, 403 | 405), "{person} {path}: {status}");
        }
        assert!(!browser.page("/mit/enheder").await.contains("/mit/drift"));
        assert!(browser.audited("mit/drift").is_empty(), "{person}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_tells_where_the_register_stands() {
    let browser = Browser::of("operatoer").await;
    let da = browser.page("/mit/drift").await;
    for told in [
        "numre tilbage",
        "revisionskæde",
        "spejl af cvr",
        "klar (svarer på",
        "kaldslog",
    ] {
        assert!(da.contains(told), "{told}: {da}");
    }
    let en = browser.page("/en/mit/drift").await;
    assert!(
        en.contains("numbers left") && en.contains("ready (answers on"),
        "{en}"
    );
    for path in ["/mit/certifikater", "/en/mit/certifikater"] {
        browser.page(path).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn organisations_and_systems_are_registered_bound_and_closed() {
    let browser = Browser::of("operatoer").await;
    let organisations = "/mit/drift/organisationer";
    let bad = "<script>alert(1)</script>";
    let new = [
        ("handling", "registrer"),
        ("cvr", "12345678"),
        ("navn", bad),
        ("art", "leverandoer"),
        ("sagsnummer", "SAG-7"),
    ];
    let done = browser.sent(organisations, &new).await;
    let text = done.text().into_owned();
    assert_eq!(done.status.as_u16(), 200, "{text}");
    assert!(
        text.contains("Gemt: 12345678") && text.contains("tastefejl"),
        "{text}"
    );
    assert!(!text.contains("<script>"), "{text}");
    let again = browser.sent(organisations, &new).await;
    assert_eq!(again.status.as_u16(), 409, "{}", again.text());
    for wrong in [
        [
            ("handling", "registrer"),
            ("cvr", "1"),
            ("navn", "x"),
            ("art", "leverandoer"),
        ],
        [
            ("handling", "registrer"),
            ("cvr", "87654321"),
            ("navn", "x"),
            ("art", "kommune"),
        ],
        [
            ("handling", "registrer"),
            ("cvr", "87654321"),
            ("navn", "x"),
            ("art", "andet"),
        ],
        [
            ("handling", "noget"),
            ("cvr", "87654321"),
            ("navn", "x"),
            ("art", "privat"),
        ],
    ] {
        let refused = browser.sent(organisations, &wrong).await;
        assert_eq!(refused.status.as_u16(), 409, "{wrong:?}");
    }
    let lines = browser.audited("mit/drift/");
    let line = format!("mit/drift/org add|SAG-7|cvr 12345678,art leverandoer,navn {bad}");
    assert_eq!(lines, [line]);
    // The vendor's certificate is bound to no system, until one is registered.
    let systems = "/mit/drift/systemer";
    let made = [
        ("handling", "registrer"),
        ("cvr", "99100028"),
        ("navn", "<b>Prøve</b>"),
    ];
    let done = browser.sent(systems, &made).await;
    let text = done.text().into_owned();
    assert_eq!(done.status.as_u16(), 200, "{text}");
    assert!(
        text.contains("SYS-1") && !text.contains("<b>Prøve"),
        "{text}"
    );
    let page = browser.page(&format!("{systems}?system=SYS-1")).await;
    let token = hidden(&page, "token");
    let fields = [
        ("token", token.as_str()),
        ("handling", "bind"),
        ("system", "SYS-1"),
    ];
    let (kind, body) = with_file(&fields, "kommune");
    let other = browser.post(systems, &kind, body).await;
    assert_eq!(other.status.as_u16(), 409, "another's certificate");
    let (kind, body) = with_file(&fields, "lev-aftale");
    let bound = browser.post(systems, &kind, body).await;
    assert_eq!(bound.status.as_u16(), 200, "{}", bound.text());
    let vendor = browser.app.caller("lev-aftale");
    vendor.eksport_v2("HentDataAftaler", "").result().await;
    let log = Calls::beside(&browser.app.config.database.fil);
    let is_system = |last: &dtr::calls::Last| last.system.is_some() && last.success.is_some();
    while !log.last().unwrap().iter().any(is_system) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let shown = browser.page(&format!("{systems}?soeg=sys-1")).await;
    assert!(
        shown.contains(&crate::support::tilslutning::identity("lev-aftale")),
        "{shown}"
    );
    // What closing means is told before it is done, and nothing is done without a yes.
    let told = browser.page(&format!("{systems}?luk=SYS-1")).await;
    assert!(told.contains("afvises fra det næste kald"), "{told}");
    let close = [("handling", "luk"), ("system", "SYS-1")];
    let unconfirmed = browser.sent(systems, &close).await;
    assert_eq!(unconfirmed.status.as_u16(), 409);
    assert!(unconfirmed.text().contains("afvises fra det næste kald"));
    let close = [("handling", "luk"), ("system", "SYS-1"), ("bekraeft", "ja")];
    assert_eq!(browser.sent(systems, &close).await.status.as_u16(), 200);
    assert_eq!(browser.sent(systems, &close).await.status.as_u16(), 409);
    let told = browser.page(&format!("{organisations}?luk=12345678")).await;
    assert!(
        told.contains("Administratorer, der ingen ret har mere"),
        "{told}"
    );
    let close = [("handling", "luk"), ("cvr", "12345678"), ("bekraeft", "ja")];
    let closed = browser.sent(organisations, &close).await;
    assert!(closed.text().contains("Lukket: 12345678"));
    let operations: Vec<_> = browser
        .audited("mit/drift/")
        .into_iter()
        .map(|line| line.split('|').next().unwrap().to_owned())
        .collect();
    let wanted = [
        "org add",
        "system add",
        "system certifikat",
        "system close",
        "org close",
    ];
    assert_eq!(
        operations,
        wanted.map(|operation| format!("mit/drift/{operation}"))
    );
    // An operator's organisation that closes has no console any more.
    let own = [("handling", "luk"), ("cvr", "99300035"), ("bekraeft", "ja")];
    assert_eq!(browser.sent(organisations, &own).await.status.as_u16(), 403);
    assert_eq!(browser.get(organisations).await.status.as_u16(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_call_is_found_with_its_errors_and_who_looks_is_written_down() {
    let browser = Browser::of("operatoer").await;
    let bad = element(
        "daginstitution",
        "",
        &coded_institution_fields("Hemmelig Børnehave", 101, 77, 1),
    );
    let kommune = browser.app.kommune();
    let refused = kommune.import_v2(write("InsertDaginstitution", &[bad]));
    let id = refused
        .send()
        .await
        .tree()
        .text_of("korrelationsId")
        .to_owned();
    let log = Calls::beside(&browser.app.config.database.fil);
    let parsed = uuid::Uuid::parse_str(&id).unwrap();
    while log.by_id(parsed).unwrap().is_none() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let page = browser.page(&format!("/mit/kald/vis?id={id}")).await;
    assert!(
        page.contains("DTR") && page.contains("Aarhus Kommune"),
        "{page}"
    );
    assert!(!page.contains("Hemmelig"), "no values of a message");
    let path = "/mit/drift/kald";
    browser.page(path).await;
    assert!(
        browser.audited("mit/drift").is_empty(),
        "nothing was looked up"
    );
    let found = browser.page(&format!("{path}?cvr=55133018&kun=fejl")).await;
    assert!(found.contains(&id), "{found}");
    let none = browser.page(&format!("{path}?cvr=99100028")).await;
    assert!(!none.contains(&id));
    let wrong = browser.get(&format!("{path}?cvr=x")).await;
    assert!(!wrong.status.is_success());
    let looked = [
        "mit/drift/kald||cvr 55133018,kun fejl",
        "mit/drift/kald||cvr 99100028",
    ];
    assert_eq!(browser.audited("mit/drift"), looked);
}
