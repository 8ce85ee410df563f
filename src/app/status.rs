//! Gathers where a register stands, with what a configuration makes of its files.

use std::net::SocketAddr;
use std::sync::Arc;

use super::tls;
use crate::calls::{self, Calls};
use crate::clock::Clock;
use crate::config::Config;
use crate::status::{Gathering, MirrorStatus, OwnTls, RegisterStatus, ServerStatus, Status, files};
use crate::store::sqlite::SqliteStore;
use crate::store::{self, Store, StoreExt, sqlite};

/// The status of a configuration's register and of its server, which is asked last. Blocks while the register is read.
///
/// # Errors
/// The register can't be read. What is wrong with anything else is part of the status.
pub async fn status(config: &Config, store: impl Store, clock: &Clock) -> store::Result<Status> {
    let gathered = gathered(config, &store, clock)?;
    drop(store);
    Ok(Status {
        server: ServerStatus::ask(config.lyt.admin).await,
        ..gathered
    })
}

/// The same for a server of its own register, whose admin listener is there.
pub(super) fn gathering(
    config: &Config,
    store: &Arc<SqliteStore>,
    (clock, admin): (&Clock, SocketAddr),
) -> Gathering {
    let (config, store, clock) = (config.clone(), Arc::clone(store), clock.clone());
    Gathering::by(move || {
        let gathered = gathered(&config, &*store, &clock)?;
        let runtime = tokio::runtime::Handle::current();
        Ok(Status {
            server: runtime.block_on(ServerStatus::ask(admin)),
            ..gathered
        })
    })
}

/// All but what the server says.
fn gathered(config: &Config, store: &impl Store, clock: &Clock) -> store::Result<Status> {
    let hours = config.kaldslog.tavs_efter_timer;
    let last = Calls::beside(&config.database.fil).last();
    let (register, silent) = store.read(|view| {
        let silent = match last {
            Ok(last) => Ok(calls::silent(view, &last, clock.now(), hours)?),
            Err(error) => Err(error.to_string()),
        };
        Ok((RegisterStatus::read(view)?, silent))
    })?;
    let database = config.database.fil.clone();
    let (now, staleness) = (clock.calendar(), tls::staleness(config));
    Ok(Status {
        bytes: files(&database).iter().map(|(_, bytes)| bytes).sum(),
        network: sqlite::network(&database),
        distrust: clock.distrust().map(|why| why.to_string()),
        register,
        silent,
        mirrors: MirrorStatus::of_files(&database),
        tls: tls::service_tls(config)
            .map(|tls| OwnTls::of(&tls, now, staleness))
            .map_err(|error| error.to_string()),
        obstacles: super::obstacles(config),
        server: ServerStatus::unasked(config.lyt.admin),
        database,
    })
}
