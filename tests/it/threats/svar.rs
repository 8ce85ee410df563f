//! What has to come of a message, as `[venter]` of its case tells it, and whether it did.

use std::time::Duration;

use dtr::xml::Limits;
use dtr::xsd::{FolderResolver, Schema, validate};
use serde::Deserialize;

use super::root;
use crate::support::Element;

/// `[venter]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Venter {
    /// HTTP status.
    pub status: u16,
    /// The code: of a fault, or of the first error that an `importSvar` lists.
    pub kode: Option<String>,
    /// How grave the first listed error is.
    alvor: Option<String>,
    /// Where the first listed error is.
    linje: Option<u32>,
    kolonne: Option<u32>,
    /// The local name of the fault code.
    faultcode: Option<String>,
    /// The version of the answer, when it is not that of the message.
    soap: Option<String>,
    /// `status` of an `importSvar`.
    import: Option<String>,
    /// The name under which a stored record is found afterwards.
    pub navn: Option<String>,
    /// HTTP headers.
    #[serde(default)]
    headere: Vec<(String, String)>,
    /// What the answer holds, and what it does not.
    #[serde(default)]
    indeholder: Vec<String>,
    #[serde(default)]
    uden: Vec<String>,
    /// The same bytes as the answer to this step, counted from 1.
    pub samme_som: Option<usize>,
    /// Answered by the HTTP layer below SOAP: no fault has to come.
    #[serde(default)]
    pub uden_konvolut: bool,
}

/// An answer as it came.
#[derive(Debug, Default)]
pub(super) struct Svar {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The processor time that the server took for it; none where the system does not tell.
    pub cost: Option<Duration>,
}

impl Svar {
    /// Cuts what came over the wire.
    pub(super) fn cut(bytes: &[u8], cost: Option<Duration>) -> Result<Self, String> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.ok_or_else(|| format!("no answer but {} bytes", bytes.len()))?;
        let head = String::from_utf8_lossy(&bytes[..end]);
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let status = status.and_then(|status| status.parse().ok());
        let headers = lines.filter_map(|line| line.split_once(": "));
        Ok(Self {
            status: status.ok_or_else(|| format!("no status: {head}"))?,
            headers: headers
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect(),
            body: bytes[end + 4..].to_vec(),
            cost,
        })
    }

    /// The body as text.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as a tree.
    pub(super) fn tree(&self) -> Element {
        Element::parse(&self.text())
    }

    /// A header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Whether the answer to a message of this version is what was awaited.
pub(super) fn judge(venter: &Venter, soap: &str, svar: &Svar) -> Result<(), String> {
    let text = svar.text();
    let shown: String = text.chars().take(1500).collect();
    if svar.status != venter.status {
        return Err(format!("status {}: {shown}", svar.status));
    }
    for (name, value) in &venter.headere {
        let found = svar.header(&name.to_ascii_lowercase());
        same(name, found.unwrap_or("(none)"), value)?;
    }
    if venter.uden_konvolut {
        return Ok(());
    }
    for part in &venter.indeholder {
        if !text.contains(part.as_str()) {
            return Err(format!("no {part:?} in {shown}"));
        }
    }
    if let Some(part) = venter.uden.iter().find(|part| text.contains(part.as_str())) {
        return Err(format!("{part:?} in {shown}"));
    }
    let version = venter.soap.as_deref().unwrap_or(soap);
    conforms(version, &text).map_err(|why| format!("{why}: {shown}"))?;
    let tree = svar.tree();
    same("code", &code(&tree), venter.kode.as_deref().unwrap_or(""))?;
    let fault = if version == "1.2" {
        tree.text_of("Value")
    } else {
        tree.text_of("faultcode")
    };
    let fault = fault.rsplit(':').next().unwrap_or_default();
    if let Some(awaited) = &venter.faultcode {
        same("fault code", fault, awaited)?;
    }
    if svar.status >= 400 && fault.is_empty() {
        return Err(format!("no fault: {shown}"));
    }
    if let Some(awaited) = &venter.import {
        let import = tree
            .first("importSvar")
            .map_or("(none)", |svar| svar.text_of("status"));
        same("importSvar", import, awaited)?;
    }
    let listed = tree.first("fejl");
    let field = |name| listed.map_or("", |listed| listed.text_of(name)).to_owned();
    for (name, awaited) in [
        ("alvor", venter.alvor.clone()),
        ("linje", venter.linje.map(|line| line.to_string())),
        ("kolonne", venter.kolonne.map(|column| column.to_string())),
    ] {
        if let Some(awaited) = awaited {
            same(name, &field(name), &awaited)?;
        }
    }
    Ok(())
}

fn same(what: &str, found: &str, awaited: &str) -> Result<(), String> {
    if found == awaited {
        Ok(())
    } else {
        Err(format!("{what} is {found:?} and not {awaited:?}"))
    }
}

/// The code of a fault, from its detail or its text, or else of the first error of an `importSvar`.
fn code(tree: &Element) -> String {
    let texts = [tree.text_of("kode"), tree.text_of("faultstring")];
    match texts {
        ["", text] => text
            .rfind("[DTR")
            .map_or("", |at| &text[at + 1..at + 8])
            .to_owned(),
        [code, _] => code.to_owned(),
    }
}

/// Whether an answer is an envelope of this version by its schema, with the detail of a fault by ours.
pub(super) fn conforms(version: &str, text: &str) -> Result<(), String> {
    let compiled = Schema::compile(
        &FolderResolver(root()),
        &[&format!("konvolut-{version}.xsd")],
    );
    let schema = compiled.map_err(|errors| format!("the envelope's schema: {errors:?}"))?;
    let report = validate(&schema, text, Limits::default());
    let report = report.map_err(|error| format!("not well-formed: {error}"))?;
    match report.errors.first() {
        None => Ok(()),
        Some(error) => Err(format!("not by the schema of {version}: {error}")),
    }
}
