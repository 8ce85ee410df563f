//! SQLite's errors in the store's own terms.

use std::io::ErrorKind;
use std::path::Path;

use rusqlite::ErrorCode;

use crate::store::StoreError;

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error as Sql;
        match (error.sqlite_error_code(), &error) {
            // Another process held the write lock for longer than the busy timeout; or a view had to end (`gate`).
            (
                Some(
                    ErrorCode::DatabaseBusy
                    | ErrorCode::DatabaseLocked
                    | ErrorCode::OperationInterrupted,
                ),
                _,
            ) => Self::Busy,
            (Some(ErrorCode::DiskFull), _) => Self::Full(error.to_string()),
            (Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase), _)
            | (
                None,
                Sql::FromSqlConversionFailure(..)
                | Sql::InvalidColumnType(..)
                | Sql::IntegralValueOutOfRange(..)
                | Sql::Utf8Error(..),
            ) => Self::Corrupt(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}

/// What went wrong with a file, named.
pub(super) fn io(what: &str, path: &Path, error: &std::io::Error) -> StoreError {
    let told = format!("cannot {what} {}: {error}", path.display());
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full(told),
        _ => StoreError::Failed(told),
    }
}
