//! `dtr export`: documents of the register as files, with their signatures, and the proof of one offline (kontrakt §9).

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, Subcommand};
use hyper::Uri;
use serde_json::json;

use super::common::{self, CliError, Common, Verdict, value};
use crate::app;
use crate::audit::PublicKey;
use crate::clock::Clock;
use crate::export::parameters::Query;
use crate::export::{DocumentSignature, sha256, told};
use crate::files;
use crate::server::{routes, target};
use crate::store::StoreExt;

/// `dtr export …`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a document to a file, with revision.noegle its signature to FILE.sig, and with underskrift.certifikat its
    /// seal to FILE.p7s
    Dokument(DokumentArgs),
    /// Prove offline that a document is one that the register signed
    Verify(VerifyArgs),
}

#[derive(Debug, ClapArgs)]
struct DokumentArgs {
    /// Its path as a server has it, such as /eksport/v2/dagtilbud.xml?kommune=751
    sti: String,
    /// The file, which must not be there
    #[arg(long, value_name = "FILE")]
    til: PathBuf,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, ClapArgs)]
struct VerifyArgs {
    /// The document
    fil: PathBuf,
    /// Its signature: the answer of its path with .sig, or FILE.sig [default: FILE.sig]
    sig: Option<PathBuf>,
    /// The register's public key, its /noegle.pem
    #[arg(long, value_name = "FILE")]
    noegle: PathBuf,
    /// One JSON object on stdout
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    match &args.command {
        Command::Dokument(args) => document(args, clock, out),
        Command::Verify(args) => verify(args, out),
    }
}

fn document(args: &DokumentArgs, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    // As the server reads it.
    let uri: Uri = args
        .sti
        .parse()
        .map_err(|_| value("STI", format!("{} is no path", args.sti)))?;
    let (Some(path), Some(query)) = (target::path(&uri), target::query(&uri)) else {
        return Err(value("STI", format!("{} is no path", args.sti)));
    };
    let path = &*path;
    let document = routes::document_at(path)
        .ok_or_else(|| value("STI", format!("{path} is no document's path")))?;
    let query = Query::parse(&query, document.parameters())
        .map_err(|problem| value("STI", problem.en()))?;
    let (config, store) = args.common.config.open(clock)?;
    let (_, tables) = app::rules(&config, "", "")?;
    let query = query
        .known(&tables.kommune)
        .map_err(|problem| value("STI", problem.en()))?;
    let document = document.asked(&query);
    let signer = app::signer(&config).map_err(app::StartError::from)?;
    let segl = app::segl(&config).map_err(app::StartError::from)?;
    let built = store
        .read(|view| {
            // As the server names what it gives, so that both are the same document.
            let affected = document.affected(view)?;
            told(document.build(view, &tables, affected, usize::MAX))
        })
        .map_err(CliError::store("the register can't be read"))?;
    let (bytes, position) = built.map_err(|problem| value("STI", problem.en()))?;
    let seal = segl.as_ref().map(|segl| segl.af(&bytes)).transpose();
    let seal = seal.map_err(|error| value("underskrift", error.to_string()))?;
    write_new(&args.til, &bytes)?;
    if let Some(seal) = &seal {
        write_new(&beside(&args.til, ".p7s"), seal)?;
    }
    let signed = match &signer {
        Some(signer) => {
            let signature = DocumentSignature::af(&args.sti, position, sha256(&bytes), signer);
            write_new(&beside(&args.til, ".sig"), signature.tekst().as_bytes())?;
            true
        }
        None => false,
    };
    if args.common.json {
        let told = json!({"sekvens": position.sekvens.0, "epoke": position.epoke.to_string(), "bytes": bytes.len(),
            "underskrevet": signed, "forseglet": seal.is_some()});
        common::json(out, &told)?;
    } else {
        let how = if signed {
            "signed"
        } else {
            "not signed: revision.noegle is not set"
        };
        writeln!(
            out,
            "{}: {} bytes at change {}, {how}{}",
            args.til.display(),
            bytes.len(),
            position.sekvens,
            if seal.is_some() { ", sealed" } else { "" }
        )?;
    }
    Ok(Verdict::Good)
}

fn verify(args: &VerifyArgs, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let key =
        PublicKey::load(&args.noegle).map_err(|error| value("--noegle", error.to_string()))?;
    let bytes = read(&args.fil)?;
    let sig = args
        .sig
        .clone()
        .unwrap_or_else(|| beside(&args.fil, ".sig"));
    let signature: DocumentSignature = serde_json::from_slice(&read(&sig)?)
        .map_err(|error| value("SIG", format!("{}: no signature: {error}", sig.display())))?;
    let proved = signature.proev(&bytes, &key);
    if args.json {
        let told = json!({"holder": proved.is_ok(), "fejl": proved.err(), "dokument": signature.dokument,
            "epoke": signature.epoke, "sekvens": signature.sekvens});
        common::json(out, &told)?;
    } else {
        match proved {
            Ok(()) => writeln!(
                out,
                "{} is {} at change {} of {}, signed by the key",
                args.fil.display(),
                signature.dokument,
                signature.sekvens,
                signature.epoke
            )?,
            Err(why) => writeln!(out, "{}: {why}", args.fil.display())?,
        }
    }
    Ok(Verdict::of(proved.is_ok()))
}

/// The file's name with more at its end.
fn beside(file: &Path, more: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(more);
    PathBuf::from(name)
}

/// The largest document that is proved, in bytes: a register of millions of records.
const LARGEST: u64 = 4 << 30;

fn read(file: &Path) -> Result<Vec<u8>, CliError> {
    files::read(file, LARGEST).map_err(CliError::file(file, "can't be read"))
}

/// Nothing is ever overwritten.
fn write_new(file: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let written = std::fs::File::create_new(file).and_then(|mut new| new.write_all(bytes));
    written.map_err(CliError::file(file, "can't be written"))
}
