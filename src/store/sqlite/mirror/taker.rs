//! What puts the records of an extract into the gathering: one for each mirror.

use rusqlite::Connection;

/// Puts a record of an extract into the gathering.
pub(super) trait Taker {
    /// Why the record is rejected, if it is.
    fn take(&mut self, conn: &Connection, bytes: &[u8]) -> rusqlite::Result<Option<String>>;
}
