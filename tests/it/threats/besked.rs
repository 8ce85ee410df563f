//! What a case sends, as its `case.toml` tells it. Small messages lie beside it as `request.xml`, bytes that are no
//! text in any way as `request.bin`; large ones are told in parts and made here:
//!
//! ```toml
//! om = "…"                       # what the case is about
//! soap = "1.2"                   # else 1.1
//! tjeneste = "/v1/ImportService" # else /v2/ImportService
//! metode = "PUT"                 # else POST
//! indholdstype = "text/xml"      # else that of the version; "" for none
//! kalder = "kommune2"            # whose certificate; else kommune
//! headere = [["SOAPAction", "…"]]
//! kodning = "utf-16le-bom"       # else utf-8; see `encoded`
//! chunks = 65536                 # sent in chunks of this size
//!
//! [[del]]                        # the parts, one after another: text as it stands, …
//! tekst = "{konvolut}"
//! [[del]]                        # … a text many times over, `{n}` being the number of the time, …
//! gentag = "<a/>"
//! antal = 200000
//! [[del]]                        # … with `{navn}`, names that this hash function cannot tell apart, …
//! gentag = " {navn}=''"
//! antal = 4096
//! kollision = "djbx33a"
//! [[del]]                        # … or bytes.
//! hex = "C0 80"
//!
//! [venter]                       # what has to come of it: see `svar`
//! ```
//!
//! `{konvolut}` and `{slut}` are the beginning and the end of an envelope of the version, `{indsaet}` and
//! `{indsaet-slut}` what stands around the name in a valid insert, `{lytter}` a URL at which the test listens, where
//! nobody may come. A case of several messages tells them as `[[trin]]`.

use std::fmt::Write as _;
use std::path::Path;

use dtr::soap::{SOAP11, SOAP12};
use serde::Deserialize;

use super::Case;
use super::kollision::colliding;
use super::svar::Venter;

/// One message and its answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Trin {
    #[serde(default = "v11")]
    pub soap: String,
    #[serde(default = "import_v2")]
    pub tjeneste: String,
    #[serde(default = "post")]
    pub metode: String,
    indholdstype: Option<String>,
    #[serde(default = "kommune")]
    pub kalder: String,
    #[serde(default)]
    headere: Vec<(String, String)>,
    kodning: Option<String>,
    chunks: Option<usize>,
    #[serde(default)]
    del: Vec<Del>,
    /// The file, when it is not `request.xml` or `request.bin`.
    fil: Option<String>,
    pub venter: Venter,
}

/// A part of a message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Del {
    tekst: Option<String>,
    gentag: Option<String>,
    antal: Option<usize>,
    kollision: Option<String>,
    hex: Option<String>,
}

fn v11() -> String {
    "1.1".to_owned()
}

fn import_v2() -> String {
    "/v2/ImportService".to_owned()
}

fn post() -> String {
    "POST".to_owned()
}

fn kommune() -> String {
    "kommune".to_owned()
}

/// The messages of a case.
pub(super) fn steps(case: &Case) -> Vec<Trin> {
    let mut told = case.told.clone();
    told.remove("om");
    // Which of its checks a section holds the case to.
    told.remove("slags");
    let steps = match told.remove("trin") {
        Some(steps) => steps.try_into(),
        None => toml::Value::Table(told).try_into().map(|one| vec![one]),
    };
    steps.unwrap_or_else(|error| panic!("{}: case.toml: {error}", case.name))
}

impl Trin {
    /// The whole request as it goes over the wire.
    pub(super) fn request(&self, folder: &Path, listener: &str) -> Vec<u8> {
        let body = self.body(folder, listener);
        let mut head = format!(
            "{} {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n",
            self.metode, self.tjeneste
        );
        let media = self
            .indholdstype
            .as_deref()
            .unwrap_or(match self.soap.as_str() {
                "1.2" => "application/soap+xml",
                _ => "text/xml",
            });
        if !media.is_empty() {
            let _ = write!(head, "Content-Type: {media}\r\n");
        }
        for (name, value) in &self.headere {
            let value = value.replace("{lytter}", listener);
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let Some(size) = self.chunks else {
            let _ = write!(head, "Content-Length: {}\r\n\r\n", body.len());
            return [head.into_bytes(), body].concat();
        };
        head.push_str("Transfer-Encoding: chunked\r\n\r\n");
        let mut request = head.into_bytes();
        for chunk in body.chunks(size) {
            request.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
            request.extend_from_slice(chunk);
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"0\r\n\r\n");
        request
    }

    /// The message in its encoding.
    pub(super) fn body(&self, folder: &Path, listener: &str) -> Vec<u8> {
        let encoding = self.kodning.as_deref().unwrap_or("utf-8");
        let mut out = byte_order_mark(encoding).to_vec();
        if !self.del.is_empty() {
            for part in &self.del {
                part.write(&mut out, encoding, |text| self.filled(text, listener));
            }
            return out;
        }
        let file = folder.join(self.fil.as_deref().unwrap_or("request.xml"));
        match std::fs::read_to_string(&file) {
            Ok(text) => out.extend(encoded(&self.filled(&text, listener), encoding)),
            Err(_) => out.extend(std::fs::read(folder.join("request.bin")).unwrap_or_default()),
        }
        out
    }

    fn filled(&self, text: &str, listener: &str) -> String {
        let namespace = match self.soap.as_str() {
            "1.2" => SOAP12,
            _ => SOAP11,
        };
        let envelope = format!("<s:Envelope xmlns:s=\"{namespace}\"><s:Body>");
        text.replace("{konvolut}", &envelope)
            .replace("{slut}", "</s:Body></s:Envelope>")
            .replace("{indsaet}", INSERT)
            .replace("{indsaet-slut}", INSERT_END)
            .replace("{lytter}", listener)
    }
}

const INSERT: &str = "<i:InsertDaginstitution xmlns:i=\"urn:dagtilbudsregister:import:v2\" \
    xmlns=\"urn:dagtilbudsregister:typer:v2\"><i:daginstitution><daginstitutionsNavn>";
const INSERT_END: &str = "</daginstitutionsNavn><ejerformKode>1</ejerformKode><lovgrundlagKode>1</lovgrundlagKode>\
    <admKommuneKode>751</admKommuneKode></i:daginstitution></i:InsertDaginstitution>";

impl Del {
    fn write(&self, out: &mut Vec<u8>, encoding: &str, filled: impl Fn(&str) -> String) {
        if let Some(text) = &self.tekst {
            out.extend(encoded(&filled(text), encoding));
        }
        if let Some(hex) = &self.hex {
            let bytes = hex.split_whitespace();
            out.extend(bytes.map(|byte| u8::from_str_radix(byte, 16).unwrap()));
        }
        let Some(again) = &self.gentag else { return };
        let again = filled(again);
        let count = self.antal.unwrap();
        if let Some(hash) = &self.kollision {
            for name in colliding(hash, count) {
                out.extend(encoded(&again.replace("{navn}", &name), encoding));
            }
        } else if again.contains("{n}") {
            for n in 0..count {
                out.extend(encoded(&again.replace("{n}", &n.to_string()), encoding));
            }
        } else {
            out.extend(encoded(&again, encoding).repeat(count));
        }
    }
}

fn byte_order_mark(encoding: &str) -> &'static [u8] {
    match encoding {
        "utf-8-bom" => b"\xEF\xBB\xBF",
        "utf-16le-bom" => b"\xFF\xFE",
        "utf-16be-bom" => b"\xFE\xFF",
        "utf-32le-bom" => b"\xFF\xFE\0\0",
        _ => b"",
    }
}

fn encoded(text: &str, encoding: &str) -> Vec<u8> {
    match encoding {
        "utf-8" | "utf-8-bom" => text.as_bytes().to_vec(),
        "utf-16le" | "utf-16le-bom" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16be-bom" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        "utf-32le-bom" => text
            .chars()
            .flat_map(|c| u32::from(c).to_le_bytes())
            .collect(),
        "iso-8859-1" => text.chars().map(|c| u8::try_from(c).unwrap()).collect(),
        // All that the cases need beyond latin-1.
        "windows-1252" => text
            .chars()
            .map(|c| match c {
                '–' => 0x96,
                '’' => 0x92,
                c => u8::try_from(c).unwrap(),
            })
            .collect(),
        other => panic!("no encoding {other}"),
    }
}
