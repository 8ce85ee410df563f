//! What can be wrong with a document before any schema is asked.

use super::kinds::error_kinds;

/// Why a text is not a document this layer accepts, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} (at byte {offset})")]
#[non_exhaustive]
pub struct XmlError {
    /// What is wrong.
    pub kind: XmlErrorKind,
    /// Byte offset in the decoded text.
    pub offset: usize,
    /// Offset of the start tag of an element that was not closed: what follows it is not where it seems to be.
    pub opened: Option<usize>,
}

impl XmlError {
    pub(crate) fn new(kind: XmlErrorKind, offset: usize) -> Self {
        Self {
            kind,
            offset,
            opened: None,
        }
    }

    /// Up to where the document was as it seemed.
    #[must_use]
    pub fn sound_until(&self) -> usize {
        self.opened.unwrap_or(self.offset)
    }
}

error_kinds! {
    /// The kinds of error; `args` gives the named values.
    pub enum XmlErrorKind {
        /// Nothing, or nothing but white space, comments and instructions.
        NoRoot = "the document has no root element",
        /// An element after the root element's end.
        SecondRoot { name: String } = "a second root element '{name}'",
        /// What is no XML at all, but JSON or any other text.
        NotXml { found: String } = "not XML: it begins with '{found}'",
        /// Characters before or after the root element.
        TextOutsideRoot = "text outside the root element",
        /// A CDATA section before or after the root element.
        CdataOutsideRoot = "a CDATA section outside the root element",
        /// The input ended inside an element.
        UnclosedElement { name: String, line: u32 } = "the element '{name}', opened in line {line}, is not closed",
        /// The input ended inside a tag, comment, CDATA section or instruction.
        UnclosedMarkup { what: &'static str } = "the {what} is not closed",
        /// An end tag with another name than its start tag.
        MismatchedEndTag { expected: String, found: String, line: u32 } = "expected '</{expected}>', opened in line {line}, found '</{found}>'",
        /// An end tag where no element is open.
        UnexpectedEndTag { name: String } = "the end tag '</{name}>' closes nothing",
        /// `<` not followed by anything that markup can begin with.
        BadMarkup = "markup that is not XML",
        /// A tag, attribute or instruction whose name is not a name.
        BadName { name: String } = "'{name}' is not an XML name",
        /// A name with two colons, or with nothing on one side of the colon.
        BadQName { name: String } = "'{name}' is not a qualified name",
        /// No white space between an attribute and what comes before it.
        MissingSpace = "white space is missing before an attribute",
        /// An attribute without `=` or quotes, or something in a tag that is no attribute.
        BadAttribute = "not an attribute: expected name=\"value\"",
        /// `<` in an attribute value.
        LtInAttribute = "'<' in an attribute value",
        /// The same attribute twice, by name or by namespace and local name.
        DuplicateAttribute { name: String } = "the attribute '{name}' occurs twice",
        /// A prefix that no declaration in scope binds.
        UnboundPrefix { prefix: String } = "the prefix '{prefix}' is not declared",
        /// `xmlns:p=""`: prefixes can't be undeclared in Namespaces 1.0.
        EmptyNamespace { prefix: String } = "the prefix '{prefix}' is bound to an empty namespace",
        /// A declaration of `xml` or `xmlns`, or of their namespaces.
        ReservedNamespace { prefix: String } = "the prefix or namespace of '{prefix}' is reserved",
        /// A character that XML 1.0 does not allow, as such or by reference.
        InvalidChar { code: String } = "the character {code} is not allowed in XML",
        /// A reference to an entity other than the five of XML.
        UnknownEntity { name: String } = "the entity '&{name};' is not known",
        /// `&` without a well-formed reference.
        BadReference = "'&' does not begin a reference; write '&amp;'",
        /// `]]>` in character data.
        CdataEndInText = "']]>' in character data",
        /// `--` inside a comment.
        DoubleHyphen = "'--' in a comment",
        /// A processing instruction whose target is `xml` in any case.
        ReservedTarget { target: String } = "the instruction target '{target}' is reserved",
        /// An XML declaration anywhere but at the very beginning.
        MisplacedDeclaration = "the XML declaration is not at the beginning",
        /// An XML declaration that does not follow the grammar.
        BadDeclaration = "the XML declaration is not well-formed",
        /// Any version but 1.0.
        UnsupportedVersion { version: String } = "XML version '{version}' is not accepted, only 1.0",
        /// A document type declaration.
        Doctype = "a document type declaration is not allowed",
        /// More open elements than the limit.
        TooDeep { limit: usize } = "elements are nested deeper than {limit}",
        /// More attributes on one element than the limit.
        TooManyAttributes { limit: usize } = "more than {limit} attributes on one element",
        /// More namespace declarations on one element than the limit.
        TooManyDeclarations { limit: usize } = "more than {limit} namespace declarations on one element",
        /// More elements than the limit.
        TooManyElements { limit: usize } = "more than {limit} elements",
        /// A name of more bytes than the limit.
        NameTooLong { limit: usize } = "a name of more than {limit} bytes",
        /// Character data between two tags of more bytes than the limit.
        TextTooLong { limit: usize } = "character data of more than {limit} bytes",
        /// An attribute value of more bytes than the limit.
        AttributeTooLong { limit: usize } = "an attribute value of more than {limit} bytes",
        /// More comments and instructions than the limit.
        TooManyComments { limit: usize } = "more than {limit} comments and processing instructions",
        /// More bytes of comments and instructions than the limit.
        CommentsTooLong { limit: usize } = "more than {limit} bytes of comments and processing instructions",
    }
}
