//! The contact data of one record as a file of corrections: a form is planned and carried out as any file.

use crate::register::{Content, Institutionsnummer, Record};
use crate::store::{Read, Result};

/// Contact data as they are to be, and the version that they were seen in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// The version.
    pub version: String,
    /// The e-mail address; empty for none.
    pub email: String,
    /// The telephone number; empty for none.
    pub telephone: String,
}

impl Contact {
    /// The file that gives a record these contact data; none for a record that has none, or that lacks what it stands under.
    ///
    /// # Errors
    /// The store's.
    pub fn file(&self, view: &dyn Read, record: &Record) -> Result<Option<String>> {
        let parent = |number: Institutionsnummer| -> Result<Option<Institutionsnummer>> {
            let above = view.record(number)?;
            Ok(above.and_then(|above| above.content.parent()))
        };
        let numbers = match &*record.content {
            Content::Daginstitution(_) => return Ok(None),
            Content::Anvisningsenhed(_) => record
                .content
                .parent()
                .map(|top| format!("{top};{};", record.nummer)),
            Content::AlternativAdresse(own) => {
                parent(own.enhed)?.map(|top| format!("{top};{};{}", own.enhed, record.nummer))
            }
        };
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        Ok(numbers.map(|numbers| {
            format!(
                "dagtilbudsType;daginstitutionsNummer;anvisningsenhedsNummer;alternativAdresseNummer;version;email;\
                 telefonNummer\r\n{};{numbers};{};{};{}\r\n",
                record.niveau().element(),
                quoted(&self.version),
                quoted(&self.email),
                quoted(&self.telephone),
            )
        }))
    }
}
