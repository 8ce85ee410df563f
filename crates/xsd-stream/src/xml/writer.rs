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

    /// An element with nothing but the text that `write` appends. What it appends is escaped where it stands.
    pub fn leaf_by(&mut self, name: &str, write: impl FnOnce(&mut String)) -> &mut Self {
        self.open(name);
        let tag = self.out.len();
        self.out.push('>');
        let from = self.out.len();
        write(&mut self.out);
        if self.out.len() == from {
            self.out.truncate(tag);
        } else {
            self.open = false;
            if self.out.as_bytes()[from..].iter().any(is_looked_at) {
                let value = self.out.split_off(from);
                escape(&mut self.out, &value, false);
            }
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

const fn is_looked_at(byte: &u8) -> bool {
    LOOKED_AT[*byte as usize]
}

/// Appends `value`, escaped so that a reader gives back the same characters.
/// Characters that XML 1.0 can't carry become U+FFFD.
fn escape(out: &mut String, value: &str, attribute: bool) {
    let bytes = value.as_bytes();
    let (mut copied, mut at) = (0, 0);
    while let Some(next) = bytes[at..].iter().position(is_looked_at) {
        at += next;
        let (replacement, length) = match bytes[at] {
            b'<' => ("&lt;", 1),
            b'>' => ("&gt;", 1),
            b'&' => ("&amp;", 1),
            b'\r' => ("&#13;", 1),
            b'"' if attribute => ("&quot;", 1),
            b'\t' if attribute => ("&#9;", 1),
            b'\n' if attribute => ("&#10;", 1),
            // U+FFFE and U+FFFF.
            0xEF if matches!(bytes[at + 1..], [0xBF, 0xBE | 0xBF, ..]) => ("\u{FFFD}", 3),
            b'"' | b'\t' | b'\n' | 0xEF => {
                at += 1;
                continue;
            }
            _ => ("\u{FFFD}", 1),
        };
        out.push_str(&value[copied..at]);
        out.push_str(replacement);
        at += length;
        copied = at;
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
    fn a_leaf_is_the_same_however_its_text_comes() {
        for value in ["", "plain", "a < b", "\"q\" & \u{FFFF} \u{FEFF} æ"] {
            let (mut whole, mut by) = (Writer::new(), Writer::new());
            whole.open("r").leaf("a", value).leaf("b", "x").close("r");
            by.open("r").leaf_by("a", |out| out.push_str(value));
            by.leaf("b", "x").close("r");
            assert_eq!(by.as_str(), whole.as_str());
        }
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
