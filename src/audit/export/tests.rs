//! Exports written, read back, and damaged.

use super::*;
use crate::audit::testing::lines;

fn header() -> Header {
    Header {
        epoke: "7c3e".into(),
        sekvens: Sekvens(3),
        eksporteret: Tidspunkt::from_millis(1_790_000_000_000),
    }
}

fn exported(lines: &[Line]) -> String {
    let mut out = Vec::new();
    let mut writer = Writer::new(&mut out, &header()).unwrap();
    lines.iter().for_each(|line| writer.line(line).unwrap());
    let head = writer.finish().unwrap();
    assert_eq!(head.number, lines.len() as u64);
    String::from_utf8(out).unwrap()
}

fn read(text: &str) -> Result<(Header, Vec<Line>), ExportError> {
    let mut reader = Reader::new(text.as_bytes())?;
    let mut lines = Vec::new();
    while let Some(line) = reader.next_line()? {
        lines.push(line);
    }
    Ok((reader.header().clone(), lines))
}

fn refused(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

#[test]
fn an_export_is_these_characters() {
    let chain = lines(1);
    let Line {
        canonical, hash, ..
    } = &chain[0];
    let length = canonical.len();
    let expected = format!(
        "dtr-revision.1\nalgoritme=sha256-kaede.1\nepoke=7c3e\nsekvens=3\neksporteret=2026-09-21T14:13:20.000Z\n\n\
         linje 1 {length} {hash}\n{canonical}slut 1 {hash}\n"
    );
    assert_eq!(exported(&chain), expected);
    let zeros = "0".repeat(64);
    assert!(exported(&[]).ends_with(&format!("\n\nslut 0 {zeros}\n")));
}

#[test]
fn what_is_written_is_read_back() {
    for count in [0, 1, 3] {
        let chain = lines(count);
        assert_eq!(read(&exported(&chain)).unwrap(), (header(), chain));
    }
    // Whatever a line holds, it stays one.
    let mut odd = lines(2);
    odd[0].canonical = "linje 2 0 \nslut 0\n\n".into();
    odd[1].canonical = String::new();
    assert_eq!(read(&exported(&odd)).unwrap().1, odd);
}

#[test]
fn fields_of_a_later_version_are_passed_over() {
    let later = exported(&lines(1)).replacen("epoke=", "nyt=x\nepoke=", 1);
    assert_eq!(read(&later).unwrap().1, lines(1));
}

#[test]
fn what_is_no_export_is_refused() {
    let good = exported(&lines(2));
    let not = "is no export of an audit chain: it does not begin dtr-revision.1; make one with dtr audit export";
    assert_eq!(refused(""), not);
    assert_eq!(refused("hej\n"), not);
    assert_eq!(refused(&"x".repeat(10_000)), not);
    assert_eq!(refused("dtr-revision.1"), not);
    let algorithm = refused(&good.replace("sha256-kaede.1", "sha3.2"));
    assert_eq!(
        algorithm,
        "is of the algorithm 'sha3.2', which this program does not know: use a newer one"
    );
    for (field, bad) in [
        ("algoritme", "algo=x"),
        ("epoke", "ep=x"),
        ("sekvens", "sekvens=x"),
        ("eksporteret", "eksporteret=x"),
    ] {
        let line = good.lines().find(|line| line.starts_with(field)).unwrap();
        let told = refused(&good.replacen(line, bad, 1));
        assert_eq!(told, format!("the header has no readable {field}"));
    }
    let endless = format!("dtr-revision.1\n{}", "a=b\n".repeat(101));
    assert_eq!(refused(&endless), "the header has no readable algoritme");
}

#[test]
fn a_damaged_frame_is_told_with_the_line_before_it() {
    let chain = lines(2);
    let good = exported(&chain);
    let second = format!("linje 2 {} {}\n", chain[1].canonical.len(), chain[1].hash);
    let frame = "after line 1 stands something that is no line of the chain";
    for bad in [
        "\n".to_owned(),
        second.replace("linje", "linie"),
        second.replace("linje 2", "linje to"),
        second.replace(" 2 ", " 2 1048577 "),
        second.replace(" 2 ", " 2 -1 "),
        second.replace(&chain[1].hash.to_string(), "abc"),
        "linje 2\n".to_owned(),
        "slut\n".to_owned(),
        "slut 1 abc\n".to_owned(),
        "x".repeat(5000),
    ] {
        assert_eq!(refused(&good.replacen(&second, &bad, 1)), frame, "{bad}");
    }
    let mut bytes = good.into_bytes();
    let at = bytes.iter().rposition(|b| *b == b'=').unwrap();
    bytes[at] = 0xFF;
    let mut reader = Reader::new(&*bytes).unwrap();
    reader.next_line().unwrap();
    assert_eq!(reader.next_line().unwrap_err().to_string(), frame);
}

#[test]
fn the_longest_line_is_read() {
    let mut chain = lines(1);
    chain[0].canonical = "x".repeat(LONGEST_LINE);
    assert_eq!(read(&exported(&chain)).unwrap().1, chain);
}

#[test]
fn a_file_that_was_cut_off_or_shortened_is_told() {
    let chain = lines(3);
    let good = exported(&chain);
    let end = good.find("slut").unwrap();
    let cut = |lines: u64| {
        format!("the file ends after line {lines}, without its last line, slut: it was cut off")
    };
    assert_eq!(refused(&good[..end]), cut(3));
    assert_eq!(refused(&good[..end - 1]), cut(2), "inside a line");
    let third = good.find("linje 3").unwrap();
    let without = format!("{}{}", &good[..third], &good[end..]);
    assert_eq!(
        refused(&without),
        "the file's end names line 3, and line 2 is the last: lines were taken out or put in"
    );
    let other = good.replace(
        &format!("slut 3 {}", chain[2].hash),
        &format!("slut 3 {}", chain[1].hash),
    );
    assert!(refused(&other).contains("names line 3, and line 3"));
    assert_eq!(
        refused(&format!("{good}x")),
        "something follows the file's end"
    );
}

#[test]
fn a_reader_that_fails_is_told() {
    #[derive(Debug)]
    struct Fails;
    impl io::Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("no disk"))
        }
    }
    let refused = Reader::new(io::BufReader::new(Fails)).unwrap_err();
    assert_eq!(refused.to_string(), "can't be read: no disk");
    let good = exported(&lines(1));
    let cut = &good.as_bytes()[..good.len() - 100];
    let mut reader = Reader::new(io::BufReader::new(io::Read::chain(cut, Fails))).unwrap();
    let refused = reader
        .next_line()
        .and_then(|_| reader.next_line())
        .unwrap_err();
    assert_eq!(refused.to_string(), "can't be read: no disk");
}
