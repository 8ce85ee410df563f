//! Loading: interrupted and resumed, what is refused, what stays.

use super::*;
use crate::mirror::{DarAnswer, DarQuery};

fn units(count: u64, name: &str) -> String {
    let mut text = "pNummer;cvrNummer;navn;status;vejnavn;husnr;postnr;bynavn\n".to_owned();
    for number in 1..=count {
        let p = 1_000_000_000 + number;
        text.push_str(&format!(
            "{p};55133018;{name} {number};Aktiv;Skovvejen;{number};8000;Aarhus C\n"
        ));
    }
    text
}

#[test]
fn of_two_addresses_with_one_identifier_the_latest_stays() {
    let world = World::new();
    let file = world.write(
        "dar.csv",
        "id,vejnavn,vejkode,husnr,postnr,kommunekode\n\
         00000000-0000-0000-0000-000000000001,Skovvejen,17,1,8000,751\n\
         00000000-0000-0000-0000-000000000002,Skovvejen,17,2,8000,751\n\
         00000000-0000-0000-0000-000000000001,Bogvejen,18,3,8000,751\n",
    );
    assert_eq!(world.load(MirrorKind::Dar, &file).unwrap().state.rows, 2);
    let mirror = dar(&world.target(MirrorKind::Dar)).unwrap().unwrap();
    match mirror.query(&DarQuery::Id(id(1))).unwrap() {
        DarAnswer::Found(found) => assert_eq!(found.vej_navn, "Bogvejen"),
        other => panic!("{other:?}"),
    }
    let gone = mirror.query(&DarQuery::Parts(parts("Skovvejen", "1", "8000")));
    assert_eq!(gone.unwrap(), DarAnswer::Unknown);
}

#[test]
fn an_interrupted_loading_goes_on_where_it_was() {
    let world = World::new();
    let file = world.write("cvr.csv", &units(95, "Hus"));
    let mut checkpoints = 0;
    let stopped = world.load_with(MirrorKind::Cvr, &file, false, &mut |_| {
        checkpoints += 1;
        if checkpoints == 3 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    assert!(
        matches!(stopped, Err(LoadError::Interrupted)),
        "{stopped:?}"
    );
    assert!(!world.target(MirrorKind::Cvr).exists());
    let mut first = None;
    let loaded = world
        .load_with(MirrorKind::Cvr, &file, false, &mut |at| {
            first.get_or_insert(at.rows);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(first, Some(40), "thirty were there already");
    assert_eq!(loaded.resumed, Some(32));
    assert_eq!(loaded.state.rows, 95);
    assert!(
        world
            .cvr()
            .production_unit(p("1000000001"))
            .unwrap()
            .is_some()
    );
    assert!(
        world
            .cvr()
            .production_unit(p("1000000095"))
            .unwrap()
            .is_some()
    );
    // Done, nothing is left to go on from.
    assert_eq!(world.load(MirrorKind::Cvr, &file).unwrap().resumed, None);
    assert!(
        !crate::store::sqlite::filer::with_side(&world.target(MirrorKind::Cvr), ".indlaeses")
            .exists()
    );
}

#[test]
fn another_file_begins_anew() {
    let world = World::new();
    let file = world.write("cvr.csv", &units(50, "Hus"));
    let stop = &mut |_| ControlFlow::Break(());
    assert!(
        world
            .load_with(MirrorKind::Cvr, &file, false, stop)
            .is_err()
    );
    let file = world.write("cvr.csv", &units(50, "Hal"));
    let loaded = world.load(MirrorKind::Cvr, &file).unwrap();
    assert_eq!((loaded.resumed, loaded.state.rows), (None, 50));
    let unit = world
        .cvr()
        .production_unit(p("1000000001"))
        .unwrap()
        .unwrap();
    assert_eq!(unit.name, "Hal 1");
    // A gathering that is garbled is as good as none.
    let gathering =
        crate::store::sqlite::filer::with_side(&world.target(MirrorKind::Cvr), ".indlaeses");
    std::fs::write(gathering, "garbled").unwrap();
    assert_eq!(world.load(MirrorKind::Cvr, &file).unwrap().state.rows, 50);
}

#[test]
fn what_is_no_extract_leaves_the_mirror_in_place() {
    let world = World::new();
    let file = world.write("cvr.csv", &units(30, "Hus"));
    world.load(MirrorKind::Cvr, &file).unwrap();
    let bad = format!("{}x\n", "x;;;;;;;\n".repeat(3));
    for (text, told) in [
        (String::new(), "the file is empty"),
        (
            "navn;by\nx;y\n".to_owned(),
            "line 1 must be a header with the columns pNummer",
        ),
        (
            "[{\"pNummer\":1},".to_owned(),
            "in the middle of its JSON list",
        ),
        (
            "{\"a\":1}\n".to_owned(),
            "0 records could be used and 1 not",
        ),
        (
            format!("{}{bad}", units(3, "x")),
            "3 records could be used and 4 not",
        ),
        (units(26, "Hus"), "--tillad-mindre"),
    ] {
        let file = world.write("ny.csv", &text);
        let error = world.load(MirrorKind::Cvr, &file).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
        assert_eq!(world.cvr().state().rows, 30);
    }
    let absent = world
        .load(MirrorKind::Cvr, &world.root.join("absent"))
        .unwrap_err();
    assert!(matches!(absent, LoadError::Extract { .. }), "{absent}");
    let file = world.write("ny.csv", &units(26, "Hus"));
    let yes = &mut |_| ControlFlow::Continue(());
    world.load_with(MirrorKind::Cvr, &file, true, yes).unwrap();
    assert_eq!(world.cvr().state().rows, 26);
}

#[test]
fn two_loadings_at_a_time_are_refused() {
    let world = World::new();
    let file = world.write("cvr.csv", &units(30, "Hus"));
    let mut second = None;
    world
        .load_with(MirrorKind::Cvr, &file, false, &mut |_| {
            second.get_or_insert_with(|| world.load(MirrorKind::Cvr, &file));
            ControlFlow::Continue(())
        })
        .unwrap();
    let refused = second.unwrap().unwrap_err();
    assert!(matches!(refused, LoadError::Busy(_)), "{refused}");
}

#[test]
fn damaged_and_foreign_files_are_refused() {
    let world = World::new();
    let file = world.write("cvr.csv", &units(3_000, "Hus"));
    world.load(MirrorKind::Cvr, &file).unwrap();
    let target = world.target(MirrorKind::Cvr);
    let sound = std::fs::read(&target).unwrap();
    let mut garbled = sound.clone();
    for byte in &mut garbled[20_480..28_672] {
        *byte = !*byte;
    }
    let mut older = sound.clone();
    older[63] ^= 1;
    for (what, bytes, told) in [
        ("cut", &sound[..sound.len() - 4096], "malformed"),
        ("garbled", &garbled[..], "is damaged"),
        ("foreign", b"SQLite format 4\0".as_slice(), "fails"),
        ("empty", b"", "is no mirror of this kind"),
        ("older", &older, "another version of the program"),
    ] {
        std::fs::write(&target, bytes).unwrap();
        let error = cvr(&target).unwrap_err();
        assert!(error.why.contains(told), "{what}: {}", error.why);
    }
    std::fs::write(&target, &sound).unwrap();
    assert!(cvr(&target).unwrap().is_some());
    let other = dar(&target).unwrap_err();
    assert!(
        other.why.contains("is no mirror of this kind"),
        "{}",
        other.why
    );
    assert!(cvr(&world.root.join("absent.db")).unwrap().is_none());
    assert_eq!(
        state(&target, MirrorKind::Cvr).unwrap().unwrap().rows,
        3_000
    );
}

#[test]
fn an_open_mirror_stays_the_one_that_it_was() {
    let world = World::new();
    let file = world.write("cvr.csv", &units(30, "Hus"));
    world.load(MirrorKind::Cvr, &file).unwrap();
    let before = world.cvr();
    let file = world.write("cvr.csv", &units(30, "Hal"));
    world.load(MirrorKind::Cvr, &file).unwrap();
    let name = |mirror: &dyn CvrMirror| {
        mirror
            .production_unit(p("1000000007"))
            .unwrap()
            .unwrap()
            .name
    };
    assert_eq!(name(&*before), "Hus 7");
    assert_eq!(name(&*world.cvr()), "Hal 7");
}

#[test]
fn a_path_with_signs_of_uris_is_opened() {
    assert_eq!(
        escaped(Path::new("/a b/c?d#e%/æ.db")),
        "/a%20b/c%3fd%23e%25/%c3%a6.db"
    );
}

#[test]
fn a_postal_district_without_a_name_takes_the_first_that_comes() {
    let world = World::new();
    let file = world.write(
        "adresser.csv",
        "id,vejnavn,vejkode,husnr,postnr,postnrnavn,kommunekode\n\
         00000000-0000-0000-0000-000000000001,Skovvejen,0017,1,8000,,0751\n\
         00000000-0000-0000-0000-000000000002,Bakken,0018,1,8000,Aarhus C,0751\n\
         00000000-0000-0000-0000-000000000003,Stien,0019,1,8200,,0751\n",
    );
    world.load(MirrorKind::Dar, &file).unwrap();
    let mirror = dar(&world.target(MirrorKind::Dar)).unwrap().unwrap();
    for (number, town) in [(1, "Aarhus C"), (2, "Aarhus C"), (3, "")] {
        let DarAnswer::Found(found) = mirror
            .query(&DarQuery::Id(Uuid::from_u128(number)))
            .unwrap()
        else {
            panic!("{number} is there");
        };
        assert_eq!(found.by_navn, town);
    }
}
