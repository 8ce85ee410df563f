//! A copy in a folder: a file for each record, `G30001.xml`, and `stand.json`, which is written last.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Change, Progress, Record, Replica, ReplicaError};
use crate::audit::Hash;
use crate::files;

/// The file that tells where the copy stands.
const STATE: &str = "stand.json";
/// Written before a copy is begun anew, and removed with its end: until then the files are of two states.
const ANEW: &str = "forfra";

/// A folder with a copy.
#[derive(Debug)]
pub struct Folder(PathBuf);

#[derive(Serialize, Deserialize)]
struct State {
    epoke: String,
    sekvens: u64,
    #[serde(rename = "kaede")]
    digest: String,
}

impl Folder {
    /// The copy in a folder, which is made when it is not there.
    ///
    /// # Errors
    /// [`ReplicaError`].
    pub fn open(folder: &Path) -> Result<Self, ReplicaError> {
        fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
        Ok(Self(folder.to_owned()))
    }

    /// Writes a file whole or not at all; its bytes are on disk then, its name once the folder is.
    fn put(&self, name: &str, text: &str) -> Result<(), ReplicaError> {
        let to = self.0.join(name);
        files::replace(&to, ".ny", text.as_bytes()).map_err(|error| failed(&to, &error))
    }

    fn put_record(&self, record: &Record) -> Result<(), ReplicaError> {
        // A number is of letters and digits; anything else would be a path of somebody's own choosing.
        if !record
            .nummer
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric())
            || record.nummer.is_empty()
        {
            return Err(ReplicaError {
                at: self.0.display().to_string(),
                why: format!("{:?} is no number of a record", record.nummer),
            });
        }
        self.put(&format!("{}.xml", record.nummer), &record.xml)
    }

    /// Puts the folder on disk.
    fn sync(&self) -> Result<(), ReplicaError> {
        let synced = File::open(&self.0).and_then(|folder| folder.sync_all());
        synced.map_err(|error| failed(&self.0, &error))
    }

    /// Tells where the copy stands, once everything that it says is on disk.
    fn put_progress(&self, progress: &Progress) -> Result<(), ReplicaError> {
        self.sync()?;
        let state = State {
            epoke: progress.epoke.clone(),
            sekvens: progress.sekvens,
            digest: progress.digest.to_string(),
        };
        let text = serde_json::to_string_pretty(&state).map_err(|error| ReplicaError {
            at: STATE.to_owned(),
            why: error.to_string(),
        })?;
        self.put(STATE, &text)?;
        self.sync()
    }

    /// Removes a file if it is there.
    fn remove(&self, name: &Path) -> Result<(), ReplicaError> {
        match fs::remove_file(name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(name, &error)),
            _ => Ok(()),
        }
    }
}

impl Replica for Folder {
    fn progress(&self) -> Result<Option<Progress>, ReplicaError> {
        let file = self.0.join(STATE);
        if self.0.join(ANEW).exists() || !file.exists() {
            return Ok(None);
        }
        let text = files::read_text(&file, files::SMALL).map_err(|error| failed(&file, &error))?;
        let state: Option<State> = serde_json::from_str(&text).ok();
        let progress = state.and_then(|state| {
            Some(Progress {
                epoke: state.epoke,
                sekvens: state.sekvens,
                digest: Hash::parse(&state.digest)?,
            })
        });
        // Damaged: as if there were none.
        Ok(progress)
    }

    fn begin_anew(&mut self, records: &[Record], progress: &Progress) -> Result<(), ReplicaError> {
        self.put(ANEW, "")?;
        self.sync()?;
        let entries = fs::read_dir(&self.0).map_err(|error| failed(&self.0, &error))?;
        for entry in entries.flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|own| own == "xml") {
                self.remove(&path)?;
            }
        }
        for record in records {
            self.put_record(record)?;
        }
        self.put_progress(progress)?;
        self.remove(&self.0.join(ANEW))?;
        self.sync()
    }

    fn apply(&mut self, changes: &[Change], progress: &Progress) -> Result<(), ReplicaError> {
        for change in changes {
            self.put_record(&change.record)?;
        }
        self.put_progress(progress)
    }
}

fn failed(file: &Path, error: &std::io::Error) -> ReplicaError {
    ReplicaError {
        at: file.display().to_string(),
        why: error.to_string(),
    }
}
