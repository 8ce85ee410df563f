//! Reads extracts as a stream: one record after the other, in memory for the longest record alone, with the place in
//! the file from which reading can go on another time. What a record means is said by `cvr` and `dar`.
//!
//! An extract is CSV with a header, JSON lines, or one JSON list; which, its first character tells.

pub mod cvr;
pub mod dar;
mod fields;

use std::io::{self, BufRead, Seek, SeekFrom};

pub use fields::{Columns, split};

/// The longest record that is read, in bytes: the largest of CVR's are some hundred kB.
const LONGEST: usize = 4 << 20;
/// Lines that a quoted field of CSV may go over.
const QUOTED_LINES: usize = 5;
/// The mark that some programs put before UTF-8.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Why an extract can't be read at all, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
    /// The disk.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// The header of a CSV lacks these columns; it has those.
    #[error("line 1 must be a header with the columns {0}; it has {1}")]
    Header(String, String),
    /// The header of a CSV lacks columns that a mirror can do without, and nobody said that it may; it has those.
    #[error(
        "line 1 has no column {columns}; it has {1}. Give the column its name, or load without it: --tillad-uden {option}",
        columns = .0.join(", "), option = .0.join(",")
    )]
    Without(Vec<&'static str>, String),
    /// No such column may be missing; those may.
    #[error("--tillad-uden names {0}; the columns that may be missing are {1}")]
    NoSuchColumn(String, String),
    /// A JSON list that does not end.
    #[error("the file ends at line {0}, in the middle of its JSON list: it was cut off")]
    CutOff(u64),
    /// Something in a JSON list that is neither a record nor between two.
    #[error("line {0}: not a JSON list of objects")]
    NotAList(u64),
}

/// How an extract is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExtractForm {
    /// A header, then a line for each record.
    Csv(Columns),
    /// A JSON object on each line.
    Lines,
    /// One JSON list of objects.
    List,
}

/// One record of an extract.
#[derive(Debug)]
pub struct Entry<'a> {
    /// The line that it begins on, from 1.
    pub line: u64,
    /// Its bytes; none for one that is too long to be read.
    pub bytes: Option<&'a [u8]>,
}

/// An extract that is being read.
#[derive(Debug)]
pub struct Extract<R> {
    input: R,
    form: ExtractForm,
    offset: u64,
    line: u64,
    record: Vec<u8>,
    too_long: bool,
}

impl<R: BufRead + Seek> Extract<R> {
    /// Finds out how an extract is written, and reads its header.
    ///
    /// # Errors
    /// [`ExtractError`]: it can't be read at all.
    pub fn open(input: R) -> Result<Self, ExtractError> {
        let mut new = Self {
            input,
            form: ExtractForm::Lines,
            offset: 0,
            line: 1,
            record: Vec::new(),
            too_long: false,
        };
        if new.input.fill_buf()?.starts_with(BOM) {
            new.pass(BOM.len());
        }
        let first = loop {
            let Some(&byte) = new.input.fill_buf()?.first() else {
                return Err(ExtractError::Empty);
            };
            if !byte.is_ascii_whitespace() {
                break byte;
            }
            new.pass_byte(byte);
        };
        match first {
            b'{' => {}
            b'[' => {
                new.form = ExtractForm::List;
                new.pass(1);
            }
            _ => {
                new.read_line()?;
                new.form = ExtractForm::Csv(Columns::of_header(&new.record));
            }
        }
        Ok(new)
    }

    /// How it is written.
    pub const fn form(&self) -> &ExtractForm {
        &self.form
    }

    /// Where the next record is looked for: byte offset and line.
    pub const fn place(&self) -> (u64, u64) {
        (self.offset, self.line)
    }

    /// Goes on at a place that [`Extract::place`] told.
    ///
    /// # Errors
    /// From the operating system.
    pub fn seek_to(&mut self, (offset, line): (u64, u64)) -> io::Result<()> {
        self.input.seek(SeekFrom::Start(offset))?;
        (self.offset, self.line) = (offset, line);
        Ok(())
    }

    /// The next record; `None` at the end.
    ///
    /// # Errors
    /// [`ExtractError`]: it can't be read to its end.
    pub fn next_entry(&mut self) -> Result<Option<Entry<'_>>, ExtractError> {
        let line = match self.form {
            ExtractForm::List => self.next_in_list()?,
            _ => self.next_line()?,
        };
        let bytes = (!self.too_long).then_some(self.record.as_slice());
        Ok(line.map(|line| Entry { line, bytes }))
    }

    /// The next line that is not empty; in CSV with those that a quoted field goes over.
    fn next_line(&mut self) -> Result<Option<u64>, ExtractError> {
        loop {
            let begins = self.line;
            if !self.read_line()? {
                return Ok(None);
            }
            if self.record.iter().all(u8::is_ascii_whitespace) && !self.too_long {
                continue;
            }
            if let ExtractForm::Csv(columns) = &self.form {
                let columns = (columns.separator(), columns.names().len());
                self.go_on_over_lines(columns)?;
            }
            return Ok(Some(begins));
        }
    }

    /// Takes the next lines in too where a quoted field goes over them and makes a whole record with them. A quote that is
    /// never closed is the fault of its own line alone.
    fn go_on_over_lines(&mut self, (separator, most): (u8, usize)) -> io::Result<()> {
        let whole = |record: &[u8]| {
            std::str::from_utf8(record).map_or(Some(0), |line| {
                split(line, separator).map(|fields| fields.len())
            })
        };
        if self.too_long || whole(&self.record).is_some() {
            return Ok(());
        }
        let (place, length) = (self.place(), self.record.len());
        for _ in 1..QUOTED_LINES {
            if !self.append_line()? || self.too_long {
                break;
            }
            if whole(&self.record).is_some_and(|fields| fields <= most) {
                return Ok(());
            }
        }
        if !self.too_long {
            self.record.truncate(length);
        }
        self.seek_to(place)
    }

    /// Reads one line in place of the record; false at the end.
    fn read_line(&mut self) -> io::Result<bool> {
        self.record.clear();
        self.too_long = false;
        self.append_line()
    }

    fn append_line(&mut self) -> io::Result<bool> {
        let mut any = false;
        loop {
            let chunk = self.input.fill_buf()?;
            if chunk.is_empty() {
                break;
            }
            any = true;
            let end = chunk.iter().position(|&byte| byte == b'\n');
            let taken = end.map_or(chunk.len(), |at| at + 1);
            self.take(taken)?;
            if end.is_some() {
                self.line += 1;
                break;
            }
        }
        Ok(any)
    }

    /// The next object of a list, by its braces outside strings.
    fn next_in_list(&mut self) -> Result<Option<u64>, ExtractError> {
        self.record.clear();
        self.too_long = false;
        loop {
            let Some(&byte) = self.input.fill_buf()?.first() else {
                return Err(ExtractError::CutOff(self.line));
            };
            match byte {
                b'{' => break,
                b']' => return Ok(None),
                b',' => {}
                byte if byte.is_ascii_whitespace() => {}
                _ => return Err(ExtractError::NotAList(self.line)),
            }
            self.pass_byte(byte);
        }
        let begins = self.line;
        let (mut depth, mut in_string, mut escaped) = (0_u64, false, false);
        loop {
            let chunk = self.input.fill_buf()?;
            if chunk.is_empty() {
                return Err(ExtractError::CutOff(self.line));
            }
            let mut taken = 0;
            let mut lines = 0;
            let mut done = false;
            for &byte in chunk {
                taken += 1;
                lines += u64::from(byte == b'\n');
                if in_string {
                    in_string = escaped || byte != b'"';
                    escaped = !escaped && byte == b'\\';
                    continue;
                }
                match byte {
                    b'"' => in_string = true,
                    b'{' => depth += 1,
                    b'}' => {
                        depth -= 1;
                        done = depth == 0;
                    }
                    _ => {}
                }
                if done {
                    break;
                }
            }
            self.take(taken)?;
            self.line += lines;
            if done {
                return Ok(Some(begins));
            }
        }
    }

    /// Takes so many of the bytes that were looked at into the record, or none of one that is too long.
    fn take(&mut self, count: usize) -> io::Result<()> {
        self.too_long |= self.record.len() + count > LONGEST;
        if self.too_long {
            self.record.clear();
        } else {
            let chunk = self.input.fill_buf()?;
            self.record.extend_from_slice(&chunk[..count]);
        }
        self.pass(count);
        Ok(())
    }

    fn pass_byte(&mut self, byte: u8) {
        self.line += u64::from(byte == b'\n');
        self.pass(1);
    }

    fn pass(&mut self, count: usize) {
        self.input.consume(count);
        self.offset += count as u64;
    }
}

#[cfg(test)]
mod tests;
