//! What the commands share: the configuration and the register they work on, who runs them, how they fail.

use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::agreements::{Act, CertificateRefused, Changed, Unchanged, given_name};
use crate::app::{self, StartError};
use crate::audit::Entry;
use crate::client::ClientError;
use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::follow::FollowError;
use crate::mirror::{MirrorError, MirrorKind, Mirrors};
use crate::pki::PkiError;
use crate::register::{Cvr, Day, Institutionsnummer, Tidspunkt};
use crate::store::sqlite::mirror::{self, LoadError};
use crate::store::sqlite::{CopyProgress, SqliteStore};
use crate::store::{Origin, Outcome, Store, StoreError, StoreExt, Write as Tx};

/// How a command that could do its work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As wished.
    Good,
    /// What was looked at is not in order; the answer says how.
    Wanting,
    /// Something that was to be looked at can't be read.
    Unreadable,
}

impl Verdict {
    /// As wished, if what was looked at is in order.
    pub(super) const fn of(in_order: bool) -> Self {
        if in_order { Self::Good } else { Self::Wanting }
    }
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> Self {
        Self::from(match verdict {
            Verdict::Good => 0,
            Verdict::Wanting => 1,
            Verdict::Unreadable => 2,
        })
    }
}

/// Why a command did not do what it was asked. The text goes to stderr as it is.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The configuration can't be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The server or the register can't be started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The register failed.
    #[error("{what}: {}", .cause.detail())]
    Store {
        /// What was to be done.
        what: &'static str,
        /// Why it was not.
        cause: StoreError,
    },
    /// The register failed in the middle of storing it.
    #[error("{cause}; look with dtr audit list before you do it again")]
    NotKnown {
        /// Why it is not known.
        cause: StoreError,
    },
    /// There is no register yet.
    #[error(
        "there is no register {file}; dtr serve makes an empty one when it first starts, dtr init DIR a whole new folder",
        file = .0.display()
    )]
    NoRegister(PathBuf),
    /// A folder that is to be filled is not empty.
    #[error("{dir} is not empty; name a folder that is absent or empty: nothing is ever overwritten", dir = .0.display())]
    NotEmpty(PathBuf),
    /// A file or folder.
    #[error("{file}: {what}: {cause}", file = .file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// What can't be done with it.
        what: &'static str,
        /// From the operating system.
        cause: io::Error,
    },
    /// A value of the command line that can't be right.
    #[error("{option}: {problem}")]
    Value {
        /// The option or argument.
        option: &'static str,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// A mirror was not loaded.
    #[error(transparent)]
    Mirror(#[from] LoadError),
    /// Example certificates can't be made.
    #[error(transparent)]
    Pki(#[from] PkiError),
    /// The demonstration's client.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Following a register.
    #[error(transparent)]
    Follow(#[from] FollowError),
    /// Whatever else: a step of the demonstration that did not go as it should, a certificate that can't be used.
    #[error("{0}")]
    Failed(String),
    /// The operating system refuses something else.
    #[error("{what}: {cause}")]
    System {
        /// What.
        what: &'static str,
        /// Why.
        cause: io::Error,
    },
    /// stdout can't be written.
    #[error("stdout: {0}")]
    Stdout(#[from] io::Error),
}

/// What can't be done with a file that can't be read: the exit status tells it from work that was not done.
const UNREADABLE: &str = "can't be read";

impl CliError {
    /// How the program ends with it.
    pub(super) fn exit(&self) -> ExitCode {
        let unreadable = match self {
            Self::File { what, .. } => *what == UNREADABLE,
            Self::Config(error) => matches!(error, ConfigError::Read { .. }),
            _ => false,
        };
        if unreadable {
            Verdict::Unreadable.into()
        } else {
            Verdict::Wanting.into()
        }
    }

    /// The register failed while doing `what`.
    pub(super) fn store(what: &'static str) -> impl FnOnce(StoreError) -> Self {
        move |cause| match cause {
            cause @ StoreError::Unknown(_) => Self::NotKnown { cause },
            cause => Self::Store { what, cause },
        }
    }

    /// `what` can't be done with a file.
    pub(super) fn file(file: &Path, what: &'static str) -> impl FnOnce(io::Error) -> Self {
        let file = file.to_owned();
        move |cause| Self::File { file, what, cause }
    }
}

/// The configuration that a command works with.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct ConfigArg {
    /// The configuration; paths in it are relative to its folder
    #[arg(long, value_name = "FILE", default_value = "./dtr.toml")]
    config: PathBuf,
}

impl ConfigArg {
    /// Reads it.
    pub(super) fn load(&self) -> Result<Config, CliError> {
        Ok(Config::load(&self.config)?)
    }

    /// Reads it and opens its register, which must be there: only `serve` and `init` make one.
    pub(super) fn open(&self, clock: &Clock) -> Result<(Config, SqliteStore), CliError> {
        let config = self.load()?;
        must_exist(&config)?;
        let store = app::open_store(&config, clock)?;
        Ok((config, store))
    }
}

// What most commands take. A comment of documentation would become the text of their help.
#[derive(Debug, Default, Args)]
pub(super) struct Common {
    #[command(flatten)]
    pub(super) config: ConfigArg,
    /// One JSON object on stdout
    #[arg(long)]
    pub(super) json: bool,
}

/// The mirrors beside a configuration's register. One that can't be read is told of and left out: what rests on it is
/// not known, and no worse than without one.
pub(super) fn mirrors(config: &Config) -> Mirrors {
    let path = |kind| mirror::path(&config.database.fil, kind);
    Mirrors {
        cvr: mirror::cvr(&path(MirrorKind::Cvr)).unwrap_or_else(left_out),
        dar: mirror::dar(&path(MirrorKind::Dar)).unwrap_or_else(left_out),
    }
}

fn left_out<T>(error: MirrorError) -> Option<T> {
    // Nothing is left to be done when stderr can't be written.
    let _ = writeln!(io::stderr(), "dtr: left out: {error}");
    None
}

/// Refuses a configuration whose register is not there.
pub(super) fn must_exist(config: &Config) -> Result<(), CliError> {
    let file = &config.database.fil;
    let there = file.exists().then_some(());
    there.ok_or_else(|| CliError::NoRegister(file.clone()))
}

/// Makes a folder that is absent, takes one that is empty, refuses any other.
pub(super) fn empty_folder(dir: &Path) -> Result<(), CliError> {
    std::fs::create_dir_all(dir).map_err(CliError::file(dir, "can't be made"))?;
    let mut entries = std::fs::read_dir(dir).map_err(CliError::file(dir, "can't be read"))?;
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(CliError::NotEmpty(dir.to_owned())),
    }
}

/// A value of the command line that can't be right.
pub(super) fn value(option: &'static str, problem: String) -> CliError {
    CliError::Value { option, problem }
}

/// The language of words for people.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum Language {
    /// Danish
    Da,
    /// English
    En,
}

impl From<Language> for crate::register::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::Da => Self::Da,
            Language::En => Self::En,
        }
    }
}

/// The number of a record as somebody wrote it.
pub(super) fn number(text: &str) -> Result<Institutionsnummer, CliError> {
    let number = Institutionsnummer::parse(text.trim());
    number.map_err(|_| {
        let told = format!("{text:?} is no institution number, such as G30001 or 751001");
        value("NUMMER", told)
    })
}

/// Says that the register has no such record.
pub(super) fn unknown(number: Institutionsnummer) -> Result<Verdict, CliError> {
    let why = match number.is_a_number() {
        true => "no record is known to go on from it; dtr anumre list shows what is known",
        false => "the register has no record of this number at that time",
    };
    writeln!(io::stderr(), "dtr: {number}: {why}")?;
    Ok(Verdict::Wanting)
}

/// Says that no organisation has a CVR number: no reason to refuse it, for test environments have made-up ones.
pub(super) fn wrong_check_digit(cvr: Cvr) -> String {
    format!(
        "{cvr} has a wrong check digit, so no organisation has this CVR-nummer; look for a typing mistake"
    )
}

/// A CVR number of the command line.
pub(super) fn cvr(option: &'static str, text: &str) -> Result<Cvr, CliError> {
    let problem = |_| format!("{text} is no CVR-nummer: that is eight digits");
    Cvr::parse(text).map_err(|cause| value(option, problem(cause)))
}

/// A day or an instant of the command line.
fn day(option: &'static str, text: &str) -> Result<Day, CliError> {
    let problem = "is neither a day, YYYY-MM-DD, nor an instant such as 2026-11-30T08:00:00Z";
    Day::parse(text).ok_or_else(|| value(option, format!("{text} {problem}")))
}

/// A span of days or instants (`--fra`, `--til`), which must not end before it begins.
pub(super) fn span(
    fra: Option<&str>,
    til: Option<&str>,
) -> Result<(Option<Day>, Option<Day>), CliError> {
    let first = fra.map(|text| day("--fra", text)).transpose()?;
    let last = til.map(|text| day("--til", text)).transpose()?;
    if let (Some(from), Some(to)) = (first, last)
        && to.ends() < from.begins()
    {
        let problem = format!("the end lies before the first instant, {}", from.begins());
        return Err(value("--til", problem));
    }
    Ok((first, last))
}

/// A text without what steers a terminal.
pub(super) fn printable(text: &str) -> String {
    let shown = |c: char| match c {
        c if c.is_control() || matches!(c, '\u{2028}'..='\u{202E}') => '\u{FFFD}',
        c => c,
    };
    text.chars().map(shown).collect()
}

/// Makes a change that the rules may refuse: a refusal leaves nothing.
pub(super) fn stored<T: Send + 'static, E: Send + 'static>(
    store: &dyn Store,
    failed: &'static str,
    change: impl FnOnce(&mut dyn Tx) -> Changed<T, E> + Send + 'static,
) -> Result<Result<T, E>, CliError> {
    let job = move |tx: &mut dyn Tx| {
        Ok(match change(tx) {
            Ok(stored) => Outcome::Keep(Ok(stored)),
            Err(Unchanged::Refused(why)) => Outcome::Undo(Err(why), None),
            Err(Unchanged::Store(error)) => return Err(error),
        })
    };
    store.write_blocking(job).map_err(CliError::store(failed))
}

/// Tells what is odd and was done all the same, on stderr: the answer itself goes to programs too.
pub(super) fn warn(warnings: &[String]) {
    for warning in warnings {
        // Nothing is left to be done when stderr can't be written.
        let _ = writeln!(io::stderr(), "dtr: warning: {warning}");
    }
}

/// A name of at most `longest` characters on one line.
pub(super) fn name(option: &'static str, text: &str, longest: usize) -> Result<String, CliError> {
    given_name(text, longest).ok_or_else(|| {
        let problem = format!("a name is 1 to {longest} characters on one line");
        value(option, problem)
    })
}

/// What a file is told that holds no certificate of an organisation.
pub(super) fn unreadable(why: &CertificateRefused) -> String {
    match why {
        CertificateRefused::NoPem => "holds no certificate in PEM".to_owned(),
        CertificateRefused::Unreadable(cause) => cause.clone(),
        CertificateRefused::OtherOwner(cvr) => format!("its CVR-nummer is {cvr}"),
    }
}

/// Something done on the command line, by whoever runs it.
pub(super) fn act(operation: &str, now: Tidspunkt) -> Act {
    Act {
        operation: format!("cli/{operation}"),
        identity: user(),
        cvr: None,
        person: None,
        sagsnummer: None,
        id: uuid::Uuid::new_v4(),
        now,
    }
}

/// An audit line of something done on the command line.
pub(super) fn audit_entry(operation: &str, noter: Vec<String>, now: Tidspunkt) -> Entry {
    act(operation, now).line(noter)
}

/// Where a change comes from that is done on the command line, with its audit line.
pub(super) fn origin(entry: &Entry) -> Origin {
    Origin {
        cvr: None,
        navn: user(),
        operation: entry.operation.clone(),
        korrelations_id: entry.korrelations_id,
        sagsnummer: None,
        system: None,
        part: None,
    }
}

/// The operating-system user that runs the command, as `name (uid N)`. The kernel's answer where it gives one, for an
/// environment can say anything.
pub(super) fn user() -> String {
    let Ok(own) = std::fs::metadata("/proc/self") else {
        let name = std::env::var("LOGNAME").or_else(|_| std::env::var("USER"));
        return name.unwrap_or_else(|_| "ukendt".to_owned());
    };
    let uid = own.uid();
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    match name_of(&passwd, uid) {
        Some(name) => format!("{name} (uid {uid})"),
        None => format!("uid {uid}"),
    }
}

/// The name of a user in the text of `/etc/passwd`.
fn name_of(passwd: &str, uid: u32) -> Option<&str> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then_some(name)
    })
}

/// Shows on stderr how far a copy has come, when a person is looking.
pub(super) fn show_progress(what: &'static str) -> impl FnMut(CopyProgress) {
    let mut err = io::stderr();
    let shown = err.is_terminal();
    move |at| {
        if shown {
            let percent = (at.done * 100).checked_div(at.total).unwrap_or(100);
            let end = if at.done == at.total { "\n" } else { "" };
            // Progress that can't be shown is no reason to stop.
            let _ = write!(err, "\r{what}: {percent} %{end}");
        }
    }
}

/// Writes a JSON value on one line.
pub(super) fn json(out: &mut dyn Write, value: &serde_json::Value) -> Result<(), CliError> {
    Ok(writeln!(out, "{value}")?)
}

/// Writes a list, as an object that holds it under its name or as a line for each; or that there is nothing in it.
pub(super) fn list<T>(
    out: &mut dyn Write,
    name: Option<&str>,
    all: &[T],
    none: &str,
    shown: impl Fn(&T) -> serde_json::Value,
    described: impl Fn(&T) -> String,
) -> Result<(), CliError> {
    if let Some(name) = name {
        let rows: Vec<_> = all.iter().map(shown).collect();
        return json(out, &serde_json::json!({ name: rows }));
    }
    if all.is_empty() {
        writeln!(out, "{none}")?;
    }
    for each in all {
        writeln!(out, "{}", described(each))?;
    }
    Ok(())
}

/// Writes a CSV with `;` for spreadsheets: cells are quoted where they must be, and never taken for a formula.
pub(super) fn csv<const N: usize>(
    out: &mut dyn Write,
    names: &str,
    rows: impl Iterator<Item = [String; N]>,
) -> Result<(), CliError> {
    write!(out, "\u{feff}{names}\r\n")?;
    for row in rows {
        let cells = row.map(|text| {
            let mut cell = String::with_capacity(text.len() + 2);
            crate::export::csv::defused(&mut cell, &text);
            cell
        });
        write!(out, "{}\r\n", cells.join(";"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::scratch::Scratch;

    #[test]
    fn a_user_is_found_by_number() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\ndtr:x:100:101::/:/bin/false\nbroken\n";
        assert_eq!(name_of(passwd, 100), Some("dtr"));
        assert_eq!(name_of(passwd, 0), Some("root"));
        assert_eq!(name_of(passwd, 7), None);
    }

    #[test]
    fn only_an_empty_folder_is_filled() {
        let scratch = Scratch::new();
        let inner = scratch.path().join("a/b");
        assert!(empty_folder(&inner).is_ok());
        assert!(empty_folder(&inner).is_ok());
        assert!(matches!(
            empty_folder(scratch.path()),
            Err(CliError::NotEmpty(_))
        ));
    }
}
