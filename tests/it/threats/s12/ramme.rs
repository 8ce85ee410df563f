//! What the binary is made of, as far as the repository tells: where dependencies come from and on what terms, and that
//! nothing in the build depends on when or where it is done.

use std::path::{Path, PathBuf};

use crate::threats::{Case, Outcome};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(file(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn texts<'a>(table: &'a toml::Table, key: &str) -> Vec<&'a str> {
    let list = table.get(key).and_then(toml::Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(toml::Value::as_str)
        .collect()
}

/// Every crate is from the registry with its checksum and none is older than a known hole; `deny.toml`, with which CI
/// checks advisories, licences and what is built, lets nothing else in.
pub(super) fn dependencies(case: &Case) -> Outcome {
    let deny: toml::Table = read("deny.toml").parse().unwrap();
    let at = |path: &str| {
        let mut steps = path.split('.');
        let first = deny.get(steps.next().unwrap_or_default());
        steps.try_fold(first?, |value, step| value.get(step))
    };
    for (path, value) in case.told["deny"].as_table().unwrap() {
        if at(path) != Some(value) {
            return Err(format!(
                "deny.toml: {path} is {:?} and not {value}",
                at(path)
            ));
        }
    }
    let banned = at("bans.deny").and_then(toml::Value::as_array);
    for forbidden in texts(&case.told, "forbudt") {
        let is = |entry: &toml::Value| {
            entry.get("crate").and_then(toml::Value::as_str) == Some(forbidden)
        };
        if !banned.is_some_and(|banned| banned.iter().any(is)) {
            return Err(format!("deny.toml lets {forbidden} in"));
        }
    }
    if !read(".ci/run").contains("cargo deny --workspace check advisories") {
        return Err("CI does not look for advisories".to_owned());
    }
    let lock: toml::Table = read("Cargo.lock").parse().unwrap();
    let least = case.told["mindst"].as_table().unwrap();
    for package in lock["package"].as_array().unwrap() {
        let field = |name: &str| package.get(name).and_then(toml::Value::as_str);
        let (name, version) = (field("name").unwrap(), field("version").unwrap());
        // Crates of this repository have no source; whatever claims one is looked at.
        let own = name == env!("CARGO_PKG_NAME") || file("crates").join(name).is_dir();
        if own && field("source").is_none() {
            continue;
        }
        let from = field("source").unwrap_or("(nowhere)");
        if from != "registry+https://github.com/rust-lang/crates.io-index"
            || field("checksum").is_none()
        {
            return Err(format!("{name} {version} comes from {from}"));
        }
        if let Some(least) = least.get(name).and_then(toml::Value::as_str)
            && numbers(version) < numbers(least)
        {
            return Err(format!("{name} {version} is older than {least}"));
        }
    }
    Ok(())
}

fn numbers(version: &str) -> Vec<u64> {
    version
        .split('.')
        .filter_map(|part| part.parse().ok())
        .collect()
}

/// CI builds what is locked, there is no build script, and no source file takes in what the environment says beyond
/// the package's own version.
pub(super) fn build(case: &Case) -> Outcome {
    for line in read(".ci/run").lines().map(str::trim_start) {
        let builds = ["build", "test", "clippy", "doc", "run", "package"]
            .iter()
            .any(|command| {
                line.contains(&format!("cargo {command} "))
                    || line.ends_with(&format!("cargo {command}"))
            });
        if builds && !line.contains("--locked") {
            return Err(format!("CI builds what is not locked: {line}"));
        }
    }
    for package in ["", "crates/xsd-stream/"] {
        if file(&format!("{package}build.rs")).exists() {
            return Err("there is a build script".to_owned());
        }
    }
    let (allowed, forbidden) = (texts(&case.told, "tilladt"), texts(&case.told, "forbudt"));
    let mut folders = vec![file("src"), file("crates/xsd-stream/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let allowed = allowed
                    .iter()
                    .fold(text, |text, known| text.replace(known, ""));
                if let Some(found) = forbidden.iter().find(|word| allowed.contains(**word)) {
                    return Err(format!("{}: {found}", path.display()));
                }
            }
        }
    }
    Ok(())
}
