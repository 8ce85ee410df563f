//! How much a document may ask of the reader.

/// The reader's limits. The defaults suit messages from callers that nobody
/// trusts: take them, or [`Limits::unlimited`], and set the fields that differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Open elements at one time.
    pub depth: usize,
    /// Attributes of one element, namespace declarations not counted.
    pub attributes: usize,
    /// Namespace declarations of one element.
    pub declarations: usize,
    /// Elements of the document.
    pub elements: usize,
    /// Bytes of a name, prefix included.
    pub name: usize,
    /// Bytes of the character data between two tags.
    pub text: usize,
    /// Bytes of one attribute value as written.
    pub attribute_value: usize,
    /// Comments and processing instructions of the document.
    pub misc_count: usize,
    /// Bytes of all comments and processing instructions together.
    pub misc_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 64,
            attributes: 64,
            declarations: 32,
            elements: 200_000,
            name: 256,
            text: 1 << 20,
            attribute_value: 64 << 10,
            misc_count: 1_000,
            misc_bytes: 256 << 10,
        }
    }
}

impl Limits {
    /// No limit at all: for documents of known origin, such as benchmarks.
    #[must_use]
    pub fn unlimited() -> Self {
        Self {
            depth: usize::MAX,
            attributes: usize::MAX,
            declarations: usize::MAX,
            elements: usize::MAX,
            name: usize::MAX,
            text: usize::MAX,
            attribute_value: usize::MAX,
            misc_count: usize::MAX,
            misc_bytes: usize::MAX,
        }
    }
}
