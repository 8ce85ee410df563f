//! What restores and backups that were killed leave behind: removed where nobody can be using it, else named.

use std::fs;
use std::path::{Path, PathBuf};

use super::disk::{BACK, BEFORE, PART, READY, folder_of};
use super::filer::{self, INDEX, JOURNAL, LOG, identity, with_side};
use super::place;

/// Removes what killed restores have left beside a register, and tells what. No restore may be running: the caller has
/// the register open, or alone.
///
/// The register as it was before a restore is never removed. A second name of the register that is in use is no such
/// thing: with an old log beside it, it would be read as the register of an earlier time.
pub(super) fn clear(database: &Path) -> Vec<PathBuf> {
    // A restore that has come so far as its marker is gone on with, and needs it.
    let begun = !matches!(place::interrupted(database), Ok(None));
    let in_use = identity(database).ok().filter(|_| !begun);
    let mut removed = Vec::new();
    for (path, ending) in beside(database) {
        let same = in_use.is_some() && identity(&path).ok() == in_use;
        let second_name = ending.starts_with(BEFORE) && same;
        let ready = ending.strip_prefix(READY).is_some_and(is_time);
        if second_name || ready || ending == BACK {
            filer::discard(&path);
            removed.push(path);
        }
    }
    removed
}

/// Whether a name's end is a time as restores write it, and not somebody's own word.
fn is_time(text: &str) -> bool {
    let of_a_time = |c: char| c.is_ascii_digit() || "-T.Z".contains(c);
    text.len() >= "2026-11-29T182000Z".len() && text.ends_with('Z') && text.chars().all(of_a_time)
}

/// Copies beside a backup that others did not finish, or are still making.
pub fn parts(backup: &Path) -> Vec<PathBuf> {
    let of_a_backup = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let random = name.rsplit_once(PART).map(|(_, random)| random);
        random.is_some_and(|text| text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    let mut found: Vec<_> = entries(folder_of(backup)).filter(of_a_backup).collect();
    found.sort();
    found
}

/// The files whose names are the database's with something after it, but for its side files; each with what comes after.
fn beside(database: &Path) -> Vec<(PathBuf, String)> {
    let folder = folder_of(database);
    let prefix = with_side(Path::new(database.file_name().unwrap_or_default()), ".");
    let prefix = prefix.to_string_lossy().into_owned();
    let mut found: Vec<_> = entries(folder)
        .filter_map(|path| {
            let name = path.file_name()?.to_str()?;
            let ending = name.strip_prefix(&prefix)?.to_owned();
            let side = [LOG, INDEX, JOURNAL]
                .iter()
                .any(|side| ending.ends_with(side));
            (!side).then_some((path, ending))
        })
        .collect();
    found.sort();
    found
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path()))
}
