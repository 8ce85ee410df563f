//! Institution numbers: in order, around what is taken, never twice.

use super::*;

fn issue(store: &SqliteStore) -> Result<String> {
    let written = store.write_blocking(|tx| insert_next(tx).map(Outcome::Keep))?;
    Ok(written.record.nummer.to_string())
}

fn numbered(floor: u32, format: Format) -> Options {
    Options {
        numbers: Numbering { floor, format },
        ..Options::default()
    }
}

fn left(store: &SqliteStore) -> u64 {
    store.read(|view| view.numbers_left()).unwrap()
}

#[test]
fn numbers_follow_each_other_around_those_a_first_load_kept() {
    let folder = Folder::new();
    let store = folder.open();
    assert_eq!(left(&store), 69_999);
    write(
        &store,
        ["G30002", "G30003", "G3A000", "101001"]
            .map(|number| change(Handling::Oprettet, daginstitution(number, "x", 751)))
            .into_iter()
            .collect(),
    );
    assert_eq!(left(&store), 69_997);
    assert_eq!(issue(&store).unwrap(), "G30001");
    assert_eq!(issue(&store).unwrap(), "G30004");
    assert_eq!(left(&store), 69_995);
}

#[test]
fn a_number_that_nobody_was_given_is_given_to_the_next() {
    let folder = Folder::new();
    let store = folder.open();
    store
        .write_blocking(|tx| {
            insert_next(tx)?;
            Ok(Outcome::Undo((), None))
        })
        .unwrap();
    assert_eq!(issue(&store).unwrap(), "G30001");
    store.close();
    assert_eq!(issue(&folder.open()).unwrap(), "G30002");
}

#[test]
fn a_closed_record_keeps_its_number() {
    let folder = Folder::new();
    let store = folder.open();
    let nummer = issue(&store).unwrap();
    write(
        &store,
        vec![change(Handling::Nedlagt, daginstitution(&nummer, "x", 751))],
    );
    assert_eq!(issue(&store).unwrap(), "G30002");
}

#[test]
fn the_end_of_the_series_is_an_error_of_its_own() {
    let folder = Folder::new();
    let store = folder.open_with(numbered(99_997, Format::Decimal));
    assert_eq!(left(&store), 2);
    assert_eq!(issue(&store).unwrap(), "G99998");
    assert_eq!(issue(&store).unwrap(), "G99999");
    assert!(matches!(issue(&store), Err(StoreError::NumbersExhausted)));
    assert_eq!((left(&store), last(&store)), (0, Sekvens(2)));
}

#[test]
fn base36_goes_on_where_decimal_ends_and_not_back() {
    let folder = Folder::new();
    let store = folder.open_with(numbered(99_998, Format::Decimal));
    assert_eq!(issue(&store).unwrap(), "G99999");
    store.close();
    let store = folder.open_with(numbered(99_998, Format::Base36));
    assert_eq!(issue(&store).unwrap(), "G9999A");
    let place = |text| u64::from_str_radix(text, 36).unwrap();
    assert_eq!(left(&store), place("ZZZZZ") - place("9999A"));
    store.close();
    let back = SqliteStore::open(&folder.db(), numbered(99_998, Format::Decimal));
    let Err(StoreError::Corrupt(why)) = back else {
        panic!()
    };
    assert!(why.contains("G9999A"), "{why}");
}

#[test]
fn a_raised_floor_is_kept_to_and_a_lowered_one_is_not_gone_back_to() {
    let folder = Folder::new();
    assert_eq!(
        issue(&folder.open_with(numbered(40_000, Format::Decimal))).unwrap(),
        "G40001"
    );
    assert_eq!(
        issue(&folder.open_with(numbered(50_000, Format::Decimal))).unwrap(),
        "G50001"
    );
    assert_eq!(issue(&folder.open()).unwrap(), "G50002");
    assert!(SqliteStore::open(&folder.db(), numbered(100_000, Format::Decimal)).is_err());
}

#[test]
fn the_mark_is_kept_ahead_of_the_counter() {
    let folder = Folder::new();
    let store = folder.open();
    let mark = || std::fs::read_to_string(folder.file("register.hoejvande")).unwrap();
    issue(&store).unwrap();
    assert_eq!(mark(), "G31001\n");
    store
        .write_blocking(|tx| {
            for _ in 0..1000 {
                tx.issue_number()?;
            }
            Ok(Outcome::Keep(()))
        })
        .unwrap();
    assert_eq!(mark(), "G31001\n");
    assert_eq!(issue(&store).unwrap(), "G31002");
    assert_eq!(mark(), "G32002\n");
}
