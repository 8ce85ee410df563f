//! The status as lines for a person: a name, and what is to be said of it.

use std::io::{self, Write};

use super::{MirrorStatus, OwnTls, RegisterStatus, ServerState, ServerStatus, Status, TlsSeen};
use crate::calls::Silent;
use crate::identity::revocation::ListState;
use crate::register::{Language, Niveau, Tidspunkt};

/// So many refused certificates are shown, the latest.
const SHOWN: usize = 5;

/// The lines: the name of each, and the rest.
pub type Lines = Vec<(String, String)>;

impl Status {
    /// Writes the lines; last what would keep a server from starting.
    ///
    /// # Errors
    /// Those of the output.
    pub fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        for (name, text) in self.lines(Language::En) {
            writeln!(out, "{name:<18} {text}")?;
        }
        for why in &self.obstacles {
            writeln!(out, "A server would not start: {why}")?;
        }
        Ok(())
    }

    /// The lines in a language: the name of each, and what is to be said of it.
    pub fn lines(&self, language: Language) -> Lines {
        let t = |da, en| language.of(da, en);
        let database = self.database.display();
        let mut lines = Lines::new();
        let mut say = |name: &str, text: String| lines.push((name.to_owned(), text));
        say("register", format!("{database} ({} bytes)", self.bytes));
        if let Some(kind) = &self.network {
            let why = t(
                "låse og fsync holder måske ikke dér; flyt registeret til denne maskine",
                "locks and fsync may not hold there; move the register to this machine",
            );
            let whose = t("et netværks", "a network's");
            say(t("drev", "drive"), format!("{whose} ({kind}): {why}"));
        }
        if let Some(why) = &self.distrust {
            say(t("ur", "clock"), why.clone());
        }
        register(language, &self.register, &mut lines);
        lines.extend(self.mirrors.iter().map(|own| mirror(language, own)));
        silent(language, &self.silent, &mut lines);
        own_tls(language, &self.tls, &mut lines);
        if let Some(seen) = &self.server.tls {
            seen_tls(language, seen, &mut lines);
        }
        lines.push(("server".to_owned(), server(language, &self.server)));
        lines
    }
}

fn register(language: Language, register: &RegisterStatus, lines: &mut Lines) {
    let t = |da, en| language.of(da, en);
    let mut say = |name: &str, text: String| lines.push((name.to_owned(), text));
    let counted = |open: u64, closed: u64| match language {
        Language::Da => format!("{open} åbne, {closed} lukkede"),
        Language::En => format!("{open} open, {closed} closed"),
    };
    let position = register.position;
    say("epoke", position.epoke.to_string());
    let last = position.tidspunkt.map(|at| at.to_string());
    let last = last.as_deref().unwrap_or(t("ingen endnu", "none yet"));
    let said = t("seneste ændring", "last change");
    say("sekvens", format!("{}, {said} {last}", position.sekvens));
    for (level, (open, closed)) in Niveau::ALL.into_iter().zip(register.counts) {
        say(level.element(), counted(open, closed));
    }
    say(
        t("numre tilbage", "numbers left"),
        register.numbers_left.to_string(),
    );
    let (open, closed) = register.organisations;
    say(
        t("organisationer", "organisations"),
        counted(open as u64, closed as u64),
    );
    let run = match (register.last_run, language) {
        (Some(run), Language::Da) => {
            format!("{} åbne efter kontrollen {}", run.aabne, run.begyndt)
        }
        (Some(run), Language::En) => format!(
            "{} open after the run of {} (dtr recheck --vis)",
            run.aabne, run.begyndt
        ),
        (None, _) => t(
            "ingen kontrol endnu (dtr recheck)",
            "no run yet (dtr recheck)",
        )
        .to_owned(),
    };
    say(t("fund", "findings"), run);
    let head = &register.head;
    say(
        t("revisionskæde", "audit head"),
        format!("{} {}", head.number, head.hash),
    );
}

fn mirror(language: Language, mirror: &MirrorStatus) -> (String, String) {
    let t = |da, en| language.of(da, en);
    let kind = mirror.kind.as_str();
    let told = match (&mirror.error, &mirror.state) {
        (Some(why), _) => format!("{}: {why}", t("kan ikke bruges", "can't be used")),
        (None, None) => format!(
            "{}; dtr mirror load {kind} FILE",
            t(
                "intet: intet slås op i det",
                "none: nothing is checked in it"
            )
        ),
        (None, Some(state)) => match language {
            Language::Da => format!(
                "{} rækker fra {}, indlæst {}, {} afvist",
                state.rows, state.source, state.loaded, state.rejected
            ),
            Language::En => format!(
                "{} rows of {}, loaded {}, {} rejected",
                state.rows, state.source, state.loaded, state.rejected
            ),
        },
    };
    (format!("{} {kind}", t("spejl af", "mirror of")), told)
}

fn silent(language: Language, silent: &Result<Vec<Silent>, String>, lines: &mut Lines) {
    let t = |da, en| language.of(da, en);
    let name = t("tavs", "silent");
    let mut say = |text: String| lines.push((name.to_owned(), text));
    let silent = match silent {
        Ok(silent) => silent,
        Err(why) => return say(format!("{}: {why}", t("vides ikke", "not known"))),
    };
    let never = t("aldrig", "never");
    let at = |at: Option<Tidspunkt>| at.map_or_else(|| never.to_owned(), |at| at.to_string());
    let (success, refusal, failure) = match language {
        Language::Da => ("lykkedes senest", "afvist", "fejlede"),
        Language::En => ("last success", "refusal", "failure"),
    };
    for Silent { system, last } in silent {
        say(format!(
            "{} {} (CVR {}): {success} {}, {refusal} {}, {failure} {}",
            system.id,
            system.navn,
            system.ejer,
            at(last.success),
            at(last.refusal),
            at(last.failure)
        ));
    }
}

fn own_tls(language: Language, tls: &Result<OwnTls, String>, lines: &mut Lines) {
    let t = |da, en| language.of(da, en);
    let mut say = |name: &str, text: String| lines.push((name.to_owned(), text));
    let told = match tls {
        Ok(tls) if tls.days < 0 => t(
            "serverens er udløbet: skift det",
            "the server's has expired: replace it",
        )
        .to_owned(),
        Ok(tls) => match language {
            Language::Da => format!("serverens gælder {} dage endnu", tls.days),
            Language::En => format!("the server's is valid for {} more days", tls.days),
        },
        Err(error) => format!(
            "{}: {error}",
            t("serveren ville ikke starte", "the server would not start")
        ),
    };
    say(t("certifikat", "certificate"), told);
    for list in tls.iter().flat_map(|tls| &tls.lists) {
        let state = match list.state {
            ListState::Fresh => t("frisk", "fresh"),
            ListState::Stale => t(
                "forældet, og gælder endnu: hent en ny",
                "out of date, and still believed: fetch a new one",
            ),
            ListState::Expired => t(
                "gælder ikke mere: udstederens certifikater afvises",
                "no longer believed: its issuer's certificates are refused",
            ),
        };
        say(
            t("spærreliste", "revocation list"),
            format!("{}: {state}", list.issuer),
        );
    }
}

fn seen_tls(language: Language, seen: &TlsSeen, lines: &mut Lines) {
    let t = |da, en| language.of(da, en);
    let mut say = |name: &str, text: String| lines.push((name.to_owned(), text));
    for back in &seen.gone_back {
        let why = t(
            "ældre end en, som serveren har brugt; er en gammel fil lagt tilbage?",
            "older than one that the server used before; was an old file put back?",
        );
        say(
            t("spærreliste", "revocation list"),
            format!("{}: {why}", back.issuer),
        );
    }
    let renewal = t("fornyelse", "renewal");
    if seen.renewal_hangs {
        let text = t(
            "er ikke kommet tilbage i et minut: en fil i [tls] ligger på en disk, der ikke svarer",
            "has not come back for a minute: a file of [tls] lies on a disk that does not answer",
        );
        say(renewal, text.to_owned());
    }
    for refused in seen.refused.iter().rev().take(SHOWN) {
        let cvr = refused.cvr.as_deref().unwrap_or("-");
        let (check, sha256) = (&refused.check, &refused.sha256);
        let of = t("fra", "of");
        say(
            t("afvist", "refused"),
            format!("{check} {of} CVR {cvr}, sha256 {sha256}"),
        );
    }
    for fetched in &seen.fetched {
        if let Some(why) = &fetched.why {
            say(t("hentning", "fetching"), format!("{}: {why}", fetched.url));
        }
    }
    let failed = t("mislykkedes, det gamle gælder", "failed, the old stands");
    for one in &seen.failed {
        say(renewal, format!("{failed}: {}", one.why));
    }
}

fn server(language: Language, server: &ServerStatus) -> String {
    let t = |da, en| language.of(da, en);
    let admin = server.address;
    let answers = t("svarer på", "answers on");
    match &server.state {
        ServerState::Ready => format!("{} ({answers} {admin})", t("klar", "ready")),
        ServerState::NotReady(why) => {
            format!("{} ({answers} {admin}): {why}", t("ikke klar", "not ready"))
        }
        ServerState::NoAnswer => format!("{} {admin}", t("ingen svarer på", "none answers on")),
    }
}
