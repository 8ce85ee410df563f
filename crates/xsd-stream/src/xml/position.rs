//! From byte offsets to lines and columns.

/// A place as people count: from 1, columns in Unicode characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line; ends at `\n`, `\r\n` or `\r`.
    pub line: u32,
    /// Column in Unicode characters.
    pub column: u32,
}

/// Positions in one text. Each look-up continues from the one before, so that
/// ascending offsets cost one pass over the text together; a smaller offset
/// starts over.
#[derive(Debug, Clone)]
pub struct Positions<'a> {
    text: &'a str,
    offset: usize,
    at: Position,
}

impl<'a> Positions<'a> {
    /// Positions in `text`.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            offset: 0,
            at: Position { line: 1, column: 1 },
        }
    }

    /// The position of the character at or around byte `offset`; past the end
    /// that of the end.
    pub fn at(&mut self, offset: usize) -> Position {
        let bytes = self.text.as_bytes();
        let mut offset = offset.min(bytes.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        if offset < self.offset {
            (self.offset, self.at) = (0, Position { line: 1, column: 1 });
        }
        for i in self.offset..offset {
            match bytes[i] {
                b'\n' => self.next_line(),
                b'\r' if bytes.get(i + 1) != Some(&b'\n') => self.next_line(),
                // Bytes that continue a character are not counted.
                b if b & 0xC0 != 0x80 => self.at.column += 1,
                _ => {}
            }
        }
        self.offset = offset;
        self.at
    }

    fn next_line(&mut self) {
        self.at = Position {
            line: self.at.line + 1,
            column: 1,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns() {
        let text = "æb\r\nc\rd\n\u{1F600}x";
        let mut positions = Positions::new(text);
        for (offset, line, column) in [
            (0, 1, 1),
            (1, 1, 1),
            (2, 1, 2),
            (3, 1, 3),
            (5, 2, 1),
            (6, 2, 2),
            (7, 3, 1),
            (9, 4, 1),
            (13, 4, 2),
            (14, 4, 3),
            (99, 4, 3),
            (2, 1, 2),
        ] {
            assert_eq!(positions.at(offset), Position { line, column }, "{offset}");
        }
    }
}
