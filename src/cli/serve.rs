//! `dtr serve`: runs the server until it is told to stop.

mod allocator;

use std::io::Write;
use std::time::Duration;

use clap::Args as ClapArgs;
use rustix::process::{Resource, Rlimit, setrlimit};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use self::allocator::Allocator;
use super::common::{self, CliError, ConfigArg, Verdict};
use crate::app::{self, App, Ports};
use crate::clock::Clock;
use crate::config::Config;
use crate::logging;
use crate::server::Signals;
use crate::store::StoreError;

/// How long the writer may take, once the requests have ended, for the job that it has begun and for the audit lines.
const WRITER: Duration = Duration::from_secs(2);

/// How long readers may then take that nobody waits for.
const READERS: Duration = Duration::from_secs(1);

/// `dtr serve`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigArg,
    /// One JSON object with the addresses on stdout
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let allocator = allocator::settle();
    no_core_dumps()?;
    let config = args.config.load()?;
    // Set up already in a process that logs: it logs on as it did.
    let _ = logging::init(&config.log);
    let runtime = runtime()?;
    let store = runtime.block_on(async {
        let _pipes = match allocator {
            Allocator::AsItIs => None,
            Allocator::NotSet(error) => {
                tracing::warn!(%error, "the allocator keeps its own settings: memory of a peak may stay with the process");
                // A caller that goes away must not end the server.
                signal(SignalKind::pipe()).ok()
            }
        };
        let app = app::start(&config, Ports::AsConfigured, clock.clone()).await?;
        // Before anybody is told that it runs: who stops it on that word stops it gently.
        let signals = signals()?;
        tell(args, &config, &app, out)?;
        tracing::info!(service = %app.running.service, public = %app.running.public,
            admin = %app.running.admin, "started");
        app.running.until(signals).await;
        // It reads the register.
        drop(app.feeder);
        Ok::<_, CliError>(app.store)
    })?;
    // Nobody waits for what is queued any more.
    let ended = store.stop(WRITER);
    runtime.shutdown_timeout(READERS);
    let gone = store.gone().borrow().clone();
    if let Some(why) = gone {
        // Closing would remove the log of that name, which may be somebody else's.
        std::mem::forget(store);
        let cause = StoreError::Gone(why);
        return Err(CliError::store("the server stopped")(cause));
    }
    if !ended {
        tracing::warn!(
            "a write was under way and was not answered: whether it was stored shows when the register is opened"
        );
        // To let it go would be to wait for the write after all.
        std::mem::forget(store);
    }
    tracing::info!("stopped");
    Ok(Verdict::Good)
}

/// A core dump would hold the private key and messages: there is none, whatever the system's setting. Done before
/// either is read, and not to be undone.
fn no_core_dumps() -> Result<(), CliError> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none).map_err(|cause| CliError::System {
        what: "can't turn core dumps off",
        cause: cause.into(),
    })
}

/// The runtime that a server needs.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|cause| CliError::System {
            what: "can't start the runtime",
            cause,
        })
}

/// SIGTERM and SIGINT, for a server that says next that it runs.
pub(super) fn signals() -> Result<Signals, CliError> {
    Signals::listen().map_err(|cause| CliError::System {
        what: "can't listen for SIGTERM and SIGINT",
        cause,
    })
}

/// Where a server is reached.
pub(super) fn addresses(app: &App) -> serde_json::Value {
    json!({
        "service_url": app.service_url,
        "public_url": app.public_url,
        "admin_url": format!("http://{}", app.running.admin),
    })
}

fn tell(args: &Args, config: &Config, app: &App, out: &mut dyn Write) -> Result<(), CliError> {
    let admin = format!("http://{}", app.running.admin);
    if args.json {
        common::json(out, &addresses(app))?;
    } else {
        let register = config.database.fil.display();
        writeln!(
            out,
            "dtr runs on the register {register}. Stop it with SIGTERM or Ctrl-C.\n\
             service  {:<28} listening on {}, mutual TLS\n\
             public   {:<28} listening on {}\n\
             admin    {admin}",
            app.service_url, app.running.service, app.public_url, app.running.public,
        )?;
    }
    Ok(out.flush()?)
}
