//! Examples: the cases of `fixtures/cases`, which the tests play, so that what is shown is what is answered.

mod table;

use std::sync::LazyLock;

use serde::Deserialize;

use table::CASES;

/// A case as its files have it.
#[derive(Debug)]
pub(super) struct Files {
    /// Area and case, such as `fejl/DTR5001-ukendt-kode`.
    pub(super) name: &'static str,
    /// Its files by name, with their texts.
    pub(super) files: &'static [(&'static str, &'static str)],
}

/// What `case.toml` says, as far as it is shown.
#[derive(Debug, Deserialize)]
struct About {
    shows: String,
    method: Option<String>,
    path: String,
    soap: Option<String>,
    status: u16,
    #[serde(default)]
    codes: Vec<String>,
}

/// A case.
#[derive(Debug)]
pub(super) struct Case {
    /// Area and case.
    pub(super) name: &'static str,
    /// What it shows, in English.
    pub(super) shows: String,
    /// The line that begins the call.
    pub(super) call: String,
    /// The version of SOAP.
    pub(super) soap: Option<String>,
    /// The HTTP status of the answer.
    pub(super) status: u16,
    /// The codes that the answer shows.
    codes: Vec<String>,
    /// What is sent, where it is a message.
    pub(super) request: Option<&'static str>,
    /// What is answered.
    pub(super) response: &'static str,
}

impl Files {
    fn text(&self, file: &str) -> Option<&'static str> {
        let found = self.files.iter().find(|(own, _)| *own == file);
        found.map(|(_, text)| *text)
    }

    fn case(&self) -> Option<Case> {
        let about: About = toml::from_str(self.text("case.toml")?).ok()?;
        let method = about.method.as_deref().unwrap_or("POST");
        Some(Case {
            name: self.name,
            call: format!("{method} {}", about.path),
            shows: about.shows,
            soap: about.soap,
            status: about.status,
            codes: about.codes,
            request: self.text("request.xml"),
            response: self.text("response.xml")?,
        })
    }
}

/// The files of all cases.
pub(super) fn files() -> &'static [Files] {
    CASES
}

/// All cases, by name.
pub(super) fn all() -> &'static [Case] {
    static ALL: LazyLock<Vec<Case>> =
        LazyLock::new(|| CASES.iter().filter_map(Files::case).collect());
    &ALL
}

/// The case that shows a code best: the one that is named by it, else the first that has it.
pub(super) fn of_code(kode: &str) -> Option<&'static Case> {
    let has = |case: &&Case| case.codes.iter().any(|own| own == kode);
    let is_named = |case: &&Case| {
        let name = case.name.strip_prefix("fejl/");
        name.is_some_and(|name| name.starts_with(kode)) && has(case)
    };
    let mut own = all().iter().filter(is_named);
    own.next().or_else(|| all().iter().find(has))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_can_be_read() {
        assert_eq!(all().len(), CASES.len());
        let bytes: usize = CASES
            .iter()
            .flat_map(|case| case.files)
            .map(|(_, text)| text.len())
            .sum();
        assert!(bytes < 1_000_000, "{bytes}");
    }

    #[test]
    fn a_code_has_the_case_that_is_named_by_it() {
        let case = of_code("DTR5001").unwrap();
        assert_eq!(case.name, "fejl/DTR5001-ukendt-kode");
        assert_eq!(case.call, "POST /v2/ImportService");
        assert!(of_code("DTR2129").is_none());
    }
}
