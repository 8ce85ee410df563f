//! A copy in a folder: a file for each record, `G30001.xml`, and `stand.json`, which is written last.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Aendret, Kopi, KopiFejl, Post, Sted};
use crate::audit::Hash;
use crate::files;

/// The file that tells where the copy stands.
const STAND: &str = "stand.json";
/// Written before a copy is begun anew, and removed with its end: until then the files are of two states.
const FORFRA: &str = "forfra";

/// A folder with a copy.
#[derive(Debug)]
pub struct Mappe(PathBuf);

#[derive(Serialize, Deserialize)]
struct Stand {
    epoke: String,
    sekvens: u64,
    kaede: String,
}

impl Mappe {
    /// The copy in a folder, which is made when it is not there.
    ///
    /// # Errors
    /// [`KopiFejl`].
    pub fn open(folder: &Path) -> Result<Self, KopiFejl> {
        fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
        Ok(Self(folder.to_owned()))
    }

    /// Writes a file whole or not at all; its bytes are on disk then, its name once the folder is.
    fn put(&self, name: &str, text: &str) -> Result<(), KopiFejl> {
        let to = self.0.join(name);
        files::replace(&to, ".ny", text.as_bytes()).map_err(|error| failed(&to, &error))
    }

    fn put_post(&self, post: &Post) -> Result<(), KopiFejl> {
        // A number is of letters and digits; anything else would be a path of somebody's own choosing.
        if !post.nummer.bytes().all(|byte| byte.is_ascii_alphanumeric()) || post.nummer.is_empty() {
            return Err(KopiFejl {
                hvor: self.0.display().to_string(),
                hvorfor: format!("{:?} is no number of a record", post.nummer),
            });
        }
        self.put(&format!("{}.xml", post.nummer), &post.xml)
    }

    /// Puts the folder on disk.
    fn sync(&self) -> Result<(), KopiFejl> {
        let synced = File::open(&self.0).and_then(|folder| folder.sync_all());
        synced.map_err(|error| failed(&self.0, &error))
    }

    /// Tells where the copy stands, once everything that it says is on disk.
    fn put_sted(&self, sted: &Sted) -> Result<(), KopiFejl> {
        self.sync()?;
        let stand = Stand {
            epoke: sted.epoke.clone(),
            sekvens: sted.sekvens,
            kaede: sted.kaede.to_string(),
        };
        let text = serde_json::to_string_pretty(&stand).map_err(|error| KopiFejl {
            hvor: STAND.to_owned(),
            hvorfor: error.to_string(),
        })?;
        self.put(STAND, &text)?;
        self.sync()
    }

    /// Removes a file if it is there.
    fn remove(&self, name: &Path) -> Result<(), KopiFejl> {
        match fs::remove_file(name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(name, &error)),
            _ => Ok(()),
        }
    }
}

impl Kopi for Mappe {
    fn sted(&self) -> Result<Option<Sted>, KopiFejl> {
        let file = self.0.join(STAND);
        if self.0.join(FORFRA).exists() || !file.exists() {
            return Ok(None);
        }
        let text = files::read_text(&file, files::SMALL).map_err(|error| failed(&file, &error))?;
        let stand: Option<Stand> = serde_json::from_str(&text).ok();
        let sted = stand.and_then(|stand| {
            Some(Sted {
                epoke: stand.epoke,
                sekvens: stand.sekvens,
                kaede: Hash::parse(&stand.kaede)?,
            })
        });
        // Damaged: as if there were none.
        Ok(sted)
    }

    fn forfra(&mut self, poster: &[Post], sted: &Sted) -> Result<(), KopiFejl> {
        self.put(FORFRA, "")?;
        self.sync()?;
        let entries = fs::read_dir(&self.0).map_err(|error| failed(&self.0, &error))?;
        for entry in entries.flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|own| own == "xml") {
                self.remove(&path)?;
            }
        }
        for post in poster {
            self.put_post(post)?;
        }
        self.put_sted(sted)?;
        self.remove(&self.0.join(FORFRA))?;
        self.sync()
    }

    fn udfoer(&mut self, aendringer: &[Aendret], sted: &Sted) -> Result<(), KopiFejl> {
        for change in aendringer {
            self.put_post(&change.post)?;
        }
        self.put_sted(sted)
    }
}

fn failed(file: &Path, error: &std::io::Error) -> KopiFejl {
    KopiFejl {
        hvor: file.display().to_string(),
        hvorfor: error.to_string(),
    }
}
