//! `dtr serve`: runs the server until it is told to stop.

use std::io::Write;

use clap::Args as ClapArgs;
use serde_json::json;

use super::common::{self, CliError, ConfigArg, Verdict};
use crate::app::{self, App, Ports};
use crate::clock::Clock;
use crate::config::Config;
use crate::logging;

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
    let config = args.config.load()?;
    // Set up already in a process that logs: it logs on as it did.
    let _ = logging::init(&config.log);
    runtime()?.block_on(async {
        let app = app::start(&config, Ports::AsConfigured, clock.clone()).await?;
        tell(args, &config, &app, out)?;
        tracing::info!(service = %app.running.service, public = %app.running.public,
            admin = %app.running.admin, "started");
        app.running
            .until_signal()
            .await
            .map_err(|cause| CliError::System {
                what: "can't listen for SIGTERM and SIGINT",
                cause,
            })
    })?;
    tracing::info!("stopped");
    Ok(Verdict::Good)
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

fn tell(args: &Args, config: &Config, app: &App, out: &mut dyn Write) -> Result<(), CliError> {
    let admin = format!("http://{}", app.running.admin);
    if args.json {
        let answer = json!({
            "service_url": app.service_url,
            "public_url": app.public_url,
            "admin_url": admin,
        });
        common::json(out, &answer)?;
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
