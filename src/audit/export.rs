//! The chain in a file of its own: text, self-describing, written and read line by line.
//!
//! ```text
//! dtr-revision.1
//! algoritme=sha256-kaede.1
//! epoke=<UUID>
//! sekvens=<the register's last change>
//! eksporteret=<when>
//!
//! linje <nr> <bytes> <hash>
//! <the canonical form: so many bytes>
//! …
//! slut <nr of the last line> <its hash>
//! ```
//!
//! The bytes are counted, so that nothing inside a line can be taken for the beginning of another.

use std::io::{self, BufRead, Read as _, Write};

use super::{ALGORITHM, Hash, Head, Line};
use crate::register::{Sekvens, Tidspunkt};

/// The first line: what the file is.
const FORMAT: &str = "dtr-revision.1";
/// No line of the chain is longer than this, in bytes: each value is bounded where it is written.
const LONGEST_LINE: usize = 1 << 20;
/// A line of the frame, in bytes.
const LONGEST_FRAME: u64 = 4096;
/// Lines of the header.
const MOST_FIELDS: usize = 100;

/// What an export says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The line of history.
    pub epoke: String,
    /// The register's last change.
    pub sekvens: Sekvens,
    /// When it was made.
    pub eksporteret: Tidspunkt,
}

/// Why an export can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The file can't be read.
    #[error("can't be read: {0}")]
    Read(#[from] io::Error),
    /// The file is something else.
    #[error(
        "is no export of an audit chain: it does not begin {FORMAT}; make one with dtr audit export"
    )]
    NotExport,
    /// The chain is made in a way that this program does not know.
    #[error("is of the algorithm '{0}', which this program does not know: use a newer one")]
    Algorithm(String),
    /// The header lacks something.
    #[error("the header has no readable {0}")]
    Header(&'static str),
    /// Something stands where a line should begin.
    #[error("after line {0} stands something that is no line of the chain")]
    Frame(u64),
    /// The file ends before its end.
    #[error("the file ends after line {0}, without its last line, slut: it was cut off")]
    CutOff(u64),
    /// The end names another line than the last.
    #[error(
        "the file's end names line {named}, and line {last} is the last: lines were taken out or put in"
    )]
    End {
        /// The line named.
        named: u64,
        /// The last line.
        last: u64,
    },
    /// Something follows the end.
    #[error("something follows the file's end")]
    Garbage,
}

/// Writes an export.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    last: Head,
}

impl<W: Write> Writer<W> {
    /// Begins one.
    ///
    /// # Errors
    /// What `out` refuses.
    pub fn new(mut out: W, header: &Header) -> io::Result<Self> {
        let Header {
            epoke,
            sekvens,
            eksporteret,
        } = header;
        write!(
            out,
            "{FORMAT}\nalgoritme={ALGORITHM}\nepoke={epoke}\nsekvens={sekvens}\neksporteret={eksporteret}\n\n"
        )?;
        let last = Head::START;
        Ok(Self { out, last })
    }

    /// Writes a line as it is stored, right or wrong: judging it is verification.
    ///
    /// # Errors
    /// What `out` refuses.
    pub fn line(&mut self, line: &Line) -> io::Result<()> {
        let Line {
            number,
            canonical,
            hash,
        } = line;
        self.last = Head {
            number: *number,
            hash: *hash,
        };
        write!(
            self.out,
            "linje {number} {} {hash}\n{canonical}",
            canonical.len()
        )
    }

    /// Writes the end; gives the last line's head.
    ///
    /// # Errors
    /// What `out` refuses.
    pub fn finish(mut self) -> io::Result<Head> {
        writeln!(self.out, "slut {} {}", self.last.number, self.last.hash)?;
        self.out.flush()?;
        Ok(self.last)
    }
}

/// Reads an export, one line of the chain at a time.
#[derive(Debug)]
pub struct Reader<R> {
    from: R,
    header: Header,
    last: Head,
}

impl<R: BufRead> Reader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`ExportError`].
    pub fn new(mut from: R) -> Result<Self, ExportError> {
        if frame(&mut from)?.as_deref() != Some(FORMAT) {
            return Err(ExportError::NotExport);
        }
        let (mut algorithm, mut epoke, mut sekvens, mut eksporteret) = (None, None, None, None);
        for _ in 0..MOST_FIELDS {
            let field = frame(&mut from)?.unwrap_or_default();
            match field.split_once('=') {
                Some(("algoritme", value)) => algorithm = Some(value.to_owned()),
                Some(("epoke", value)) => epoke = Some(value.to_owned()),
                Some(("sekvens", value)) => sekvens = value.parse().ok(),
                Some(("eksporteret", value)) => eksporteret = Tidspunkt::parse(value).ok(),
                Some(_) => {}
                None => break,
            }
        }
        match algorithm.ok_or(ExportError::Header("algoritme"))? {
            known if known == ALGORITHM => {}
            other => return Err(ExportError::Algorithm(other.chars().take(80).collect())),
        }
        let header = Header {
            epoke: epoke.ok_or(ExportError::Header("epoke"))?,
            sekvens: Sekvens(sekvens.ok_or(ExportError::Header("sekvens"))?),
            eksporteret: eksporteret.ok_or(ExportError::Header("eksporteret"))?,
        };
        let last = Head::START;
        Ok(Self { from, header, last })
    }

    /// What the export says of itself.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The next line of the chain; none at the end of a whole file.
    ///
    /// # Errors
    /// [`ExportError`].
    pub fn next_line(&mut self) -> Result<Option<Line>, ExportError> {
        let after = self.last.number;
        let Some(text) = frame(&mut self.from)? else {
            return Err(ExportError::CutOff(after));
        };
        let mut words = text.split(' ');
        match words.next() {
            Some("linje") => {
                let head = |words: &mut dyn Iterator<Item = &str>| {
                    let number = words.next()?.parse().ok()?;
                    let length = words
                        .next()?
                        .parse()
                        .ok()
                        .filter(|length| *length <= LONGEST_LINE)?;
                    let hash = Hash::parse(words.next()?)?;
                    Some((number, length, hash))
                };
                let (number, length, hash) = head(&mut words).ok_or(ExportError::Frame(after))?;
                let canonical = self.canonical(length)?;
                self.last = Head { number, hash };
                Ok(Some(Line {
                    number,
                    canonical,
                    hash,
                }))
            }
            Some("slut") => self.end(words).map(|()| None),
            _ => Err(ExportError::Frame(after)),
        }
    }

    fn canonical(&mut self, length: usize) -> Result<String, ExportError> {
        let after = self.last.number;
        let mut bytes = vec![0; length];
        match self.from.read_exact(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(ExportError::CutOff(after));
            }
            read => read?,
        }
        String::from_utf8(bytes).map_err(|_| ExportError::Frame(after))
    }

    fn end<'a>(&mut self, mut words: impl Iterator<Item = &'a str>) -> Result<(), ExportError> {
        let last = self.last.number;
        let named = words.next().and_then(|number| number.parse().ok());
        let named = named.ok_or(ExportError::Frame(last))?;
        let hash = words
            .next()
            .and_then(Hash::parse)
            .ok_or(ExportError::Frame(last))?;
        if (Head {
            number: named,
            hash,
        }) != self.last
        {
            return Err(ExportError::End { named, last });
        }
        match frame(&mut self.from)? {
            None => Ok(()),
            Some(_) => Err(ExportError::Garbage),
        }
    }
}

/// A line of the frame without its line feed; none at the end of the file. One too long, or not text, is shown as
/// nothing that is expected anywhere.
fn frame(from: &mut impl BufRead) -> Result<Option<String>, ExportError> {
    let mut bytes = Vec::new();
    from.by_ref()
        .take(LONGEST_FRAME)
        .read_until(b'\n', &mut bytes)?;
    if bytes.is_empty() {
        return Ok(None);
    }
    let text = String::from_utf8(bytes).unwrap_or_default();
    Ok(Some(text.strip_suffix('\n').unwrap_or("?").to_owned()))
}

#[cfg(test)]
mod tests;
