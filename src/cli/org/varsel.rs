//! `dtr org varsel`: the secret address at which an organisation is told what waits for its answer.

use std::io::Write;

use clap::Args as ClapArgs;
use serde_json::json;

use super::{described, line};
use crate::agreements::{NoticesRefused, Secret, give_notices, take_notices};
use crate::cli::common::{self, CliError, Common, value};
use crate::clock::Clock;

/// `dtr org varsel`.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Args {
    /// CVR-nummer, eight digits
    #[arg(value_name = "CVR")]
    cvr: String,
    /// Take the address away, and make no other
    #[arg(long)]
    tilbagekald: bool,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let cvr = common::cvr("CVR", &args.cvr)?;
    let (config, store) = args.common.config.open(clock)?;
    let act = common::act("org varsel", clock.now());
    let failed = "the address can't be changed";
    if args.tilbagekald {
        let taken = common::stored(&store, failed, move |tx| take_notices(tx, &act, cvr))?;
        taken.map_err(no_notices)?;
        return match args.common.json {
            true => common::json(out, &json!({ "cvr": cvr.as_str(), "adresse": null })),
            false => Ok(writeln!(
                out,
                "taken: {cvr} has no address for notices any more"
            )?),
        };
    }
    let secret = Secret::fresh().map_err(CliError::store(failed))?;
    let given = common::stored(&store, failed, move |tx| {
        give_notices(tx, &act, cvr, secret)
    })?;
    let own = given.map_err(no_notices)?;
    let public = config.public_url(config.lyt.public);
    let address = format!("{public}/varsler/{}.xml", secret.digits());
    if args.common.json {
        return common::json(out, &json!({ "cvr": cvr.as_str(), "adresse": address }));
    }
    Ok(writeln!(
        out,
        "given: {}\n{address}\nWhoever has it sees what waits for {}. It is not shown again; dtr org varsel makes another.",
        line(&own),
        own.navn
    )?)
}

/// Why an organisation has no address for notices.
fn no_notices(why: NoticesRefused) -> CliError {
    let problem = match why {
        NoticesRefused::Unknown(cvr) => {
            format!("no open organisation {cvr} is registered; see dtr org list")
        }
        NoticesRefused::NothingToAnswer(own) => format!(
            "{} is asked for nothing: notices are for kommuner, private owners and the operator",
            described(&own)
        ),
        NoticesRefused::None(cvr) => format!("{cvr} has no address for notices"),
    };
    value("CVR", problem)
}
