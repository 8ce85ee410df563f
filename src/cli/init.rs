//! `dtr init`: a folder to start from (kontrakt §11).

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use serde_json::json;

use super::common::{self, CliError, Verdict};
use crate::agreements::{self, Act, Rules, Unchanged, register_organisation, register_system};
use crate::app;
use crate::clock::Clock;
use crate::config::{Config, Tls};
use crate::mirror::Mirrors;
use crate::pki::{self, ExampleOrganisation, ExamplePki};
use crate::register::{Aftale, AftaleId, Omfang, Part, System, Tjeneste};
use crate::store::{self, Outcome, StoreError, StoreExt, Write as Tx};

/// `dtr init`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The folder; absent or empty
    dir: PathBuf,
    /// One JSON object on stdout
    #[arg(long)]
    json: bool,
}

/// A folder as it was made.
pub(super) struct Made {
    /// The configuration's file.
    pub(super) config_file: PathBuf,
    /// The configuration, its paths resolved.
    pub(super) config: Config,
    /// The example PKI.
    pub(super) pki: ExamplePki,
    /// The systems behind some of its certificates.
    systems: Vec<ExampleSystem>,
}

/// A system that is registered with its agreement.
struct ExampleSystem {
    certificate: &'static str,
    system: System,
    agreement: Aftale,
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    common::empty_folder(&args.dir)?;
    let made = make(&args.dir, clock)?;
    if args.json {
        let organisations: Vec<_> = made.pki.organisations.iter().map(shown).collect();
        let answer = json!({
            "mappe": args.dir.display().to_string(),
            "konfiguration": made.config_file.display().to_string(),
            "register": made.config.database.fil.display().to_string(),
            "pki": made.pki.dir.display().to_string(),
            "organisationer": organisations,
            "systemer": made.systems.iter().map(shown_system).collect::<Vec<_>>(),
        });
        common::json(out, &answer)?;
    } else {
        tell(&args.dir, &made, out)?;
    }
    Ok(Verdict::Good)
}

/// Fills an empty folder: example certificates, configuration, empty register with the organisations behind the good
/// certificates.
pub(super) fn make(dir: &Path, clock: &Clock) -> Result<Made, CliError> {
    let pki = pki::write_example(&dir.join("pki"), clock.calendar())?;
    let config_file = dir.join("dtr.toml");
    std::fs::write(&config_file, configuration().annotated())
        .map_err(CliError::file(&config_file, "can't be written"))?;
    let config = Config::load(&config_file)?;
    let store = app::open_store(&config, clock)?;
    let act = common::act("init", clock.now());
    let identities: Vec<_> = pki
        .certificates
        .iter()
        .filter_map(|made| Some((made.name, made.identity.as_ref()?.to_string())))
        .collect();
    let systems = store
        .write_blocking(move |tx| {
            let mut systems = Vec::new();
            for example in &pki::ORGANISATIONS {
                if let Some(organisation) = example.registered(act.now) {
                    register_organisation(tx, &act, organisation).map_err(unexpected)?;
                }
            }
            for (certificate, navn, tjeneste) in SYSTEMS {
                let known = identities.iter().find(|(name, _)| *name == certificate);
                if let Some((_, identity)) = known {
                    let made = example_system(tx, &act, certificate, navn, tjeneste, identity)?;
                    systems.extend(made);
                }
            }
            Ok(Outcome::Keep(systems))
        })
        .map_err(CliError::store(
            "the example organisations can't be registered",
        ))?;
    Ok(Made {
        config_file,
        config,
        pki,
        systems,
    })
}

/// The systems behind two of the example certificates, and what Aarhus Kommune lets them do.
const SYSTEMS: [(&str, &str, Tjeneste); 2] = [
    ("leverandoer", "Eksempel Dagtilbud", Tjeneste::Import),
    ("aftager", "Eksempel Statistik", Tjeneste::Eksport),
];

fn example_system(
    tx: &mut dyn Tx,
    act: &Act,
    certificate: &'static str,
    navn: &str,
    tjeneste: Tjeneste,
    identity: &str,
) -> store::Result<Option<ExampleSystem>> {
    let of = |name: &str| {
        let mut all = pki::ORGANISATIONS.iter();
        all.find(|o| o.certificate == name)
            .and_then(|o| o.registered(act.now))
    };
    let (Some(owner), Some(kommune)) = (of(certificate), of("kommune").and_then(|o| o.kommune))
    else {
        return Ok(None);
    };
    let bound = vec![identity.to_owned()];
    let system = register_system(tx, act, owner.cvr, navn.to_owned(), bound).map_err(unexpected)?;
    let agreement = Aftale {
        id: AftaleId(0),
        system: system.id,
        part: Part::Kommune(kommune),
        tjeneste,
        omfang: Omfang::Alle,
        fra: agreements::today(act.now)?,
        til: None,
        overlap: false,
        oprettet: act.now,
        lukket: None,
        afloeser: None,
    };
    let rules = Rules {
        by_kommune: true,
        mirrors: Mirrors::default(),
    };
    let agreement = agreements::grant(tx, act, &rules, agreement).map_err(unexpected)?;
    Ok(Some(ExampleSystem {
        certificate,
        system,
        agreement,
    }))
}

/// The rules refuse an example: a fault of ours.
fn unexpected(why: Unchanged<impl std::fmt::Debug>) -> StoreError {
    match why {
        Unchanged::Refused(why) => StoreError::Failed(format!("an example is refused: {why:?}")),
        Unchanged::Store(error) => error,
    }
}

/// The configuration of such a folder: the defaults, with its example CA allowed.
pub(super) fn configuration() -> Config {
    Config {
        tls: Tls {
            tillad_eksempel_ca: true,
            ..Tls::default()
        },
        ..Config::default()
    }
}

fn shown(example: &ExampleOrganisation) -> serde_json::Value {
    json!({
        "certifikat": example.certificate,
        "cvr": example.cvr,
        "navn": example.navn,
        "art": example.kind.as_str(),
        "kommune": example.kommunekode,
    })
}

fn shown_system(example: &ExampleSystem) -> serde_json::Value {
    json!({
        "certifikat": example.certificate,
        "id": example.system.id.to_string(),
        "navn": example.system.navn,
        "aftale": example.agreement.id.to_string(),
    })
}

fn tell(dir: &Path, made: &Made, out: &mut dyn Write) -> Result<(), CliError> {
    // Whoever enters the folder first can paste the lines too.
    let config = std::path::absolute(&made.config_file)?;
    let config = config.display();
    writeln!(out, "Made in {}:", dir.display())?;
    writeln!(
        out,
        "  dtr.toml      the configuration, every key explained"
    )?;
    writeln!(out, "  register.db   the register, empty")?;
    writeln!(
        out,
        "  pki/          an example CA and certificates, good and deliberately bad:"
    )?;
    for certificate in &made.pki.certificates {
        let (name, purpose) = (certificate.name, certificate.purpose);
        let mark = if certificate.good { ' ' } else { '-' };
        writeln!(out, "    {mark} {name:<13} {purpose}")?;
    }
    writeln!(
        out,
        "\nRegistered, each with the certificate of the first column:"
    )?;
    for example in made.pki.organisations {
        let kommune = example
            .kommunekode
            .map_or(String::new(), |code| format!(" {code}"));
        writeln!(
            out,
            "    {:<13} CVR {}  {} ({}{kommune})",
            example.certificate,
            example.cvr,
            example.navn,
            example.kind.as_str(),
        )?;
    }
    writeln!(
        out,
        "\nSystems that two of the certificates act as, each with an agreement of Aarhus Kommune (dtr aftale list):"
    )?;
    for example in &made.systems {
        writeln!(
            out,
            "    {:<13} {}  {}, {}: {}",
            example.certificate,
            example.system.id,
            example.system.navn,
            example.agreement.id,
            example.agreement.tjeneste.as_str(),
        )?;
    }
    writeln!(
        out,
        "\nNext:\n  dtr serve --config {config}\n  dtr status --config {config}\n\
        The example certificates are for trying things out: anyone may have such a CA's key. Before real data, put real\n\
        certificates into dtr.toml, take tillad_eksempel_ca out, and register the organisations with dtr org add."
    )?;
    Ok(())
}
