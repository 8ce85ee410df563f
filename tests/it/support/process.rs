//! The program as a process: commands that end, and a server that can be killed.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use dtr::client::Client;
use serde_json::Value;

use super::{Caller, Folder, app, pki};

/// Runs `dtr` with arguments in a folder, to its end.
pub(crate) fn dtr(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

/// The same with variables in its environment.
pub(crate) fn dtr_with(folder: &Path, arguments: &[&str], environment: &[(&str, &Path)]) -> Output {
    let mut command = command(folder, arguments);
    command.envs(environment.iter().copied()).output().unwrap()
}

/// Runs `dtr` with arguments and `--json`; gives what it says, and whether it ended well.
pub(crate) fn dtr_json(folder: &Path, arguments: &[&str]) -> (Value, bool) {
    let output = dtr(folder, &[arguments, &["--json"]].concat());
    let told = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!(
            "{arguments:?}: {error}: {}",
            String::from_utf8_lossy(&output.stderr)
        )
    });
    (told, output.status.success())
}

/// The lines of `dtr audit list` with further arguments.
pub(crate) fn audit_lines(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let output = dtr(folder, &[&["audit", "list", "--json"], arguments].concat());
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let lines = output.stdout.split(|byte| *byte == b'\n');
    let lines = lines.filter(|line| !line.is_empty());
    lines
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

/// The codes in a list of a command's JSON, with the number that each is about.
pub(crate) fn told(list: &Value) -> BTreeSet<(String, String)> {
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    list.as_array()
        .unwrap()
        .iter()
        .map(|each| {
            let number = [&each["nummer"], &each["institutionsnummer"]]
                .into_iter()
                .find_map(Value::as_str);
            (word(&each["kode"]), number.unwrap_or("-").to_owned())
        })
        .collect()
}

/// What [`told`] should give.
pub(crate) fn pairs(list: &[(&str, &str)]) -> BTreeSet<(String, String)> {
    list.iter()
        .map(|(code, number)| ((*code).to_owned(), (*number).to_owned()))
        .collect()
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dtr"));
    command
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::null());
    command
}

/// Writes `dtr.toml` and the register's organisations into a folder, for a server on any free ports.
pub(crate) async fn installation(folder: &Folder) -> PathBuf {
    let config = app::config(&folder.join("register.db"));
    let store = dtr::app::open_store(&config, &dtr::clock::Clock::System).unwrap();
    app::register_organisations(&store).await;
    drop(store);
    std::fs::write(folder.join("dtr.toml"), config.annotated()).unwrap();
    folder.join("")
}

/// The same, whose register signs what it publishes with this key (PEM).
pub(crate) async fn signing(folder: &Folder, key: &str) -> PathBuf {
    let at = installation(folder).await;
    std::fs::write(folder.join("egen.pem"), key).unwrap();
    let toml = folder.join("dtr.toml");
    let mut config = dtr::config::Config::load(&toml).unwrap();
    config.revision.noegle = Some("egen.pem".into());
    std::fs::write(toml, config.annotated()).unwrap();
    at
}

/// `dtr serve` as a process of its own; killed when it is let go.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    told: Value,
}

impl Server {
    /// Starts it in a folder that holds `dtr.toml`, and waits until it listens.
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_with(folder, &[])
    }

    /// The same with variables in its environment.
    pub(crate) fn start_with(folder: &Path, environment: &[(&str, &Path)]) -> Self {
        let log = std::fs::File::create(folder.join("log.txt")).unwrap();
        let mut child = command(folder, &["serve", "--json"])
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        let mut objects = serde_json::Deserializer::from_reader(stdout).into_iter();
        let told = objects.next().unwrap_or_else(|| {
            let mut log = String::new();
            let opened = std::fs::File::open(folder.join("log.txt"));
            let _ = opened.and_then(|mut file| file.read_to_string(&mut log));
            panic!("dtr serve does not start: {log}")
        });
        Self {
            child,
            told: told.unwrap(),
        }
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// One of its addresses: `service_url`, `public_url`, `admin_url`.
    pub(crate) fn address(&self, name: &str) -> String {
        self.told[name].as_str().unwrap().to_owned()
    }

    /// A caller with one of the certificates of the tests.
    pub(crate) fn caller(&self, name: &str) -> Caller {
        let read = |file: &str| std::fs::read(pki::folder().join(file)).unwrap();
        let (chain, key) = (read(&format!("{name}.pem")), read(&format!("{name}.key")));
        let client = Client::new(&read("ca.pem"), Some((&chain, &key))).unwrap();
        let client = super::patient(client);
        Caller::new(client, self.address("service_url"), name == "operatoer")
    }

    /// Waits until it ends by itself, and its exit status.
    pub(crate) fn ended(mut self) -> std::process::ExitStatus {
        self.child.wait().unwrap()
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends it a signal: `TERM`, `HUP`.
    pub(crate) fn signal(&self, name: &str) {
        let (name, id) = (format!("-{name}"), self.id().to_string());
        let sent = Command::new("kill").args([name, id]).status();
        assert!(sent.unwrap().success());
    }

    /// SIGTERM, and its exit status.
    pub(crate) fn terminate(mut self) -> std::process::ExitStatus {
        self.signal("TERM");
        self.child.wait().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
