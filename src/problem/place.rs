//! Where in a message a problem stands.

/// A place in a message: record, path, line and column, each where it is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The record's position in the batch, from 1.
    pub nr: Option<u32>,
    /// The path by local names with positions, such as `/InsertDaginstitution/daginstitution[3]/ejerformKode`.
    pub sti: Option<String>,
    /// Byte offset in the decoded text; made into line and column when the answer is written.
    pub offset: Option<usize>,
}

impl Place {
    /// No place: the problem is about the message or the register as a whole.
    pub const NOWHERE: Self = Self {
        nr: None,
        sti: None,
        offset: None,
    };

    /// A place that is only an offset.
    pub const fn offset(offset: usize) -> Self {
        Self {
            nr: None,
            sti: None,
            offset: Some(offset),
        }
    }
}
