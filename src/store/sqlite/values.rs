//! The domain's values as columns. A value that is not of its shape makes the row unreadable, never a wrong record.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::register::{
    Cvr, Dato, Institutionsnummer, Kommunekode, Lukkeaarsag, Niveau, PNummer, Pseudonym, Sekvens,
    Standing, Tidspunkt,
};
use crate::store::{Handling, OrgKind};

/// Text columns that a domain type parses and shows.
macro_rules! text {
    ($($name:ident: $parse:expr;)*) => {$(
        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                let parse: fn(&str) -> Option<Self> = $parse;
                parse(value.as_str()?).ok_or(FromSqlError::InvalidType)
            }
        }

        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.as_str().into())
            }
        }
    )*};
}

text! {
    Cvr: |text| Self::parse(text).ok();
    PNummer: |text| Self::parse(text).ok();
    Institutionsnummer: |text| Self::parse(text).ok();
    Handling: |text| Self::parse(text);
    Lukkeaarsag: |text| Self::parse(text);
    OrgKind: |text| Self::parse(text);
    Standing: |text| Self::parse(text);
    Pseudonym: |text| Self::parse(text);
}

impl FromSql for Dato {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::parse(value.as_str()?).map_err(FromSqlError::other)
    }
}

impl ToSql for Dato {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.to_string().into())
    }
}

/// Integer columns: what a domain type is made of one, and what it is as one.
macro_rules! integer {
    ($($name:ident: $from:expr, $to:expr;)*) => {$(
        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                let from: fn(i64) -> Option<Self> = $from;
                let number = value.as_i64()?;
                from(number).ok_or(FromSqlError::OutOfRange(number))
            }
        }

        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                let to: fn(&Self) -> i64 = $to;
                Ok(to(self).into())
            }
        }
    )*};
}

/// A count as SQLite's only integer, which is signed. One that no row can have stands as the largest that one can.
#[derive(Debug, Clone, Copy)]
pub(super) struct Count(pub(super) u64);

integer! {
    Tidspunkt: |number| Some(Self::from_millis(number)), |at| at.millis();
    Kommunekode: |number| u16::try_from(number).ok().map(Self), |kommune| kommune.0.into();
    Count: |number| u64::try_from(number).ok().map(Self), |count| i64::try_from(count.0).unwrap_or(i64::MAX);
    Sekvens: |number| u64::try_from(number).ok().map(Self), |place| i64::try_from(place.0).unwrap_or(i64::MAX);
    Niveau: |number| Self::ALL.into_iter().find(|level| *level as i64 + 1 == number), |level| *level as i64 + 1;
}

/// Numbers in one column, separated by a space; NULL for none.
#[derive(Debug, Default)]
pub(super) struct Numre(pub(super) Vec<Institutionsnummer>);

impl FromSql for Numre {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let Some(text) = value.as_str_or_null()? else {
            return Ok(Self::default());
        };
        text.split(' ')
            .map(Institutionsnummer::parse)
            .collect::<std::result::Result<_, _>>()
            .map(Self)
            .map_err(FromSqlError::other)
    }
}

/// [`Numre`] for writing.
pub(super) fn numre(list: &[Institutionsnummer]) -> Option<String> {
    let texts: Vec<&str> = list.iter().map(Institutionsnummer::as_str).collect();
    (!texts.is_empty()).then(|| texts.join(" "))
}
