//! The series of institution numbers (kontrakt §6): which comes next, and how many are left.
//!
//! The counter and the high-water mark are numbers themselves. In both formats the order of the numbers is the order
//! of their texts, since digits sort before letters.

use rusqlite::Connection;

use super::query::first;
use crate::register::Institutionsnummer;
use crate::store::{Result, StoreError};

/// How far ahead of the counter the high-water mark is kept: as many numbers are at most lost by a restore.
pub(super) const RESERVE: u32 = 1000;

/// The characters after the `G`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Five digits: the register's own numbers.
    #[default]
    Decimal,
    /// Five of `0-9A-Z`, for load tests that need more than 100,000 numbers.
    Base36,
}

impl Format {
    const fn base(self) -> u32 {
        match self {
            Self::Decimal => 10,
            Self::Base36 => 36,
        }
    }

    /// The place of the last number in the series.
    const fn last(self) -> u32 {
        self.base().pow(5) - 1
    }
}

/// How institution numbers are issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbering {
    /// Five digits, 0 to 99999: numbers are issued from the one after `G` and these.
    pub floor: u32,
    /// The format of the numbers.
    pub format: Format,
}

impl Default for Numbering {
    /// `G30001` and on.
    fn default() -> Self {
        Self {
            floor: 30_000,
            format: Format::Decimal,
        }
    }
}

impl Numbering {
    /// Checks that the floor is five digits.
    pub(super) fn floor(&self) -> Result<Institutionsnummer> {
        Institutionsnummer::parse(&format!("G{:05}", self.floor)).map_err(|_| {
            StoreError::Failed(format!(
                "the floor of the institution numbers is 0 to 99999, not {}",
                self.floor
            ))
        })
    }

    /// The place of a number in the series.
    pub(super) fn place(&self, number: Institutionsnummer) -> Result<u32> {
        number
            .as_str()
            .strip_prefix('G')
            .and_then(|rest| u32::from_str_radix(rest, self.format.base()).ok())
            .ok_or_else(|| {
                StoreError::Corrupt(format!(
                    "the counter of institution numbers stands at {number}, which is no {:?} number: \
                     the register was filled with another nummer.format",
                    self.format
                ))
            })
    }

    /// The number at a place of the series.
    pub(super) fn number(&self, place: u32) -> Result<Institutionsnummer> {
        const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        if place > self.format.last() {
            return Err(StoreError::NumbersExhausted);
        }
        let base = self.format.base();
        let text: String = (0..5)
            .rev()
            .map(|power| place / base.pow(power) % base)
            .map(|digit| char::from(DIGITS[digit as usize]))
            .collect();
        Institutionsnummer::parse(&format!("G{text}"))
            .map_err(|error| StoreError::Corrupt(error.to_string()))
    }

    /// The number `ahead` places after this one, or the last of the series.
    pub(super) fn ahead(&self, from: Institutionsnummer, ahead: u32) -> Result<Institutionsnummer> {
        self.number((self.place(from)? + ahead).min(self.format.last()))
    }

    /// The lowest number above the counter that no record has.
    pub(super) fn next(
        &self,
        conn: &Connection,
        counter: Institutionsnummer,
    ) -> Result<Institutionsnummer> {
        let mut place = self.place(counter)?;
        loop {
            place += 1;
            let number = self.number(place)?;
            let sql = "SELECT 1 FROM post WHERE nummer = ?1";
            if first(conn, sql, [number], |_| Ok(()))?.is_none() {
                return Ok(number);
            }
        }
    }

    /// The last number issued, or the floor where that is higher.
    pub(super) fn counter(&self, conn: &Connection) -> Result<Institutionsnummer> {
        let sql = "SELECT taeller FROM tilstand WHERE id = 1";
        let stored = first(conn, sql, [], |row| row.get::<_, Option<_>>(0))?.flatten();
        let floor = self.floor()?;
        Ok(stored.map_or(floor, |counter| floor.max(counter)))
    }

    /// How many numbers can still be issued.
    pub(super) fn left(&self, conn: &Connection) -> Result<u64> {
        let counter = self.counter(conn)?;
        let mut left = u64::from(self.format.last() - self.place(counter)?);
        let last = self.number(self.format.last())?;
        let mut taken =
            conn.prepare_cached("SELECT nummer FROM post WHERE nummer > ?1 AND nummer <= ?2")?;
        let mut rows = taken.query([counter, last])?;
        while let Some(row) = rows.next()? {
            // A number of the other format lies between two of ours and takes nothing away.
            left -= u64::from(self.place(row.get(0)?).is_ok());
        }
        Ok(left)
    }
}
