//! What a person is called in the audit chain, which is kept for ever: a keyed hash, the same for a person each time. Whoever has
//! the key and knows a person can find that one's acts; without the key, or once it is destroyed, nobody can.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::hmac;

use super::{Subject, secret};
use crate::files;
use crate::hex::Hex;
use crate::register::Pseudonym;

/// Makes pseudonyms.
#[derive(Debug, Clone)]
pub struct Pseudonyms(hmac::Key);

/// The file of the key, beside a register.
pub fn key_file(register: &Path) -> PathBuf {
    files::beside(register, ".personnoegle")
}

impl Pseudonyms {
    /// With this key.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// With the key beside a register, which is made the first time.
    ///
    /// # Errors
    /// From the operating system; also when the file holds no such key.
    pub fn beside(register: &Path) -> io::Result<Self> {
        let file = key_file(register);
        match Self::read(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            known => return known,
        }
        let key = secret::bytes::<32>().map_err(io::Error::other)?;
        let mut new = OpenOptions::new();
        match new.write(true).create_new(true).mode(0o600).open(&file) {
            Ok(mut opened) => {
                opened.write_all(&key)?;
                opened.sync_all()?;
                Ok(Self::new(&key))
            }
            // Another process has just made it.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Self::read(&file),
            Err(error) => Err(error),
        }
    }

    fn read(file: &Path) -> io::Result<Self> {
        let key = files::read(file, 32)?;
        let wrong = || io::Error::new(io::ErrorKind::InvalidData, "a key has 32 bytes");
        let key = <[u8; 32]>::try_from(key).map_err(|_| wrong())?;
        Ok(Self::new(&key))
    }

    /// What a person is called.
    pub fn of(&self, subject: &Subject) -> Option<Pseudonym> {
        let mut context = hmac::Context::with_key(&self.0);
        for part in [subject.way, &subject.issuer, &subject.id] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        Pseudonym::parse(&Hex(context.sign().as_ref()).to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::pki::scratch::Scratch;

    fn subject(way: &'static str, issuer: &str, id: &str) -> Subject {
        Subject {
            way,
            issuer: issuer.to_owned(),
            id: id.to_owned(),
        }
    }

    #[test]
    fn a_person_is_called_the_same_and_no_two_are() {
        let names = Pseudonyms::new(&[7; 32]);
        let own = names.of(&subject("oidc", "https://a", "12"));
        assert!(own.is_some());
        assert_eq!(own, names.of(&subject("oidc", "https://a", "12")));
        for other in [
            subject("oidc", "https://a", "1"),
            subject("oidc", "https://a1", "2"),
            subject("demo", "https://a", "12"),
        ] {
            assert_ne!(own, names.of(&other));
        }
        assert_ne!(
            own,
            Pseudonyms::new(&[8; 32]).of(&subject("oidc", "https://a", "12"))
        );
    }

    #[test]
    fn the_key_is_made_once_and_is_for_the_server_alone() {
        let scratch = Scratch::new();
        let register = scratch.path().join("register.db");
        let who = subject("oidc", "https://a", "1");
        let name = Pseudonyms::beside(&register).unwrap().of(&who);
        assert!(name.is_some());
        assert_eq!(Pseudonyms::beside(&register).unwrap().of(&who), name);
        let mode = std::fs::metadata(key_file(&register))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::write(key_file(&register), "kort").unwrap();
        assert!(Pseudonyms::beside(&register).is_err());
    }
}
