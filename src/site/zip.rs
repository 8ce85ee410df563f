//! A ZIP archive, written so that the same files give the same bytes: no times, no attributes, one way to compress.

use std::io::Write as _;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// 1 January 1980, the first day that the format has: the files have no time of their own.
const DAY: u16 = 0x0021;
/// Deflate.
const METHOD: u16 = 8;
/// What unpacks it: version 2.0. Names are UTF-8.
const VERSION: u16 = 20;
const FLAGS: u16 = 0x0800;

/// An archive that is being written.
#[derive(Debug, Default)]
pub(super) struct Zip {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    files: u16,
}

/// The archive would be larger than the format has numbers for.
#[derive(Debug)]
pub(super) struct TooLarge;

impl Zip {
    /// Adds a file.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub(super) fn add(&mut self, name: &str, content: &[u8]) -> Result<(), TooLarge> {
        let mut crc = Crc::new();
        crc.update(content);
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        // Writing into a Vec can't fail.
        let packed = encoder.write_all(content).and_then(|()| encoder.finish());
        let packed = packed.map_err(|_| TooLarge)?;
        let offset = size(self.bytes.len())?;
        let mut about = Vec::with_capacity(32);
        for number in [VERSION, FLAGS, METHOD, 0, DAY] {
            about.extend(number.to_le_bytes());
        }
        for number in [crc.sum(), size(packed.len())?, size(content.len())?] {
            about.extend(number.to_le_bytes());
        }
        let length = u16::try_from(name.len()).map_err(|_| TooLarge)?;
        about.extend(length.to_le_bytes());
        // No extra field.
        about.extend([0; 2]);

        self.bytes.extend(b"PK\x03\x04");
        self.bytes.extend(&about);
        self.bytes.extend(name.as_bytes());
        self.bytes.extend(packed);

        self.directory.extend(b"PK\x01\x02");
        self.directory.extend(VERSION.to_le_bytes());
        self.directory.extend(&about);
        // No comment, the first disk, no attributes.
        self.directory.extend([0; 10]);
        self.directory.extend(offset.to_le_bytes());
        self.directory.extend(name.as_bytes());
        self.files = self.files.checked_add(1).ok_or(TooLarge)?;
        Ok(())
    }

    /// The whole archive.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub(super) fn finish(mut self) -> Result<Vec<u8>, TooLarge> {
        let offset = size(self.bytes.len())?;
        let length = size(self.directory.len())?;
        self.bytes.append(&mut self.directory);
        self.bytes.extend(b"PK\x05\x06\0\0\0\0");
        self.bytes.extend(self.files.to_le_bytes());
        self.bytes.extend(self.files.to_le_bytes());
        self.bytes.extend(length.to_le_bytes());
        self.bytes.extend(offset.to_le_bytes());
        // No comment.
        self.bytes.extend([0; 2]);
        Ok(self.bytes)
    }
}

fn size(bytes: usize) -> Result<u32, TooLarge> {
    u32::try_from(bytes).map_err(|_| TooLarge)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::io::Read as _;

    /// The files of an archive, by its directory.
    pub(in crate::site) fn unpacked(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
        let u16_at =
            |at: usize| usize::from(u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap()));
        let u32_at = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        let end = bytes.len() - 22;
        assert_eq!(&bytes[end..end + 4], b"PK\x05\x06");
        let mut at = u32_at(end + 16) as usize;
        let mut files = Vec::new();
        for _ in 0..u16_at(end + 10) {
            assert_eq!(&bytes[at..at + 4], b"PK\x01\x02");
            let (packed, length) = (u32_at(at + 20) as usize, u32_at(at + 24) as usize);
            let name_length = u16_at(at + 28);
            let name = String::from_utf8(bytes[at + 46..at + 46 + name_length].to_vec()).unwrap();
            let local = u32_at(at + 42) as usize;
            assert_eq!(&bytes[local..local + 4], b"PK\x03\x04");
            assert_eq!(bytes[local + 4..local + 30], bytes[at + 6..at + 32]);
            let start = local + 30 + u16_at(local + 26) + u16_at(local + 28);
            let mut content = Vec::new();
            flate2::read::DeflateDecoder::new(&bytes[start..start + packed])
                .read_to_end(&mut content)
                .unwrap();
            assert_eq!(content.len(), length);
            let mut crc = Crc::new();
            crc.update(&content);
            assert_eq!(crc.sum(), u32_at(at + 16));
            files.push((name, content));
            at += 46 + name_length;
        }
        assert_eq!(at, end);
        files
    }

    #[test]
    fn what_is_packed_is_unpacked() {
        let files = [
            ("a.txt", &b"aaaaaaaa"[..]),
            ("b/\u{e6}.txt", b""),
            ("c", &[7; 100_000]),
        ];
        let pack = || {
            let mut zip = Zip::default();
            for (name, content) in files {
                zip.add(name, content).unwrap();
            }
            zip.finish().unwrap()
        };
        let bytes = pack();
        assert_eq!(bytes, pack());
        let expected = files.map(|(name, content)| (name.to_owned(), content.to_vec()));
        assert_eq!(unpacked(&bytes), expected);
        assert!(unpacked(&Zip::default().finish().unwrap()).is_empty());
    }
}
