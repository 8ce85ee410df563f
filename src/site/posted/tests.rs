//! Forms as browsers send them, and bent ones.

use super::*;

const TYPE: &str = "multipart/form-data; boundary=X";

fn read(content_type: &str, body: &str) -> Result<Vec<(String, String)>, Unreadable> {
    let fields = fields(content_type, body.as_bytes())?;
    let text = |field: Field<'_>| {
        let value = String::from_utf8(field.value.into_owned()).unwrap();
        (field.name.into_owned(), value)
    };
    Ok(fields.into_iter().map(text).collect())
}

fn part(head: &str, content: &str) -> String {
    format!("--X\r\n{head}\r\n\r\n{content}\r\n")
}

fn named(name: &str) -> String {
    format!("Content-Disposition: form-data; name=\"{name}\"")
}

#[test]
fn forms_are_read_as_browsers_send_them() {
    let pairs = read(
        "application/x-www-form-urlencoded; charset=UTF-8",
        "besked=%3Ca%2F%3E+b&hent=1",
    );
    let expected = [("besked", "<a/> b"), ("hent", "1")];
    assert_eq!(
        pairs.unwrap(),
        expected.map(|(n, v)| (n.to_owned(), v.to_owned()))
    );
    let file = format!(
        "{}; filename=\"a;b.xml\"\r\nContent-Type: text/xml",
        named("fil")
    );
    let body = format!(
        "{}{}--X--\r\n",
        part(&file, "<a>\r\n--y\r\n</a>"),
        part(&named("hent"), "")
    );
    let expected = [("fil", "<a>\r\n--y\r\n</a>"), ("hent", "")];
    assert_eq!(
        read("Multipart/Form-Data; Boundary=\"X\"", &body).unwrap(),
        expected.map(|(n, v)| (n.to_owned(), v.to_owned()))
    );
    assert_eq!(read(TYPE, "--X--").unwrap(), []);
}

#[test]
fn what_is_bent_is_refused() {
    let own = part(&named("fil"), "a");
    let long = format!("{}\r\nX: {}", named("fil"), "y".repeat(HEAD));
    let nested = format!(
        "{}\r\nContent-Type: multipart/mixed; boundary=y",
        named("fil")
    );
    let encoded = format!("{}\r\nContent-Transfer-Encoding: base64", named("fil"));
    let two = format!("{}\r\n{}", named("fil"), named("besked"));
    for (content_type, body, why) in [
        ("text/plain", own.clone(), Unreadable::Type),
        ("", own.clone(), Unreadable::Type),
        ("multipart/mixed; boundary=X", own.clone(), Unreadable::Type),
        ("multipart/form-data", own.clone(), Unreadable::Boundary),
        (
            "multipart/form-data; boundary=",
            own.clone(),
            Unreadable::Boundary,
        ),
        (
            "multipart/form-data; boundary=X; boundary=y",
            own.clone(),
            Unreadable::Boundary,
        ),
        (
            "multipart/form-data; boundary=\"x y\"",
            own.clone(),
            Unreadable::Boundary,
        ),
        (TYPE, own.clone(), Unreadable::Framing),
        (TYPE, String::new(), Unreadable::Framing),
        (TYPE, format!("preamble\r\n{own}--X--"), Unreadable::Framing),
        (TYPE, format!("{own}--X--epilogue"), Unreadable::Framing),
        (TYPE, format!("{own}--Xy\r\n"), Unreadable::Framing),
        (TYPE, format!("{}--X--", part(&long, "a")), Unreadable::Head),
        (
            TYPE,
            format!("{}--X--", part(&nested, "a")),
            Unreadable::Head,
        ),
        (
            TYPE,
            format!("{}--X--", part(&encoded, "a")),
            Unreadable::Head,
        ),
        (TYPE, format!("{}--X--", part(&two, "a")), Unreadable::Head),
        (
            TYPE,
            format!("{}--X--", part("Content-Type: text/xml", "a")),
            Unreadable::Head,
        ),
        (
            TYPE,
            format!("{}--X--", own.repeat(MOST + 1)),
            Unreadable::TooMany,
        ),
        (TYPE, format!("{own}{own}--X--"), Unreadable::Twice),
        (
            "application/x-www-form-urlencoded",
            "a=%4".into(),
            Unreadable::Encoding,
        ),
        (
            "application/x-www-form-urlencoded",
            "%ff=1".into(),
            Unreadable::Encoding,
        ),
        (
            "application/x-www-form-urlencoded",
            "a&".repeat(9),
            Unreadable::TooMany,
        ),
    ] {
        assert_eq!(
            read(content_type, &body).unwrap_err(),
            why,
            "{content_type}: {body}"
        );
    }
}

#[test]
fn a_body_of_beginnings_of_boundaries_ends() {
    let body = format!(
        "--X\r\n{}\r\n\r\n{}",
        named("fil"),
        "\r\n--".repeat(1 << 18)
    );
    assert_eq!(read(TYPE, &body), Err(Unreadable::Framing));
}
