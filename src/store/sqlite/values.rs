//! The domain's values as columns. A value that is not of its shape makes the row unreadable, never a wrong record.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::register::{
    Cvr, Dato, Institutionsnummer, Kommunekode, Lukkeaarsag, Niveau, PNummer, Sekvens, Tidspunkt,
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

impl FromSql for Tidspunkt {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Self::from_millis)
    }
}

impl ToSql for Tidspunkt {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.millis().into())
    }
}

impl FromSql for Kommunekode {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        u16::column_result(value).map(Self)
    }
}

impl ToSql for Kommunekode {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.into())
    }
}

/// A count as SQLite's only integer, which is signed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Count(pub(super) u64);

impl FromSql for Count {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let number = value.as_i64()?;
        u64::try_from(number)
            .map(Self)
            .map_err(|_| FromSqlError::OutOfRange(number))
    }
}

impl ToSql for Count {
    /// A count that no row can have stands as the largest that one can.
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(i64::try_from(self.0).unwrap_or(i64::MAX).into())
    }
}

impl FromSql for Sekvens {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Count::column_result(value).map(|count| Self(count.0))
    }
}

impl ToSql for Sekvens {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(i64::try_from(self.0).unwrap_or(i64::MAX).into())
    }
}

impl FromSql for Niveau {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_i64()? {
            1 => Ok(Self::Daginstitution),
            2 => Ok(Self::Anvisningsenhed),
            3 => Ok(Self::AlternativAdresse),
            other => Err(FromSqlError::OutOfRange(other)),
        }
    }
}

impl ToSql for Niveau {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let level: i64 = match self {
            Self::Daginstitution => 1,
            Self::Anvisningsenhed => 2,
            Self::AlternativAdresse => 3,
        };
        Ok(level.into())
    }
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
