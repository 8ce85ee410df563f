//! What a configuration must hold beyond its form, and where in the text a key stands.

use super::{Config, Miljoe, Nummerformat, login};

/// Section and key, and what is wrong.
type Finding = (&'static str, String);

/// Refuses values that can't be right.
pub(super) fn check(config: &Config) -> Result<(), Finding> {
    for (key, url) in [
        ("public_url", &config.public_url),
        ("service_url", &config.service_url),
    ] {
        if let Some(url) = url {
            check_url(url).map_err(|problem| (key, problem.to_owned()))?;
        }
    }
    if let Some(url) = &config.log.spor {
        let plain = url.starts_with("http://");
        let problem = "traces are sent by http://, to a collector on this machine or a trusted net";
        let checked = check_url(url).and(plain.then_some(()).ok_or(problem));
        checked.map_err(|problem| ("log.spor", problem.to_owned()))?;
    }
    if !config.lyt.admin.ip().is_loopback() {
        let problem = "metrics are for this machine alone; use 127.0.0.1 or [::1]";
        return Err(("lyt.admin", problem.to_owned()));
    }
    if config.nummer.format == Nummerformat::Base36 && config.miljoe == Miljoe::Produktion {
        let problem = "base36 numbers are for load tests; use decimal, or miljoe = \"test\"";
        return Err(("nummer.format", problem.to_owned()));
    }
    if config.nummer.gulv > 99_999 {
        let problem = "a number has five digits; use 0 to 99999";
        return Err(("nummer.gulv", problem.to_owned()));
    }
    if config.tls.klient_ca.is_empty() {
        let problem = "nobody could call; name at least one file of CA certificates";
        return Err(("tls.klient_ca", problem.to_owned()));
    }
    let stray = |file: &&std::path::PathBuf| !config.tls.klient_ca.contains(file);
    if let Some(stray) = config.tls.uden_crl.iter().find(stray) {
        let problem = format!("{} is not in klient_ca; name it there too", stray.display());
        return Err(("tls.uden_crl", problem));
    }
    for source in &config.tls.hent {
        if !source.url.starts_with("http://") {
            let problem = format!("{}: lists are signed, and fetched by http://", source.url);
            return Err(("tls.hent", problem));
        }
        let read = |path: &std::path::PathBuf| {
            *path == source.fil || Some(path.as_path()) == source.fil.parent()
        };
        if !config.tls.crl.iter().any(read) {
            let problem = format!(
                "{} is not in crl, nor in a folder of it",
                source.fil.display()
            );
            return Err(("tls.hent", problem));
        }
    }
    if let Some(finding) = login::check(&config.login) {
        return Err(finding);
    }
    check_numbers(config)
}

/// Every count, size and time: its key, its value, and the least that makes sense.
fn numbers(config: &Config) -> impl Iterator<Item = (&'static str, u64, u64)> {
    let database = [
        ("database.laesere", config.database.laesere as u64, 1),
        ("database.skrivekoe", config.database.skrivekoe as u64, 1),
    ];
    let others = [
        ("kaldslog.dage", u64::from(config.kaldslog.dage), 1),
        // A step of the log must find room beside what is kept.
        ("kaldslog.maks_mb", config.kaldslog.maks_mb, 16),
        ("log.anonyme_pr_sekund", config.log.anonyme_pr_sekund, 0),
        ("nummer.gulv", u64::from(config.nummer.gulv), 0),
        ("login.ledig_minutter", config.login.ledig_minutter, 1),
        ("login.laengst_minutter", config.login.laengst_minutter, 1),
        (
            "personer.slettes_efter_dage",
            u64::from(config.personer.slettes_efter_dage),
            1,
        ),
        ("ur.spring_timer", u64::from(config.ur.spring_timer), 1),
    ];
    database
        .into_iter()
        .chain(config.graenser.numbers())
        .chain(others)
}

/// Times and sizes are added to clocks and counters; a bound keeps them far from overflow.
const MOST: u64 = 1 << 31;

/// No number is too small or too large.
fn check_numbers(config: &Config) -> Result<(), Finding> {
    let g = &config.graenser;
    if g.svar_offentlige_bytes > g.svar_i_alt_bytes {
        let problem = format!(
            "{} is more than svar_i_alt_bytes; use less, so that there is room for others",
            g.svar_offentlige_bytes
        );
        return Err(("graenser.svar_offentlige_bytes", problem));
    }
    for (key, value, least) in numbers(config) {
        if value < least {
            return Err((key, format!("{value} is too small; use {least} or more")));
        }
    }
    for (key, value, _) in numbers(config) {
        if value > MOST {
            return Err((key, format!("{value} is too large; use {MOST} or less")));
        }
    }
    Ok(())
}

/// An address that can stand in a WSDL and have a path put after it.
fn check_url(url: &str) -> Result<(), &'static str> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .ok_or("an address begins with https:// or http://")?;
    if rest.is_empty() || rest.ends_with('/') {
        return Err("give host and port, without a slash at the end");
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/[]%".contains(c);
    if !rest.chars().all(plain) {
        return Err("only host, port and a plain path; no user, query or fragment");
    }
    Ok(())
}

/// The line, from 1, of a byte offset.
pub(super) fn line_at(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    1 + before.iter().filter(|&&byte| byte == b'\n').count()
}

/// The line of `section.key`, else of the section, else 1.
pub(super) fn line_of(text: &str, key: &str) -> usize {
    let (section, key) = key.rsplit_once('.').unwrap_or(("", key));
    let mut current = "";
    let mut found = 1;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.split(']').next()) {
            current = name.trim();
            if current == section {
                found = index + 1;
            }
        } else if current == section
            && line
                .split('=')
                .next()
                .is_some_and(|name| name.trim() == key)
        {
            return index + 1;
        }
    }
    found
}
