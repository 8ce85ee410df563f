//! `/kontrakt`: everything that a system which calls is written by, as a page and as one file.
//!
//! What an operation does is told by the WSDL; the page reads it there.

use askama::Template;
use serde_json::json;

use super::frame::Frame;
use super::zip::{TooLarge, Zip};
use super::{Look, NotShown, Page, Place, Shown, Site, catalogue, examples};
use crate::contract::{Contract, Service};
use crate::register::{Kodetabeller, Language};
use crate::store::StoreError;
use crate::xml::{Event, Limits, Reader};

/// The operations that change nothing and are open to each registered organisation, in the ImportService.
const TRYING: [&str; 3] = ["HelloWorld", "GetXMLSchema", "ValidateXmlAgainstSchema"];

#[derive(Template)]
#[template(path = "contract.html")]
struct Everything<'a> {
    f: Frame<'a>,
    services: Vec<Told>,
    schemas: Vec<&'static str>,
    tables: Vec<(&'a str, &'a str)>,
}

/// A service with its operations.
struct Told {
    service: &'static Service,
    address: String,
    operations: Vec<Operation>,
}

/// An operation as its WSDL tells of it.
#[derive(Debug, PartialEq, Eq)]
struct Operation {
    name: String,
    told: String,
    /// Whether it takes a right to write.
    writes: bool,
    example: Option<&'static str>,
}

pub(super) fn page(site: &Site, place: Place, look: Look<'_>) -> Result<Shown, NotShown> {
    let title = place.language.of("Kontrakt", "Contract");
    let told = |service: &&'static Service| Told {
        service,
        address: format!("{}{}", site.settings.service_url, service.path),
        operations: operations(service, place.language),
    };
    let tables = look.tables.tables().into_iter();
    Shown::html(&Everything {
        f: site.frame(place, title),
        services: look.contract.services().iter().map(told).collect(),
        schemas: look.contract.schema_names().collect(),
        tables: tables
            .map(|table| {
                let told = place
                    .language
                    .of(&*table.beskrivelse_da, &*table.beskrivelse_en);
                (&*table.navn, told)
            })
            .collect(),
    })
}

/// The operations of a service in the order of its WSDL, with what its documentation says in a language.
fn operations(service: &Service, language: Language) -> Vec<Operation> {
    let mut reader = Reader::new(service.files.wsdl, Limits::unlimited());
    let (mut open, mut found): (Vec<String>, Vec<Operation>) = (Vec::new(), Vec::new());
    while let Ok(event) = reader.next() {
        match event {
            Event::Start(tag) => {
                let is_operation = tag.name.local == "operation"
                    && open.last().is_some_and(|own| own == "portType");
                if is_operation {
                    let name = tag.attributes().find(|own| own.name.local == "name");
                    let name = name.map_or(String::new(), |own| own.value.to_owned());
                    found.push(Operation {
                        writes: service.short.starts_with("import") && !TRYING.contains(&&*name),
                        example: example(service, &name),
                        told: String::new(),
                        name,
                    });
                }
                open.push(tag.name.local.to_owned());
            }
            Event::Text(text) => {
                let is_told = open.ends_with(&["operation".to_owned(), "documentation".to_owned()])
                    && open.iter().any(|own| own == "portType");
                if let (true, Some(last)) = (is_told, found.last_mut()) {
                    last.told.push_str(&text.value);
                }
            }
            Event::End(_) => drop(open.pop()),
            Event::Eof => break,
        }
    }
    for operation in &mut found {
        operation.told = in_language(&operation.told, language);
    }
    found
}

/// The part of a documentation that is in a language: the WSDLs have "Dansk: … English: …".
fn in_language(told: &str, language: Language) -> String {
    let (da, en) = told.split_once("English:").unwrap_or((told, told));
    let da = da.trim_start();
    let own = language.of(da.strip_prefix("Dansk:").unwrap_or(da), en);
    own.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first case of an operation at the path of a service.
fn example(service: &Service, operation: &str) -> Option<&'static str> {
    let call = format!("POST {}", service.path);
    let is_own = |name: &str| {
        name.split_once('/')
            .is_some_and(|(own, _)| own == operation)
    };
    let mut cases = examples::all().iter();
    let found = cases.find(|case| case.call == call && is_own(case.name));
    found.map(|case| case.name)
}

/// The archive of all of it; made once.
pub(super) fn archive(site: &Site, look: Look<'_>) -> Result<Shown, NotShown> {
    let bytes = match site.archive.get() {
        Some(bytes) => bytes,
        None => {
            let made = made(look.contract, look.tables).map_err(|TooLarge| {
                NotShown::Store(StoreError::Failed("the archive is too large".to_owned()))
            })?;
            site.archive.get_or_init(|| made)
        }
    };
    Ok(Shown::bytes("application/zip", bytes.clone()))
}

fn made(contract: &Contract, tables: &Kodetabeller) -> Result<Vec<u8>, TooLarge> {
    let mut zip = Zip::default();
    zip.add("README.txt", README.as_bytes())?;
    for path in contract.paths() {
        if let Some(text) = contract.file(&path) {
            zip.add(path.trim_start_matches('/'), text.as_bytes())?;
        }
    }
    zip.add("kodetabeller.json", code_tables(tables).as_bytes())?;
    zip.add("fejlkoder.json", catalogue::json().as_bytes())?;
    zip.add("fejlkoder.xml", catalogue::xml().as_bytes())?;
    for case in examples::files() {
        for (file, text) in case.files {
            zip.add(&format!("eksempler/{}/{file}", case.name), text.as_bytes())?;
        }
    }
    zip.finish()
}

/// The code tables for programs.
fn code_tables(tables: &Kodetabeller) -> String {
    let table = |table: &crate::register::Kodetabel| {
        let codes = table.koder.iter().map(|(code, row)| {
            json!({ "kode": code, "tekst": row.tekst, "bekraeftet": row.bekraeftet, "kilde": row.kilde })
        });
        json!({
            "navn": table.navn,
            "beskrivelseDa": table.beskrivelse_da,
            "beskrivelseEn": table.beskrivelse_en,
            "koder": codes.collect::<Vec<_>>(),
        })
    };
    let combinations = tables.krydsvalidering.iter().map(|row| {
        json!({
            "lovgrundlagKode": row.lovgrundlag,
            "ejerformKode": row.ejerform,
            "instType3": row.inst_type,
            "bekraeftet": row.bekraeftet,
        })
    });
    let all = json!({
        "kodetabeller": tables.tables().map(table),
        "krydsvalidering": {
            "beskrivelseDa": tables.kryds_da,
            "beskrivelseEn": tables.kryds_en,
            "raekker": combinations.collect::<Vec<_>>(),
        },
    });
    format!("{all:#}\n")
}

const README: &str = "\
Dagtilbudsregisteret: kontrakten / the contract

wsdl/              WSDL for hver tjeneste og version; flat/ har skemaerne i samme fil, soap11/ kun SOAP 1.1
                   The WSDL of each service and version; flat/ has the schemas in the same file, soap11/ SOAP 1.1 alone
xsd/               Skemaerne / The schemas
kodetabeller.json  Koderne og de lovlige kombinationer / The codes and the lawful combinations
fejlkoder.json     Alle fejlkoder, hvad de betyder, og hvad man g\u{f8}r / All error codes, what they mean and what to do
fejlkoder.xml      De samme / The same
eksempler/         Kald og svar: eksempler/<operation>/<version>, eksempler/fejl/<kode>-<hvad>. case.toml siger, hvad
                   eksemplet viser, og hvordan det er sendt. {uuid} og {epoke} st\u{e5}r for det, der er nyt hver gang.
                   Calls and answers. case.toml says what the example shows and how it was sent. {uuid} and {epoke} stand for
                   what is new each time.

Alle oplysninger i eksemplerne er opdigtede. Pr\u{f8}v jeres egne beskeder p\u{e5} siden /valider eller med dtr check.
All data in the examples are made up. Check your own messages on the page /valider or with dtr check.
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::services::{ALL, EKSPORT_V2, IMPORT_V2};

    #[test]
    fn the_wsdl_tells_of_every_operation_in_both_languages() {
        for service in ALL {
            for language in [Language::Da, Language::En] {
                let operations = operations(service, language);
                assert!(operations.len() >= 13, "{service:?}");
                for own in operations {
                    assert!(own.told.len() > 20, "{service:?} {own:?}");
                    assert!(!own.told.contains("English:") && !own.told.contains("Dansk:"));
                    assert!(own.example.is_some(), "{service:?} {own:?}");
                }
            }
        }
        let english = operations(&IMPORT_V2, Language::En);
        let hello = english.first().unwrap();
        assert!(
            hello.told.starts_with("Shows that the service"),
            "{hello:?}"
        );
        assert!(!hello.writes && english.last().unwrap().writes);
        assert!(
            operations(&EKSPORT_V2, Language::Da)
                .iter()
                .all(|own| !own.writes)
        );
    }

    #[test]
    fn the_archive_has_everything_and_is_the_same_each_time() {
        let contract = Contract::new("https://dtr.example", "https://data.example").unwrap();
        let tables = crate::codetables::load(None, contract.schema("Typer-v2").unwrap()).unwrap();
        let bytes = made(&contract, &tables).unwrap();
        assert_eq!(bytes, made(&contract, &tables).unwrap());
        assert!(bytes.len() < 1 << 20, "{}", bytes.len());
        let files = super::super::zip::tests::unpacked(&bytes);
        let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
        for name in [
            "README.txt",
            "wsdl/ImportService-v2.wsdl",
            "wsdl/flat/EksportService-v1.wsdl",
            "xsd/Typer-v2.xsd",
            "kodetabeller.json",
            "fejlkoder.json",
            "eksempler/fejl/DTR5001-ukendt-kode/request.xml",
            "eksempler/InsertDaginstitution/v2/response.xml",
        ] {
            assert!(names.contains(&name), "{name}");
        }
        let text = |name: &str| {
            let found = files.iter().find(|(own, _)| own == name).unwrap();
            String::from_utf8(found.1.clone()).unwrap()
        };
        assert!(text("wsdl/ImportService-v2.wsdl").contains("https://dtr.example/v2/"));
        let tables: serde_json::Value = serde_json::from_str(&text("kodetabeller.json")).unwrap();
        assert_eq!(tables["kodetabeller"][0]["navn"], "ejerform");
    }
}
