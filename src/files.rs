//! Files that are read whole, and files that are put in place of others. What is configured may be replaced by anything while
//! the server runs, so reading never waits and never takes more than such a file may hold; and a name beside a file may be
//! taken by a link that somebody else has laid, so writing follows none.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

/// The largest certificate, key or configuration: the bundle of all the CAs of a browser is a tenth of it.
pub const SMALL: u64 = 4 << 20;

/// Why a file that is there is not read; inside the [`io::Error`] of these functions.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// A pipe, a device, a folder: reading it may never end.
    #[error("it is {0}; only regular files are read")]
    Kind(&'static str),
    /// It holds more than such a file may.
    #[error("it is larger than {0} bytes, the most that is read of such a file")]
    TooLarge(u64),
}

impl Unfit {
    /// The same, where an error of these functions is for this reason.
    #[must_use]
    pub fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

impl From<Unfit> for io::Error {
    fn from(unfit: Unfit) -> Self {
        Self::new(io::ErrorKind::InvalidInput, unfit)
    }
}

/// Opens a regular file for reading, through links. Never waits: a pipe without a writer is refused like any other.
///
/// # Errors
/// From the operating system; [`Unfit::Kind`].
pub fn open(file: &Path) -> io::Result<File> {
    // Looked at first, for opening a device can do something.
    regular(&fs::metadata(file)?)?;
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(file)?;
    // Looked at again, for it may have been replaced meanwhile.
    regular(&opened.metadata()?)?;
    Ok(opened)
}

fn regular(data: &fs::Metadata) -> Result<(), Unfit> {
    let kind = data.file_type();
    if kind.is_file() {
        return Ok(());
    }
    Err(Unfit::Kind(if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }))
}

/// The bytes of a regular file that holds at most so many.
///
/// # Errors
/// From the operating system; [`Unfit`].
pub fn read(file: &Path, most: u64) -> io::Result<Vec<u8>> {
    let opened = open(file)?;
    let length = opened.metadata()?.len();
    if length > most {
        return Err(Unfit::TooLarge(most).into());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    // It may grow while it is read.
    opened.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(Unfit::TooLarge(most).into());
    }
    Ok(bytes)
}

/// The text of a regular file that holds at most so many bytes.
///
/// # Errors
/// As [`read`]; and when it is not UTF-8.
pub fn read_text(file: &Path, most: u64) -> io::Result<String> {
    let bytes = read(file, most)?;
    String::from_utf8(bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
}

/// Puts a file in place of the one of that name, whole or not at all: aside first, synced, then renamed. What is at the name
/// aside is removed and not followed; so is a link at the name itself. The folder is left for the caller to sync.
///
/// # Errors
/// From the operating system.
pub fn replace(file: &Path, aside: &str, bytes: &[u8]) -> io::Result<()> {
    let aside = beside(file, aside);
    let mut new = create(&aside)?;
    new.write_all(bytes)?;
    new.sync_data()?;
    fs::rename(&aside, file)
}

/// The name of a file with an ending after it.
#[must_use]
pub fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// A new file, in place of what has its name; a link there is removed and what it leads to stays.
///
/// # Errors
/// From the operating system.
pub fn create(file: &Path) -> io::Result<File> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // Never through a link that is laid between the two: the call fails where anything has the name.
    File::create_new(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::scratch::Scratch;
    use std::os::unix::fs::symlink;

    fn unfit(error: &io::Error) -> String {
        Unfit::of(error)
            .map(ToString::to_string)
            .unwrap_or_default()
    }

    #[test]
    fn only_regular_files_are_read_and_no_more_than_they_may_hold() {
        let scratch = Scratch::new();
        let file = scratch.file("fil", "12345");
        assert_eq!(read(&file, 5).unwrap(), b"12345");
        assert!(unfit(&read(&file, 4).unwrap_err()).contains("larger than 4 bytes"));
        let link = scratch.path().join("link");
        symlink(&file, &link).unwrap();
        assert_eq!(read_text(&link, 5).unwrap(), "12345");
        let folder = read(scratch.path(), 5).unwrap_err();
        assert!(unfit(&folder).contains("a folder"), "{folder}");
        let endless = scratch.path().join("uendelig");
        symlink("/dev/zero", &endless).unwrap();
        let device = read(&endless, 5).unwrap_err();
        assert!(unfit(&device).contains("a device"), "{device}");
        // Opened in the ordinary way it would be waited for until somebody writes.
        let pipe = scratch.path().join("roer");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .unwrap();
        let waits = read(&pipe, 5).unwrap_err();
        assert!(unfit(&waits).contains("a pipe"), "{waits}");
        let missing = read(&scratch.path().join("intet"), 5).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
        let latin = scratch.file("latin", [0xE6]);
        assert!(read_text(&latin, 5).is_err());
    }

    #[test]
    fn what_is_put_in_place_is_never_written_through_a_link() {
        let scratch = Scratch::new();
        let victim = scratch.file("offer", "urørt");
        let file = scratch.path().join("kopi");
        symlink(&victim, beside(&file, ".ny")).unwrap();
        symlink(&victim, &file).unwrap();
        replace(&file, ".ny", b"ny").unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "urørt");
        assert!(fs::symlink_metadata(&file).unwrap().is_file());
        assert_eq!(fs::read_to_string(&file).unwrap(), "ny");
        assert!(!beside(&file, ".ny").exists());
    }
}
