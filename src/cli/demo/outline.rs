//! What is shown of a document: its elements as indented lines, or the records of an export.

use crate::register::Niveau;
use crate::xml::{Event, Limits, Reader};

/// The lines of a text without the indentation that they share.
pub(super) fn dedented(text: &str) -> Vec<&str> {
    let lines = || {
        text.trim_end()
            .lines()
            .filter(|line| !line.trim().is_empty())
    };
    let indent = |line: &str| line.len() - line.trim_start().len();
    let shared = lines().map(indent).min().unwrap_or(0);
    lines().filter_map(|line| line.get(shared..)).collect()
}

/// A document as one line per element, indented by depth; a SOAP envelope is left out.
pub(super) fn outline(document: &str) -> Vec<String> {
    let mut reader = Reader::new(document, Limits::default());
    let (mut lines, mut depth) = (Vec::<String>::new(), 0_usize);
    let mut hidden = 0_usize;
    while let Ok(event) = reader.next() {
        match event {
            Event::Start(tag) => {
                depth += 1;
                let local = tag.name.local;
                if depth <= 2 && matches!(local, "Envelope" | "Header" | "Body") {
                    hidden += 1;
                    continue;
                }
                let mut line = format!("{}{local}", "  ".repeat(depth.saturating_sub(hidden + 1)));
                for attribute in tag.attributes() {
                    line.push_str(&format!(" {}={}", attribute.name.local, attribute.value));
                }
                lines.push(line);
            }
            Event::Text(text) => {
                let text = text.value.trim();
                if let (false, Some(line)) = (text.is_empty(), lines.last_mut()) {
                    line.push_str("  ");
                    line.push_str(text);
                }
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Eof => break,
        }
    }
    lines
}

/// Of the outline of an export, each record's number (its first field) and name, indented by level.
pub(super) fn trees(outline: &[String]) -> Vec<String> {
    let value = |line: &str| {
        line.split_once("  ")
            .map_or("", |(_, value)| value)
            .to_owned()
    };
    let (mut found, mut level) = (Vec::<String>::new(), None);
    for line in outline {
        let line = line.trim_start();
        if let Some(of) = Niveau::from_element(line) {
            level = Some(of);
        } else if let Some(of) = level.take() {
            let indent = "  ".repeat(of as usize);
            found.push(format!("{indent}{}", value(line)));
        } else if let ("daginstitutionsNavn" | "enhedsNavn" | "alternativAdresseNavn", Some(last)) =
            (line.split(' ').next().unwrap_or_default(), found.last_mut())
        {
            last.push_str("  ");
            last.push_str(&value(line));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_shown_without_the_indentation_of_its_place() {
        assert_eq!(
            dedented("    <a>\n      <b/>\n    </a>\n"),
            ["<a>", "  <b/>", "</a>"]
        );
    }

    #[test]
    fn an_outline_leaves_the_envelope_out() {
        let text = "<s:Envelope xmlns:s='urn:s'><s:Body><r n='1'><a>x</a><b><c>y</c></b></r></s:Body></s:Envelope>";
        assert_eq!(outline(text), ["r n=1", "  a  x", "  b", "    c  y"]);
    }

    #[test]
    fn a_tree_is_numbers_and_names() {
        let text = "<r><daginstitution><daginstitutionsNummer>G1</daginstitutionsNummer><daginstitutionsNavn>A b</daginstitutionsNavn>\
                    <anvisningsenhed><enhedsNummer>G2</enhedsNummer><daginstitutionsNummer>G1</daginstitutionsNummer>\
                    <enhedsNavn>C</enhedsNavn></anvisningsenhed></daginstitution></r>";
        assert_eq!(trees(&outline(text)), ["G1  A b", "  G2  C"]);
    }
}
