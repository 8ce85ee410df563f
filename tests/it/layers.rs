//! No import runs up: ARCHITECTURE lists the modules of `src`, and each imports those before it alone. So there is no circle.

use std::collections::BTreeSet;
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
    let production = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let lines = production
        .lines()
        .map(|line| line.split("//").next().unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

/// The modules at the top that a text names: `crate::name`, and those of `use crate::{…}`.
fn named(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let mut depth = 0;
        let mut word = String::new();
        let mut wanted = true;
        for c in rest.chars() {
            match c {
                '{' if word.is_empty() || depth > 0 => depth += 1,
                '}' if depth > 0 => depth -= 1,
                ',' if depth == 1 => {
                    names.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
                    wanted = true;
                    continue;
                }
                c if (c.is_alphanumeric() || c == '_') && wanted && depth <= 1 => {
                    word.push(c);
                    continue;
                }
                c if c.is_whitespace() && depth > 0 => continue,
                _ => wanted = false,
            }
            if depth == 0 {
                break;
            }
        }
        names.extend((!word.is_empty()).then_some(word));
    }
    names
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
fn the_command_line_alone_makes_a_caller_without_a_certificate() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    files.retain(|file| {
        let text = std::fs::read_to_string(file).unwrap();
        code(&text).contains("Caller::at_console")
    });
    assert!(!files.is_empty());
    for file in files {
        assert!(file.starts_with(src.join("cli")), "{}", file.display());
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
