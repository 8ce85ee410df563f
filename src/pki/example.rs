//! The folder `pki/` of `dtr init`, `dtr demo` and `dtr certs ny` (kontrakt §11): who is in it and what each is for.
//!
//! The two kommuner have their real, public CVR numbers, which a reader recognises. The others' begin `99`, a range that no
//! organisation has.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;
use uuid::Uuid;

use super::{Ca, Issued, PkiError, Profile, Subject, Usage, Validity, p12};
use crate::identity::Certificate;
use crate::identity::oces::StableId;
use crate::register::{Cvr, Kommunekode, Tidspunkt};
use crate::store::{OrgKind, Organisation};

/// The example CA's common name.
const CA_NAME: &str = "EKSEMPEL OCES udstedende-CA - må ikke bruges i drift";
/// The other CA's, that no configuration names.
const FOREIGN_CA_NAME: &str = "EKSEMPEL fremmed CA - må ikke bruges i drift";

/// An organisation behind one of the good certificates, to be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExampleOrganisation {
    /// The certificate's name: `NAME.pem`, `NAME.key`, `NAME.p12`.
    pub certificate: &'static str,
    /// Eight digits.
    pub cvr: &'static str,
    /// The organisation's name.
    pub navn: &'static str,
    /// What it is.
    pub kind: OrgKind,
    /// A kommune's code.
    pub kommunekode: Option<u16>,
}

impl ExampleOrganisation {
    /// As the register knows it from `at` on; the table's numbers are valid.
    #[must_use]
    pub fn registered(&self, at: Tidspunkt) -> Option<Organisation> {
        Some(Organisation {
            cvr: Cvr::parse(self.cvr).ok()?,
            navn: self.navn.to_owned(),
            art: self.kind,
            kommune: self.kommunekode.map(Kommunekode),
            oprettet: at,
            lukket: None,
        })
    }
}

/// The organisations behind the good certificates.
pub const ORGANISATIONS: [ExampleOrganisation; 5] = {
    use OrgKind::{Aftager, Kommune, Leverandoer, Operatoer};
    let vendor = "Eksempel Dagtilbudssystemer A/S";
    [
        example("kommune", "55133018", "Aarhus Kommune", Kommune, Some(751)),
        example(
            "kommune2",
            "64942212",
            "Københavns Kommune",
            Kommune,
            Some(101),
        ),
        example("leverandoer", "99100028", vendor, Leverandoer, None),
        example(
            "aftager",
            "99200022",
            "Eksempel Statistik ApS",
            Aftager,
            None,
        ),
        example(
            "operatoer",
            "99300035",
            "Eksempelstyrelsen",
            Operatoer,
            None,
        ),
    ]
};

const fn example(
    certificate: &'static str,
    cvr: &'static str,
    navn: &'static str,
    kind: OrgKind,
    kommunekode: Option<u16>,
) -> ExampleOrganisation {
    ExampleOrganisation {
        certificate,
        cvr,
        navn,
        kind,
        kommunekode,
    }
}

/// One certificate of the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleCertificate {
    /// `NAME.pem`, `NAME.key`, `NAME.p12`.
    pub name: &'static str,
    /// The CVR number that dtr reads from it.
    pub cvr: Option<String>,
    /// The stable identity that dtr reads from it.
    pub identity: Option<StableId>,
    /// What it shows.
    pub purpose: &'static str,
    /// A caller with it gets in.
    pub good: bool,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExamplePki {
    /// The folder; also in it: `ca.pem`, `ca.key`, `crl.pem`.
    pub dir: PathBuf,
    /// The certificates, the server's first.
    pub certificates: Vec<ExampleCertificate>,
    /// The organisations behind the good ones.
    pub organisations: &'static [ExampleOrganisation],
}

/// Makes the whole example PKI in `dir`, which is created when absent. Keys can be read by their owner alone.
///
/// # Errors
/// [`PkiError::Write`] when a file of one of the names is there already, or can't be written.
pub fn write_example(dir: &Path, now: OffsetDateTime) -> Result<ExamplePki, PkiError> {
    fs::create_dir_all(dir).map_err(unwritten(dir))?;
    let ca = Ca::new(CA_NAME, now)?;
    let foreign = Ca::new(FOREIGN_CA_NAME, now)?;
    write(&dir.join("ca.pem"), ca.pem(), PUBLIC)?;
    write(&dir.join("ca.key"), ca.key_pem(), SECRET)?;

    let mut certificates = Vec::new();
    let mut revoked = Vec::new();
    for entry in entries(now) {
        let issuer = if entry.foreign { &foreign } else { &ca };
        let issued = issuer.issue(&entry.profile)?;
        write_issued(dir, entry.name, &issued)?;
        let read = Certificate::read(&issued.der).ok();
        certificates.push(ExampleCertificate {
            name: entry.name,
            cvr: read.as_ref().map(|c| c.cvr.to_string()),
            identity: read.map(|c| c.identity),
            purpose: entry.purpose,
            good: entry.good,
        });
        if entry.revoked {
            revoked.push(issued);
        }
    }
    let revoked: Vec<&Issued> = revoked.iter().collect();
    let list = ca.revocation_list(&revoked, Validity::five_years(now))?;
    write(&dir.join("crl.pem"), &list, PUBLIC)?;
    Ok(ExamplePki {
        dir: dir.to_owned(),
        certificates,
        organisations: &ORGANISATIONS,
    })
}

/// Writes `NAME.pem`, `NAME.key`, and both with the CA's certificate in `NAME.p12`.
///
/// # Errors
/// [`PkiError::Write`] when one is there already, or can't be written.
pub fn write_issued(dir: &Path, name: &str, issued: &Issued) -> Result<(), PkiError> {
    let file = |suffix: &str| dir.join(format!("{name}.{suffix}"));
    write(&file("pem"), &issued.certificate_pem, PUBLIC)?;
    write(&file("key"), &issued.key_pem, SECRET)?;
    let both = p12::file(name, &issued.key_der, &issued.der, &issued.issuer)?;
    write(&file("p12"), &both, SECRET)
}

/// A certificate to be made.
struct Entry {
    name: &'static str,
    purpose: &'static str,
    profile: Profile,
    good: bool,
    foreign: bool,
    revoked: bool,
}

impl Entry {
    fn new(
        name: &'static str,
        purpose: &'static str,
        subject: Subject,
        now: OffsetDateTime,
    ) -> Self {
        Self {
            name,
            purpose,
            profile: Profile {
                subject,
                usage: Usage::Caller,
                validity: Validity::five_years(now),
            },
            good: true,
            foreign: false,
            revoked: false,
        }
    }
}

/// The good ones, then the bad ones, which all but one carry Aarhus' CVR number: what is wrong with each is the one thing that
/// its name says.
fn entries(now: OffsetDateTime) -> Vec<Entry> {
    let subject = |organisation: &ExampleOrganisation, label: &str| {
        let label = format!("{} - {label}", organisation.navn);
        Subject::oces3_organisation(organisation.cvr, Uuid::new_v4(), organisation.navn, &label)
    };
    let [aarhus, ..] = &ORGANISATIONS;
    let bad = |name, purpose| Entry {
        good: false,
        ..Entry::new(name, purpose, subject(aarhus, name), now)
    };

    let mut server = Entry::new(
        "server",
        "the listeners' own certificate: localhost, 127.0.0.1, ::1",
        Subject::server("Eksempelstyrelsen", "localhost"),
        now,
    );
    server.profile.usage = Usage::Server;

    let mut entries = vec![server];
    entries.extend(ORGANISATIONS.iter().map(|organisation| {
        let purpose = match organisation.kind {
            OrgKind::Kommune => "a kommune's own system",
            OrgKind::Leverandoer => "a vendor's system",
            OrgKind::PrivatEjer => "a private owner's system",
            OrgKind::Aftager => "an export consumer's system",
            OrgKind::Operatoer => "the operator",
        };
        let subject = subject(organisation, "systemcertifikat");
        Entry::new(organisation.certificate, purpose, subject, now)
    }));

    let mut expired = bad("udloebet", "expired yesterday: refused in the handshake");
    expired.profile.validity = Validity::expired(now);
    let mut foreign = bad("fremmed", "issued by another CA: refused in the handshake");
    foreign.foreign = true;
    let mut without_cvr = bad(
        "uden-cvr",
        "no CVR number where it counts: refused with a fault",
    );
    without_cvr.profile.subject = Subject::without_cvr(aarhus.cvr, Uuid::new_v4(), aarhus.navn);
    let mut server_only = bad("kun-server", "serverAuth alone: refused in the handshake");
    server_only.profile.usage = Usage::ServerAuthOnly;
    let mut revoked = bad(
        "tilbagekaldt",
        "revoked in crl.pem: refused in the handshake",
    );
    revoked.revoked = true;
    entries.extend([expired, foreign, without_cvr, server_only, revoked]);
    entries
}

/// Who may read a file: anybody as far as the user's mask lets them, or its owner alone.
const PUBLIC: u32 = 0o666;
const SECRET: u32 = 0o600;

/// Never overwrites: a second CA over the first would strand every certificate already handed out.
fn write(file: &Path, content: impl AsRef<[u8]>, mode: u32) -> Result<(), PkiError> {
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(mode).open(file);
    let written = opened.and_then(|mut open| open.write_all(content.as_ref()));
    written.map_err(unwritten(file))
}

fn unwritten(file: &Path) -> impl Fn(io::Error) -> PkiError {
    move |cause| PkiError::Write {
        file: file.to_owned(),
        cause,
    }
}

#[cfg(test)]
mod tests;
