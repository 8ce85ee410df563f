//! The other side of `fejl.c`: builds it, and tells it what to do to a process while that runs.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use crate::support::process::{Server, dtr_with};

/// `EIO` and `ENOSPC` on Linux.
pub(super) const EIO: i64 = 5;
pub(super) const ENOSPC: i64 = 28;

/// The numbers of the shared file, in the order of `struct styring`.
#[derive(Debug, Clone, Copy)]
enum Plads {
    Kald,
    FejlFra,
    FejlTil,
    Fejlkode,
    KunSkriv,
    Ramt,
    Kort,
    UrMs,
    Ledigt,
}

/// What a process that was started with it is to suffer.
#[derive(Debug)]
pub(super) struct Styring {
    path: PathBuf,
    log: PathBuf,
    folder: PathBuf,
    shared: File,
}

impl Styring {
    /// For a process on the register in `folder`: nothing fails as yet.
    pub(super) fn new(folder: &Path) -> Self {
        let path = folder.join("styring");
        let shared = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)
            .unwrap();
        shared.set_len(72).unwrap();
        Self {
            path,
            log: folder.join("skrevet"),
            folder: folder.to_owned(),
            shared,
        }
    }

    /// Starts a server under it.
    pub(super) fn server(&self) -> Server {
        Server::start_with(
            &self.folder,
            &[
                ("LD_PRELOAD", library()),
                ("DTR_FEJL_STYRING", &self.path),
                ("DTR_FEJL_MAPPE", &self.folder),
            ],
        )
    }

    /// Runs a command under it, to its end.
    pub(super) fn dtr(&self, arguments: &[&str]) -> Output {
        let environment: [(&str, &Path); 3] = [
            ("LD_PRELOAD", library()),
            ("DTR_FEJL_STYRING", &self.path),
            ("DTR_FEJL_MAPPE", &self.folder),
        ];
        dtr_with(&self.folder, arguments, &environment)
    }

    /// The same, and what is written is recorded in the file that is given back.
    pub(super) fn recorded(&self) -> (Server, PathBuf) {
        let server = Server::start_with(
            &self.folder,
            &[
                ("LD_PRELOAD", library()),
                ("DTR_FEJL_STYRING", &self.path),
                ("DTR_FEJL_MAPPE", &self.folder),
                ("DTR_FEJL_LOG", &self.log),
            ],
        );
        (server, self.log.clone())
    }

    fn get(&self, what: Plads) -> i64 {
        let mut bytes = [0; 8];
        self.shared
            .read_exact_at(&mut bytes, what as u64 * 8)
            .unwrap();
        i64::from_ne_bytes(bytes)
    }

    fn set(&self, what: Plads, value: i64) {
        self.shared
            .write_all_at(&value.to_ne_bytes(), what as u64 * 8)
            .unwrap();
    }

    /// Calls on the register's files until now.
    pub(super) fn calls(&self) -> i64 {
        self.get(Plads::Kald)
    }

    /// Calls that were made to fail until now.
    pub(super) fn hit(&self) -> i64 {
        self.get(Plads::Ramt)
    }

    /// Makes so many calls fail, beginning with the `n`-th from now; `short`: a write has written half before.
    pub(super) fn fail(&self, n: i64, count: i64, code: i64, short: bool) {
        self.set(Plads::FejlFra, 0);
        self.set(Plads::Fejlkode, code);
        self.set(Plads::Kort, i64::from(short));
        self.set(Plads::KunSkriv, i64::from(code == ENOSPC));
        let from = self.calls() + n;
        self.set(Plads::FejlTil, from.saturating_add(count));
        self.set(Plads::FejlFra, from);
    }

    /// All goes well again.
    pub(super) fn heal(&self) {
        self.set(Plads::FejlFra, 0);
    }

    /// The disk has room for the files to grow by so many bytes together; none: as much as there is.
    pub(super) fn room(&self, bytes: Option<i64>) {
        self.set(Plads::Ledigt, bytes.map_or(0, |bytes| bytes + 1));
    }

    /// Sets the clock off by so many seconds from the machine's.
    pub(super) fn clock(&self, seconds: i64) {
        self.set(Plads::UrMs, seconds * 1000);
    }
}

/// The library, built once for each run of the tests.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/paalidelighed/fejl.c");
        let name = format!("fejl-{}.so", std::process::id());
        let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let cc = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
        let done = Command::new(cc)
            .args(["-O1", "-shared", "-fPIC", "-o"])
            .arg(&built)
            .arg(source)
            .args(["-ldl", "-lpthread"])
            .output()
            .unwrap();
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        built
    })
}
