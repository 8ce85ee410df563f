//! Headers of proxies, good and bad ones.

use super::*;
use crate::config::{Adressekilde, Net};

fn header(version: u8, family: u8, rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rest.len()).unwrap();
    [
        &SIGNATURE[..],
        &[version, family],
        &length.to_be_bytes(),
        rest,
    ]
    .concat()
}

fn read(bytes: &[u8]) -> Result<Option<IpAddr>, Malformed> {
    let (fixed, rest) = bytes.split_first_chunk().ok_or(SHORT)?;
    let told = by_header(fixed, rest)?;
    assert!(told.is_none_or(|told| told.port() == 0x1234 || told.is_ipv6()));
    Ok(told.map(|told| told.ip()))
}

fn v4() -> Vec<u8> {
    vec![192, 0, 2, 7, 10, 0, 0, 1, 0x12, 0x34, 0x01, 0xbb]
}

fn v6() -> Vec<u8> {
    let mut rest = vec![0; 36];
    (rest[0], rest[1], rest[15]) = (0x20, 0x01, 7);
    rest
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn a_proxy_header_tells_the_callers_address() {
    let with = |mut rest: Vec<u8>, more: &[u8]| {
        rest.extend(more);
        rest
    };
    for (version, family, rest, told) in [
        (0x21, 0x11, v4(), Some("192.0.2.7")),
        (0x21, 0x21, v6(), Some("2001::7")),
        (
            0x21,
            0x11,
            with(v4(), &[4, 0, 2, 9, 9, 3, 0, 0]),
            Some("192.0.2.7"),
        ),
        // The proxy speaks for itself, whatever else it says.
        (0x20, 0x00, vec![], None),
        (0x20, 0x11, v4(), None),
        (0x21, 0x00, vec![1, 2, 3], None),
        (0x21, 0x31, vec![0; 216], None),
    ] {
        let told = told.map(address);
        assert_eq!(
            read(&header(version, family, &rest)),
            Ok(told),
            "{family:x}"
        );
    }
}

#[test]
fn a_proxy_header_that_is_none_is_refused() {
    let good = header(0x21, 0x11, &v4());
    for cut in 0..good.len() {
        assert!(read(&good[..cut]).is_err(), "cut at {cut}");
    }
    for at in 0..12 {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert!(read(&bad).is_err(), "byte {at}");
    }
    for (version, family, rest) in [
        (0x22, 0x11, v4()),
        (0x11, 0x11, v4()),
        (0x31, 0x11, v4()),
        (0x21, 0x12, v4()),
        (0x21, 0x41, v4()),
        (0x21, 0x11, v4()[..11].to_vec()),
        (0x21, 0x21, v4()),
        (0x21, 0x31, vec![0; 215]),
        (0x21, 0x11, [v4(), vec![4]].concat()),
        (0x21, 0x11, [v4(), vec![4, 0, 2, 9]].concat()),
        (0x21, 0x00, vec![0; LONGEST + 1]),
    ] {
        let bytes = header(version, family, &rest);
        assert!(read(&bytes).is_err(), "{version:x} {family:x}");
    }
    assert!(read(b"PROXY TCP4 192.0.2.7 10.0.0.1 1 2\r\n").is_err());
}

fn proxies() -> Proxy {
    let net = |text: &str| Net::try_from(text.to_owned()).unwrap();
    Proxy {
        betroede: vec![net("10.0.0.0/8"), net("::1")],
        adresse: Adressekilde::Forwarded,
    }
}

fn forwarded(peer: &str, values: &[&str]) -> Result<IpAddr, Malformed> {
    let values = values.iter().map(|value| value.as_bytes());
    by_forwarded(values, address(peer), &proxies())
}

#[test]
fn forwarded_is_taken_of_trusted_proxies_alone() {
    for (peer, values, told) in [
        ("10.0.0.1", &[][..], "10.0.0.1"),
        ("10.0.0.1", &[""], "10.0.0.1"),
        ("10.0.0.1", &["for=192.0.2.7"], "192.0.2.7"),
        ("::ffff:10.0.0.1", &["for=192.0.2.7"], "192.0.2.7"),
        (
            "10.0.0.1",
            &["For=\"192.0.2.7:4711\";proto=https; by=_x"],
            "192.0.2.7",
        ),
        ("10.0.0.1", &["host=a;for=192.0.2.7:80"], "192.0.2.7"),
        ("::1", &["for=\"[2001:db8::7]\""], "2001:db8::7"),
        ("::1", &["for=\"[2001:db8::7]:_p\" ,"], "2001:db8::7"),
        ("::1", &["for=\"[::ffff:192.0.2.7]\""], "192.0.2.7"),
        ("10.0.0.1", &["for=\"192.0.2.\\7\""], "192.0.2.7"),
        ("::1", &["for=\"2001:db8::7\""], "2001:db8::7"),
        // What a stranger sent along counts for nothing, in one line or in two.
        (
            "10.0.0.1",
            &["for=198.51.100.1, for=192.0.2.7"],
            "192.0.2.7",
        ),
        (
            "10.0.0.1",
            &["for=198.51.100.1", "for=192.0.2.7"],
            "192.0.2.7",
        ),
        ("10.0.0.1", &["for=10.0.0.9, for=192.0.2.7"], "192.0.2.7"),
        // Through two trusted proxies.
        (
            "10.0.0.1",
            &["for=198.51.100.1, for=192.0.2.7, for=10.0.0.2"],
            "192.0.2.7",
        ),
        ("10.0.0.1", &["for=10.0.0.3, for=10.0.0.2"], "10.0.0.3"),
        // Who hides the caller answers for it.
        ("10.0.0.1", &["for=192.0.2.7, for=unknown"], "10.0.0.1"),
        ("10.0.0.1", &["for=192.0.2.7, for=_gazonk"], "10.0.0.1"),
        ("10.0.0.1", &["for=192.0.2.7, proto=http"], "10.0.0.1"),
        // Nobody else's word is taken, not even looked at.
        ("192.0.2.9", &["for=192.0.2.7"], "192.0.2.9"),
        ("192.0.2.9", &["rubbish\""], "192.0.2.9"),
    ] {
        assert_eq!(
            forwarded(peer, values),
            Ok(address(told)),
            "{peer} {values:?}"
        );
    }
}

#[test]
fn forwarded_that_could_be_read_in_two_ways_is_refused() {
    for value in [
        "for",
        "for=",
        "=192.0.2.7",
        "for =192.0.2.7",
        "for= 192.0.2.7",
        "for=192.0.2.7 for=192.0.2.8",
        "for=192.0.2.7;for=192.0.2.8",
        "for=\"192.0.2.7",
        "for=\"a, for=192.0.2.7",
        "for=\"192.0.2.7\"x",
        "for=\"192.0.2.7\\",
        "for=localhost",
        "for=192.0.2",
        "for=\"2001:db8::7:\"",
        "for=\"2001:db8::7]\"",
        "for=[2001:db8::7",
        "for=[192.0.2.7]",
        "for=[::1]80",
        "for=192.0.2.7:",
        "for=192.0.2.7:123456",
        "for=192.0.2.7/8",
        "for=_",
        "for=\u{e6}",
        "\u{1}",
    ] {
        assert!(forwarded("10.0.0.1", &[value]).is_err(), "{value}");
    }
    let long = format!("for={}", "1".repeat(100));
    assert!(forwarded("10.0.0.1", &[&long]).is_err());
    let many = ["for=192.0.2.7"; ELEMENTS + 1];
    assert_eq!(forwarded("10.0.0.1", &many[1..]), Ok(address("192.0.2.7")));
    assert!(forwarded("10.0.0.1", &many).is_err());
    assert!(forwarded("10.0.0.1", &[&many.join(",")]).is_err());
}

/// A small generator, so that what is tried is the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % below
    }
}

#[test]
fn no_bytes_make_a_reader_fail() {
    let mut dice = Dice(1);
    let pieces = [
        "for=",
        "FOR=",
        "192.0.2.7",
        "\"",
        "[",
        "]",
        "::1",
        ":",
        ",",
        ";",
        " ",
        "\t",
        "\\",
        "_x",
        "unknown",
        "by=",
        "=",
        "\u{e6}",
        "10.0.0.2",
        "\0",
    ];
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..dice.roll(12) {
            text.push_str(pieces[dice.roll(pieces.len())]);
        }
        // Whatever comes, the answer is an address or a refusal; of a stranger it is its own.
        let _ = forwarded("10.0.0.1", &[&text]);
        let told = forwarded("10.0.0.1", &[&text, "for=192.0.2.7"]);
        assert!(told.is_err() || told == Ok(address("192.0.2.7")), "{text}");
        assert_eq!(forwarded("192.0.2.9", &[&text]), Ok(address("192.0.2.9")));
        let mut bytes = header(0x21, 0x11, &v4());
        for _ in 0..=dice.roll(3) {
            let at = dice.roll(bytes.len());
            bytes[at] = dice.roll(256) as u8;
        }
        bytes.truncate(dice.roll(bytes.len() + 1));
        if let Some((fixed, rest)) = bytes.split_first_chunk() {
            let _ = by_header(fixed, rest);
        }
    }
}
