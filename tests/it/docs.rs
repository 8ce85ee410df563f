//! What the documents say is so: links lead somewhere, cited sections exist, commands are commands.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::{CommandFactory as _, Parser as _};
use dtr::server::routes::{Endpoint, SURFACE};

/// The documents that others cite by section.
const CITED: [(&str, &str); 2] = [("kontrakt", "docs/kontrakt.md"), ("fakta", "docs/fakta.md")];

/// Where citations stand.
const CITING: [&str; 15] = [
    "src",
    "crates",
    "tests",
    "xsd",
    "wsdl",
    "docs",
    "fixtures",
    "kodetabeller",
    "benches",
    "examples",
    "fuzz",
    "tools",
    ".ci",
    "certs-example",
    ".",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The texts below the folders that cite, and those directly at the top; with their paths from the top.
fn texts() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = Vec::new();
    for top in CITING {
        folders.push(root().join(top));
        while let Some(folder) = folders.pop() {
            let Ok(entries) = std::fs::read_dir(&folder) else {
                continue;
            };
            for path in entries.map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    let built = path.ends_with("target") || path.ends_with("corpus");
                    if top != "." && !built {
                        folders.push(path);
                    }
                } else if let Ok(text) = std::fs::read_to_string(&path) {
                    let name = path.strip_prefix(root()).unwrap().display().to_string();
                    found.push((name.trim_start_matches("./").to_owned(), text));
                }
            }
        }
    }
    found
}

/// Every Markdown page of the repository.
fn pages() -> Vec<(String, String)> {
    let pages = texts().into_iter();
    pages.filter(|(name, _)| name.ends_with(".md")).collect()
}

/// A text with the marks of comments taken out, so that a citation may go over the end of a line.
fn flowing(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let line = line.trim_start();
        line.trim_start_matches("//")
            .trim_start_matches(['/', '!', '#'])
            .trim_start_matches("--")
            .trim()
    });
    lines.collect::<Vec<_>>().join(" ")
}

/// The sections that a text cites: the word before (empty for none) and the number. `a §1, §2 and §3` cites three of a.
fn citations(text: &str) -> Vec<(&str, &str)> {
    let mut found: Vec<(&str, &str)> = Vec::new();
    let mut last_end = 0;
    for (at, sign) in text.match_indices('§') {
        let rest = &text[at + sign.len()..];
        let length = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let number = rest[..length].trim_end_matches('.');
        if number.is_empty() {
            continue;
        }
        let between = &text[last_end..at];
        let goes_on = [", ", " and ", " or ", " to ", " og ", "/"].contains(&between);
        let page = match found.last() {
            Some((page, _)) if goes_on => page,
            _ => {
                let before = text[..at].strip_suffix(' ').unwrap_or_default();
                let word = before.rfind(|c: char| !c.is_alphanumeric());
                &before[word.map_or(0, |at| at + 1)..]
            }
        };
        last_end = at + sign.len() + number.len();
        found.push((page, number));
    }
    found
}

/// The numbers of a page's sections, from its headings `## §3 …` and `### §3.1 …`.
fn sections(page: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join(page)).unwrap();
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .filter_map(|line| line.trim_start_matches('#').trim().strip_prefix('§'))
        .map(|heading| heading.split(' ').next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn cited_sections_exist() {
    let sections: BTreeMap<_, _> = CITED
        .into_iter()
        .map(|(name, page)| (name, sections(page)))
        .collect();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (file, text) in texts() {
        // Migrations that have run cannot be edited: they cite the contract by its former name.
        let migration = file.starts_with("src/store/migrations/");
        let own = CITED.into_iter().find(|(_, page)| *page == file);
        for (page, number) in citations(&flowing(&text)) {
            if file == "tests/it/docs.rs" {
                continue;
            }
            count += 1;
            let page = match (page, own) {
                ("decisions", _) if migration => "kontrakt",
                (page, _) if sections.contains_key(page) => page,
                (_, Some((own, _))) => own,
                _ => page,
            };
            if !sections.get(page).is_some_and(|all| all.contains(number)) {
                wrong.push(format!("{file}: {page} §{number}"));
            }
        }
    }
    assert!(wrong.is_empty(), "no such section: {wrong:#?}");
    assert!(count > 100, "{count}");
}

#[test]
fn citations_are_found() {
    let text =
        flowing("//! x (kontrakt\n//! §10; fakta §5.5). See kontrakt §2, §8 and §9, not § 19.");
    let found = citations(&text);
    let expected = [
        ("kontrakt", "10"),
        ("fakta", "5.5"),
        ("kontrakt", "2"),
        ("kontrakt", "8"),
        ("kontrakt", "9"),
    ];
    assert_eq!(found, expected);
    assert_eq!(citations("decisions §4."), [("decisions", "4")]);
    assert_eq!(citations("(§4)"), [("", "4")]);
}

/// The anchor that a heading gets: lower case, without punctuation, spaces as hyphens.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars()
        .filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn documents_link_to_what_is_there() {
    let mut links = 0;
    for (name, text) in pages() {
        let page = root().join(&name);
        let mut fenced = false;
        let outside: Vec<_> = text
            .lines()
            .filter(|line| {
                fenced ^= line.starts_with("```");
                !fenced
            })
            .collect();
        let outside = outside.join("\n");
        let sources = outside.split("src=\"").chain(outside.split("srcset=\""));
        let pictures = sources.skip(1).filter_map(|rest| rest.split_once('"'));
        let pictures = pictures.map(|(target, _)| target);
        let targets = outside.split("](").skip(1);
        let targets = targets.filter_map(|rest| rest.split(')').next());
        for target in targets.chain(pictures.filter(|target| !target.contains('\n'))) {
            if target.starts_with("http") {
                continue;
            }
            links += 1;
            let (file, fragment) = target.split_once('#').unwrap_or((target, ""));
            let file = match file {
                "" => page.clone(),
                file => page.with_file_name(file),
            };
            assert!(file.exists(), "{name}: {target}");
            if !fragment.is_empty() {
                let text = std::fs::read_to_string(&file).unwrap();
                let mut headings = text.lines().filter(|line| line.starts_with('#'));
                assert!(
                    headings.any(|heading| anchor(heading) == fragment),
                    "{name}: {target}"
                );
            }
        }
    }
    assert!(links > 40, "{links}");
}

/// Whether a word in code marks names a path: from the top, or from `src`.
fn is_path(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    word.contains('/') && !word.starts_with('/') && word.chars().all(plain)
}

#[test]
fn paths_in_documents_are_there() {
    let mut count = 0;
    for page in ["ARCHITECTURE.md", "CONTRIBUTING.md", "docs/proevet.md"] {
        let text = std::fs::read_to_string(root().join(page)).unwrap();
        for word in text.split('`').skip(1).step_by(2).filter(|w| is_path(w)) {
            count += 1;
            let places = [
                word.to_owned(),
                format!("src/{word}"),
                format!("src/{word}.rs"),
            ];
            let found = places.iter().any(|place| root().join(place).exists());
            assert!(found, "{page}: {word}");
        }
    }
    assert!(count > 40, "{count}");
}

/// The words in code marks of a text that begin with a slash, without queries; `{a,b}` stands for several.
fn told_paths(text: &str) -> BTreeSet<String> {
    let words = text.split('`').skip(1).step_by(2);
    let words = words.flat_map(str::split_whitespace);
    let paths = words.filter(|word| word.starts_with('/'));
    paths
        .map(|path| path.split('?').next().unwrap())
        .flat_map(|path| match path.split_once('{') {
            Some((before, rest)) => {
                let (names, after) = rest.split_once('}').unwrap();
                let all = names.split(',');
                all.map(|name| format!("{before}{name}{after}")).collect()
            }
            None => vec![path.to_owned()],
        })
        .collect()
}

#[test]
fn documents_tell_of_every_path() {
    let contract = std::fs::read_to_string(root().join("docs/kontrakt.md")).unwrap();
    let consumers = std::fs::read_to_string(root().join("docs/aftager.md")).unwrap();
    let told = told_paths(&format!("{contract}\n{consumers}"));
    for endpoint in SURFACE {
        let path = endpoint.written();
        // A folder is told of by what is in it.
        let folder = path.trim_end_matches('…');
        let named = |own: &String| *own == path || folder != path && own.starts_with(folder);
        assert!(told.iter().any(named), "{path} stands in no document");
        for listener in endpoint.on {
            let name = format!("| {} | ", listener.as_str());
            let mut rows = contract.lines().filter(|line| line.starts_with(&name));
            let row = told_paths(rows.next().unwrap());
            let served = row.iter().any(|own| match own.strip_suffix('…') {
                Some(whole) => path.starts_with(whole),
                None => named(own),
            });
            assert!(served, "{path} is not in §2, {}", listener.as_str());
        }
    }
    let paths: Vec<_> = SURFACE.iter().map(Endpoint::written).collect();
    for own in told.iter().filter(|own| own.ends_with('…')) {
        assert!(paths.contains(own) || own == "/revision/…", "{own}");
    }
}

/// The command lines of dtr in the pages' shell blocks, as words.
fn commands() -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    for (name, text) in pages() {
        let blocks = text.split("```sh\n").skip(1);
        for line in blocks
            .filter_map(|rest| rest.split("```").next())
            .flat_map(str::lines)
        {
            let line = line.split(" # ").next().unwrap_or_default();
            let line = line.replace("cargo run --release -- ", "dtr ");
            for one in line.split("&&").map(str::trim) {
                if one.starts_with("dtr ") {
                    found.push((name.clone(), words(one)));
                }
            }
        }
    }
    found
}

/// Splits a command line as a shell does, quotation marks and redirection being all that these have of a shell.
fn words(line: &str) -> Vec<String> {
    let line = line.split(" > ").next().unwrap_or_default();
    let mut words: Vec<String> = Vec::new();
    for (at, part) in line.split('"').enumerate() {
        if at % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[test]
fn commands_in_documents_are_commands() {
    let commands = commands();
    for (page, words) in &commands {
        // An ellipsis stands for what the page has said before.
        if words.iter().any(|word| word == "…") {
            continue;
        }
        if let Err(error) = dtr::cli::Cli::try_parse_from(words) {
            panic!("{page}: {}\n{error}", words.join(" "));
        }
    }
    assert!(commands.len() > 20, "{}", commands.len());
}

/// Options of other programs that sources and pages for users name.
const FOREIGN: [&str; 10] = [
    "cacert",
    "cert",
    "data-binary",
    "exact",
    "example",
    "key",
    "profile",
    "release",
    "sekunder",
    "test",
];

/// The options of a command and of all below it, without the two hyphens.
fn options(command: &clap::Command, found: &mut BTreeSet<String>) {
    let own = command.get_arguments().filter_map(|arg| arg.get_long());
    found.extend(own.map(str::to_owned));
    for below in command.get_subcommands() {
        options(below, found);
    }
}

/// The options that a text names, without the two hyphens.
fn told_options(text: &str) -> BTreeSet<String> {
    let begins = |before: &str| before.ends_with([' ', '`', '"', '(', '[', '\n']);
    text.match_indices("--")
        .filter(|(at, _)| begins(&text[..*at]))
        .map(|(at, _)| &text[at + 2..])
        .map(|rest| {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            rest.split(|c| !plain(c)).next().unwrap_or_default()
        })
        .filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
        .map(str::to_owned)
        .collect()
}

#[test]
fn options_that_texts_name_are_options() {
    let mut known = BTreeSet::new();
    let mut all = dtr::cli::Cli::command();
    all.build();
    options(&all, &mut known);
    let mut wrong = Vec::new();
    for (file, text) in texts() {
        let messages = file.starts_with("src/") && file.ends_with(".rs");
        // These two show programs of the repository's own too, with options of theirs.
        let about_itself = ["docs/ydelse.md", "docs/proevet.md"].contains(&file.as_str());
        let page = file.starts_with("docs/")
            || file.starts_with("README")
            || file.starts_with("CHANGELOG");
        if messages || page && !about_itself {
            let told = told_options(&text).into_iter();
            let unknown =
                told.filter(|name| !known.contains(name) && !FOREIGN.contains(&name.as_str()));
            wrong.extend(unknown.map(|name| format!("{file}: --{name}")));
        }
    }
    assert!(wrong.is_empty(), "no such option: {wrong:#?}");
    assert!(known.len() > 40, "{}", known.len());
}
