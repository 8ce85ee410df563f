//! Chains with something wrong, and what is said of each.

use super::*;
use crate::audit::testing::{chained, entry, lines, texts};
use crate::audit::{Entry, GENESIS, Hash};
use std::path::Path;

fn examined(lines: &[Line], sekvens: u64) -> Examined {
    let mut examiner = Examiner::default();
    for line in lines {
        examiner.line(line);
    }
    examiner.finish("", Sekvens(sekvens))
}

fn told(lines: &[Line], sekvens: u64) -> Vec<String> {
    let findings = examined(lines, sekvens).findings;
    findings.iter().map(Finding::to_string).collect()
}

#[test]
fn a_good_chain_holds() {
    let chain = lines(4);
    let examined = examined(&chain, 4);
    assert!(examined.holds());
    assert_eq!(examined.head.number, 4);
    assert_eq!(
        (
            examined.more,
            examined.unknown,
            examined.heads,
            examined.signed
        ),
        (0, 0, 0, 0)
    );
    assert!(super::tests::examined(&[], 0).holds());
}

#[test]
fn a_stored_write_is_told_to_be_compared_with_the_history() {
    let chain = chained([
        Entry {
            sagsnummer: Some("S".into()),
            ..entry(1)
        },
        Entry {
            sekvenser: None,
            ..entry(2)
        },
    ]);
    let mut examiner = Examiner::default();
    let stored = examiner.line(&chain[0]).unwrap();
    assert_eq!(
        (stored.line, stored.first, stored.last),
        (1, Sekvens(1), Sekvens(1))
    );
    assert_eq!(stored.korrelations_id, uuid::Uuid::from_u128(1));
    assert_eq!(stored.operation, "import:v2/InsertDaginstitution");
    assert_eq!(stored.cvr.as_deref(), Some("55133018"));
    assert_eq!(stored.sagsnummer.as_deref(), Some("S"));
    assert_eq!(examiner.line(&chain[1]), None);
}

#[test]
fn changes_follow_each_other_through_the_lines() {
    let of = |ranges: &[(u64, u64)], sekvens| {
        let entries = ranges.iter().map(|(first, last)| Entry {
            sekvenser: Some((Sekvens(*first), Sekvens(*last))),
            ..entry(1)
        });
        told(&chained(entries), sekvens)
    };
    assert!(of(&[(1, 3), (4, 4)], 4).is_empty());
    let gap =
        "line 2 begins at change 5, where change 4 comes next: changes stand in no line, or in two";
    assert_eq!(of(&[(1, 3), (5, 5)], 5), [gap]);
    let twice =
        "line 2 begins at change 3, where change 4 comes next: changes stand in no line, or in two";
    assert_eq!(of(&[(1, 3), (3, 4)], 4), [twice]);
    assert_eq!(of(&[(1, 3)], 4), ["change 4 stands in no audit line"]);
    assert!(of(&[(1, 3)], 3).is_empty());
}

#[test]
fn time_never_goes_back() {
    let at = |millis| Entry {
        tidspunkt: Tidspunkt::from_millis(millis),
        sekvenser: None,
        ..entry(1)
    };
    assert!(told(&chained([at(5), at(5), at(6)]), 0).is_empty());
    let found = told(&chained([at(5), at(4), at(4)]), 0);
    assert_eq!(
        found,
        ["line 2 says an earlier time than the line before it"]
    );
}

#[test]
fn kinds_of_a_later_version_are_chained_and_counted() {
    let later = "art=handling.2\nnr=1\nhvem=nogen\n".to_owned();
    let none = "nr=2\n".to_owned();
    let examined = examined(&texts([later, none, entry(1).canonical(3)]), 1);
    assert_eq!((examined.findings, examined.unknown), (vec![], 2));
}

#[test]
fn a_known_line_says_what_it_must() {
    let text = entry(1).canonical(1);
    let without = |from: &str, to: &str| told(&texts([text.replace(from, to)]), 0);
    assert!(told(&texts([text.clone()]), 0).is_empty());
    assert_eq!(
        without("tidspunkt=", "tidspunkt=x"),
        ["line 1 has no readable tidspunkt"]
    );
    assert_eq!(
        without("korrelationsId=", "korrelationsId=x"),
        ["line 1 has no readable korrelationsId"]
    );
    assert_eq!(
        without("operation=", "handling="),
        ["line 1 has no readable operation"]
    );
    assert_eq!(
        without("sekvenser=1-1", "sekvenser=1"),
        ["line 1 has no readable sekvenser"]
    );
}

#[test]
fn saved_heads_are_compared_and_counted() {
    let chain = lines(2);
    let mut heads = Heads::default();
    for line in &chain {
        heads
            .add(Path::new(&format!("{}:{}", line.number, line.hash)), None)
            .unwrap();
    }
    let mut examiner = Examiner::new(heads);
    examiner.line(&chain[0]);
    let examined = examiner.finish("", Sekvens(1));
    assert_eq!(examined.heads, 2);
    assert_eq!(examined.findings, [Finding::Short(2, 1, None)]);
}

#[test]
fn findings_are_bounded_and_the_rest_counted() {
    let mut examiner = Examiner::default();
    for line in 0..103 {
        examiner.found(Finding::Fork(line));
    }
    let examined = examiner.finish("", Sekvens(0));
    assert_eq!((examined.findings.len(), examined.more), (100, 3));
    assert!(!examined.holds());
}

#[test]
fn a_number_beyond_all_others_ends_nothing() {
    let line = Line {
        number: u64::MAX,
        canonical: "art=handling.1\nsekvenser=1-18446744073709551615\n".into(),
        hash: GENESIS,
    };
    let mut examiner = Examiner::default();
    examiner.line(&line);
    examiner.line(&Line {
        number: 1,
        hash: Hash([1; 32]),
        ..line
    });
    assert!(!examiner.finish("", Sekvens(u64::MAX)).holds());
}

#[test]
fn each_finding_says_what_and_where() {
    let sekvens = Sekvens(4);
    let epoke = || Some("E".to_owned());
    let left = " (the head is of epoch E, which a restore has ended: see the lines cli/restore)";
    let all: [(Finding, Option<u64>, String); 15] = [
        (Broken::Changed(3).into(), Some(3), Broken::Changed(3).to_string()),
        (Finding::Unreadable(3, "nr"), Some(3), "line 3 has no readable nr".into()),
        (Finding::TimeBack(3), Some(3), "line 3 says an earlier time than the line before it".into()),
        (Finding::Uncovered(3, sekvens, Sekvens(2)), Some(3),
         "line 3 begins at change 4, where change 2 comes next: changes stand in no line, or in two".into()),
        (Finding::Unaudited(sekvens), None, "change 4 stands in no audit line".into()),
        (Finding::NoChange(3, sekvens), Some(3), "line 3 tells of change 4, which the history lacks".into()),
        (Finding::Disagree(3, sekvens, "cvr"), Some(3), "line 3 and change 4 disagree on cvr".into()),
        (Finding::Short(9, 3, None), Some(9),
         "the chain ends at line 3, before the head of line 9 that was published: it was cut off, or is an old copy".into()),
        (Finding::Short(9, 3, epoke()), Some(9),
         format!("the chain ends at line 3, before the head of line 9 that was published: it was cut off, or is an old copy{left}")),
        (Finding::OtherHead(3, epoke()), Some(3), format!("line 3 is not the one that was published{left}")),
        (Finding::Fork(3), Some(3), "two different heads of line 3 were published: the chain was forked".into()),
        (Finding::HeadSignature(3), Some(3),
         "the signature of the saved head of line 3 is wrong: the head was changed, or another key signed it".into()),
        (Finding::HeadUnsigned(3), Some(3), "the saved head of line 3 is not signed".into()),
        (Finding::HeadAlgorithm(3, "x".into()), Some(3),
         "the saved head of line 3 is of the algorithm 'x', which this program does not know: use a newer one".into()),
        (Finding::Register("a tree".into()), None, "a tree".into()),
    ];
    for (finding, line, text) in all {
        assert_eq!(finding.line(), line, "{text}");
        assert_eq!(finding.to_string(), text);
    }
}
