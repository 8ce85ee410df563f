//! The status as lines for a person: a name, and what is to be said of it.

use std::io::{self, Write};

use super::{MirrorStatus, OwnTls, RegisterStatus, ServerState, ServerStatus, Status, TlsSeen};
use crate::calls::Silent;
use crate::identity::revocation::ListState;
use crate::register::{Niveau, Tidspunkt};

/// So many refused certificates are shown, the latest.
const SHOWN: usize = 5;

/// The lines: the name of each, and the rest.
type Lines = Vec<(String, String)>;

impl Status {
    /// Writes the lines; last what would keep a server from starting.
    ///
    /// # Errors
    /// Those of the output.
    pub fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let database = self.database.display();
        let mut lines = Lines::new();
        let mut say = |name: &str, text: String| lines.push((name.to_owned(), text));
        say("register", format!("{database} ({} bytes)", self.bytes));
        if let Some(kind) = &self.network {
            say(
                "drive",
                format!(
                    "a network's ({kind}): locks and fsync may not hold there; move the register to this machine"
                ),
            );
        }
        if let Some(why) = &self.distrust {
            say("clock", why.clone());
        }
        register(&self.register, &mut lines);
        lines.extend(self.mirrors.iter().map(mirror));
        silent(&self.silent, &mut lines);
        own_tls(&self.tls, &mut lines);
        if let Some(seen) = &self.server.tls {
            seen_tls(seen, &mut lines);
        }
        lines.push(("server".to_owned(), server(&self.server)));
        for (name, text) in lines {
            writeln!(out, "{name:<18} {text}")?;
        }
        for why in &self.obstacles {
            writeln!(out, "A server would not start: {why}")?;
        }
        Ok(())
    }
}

fn register(register: &RegisterStatus, lines: &mut Lines) {
    let mut say = |name: &str, text: String| lines.push((name.to_owned(), text));
    let position = register.position;
    say("epoke", position.epoke.to_string());
    let last = position.tidspunkt.map(|at| at.to_string());
    let last = last.as_deref().unwrap_or("none yet");
    say(
        "sekvens",
        format!("{}, last change {last}", position.sekvens),
    );
    for (level, (open, closed)) in Niveau::ALL.into_iter().zip(register.counts) {
        say(level.element(), format!("{open} open, {closed} closed"));
    }
    say("numbers left", register.numbers_left.to_string());
    let (open, closed) = register.organisations;
    say("organisations", format!("{open} open, {closed} closed"));
    say(
        "findings",
        match register.last_run {
            Some(run) => format!(
                "{} open after the run of {} (dtr recheck --vis)",
                run.aabne, run.begyndt
            ),
            None => "no run yet (dtr recheck)".to_owned(),
        },
    );
    let head = &register.head;
    say("audit head", format!("{} {}", head.number, head.hash));
}

fn mirror(mirror: &MirrorStatus) -> (String, String) {
    let kind = mirror.kind.as_str();
    let told = match (&mirror.error, &mirror.state) {
        (Some(why), _) => format!("can't be used: {why}"),
        (None, None) => format!("none: nothing is checked in it; dtr mirror load {kind} FILE"),
        (None, Some(state)) => format!(
            "{} rows of {}, loaded {}, {} rejected",
            state.rows, state.source, state.loaded, state.rejected
        ),
    };
    (format!("mirror of {kind}"), told)
}

fn silent(silent: &Result<Vec<Silent>, String>, lines: &mut Lines) {
    let mut say = |text: String| lines.push(("silent".to_owned(), text));
    let silent = match silent {
        Ok(silent) => silent,
        Err(why) => return say(format!("not known: {why}")),
    };
    let at = |at: Option<Tidspunkt>| at.map_or_else(|| "never".to_owned(), |at| at.to_string());
    for Silent { system, last } in silent {
        say(format!(
            "{} {} (CVR {}): last success {}, refusal {}, failure {}",
            system.id,
            system.navn,
            system.ejer,
            at(last.success),
            at(last.refusal),
            at(last.failure)
        ));
    }
}

fn own_tls(tls: &Result<OwnTls, String>, lines: &mut Lines) {
    let mut say = |name: &str, text: String| lines.push((name.to_owned(), text));
    say(
        "certificate",
        match tls {
            Ok(tls) if tls.days < 0 => "the server's has expired: replace it".to_owned(),
            Ok(tls) => format!("the server's is valid for {} more days", tls.days),
            Err(error) => format!("the server would not start: {error}"),
        },
    );
    for list in tls.iter().flat_map(|tls| &tls.lists) {
        let state = match list.state {
            ListState::Fresh => "fresh",
            ListState::Stale => "out of date, and still believed: fetch a new one",
            ListState::Expired => "no longer believed: its issuer's certificates are refused",
        };
        say("revocation list", format!("{}: {state}", list.issuer));
    }
}

fn seen_tls(seen: &TlsSeen, lines: &mut Lines) {
    let mut say = |name: &str, text: String| lines.push((name.to_owned(), text));
    for back in &seen.gone_back {
        say(
            "revocation list",
            format!(
                "{}: older than one that the server used before; was an old file put back?",
                back.issuer
            ),
        );
    }
    if seen.renewal_hangs {
        let text =
            "has not come back for a minute: a file of [tls] lies on a disk that does not answer";
        say("renewal", text.to_owned());
    }
    for refused in seen.refused.iter().rev().take(SHOWN) {
        let cvr = refused.cvr.as_deref().unwrap_or("-");
        let (check, sha256) = (&refused.check, &refused.sha256);
        say("refused", format!("{check} of CVR {cvr}, sha256 {sha256}"));
    }
    for fetched in &seen.fetched {
        if let Some(why) = &fetched.why {
            say("fetching", format!("{}: {why}", fetched.url));
        }
    }
    for failed in &seen.failed {
        say("renewal", format!("failed, the old stands: {}", failed.why));
    }
}

fn server(server: &ServerStatus) -> String {
    let admin = server.address;
    match &server.state {
        ServerState::Ready => format!("ready (answers on {admin})"),
        ServerState::NotReady(why) => format!("not ready (answers on {admin}): {why}"),
        ServerState::NoAnswer => format!("none answers on {admin}"),
    }
}
