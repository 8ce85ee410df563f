//! `dtr certs`: example certificates for trying things out, and how dtr reads a certificate.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, Subcommand};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;
use x509_parser::parse_x509_certificate;

use super::common::{self, CliError, Verdict};
use crate::clock::Clock;
use crate::files;
use crate::identity::oces::Fingerprint;
use crate::identity::{Certificate, OcesError};
use crate::pki::{self, Ca, Profile, Subject, Usage, Validity};
use crate::register::Cvr;

/// `dtr certs …`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a new example PKI: a CA, good certificates and deliberately bad ones.
    Ny {
        /// The folder; created when absent. No file is overwritten.
        #[arg(long)]
        dir: PathBuf,
        /// One JSON object on stdout.
        #[arg(long)]
        json: bool,
    },
    /// Issue one more organisation certificate (OCES3) from an example CA.
    Organisation(OrganisationArgs),
    /// Show how dtr reads a certificate: CVR number and identity, or why it would be refused.
    Vis {
        /// PEM (its first certificate) or DER.
        file: PathBuf,
        /// One JSON object on stdout.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, ClapArgs)]
struct OrganisationArgs {
    /// The example CA's certificate.
    #[arg(long)]
    ca: PathBuf,
    /// The example CA's key.
    #[arg(long)]
    ca_key: PathBuf,
    /// The organisation's CVR number, eight digits.
    #[arg(long)]
    cvr: String,
    /// The organisation's name.
    #[arg(long)]
    navn: String,
    /// Writes `<OUT>.pem`, `<OUT>.key` and both in `<OUT>.p12` (password eksempel).
    #[arg(long)]
    out: PathBuf,
    /// In the legacy form, a function certificate (`CVR:…-FID:…`).
    #[arg(long)]
    oces2: bool,
    /// One JSON object on stdout.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let now = clock.calendar();
    match &args.command {
        Command::Ny { dir, json } => new(dir, *json, now, out),
        Command::Organisation(args) => organisation(args, now, out),
        Command::Vis { file, json } => show(file, *json, now, out),
    }?;
    Ok(Verdict::Good)
}

/// What keeps a command about a file from being done.
fn wrong(file: &Path, why: impl Display) -> CliError {
    CliError::Failed(format!("{}: {why}", file.display()))
}

fn no_certificate(file: &Path) -> CliError {
    wrong(
        file,
        "holds no X.509 certificate, neither as PEM nor as DER",
    )
}

fn new(dir: &Path, json: bool, now: OffsetDateTime, out: &mut dyn Write) -> Result<(), CliError> {
    let made = pki::write_example(dir, now)?;
    if json {
        let certificates: Vec<_> = made
            .certificates
            .iter()
            .map(|c| {
                json!({
                    "navn": c.name,
                    "cvr": c.cvr,
                    "identitet": c.identity.as_ref().map(ToString::to_string),
                    "god": c.good,
                })
            })
            .collect();
        let answer = json!({ "mappe": dir.display().to_string(), "certifikater": certificates });
        return common::json(out, &answer);
    }
    writeln!(
        out,
        "{}: ca.pem, ca.key, crl.pem, and as .pem with .key, or both in .p12 (password {}):",
        dir.display(),
        pki::PASSWORD
    )?;
    for c in &made.certificates {
        let cvr = c.cvr.as_deref().unwrap_or("-");
        writeln!(out, "  {:<13} {cvr:<9} {}", c.name, c.purpose)?;
    }
    writeln!(
        out,
        "For trying things out only: dtr refuses this CA unless the configuration says tillad_eksempel_ca = true."
    )?;
    Ok(())
}

fn organisation(
    args: &OrganisationArgs,
    now: OffsetDateTime,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    let cvr = Cvr::parse(&args.cvr).map_err(|_| {
        let cvr = &args.cvr;
        CliError::Failed(format!("--cvr {cvr}: a CVR number is eight digits"))
    })?;
    let name = args
        .out
        .file_name()
        .and_then(|name| name.to_str())
        .ok_or_else(|| {
            let out = args.out.display();
            CliError::Failed(format!("--out {out}: must end in the new files' name"))
        })?;
    let dir = args.out.parent().unwrap_or(Path::new(""));
    let ca = Ca::from_pem(&text(&args.ca)?, &text(&args.ca_key)?)?;
    let subject = if args.oces2 {
        // OCES2 numbered its function certificates with eight digits; any that this CA hasn't used will do.
        let fid = format!("{:08}", Uuid::new_v4().as_u128() % 100_000_000);
        Subject::oces2_function(cvr.as_str(), &fid, &args.navn, name)
    } else {
        Subject::oces3_organisation(cvr.as_str(), Uuid::new_v4(), &args.navn, name)
    };
    let issued = ca.issue(&Profile {
        subject,
        usage: Usage::Caller,
        validity: Validity::five_years(now),
    })?;
    pki::write_issued(dir, name, &issued)?;
    let file = dir.join(format!("{name}.pem"));
    if !args.json {
        let (file, password) = (file.display(), pki::PASSWORD);
        writeln!(
            out,
            "made        {file}, its .key, and both in its .p12 (password {password})"
        )?;
    }
    show(&file, args.json, now, out)
}

fn show(file: &Path, json: bool, now: OffsetDateTime, out: &mut dyn Write) -> Result<(), CliError> {
    let der = certificate(file)?;
    let (_, parsed) = parse_x509_certificate(&der).map_err(|_| no_certificate(file))?;
    let validity = parsed.validity();
    let (from, to) = (
        validity.not_before.to_datetime(),
        validity.not_after.to_datetime(),
    );
    let in_force = from <= now && now <= to;
    let fingerprint = Fingerprint::of(&der);
    let read = Certificate::read(&der);

    if json {
        let answer = json!({
            "cvr": read.as_ref().ok().map(|c| c.cvr.as_str()),
            "identitet": read.as_ref().ok().map(|c| c.identity.to_string()),
            "generation": read.as_ref().ok().map(|c| c.identity.generation()),
            "slags": read.as_ref().ok().map(|c| c.kind),
            "sha256": fingerprint.to_string(),
            "gyldigFra": instant(from),
            "gyldigTil": instant(to),
            "gyldigNu": in_force,
            "afvist": read.as_ref().err().map(ToString::to_string),
        });
        common::json(out, &answer)?;
    } else {
        if let Ok(c) = &read {
            writeln!(out, "CVR         {}", c.cvr)?;
            writeln!(out, "identity    {}", c.identity)?;
            let (generation, kind) = (c.identity.generation(), c.kind);
            writeln!(out, "form        {generation}, {kind}")?;
        }
        let (from, to) = (instant(from), instant(to));
        let remark = if in_force { "" } else { " (not valid now)" };
        writeln!(out, "validity    {from} to {to}{remark}")?;
        writeln!(out, "sha256      {fingerprint}")?;
    }
    let refused = |cause: OcesError| format!("a caller with this certificate is refused: {cause}");
    read.map(|_| ())
        .map_err(|cause| wrong(file, refused(cause)))
}

/// The first certificate of a PEM file, or the one of a DER file.
fn certificate(file: &Path) -> Result<CertificateDer<'static>, CliError> {
    let content = files::read(file, files::SMALL).map_err(unreadable(file))?;
    if content.starts_with(&[0x30]) {
        return Ok(content.into());
    }
    CertificateDer::from_pem_slice(&content).map_err(|_| no_certificate(file))
}

fn text(file: &Path) -> Result<String, CliError> {
    files::read_text(file, files::SMALL).map_err(unreadable(file))
}

fn unreadable(file: &Path) -> impl Fn(io::Error) -> CliError {
    move |cause| wrong(file, format!("can't be read: {cause}"))
}

/// `2026-11-22T12:00:00Z`.
fn instant(at: OffsetDateTime) -> String {
    let at = at.to_offset(time::UtcOffset::UTC);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

#[cfg(test)]
mod tests;
