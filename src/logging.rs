//! The log: text or JSON lines on standard error through `tracing`. What is logged of a call is said in
//! [`crate::server`]; here is how it is written.
//!
//! No line can be forged: every control character of a line but its end is written as `\u00xx`, also those that steer
//! terminals. No body and no personal data is ever given to the log.

use std::io::{self, Write};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::config::{Log, LogLevel, Logformat};

/// The log can be set up once in a process.
#[derive(Debug, thiserror::Error)]
#[error("the log is already set up")]
pub struct AlreadySetUp;

/// Sets up the log of this process, on standard error, and lets panics go there without their message.
///
/// # Errors
/// When it was set up before.
pub fn init(log: &Log) -> Result<(), AlreadySetUp> {
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(level(log.niveau))
        .with_ansi(false)
        .with_target(false)
        .with_writer(OneLine(io::stderr));
    match log.format {
        Logformat::Tekst => subscriber.try_init(),
        Logformat::Json => subscriber.json().flatten_event(true).try_init(),
    }
    .map_err(|_| AlreadySetUp)?;
    std::panic::set_hook(Box::new(|panic| {
        // The message may hold what a caller sent; the place alone finds the fault.
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place = place.as_deref(), "panic");
    }));
    Ok(())
}

const fn level(niveau: LogLevel) -> LevelFilter {
    match niveau {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}

/// Makes writers that keep an event on one line.
struct OneLine<M>(M);

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for OneLine<M> {
    type Writer = LineWriter<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        LineWriter(self.0.make_writer())
    }
}

/// Writes what is one event, as the subscriber hands it over in one piece.
struct LineWriter<W>(W);

impl<W: Write> Write for LineWriter<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let line = event.strip_suffix(b"\n").unwrap_or(event);
        if is_harmless(line) {
            self.0.write_all(event)?;
        } else {
            let mut shown = escaped(&String::from_utf8_lossy(line));
            shown.push('\n');
            self.0.write_all(shown.as_bytes())?;
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Whether a line certainly holds nothing to escape: the quick way, for nearly all lines.
fn is_harmless(line: &[u8]) -> bool {
    // C2 begins the C1 controls, E2 the separators U+2028 and U+2029 and the direction marks.
    line.iter()
        .all(|&byte| byte >= 0x20 && byte != 0x7f && byte != 0xc2 && byte != 0xe2)
}

/// A line with its control characters made visible, in a way that JSON reads back.
fn escaped(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 16);
    for c in line.chars() {
        let steers = matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if c.is_control() || steers {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// Collects what is written.
    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(json: bool, value: &str) -> String {
        let sink = Sink::default();
        let make = sink.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(OneLine(move || make.clone()));
        let log = || tracing::info!(kode = value, "kald {value}");
        if json {
            tracing::subscriber::with_default(subscriber.json().flatten_event(true).finish(), log);
        } else {
            tracing::subscriber::with_default(subscriber.finish(), log);
        }
        let bytes = sink.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_value_cannot_forge_a_line_or_steer_a_terminal() {
        let hostile = "a\r\nINFO forged\u{1b}[2J\u{85}\u{2028}\u{202e}\u{7f}b";
        for json in [false, true] {
            let line = logged(json, hostile);
            assert_eq!(line.matches('\n').count(), 1, "{line:?}");
            let inside = line.trim_end_matches('\n');
            assert!(
                !inside
                    .chars()
                    .any(|c| c.is_control() || c == '\u{2028}' || c == '\u{202e}'),
                "{line:?}"
            );
        }
    }

    #[test]
    fn a_json_line_stays_json_and_keeps_danish_letters() {
        let line = logged(true, "Blåbær\u{2028}høj");
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["kode"], "Blåbær\u{2028}høj");
    }
}
