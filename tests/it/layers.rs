//! No import runs up: ARCHITECTURE lists the modules of `src`, and each imports those before it alone. So there is no circle
//! between them. Inside each folder there is none either, between the modules that stand beside each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Modules at the top of `src` that wire the rest together and stand in no layer.
const ROOTS: [&str; 2] = ["lib", "main"];

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|end| end == "rs") {
            into.push(path);
        }
    }
}

/// The module at the top that a path below `src` belongs to.
fn top(path: &Path) -> String {
    let first = path.components().next().unwrap();
    let name = first.as_os_str().to_string_lossy();
    name.trim_end_matches(".rs").to_owned()
}

/// The text of a module without its comments and its tests.
fn code(text: &str) -> String {
    let production = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = production
        .lines()
        .map(|line| line.split("//").next().unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

/// The paths that a text begins with `crate` or `super`, those of groups each for itself, as far as they name modules.
fn paths(code: &str) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                path(&code[at..], &mut found);
            }
        }
    }
    found
}

/// Reads one path, which may end in a group of paths, and those in the group.
fn path(text: &str, found: &mut BTreeSet<Vec<String>>) {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    // What stands before each group that is open.
    let mut groups: Vec<Vec<String>> = Vec::new();
    let mut own: Vec<String> = Vec::new();
    let mut rest = text;
    loop {
        let word: String = rest.chars().take_while(|c| is_word(*c)).collect();
        rest = &rest[word.len()..];
        if !word.is_empty() {
            own.push(word);
        }
        if let Some(after) = rest.strip_prefix("::") {
            rest = after;
        } else if let Some(after) = rest.strip_prefix('{').filter(|_| text != rest) {
            groups.push(own.clone());
            rest = after.trim_start();
        } else {
            found.insert(own.clone());
            // The group goes on, or it ends, and perhaps the one around it as well.
            loop {
                rest =
                    rest.trim_start_matches(|c: char| c.is_whitespace() || is_word(c) || c == '*');
                let Some(before) = groups.last() else { return };
                if let Some(after) = rest.strip_prefix(',') {
                    own.clone_from(before);
                    rest = after.trim_start();
                    break;
                }
                match rest.strip_prefix('}') {
                    Some(after) => rest = after,
                    None => return,
                }
                groups.pop();
            }
        }
    }
}

/// The modules at the top that a text names: `crate::name`, and those of `use crate::{…}`.
fn named(code: &str) -> BTreeSet<String> {
    let paths = paths(code).into_iter();
    paths
        .filter(|path| path[0] == "crate")
        .filter_map(|path| path.into_iter().nth(1))
        .collect()
}

/// The layers that ARCHITECTURE prints, lowest first.
fn layers(text: &str) -> Vec<String> {
    let (_, after) = text.split_once("\n## Layers\n").unwrap();
    let list = after.split("\n## ").next().unwrap();
    let table = list.lines().filter(|line| line.starts_with("| "));
    let names = table.flat_map(|line| line.split('`').skip(1).step_by(2));
    names.map(str::to_owned).collect()
}

#[test]
fn each_module_imports_those_of_lower_layers_alone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let layers = layers(&std::fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap());
    let src = root.join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for file in &files {
        let below = file.strip_prefix(&src).unwrap();
        let own = top(below);
        if ROOTS.contains(&own.as_str()) || below.to_string_lossy().contains("test") {
            continue;
        }
        let Some(height) = layers.iter().position(|name| *name == own) else {
            wrong.push(format!("{own} stands in no layer"));
            continue;
        };
        seen.insert(own.clone());
        for name in named(&code(&std::fs::read_to_string(file).unwrap())) {
            let other = layers.iter().position(|layer| *layer == name);
            if other.is_some_and(|other| other > height) {
                wrong.push(format!(
                    "{} imports {name}, which stands above {own}",
                    below.display()
                ));
            }
        }
    }
    let gone = layers.iter().filter(|name| !seen.contains(*name));
    wrong.extend(gone.map(|name| format!("there is no module {name}")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_command_line_and_persons_pages_alone_make_a_caller_without_a_certificate() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    for (call, own) in [
        ("Caller::at_console", "cli"),
        ("Caller::of_person", "gateway/personal"),
    ] {
        let mut found = files.clone();
        found.retain(|file| code(&std::fs::read_to_string(file).unwrap()).contains(call));
        assert!(!found.is_empty(), "{call}");
        for file in found {
            assert!(file.starts_with(src.join(own)), "{}", file.display());
        }
    }
}

#[test]
fn dtr_demo_alone_lets_anybody_sign_in_as_anybody() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    for (call, own) in [
        ("start_demonstration(", ["app.rs", "cli/demo.rs"]),
        ("DemoLogin::on", ["app.rs", "person/demo.rs"]),
    ] {
        for file in &files {
            let text = std::fs::read_to_string(file).unwrap();
            let below = file.strip_prefix(&src).unwrap().to_string_lossy();
            let may = own.contains(&below.as_ref());
            assert!(may || !code(&text).contains(call), "{below} has {call}");
        }
    }
}

#[test]
fn imports_are_found_however_they_are_written() {
    let text = "use crate::store::{self, Read};\nuse crate::{audit, cli::{org, System}, xml};\nfn f() { crate::app::run() }\n";
    let found: Vec<_> = named(text).into_iter().collect();
    assert_eq!(found, ["app", "audit", "cli", "store", "xml"]);
    assert!(
        named(&code(
            "// crate::store\n#[cfg(test)]\nmod tests { use crate::cli; }"
        ))
        .is_empty()
    );
}

/// The module of a file, as the names on the way to it.
fn module(below: &Path) -> Vec<String> {
    let parts = below.with_extension("");
    let parts = parts.iter().map(|part| part.to_string_lossy().into_owned());
    let mut parts: Vec<_> = parts.collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

/// The module that a path leads to from another, as far as it names modules. The items of a folder's own module are its own:
/// who imports them imports none of the folder's other modules.
fn target(from: &[String], path: &[String], known: &BTreeMap<Vec<String>, String>) -> Vec<String> {
    let (mut at, mut rest) = (from.to_vec(), path);
    if rest[0] == "crate" {
        (at, rest) = (Vec::new(), &rest[1..]);
    }
    while let Some((_, after)) = rest.split_first().filter(|(first, _)| *first == "super") {
        at.pop();
        rest = after;
    }
    for name in rest {
        at.push(name.clone());
        if !known.contains_key(&at) {
            at.pop();
            break;
        }
    }
    at
}

/// The circles of imports between modules that stand beside each other: `folder: a, b`.
fn circles(known: &BTreeMap<Vec<String>, String>) -> BTreeSet<String> {
    // For each folder: which module in it, with all below it, imports which.
    let mut imports: BTreeMap<Vec<String>, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for (own, text) in known {
        for path in paths(text) {
            let other = target(own, &path, known);
            let shared = own.iter().zip(&other).take_while(|(a, b)| a == b).count();
            if let (Some(from), Some(to)) = (own.get(shared), other.get(shared)) {
                let folder = imports.entry(own[..shared].to_vec()).or_default();
                folder.entry(from.clone()).or_default().insert(to.clone());
            }
        }
    }
    let mut circles = BTreeSet::new();
    for (folder, imports) in &imports {
        for start in imports.keys() {
            let there = reached(start, imports);
            let back = |other: &&String| reached(other, imports).contains(start);
            let circle: Vec<_> = there.iter().filter(back).cloned().collect();
            if !circle.is_empty() {
                circles.insert(format!("{}: {}", folder.join("/"), circle.join(", ")));
            }
        }
    }
    circles
}

/// The modules that one imports, and those that they import.
fn reached(start: &str, imports: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut left: Vec<_> = imports.get(start).into_iter().flatten().collect();
    while let Some(next) = left.pop() {
        if seen.insert(next.clone()) {
            left.extend(imports.get(next).into_iter().flatten());
        }
    }
    seen
}

#[test]
fn no_modules_beside_each_other_import_each_other() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut known = BTreeMap::new();
    for file in &files {
        let below = file.strip_prefix(&src).unwrap();
        if !below.to_string_lossy().contains("test") && !ROOTS.contains(&top(below).as_str()) {
            let text = std::fs::read_to_string(file).unwrap();
            known.insert(module(below), code(&text));
        }
    }
    assert!(known.len() > 200, "{} modules", known.len());
    let circles = circles(&known);
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn circles_are_found_and_folders_that_use_their_own_modules_are_none() {
    let known = [
        ("a", "use self::b::B; pub struct A;"),
        ("a/b", "use super::A; use super::c::{self, d::D};"),
        ("a/c", "use crate::e;"),
        ("a/c/d", "fn f() { super::super::f::g() }"),
        ("a/f", "use crate::a::{b::{B, X}, A};"),
        ("e", ""),
    ];
    let module = |path: &str| path.split('/').map(str::to_owned).collect::<Vec<_>>();
    let known = known.map(|(path, text)| (module(path), text.to_owned()));
    let known = BTreeMap::from(known);
    let found: Vec<_> = circles(&known).into_iter().collect();
    assert_eq!(found, ["a: b, c, f"]);
}
