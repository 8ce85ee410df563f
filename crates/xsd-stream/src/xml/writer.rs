//! A small writer of XML into a string. The caller keeps the order of calls;
//! escaping is done here. Prefixes and namespaces are the caller's.

/// Writes XML. What is written is well-formed when elements are closed in the
/// order opened and names are names.
#[derive(Debug, Default, Clone)]
pub struct Writer {
    out: String,
    /// A start tag is written but its `>` is not.
    open: bool,
}

impl Writer {
    /// An empty writer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty writer with room for `bytes`.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            out: String::with_capacity(bytes),
            open: false,
        }
    }

    /// The XML declaration, for UTF-8. Must come first.
    pub fn declaration(&mut self) -> &mut Self {
        self.out
            .push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        self
    }

    /// Opens an element; attributes may follow.
    pub fn open(&mut self, name: &str) -> &mut Self {
        self.finish_tag();
        self.out.push('<');
        self.out.push_str(name);
        self.open = true;
        self
    }

    /// An attribute (or namespace declaration) of the element just opened.
    pub fn attr(&mut self, name: &str, value: &str) -> &mut Self {
        debug_assert!(self.open, "attribute {name} outside a start tag");
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape(&mut self.out, value, true);
        self.out.push('"');
        self
    }

    /// Character data.
    pub fn text(&mut self, value: &str) -> &mut Self {
        self.finish_tag();
        escape(&mut self.out, value, false);
        self
    }

    /// Closes the element; one without content becomes `<name/>`.
    pub fn close(&mut self, name: &str) -> &mut Self {
        if self.open {
            self.out.push_str("/>");
            self.open = false;
        } else {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
        self
    }

    /// An element with nothing but text.
    pub fn leaf(&mut self, name: &str, value: &str) -> &mut Self {
        self.open(name);
        if !value.is_empty() {
            self.text(value);
        }
        self.close(name)
    }

    /// XML that is already written, put in as it stands.
    pub fn raw(&mut self, xml: &str) -> &mut Self {
        self.finish_tag();
        self.out.push_str(xml);
        self
    }

    /// What is written so far.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.out
    }

    /// The document.
    #[must_use]
    pub fn into_string(self) -> String {
        self.out
    }

    /// The document as UTF-8 bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.out.into_bytes()
    }

    fn finish_tag(&mut self) {
        if self.open {
            self.out.push('>');
            self.open = false;
        }
    }
}

/// Bytes of which there is none in a value that is written as it stands. 0xEF begins U+FFFE and U+FFFF, and others.
const LOOKED_AT: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = byte < 0x20 || matches!(byte as u8, b'<' | b'>' | b'&' | b'"' | 0xEF);
        byte += 1;
    }
    table
};

/// Appends `value`, escaped so that a reader gives back the same characters.
/// Characters that XML 1.0 can't carry become U+FFFD.
fn escape(out: &mut String, value: &str, attribute: bool) {
    if !value.bytes().any(|byte| LOOKED_AT[usize::from(byte)]) {
        out.push_str(value);
        return;
    }
    let mut copied = 0;
    for (at, c) in value.char_indices() {
        let replacement = match c {
            '<' => "&lt;",
            '>' => "&gt;",
            '&' => "&amp;",
            '\r' => "&#13;",
            '"' if attribute => "&quot;",
            '\t' if attribute => "&#9;",
            '\n' if attribute => "&#10;",
            '\t' | '\n' => continue,
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => "\u{FFFD}",
            _ => continue,
        };
        out.push_str(&value[copied..at]);
        out.push_str(replacement);
        copied = at + c.len_utf8();
    }
    out.push_str(&value[copied..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Event, Limits, Reader};

    #[test]
    fn writes_elements() {
        let mut w = Writer::new();
        w.open("a:x").attr("xmlns:a", "u").open("b").close("b");
        w.leaf("c", "1 < 2 & \"q\"").leaf("d", "").close("a:x");
        assert_eq!(
            w.as_str(),
            "<a:x xmlns:a=\"u\"><b/><c>1 &lt; 2 &amp; \"q\"</c><d/></a:x>"
        );
    }

    #[test]
    fn what_is_written_reads_back() {
        let value = "a\tb\nc\rd\r\ne<>&\"'æ]]>\u{1F600} ";
        let mut w = Writer::new();
        w.declaration()
            .open("r")
            .attr("k", value)
            .text(value)
            .close("r");
        let xml = w.into_string();
        let mut reader = Reader::new(&xml, Limits::default());
        let Event::Start(tag) = reader.next().unwrap() else {
            panic!("no start")
        };
        assert_eq!(tag.attribute("", "k").unwrap().value, value);
        let Event::Text(text) = reader.next().unwrap() else {
            panic!("no text")
        };
        assert_eq!(text.value, value);
    }

    #[test]
    fn characters_xml_cannot_carry() {
        let mut w = Writer::new();
        w.leaf("r", "a\0b\u{1}\u{FFFF}");
        w.leaf("r", "\u{FFFE}").leaf("r", "\u{FFFD}");
        let each = "<r>\u{FFFD}</r>";
        assert_eq!(
            w.as_str(),
            format!("<r>a\u{FFFD}b\u{FFFD}\u{FFFD}</r>{each}{each}")
        );
    }
}
