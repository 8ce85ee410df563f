//! The files of rows that operators hand over: `;` between cells, UTF-8 with or without a byte order mark or
//! windows-1252, any line ends. A row is bounded, whatever the file.

use std::io::Read;

use crate::xml::decode;

use super::{Bounded, Broken, Header, LONGEST, ReadError};

/// So many line breaks may stand in the cells of a row; more are the sign of a quote that was never closed.
const BREAKS: usize = 10;

/// Reads rows one by one.
#[derive(Debug)]
pub struct RowReader<R> {
    csv: csv::Reader<Bounded<R>>,
    heading: csv::StringRecord,
    bytes: csv::ByteRecord,
    windows_1252: bool,
    separator: char,
}

impl<R: Read> RowReader<R> {
    /// Reads the header of a file with `;` between cells.
    ///
    /// # Errors
    /// [`ReadError::Csv`].
    pub fn new(file: R) -> Result<Self, ReadError> {
        Self::parted_by(b';', file)
    }

    /// The same with another sign between cells.
    ///
    /// # Errors
    /// [`ReadError::Csv`].
    pub fn parted_by(separator: u8, file: R) -> Result<Self, ReadError> {
        let csv = csv::ReaderBuilder::new()
            .has_headers(false)
            .delimiter(separator)
            .flexible(true)
            // With both characters as one terminator lines would be counted late; the other one is trimmed.
            .terminator(csv::Terminator::Any(b'\n'))
            .trim(csv::Trim::All)
            .from_reader(Bounded::new(file, separator, LONGEST));
        let mut reader = Self {
            csv,
            heading: csv::StringRecord::new(),
            bytes: csv::ByteRecord::new(),
            windows_1252: false,
            separator: char::from(separator),
        };
        if reader.read()?.is_some() {
            reader.heading = reader.text()?;
        }
        Ok(reader)
    }

    /// The columns, without those that the operator leaves out.
    ///
    /// # Errors
    /// [`ReadError::Columns`].
    pub fn header(&self, ignore: &[String]) -> Result<Header, ReadError> {
        Ok(Header::new(&self.heading, ignore)?)
    }

    /// The header as it stands.
    pub fn heading(&self) -> &csv::StringRecord {
        &self.heading
    }

    /// Whether a row that is no UTF-8 was read as windows-1252.
    pub fn is_windows_1252(&self) -> bool {
        self.windows_1252
    }

    /// The next row that holds something; false at the end. A line break in a cell is read as a space. A quote that somebody
    /// forgot would make one row of many, so a row over lines must have a cell for each column, and no `;` in a broken one;
    /// and cells under no column's name that hold something are refused.
    ///
    /// # Errors
    /// [`ReadError::Csv`].
    pub fn next_row(
        &mut self,
        record: &mut csv::StringRecord,
        header: &Header,
    ) -> Result<bool, ReadError> {
        loop {
            let Some(line) = self.read()? else {
                return Ok(false);
            };
            *record = self.text()?;
            if record.iter().all(str::is_empty) {
                continue;
            }
            // A line end is one byte here, so what lies over lines holds one.
            let broken = || record.iter().filter(|cell| cell.contains('\n'));
            let breaks: usize = broken().map(|cell| cell.matches('\n').count()).sum();
            let rows_in_one = breaks > BREAKS || broken().any(|cell| cell.contains(self.separator));
            if rows_in_one || (breaks > 0 && record.len() != self.heading.len()) {
                return Err(wrong(line, Broken::Quote));
            }
            if breaks > 0 {
                let position = record.position().cloned();
                let joined = record
                    .iter()
                    .map(|cell| cell.lines().map(str::trim).collect::<Vec<_>>().join(" "));
                *record = joined.collect();
                record.set_position(position);
            }
            if header.nameless(record.iter()) {
                return Err(wrong(line, Broken::MoreCells));
            }
            return Ok(true);
        }
    }

    /// Reads a row as bytes, and gives the line on which it begins; nothing at the end.
    fn read(&mut self) -> Result<Option<u64>, ReadError> {
        let begins = self.csv.position().line();
        let more = self
            .csv
            .read_byte_record(&mut self.bytes)
            .map_err(|error| {
                let line = error.position().map_or(begins, csv::Position::line);
                wrong(line, Broken::Unreadable(error.to_string()))
            })?;
        let line = self.bytes.position().map_or(begins, csv::Position::line);
        Ok(more.then_some(line))
    }

    /// The row as text.
    fn text(&mut self) -> Result<csv::StringRecord, ReadError> {
        let bytes = match csv::StringRecord::from_byte_record(self.bytes.clone()) {
            Ok(text) => return Ok(text),
            Err(error) => error.into_byte_record(),
        };
        self.windows_1252 = true;
        let line = bytes.position().map_or(0, csv::Position::line);
        let cells = bytes
            .iter()
            .map(|cell| decode::decode(cell, Some("windows-1252")));
        let mut text = cells
            .collect::<Result<csv::StringRecord, _>>()
            .map_err(|_| wrong(line, Broken::Encoding))?;
        text.set_position(bytes.position().cloned());
        Ok(text)
    }
}

const fn wrong(line: u64, why: Broken) -> ReadError {
    ReadError::Csv { line, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(file: &[u8]) -> Result<Vec<Vec<String>>, ReadError> {
        let mut reader = RowReader::new(file)?;
        let header = reader.header(&[])?;
        let (mut rows, mut row) = (Vec::new(), csv::StringRecord::new());
        while reader.next_row(&mut row, &header)? {
            rows.push(row.iter().map(str::to_owned).collect());
        }
        Ok(rows)
    }

    #[test]
    fn line_breaks_in_cells_windows_1252_and_empty_rows_are_read() {
        let read = rows(b"a;b\n\"Bj\xf8rnen\r\nog \xc6blet\";x\r\n;;\n;\ny;z\n").unwrap();
        assert_eq!(read, [["Bjørnen og Æblet", "x"], ["y", "z"]]);
        assert_eq!(rows("\u{feff}a\nÆ\n".as_bytes()).unwrap(), [["Æ"]]);
    }

    #[test]
    fn a_forgotten_quote_and_an_endless_row_are_told_with_their_line() {
        let forgotten = b"a;b\nx;y\nz;\"w\nv;u\nt;s\n";
        let why = rows(forgotten).unwrap_err().to_string();
        assert!(why.starts_with("line 3: a cell in quotes"), "{why}");
        let why = RowReader::new(std::io::repeat(b'x'))
            .unwrap_err()
            .to_string();
        assert!(why.contains("longer than 1048576 bytes"), "{why}");
        let mut reader = RowReader::new(b"a;b\nx;".chain(std::io::repeat(b'y'))).unwrap();
        let header = reader.header(&[]).unwrap();
        let why = reader.next_row(&mut csv::StringRecord::new(), &header);
        let why = why.unwrap_err().to_string();
        assert!(why.starts_with("line 2: "), "{why}");
        assert!(why.contains("longer than 1048576 bytes"), "{why}");
    }
}
