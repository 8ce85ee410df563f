//! The CVR number as the certificates carry it: eight ASCII digits, nothing more.

use std::fmt;

/// A CVR number (Det Centrale Virksomhedsregister), eight ASCII digits with leading zeros kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cvr(String);

/// The text is not eight ASCII digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a CVR number is eight digits")]
pub struct InvalidNumber;

impl Cvr {
    /// Reads a number; white space, other scripts' digits and other lengths are refused.
    ///
    /// # Errors
    /// [`InvalidNumber`] when the text is anything but eight ASCII digits.
    pub fn parse(text: &str) -> Result<Self, InvalidNumber> {
        if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidNumber)
        }
    }

    /// The eight digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Cvr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
