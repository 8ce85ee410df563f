//! The country as a grid of tiles, one for each kommune, about where it lies. No geometry of anybody is in it: the places were
//! reckoned from the towns' coordinates, with more room around the capital.

/// Row, column and kommunekode of each tile, by rows.
pub(super) const TILES: [(u8, u8, u16); 98] = [
    (0, 5, 860),
    (0, 7, 813),
    (1, 4, 849),
    (1, 5, 810),
    (1, 8, 825),
    (2, 1, 787),
    (2, 5, 851),
    (3, 2, 773),
    (3, 4, 820),
    (3, 5, 840),
    (4, 0, 665),
    (4, 1, 671),
    (4, 2, 779),
    (4, 5, 846),
    (5, 1, 661),
    (5, 3, 791),
    (5, 5, 730),
    (5, 7, 707),
    (5, 12, 270),
    (6, 2, 657),
    (6, 3, 756),
    (6, 4, 740),
    (6, 5, 710),
    (6, 6, 751),
    (6, 7, 706),
    (6, 10, 260),
    (6, 11, 219),
    (6, 12, 210),
    (6, 13, 223),
    (6, 14, 217),
    (7, 0, 760),
    (7, 5, 746),
    (7, 6, 727),
    (7, 9, 306),
    (7, 10, 250),
    (7, 11, 190),
    (7, 12, 201),
    (7, 13, 230),
    (7, 14, 173),
    (8, 2, 530),
    (8, 3, 630),
    (8, 4, 766),
    (8, 5, 615),
    (8, 7, 741),
    (8, 9, 316),
    (8, 10, 240),
    (8, 11, 151),
    (8, 12, 161),
    (8, 13, 163),
    (8, 14, 159),
    (8, 15, 157),
    (9, 0, 561),
    (9, 1, 573),
    (9, 3, 621),
    (9, 4, 607),
    (9, 5, 480),
    (9, 7, 440),
    (9, 8, 326),
    (9, 9, 350),
    (9, 10, 265),
    (9, 11, 169),
    (9, 12, 165),
    (9, 13, 175),
    (9, 14, 147),
    (9, 15, 101),
    (10, 0, 563),
    (10, 2, 575),
    (10, 4, 410),
    (10, 6, 461),
    (10, 7, 450),
    (10, 8, 330),
    (10, 9, 340),
    (10, 10, 269),
    (10, 11, 253),
    (10, 12, 187),
    (10, 13, 153),
    (10, 14, 185),
    (10, 15, 155),
    (11, 4, 510),
    (11, 5, 420),
    (11, 6, 430),
    (11, 7, 479),
    (11, 9, 329),
    (11, 10, 370),
    (11, 11, 259),
    (11, 12, 183),
    (11, 13, 167),
    (11, 16, 400),
    (12, 2, 550),
    (12, 3, 580),
    (12, 4, 540),
    (12, 6, 492),
    (12, 7, 482),
    (12, 10, 390),
    (12, 11, 320),
    (12, 12, 336),
    (13, 9, 360),
    (13, 11, 376),
];

/// How many columns and rows there are.
pub(super) const COLUMNS: u8 = 17;
pub(super) const ROWS: u8 = 14;

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_kommune_has_one_tile_of_its_own() {
        let (_, tables) = crate::app::rules(&crate::config::Config::default(), "", "").unwrap();
        let codes: BTreeSet<_> = TILES.iter().map(|(.., code)| i32::from(*code)).collect();
        // 411, Christiansø, is no kommune.
        let known = tables
            .kommune
            .koder
            .keys()
            .copied()
            .filter(|code| *code != 411);
        assert_eq!(codes, known.collect());
        let places: BTreeSet<_> = TILES.iter().map(|(row, column, _)| (row, column)).collect();
        assert_eq!(places.len(), TILES.len());
        assert!(
            TILES
                .iter()
                .all(|(row, column, _)| *row < ROWS && *column < COLUMNS)
        );
    }
}
