//! The heartbeat: a small file beside the register that says when it was last in use with a clock that was believed.
//!
//! It belongs to one file: a register that was copied or restored has none yet, and is not judged by another's.

use std::path::{Path, PathBuf};

use super::disk::replace;
use super::error::io;
use super::filer::identity;
use crate::register::Tidspunkt;
use crate::store::Result;

fn file(database: &Path) -> PathBuf {
    database.with_extension("ur")
}

/// When the register in a file was last in use; none when it has no heartbeat of its own that can be read.
pub fn heartbeat(database: &Path) -> Option<Tidspunkt> {
    let text = std::fs::read_to_string(file(database)).ok()?;
    let (at, inode) = text.trim_end().split_once(' ')?;
    let (_, own) = identity(database).ok()?;
    (inode.parse() == Ok(own))
        .then(|| Tidspunkt::parse(at).ok())
        .flatten()
}

/// Says that the register is in use now.
///
/// # Errors
/// [`StoreError`](crate::store::StoreError), when the file can't be written.
pub fn beat(database: &Path, now: Tidspunkt) -> Result<()> {
    let file = file(database);
    let written = identity(database)
        .and_then(|(_, inode)| replace(&file, format!("{now} {inode}\n").as_bytes()));
    written.map_err(|error| io("write", &file, &error))
}
