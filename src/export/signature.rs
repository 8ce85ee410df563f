//! The detached signature of a document (kontrakt §9; Ed25519 over a canonical text): who has it, the document and the
//! register's public key can prove offline that the register gave it.

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use crate::audit::{PublicKey, Signer};
use crate::hex::Hex;
use crate::store::Position;

/// How a signature is made: SHA-256 of the document's bytes (not of their gzip form), and Ed25519 over the canonical text.
const ALGORITME: &str = "ed25519-sha256-v1";

/// A signature, as it lies beside its document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Underskrift")]
pub struct DocumentSignature {
    /// How it is made.
    pub algoritme: String,
    /// Which key signed it: [`PublicKey::id`]. It only helps to find the key, and is not signed: which key it is the
    /// signature proves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noegle: Option<String>,
    /// The document's path, with its query.
    pub dokument: String,
    /// The line of history.
    pub epoke: String,
    /// The change that the document shows.
    pub sekvens: u64,
    /// SHA-256 of the document's bytes.
    pub sha256: String,
    /// The signature, base64.
    pub signatur: String,
}

impl DocumentSignature {
    /// Signs a document by its [`sha256`].
    pub fn af(dokument: &str, position: Position, sha256: String, signer: &Signer) -> Self {
        let mut signed = Self {
            algoritme: ALGORITME.to_owned(),
            noegle: Some(signer.id()),
            dokument: dokument.to_owned(),
            epoke: position.epoke.to_string(),
            sekvens: position.sekvens.0,
            sha256,
            signatur: String::new(),
        };
        signed.signatur = signer.sign(&signed.kanonisk());
        signed
    }

    /// What is signed: each line ended by a line feed.
    pub fn kanonisk(&self) -> String {
        format!(
            "dtr eksport v1\nalgoritme={}\ndokument={}\nepoke={}\nsekvens={}\nsha256={}\n",
            self.algoritme, self.dokument, self.epoke, self.sekvens, self.sha256
        )
    }

    /// Whether these bytes are the document, and the key's owner signed it.
    ///
    /// # Errors
    /// What is not as it should be.
    pub fn proev(&self, bytes: &[u8], key: &PublicKey) -> Result<(), &'static str> {
        if self.algoritme != ALGORITME {
            return Err("the signature is made in a way that this program does not know");
        }
        if self.noegle.as_ref().is_some_and(|id| *id != key.id()) {
            return Err("the signature is another key's");
        }
        if self.sha256 != sha256(bytes) {
            return Err("the document is not the one that was signed");
        }
        if !key.verifies(&self.kanonisk(), &self.signatur) {
            return Err("the signature is not the key's");
        }
        Ok(())
    }

    /// As it is written to a file.
    pub fn tekst(&self) -> String {
        // A struct of texts and a number can always be written.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// SHA-256 of bytes, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Hex(digest(&SHA256, bytes).as_ref()).to_string()
}
