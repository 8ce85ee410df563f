//! `dtr demo`: the whole register in a throw-away folder (kontrakt §11). What it shows is in [`steps`]; here is how
//! the folder and the server around it come and go.

mod caller;
mod hints;
mod messages;
mod outline;
mod steps;
mod svar;
mod told;
mod words;

use std::fs::DirBuilder;
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use self::caller::Caller;
use self::hints::Places;
use self::steps::Demo;
use self::told::{Style, Told};
use self::words::{Both, Language, Paint};
use super::common::{self, CliError, Verdict};
use super::init::{self, Made};
use super::serve::{addresses, runtime, signals};
use crate::app::{self, App, Ports};
use crate::client::Client;
use crate::clock::Clock;
use crate::config::{Config, Graenser, Log, LogLevel, Lyt};
use crate::files;
use crate::logging;

/// `dtr demo`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "The listeners take the default ports when these are free, else any. demo.json in the folder names their\n\
    addresses; it is there once the demonstration is done and everything answers."
)]
pub(super) struct Args {
    /// Use this folder, absent or empty, and keep it [default: a temporary one]
    #[arg(long, value_name = "D")]
    dir: Option<PathBuf>,
    /// End after the demonstration; a temporary folder is removed
    #[arg(long)]
    once: bool,
    /// Tell each step in a line, without messages and answers
    #[arg(long)]
    kort: bool,
    /// Speak Danish or English
    #[arg(long, value_name = "SPROG", value_enum, default_value = "en")]
    sprog: Language,
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    // Set up already in a process that logs: it logs on as it did.
    let _ = logging::init(&Log {
        niveau: LogLevel::Warn,
        ..Log::default()
    });
    let (folder, temporary) = folder(args.dir.as_deref())?;
    let form = Style {
        language: args.sprog,
        short: args.kort,
        paint: Paint(coloured()),
    };
    let mut told = Told::new(out, form);
    let shown = show(args, &folder, clock, &mut told);
    // Nobody is left who could be told where the folder is.
    let unheard = matches!(shown, Err(CliError::Stdout(_)));
    if temporary && (unheard || (args.once && shown.is_ok())) {
        std::fs::remove_dir_all(&folder).map_err(CliError::file(&folder, "can't be removed"))?;
        if !unheard {
            told.say(&Both::new(
                "Mappen er fjernet igen.",
                "The folder is removed again.",
            ))?;
        }
    } else {
        let place = folder.display();
        told.say(&Both::new(
            format!("Mappen er beholdt: {place}"),
            format!("The folder is kept: {place}"),
        ))?;
        if shown.is_ok() && !args.once {
            let again = hints::again(&program(), &folder);
            told.comment(&Both::new("Serveren igen:", "The server again:"))?;
            told.line(&again)?;
        }
    }
    shown.map(|()| Verdict::Good)
}

/// Whether colours are wanted: on a terminal, unless <https://no-color.org> or a dumb one says otherwise.
fn coloured() -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stdout().is_terminal() && !unwanted
}

/// The folder, absolute, and whether it is a temporary one.
fn folder(wanted: Option<&Path>) -> Result<(PathBuf, bool), CliError> {
    let (dir, temporary) = match wanted {
        Some(dir) => {
            common::empty_folder(dir)?;
            (dir.to_owned(), false)
        }
        None => {
            let name = format!("dtr-demo-{}", uuid::Uuid::new_v4().simple());
            let dir = std::env::temp_dir().join(name);
            DirBuilder::new()
                .mode(0o700)
                .create(&dir)
                .map_err(CliError::file(&dir, "can't be made"))?;
            (dir, true)
        }
    };
    let dir = dir
        .canonicalize()
        .map_err(CliError::file(&dir, "can't be found"))?;
    Ok((dir, temporary))
}

/// Fills the folder, runs the server, shows what it does, and stays up unless it is told not to.
fn show(args: &Args, folder: &Path, clock: &Clock, told: &mut Told<'_>) -> Result<(), CliError> {
    let place = folder.display();
    told.say(&Both::new(
        format!("Et register med opdigtede data, ikke det officielle register, i mappen {place}"),
        format!("A register with made-up data, not the official register, in the folder {place}"),
    ))?;
    let mut made = init::make(folder, clock)?;
    made.config.graenser = limits();
    runtime()?.block_on(async {
        let app = app::start_demonstration(&made.config, Ports::OrAny, clock.clone()).await?;
        keep_addresses(&made, &app)?;
        listening(&made, &app, told)?;
        demonstrate(&made, &app, told).await?;
        announce(folder, &app).await?;
        if args.once {
            told.line("")?;
            told.say(&Both::new(
                "Færdig: alle trin gik, som de skulle.",
                "Done: every step went as it should.",
            ))?;
            app.running.stop().await;
            return Ok(());
        }
        stay(folder, app, told).await
    })
}

/// Of a demonstration: whoever tries things out with a script is not to be slowed down.
fn limits() -> Graenser {
    Graenser {
        kald_pr_sekund: 1000,
        kald_i_traek: 1000,
        ..Graenser::default()
    }
}

/// Where the server listens, and which port another program had.
fn listening(made: &Made, app: &App, told: &mut Told<'_>) -> Result<(), CliError> {
    let (wanted, got) = (&made.config.lyt, &app.running);
    for (listener, wanted, got) in [
        ("service", wanted.service, got.service),
        ("public", wanted.public, got.public),
        ("admin", wanted.admin, got.admin),
    ] {
        if wanted.port() != got.port() {
            let (taken, free) = (wanted.port(), got.port());
            told.say(&Both::new(
                format!("Port {taken} ({listener}) er optaget; her bruges {free}."),
                format!("Port {taken} ({listener}) is taken; {free} is used instead."),
            ))?;
        }
    }
    let addresses = format!(
        "service {}\npublic  {}\nadmin   http://{}",
        app.service_url, app.public_url, got.admin
    );
    told.line(&addresses)
}

/// Writes the addresses that were free into the configuration, so that other commands find the server.
fn keep_addresses(made: &Made, app: &App) -> Result<(), CliError> {
    let config = Config {
        lyt: Lyt {
            service: app.running.service,
            public: app.running.public,
            admin: app.running.admin,
        },
        graenser: limits(),
        ..init::configuration()
    };
    write_aside(&made.config_file, &config.annotated())
}

async fn demonstrate(made: &Made, app: &App, told: &mut Told<'_>) -> Result<(), CliError> {
    let caller = |name| Caller::new(&made.pki.dir, name, &app.service_url);
    let demo = Demo {
        operatoer: caller("operatoer")?,
        kommune: caller("kommune")?,
        aftager: caller("aftager")?,
        public_url: &app.public_url,
        database: &made.config.database.fil,
    };
    demo.run(told).await
}

/// Writes `demo.json` once the public and the admin listener answer too.
async fn announce(folder: &Path, app: &App) -> Result<(), CliError> {
    let admin_url = format!("http://{}", app.running.admin);
    let client = Client::plain()?;
    for url in [
        format!("{}/healthz", app.public_url),
        format!("{admin_url}/readyz"),
    ] {
        let answer = client.get(&url, &[]).await?;
        if !answer.status.is_success() {
            return Err(CliError::Failed(format!(
                "{url} answers HTTP {}",
                answer.status
            )));
        }
    }
    let addresses = addresses(app);
    write_aside(&folder.join("demo.json"), &format!("{addresses}\n"))
}

/// Writes a file under another name and renames it, so that nobody reads half of it.
fn write_aside(file: &Path, content: &str) -> Result<(), CliError> {
    files::replace(file, ".ny", content.as_bytes())
        .map_err(CliError::file(file, "can't be written"))
}

/// The program itself, as a shell finds it.
fn program() -> String {
    std::env::current_exe().map_or_else(
        |_| "dtr".to_owned(),
        |program| program.display().to_string(),
    )
}

async fn stay(folder: &Path, app: App, told: &mut Told<'_>) -> Result<(), CliError> {
    for (name, message) in hints::messages() {
        let file = folder.join(name);
        std::fs::write(&file, message).map_err(CliError::file(&file, "can't be written"))?;
    }
    let program = program();
    let places = Places {
        folder,
        service_url: &app.service_url,
        public_url: &app.public_url,
        program: &program,
    };
    let signals = signals()?;
    told.line("")?;
    told.say(&Both::new(
        "Færdig: alle trin gik, som de skulle. Serveren bliver oppe; Ctrl-C slutter den. Til en anden skal:",
        "Done: every step went as it should. The server stays up; Ctrl-C ends it. To paste into another shell:",
    ))?;
    for (what, lines) in places.lines() {
        told.comment(&what)?;
        told.line(&lines)?;
    }
    app.running.until(signals).await;
    Ok(())
}
