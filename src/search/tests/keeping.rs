//! The index follows the register, and is made anew when it is lost.

use super::*;

#[test]
fn changes_are_followed() {
    let (world, [aarhus, odense, sol, _, skov, west]) = filled();
    world.current();
    // A new name.
    world.update(
        sol,
        unit(
            aarhus,
            "Rumraketten",
            6013,
            "1000000001",
            adresse("Bøgeskrænten", "4B", "8270", "Højbjerg"),
        ),
    );
    assert_eq!(world.numbers("solstrålen"), []);
    assert_eq!(world.numbers("rumraket"), [sol]);
    // The place under it is of its type too.
    let of_type = |inst_type| Asked {
        inst_type: Some(inst_type),
        ..words_of("skovgruppen")
    };
    assert_eq!(numbers(&world.find(of_type(6013))), [skov]);
    assert_eq!(numbers(&world.find(of_type(6012))), []);
    // A move: with all under it, to the kommune and ownership of what it stands under now.
    let mut record = world.record(sol);
    Arc::make_mut(&mut record.content).set_parent(odense);
    world.change(Handling::Flyttet, record);
    assert_eq!(world.numbers("odense rumraketten"), [sol]);
    let hit = world.find(words_of("skovgruppen")).hits.remove(0);
    assert_eq!(
        (hit.kommune, hit.ejerform),
        (Some(Kommunekode(461)), Some(2))
    );
    // A daginstitution of another kommune takes all under it along.
    world.update(odense, top("Klyngen Vest", 101, 3));
    assert_eq!(world.numbers("odense rumraketten"), []);
    assert_eq!(world.numbers("københavn solsikken"), [west]);
    assert_eq!(world.numbers("kobenhavn skovgruppen"), [skov]);
    // A closing, with what takes its place.
    world.close(skov, &[sol]);
    assert_eq!(world.numbers("skovgruppen"), [skov]);
    let hit = world.find(words_of("skovgruppen")).hits.remove(0);
    assert_eq!(
        (hit.open, &hit.successors[..]),
        (false, &[(sol, Some("Rumraketten".to_owned()))][..])
    );
}

#[test]
fn a_file_that_is_lost_or_damaged_is_made_anew() {
    let (mut world, [_, _, sol, ..]) = filled();
    assert_eq!(world.numbers("solstrålen"), [sol]);
    let file = path(&world.register);
    // Removed while it is used; and what is searched meanwhile is answered.
    std::fs::remove_file(&file).unwrap();
    world.until(|_| file.exists());
    assert_eq!(world.numbers("solstrålen"), [sol]);
    // Kept by another start as it is.
    let made = std::fs::metadata(&file).unwrap().modified().unwrap();
    world.restart();
    assert_eq!(world.numbers("solstrålen"), [sol]);
    assert_eq!(std::fs::metadata(&file).unwrap().modified().unwrap(), made);
    // Damaged in its beginning, in its middle, or no index at all.
    let whole = std::fs::read(&file).unwrap();
    let mut middle = whole.clone();
    for byte in &mut middle[4096..whole.len() - 100] {
        *byte ^= 0x5a;
    }
    for bad in [
        b"no database".repeat(1000),
        middle,
        whole[..whole.len() / 2].to_vec(),
        Vec::new(),
    ] {
        world.feeder = None;
        std::fs::write(&file, bad).unwrap();
        world.restart();
        assert_eq!(world.numbers("solstrålen"), [sol]);
    }
    drop(world.scratch);
}

#[test]
fn a_restored_register_is_indexed_anew() {
    let (mut world, [aarhus, ..]) = filled();
    world.current();
    let copy = world.scratch.path().join("kopi.db");
    world.store.backup(&copy, &mut |_| {}).unwrap();
    world.update(aarhus, top("Efter kopien", 751, 1));
    assert_eq!(world.numbers("kopien"), [aarhus]);
    world.feeder = None;
    let World {
        search,
        store,
        register,
        scratch,
        ..
    } = world;
    drop((search, store));
    let by = RestoredBy {
        identitet: "test".to_owned(),
        korrelations_id: uuid::Uuid::nil(),
    };
    restore(
        &copy,
        &register,
        &Options::default(),
        None,
        &by,
        &mut |_| {},
    )
    .unwrap();
    let store = open(&register);
    let (search, feeder) = start(&store, &register);
    let world = World {
        feeder: Some(feeder),
        search,
        store,
        register,
        scratch,
    };
    assert_eq!(world.numbers("kopien"), []);
    assert_eq!(world.numbers("søndergård"), [aarhus]);
}

#[test]
fn one_process_keeps_the_file_and_others_read_beside_it() {
    let (world, [_, _, sol, ..]) = filled();
    world.current();
    let (other, feeder) = start(&world.store, &world.register);
    world.until(|_| matches!(other.state(), State::Failed { .. }));
    assert_eq!(other.find(&words_of("sol")), Err(NotReady::Failed));
    drop(feeder);
    let store: Arc<dyn Store> = Arc::clone(&world.store) as _;
    let beside = Search::beside(&path(&world.register), &tables(), &store).unwrap();
    assert_eq!(
        numbers(&beside.find(&words_of("solstrålen")).unwrap()),
        [sol]
    );
    let in_memory = Search::in_memory(&tables(), &store).unwrap();
    let all = Asked {
        niveau: Some(Niveau::Anvisningsenhed),
        ..Asked::default()
    };
    assert_eq!(in_memory.find(&all), world.search.find(&all));
    let nowhere = world.scratch.path().join("ingen.db");
    assert!(Search::beside(&nowhere, &tables(), &store).is_none());
    assert!(!nowhere.exists());
}

#[test]
fn what_cant_be_kept_is_a_state_and_no_search() {
    let scratch = Scratch::new();
    let register = scratch.path().join("register.db");
    let store = open(&register);
    let at: Arc<dyn Store> = Arc::clone(&store) as _;
    let (search, _feeder) =
        Search::start(&scratch.path().join("findes/ikke/soeg.db"), &tables(), &at);
    while !matches!(search.state(), State::Failed { .. }) {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(search.find(&words_of("sol")), Err(NotReady::Failed));
    // The register does not notice.
    assert!(store.read(|view| view.position()).is_ok());
}

#[test]
fn other_names_of_kommuner_make_it_anew() {
    let (mut world, [_, odense, _, _, _, west]) = filled();
    assert_eq!(world.numbers("odense").len(), 2);
    let mut tables = tables();
    for row in tables.kommune.koder.values_mut() {
        row.tekst = format!("Ny {}", row.tekst);
    }
    world.restart_with(&tables);
    assert_eq!(world.numbers("ny odense"), [odense, west]);
}

#[test]
fn an_index_without_room_stays_where_it_was_until_there_is_some() {
    let (mut world, [aarhus, ..]) = filled();
    world.current();
    world.feeder = None;
    let file = path(&world.register);
    // What a full disk does to SQLite: no page more.
    let mut conn = index::writable(&file).unwrap();
    let pages: i64 = conn
        .query_row("PRAGMA page_count", [], |row| row.get(0))
        .unwrap();
    conn.pragma_update(None, "max_page_count", pages).unwrap();
    let long = |nth: u32| format!("{nth} {}", "langt ".repeat(300));
    let names = Names::of(&tables());
    let before = index::standing(&conn, &names).unwrap().unwrap();
    let changes: Vec<_> = (0..40)
        .map(|nth| {
            world.update(aarhus, top(&long(nth), 751, 1));
            world.insert(top(&long(nth), 751, 1))
        })
        .collect();
    assert_eq!(changes.len(), 40);
    let told = world
        .store
        .read(|view| view.aendringer(before.sekvens, 100))
        .unwrap();
    let after = Standing {
        sekvens: told.last().unwrap().sekvens,
        ..before
    };
    let full = index::apply(&mut conn, &names, &told, after).unwrap_err();
    assert_eq!(
        full.sqlite_error_code(),
        Some(rusqlite::ErrorCode::DiskFull)
    );
    assert!(!is_damage(&full));
    assert_eq!(index::standing(&conn, &names).unwrap(), Some(before));
    drop(conn);
    // With room again it goes on from there.
    world.restart();
    assert_eq!(world.numbers("langt").len(), HITS);
}
