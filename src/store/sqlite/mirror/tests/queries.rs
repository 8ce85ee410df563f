//! What is asked of a mirror: units, addresses, suggestions.

use super::*;
use crate::mirror::{DarAnswer, DarQuery, DarStatus, MOST_SUGGESTIONS};
use crate::register::Kommunekode;

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
