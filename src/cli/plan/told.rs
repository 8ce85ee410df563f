//! A plan in words, 80 columns wide.

use std::io::{self, Write};
use std::path::Path;

use super::super::common::CliError;
use crate::chronicle::Words;
use crate::plan::{Done, Notice, Plan, Planned, Refusal};
use crate::problem::Problem;
use crate::register::{Kodetabeller, Language};

/// How wide lines are, in characters.
const WIDE: usize = 80;

/// What is told.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) plan: &'a Plan,
    pub(super) tables: &'a Kodetabeller,
    pub(super) language: Language,
}

impl Told<'_> {
    fn said(&self, da: &'static str, en: &'static str) -> &'static str {
        self.language.of(da, en)
    }

    /// All of it.
    pub(super) fn plan(&self, out: &mut dyn Write) -> Result<(), CliError> {
        let plan = self.plan;
        self.list(out, self.said("Oprettes", "Opened"), &plan.openings)?;
        self.list(out, self.said("Ændres", "Changed"), &plan.changes)?;
        self.list(out, self.said("Flyttes", "Moved"), &plan.moves)?;
        self.list(out, self.said("Nedlægges", "Closed"), &plan.closings)?;
        if !plan.ended.is_empty() {
            let heading = self.said("Aftaler, der ophører", "Agreements that end");
            writeln!(out, "{heading} ({})", plan.ended.len())?;
        }
        for ended in &plan.ended {
            let of = self.said("for", "of");
            let (agreement, system, number) = (ended.agreement, ended.system, ended.number);
            writeln!(out, "  {agreement} {of} {system}: {number}")?;
        }
        let same = self.said("Uændrede", "Unchanged");
        writeln!(out, "{same}: {}", plan.unchanged)?;
        if !plan.not_read.is_empty() {
            let not_read = self.said(
                "Kolonner, registeret selv fører, og som ikke er læst",
                "Columns that the register keeps by itself and that were not read",
            );
            wrapped(out, 0, &format!("{not_read}: {}", plan.not_read.join(", ")))?;
        }
        let [errors, warnings] = plan.more;
        self.notices(
            out,
            self.said("Advarsler", "Warnings"),
            &plan.warnings,
            warnings,
        )?;
        self.notices(out, self.said("Fejl", "Errors"), &plan.errors, errors)
    }

    fn list(&self, out: &mut dyn Write, heading: &str, all: &[Planned]) -> Result<(), CliError> {
        if all.is_empty() {
            return Ok(());
        }
        writeln!(out, "{heading} ({})", all.len())?;
        for own in all {
            self.record(out, own)?;
        }
        Ok(())
    }

    fn record(&self, out: &mut dyn Write, own: &Planned) -> Result<(), CliError> {
        let words = Words {
            language: self.language,
            tables: self.tables,
            name: &|_| None,
        };
        let under = own.under.as_deref().filter(|_| own.before.is_none());
        let under = under.map(|parent| format!(", {} {parent}", self.said("under", "under")));
        let line = format!(
            "{}: {} {} ({}){}",
            own.place.told(self.language),
            own.called,
            own.before.as_deref().unwrap_or(&own.after).navn(),
            own.level.element(),
            under.unwrap_or_default()
        );
        wrapped(out, 2, &line)?;
        let before = own.before.as_deref().and_then(|before| before.parent());
        if let (Some(before), Some(now)) = (before, &own.under)
            && *now != before.to_string()
        {
            wrapped(
                out,
                6,
                &format!("{}: {before} → {now}", self.said("under", "under")),
            )?;
        }
        for (def, from, to) in own.differing() {
            let value = |value| match value {
                Some(value) => words.value(def, value),
                None => self.said("(intet)", "(nothing)").to_owned(),
            };
            let label = words.label(def.field);
            let line = match own.before {
                None => format!("{label}: {}", value(to)),
                Some(_) => format!("{label}: {} → {}", value(from), value(to)),
            };
            wrapped(out, 6, &line)?;
        }
        Ok(())
    }

    fn notices(
        &self,
        out: &mut dyn Write,
        heading: &str,
        all: &[Notice],
        more: usize,
    ) -> Result<(), CliError> {
        if all.is_empty() {
            return Ok(());
        }
        writeln!(out, "{heading} ({})", all.len() + more)?;
        for notice in all {
            let number = notice
                .number
                .map_or_else(String::new, |number| format!(", {number}"));
            let place = notice.place.told(self.language);
            problem(
                out,
                &format!("{place}{number}: "),
                &notice.problem,
                self.language,
            )?;
        }
        if more > 0 {
            writeln!(out, "  {} {more}", self.said("og flere:", "and more:"))?;
        }
        Ok(())
    }

    /// What to do with it.
    pub(super) fn how(&self, file: &Path, out: &mut dyn Write) -> Result<(), CliError> {
        let plan = self.plan;
        if !plan.errors.is_empty() {
            let told = self.said(
                "Planen kan ikke udføres, før fejlene er rettet.",
                "The plan cannot be carried out before the errors are corrected.",
            );
            return wrapped(out, 0, told);
        }
        if plan.is_empty() {
            let told = self.said(
                "Der er intet at gøre: registeret er, som filen siger.",
                "There is nothing to do: the register is as the file says.",
            );
            return wrapped(out, 0, told);
        }
        let mut confirm = "";
        if let Some(reason) = plan.needs_confirmation() {
            confirm = " --bekraeft-lukninger";
            wrapped(out, 0, &reason.told(self.language))?;
        }
        let digest = plan.digest;
        writeln!(out, "{}: {digest}", self.said("Kendemærke", "Digest"))?;
        let carry = self.said(
            "Intet er gemt. Sådan udføres den",
            "Nothing was stored. To carry it out",
        );
        writeln!(out, "{carry}:")?;
        let file = file.display();
        writeln!(
            out,
            "  dtr plan {file} --udfoer {digest} --sagsnummer SAG{confirm}"
        )?;
        Ok(())
    }
}

/// What came of carrying it out.
pub(super) fn came(
    came: &Result<Done, Refusal>,
    language: Language,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    match came {
        Ok(done) => {
            for (called, number) in &done.numbers {
                writeln!(out, "{called}: {number}")?;
            }
            let told = language.of("Udført; ændringer", "Carried out; changes");
            let ends = done
                .changes
                .map(|(first, last)| format!(" ({first}-{last})"));
            writeln!(out, "{told}: {}{}", done.records, ends.unwrap_or_default())?;
            let named = language.of("Kaldes i revisionssporet", "Called in the audit");
            writeln!(out, "{named}: {}", done.id)?;
        }
        Err(refusal) => {
            problem(out, "", &refusal.problem, language)?;
            for notice in &refusal.errors {
                problem(out, "", &notice.problem, language)?;
            }
            super::beside("nothing was stored")?;
        }
    }
    Ok(())
}

fn problem(
    out: &mut dyn Write,
    before: &str,
    problem: &Problem,
    language: Language,
) -> Result<(), CliError> {
    let [da, en] = problem.remedies();
    let (text, remedy) = match language {
        Language::Da => (problem.da(), da),
        Language::En => (problem.en(), en),
    };
    wrapped(out, 2, &format!("{before}{} {text}", problem.entry.kode))?;
    wrapped(out, 6, &format!("-> {remedy}"))
}

/// Writes a text in lines, those after the first set in by four more.
fn wrapped(out: &mut dyn Write, indent: usize, text: &str) -> Result<(), CliError> {
    Ok(lines(out, indent, text)?)
}

fn lines(out: &mut dyn Write, indent: usize, text: &str) -> io::Result<()> {
    let mut line = " ".repeat(indent);
    let mut empty = true;
    for word in text.split_whitespace() {
        let long = line.chars().count() + 1 + word.chars().count() > WIDE;
        if long && !empty {
            writeln!(out, "{line}")?;
            line = " ".repeat(indent + 4);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        // A text of the register must not steer the terminal.
        let harmless = word.chars().map(|c| {
            if crate::problem::steers(c) {
                '\u{FFFD}'
            } else {
                c
            }
        });
        line.extend(harmless);
        empty = false;
    }
    writeln!(out, "{line}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_it_may_be() {
        let mut out = Vec::new();
        let text = "Æblehaven og Rønnebærhuset ".repeat(9);
        lines(&mut out, 6, &text).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(out.lines().count() > 2);
        for line in out.lines() {
            assert!(line.chars().count() <= WIDE, "{line}");
        }
        assert!(out.lines().nth(1).unwrap().starts_with("          "));
        let joined: Vec<_> = out.split_whitespace().collect();
        assert_eq!(joined.join(" "), text.trim());
    }
}
