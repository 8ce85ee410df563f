//! `dtr status`: where the register stands, and what will need a hand soon.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use clap::Args as ClapArgs;
use serde_json::json;

use super::common::{self, CliError, ConfigArg, Verdict};
use super::serve::runtime;
use crate::app;
use crate::audit::Head;
use crate::client::Client;
use crate::clock::Clock;
use crate::config::Config;
use crate::identity::revocation::{self, RevocationList, Tilstand};
use crate::mirror::{self, MirrorKind};
use crate::register::{Kontrol, Niveau};
use crate::store::{self, Position, Read, StoreExt, sqlite};

/// So many refused certificates are shown, the latest.
const SHOWN: usize = 5;

/// How long the server is given to say that it is there.
const ASKING: Duration = Duration::from_secs(3);

/// `dtr status`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigArg,
    /// One JSON object on stdout
    #[arg(long)]
    json: bool,
}

/// What the register itself says, in one consistent view.
struct Register {
    stand: Position,
    counts: [(u64, u64); 3],
    numbers_left: u64,
    head: Head,
    organisations: (usize, usize),
    /// The last monthly run.
    kontrol: Option<Kontrol>,
    /// Why the machine's clock is not believed, if it is not.
    distrust: Option<String>,
}

/// What TLS of the configuration's files looks like now.
struct OwnTls {
    /// Days until the server's certificate expires.
    days: i64,
    lists: Vec<(RevocationList, Tilstand)>,
}

/// What the admin listener of the configuration answers.
enum Server {
    Ready,
    /// It answers, and is not ready for this reason.
    NotReady(String),
    NoAnswer,
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let (config, store) = args.config.open(clock)?;
    let mut register = store
        .read(|view| read(view))
        .map_err(CliError::store("the register can't be read"))?;
    drop(store);
    register.distrust = clock.distrust().map(|why| why.to_string());
    let bytes = size(&config.database.fil);
    let mirrors = mirrors(&config);
    let now = common::calendar(clock.now());
    let staleness = app::staleness(&config);
    let tls = app::service_tls(&config)
        .map(|tls| OwnTls {
            days: tls.days_to_expiry(now),
            lists: revocation::current(&tls.lists, now)
                .into_iter()
                .map(|list| (list.clone(), list.tilstand(now, staleness)))
                .collect(),
        })
        .map_err(|error| error.to_string());
    let hindringer = app::hindringer(&config);
    let (server, seen) = ask(&config)?;
    if args.json {
        as_json(
            &config,
            &register,
            bytes,
            (&tls, &mirrors),
            (&server, &seen),
            &hindringer,
            out,
        )?;
    } else {
        as_text(
            &config,
            &register,
            bytes,
            (&tls, &mirrors),
            (&server, &seen),
            out,
        )?;
        for why in &hindringer {
            writeln!(out, "A server would not start: {why}")?;
        }
    }
    Ok(if hindringer.is_empty() {
        Verdict::Good
    } else {
        Verdict::Wanting
    })
}

/// How each mirror beside the register was loaded; none where there is none.
type Mirrors = [(
    MirrorKind,
    Result<Option<mirror::MirrorState>, mirror::MirrorError>,
); 2];

fn mirrors(config: &Config) -> Mirrors {
    MirrorKind::ALL.map(|slags| {
        let path = sqlite::mirror::path(&config.database.fil, slags);
        (slags, sqlite::mirror::state(&path, slags))
    })
}

fn mirror_json(
    (slags, stand): &(
        MirrorKind,
        Result<Option<mirror::MirrorState>, mirror::MirrorError>,
    ),
) -> (String, serde_json::Value) {
    let told = match stand {
        Ok(None) => serde_json::Value::Null,
        Ok(Some(stand)) => json!({
            "indlaest": stand.loaded.to_string(),
            "kilde": stand.source,
            "raekker": stand.rows,
            "afvist": stand.rejected,
        }),
        Err(error) => json!({ "fejl": error.why }),
    };
    (slags.as_str().to_owned(), told)
}

fn read(view: &dyn Read) -> store::Result<Register> {
    let organisations = view.organisationer()?;
    let closed = organisations.iter().filter(|o| o.lukket.is_some()).count();
    Ok(Register {
        stand: view.stand()?,
        counts: view.counts()?,
        numbers_left: view.numbers_left()?,
        head: view.audit_head()?,
        organisations: (organisations.len() - closed, closed),
        kontrol: view.last_kontrol()?,
        distrust: None,
    })
}

/// The database with its write-ahead log, in bytes.
fn size(file: &Path) -> u64 {
    let mut wal = file.as_os_str().to_owned();
    wal.push("-wal");
    [file, Path::new(&wal)]
        .iter()
        .filter_map(|file| std::fs::metadata(file).ok())
        .map(|metadata| metadata.len())
        .sum()
}

/// Asks the server whether it is ready, and what its TLS has seen.
fn ask(config: &Config) -> Result<(Server, serde_json::Value), CliError> {
    let url = |path| format!("http://{}{path}", config.lyt.admin);
    let (ready, tls) = runtime()?.block_on(async {
        let Ok(client) = Client::plain() else {
            return (None, None);
        };
        let client = client.with_timeout(ASKING);
        let ready = client.get(&url("/readyz"), &[]).await.ok();
        let tls = client.get(&url("/tls.json"), &[]).await.ok();
        (ready, tls)
    });
    let seen = tls
        .filter(|answer| answer.status.is_success())
        .and_then(|answer| serde_json::from_slice(&answer.body).ok())
        .unwrap_or_default();
    let server = match ready {
        None => Server::NoAnswer,
        Some(answer) if answer.status.is_success() => Server::Ready,
        Some(answer) => Server::NotReady(answer.text().trim().to_owned()),
    };
    Ok((server, seen))
}

fn as_json(
    config: &Config,
    register: &Register,
    bytes: u64,
    (tls, mirrors): (&Result<OwnTls, String>, &Mirrors),
    (server, seen): (&Server, &serde_json::Value),
    hindringer: &[String],
    out: &mut dyn Write,
) -> Result<(), CliError> {
    let stand = register.stand;
    let records: serde_json::Map<_, _> = Niveau::ALL
        .into_iter()
        .zip(register.counts)
        .map(|(level, (open, closed))| {
            let counts = json!({ "aktive": open, "nedlagte": closed });
            (level.element().to_owned(), counts)
        })
        .collect();
    let lists: Vec<_> = tls
        .iter()
        .flat_map(|tls| &tls.lists)
        .map(|(list, state)| {
            json!({
                "udsteder": list.udsteder,
                "tilstand": state.as_str(),
                "nextUpdate": list.next_update.unix_timestamp(),
            })
        })
        .collect();
    let answer = json!({
        "register": config.database.fil.display().to_string(),
        "bytes": bytes,
        "starterIkke": hindringer,
        "urMistroet": register.distrust,
        "netdrev": sqlite::network(&config.database.fil),
        "epoke": stand.epoke.to_string(),
        "sekvens": stand.sekvens.0,
        "senesteAendring": stand.tidspunkt.map(|at| at.to_string()),
        "poster": records,
        "numreTilbage": register.numbers_left,
        "organisationer": { "aabne": register.organisations.0, "lukkede": register.organisations.1 },
        "kontrol": register.kontrol.map(|run| json!({
            "begyndt": run.begyndt.to_string(), "aabne": run.aabne, "nye": run.nye, "loeste": run.loeste,
        })),
        "audit": { "nr": register.head.number, "hash": register.head.hash.to_string() },
        "servercertifikat": {
            "dageTilbage": tls.as_ref().ok().map(|tls| tls.days),
            "fejl": tls.as_ref().err(),
        },
        "spejle": mirrors.iter().map(mirror_json).collect::<serde_json::Map<_, _>>(),
        "spaerrelister": lists,
        "tls": seen,
        "server": {
            "adresse": config.lyt.admin.to_string(),
            "svarer": !matches!(server, Server::NoAnswer),
            "klar": matches!(server, Server::Ready),
        },
    });
    common::json(out, &answer)
}

fn as_text(
    config: &Config,
    register: &Register,
    bytes: u64,
    (tls, mirrors): (&Result<OwnTls, String>, &Mirrors),
    (server, seen): (&Server, &serde_json::Value),
    out: &mut dyn Write,
) -> Result<(), CliError> {
    let stand = register.stand;
    let last = stand
        .tidspunkt
        .map_or("none yet".to_owned(), |at| at.to_string());
    let (open, closed) = register.organisations;
    writeln!(
        out,
        "register           {} ({bytes} bytes)",
        config.database.fil.display()
    )?;
    if let Some(kind) = sqlite::network(&config.database.fil) {
        writeln!(
            out,
            "drive              a network's ({kind}): locks and fsync may not hold there; move the register to this machine"
        )?;
    }
    if let Some(why) = &register.distrust {
        writeln!(out, "clock              {why}")?;
    }
    writeln!(out, "epoke              {}", stand.epoke)?;
    writeln!(
        out,
        "sekvens            {}, last change {last}",
        stand.sekvens
    )?;
    for (level, (open, closed)) in Niveau::ALL.into_iter().zip(register.counts) {
        writeln!(out, "{:<18} {open} open, {closed} closed", level.element())?;
    }
    writeln!(out, "numbers left       {}", register.numbers_left)?;
    writeln!(out, "organisations      {open} open, {closed} closed")?;
    match register.kontrol {
        Some(run) => writeln!(
            out,
            "findings           {} open after the run of {} (dtr recheck --vis)",
            run.aabne, run.begyndt
        )?,
        None => writeln!(out, "findings           no run yet (dtr recheck)")?,
    }
    writeln!(
        out,
        "audit head         {} {}",
        register.head.number, register.head.hash
    )?;
    for (slags, stand) in mirrors {
        let told = match stand {
            Ok(None) => format!(
                "none: nothing is checked in it; dtr mirror load {} FILE",
                slags.as_str()
            ),
            Ok(Some(stand)) => format!(
                "{} rows of {}, loaded {}, {} rejected",
                stand.rows, stand.source, stand.loaded, stand.rejected
            ),
            Err(error) => format!("can't be used: {}", error.why),
        };
        writeln!(out, "mirror of {:<8} {told}", slags.as_str())?;
    }
    match tls {
        Ok(tls) if tls.days < 0 => writeln!(
            out,
            "certificate        the server's has expired: replace it"
        )?,
        Ok(tls) => writeln!(
            out,
            "certificate        the server's is valid for {} more days",
            tls.days
        )?,
        Err(error) => writeln!(
            out,
            "certificate        the server would not start: {error}"
        )?,
    }
    for (list, state) in tls.iter().flat_map(|tls| &tls.lists) {
        let state = match state {
            Tilstand::Frisk => "fresh",
            Tilstand::Gammel => "out of date, and still believed: fetch a new one",
            Tilstand::Udloebet => "no longer believed: its issuer's certificates are refused",
        };
        writeln!(out, "revocation list    {}: {state}", list.udsteder)?;
    }
    for back in seen["gaaetTilbage"].as_array().into_iter().flatten() {
        writeln!(
            out,
            "revocation list    {}: older than one that the server used before; was an old file put back?",
            back["udsteder"].as_str().unwrap_or("-")
        )?;
    }
    if seen["eftersynHaenger"] == true {
        writeln!(
            out,
            "renewal            has not come back for a minute: a file of [tls] lies on a disk that does not answer"
        )?;
    }
    for refused in seen["afviste"]
        .as_array()
        .into_iter()
        .flatten()
        .rev()
        .take(SHOWN)
    {
        writeln!(
            out,
            "refused            {} of CVR {}, sha256 {}",
            refused["kontrol"].as_str().unwrap_or("-"),
            refused["cvr"].as_str().unwrap_or("-"),
            refused["sha256"].as_str().unwrap_or("-"),
        )?;
    }
    for failed in seen["hentning"].as_array().into_iter().flatten() {
        if let Some(why) = failed["fejl"].as_str() {
            let url = failed["url"].as_str().unwrap_or("-");
            writeln!(out, "fetching           {url}: {why}")?;
        }
    }
    for failed in seen["fornyelse"].as_array().into_iter().flatten() {
        writeln!(
            out,
            "renewal            failed, the old stands: {}",
            failed["fejl"].as_str().unwrap_or("-")
        )?;
    }
    let admin = config.lyt.admin;
    match server {
        Server::Ready => writeln!(out, "server             ready (answers on {admin})")?,
        Server::NotReady(why) => writeln!(
            out,
            "server             not ready (answers on {admin}): {why}"
        )?,
        Server::NoAnswer => writeln!(out, "server             none answers on {admin}")?,
    }
    Ok(())
}
