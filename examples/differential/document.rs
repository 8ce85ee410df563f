//! A message as a list of its elements, by offsets into its text.

use dtr::xml::{Event, Limits, Reader};

/// An element of a message.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    /// As written, with its prefix.
    pub(crate) qname: String,
    pub(crate) parent: Option<usize>,
    /// Offset of `<`.
    pub(crate) start: usize,
    /// Just past the `>` of the start tag.
    pub(crate) content: usize,
    /// Offset of the end tag.
    pub(crate) close: usize,
    /// Just past the end tag.
    pub(crate) end: usize,
    pub(crate) children: Vec<usize>,
    /// Attributes that are no declarations: offset of the name, of the value,
    /// and length of the value.
    pub(crate) attributes: Vec<(usize, usize, usize)>,
}

impl Element {
    pub(crate) fn is_leaf(&self) -> bool {
        self.children.is_empty()
    }

    /// Where the name in the start tag ends.
    pub(crate) fn after_name(&self) -> usize {
        self.start + 1 + self.qname.len()
    }
}

/// A valid message to start from; it has no empty-element tags and no comments.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) text: String,
    pub(crate) elements: Vec<Element>,
}

impl Message {
    pub(crate) fn new(text: String) -> Result<Self, String> {
        let mut reader = Reader::new(&text, Limits::unlimited());
        let (mut elements, mut open): (Vec<Element>, Vec<usize>) = (Vec::new(), Vec::new());
        loop {
            match reader.next().map_err(|error| error.to_string())? {
                Event::Start(tag) => {
                    let place = elements.len();
                    if let Some(&parent) = open.last() {
                        elements[parent].children.push(place);
                    }
                    elements.push(Element {
                        qname: tag.name.qname.to_owned(),
                        parent: open.last().copied(),
                        start: tag.offset,
                        content: tag.end,
                        close: tag.end,
                        end: tag.end,
                        children: Vec::new(),
                        attributes: tag
                            .attributes()
                            .map(|a| (a.offset, a.value_offset, a.value.len()))
                            .collect(),
                    });
                    open.push(place);
                }
                Event::End(tag) => {
                    let place = open.pop().ok_or("unbalanced")?;
                    (elements[place].close, elements[place].end) = (tag.offset, tag.end);
                }
                Event::Text(_) => {}
                Event::Eof => break,
            }
        }
        Ok(Self { text, elements })
    }
}
