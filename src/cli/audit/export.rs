//! `dtr audit export`: the chain in a file of its own, line by line, however long it is.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use serde_json::json;

use super::super::common::{self, CliError, Common, Verdict};
use crate::audit::{Head, Header, Writer};
use crate::clock::Clock;
use crate::store::{Read, StoreExt};

/// `dtr audit export`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Nothing is taken out of the chain. The format, and a verifier in fifteen lines of Python, stand in\n\
    /revision/om.txt on the public listener. The file holds CVR numbers and stable identities of certificates, no names."
)]
pub(super) struct Args {
    /// The new file; - for stdout
    file: PathBuf,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let (_, store) = args.common.config.open(clock)?;
    let to_stdout = args.file == Path::new("-");
    if to_stdout && args.common.json {
        let problem = "stdout is taken by the export; name a file".to_owned();
        return Err(common::value("--json", problem));
    }
    let mut written = Ok(Head::START);
    store
        .read(|view| {
            written = if to_stdout {
                export(view, clock, &mut *out)?.map_err(CliError::Stdout)
            } else {
                to_file(view, clock, &args.file)?
            };
            Ok(())
        })
        .map_err(CliError::store("the audit chain can't be read"))?;
    let head = written?;
    if args.common.json {
        let answer = json!({
            "fil": args.file.display().to_string(),
            "hoved": { "nr": head.number, "hash": head.hash.to_string() },
        });
        common::json(out, &answer)?;
    } else if !to_stdout {
        let file = args.file.display();
        writeln!(
            out,
            "{file}: {} audit lines\nhead   {} {}",
            head.number, head.number, head.hash
        )?;
    }
    Ok(Verdict::Good)
}

/// Writes the export into a new file, readable by its owner alone, which has its name when it is whole and on disk.
fn to_file(
    view: &dyn Read,
    clock: &Clock,
    file: &Path,
) -> crate::store::Result<Result<Head, CliError>> {
    let mut aside = file.as_os_str().to_owned();
    aside.push(format!(".del-{}", uuid::Uuid::new_v4().simple()));
    let aside = PathBuf::from(aside);
    let failed = |cause| CliError::file(file, "can't be written")(cause);
    let opened = match file.try_exists() {
        Ok(true) => Err(io::Error::from(io::ErrorKind::AlreadyExists)),
        Ok(false) => OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&aside),
        Err(cause) => Err(cause),
    };
    let to = match opened {
        Ok(to) => to,
        Err(cause) => return Ok(Err(failed(cause))),
    };
    let done = export(view, clock, BufWriter::new(&to)).map(|written| {
        let head = written?;
        to.sync_all()?;
        fs::rename(&aside, file)?;
        let folder = file
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(head)
    });
    if !matches!(done, Ok(Ok(_))) {
        // Best effort: what is reported is why the export failed.
        let _ = fs::remove_file(&aside);
    }
    done.map(|written| written.map_err(failed))
}

/// Writes the chain as it is stored.
fn export(
    view: &dyn Read,
    clock: &Clock,
    to: impl Write,
) -> crate::store::Result<io::Result<Head>> {
    let position = view.position()?;
    let header = Header {
        epoke: position.epoke.to_string(),
        sekvens: position.sekvens,
        eksporteret: clock.now(),
    };
    let mut writer = match Writer::new(to, &header) {
        Ok(writer) => writer,
        Err(cause) => return Ok(Err(cause)),
    };
    let mut written = Ok(());
    view.audit_lines(&mut |line| {
        written = writer.line(&line);
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    Ok(written.and_then(|()| writer.finish()))
}
