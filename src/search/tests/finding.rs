//! What is found, in which order, and on which page.

use super::*;

#[test]
fn each_kind_of_word_and_number_finds() {
    let (world, [aarhus, odense, sol, mose, skov, west]) = filled();
    for (words, found) in [
        ("solstrålen", vec![sol]),
        ("SOLSTRAALEN", vec![sol]),
        ("solst", vec![sol, skov]),
        ("børnehuset sol", vec![sol]),
        ("sol børnehuset", vec![]),
        ("solstralen boernehuset", vec![sol]),
        ("sondergaard", vec![aarhus]),
        ("boegeskraenten 4b", vec![sol]),
        ("bøgeskrænten 4", vec![sol]),
        ("abouleva", vec![west]),
        ("8270", vec![sol, skov]),
        ("8270 højbjerg skov", vec![skov]),
        ("odense", vec![odense, west]),
        ("0461", vec![odense, west]),
        ("1000000002", vec![mose]),
        ("p-nr. 1000 000 002", vec![mose]),
        ("cvr 55 13 30 18", vec![sol, mose, west]),
        (sol.as_str(), vec![sol]),
        (&mose.as_str().to_lowercase(), vec![mose]),
        ("solstrålen mosen", vec![]),
        ("findesikke", vec![]),
        ("", vec![]),
        ("* OR \" - ( ) : ^ NEAR", vec![]),
        ("navn:solstrålen", vec![]),
        ("\"solstrålen\"", vec![sol]),
    ] {
        let mut all = world.numbers(words);
        all.sort_unstable();
        assert_eq!(all, found, "{words}");
    }
    // All units of the series are there by the beginning of their number.
    assert_eq!(world.numbers(&sol.as_str()[..5]).len(), 6);
}

#[test]
fn what_is_meant_comes_first() {
    let (world, [aarhus, _, sol, mose, skov, west]) = filled();
    // Names that begin so by name, then a name that has it, then an address.
    assert_eq!(world.numbers("sol"), [west, sol, skov]);
    // A closed one comes behind all open ones, and first where its number is asked for.
    world.close(west, &[sol]);
    assert_eq!(world.numbers("sol"), [sol, skov, west]);
    let found = world.find(words_of(west.as_str()));
    assert_eq!(numbers(&found), [west]);
    assert!(!found.hits[0].open);
    let name = "Børnehuset Solstrålen".to_owned();
    assert_eq!(found.hits[0].successors, [(sol, Some(name))]);
    // A number that is in an address as well.
    let other = unit(
        aarhus,
        "Tohundrede",
        6012,
        "1000000009",
        adresse("Vej", "751", "8000", "Aarhus C"),
    );
    let other = world.insert(other);
    assert!(world.numbers("751").contains(&other));
    assert!(world.numbers("mosen").contains(&mose));
}

#[test]
fn filters_hold_together_and_alone() {
    let (world, [aarhus, odense, sol, mose, skov, west]) = filled();
    world.close(mose, &[]);
    world.current();
    let all = Asked::default();
    let kommune = Some(Kommunekode(751));
    let cases: [(Asked, Vec<Institutionsnummer>); 9] = [
        (
            Asked {
                kommune,
                ..all.clone()
            },
            vec![sol, aarhus, skov, mose],
        ),
        (
            Asked {
                kommune,
                shown: Shown::Open,
                ..all.clone()
            },
            vec![sol, aarhus, skov],
        ),
        (
            Asked {
                kommune,
                shown: Shown::Closed,
                ..all.clone()
            },
            vec![mose],
        ),
        (
            Asked {
                inst_type: Some(6012),
                ..all.clone()
            },
            vec![sol, skov, west],
        ),
        (
            Asked {
                ejerform: Some(2),
                ..all.clone()
            },
            vec![odense, west],
        ),
        (
            Asked {
                niveau: Some(Niveau::Daginstitution),
                ..all.clone()
            },
            vec![odense, aarhus],
        ),
        (
            Asked {
                kommune,
                inst_type: Some(6012),
                ..words_of("sol")
            },
            vec![sol, skov],
        ),
        (
            Asked {
                kommune: Some(Kommunekode(101)),
                ..words_of("sol")
            },
            vec![],
        ),
        (
            Asked {
                kommune: Some(Kommunekode(101)),
                ..words_of(sol.as_str())
            },
            vec![],
        ),
    ];
    for (asked, expected) in cases {
        assert_eq!(numbers(&world.find(asked.clone())), expected, "{asked:?}");
    }
    assert_eq!(world.find(all).total, Total::Exactly(0));
}

#[test]
fn an_a_number_finds_what_it_is_now() {
    let (world, [_, _, sol, ..]) = filled();
    let old = Institutionsnummer::parse("A10001").unwrap();
    let known = |afgjort| ANummer {
        nummer: old,
        navn: "Den gamle børnehave".to_owned(),
        kommune: None,
        p_nummer: None,
        vej_navn: None,
        hus_nummer: None,
        post_nummer: None,
        afgjort,
        aftaler_til: None,
        lukkes: None,
    };
    let save = |number: ANummer| {
        let done = world
            .store
            .write_blocking(move |tx| tx.save_a_nummer(&number).map(Outcome::Keep));
        done.unwrap();
    };
    assert_eq!(world.numbers("a10001"), []);
    save(known(None));
    let found = world.find(words_of(" a10001 "));
    let former = found.a_number.clone().unwrap();
    assert_eq!((numbers(&found), former.now), (vec![], None));
    save(known(Some((sol, Tidspunkt::from_millis(1)))));
    let found = world.find(words_of("A10001"));
    assert_eq!(
        (numbers(&found), found.total),
        (vec![sol], Total::Exactly(1))
    );
    assert_eq!(found.a_number.unwrap().now, Some(sol));
}

#[test]
fn pages_follow_one_another_and_counting_ends() {
    let world = World::new();
    let done = world.store.write_blocking(|tx| {
        for nth in 0..1100 {
            let content = top(&format!("Ens {:04}", (nth * 7) % 1100), 751, 1);
            let record = Record::unborn(tx.issue_number()?, Arc::new(content), Vec::new());
            let handling = Handling::Oprettet;
            tx.save(
                NewChange {
                    handling,
                    origin: origin(),
                    record,
                },
                Tidspunkt::from_millis(1),
            )?;
        }
        Ok(Outcome::Keep(()))
    });
    done.unwrap();
    world.current();
    let mut seen = Vec::new();
    for page in 1..=PAGES {
        let page = Page::new(page).unwrap();
        let found = world.find(Asked {
            page,
            ..words_of("ens")
        });
        assert_eq!(
            (found.total, found.hits.len()),
            (Total::MoreThan(1000), HITS)
        );
        seen.extend(found.hits.into_iter().map(|hit| hit.name));
    }
    let in_order: Vec<_> = (0..1000).map(|nth| format!("Ens {nth:04}")).collect();
    assert_eq!(seen, in_order);
    let beyond = world.find(Asked {
        page: Page::new(2).unwrap(),
        ..words_of("ens 0001")
    });
    assert_eq!((beyond.total, beyond.hits.len()), (Total::Exactly(1), 0));
}

#[test]
fn a_long_beginning_of_many_words_finds_them_all() {
    let world = World::new();
    for nth in 0..250_u32 {
        let ending: String = [nth / 26, nth % 26]
            .iter()
            .filter_map(|n| char::from_u32(97 + n))
            .collect();
        world.insert(top(&format!("Huset Begyndelse{ending}"), 751, 1));
    }
    world.numbers("huset");
    assert_eq!(world.find(words_of("begynd")).total, Total::Exactly(250));
    assert_eq!(
        world.find(words_of("huset begyndelsea")).total,
        Total::Exactly(26)
    );
}
