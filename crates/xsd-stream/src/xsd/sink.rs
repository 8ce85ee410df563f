//! Typed events, so that whoever wants the data need not read it again.

/// Takes what the validator sees, valid or not, in document order. Every
/// method does nothing unless overridden.
pub trait Sink {
    /// An element begins.
    fn start(&mut self, _element: &ElementStart<'_>) {}
    /// An attribute of the element that began last, given or defaulted.
    fn attribute(&mut self, _attribute: &AttributeValue<'_>) {}
    /// The value of an element of simple content, just before its end.
    fn value(&mut self, _value: &SimpleValue<'_>) {}
    /// An element ends.
    fn end(&mut self, _element: &ElementEnd<'_>) {}
}

/// Takes nothing.
impl Sink for () {}

/// The start of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ElementStart<'v> {
    /// Local name.
    pub local: &'v str,
    /// Namespace, `""` for none.
    pub namespace: &'v str,
    /// Byte offset of the start tag.
    pub offset: usize,
    /// Whether a declaration for it was found; nothing below an element
    /// without one is judged.
    pub known: bool,
}

/// An attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct AttributeValue<'v> {
    /// Local name.
    pub local: &'v str,
    /// Namespace, `""` for none.
    pub namespace: &'v str,
    /// The value, white space normalised as its type says.
    pub value: &'v str,
    /// Byte offset of the name; for a default that of the start tag.
    pub offset: usize,
    /// Whether it is declared and the value valid.
    pub valid: bool,
    /// Whether the schema supplied it.
    pub defaulted: bool,
}

/// The value of an element of simple content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimpleValue<'v> {
    /// The value, white space normalised as its type says.
    pub value: &'v str,
    /// Byte offset of the first character data, or of the end tag.
    pub offset: usize,
    /// Whether the value is valid.
    pub valid: bool,
    /// Whether the schema supplied it.
    pub defaulted: bool,
}

/// The end of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ElementEnd<'v> {
    /// Local name.
    pub local: &'v str,
    /// Namespace, `""` for none.
    pub namespace: &'v str,
    /// Byte offset of the end tag.
    pub offset: usize,
}
