//! Heads as they are published, saved, and compared with chains.

use super::*;
use crate::audit::testing::lines;
use crate::pki::scratch::Scratch;

const KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n\
    -----END PRIVATE KEY-----\n";
const EPOKE: Uuid = Uuid::from_u128(1);

fn signer() -> Signer {
    let scratch = Scratch::new();
    let file = scratch.path().join("noegle.pem");
    std::fs::write(&file, KEY).unwrap();
    Signer::load(&file).unwrap()
}

fn chain_head(line: &Line) -> ChainHead {
    ChainHead {
        head: Head {
            number: line.number,
            hash: line.hash,
        },
        tidspunkt: line.tidspunkt(),
        epoke: EPOKE,
        sekvens: Sekvens(line.number),
    }
}

fn document(chain: &[Line], signer: Option<&Signer>) -> SavedWithEarlier {
    let day = |line: &Line, dato: &str| PublishedHead {
        dato: Dato::parse(dato).unwrap(),
        chain_head: chain_head(line),
    };
    let before = [day(&chain[1], "2026-11-02"), day(&chain[0], "2026-11-01")];
    chain_head(chain.last().unwrap()).document(&before, signer, "https://a.example")
}

/// What is found when these heads are compared with this chain, in this epoch.
fn compared(mut heads: Heads, chain: &[Line], epoke: Uuid) -> Vec<Finding> {
    chain.iter().for_each(|line| heads.line(line));
    let end = chain.last().map_or(Head::START, |line| Head {
        number: line.number,
        hash: line.hash,
    });
    heads.finish(end, &epoke.to_string())
}

fn saved(text: &str, key: Option<&PublicKey>) -> Result<Heads, HeadsError> {
    let mut heads = Heads::default();
    heads
        .add_json(text, Path::new("hoved.json"), key)
        .map(|()| heads)
}

#[test]
fn a_head_is_published_with_those_before_it() {
    let chain = lines(3);
    let text = serde_json::to_string(&document(&chain, None)).unwrap();
    let hash = |n: usize| chain[n].hash.to_string();
    let epoke = EPOKE.to_string();
    assert_eq!(
        text,
        format!(
            "{{\"algoritme\":\"sha256-kaede.1\",\"betydning\":\"https://a.example/revision/om.txt\",\
             \"epoke\":\"{epoke}\",\"nr\":3,\"hash\":\"{}\",\"sekvens\":3,\
             \"tidspunkt\":\"1970-01-01T00:00:03.000Z\",\"tidligere\":[\
             {{\"algoritme\":\"sha256-kaede.1\",\"dato\":\"2026-11-02\",\"epoke\":\"{epoke}\",\"nr\":2,\
             \"hash\":\"{}\",\"sekvens\":2,\"tidspunkt\":\"1970-01-01T00:00:02.000Z\"}},\
             {{\"algoritme\":\"sha256-kaede.1\",\"dato\":\"2026-11-01\",\"epoke\":\"{epoke}\",\"nr\":1,\
             \"hash\":\"{}\",\"sekvens\":1,\"tidspunkt\":\"1970-01-01T00:00:01.000Z\"}}]}}",
            hash(2),
            hash(1),
            hash(0)
        )
    );
    let empty = ChainHead {
        head: Head::START,
        tidspunkt: None,
        epoke: EPOKE,
        sekvens: Sekvens(0),
    };
    let empty = empty.document(&[], None, "https://a.example");
    let only = &empty.saved;
    assert_eq!((only.nr, only.tidspunkt.as_deref()), (0, None));
    assert!(only.signed().ends_with("\nsekvens=0\ntidspunkt=\n"));
    let empty = saved(&serde_json::to_string(&empty).unwrap(), None).unwrap();
    assert_eq!(
        compared(empty, &chain, EPOKE),
        [],
        "any chain continues the empty one"
    );
}

#[test]
fn the_signed_text_is_these_lines() {
    let chain = lines(1);
    let signer = signer();
    let document = chain_head(&chain[0]).document(&[], Some(&signer), "https://a.example");
    let saved = document.saved;
    let text = format!(
        "dtr-revisionshoved.1\nalgoritme=sha256-kaede.1\nepoke={EPOKE}\nnr=1\nhash={}\nsekvens=1\n\
         tidspunkt=1970-01-01T00:00:01.000Z\n",
        chain[0].hash
    );
    assert_eq!(saved.signed(), text);
    assert_eq!(saved.signatur, Some(signer.sign(&text)));
    assert_eq!(
        saved.noegle.as_deref(),
        Some("https://a.example/noegle.pem")
    );
}

#[test]
fn signatures_of_saved_heads_are_checked() {
    let chain = lines(3);
    let signer = signer();
    let key = PublicKey::from_pem(signer.public_pem().as_bytes()).unwrap();
    let good = serde_json::to_string(&document(&chain, Some(&signer))).unwrap();
    let heads = saved(&good, Some(&key)).unwrap();
    assert_eq!(heads.counts(), (3, 3));
    assert_eq!(compared(heads, &chain, EPOKE), []);
    assert_eq!(
        saved(&good, None).unwrap().counts(),
        (3, 0),
        "without a key none is looked at"
    );
    let other = good.replace("\"sekvens\":2", "\"sekvens\":9");
    let wrong = compared(saved(&other, Some(&key)).unwrap(), &chain, EPOKE);
    assert_eq!(wrong, [Finding::HeadSignature(2)]);
    let unsigned = serde_json::to_string(&document(&chain[..2], None)).unwrap();
    let found = compared(saved(&unsigned, Some(&key)).unwrap(), &chain, EPOKE);
    let unsigned = |line| Finding::HeadUnsigned(line);
    assert_eq!(found, [unsigned(2), unsigned(2), unsigned(1)]);
}

#[test]
fn a_chain_is_compared_with_what_was_saved_of_it() {
    let chain = lines(5);
    let text = serde_json::to_string(&document(&chain, None)).unwrap();
    let heads = || saved(&text, None).unwrap();
    assert_eq!(heads().counts(), (3, 0));
    assert_eq!(compared(heads(), &chain, EPOKE), []);
    let short = |epoke| Finding::Short(5, 4, epoke);
    assert_eq!(compared(heads(), &chain[..4], EPOKE), [short(None)]);
    let left = Some(EPOKE.to_string());
    assert_eq!(
        compared(heads(), &chain[..4], Uuid::nil()),
        [short(left.clone())]
    );
    let mut other = chain.clone();
    other[4].hash.0[31] ^= 1;
    let other_head = |epoke| Finding::OtherHead(5, epoke);
    assert_eq!(compared(heads(), &other, EPOKE), [other_head(None)]);
    assert_eq!(compared(heads(), &other, Uuid::nil()), [other_head(left)]);
}

#[test]
fn two_heads_of_one_number_are_a_fork_unless_a_restore_parted_them() {
    let chain = lines(2);
    let of = |hash: Hash, epoke: u128| {
        let head = ChainHead {
            head: Head { number: 2, hash },
            epoke: Uuid::from_u128(epoke),
            ..chain_head(&chain[1])
        };
        serde_json::to_string(&head.document(&[], None, "")).unwrap()
    };
    let mine = of(chain[1].hash, 1);
    let found = |theirs: &str| {
        compared(
            saved(&format!("{mine}\n{theirs}"), None).unwrap(),
            &chain,
            EPOKE,
        )
    };
    assert_eq!(found(&mine), []);
    let other = Finding::OtherHead(2, None);
    assert_eq!(
        found(&of(Hash([9; 32]), 1)),
        [Finding::Fork(2), other.clone()]
    );
    let left = Finding::OtherHead(2, Some(Uuid::from_u128(2).to_string()));
    assert_eq!(found(&of(Hash([9; 32]), 2)), [left]);
    let mut heads = saved(&mine, None).unwrap();
    heads
        .add(Path::new(&format!("2:{}", Hash([9; 32]))), None)
        .unwrap();
    assert_eq!(compared(heads, &chain, EPOKE), [Finding::Fork(2), other]);
}

#[test]
fn heads_come_as_arguments_files_and_from_the_register() {
    let chain = lines(3);
    let mut heads = Heads::default();
    let argument = format!("2:{}", chain[1].hash);
    heads.add(Path::new(&argument), None).unwrap();
    let published = PublishedHead {
        dato: Dato::parse("2026-11-03").unwrap(),
        chain_head: chain_head(&chain[2]),
    };
    heads.expect_published(&published).unwrap();
    assert_eq!(heads.counts(), (2, 0));
    let scratch = Scratch::new();
    let file = scratch.path().join("hoveder.json");
    let one = serde_json::to_string(&document(&chain, None)).unwrap();
    std::fs::write(&file, format!("[{one}]")).unwrap();
    heads.add(&file, None).unwrap();
    assert_eq!(heads.counts(), (3, 0), "each once");
    assert_eq!(compared(heads, &chain, EPOKE), []);
}

#[test]
fn what_holds_no_heads_is_refused() {
    let scratch = Scratch::new();
    let absent = scratch.path().join("findes-ikke.json");
    let refused = Heads::default().add(&absent, None).unwrap_err();
    assert!(
        matches!(&refused, HeadsError::Read(file, _) if *file == absent),
        "{refused}"
    );
    for bad in ["", "{}", "5", "[5]", "{\"nr\":1", "1:abc"] {
        let refused = saved(bad, None).map(|heads| heads.counts());
        assert!(
            matches!(refused, Err(HeadsError::NotHeads(..))),
            "{bad}: {refused:?}"
        );
    }
    let text = serde_json::to_string(&document(&lines(2), None)).unwrap();
    let no_hash = text.replacen("\"hash\":\"", "\"hash\":\"x", 1);
    assert!(matches!(
        saved(&no_hash, None),
        Err(HeadsError::NoHash(_, 2))
    ));
    assert_eq!(inline("3"), None);
    assert_eq!(inline("x:00"), None);
    assert_eq!(inline("3:00"), None);
}

#[test]
fn heads_of_later_versions_are_told_and_their_fields_passed_over() {
    let chain = lines(2);
    let text = serde_json::to_string(&document(&chain, None)).unwrap();
    let later = text.replacen("{", "{\"nyt\":[1],", 1);
    assert_eq!(compared(saved(&later, None).unwrap(), &chain, EPOKE), []);
    let other = text.replacen("sha256-kaede.1", "sha3-trae.7", 1);
    let algorithm = Finding::HeadAlgorithm(2, "sha3-trae.7".into());
    assert_eq!(
        compared(saved(&other, None).unwrap(), &chain, EPOKE),
        [algorithm]
    );
}

#[test]
fn how_many_heads_are_compared_is_bounded() {
    let mut heads = Heads {
        count: MOST,
        ..Heads::default()
    };
    let one = Path::new("1:0000000000000000000000000000000000000000000000000000000000000000");
    assert!(matches!(heads.add(one, None), Err(HeadsError::TooMany)));
    heads.count -= 1;
    assert!(heads.add(one, None).is_ok());
}

#[test]
fn many_different_heads_of_one_line_are_a_fork_and_no_more() {
    let mut heads = Heads::default();
    for byte in 1..=20 {
        let argument = format!("1:{}", Hash([byte; 32]));
        heads.add(Path::new(&argument), None).unwrap();
    }
    assert_eq!(heads.counts(), (16, 0));
    let found = compared(heads, &lines(1), EPOKE);
    assert_eq!(found.len(), 1 + 16);
    assert_eq!(found[0], Finding::Fork(1));
}

#[test]
fn a_file_is_read_up_to_its_bound() {
    let scratch = Scratch::new();
    let file = scratch.file("hoved.json", "12345");
    assert_eq!(bounded(&file, 5).unwrap(), "12345");
    assert_eq!(bounded(&file, 6).unwrap(), "12345");
    assert!(matches!(bounded(&file, 4), Err(HeadsError::TooLarge(_))));
    assert!(matches!(bounded(&file, 2), Err(HeadsError::TooLarge(_))));
}

#[test]
fn the_beginning_is_a_head_of_zeros_and_nothing_else_is() {
    let chain = lines(1);
    let found = |argument: String| {
        let mut heads = Heads::default();
        heads.add(Path::new(&argument), None).unwrap();
        compared(heads, &chain, EPOKE)
    };
    let other = |line| [Finding::OtherHead(line, None)];
    assert_eq!(found(format!("0:{GENESIS}")), []);
    assert_eq!(found(format!("0:{}", Hash([1; 32]))), other(0));
    assert_eq!(found(format!("1:{GENESIS}")), other(1));
}
