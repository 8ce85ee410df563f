//! How glibc's allocator is told to give memory back: by its environment, before the server begins.
//!
//! By itself it keeps buffers up to 32 MiB once one of that size was given back, and an arena for each thread that ever built a
//! large answer, so that a server holds its peak for ever. It reads its settings at the start of a program alone, so the
//! program begins once more, in the same process: with the same number, arguments, streams and open files.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// Buffers from 1 MiB on go back to the kernel with their last use. All threads share four arenas: large answers are built by
/// three at a time.
const SETTINGS: &str = "glibc.malloc.mmap_threshold=1048576:glibc.malloc.arena_max=4";

const TUNABLES: &str = "GLIBC_TUNABLES";

/// The older names of the same settings begin so.
const OLDER: &str = "MALLOC_";

/// Says that the program has begun once more: the settings themselves may be taken away on the way.
const AGAIN: &str = "DTR_MALLOC";

/// Whether the program has begun with its settings, or does without.
#[derive(Debug)]
pub(super) enum Allocator {
    /// It has them, or somebody has set others, or it is not glibc's.
    AsItIs,
    /// The program could not be begun again. The attempt has set the signals back to what a new program finds.
    NotSet(io::Error),
}

/// Begins the program once more if its allocator is to be told anything. Nothing may run beside it yet: no thread, no
/// handler of signals.
pub(super) fn settle() -> Allocator {
    if cfg!(not(all(target_os = "linux", target_env = "gnu"))) {
        return Allocator::AsItIs;
    }
    let Some(tunables) = tunables(env::vars_os()) else {
        return Allocator::AsItIs;
    };
    let program = match env::current_exe() {
        Ok(program) => program,
        Err(error) => return Allocator::NotSet(error),
    };
    let mut arguments = env::args_os();
    let mut again = Command::new(program);
    if let Some(name) = arguments.next() {
        again.arg0(name);
    }
    let failed = again
        .args(arguments)
        .env(TUNABLES, tunables)
        .env(AGAIN, "1")
        .exec();
    Allocator::NotSet(failed)
}

/// What the tunables have to be; none when the program has begun once more, or when the environment has settings of the
/// allocator already.
fn tunables(environment: impl IntoIterator<Item = (OsString, OsString)>) -> Option<OsString> {
    let mut others = OsString::new();
    for (name, value) in environment {
        if name == AGAIN || name.to_string_lossy().starts_with(OLDER) {
            return None;
        }
        if name == TUNABLES {
            if sets_allocator(&value) {
                return None;
            }
            others = value;
        }
    }
    if !others.is_empty() {
        others.push(":");
    }
    others.push(SETTINGS);
    Some(others)
}

fn sets_allocator(tunables: &OsStr) -> bool {
    tunables
        .to_string_lossy()
        .split(':')
        .any(|setting| setting.starts_with("glibc.malloc."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(environment: &[(&str, &str)]) -> Option<String> {
        let environment = environment
            .iter()
            .map(|(name, value)| (name.into(), value.into()));
        tunables(environment).map(|told| told.into_string().unwrap())
    }

    #[test]
    fn the_program_begins_once_more_and_no_more_than_once() {
        assert_eq!(of(&[]).as_deref(), Some(SETTINGS));
        assert_eq!(
            of(&[("PATH", "/bin"), (TUNABLES, "")]).as_deref(),
            Some(SETTINGS)
        );
        assert_eq!(of(&[(AGAIN, "1")]), None, "whatever became of the settings");
        assert_eq!(of(&[(TUNABLES, SETTINGS), (AGAIN, "1")]), None);
    }

    #[test]
    fn the_operators_own_settings_count() {
        let other = [(TUNABLES, "glibc.rtld.nns=3")];
        let with = format!("glibc.rtld.nns=3:{SETTINGS}");
        assert_eq!(of(&other), Some(with), "what is about something else stays");
        assert_eq!(
            of(&[(TUNABLES, "glibc.rtld.nns=3:glibc.malloc.check=3")]),
            None
        );
        assert_eq!(of(&[("MALLOC_ARENA_MAX", "2")]), None);
    }
}
