//! CSV whose rows are bounded: the reader of rows gathers a whole row before anybody sees it, so a file without an end of a line,
//! or with a quote that is never closed, would be gathered whole.

use std::io::{self, Read};

/// The longest row of a file that an operator hands over, in bytes: a row of the first load has some 500.
pub const LONGEST: u64 = 1 << 20;

/// Passes bytes on until a row is longer than it may be.
#[derive(Debug)]
pub struct Bounded<R> {
    inner: R,
    separator: u8,
    most: u64,
    /// Bytes of the row so far.
    length: u64,
    /// The line that is being read, from 1.
    line: u64,
    place: Within,
}

/// Where in a row the next byte stands, as the reader of rows sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    CellBegins,
    InCell,
    InQuotes,
    /// After a quote in quotes: the end of the cell, or the first of two.
    AfterQuote,
}

impl<R> Bounded<R> {
    /// With this sign between cells, and so many bytes for a row.
    pub const fn new(inner: R, separator: u8, most: u64) -> Self {
        Self {
            inner,
            separator,
            most,
            length: 0,
            line: 1,
            place: Within::CellBegins,
        }
    }

    /// Follows what was read; false when a row has become too long.
    fn follow(&mut self, bytes: &[u8]) -> bool {
        for &byte in bytes {
            self.length += 1;
            self.line += u64::from(byte == b'\n');
            self.place = match (self.place, byte) {
                (Within::InQuotes, b'"') => Within::AfterQuote,
                (Within::InQuotes, _) | (Within::CellBegins | Within::AfterQuote, b'"') => {
                    Within::InQuotes
                }
                (_, b'\n') => {
                    self.length = 0;
                    Within::CellBegins
                }
                (_, byte) if byte == self.separator => Within::CellBegins,
                _ => Within::InCell,
            };
            if self.length > self.most {
                return false;
            }
        }
        true
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if self.follow(&buffer[..read]) {
            return Ok(read);
        }
        Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!(
                "the row that goes on at line {} is longer than {} bytes; are its line ends missing, or is a quote (\") not closed?",
                self.line, self.most
            ),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read of a text, piece by piece.
    fn read(text: &str, most: u64, piece: usize) -> Result<String, String> {
        let mut reader = Bounded::new(text.as_bytes(), b';', most);
        let (mut all, mut buffer) = (Vec::new(), vec![0; piece]);
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return Ok(String::from_utf8(all).unwrap()),
                Ok(read) => all.extend_from_slice(&buffer[..read]),
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    #[test]
    fn rows_are_bounded_and_files_are_not() {
        for piece in [1, 3, 100] {
            let many = "abc;def\n".repeat(100);
            assert_eq!(read(&many, 8, piece).unwrap(), many);
            let told = read("abc;def\nabcdefghi\n", 8, piece).unwrap_err();
            assert!(
                told.contains("line 2") && told.contains("8 bytes"),
                "{told}"
            );
            // A cell in quotes may go over lines, and counts whole.
            let quoted = "a;\"b\n\"\"c\n\";d\n".repeat(10);
            assert_eq!(read(&quoted, 12, piece).unwrap(), quoted);
            assert!(read(&quoted, 11, piece).is_err());
            // A quote within a cell is a letter like any other.
            let letter = "a 5\" b;c\n".repeat(10);
            assert_eq!(read(&letter, 9, piece).unwrap(), letter);
            assert!(read("a;\"never closed\nb;c\nd;e\n", 16, piece).is_err());
        }
    }
}
