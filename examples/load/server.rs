//! What is driven: `dtr serve`, or the bare hyper server, each as a process of its own so that its processor time and
//! memory can be told from the caller's.

use std::io::Read as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::faelles::Failure;

/// Tells this program what to be instead of the caller.
pub(crate) const ROLE: &str = "DTR_LOAD_ROLLE";

/// The documented configuration (`benches/ydelse.toml`).
const CONFIGURATION: &str = include_str!("../../benches/ydelse.toml");

/// A folder as `dtr init` makes it.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    made: bool,
}

impl Folder {
    /// One that is there, or a new one with the configuration for measuring.
    pub(crate) fn open(given: Option<PathBuf>) -> Result<Self, Failure> {
        if let Some(path) = given {
            if path.join("dtr.toml").is_file() {
                return Ok(Self { path, made: false });
            }
            make(&path)?;
            return Ok(Self { path, made: false });
        }
        let path = std::env::temp_dir().join(format!("dtr-load-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        make(&path)?;
        Ok(Self { path, made: true })
    }

    /// A file of the example certificates.
    pub(crate) fn pki(&self, name: &str) -> Result<Vec<u8>, Failure> {
        Ok(std::fs::read(self.path.join("pki").join(name))?)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.made {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

fn make(path: &Path) -> Result<(), Failure> {
    let made = this_program("dtr")?.arg("init").arg(path).output()?;
    if !made.status.success() {
        return Err(String::from_utf8_lossy(&made.stderr).into_owned().into());
    }
    Ok(std::fs::write(path.join("dtr.toml"), CONFIGURATION)?)
}

fn this_program(role: &str) -> Result<Command, Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    command.env(ROLE, role).stdin(Stdio::null());
    Ok(command)
}

/// A server that runs; killed when it is let go.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) service: SocketAddr,
    /// The public listener.
    pub(crate) public: Option<SocketAddr>,
}

impl Server {
    /// `dtr serve` on a folder: this very program's, or another build's.
    pub(crate) fn dtr(folder: &Folder, other: Option<&Path>) -> Result<Self, Failure> {
        let mut command = match other {
            Some(path) => Command::new(path),
            None => this_program("dtr")?,
        };
        command
            .args(["serve", "--json", "--config"])
            .arg(folder.path.join("dtr.toml"));
        Self::start(command)
    }

    /// The bare server with the certificates of a folder; it sends `document` to whoever gets anything.
    pub(crate) fn bare(folder: &Folder, document: &Path) -> Result<Self, Failure> {
        let mut command = this_program("hyper")?;
        command.arg(folder.path.join("pki")).arg(document);
        Self::start(command)
    }

    fn start(mut command: Command) -> Result<Self, Failure> {
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().ok_or("no output")?;
        let mut told = serde_json::Deserializer::from_reader(stdout.take(1 << 16)).into_iter();
        let told: Value = told.next().ok_or("the server does not start")??;
        Ok(Self {
            child,
            service: address(&told, "service_url").ok_or("no address")?,
            public: address(&told, "public_url"),
        })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGTERM, and waits for its end.
    pub(crate) fn stop(mut self) -> Result<(), Failure> {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The loopback address of a URL, of which only the port is needed.
fn address(told: &Value, key: &str) -> Option<SocketAddr> {
    let (_, port) = told[key].as_str()?.rsplit_once(':')?;
    format!("127.0.0.1:{port}").parse().ok()
}
