//! Where a record counts: the cell of the map that it lies in, and the year of a moment.

use crate::register::{Adresse, Dato, Tidspunkt};

/// Cells in a degree of latitude; a degree of longitude is so much narrower in Denmark.
const CELLS: f64 = 480.0;
const NARROWER: f64 = 0.56;
/// The corner in the north-west, in degrees.
const NORTH: f64 = 57.9;
const WEST: f64 = 7.9;
/// One more than the largest x and y.
pub(super) const SIDE: u32 = 4096;

/// The cell of an address, where it has coordinates within the country.
pub(super) fn of(address: &Adresse) -> Option<u32> {
    let number = |text: &Option<String>| text.as_deref()?.parse::<f64>().ok();
    let (north, east) = (number(&address.geo_bredde)?, number(&address.geo_laengde)?);
    let (x, y) = ((east - WEST) * CELLS * NARROWER, (NORTH - north) * CELLS);
    let inside = |at: f64| (0.0..f64::from(SIDE)).contains(&at).then_some(at as u32);
    Some(inside(y)? * SIDE + inside(x)?)
}

/// The Danish year of a moment.
pub(super) fn year(at: Tidspunkt) -> Option<i32> {
    Dato::dansk(at)?.to_string().split('-').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_a_place_within_the_country() {
        let at = |north: &str, east: &str| {
            of(&Adresse {
                geo_bredde: Some(north.into()),
                geo_laengde: Some(east.into()),
                ..Adresse::default()
            })
        };
        let (aarhus, ebeltoft) = (at("56.16", "10.20").unwrap(), at("56.20", "10.68").unwrap());
        assert!(ebeltoft % SIDE > aarhus % SIDE, "further east");
        assert!(ebeltoft / SIDE < aarhus / SIDE, "further north");
        for none in [
            ("58.1", "10"),
            ("40", "10"),
            ("56", "30"),
            ("x", "10"),
            ("NaN", "10"),
        ] {
            assert_eq!(at(none.0, none.1), None, "{none:?}");
        }
        assert_eq!(of(&Adresse::default()), None);
    }
}
