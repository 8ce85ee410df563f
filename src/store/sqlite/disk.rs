//! Names of the files that stand beside a register for a while, and putting small files in place so that they are on disk.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::filer::with_side;

/// A copy that a backup makes carries this and a random name until it is whole.
pub(super) const PART: &str = "del-";

/// A register that a restore makes ready carries this and a time.
pub(super) const READY: &str = "ny-";

/// The register as it was carries this and a time.
pub(super) const BEFORE: &str = "foer-";

/// A file on its way back to its place carries this.
pub(super) const BACK: &str = "tilbage";

/// The path with a further ending.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    with_side(path, format!(".{ending}"))
}

/// The folder that a path is in.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Gives a small file this content, on disk when this returns; readable by its owner alone.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let aside = beside(path, "ny");
    put(&aside, bytes)
        .and_then(|()| fs::rename(&aside, path))
        .and_then(|()| sync_folder(path))
}

fn put(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // New, so never through a link that somebody has laid there.
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes a rename in the folder of `path` durable.
pub(super) fn sync_folder(path: &Path) -> std::io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}
