//! The high-water mark: a small file beside the database that names a number no record has gone beyond.
//!
//! It is on disk before a number beyond the old mark is committed, and a restore leaves it alone. So numbers that were
//! issued after the backup was taken are never issued again.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::disk::replace;
use super::error::io;
use super::numbers::{Numbering, RESERVE};
use crate::files;
use crate::register::Institutionsnummer;
use crate::store::{Result, StoreError};

/// More than the file ever holds, in bytes.
const LARGEST: u64 = 4096;

/// The mark's file, and what it is known to say.
#[derive(Debug)]
pub(super) struct HighWater {
    path: PathBuf,
    known: Option<Institutionsnummer>,
}

impl HighWater {
    /// The mark that belongs to a database.
    pub(super) fn of(database: &Path) -> Self {
        Self {
            path: database.with_extension("hoejvande"),
            known: None,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the mark; none when the file is lost.
    pub(super) fn read(&self) -> Result<Option<Institutionsnummer>> {
        match files::read_text(&self.path, LARGEST) {
            Ok(text) => Institutionsnummer::parse(text.trim_end())
                .map(Some)
                .map_err(|_| {
                    StoreError::Corrupt(format!(
                        "{} does not name an institution number",
                        self.path.display()
                    ))
                }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(io("read", &self.path, &error)),
        }
    }

    /// Makes the mark cover a counter that is about to be committed. To be called inside the write transaction, which
    /// keeps other processes from raising the mark at the same time.
    pub(super) fn cover(
        &mut self,
        counter: Institutionsnummer,
        numbering: &Numbering,
    ) -> Result<()> {
        if self.known.is_some_and(|known| counter <= known) {
            return Ok(());
        }
        self.known = self.read()?;
        if self.known.is_none_or(|known| counter > known) {
            self.write(numbering.ahead(counter, RESERVE)?)?;
        }
        Ok(())
    }

    /// Proves that the mark can be written, by writing what it says.
    pub(super) fn prove(&mut self) -> Result<()> {
        match self.read()? {
            Some(mark) => self.write(mark),
            None => Ok(()),
        }
    }

    /// Sets the mark, on disk.
    pub(super) fn write(&mut self, mark: Institutionsnummer) -> Result<()> {
        replace(&self.path, format!("{mark}\n").as_bytes())
            .map_err(|error| io("write", &self.path, &error))?;
        self.known = Some(mark);
        Ok(())
    }
}
