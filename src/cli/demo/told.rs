//! How the demonstration tells what it does: numbered steps, what was sent, what came back.

use std::io::Write;

use super::svar::{Fejl, ImportSvar};
use crate::cli::common::CliError;
use crate::register::Niveau;
use crate::xml::{Event, Limits, Reader};

/// Tells the steps.
pub(super) struct Told<'a> {
    out: &'a mut dyn Write,
    step: u32,
    /// Codes of warnings that were told in full.
    warned: Vec<String>,
}

impl<'a> Told<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self {
            out,
            step: 0,
            warned: Vec::new(),
        }
    }

    /// A line of its own.
    pub(super) fn say(&mut self, text: &str) -> Result<(), CliError> {
        writeln!(self.out, "{text}")?;
        Ok(self.out.flush()?)
    }

    /// Begins a step.
    pub(super) fn step(&mut self, title: &str) -> Result<(), CliError> {
        self.step += 1;
        let step = self.step;
        self.say(&format!("\n{step}. {title}"))
    }

    /// What was sent, without its envelope.
    pub(super) fn sent(&mut self, who: &str, body: &str) -> Result<(), CliError> {
        writeln!(self.out, "   {who} sends")?;
        for line in dedented(body) {
            writeln!(self.out, "     {line}")?;
        }
        Ok(())
    }

    /// The answer to a write.
    pub(super) fn answered(&mut self, status: u16, svar: &ImportSvar) -> Result<(), CliError> {
        let dry_run = if svar.proeve {
            ", a dry run: nothing stored"
        } else {
            ""
        };
        let change = svar
            .sekvens
            .map_or(String::new(), |n| format!(", change {n}"));
        writeln!(
            self.out,
            "   answer: {} (HTTP {status}{change}{dry_run})",
            svar.status
        )?;
        for result in &svar.resultater {
            let number = result
                .institutionsnummer
                .as_deref()
                .unwrap_or("no number yet");
            let (nr, level, version) = (result.nr, &result.niveau, result.version);
            writeln!(
                self.out,
                "     record {nr}: {level} {number}, version {version}"
            )?;
        }
        for fejl in &svar.fejl {
            self.fejl(fejl)?;
        }
        Ok(())
    }

    /// An error or warning as a vendor wants to read it.
    fn fejl(&mut self, fejl: &Fejl) -> Result<(), CliError> {
        let mut place = String::new();
        if let (Some(line), Some(column)) = (fejl.linje, fejl.kolonne) {
            place = format!(" at line {line}, column {column}");
        }
        if let Some(sti) = &fejl.sti {
            place.push_str(&format!(" {sti}"));
        }
        if self.warned.contains(&fejl.kode) {
            writeln!(
                self.out,
                "     {} {}{place} (as above)",
                fejl.alvor, fejl.kode
            )?;
            return Ok(());
        }
        if fejl.alvor == "ADVARSEL" {
            self.warned.push(fejl.kode.clone());
        }
        writeln!(self.out, "     {} {}{place}", fejl.alvor, fejl.kode)?;
        writeln!(
            self.out,
            "       {}\n       {}",
            fejl.besked_da, fejl.besked_en
        )?;
        Ok(writeln!(self.out, "       -> {}", fejl.afhjaelpning)?)
    }

    /// The trees of an export, by numbers and names.
    pub(super) fn trees(
        &mut self,
        title: &str,
        document: &str,
        most: usize,
    ) -> Result<(), CliError> {
        self.lines(title, &trees(&outline(document)), most)
    }

    /// The beginning of a document, as an outline of names and values.
    pub(super) fn outline(
        &mut self,
        title: &str,
        document: &str,
        most: usize,
    ) -> Result<(), CliError> {
        self.lines(title, &outline(document), most)
    }

    fn lines(&mut self, title: &str, lines: &[String], most: usize) -> Result<(), CliError> {
        writeln!(self.out, "   {title}")?;
        for line in lines.iter().take(most) {
            writeln!(self.out, "     {line}")?;
        }
        if lines.len() > most {
            writeln!(self.out, "     … and {} lines more", lines.len() - most)?;
        }
        Ok(())
    }
}

/// The lines of a text without the indentation that they share.
fn dedented(text: &str) -> Vec<&str> {
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
fn outline(document: &str) -> Vec<String> {
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
fn trees(outline: &[String]) -> Vec<String> {
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
