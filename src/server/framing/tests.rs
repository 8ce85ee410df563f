//! The machine against whole streams, in one piece and byte by byte.

use super::*;

const LIMITS: Limits = Limits {
    target: 64,
    line: 256,
    count: 4,
    head: 600,
};

/// What comes of a stream: nothing wrong, or the status and the reason. The same however it is cut.
fn judged(stream: &[u8]) -> Result<(), (u16, &'static str)> {
    let told = |found: Found| (found.refused.status, found.refused.reason);
    let whole = Framing::new(LIMITS).feed(stream).map_err(told);
    let mut framing = Framing::new(LIMITS);
    let cut = stream
        .iter()
        .try_for_each(|byte| framing.feed(std::slice::from_ref(byte)).map_err(told));
    assert_eq!(whole, cut, "{}", String::from_utf8_lossy(stream));
    whole
}

fn with(lines: &str) -> Vec<u8> {
    format!("POST / HTTP/1.1\r\nHost: x\r\n{lines}\r\n").into_bytes()
}

#[test]
fn requests_follow_each_other() {
    for stream in [
        &b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /a?b HTTP/1.1\r\nhost:x\r\n\r\n"[..],
        b"\r\n\r\nGET / HTTP/1.0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nG \n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-length:  0 \r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\nHost: x\r\n\r\n3\r\nabc\r\n0a;x=\"y\"\r\n0123456789\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: x\r\n\r\n0\r\nX-Sum: 1\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    ] {
        assert_eq!(judged(stream), Ok(()), "{}", String::from_utf8_lossy(stream));
    }
}

#[test]
fn what_two_readers_could_read_differently_is_refused() {
    for (lines, reason) in [
        (
            "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
            "Content-Length beside Transfer-Encoding",
        ),
        (
            "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
            "Content-Length beside Transfer-Encoding",
        ),
        (
            "Content-Length: 3\r\nContent-Length: 3\r\n",
            "two Content-Lengths",
        ),
        (
            "Content-Length: 3\r\nContent-Length: 4\r\n",
            "two Content-Lengths",
        ),
        ("Content-Length: +5\r\n", "invalid Content-Length"),
        ("Content-Length: 5,5\r\n", "invalid Content-Length"),
        ("Content-Length: \r\n", "invalid Content-Length"),
        ("Content-Length: 0x5\r\n", "invalid Content-Length"),
        (
            "Content-Length: 12345678901234567890\r\n",
            "invalid Content-Length",
        ),
        ("Content-Length:\t5\r\n", "invalid Content-Length"),
        (
            "Transfer-Encoding: chunked, identity\r\n",
            "Transfer-Encoding other than chunked",
        ),
        (
            "Transfer-Encoding: xchunked\r\n",
            "Transfer-Encoding other than chunked",
        ),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "two Transfer-Encodings",
        ),
        (
            "Transfer-Encoding:\tchunked\r\n",
            "Transfer-Encoding other than chunked",
        ),
        (
            "Transfer-Encoding: chunked\0\r\n",
            "control character in a header",
        ),
        (
            "Transfer-Encoding: gzip, chunked\r\n",
            "Transfer-Encoding other than chunked",
        ),
        ("X: a\r\n b\r\n", "folded header line"),
        ("X: a\n", "line feed alone"),
        ("X: a\rb\r\n", "carriage return alone"),
        ("X : a\r\n", "invalid header name"),
        (": a\r\n", "invalid header name"),
        ("X\n", "line feed alone"),
        ("X: a\x7f\r\n", "control character in a header"),
        ("Host: y\r\n", "two Hosts"),
    ] {
        assert_eq!(judged(&with(lines)), Err((400, reason)), "{lines:?}");
    }
}

#[test]
fn request_lines_are_what_they_should_be() {
    for (line, wanted) in [
        ("GET /\u{e6} HTTP/1.1", (400, "invalid target")),
        ("GET  / HTTP/1.1", (400, "invalid target")),
        ("GET / HTTP/1.1 ", (400, "invalid version")),
        ("GET / HTTX/1.1", (400, "invalid version")),
        ("GET / HTTP/2.0", (505, "another HTTP version")),
        ("G\u{0} / HTTP/1.1", (400, "invalid method")),
        (" GET / HTTP/1.1", (400, "no request line")),
        ("\n", (400, "no request line")),
        ("\r\n\r\n\r\n", (400, "no request line")),
    ] {
        let stream = format!("{line}\r\nHost: x\r\n\r\n");
        assert_eq!(judged(stream.as_bytes()), Err(wanted), "{line:?}");
    }
    assert_eq!(judged(b"GET / HTTP/1.1\r\n\r\n"), Err((400, "no Host")));
    let old = b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(judged(old), Err((400, "Transfer-Encoding in HTTP/1.0")));
}

#[test]
fn chunks_are_what_they_say() {
    let body = |chunks: &str| {
        let mut stream = with("Transfer-Encoding: chunked\r\n");
        stream.extend_from_slice(chunks.as_bytes());
        stream
    };
    let long = format!("1;{}\r\n", "x".repeat(300));
    let many = format!("1;{}\r\nA\r\n", "x".repeat(200)).repeat(30);
    for (chunks, reason) in [
        ("00000000000000001\r\nA\r\n", "invalid chunk size"),
        ("-1\r\n", "invalid chunk size"),
        ("\r\n", "invalid chunk size"),
        ("g\r\n", "invalid chunk size"),
        ("1 \r\nA\r\n", "invalid chunk size"),
        ("1\nA\r\n", "line feed alone"),
        ("1\rA\r\n", "carriage return alone"),
        ("1;a\x01\r\n", "control character in a chunk extension"),
        ("1\r\nAB\r\n", "chunk longer or shorter than its size"),
        ("1\r\nA\n", "chunk longer or shorter than its size"),
        (&long, "chunk line too long"),
        (&many, "chunk extensions too long"),
        (
            "0\r\nTransfer-Encoding: chunked\r\n\r\n",
            "framing in a trailer",
        ),
        ("0\r\nContent-Length: 1\r\n\r\n", "framing in a trailer"),
        ("0\r\nHost: y\r\n\r\n", "framing in a trailer"),
    ] {
        assert_eq!(judged(&body(chunks)), Err((400, reason)), "{chunks:?}");
    }
    let largest = body("ffffffffffffffff\r\nA");
    assert_eq!(judged(&largest), Ok(()));
}

#[test]
fn sizes_are_held_at_n_and_refused_at_one_more() {
    let target = |n: usize| format!("GET /{} HTTP/1.0\r\n\r\n", "a".repeat(n - 1));
    assert_eq!(judged(target(64).as_bytes()), Ok(()));
    assert_eq!(judged(target(65).as_bytes()), Err((414, "target too long")));
    let line = |n: usize| with(&format!("X: {}\r\n", "a".repeat(n - 1)));
    assert_eq!(judged(&line(256)), Ok(()));
    assert_eq!(judged(&line(257)), Err((431, "header too large")));
    let count = |n: usize| with(&"X: a\r\n".repeat(n - 1));
    assert_eq!(judged(&count(4)), Ok(()));
    assert_eq!(judged(&count(5)), Err((431, "too many headers")));
    let all = |n: usize| {
        let fixed = with("A: \r\nB: \r\nC: \r\n").len();
        let rest = n - fixed;
        let (a, b) = (rest / 2, rest - rest / 2);
        with(&format!(
            "A: {}\r\nB: {}\r\nC: \r\n",
            "a".repeat(a),
            "b".repeat(b)
        ))
    };
    let small = Limits {
        line: 400,
        ..LIMITS
    };
    assert_eq!(all(600).len(), 600);
    assert!(Framing::new(small).feed(&all(600)).is_ok());
    let found = Framing::new(small).feed(&all(601)).unwrap_err();
    assert_eq!(found.refused.reason, "head too large");
}

#[test]
fn requests_before_the_refused_one_count() {
    let mut stream = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec();
    let good = stream.len();
    stream.extend_from_slice(b"GET / HTTP/1.1\r\nHost : x\r\n\r\n");
    let mut framing = Framing::new(LIMITS);
    let found = framing.feed(&stream).unwrap_err();
    assert_eq!((found.good, found.in_body), (good, false));
    // Nothing is ever taken after it.
    assert_eq!(framing.feed(b"GET").unwrap_err().good, 0);
    let mut body = with("Transfer-Encoding: chunked\r\n");
    let passed = body.len();
    body.extend_from_slice(b"x");
    let found = Framing::new(LIMITS).feed(&body).unwrap_err();
    assert_eq!((found.good, found.in_body), (passed, true));
}

#[test]
fn a_host_is_one_host_and_a_target_has_no_fragment() {
    let get = |target: &str, host: &str| {
        judged(format!("GET {target} HTTP/1.1\r\n{host}\r\n\r\n").as_bytes())
    };
    for host in [
        "Host: a",
        "Host:a:8080",
        "host: \t[::1]:443 \t",
        "Host: xn--bl-yia.example.",
        "Host: a_b~c%20",
    ] {
        assert_eq!(get("/", host), Ok(()), "{host}");
    }
    let long = format!("Host: {}", "a".repeat(200));
    assert_eq!(get("/", &long), Ok(()));
    for host in [
        "Host: a, b",
        "Host: a,b",
        "Host: a b",
        "Host: a\t:80",
        "Host: ,",
        "Host: a/b",
        "Host: u@a",
        "Host: a?b",
        "Host: a#b",
        "Host: a\\b",
        "Host: bl\u{e5}",
    ] {
        let refused = Err((400, "Host that is not one host"));
        assert_eq!(get("/", host), refused, "{host}");
    }
    for host in ["Host:", "Host: ", "host: \t \t"] {
        assert_eq!(get("/", host), Err((400, "empty Host")), "{host:?}");
    }
    let old = judged(b"GET / HTTP/1.0\r\nHost:\r\n\r\n");
    assert_eq!(old, Err((400, "empty Host")), "in HTTP/1.0 too");
    for target in ["/#", "/a#b", "/a?b#c", "#"] {
        let refused = Err((400, "fragment in the target"));
        assert_eq!(get(target, "Host: a"), refused, "{target}");
    }
}
