//! Everything that should not come: each a clear, documented error, nothing stored, and the server goes on.

use dtr::store::{Outcome, StoreError, StoreExt};
use tokio::sync::oneshot;

use crate::support::messages::*;
use crate::support::raw::{self, RawConnection};
use crate::support::{Element, TestApp, give_back, lose_table};

/// The server still answers, and has stored nothing.
async fn goes_on(app: &TestApp) {
    let all = app
        .kommune()
        .eksport_v2("GetAllDagtilbud", "")
        .result()
        .await;
    assert_eq!(all.text_of("sekvens"), "0");
}

fn head(extra: &str) -> String {
    format!(
        "POST /v2/ImportService HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nConnection: close\r\n{extra}\r\n"
    )
}

/// The status and the code of an answer as it came over the wire.
fn told(answer: &str) -> (u16, String) {
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let code = match body {
        "" => String::new(),
        body => Element::parse(body).text_of("kode").to_owned(),
    };
    (
        status.unwrap_or_else(|| panic!("no status: {answer}")),
        code,
    )
}

#[tokio::test]
async fn bytes_that_are_no_message() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let rubbish: Vec<u8> = (0..4096_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let bodies: [(&[u8], &str); 6] = [
        (&rubbish, "DTR2"),
        (b"", "DTR2101"),
        (b"\0\0\0\0", "DTR2"),
        (b"{\"insert\": \"daginstitution\"}", "DTR2130"),
        (b"<", "DTR21"),
        (b"\xff\xfe<\0a\0", "DTR2106"),
    ];
    for (body, code) in bodies {
        let got = caller
            .import_v2("")
            .bytes(body)
            .content_type("text/xml")
            .fault(500)
            .await;
        assert!(got.starts_with(code), "{got} for {body:?}");
    }
    goes_on(&app).await;
}

#[tokio::test]
async fn a_message_cut_anywhere_is_refused() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let insert = write("InsertDaginstitution", &[institution("Æblehaven", 751)]);
    let whole = caller.import_v2(insert).envelope().into_bytes();
    for cut in (0..whole.len()).step_by(7) {
        let answer = caller.import_v2("").bytes(&whole[..cut]).send().await;
        assert_eq!(answer.status(), 500, "cut at {cut}");
        let code = answer.fault_code();
        assert!(code.starts_with("DTR2"), "cut at {cut}: {code}");
    }
    goes_on(&app).await;
}

#[tokio::test]
async fn bytes_that_are_no_request() {
    let app = TestApp::start().await;
    for bytes in [
        "hej\r\n\r\n".to_owned(),
        "\0\u{1}\u{2}\r\n\r\n".to_owned(),
        format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(100_000)),
        "POST /v2/ImportService HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello".to_owned(),
        head("Host: other\r\nContent-Length: 0\r\n"),
        head("Content-Length: 5\r\nContent-Length: 6\r\n"),
        head(&"X-A: b\r\n".repeat(70)),
        head(&format!("X-A: {}\r\n", "b".repeat(9000))),
    ] {
        let answer = raw::exchange(&app, bytes.as_bytes()).await;
        let (status, _) = told(&answer);
        assert!((400..500).contains(&status), "{status} for {bytes:.60}");
    }
    goes_on(&app).await;
}

#[tokio::test]
async fn a_body_over_the_limit() {
    let app = TestApp::start().await;
    // By its length alone, and counted while it comes.
    let announced = raw::exchange(&app, head("Content-Length: 10485761\r\n").as_bytes()).await;
    assert_eq!(told(&announced), (500, "DTR1003".to_owned()));
    let mut connection = RawConnection::open(&app).await;
    connection
        .send(head("Transfer-Encoding: chunked\r\n").as_bytes())
        .await;
    let chunk = format!("100000\r\n{}\r\n", " ".repeat(0x10_0000));
    for _ in 0..11 {
        connection.send(chunk.as_bytes()).await;
    }
    assert_eq!(told(&connection.rest().await), (500, "DTR1003".to_owned()));
    goes_on(&app).await;
}

#[tokio::test]
async fn a_body_that_stands_still() {
    let app = TestApp::with(|config| config.graenser.stilstand_ms = 100).await;
    let mut connection = RawConnection::open(&app).await;
    connection
        .send(head("Content-Length: 100\r\n").as_bytes())
        .await;
    connection.send(b"<a>").await;
    assert_eq!(told(&connection.rest().await), (408, "DTR1007".to_owned()));
    goes_on(&app).await;
}

#[tokio::test]
async fn a_body_that_breaks_off() {
    let app = TestApp::start().await;
    let broken = head("Transfer-Encoding: chunked\r\n") + "5\r\n<a>hej\r\nzz\r\n";
    let answer = raw::exchange(&app, broken.as_bytes()).await;
    assert_eq!(told(&answer).0, 400);
    let mut connection = RawConnection::open(&app).await;
    connection
        .send(head("Content-Length: 100\r\n").as_bytes())
        .await;
    connection.send(b"<a>").await;
    connection.finish().await;
    assert_eq!(told(&connection.rest().await), (400, "DTR1009".to_owned()));
    goes_on(&app).await;
}

#[tokio::test]
async fn what_is_too_large_to_lie_in_a_file() {
    let app = TestApp::with(|config| config.graenser.xml_tekst_bytes = 1 << 20).await;
    let caller = app.kommune();
    let hello = |attributes: &str, inside: &str| {
        format!(
            "<HelloWorld xmlns=\"urn:dagtilbudsregister:import:v2\"{attributes}>{inside}</HelloWorld>"
        )
    };
    for (body, code) in [
        (hello("", &"<a/>".repeat(200_000)), "DTR2204"),
        (hello("", &"a".repeat((1 << 20) + 1)), "DTR2206"),
        (
            hello(&format!(" a=\"{}\"", "a".repeat((64 << 10) + 1)), ""),
            "DTR2207",
        ),
        (hello("", &"<!---->".repeat(1001)), "DTR2208"),
        (
            hello("", &format!("<!--{}-->", "a".repeat(257 << 10))),
            "DTR2209",
        ),
    ] {
        assert_eq!(caller.import_v2(body).fault(500).await, code);
    }
    // A document for validation has a limit of its own, met where the limit of texts is raised.
    let app = TestApp::with(|config| config.graenser.xml_tekst_bytes = 2 << 20).await;
    let document = format!(
        "<ValidateXmlAgainstSchema xmlns=\"urn:dagtilbudsregister:import:v2\"><skemanavn>Feed-v1</skemanavn><xml>{}</xml></ValidateXmlAgainstSchema>",
        "a".repeat((1 << 20) + 1)
    );
    assert_eq!(
        app.kommune().import_v2(document).fault(500).await,
        "DTR3016"
    );
    goes_on(&app).await;
}

#[tokio::test]
async fn a_document_type_reads_no_file_and_opens_no_entity() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    for declaration in [
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>",
        "<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/a.dtd\">",
        "<!DOCTYPE a [<!ENTITY x \"ha\"><!ENTITY y \"&x;&x;&x;&x;\">]>",
    ] {
        let insert = write("InsertDaginstitution", &[institution("&x;", 751)]);
        let call = caller.import_v2(insert);
        let message = call
            .envelope()
            .replacen("?>\n", &format!("?>\n{declaration}"), 1);
        assert_eq!(call.bytes(message).fault(500).await, "DTR2128");
    }
    goes_on(&app).await;
}

#[tokio::test]
async fn a_full_queue_says_come_again() {
    let app = TestApp::with(|config| config.database.skrivekoe = 1).await;
    // The writer is kept busy until it is let go; then one job waits, and the next finds no place.
    let (begun, has_begun) = oneshot::channel();
    let (go, may_go) = std::sync::mpsc::channel::<()>();
    let held = app.store().write(move |_| {
        let _ = begun.send(());
        let _ = may_go.recv_timeout(crate::support::FOR_EVER);
        Ok(Outcome::Undo((), None))
    });
    has_begun.await.unwrap();
    // Its place may be taken already, by what the server writes of its own.
    let waiting = app.store().write(|_| Ok(Outcome::Undo((), None))).ok();
    let full = app.store().write(|_| Ok(Outcome::Undo((), None)));
    assert!(
        matches!(full, Err(StoreError::Busy)),
        "one place is one place"
    );

    let caller = app.kommune();
    let insert = write("InsertDaginstitution", &[institution("Ny", 751)]);
    let busy = caller.import_v2(&*insert).send().await;
    assert_eq!((busy.status(), &*busy.fault_code()), (503, "DTR1006"));
    assert!(busy.0.header("retry-after").is_some());
    // Who reads is not held up.
    goes_on(&app).await;
    go.send(()).unwrap();
    held.unwrap().await.unwrap().unwrap();
    if let Some(waiting) = waiting {
        waiting.await.unwrap().unwrap();
    }
    caller.import_v2(insert).ok().await;
}

#[tokio::test]
async fn an_internal_error_tells_its_id_and_nothing_else() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let database = rusqlite::Connection::open(&app.config.database.fil).unwrap();
    let lost = lose_table(&database, "post");
    let insert = write("InsertDaginstitution", &[institution("Ny", 751)]);
    for answer in [
        caller.import_v2(&*insert).send().await,
        caller.eksport_v2("GetAllDagtilbud", "").send().await,
    ] {
        assert_eq!((answer.status(), &*answer.fault_code()), (500, "DTR9001"));
        let text = answer.text().to_lowercase();
        for inside in [
            "sql",
            "no such",
            "table",
            "borte",
            ".rs",
            "register.db",
            "panic",
        ] {
            assert!(!text.contains(inside), "{inside:?} in {text}");
        }
        let id = answer.0.header("x-korrelations-id").unwrap();
        assert_eq!(answer.tree().text_of("korrelationsId"), id);
    }
    let document = caller.get("/eksport/v2/dagtilbud.xml").await;
    assert_eq!(document.status, 500);
    assert!(document.text().contains("DTR9001"));
    give_back(&database, "post", lost);
    caller.import_v2(insert).ok().await;
}

#[tokio::test]
async fn a_register_that_cannot_be_written_is_not_ready() {
    let app = TestApp::start().await;
    let database = rusqlite::Connection::open(&app.config.database.fil).unwrap();
    lose_table(&database, "revision");
    for url in [app.public("/readyz"), app.admin("/readyz")] {
        let ready = app.anyone().get(&url, &[]).await.unwrap();
        assert_eq!(ready.status, 503, "{url}: {}", ready.text());
        assert!(
            ready.text().contains("\"register\":false"),
            "{}",
            ready.text()
        );
    }
    let alive = app.anyone().get(&app.public("/healthz"), &[]).await;
    assert_eq!(alive.unwrap().status, 200);
}
