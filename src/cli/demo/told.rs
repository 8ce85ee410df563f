//! How the demonstration tells what it does: numbered steps, what was sent, what came back; or a line for each step.

use std::io::Write;

use super::outline::{dedented, outline, trees};
use super::svar::{Fejl, ImportSvar};
use super::words::{Both, Language, Paint, Tone, half, wrapped};
use crate::cli::common::CliError;

/// In which form it is told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) language: Language,
    /// A line for each step.
    pub(super) short: bool,
    pub(super) paint: Paint,
}

/// Tells the steps.
pub(super) struct Told<'a> {
    out: &'a mut dyn Write,
    form: Style,
    step: u32,
    /// Codes of warnings that were told in full.
    warned: Vec<String>,
}

impl<'a> Told<'a> {
    pub(super) fn new(out: &'a mut dyn Write, form: Style) -> Self {
        Self {
            out,
            form,
            step: 0,
            warned: Vec::new(),
        }
    }

    /// A line as it is.
    pub(super) fn line(&mut self, text: &str) -> Result<(), CliError> {
        writeln!(self.out, "{text}")?;
        Ok(self.out.flush()?)
    }

    /// A paragraph.
    pub(super) fn say(&mut self, text: &Both) -> Result<(), CliError> {
        let text = wrapped(text.text(self.form.language), 0);
        self.line(&text)
    }

    /// A comment above lines to paste.
    pub(super) fn comment(&mut self, text: &Both) -> Result<(), CliError> {
        let text = wrapped(text.text(self.form.language), 2);
        // The margin of each line becomes the sign of a comment.
        let lines: Vec<String> = text
            .lines()
            .map(|line| format!("# {}", line.trim_start()))
            .collect();
        self.line(&format!("\n{}", lines.join("\n")))
    }

    /// A paragraph of a step, which the short form leaves out.
    pub(super) fn detail(&mut self, text: &Both) -> Result<(), CliError> {
        if self.form.short {
            return Ok(());
        }
        let text = wrapped(text.text(self.form.language), 3);
        self.line(&text)
    }

    /// Begins a step.
    pub(super) fn step(&mut self, title: &Both) -> Result<(), CliError> {
        self.begin(title, "")
    }

    /// Begins a step about an operation.
    pub(super) fn step_of(&mut self, title: &Both, operation: &str) -> Result<(), CliError> {
        self.begin(title, &format!(" ({operation})"))
    }

    fn begin(&mut self, title: &Both, about: &str) -> Result<(), CliError> {
        self.step += 1;
        let title = format!("{}. {}", self.step, title.text(self.form.language));
        if self.form.short {
            return self.line(&title);
        }
        let title = wrapped(&format!("{title}{about}"), 0);
        let title = self.form.paint.tone(Tone::Title, &title);
        self.line(&format!("\n{title}"))
    }

    /// What was sent, without its envelope.
    pub(super) fn sent(&mut self, who: &str, body: &str) -> Result<(), CliError> {
        if self.form.short {
            return Ok(());
        }
        self.detail(&Both::new(format!("{who} sender"), format!("{who} sends")))?;
        for line in dedented(body) {
            writeln!(self.out, "     {line}")?;
        }
        Ok(())
    }

    /// The answer to a write.
    pub(super) fn answered(&mut self, status: u16, svar: &ImportSvar) -> Result<(), CliError> {
        if self.form.short {
            return Ok(());
        }
        let (da, en) = match (svar.proeve, svar.sekvens) {
            (true, _) => (
                ", prøve: intet gemt".to_owned(),
                ", a dry run: nothing stored".to_owned(),
            ),
            (false, Some(n)) => (format!(", ændring {n}"), format!(", change {n}")),
            (false, None) => (String::new(), String::new()),
        };
        let tone = if svar.status == "OK" {
            Tone::Good
        } else {
            Tone::Bad
        };
        let painted = self.form.paint.tone(tone, &svar.status);
        let text = Both::new(
            format!("svar: {painted} (HTTP {status}{da})"),
            format!("answer: {painted} (HTTP {status}{en})"),
        );
        self.detail(&text)?;
        let none = Both::new("endnu uden nummer", "no number yet");
        let record = Both::new("post", "record");
        for result in &svar.resultater {
            let number = result.institutionsnummer.as_deref();
            let number = number.unwrap_or(none.text(self.form.language));
            let (nr, level, version) = (result.nr, &result.niveau, result.version);
            let record = record.text(self.form.language);
            writeln!(
                self.out,
                "     {record} {nr}: {level} {number}, version {version}"
            )?;
        }
        for fejl in &svar.fejl {
            self.fejl(fejl)?;
        }
        Ok(())
    }

    /// An error or warning as a vendor wants to read it.
    fn fejl(&mut self, fejl: &Fejl) -> Result<(), CliError> {
        let language = self.form.language;
        let (line, column, above) = match language {
            Language::Da => ("linje", "kolonne", "som ovenfor"),
            Language::En => ("line", "column", "as above"),
        };
        let tone = if fejl.alvor == "FEJL" {
            Tone::Bad
        } else {
            Tone::Warning
        };
        let heading = self
            .form
            .paint
            .tone(tone, &format!("{} {}", fejl.alvor, fejl.kode));
        if self.warned.contains(&fejl.kode) {
            return self.line(&format!("     {heading} ({above})"));
        }
        if fejl.alvor == "ADVARSEL" {
            self.warned.push(fejl.kode.clone());
        }
        let place = match (fejl.linje, fejl.kolonne) {
            (Some(l), Some(c)) => format!(", {line} {l}, {column} {c}"),
            _ => String::new(),
        };
        self.line(&format!("     {heading}{place}"))?;
        if let Some(sti) = &fejl.sti {
            self.line(&format!("       {sti}"))?;
        }
        let told = match language {
            Language::Da => &fejl.besked_da,
            Language::En => &fejl.besked_en,
        };
        self.line(&wrapped(told, 7))?;
        self.line(&wrapped(
            &format!("-> {}", half(&fejl.afhjaelpning, language)),
            7,
        ))
    }

    /// The trees of an export, by numbers and names.
    pub(super) fn trees(
        &mut self,
        title: &Both,
        document: &str,
        most: usize,
    ) -> Result<(), CliError> {
        self.lines(title, &trees(&outline(document)), most)
    }

    /// The beginning of a document, as an outline of names and values.
    pub(super) fn outline(
        &mut self,
        title: &Both,
        document: &str,
        most: usize,
    ) -> Result<(), CliError> {
        self.lines(title, &outline(document), most)
    }

    fn lines(&mut self, title: &Both, lines: &[String], most: usize) -> Result<(), CliError> {
        if self.form.short {
            return Ok(());
        }
        self.detail(title)?;
        for line in lines.iter().take(most) {
            writeln!(self.out, "     {line}")?;
        }
        match lines.len().checked_sub(most) {
            None | Some(0) => Ok(()),
            Some(more) => {
                let rest = Both::new(
                    format!("… og {more} linjer til"),
                    format!("… and {more} lines more"),
                );
                self.line(&format!("     {}", rest.text(self.form.language)))
            }
        }
    }
}
