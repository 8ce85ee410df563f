//! The audit chain (kontrakt §6): what a line says, how lines are bound to each other, and how that is proved, from
//! the register or from an export alone. Who stores it is `store`, who serves it `gateway`.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `chain` | hashes, lines, following a chain |
//! | `entry` | what a line records, and its canonical form |
//! | `heads` | the end of the chain as it is published, and saved heads to compare with |
//! | `sign` | the signature of a head |
//! | `export` | the chain in a file of its own |
//! | `examine` | everything that can be found wrong with a chain, and where |
//!
//! A line's hash is SHA-256 over the previous line's hash (32 bytes; zeros before the first) and the UTF-8 bytes of
//! its canonical form. The canonical form is one `name=value` per text line in the order of [`Entry::canonical`], with
//! `\`, line feed and carriage return of a value written `\\`, `\n`, `\r`. It is stored as it was hashed, so a reader
//! needs no knowledge of the fields to verify a chain, and tolerates the ones of a later version. What an outsider
//! needs to know stands in [`ABOUT`], which every server serves.

mod chain;
mod entry;
mod examine;
mod export;
mod heads;
mod sign;
#[cfg(test)]
mod testing;

pub use chain::{ALGORITHM, Broken, GENESIS, Hash, Head, Line, Verifier, chain};
pub use entry::{Entry, Stored, Udfald};
pub use examine::{Examined, Examiner, Finding};
pub use export::{ExportError, Header, Reader, Writer};
pub use heads::{ChainHead, DAYS, Heads, HeadsError, PublishedHead, Saved, SavedWithEarlier};
pub use sign::{KeyError, PublicKey, Signer};

/// What an outsider needs to know to check heads and exports, with a verifier of fifteen lines.
pub const ABOUT: &str = include_str!("audit/om.txt");
