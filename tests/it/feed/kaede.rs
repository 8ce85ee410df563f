//! The chain of digests as the documentation tells it, done anew from the pages alone.

use aws_lc_rs::digest::{Context, SHA256};

use crate::support::Element;

/// Before the first change.
pub(super) const ZERO: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Elements of a change that tell who made it: they are no part of it.
const WHO: [&str; 8] = [
    "aktoerCvrNummer",
    "aktoerNavn",
    "operation",
    "korrelationsId",
    "systemId",
    "systemNavn",
    "principalKommuneKode",
    "principalCvrNummer",
];

/// The digest after the changes of a page.
pub(super) fn digest(before: &str, page: &Element) -> String {
    let mut hash = unhex(before);
    for change in page.all("aendring") {
        let mut text = format!("sekvens={}\n", change.attribute("sekvens").unwrap());
        leaves(change, &mut text);
        let mut context = Context::new(&SHA256);
        context.update(&hash);
        context.update(text.as_bytes());
        hash = context.finish().as_ref().to_vec();
    }
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A line for each element that holds text, in document order.
pub(super) fn leaves(of: &Element, text: &mut String) {
    for child in &of.children {
        if !child.children.is_empty() {
            leaves(child, text);
        } else if !child.name.ends_with("_Tekst") && !WHO.contains(&child.name.as_str()) {
            text.push_str(&format!("{}={}\n", child.name, child.text));
        }
    }
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}
