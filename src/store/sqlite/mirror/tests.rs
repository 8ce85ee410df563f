//! Loading, interrupted and resumed; what is refused; look-ups.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::*;
use crate::mirror::{AddressParts, DarAnswer, DarQuery, DarStatus, MOST_SUGGESTIONS};
use crate::pki::scratch::Scratch;
use crate::register::{Kommunekode, PNummer};

const DAR: &str = "\
id,vejnavn,vejkode,husnr,etage,dør,supplerendebynavn,postnr,postnrnavn,kommunekode,status,wgs84koordinat_bredde,wgs84koordinat_længde
00000000-0000-0000-0000-000000000001,Skovvejen,0017,12A,,,,8000,Aarhus C,0751,1,56.1567891,10.2
00000000-0000-0000-0000-000000000002,Skovvejen,0017,14,st,,,8000,Aarhus C,0751,3,56.1,-0.05
00000000-0000-0000-0000-000000000003,Skovvejen,0017,16,1,th,,8000,Aarhus C,0751,1,,
00000000-0000-0000-0000-000000000004,Skovvejen,0017,16,1,tv,,8000,Aarhus C,0751,1,56.2,10.3
00000000-0000-0000-0000-000000000005,Skovvejen,0017,16,2,,,8000,Aarhus C,0751,1,56.2,10.3
00000000-0000-0000-0000-000000000006,Skovvejen,0017,18,,,,8000,Aarhus C,0751,2,,
00000000-0000-0000-0000-000000000007,Sankt Knuds Vej,0020,3,,,,8000,Aarhus C,0751,1,56,10
00000000-0000-0000-0000-000000000008,Kirkevej,0101,1,,,Nord,4000,Roskilde,0265,1,,
00000000-0000-0000-0000-000000000009,Kirkevej,0102,1,,,Syd,4000,Roskilde,0265,1,,
00000000-0000-0000-0000-00000000000a,Kirkevej,0103,1,,,,4000,Roskilde,0350,1,,
00000000-0000-0000-0000-00000000000b,Ørbækvej,0050,100A,,,,5220,Odense SØ,0461,1,,
00000000-0000-0000-0000-00000000000c,Skovvejen,0018,99,,,,8200,Aarhus N,0751,1,,
00000000-0000-0000-0000-00000000000d,Skovvejen,0017,20,,,,8000,Aarhus C,0751,4,,
";

struct World {
    _folder: Scratch,
    root: PathBuf,
}

impl World {
    fn new() -> Self {
        let folder = Scratch::new();
        let root = folder.path().to_owned();
        Self {
            _folder: folder,
            root,
        }
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.root.join(name);
        std::fs::write(&file, text).unwrap();
        file
    }

    fn target(&self, kind: MirrorKind) -> PathBuf {
        path(&self.root.join("register.db"), kind)
    }

    fn load(&self, kind: MirrorKind, extract: &Path) -> std::result::Result<Loaded, LoadError> {
        self.load_with(kind, extract, false, &mut |_| ControlFlow::Continue(()))
    }

    fn load_with(
        &self,
        kind: MirrorKind,
        extract: &Path,
        allow_smaller: bool,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> std::result::Result<Loaded, LoadError> {
        let target = self.target(kind);
        let without: &[&str] = match kind {
            MirrorKind::Cvr => &["etage", "doer"],
            MirrorKind::Dar => &[
                "postnrnavn",
                "etage",
                "dør",
                "supplerendebynavn",
                "status",
                "wgs84koordinat_bredde",
                "wgs84koordinat_længde",
            ],
        };
        let without: Vec<String> = without.iter().map(|name| (*name).to_owned()).collect();
        let job = Load {
            kind,
            extract,
            target: &target,
            now: Tidspunkt::from_millis(1_700_000_000_000),
            allow_smaller,
            allow_without: &without,
            between_points: 10,
        };
        load(&job, progress)
    }

    fn dar(&self) -> Arc<dyn DarMirror> {
        let file = self.write("adresser.csv", DAR);
        self.load(MirrorKind::Dar, &file).unwrap();
        dar(&self.target(MirrorKind::Dar)).unwrap().unwrap()
    }

    fn cvr(&self) -> Arc<dyn CvrMirror> {
        cvr(&self.target(MirrorKind::Cvr)).unwrap().unwrap()
    }
}

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

fn p(text: &str) -> PNummer {
    PNummer::parse(text).unwrap()
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn parts<'a>(street: &'a str, house: &'a str, post: &'a str) -> AddressParts<'a> {
    AddressParts {
        vej_navn: street,
        hus_nummer: house,
        post_nummer: post,
        ..AddressParts::default()
    }
}

fn found(mirror: &dyn DarMirror, parts: AddressParts<'_>) -> crate::mirror::DarAddress {
    match mirror.query(&DarQuery::Parts(parts)).unwrap() {
        DarAnswer::Found(found) => *found,
        other => panic!("{parts:?}: {other:?}"),
    }
}

#[test]
fn a_unit_is_found_by_its_number_with_leading_zeros() {
    let world = World::new();
    let file = world.write(
        "cvr.csv",
        "pNummer;cvrNummer;navn;status;vejnavn;husnr;postnr;bynavn;etage;dør\n\
         17;18;Kernehuset;Aktiv;Skovvejen;12a;800;Høje Taastrup;1;th\n\
         0000000018;;Lukket;Ophørt;;;;;;\n\
         0000000017;19;Kernehuset igen;aktiv;;;;;;\n\
         x;;;;;;;;;\n",
    );
    let loaded = world.load(MirrorKind::Cvr, &file).unwrap();
    assert_eq!((loaded.state.rows, loaded.state.rejected), (2, 1));
    assert_eq!(loaded.rejected[0].0, 5);
    assert_eq!(loaded.state.source, "cvr.csv");
    let mirror = world.cvr();
    assert_eq!(*mirror.state(), loaded.state);
    // The latest of two records of one unit.
    let unit = mirror.production_unit(p("0000000017")).unwrap().unwrap();
    assert_eq!(unit.name, "Kernehuset igen");
    assert_eq!(unit.cvr.unwrap().as_str(), "00000019");
    assert!(unit.is_active() && unit.adresse.is_none());
    let closed = mirror.production_unit(p("0000000018")).unwrap().unwrap();
    assert!(!closed.is_active() && closed.cvr.is_none());
    assert_eq!(mirror.production_unit(p("0000000019")).unwrap(), None);
}

#[test]
fn the_address_of_a_unit_comes_back_whole() {
    let world = World::new();
    let file = world.write(
        "cvr.csv",
        "pNummer,cvrNummer,navn,status,vejnavn,husnr,postnr,bynavn,etage,dør\n1,18,K,Aktiv,Skovvejen,12a,800,Høje Taastrup,1,th\n",
    );
    world.load(MirrorKind::Cvr, &file).unwrap();
    let unit = world
        .cvr()
        .production_unit(p("0000000001"))
        .unwrap()
        .unwrap();
    let at = unit.adresse.unwrap().to_string();
    assert_eq!(at, "Skovvejen 12A, 1. th, 0800 Høje Taastrup");
}

#[test]
fn an_address_is_found_however_it_is_written() {
    let world = World::new();
    let mirror = world.dar();
    for (street, house, post, n) in [
        ("Skovvejen", "12A", "8000", 1),
        ("  skovVEJEN ", "12a", "8000", 1),
        ("Skt. Knuds Vej", "3", "8000", 7),
        ("sct knuds  vej", "3", "8000", 7),
        ("Ørbækvej 100a", "100A", "5220", 11),
        ("ørbækvej", "100a", "5220", 11),
    ] {
        assert_eq!(
            found(&*mirror, parts(street, house, post)).id,
            Some(id(n)),
            "{street}"
        );
    }
    let one = found(&*mirror, parts("skovvejen", "12a", "8000"));
    assert_eq!(one.to_string(), "Skovvejen 12A, 8000 Aarhus C");
    assert_eq!(
        (one.vej_kode.as_str(), one.kommune_kode),
        ("0017", Kommunekode(751))
    );
    assert_eq!(one.geo_bredde.as_deref(), Some("56.1567891"));
    assert_eq!(one.geo_laengde.as_deref(), Some("10.2"));
    let by_id = mirror.query(&DarQuery::Id(id(1))).unwrap();
    assert_eq!(by_id, DarAnswer::Found(Box::new(one)));
    let negative = found(&*mirror, parts("Skovvejen", "14", "8000"));
    assert_eq!(negative.geo_laengde.as_deref(), Some("-0.05"));
    assert_eq!(negative.status, DarStatus::Preliminary);
    let whole = found(&*mirror, parts("Sankt Knuds Vej", "3", "8000"));
    assert_eq!(whole.geo_bredde.as_deref(), Some("56"));
    assert_eq!(
        mirror.query(&DarQuery::Id(id(99))).unwrap(),
        DarAnswer::Unknown
    );
}

#[test]
fn the_only_door_of_a_house_is_the_house_and_of_several_none_is_guessed() {
    let world = World::new();
    let mirror = world.dar();
    let only = found(&*mirror, parts("Skovvejen", "14", "8000"));
    assert_eq!((only.id, only.etage.as_deref()), (Some(id(2)), Some("st")));
    let house = found(&*mirror, parts("Skovvejen", "16", "8000"));
    assert_eq!((house.id, house.etage, house.doer), (None, None, None));
    let floor = |etage, doer, dawa_id| AddressParts {
        etage,
        doer,
        dawa_id,
        ..parts("Skovvejen", "16", "8000")
    };
    let first = found(&*mirror, floor(Some("1"), None, None));
    assert_eq!(
        (first.id, first.etage.as_deref(), first.doer),
        (None, Some("1"), None)
    );
    assert_eq!(
        found(&*mirror, floor(Some("1"), Some("TV"), None)).id,
        Some(id(4))
    );
    assert_eq!(
        found(&*mirror, floor(Some("2"), None, None)).id,
        Some(id(5))
    );
    let named = found(&*mirror, floor(None, None, Some(id(3))));
    assert_eq!((named.id, named.doer.as_deref()), (Some(id(3)), Some("th")));
    // An identifier of another house does not count, nor one of another floor.
    assert_eq!(found(&*mirror, floor(None, None, Some(id(1)))).id, None);
    assert_eq!(
        found(&*mirror, floor(Some("1"), None, Some(id(5)))).id,
        None
    );
    let none = mirror.query(&DarQuery::Parts(floor(Some("3"), None, None)));
    assert_eq!(none.unwrap(), DarAnswer::Unknown);
}

#[test]
fn closed_addresses_are_told_from_unknown_ones() {
    let world = World::new();
    let mirror = world.dar();
    for (house, n, status) in [("18", 6, DarStatus::Closed), ("20", 13, DarStatus::Shelved)] {
        for asked in [
            DarQuery::Parts(parts("Skovvejen", house, "8000")),
            DarQuery::Id(id(n)),
        ] {
            match mirror.query(&asked).unwrap() {
                DarAnswer::Closed(closed) => assert_eq!(closed.status, status),
                other => panic!("{asked:?}: {other:?}"),
            }
        }
    }
    for unknown in [
        parts("Skovvejen", "13", "8000"),
        parts("Skovvejen", "12A", "9000"),
        parts("Bogvejen", "1", "8000"),
        parts("Skovvejen", "hus", "8000"),
    ] {
        let answer = mirror.query(&DarQuery::Parts(unknown)).unwrap();
        assert_eq!(answer, DarAnswer::Unknown, "{unknown:?}");
    }
}

#[test]
fn streets_of_one_name_are_told_apart_by_what_is_given() {
    let world = World::new();
    let mirror = world.dar();
    let plain = parts("Kirkevej", "1", "4000");
    let by = |parts: AddressParts<'_>| found(&*mirror, parts).id;
    assert_eq!(
        by(AddressParts {
            vej_kode: Some("0102"),
            ..plain
        }),
        Some(id(9))
    );
    assert_eq!(
        by(AddressParts {
            kommune_kode: Some(Kommunekode(350)),
            ..plain
        }),
        Some(id(10))
    );
    assert_eq!(
        by(AddressParts {
            supplerende_bynavn: Some("NORD"),
            ..plain
        }),
        Some(id(8))
    );
    assert_eq!(
        by(AddressParts {
            dawa_id: Some(id(9)),
            ..plain
        }),
        Some(id(9))
    );
    // The one without a supplementary town is meant where none is given.
    assert_eq!(by(plain), Some(id(10)));
    let both = AddressParts {
        kommune_kode: Some(Kommunekode(265)),
        ..plain
    };
    let answer = mirror.query(&DarQuery::Parts(both)).unwrap();
    assert!(matches!(answer, DarAnswer::Ambiguous(_)), "{answer:?}");
}

#[test]
fn suggestions_are_the_likeliest_and_few() {
    let world = World::new();
    let mirror = world.dar();
    let of = |parts: AddressParts<'_>| {
        let all = mirror.suggestions(&parts).unwrap();
        assert!(all.len() <= MOST_SUGGESTIONS);
        all.join("; ")
    };
    // Neighbours, and no closed ones.
    assert_eq!(
        of(parts("Skovvejen", "13", "8000")),
        "Skovvejen 12A, 8000 Aarhus C; Skovvejen 14, 8000 Aarhus C; Skovvejen 16, 8000 Aarhus C"
    );
    // A name that is nearly right, with and without the house.
    assert_eq!(
        of(parts("Skovejen", "14", "8000")),
        "Skovvejen 14, 8000 Aarhus C"
    );
    assert_eq!(of(parts("Skovejen", "77", "8000")), "Skovvejen, 8000");
    // The right street in the wrong postal district.
    assert_eq!(
        of(parts("Ørbækvej 100A", "100A", "5000")),
        "Ørbækvej 100A, 5220 Odense SØ"
    );
    // The right house, the wrong door.
    let door = AddressParts {
        etage: Some("3"),
        ..parts("Skovvejen", "16", "8000")
    };
    assert_eq!(
        of(door),
        "Skovvejen 16, 1. th, 8000 Aarhus C; Skovvejen 16, 1. tv, 8000 Aarhus C; Skovvejen 16, 2., 8000 Aarhus C"
    );
    assert_eq!(of(parts("Helt ukendt", "1", "8000")), "");
    assert_eq!(of(parts("Skovvejen", "hus", "8000")), "");
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
