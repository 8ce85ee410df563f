//! The line mode, for drivers that compare several engines.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::run::{Verdict, documents};

/// Answers requests from standard input until it ends.
pub(crate) fn serve(directory: &Path) -> ExitCode {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else {
            return ExitCode::from(2);
        };
        let answer =
            answer(directory, &line).unwrap_or_else(|| format!("{line}\tp\t\tbad request"));
        if writeln!(out, "{answer}")
            .and_then(|()| out.flush())
            .is_err()
        {
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn answer(directory: &Path, line: &str) -> Option<String> {
    let mut fields = line.trim_end_matches(['\r', '\n']).split('\t');
    let id = fields.next()?;
    let count: usize = fields.next()?.parse().ok()?;
    let paths: Vec<PathBuf> = fields
        .filter(|f| !f.is_empty())
        .map(|f| directory.join(f))
        .collect();
    let (schemas, instances) = paths.split_at_checked(count)?;
    let outcome = documents(schemas, instances);
    let schema = match outcome.schema {
        Verdict::Valid => 'v',
        Verdict::Panicked => 'p',
        _ => 'i',
    };
    let letters: Vec<&str> = outcome
        .instances
        .iter()
        .map(|verdict| match verdict {
            Verdict::Valid => "v",
            Verdict::Invalid(_) => "i",
            Verdict::NotWellFormed(_) => "e",
            Verdict::NotRun => "x",
            Verdict::Panicked => "p",
        })
        .collect();
    let all = std::iter::once(&outcome.schema).chain(&outcome.instances);
    let message = all
        .filter(|v| !matches!(v, Verdict::Valid | Verdict::NotRun))
        .map(ToString::to_string)
        .next();
    let message = message.unwrap_or_default().replace(['\t', '\n', '\r'], " ");
    Some(format!("{id}\t{schema}\t{}\t{message}", letters.join(",")))
}
