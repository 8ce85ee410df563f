//! Reads the code tables' files (kontrakt §7): the embedded ones, or those of a configured folder.
//!
//! A file is first validated against `Typer-v2.xsd`, then read with yaserde: it is small, trusted and flat, which is
//! what yaserde reads well.

use std::path::{Path, PathBuf};

use yaserde_derive::YaDeserialize;

use crate::files;
use crate::register::{Kode, Kodetabel, Kodetabeller, Kombination};
use crate::{xml, xsd};

/// What is wrong with a code table's file.
#[derive(Debug, thiserror::Error)]
pub enum CodeTableError {
    /// The file cannot be read.
    #[error("{file}: {source}")]
    Io {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not a code table by `xsd/Typer-v2.xsd`.
    #[error("{file}: {message}")]
    Invalid {
        /// The file.
        file: String,
        /// What is wrong, with line and column.
        message: String,
    },
}

/// The embedded tables, by their names.
static EMBEDDED: [(&str, &str); 5] = [
    ("ejerform", include_str!("../kodetabeller/ejerform.xml")),
    (
        "lovgrundlag",
        include_str!("../kodetabeller/lovgrundlag.xml"),
    ),
    ("instType3", include_str!("../kodetabeller/instType3.xml")),
    ("kommune", include_str!("../kodetabeller/kommune.xml")),
    (
        "krydsvalidering",
        include_str!("../kodetabeller/krydsvalidering.xml"),
    ),
];

#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "kodetabel", prefix = "t", namespaces = {"t" = "urn:dagtilbudsregister:typer:v2"})]
struct TableFile {
    #[yaserde(prefix = "t")]
    navn: String,
    #[yaserde(rename = "beskrivelseDa", prefix = "t")]
    beskrivelse_da: String,
    #[yaserde(rename = "beskrivelseEn", prefix = "t")]
    beskrivelse_en: String,
    #[yaserde(rename = "kode", prefix = "t")]
    rows: Vec<RowFile>,
}

#[derive(Debug, Default, YaDeserialize)]
#[yaserde(prefix = "t", namespaces = {"t" = "urn:dagtilbudsregister:typer:v2"})]
struct RowFile {
    #[yaserde(prefix = "t")]
    kode: i32,
    #[yaserde(prefix = "t")]
    tekst: String,
    #[yaserde(prefix = "t")]
    bekraeftet: bool,
    #[yaserde(prefix = "t")]
    kilde: Option<String>,
}

#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "krydsvalidering", prefix = "t", namespaces = {"t" = "urn:dagtilbudsregister:typer:v2"})]
struct MatrixFile {
    #[yaserde(rename = "beskrivelseDa", prefix = "t")]
    beskrivelse_da: String,
    #[yaserde(rename = "beskrivelseEn", prefix = "t")]
    beskrivelse_en: String,
    #[yaserde(rename = "raekke", prefix = "t")]
    rows: Vec<CombinationFile>,
}

#[derive(Debug, Default, YaDeserialize)]
#[yaserde(prefix = "t", namespaces = {"t" = "urn:dagtilbudsregister:typer:v2"})]
struct CombinationFile {
    #[yaserde(rename = "lovgrundlagKode", prefix = "t")]
    lovgrundlag: i32,
    #[yaserde(rename = "ejerformKode", prefix = "t")]
    ejerform: i32,
    #[yaserde(rename = "instType3", prefix = "t")]
    inst_type: i32,
    #[yaserde(prefix = "t")]
    bekraeftet: bool,
}

/// The tables; a file of `folder` named like the table (`ejerform.xml`) takes the place of the embedded one.
pub fn load(folder: Option<&Path>, schema: &xsd::Schema) -> Result<Kodetabeller, CodeTableError> {
    if let Some(folder) = folder {
        // A folder misspelt must not pass for one that replaces nothing.
        std::fs::read_dir(folder).map_err(|source| CodeTableError::Io {
            file: folder.to_owned(),
            source,
        })?;
    }
    let [ejerform, lovgrundlag, inst_type, kommune, matrix] =
        EMBEDDED.map(|(name, embedded)| source(folder, name, embedded));
    let (ejerform, lovgrundlag, inst_type) = (ejerform?, lovgrundlag?, inst_type?);
    let (kommune, matrix) = (kommune?, matrix?);
    let matrix: MatrixFile = read(&matrix, schema)?;
    let combination = |row: CombinationFile| Kombination {
        lovgrundlag: row.lovgrundlag,
        ejerform: row.ejerform,
        inst_type: row.inst_type,
        bekraeftet: row.bekraeftet,
    };
    Ok(Kodetabeller {
        ejerform: table(&ejerform, schema)?,
        lovgrundlag: table(&lovgrundlag, schema)?,
        inst_type: table(&inst_type, schema)?,
        kommune: table(&kommune, schema)?,
        kryds_da: matrix.beskrivelse_da,
        kryds_en: matrix.beskrivelse_en,
        krydsvalidering: matrix.rows.into_iter().map(combination).collect(),
    })
}

/// The largest file of a table, in bytes: the embedded ones have some kB.
const LARGEST: u64 = 16 << 20;

/// A file's name for messages, and its text.
struct Source {
    name: &'static str,
    shown: String,
    text: String,
}

fn source(
    folder: Option<&Path>,
    name: &'static str,
    embedded: &str,
) -> Result<Source, CodeTableError> {
    let file = folder
        .map(|folder| folder.join(format!("{name}.xml")))
        // A link that leads nowhere, too, is a table that somebody wanted to replace.
        .filter(|file| file.symlink_metadata().is_ok());
    let (shown, text) = match file {
        None => (format!("kodetabeller/{name}.xml"), embedded.to_owned()),
        Some(file) => match files::read_text(&file, LARGEST) {
            Ok(text) => (file.display().to_string(), text),
            Err(source) => return Err(CodeTableError::Io { file, source }),
        },
    };
    Ok(Source { name, shown, text })
}

impl Source {
    fn invalid(&self, message: String) -> CodeTableError {
        CodeTableError::Invalid {
            file: self.shown.clone(),
            message,
        }
    }
}

/// Validates and reads one file.
fn read<T: yaserde::YaDeserialize>(
    source: &Source,
    schema: &xsd::Schema,
) -> Result<T, CodeTableError> {
    let text = source.text.trim_start_matches('\u{feff}');
    let at = |offset: usize| {
        let position = xml::Positions::new(text).at(offset);
        format!("line {}, column {}", position.line, position.column)
    };
    let report = xsd::validate(schema, text, xml::Limits::default())
        .map_err(|error| source.invalid(format!("{}: {error}", at(error.offset))))?;
    if let Some(error) = report.errors.first() {
        return Err(source.invalid(format!("{}: {error}", at(error.offset))));
    }
    yaserde::de::from_str(text).map_err(|error| source.invalid(error.to_string()))
}

fn table(source: &Source, schema: &xsd::Schema) -> Result<Kodetabel, CodeTableError> {
    let file: TableFile = read(source, schema)?;
    if file.navn != source.name {
        return Err(source.invalid(format!(
            "the table is named {:?} and not {:?}",
            file.navn, source.name
        )));
    }
    let mut table = Kodetabel {
        navn: file.navn,
        beskrivelse_da: file.beskrivelse_da,
        beskrivelse_en: file.beskrivelse_en,
        ..Kodetabel::default()
    };
    for row in file.rows {
        let kode = Kode {
            tekst: row.tekst,
            bekraeftet: row.bekraeftet,
            kilde: row.kilde,
        };
        if table.koder.insert(row.kode, kode).is_some() {
            return Err(source.invalid(format!("the code {} stands there twice", row.kode)));
        }
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> xsd::Schema {
        let resolve = |location: &str, _: &str| {
            let bytes = std::fs::read(Path::new("xsd").join(location)).ok()?;
            Some(xsd::Document {
                location: location.to_owned(),
                bytes,
            })
        };
        xsd::Schema::compile(&resolve, &["Typer-v2.xsd"]).unwrap()
    }

    #[test]
    fn the_embedded_tables_are_whole() {
        let tables = load(None, &schema()).unwrap();
        assert_eq!(
            tables.tables().map(|table| table.koder.len()),
            [4, 10, 8, 99]
        );
        assert_eq!(tables.kommune.tekst(751), Some("Aarhus"));
        assert!(
            tables.lovgrundlag.koder[&6].bekraeftet && !tables.lovgrundlag.koder[&1].bekraeftet
        );
        for row in &tables.krydsvalidering {
            assert!(tables.ejerform.koder.contains_key(&row.ejerform), "{row:?}");
            assert!(
                tables.lovgrundlag.koder.contains_key(&row.lovgrundlag),
                "{row:?}"
            );
            assert!(
                tables.inst_type.koder.contains_key(&row.inst_type),
                "{row:?}"
            );
        }
    }

    #[test]
    fn a_folder_replaces_tables_and_a_bad_file_is_named() {
        let folder = std::env::temp_dir().join(format!("dtr-koder-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("ejerform.xml");
        let one = EMBEDDED[0].1.replace("Udliciteret", "Puljeordning");
        std::fs::write(&file, one).unwrap();
        assert_eq!(
            load(Some(&folder), &schema()).unwrap().ejerform.tekst(4),
            Some("Puljeordning")
        );
        std::fs::write(
            &file,
            EMBEDDED[0].1.replace("<kode>4</kode>", "<kode>fire</kode>"),
        )
        .unwrap();
        let error = load(Some(&folder), &schema()).unwrap_err().to_string();
        assert!(
            error.contains("ejerform.xml") && error.contains("line"),
            "{error}"
        );
        std::fs::remove_dir_all(&folder).unwrap();
        let error = load(Some(&folder), &schema()).unwrap_err().to_string();
        assert!(error.contains("dtr-koder-"), "{error}");
    }
}
