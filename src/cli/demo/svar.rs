//! The answer to a write as a caller reads it. Small typed documents of a known shape in a known namespace: what
//! yaserde reads well, so the demonstration reads them as a vendor's own program would, without our own XML layer.

use yaserde_derive::YaDeserialize;

/// The envelope of an answer; what can stand in the body of those that the demonstration gets.
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(
    rename = "Envelope",
    prefix = "soap",
    namespaces = {"soap" = "http://schemas.xmlsoap.org/soap/envelope/"}
)]
struct Envelope {
    #[yaserde(rename = "Body", prefix = "soap")]
    body: Body,
}

#[derive(Debug, Default, YaDeserialize)]
#[yaserde(
    prefix = "soap",
    namespaces = {
        "soap" = "http://schemas.xmlsoap.org/soap/envelope/",
        "i" = "urn:dagtilbudsregister:import:v2"
    }
)]
struct Body {
    #[yaserde(rename = "InsertDaginstitutionResponse", prefix = "i")]
    insert_daginstitution: Option<Response>,
    #[yaserde(rename = "InsertAnvisningsEnhedResponse", prefix = "i")]
    insert_enhed: Option<Response>,
    #[yaserde(rename = "InsertAlternativAdresseResponse", prefix = "i")]
    insert_adresse: Option<Response>,
    #[yaserde(rename = "UpdateDaginstitutionResponse", prefix = "i")]
    update_daginstitution: Option<Response>,
    #[yaserde(rename = "MoveAnvisningsEnhedResponse", prefix = "i")]
    move_enhed: Option<Response>,
    #[yaserde(rename = "DeleteDaginstitutionResponse", prefix = "i")]
    delete_daginstitution: Option<Response>,
}

#[derive(Debug, Default, YaDeserialize)]
#[yaserde(prefix = "i", namespaces = {"i" = "urn:dagtilbudsregister:import:v2"})]
struct Response {
    #[yaserde(rename = "importSvar", prefix = "i")]
    svar: ImportSvar,
}

/// `importSvar` (kontrakt §4).
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(prefix = "i", namespaces = {"i" = "urn:dagtilbudsregister:import:v2"})]
pub(super) struct ImportSvar {
    /// `OK` or `AFVIST`.
    #[yaserde(prefix = "i")]
    pub(super) status: String,
    /// Whether it was a dry run.
    #[yaserde(prefix = "i")]
    pub(super) proeve: bool,
    /// The last change, when stored.
    #[yaserde(prefix = "i")]
    pub(super) sekvens: Option<u64>,
    /// One per record of an accepted write.
    #[yaserde(rename = "resultat", prefix = "i")]
    pub(super) resultater: Vec<Resultat>,
    /// Errors and warnings.
    #[yaserde(prefix = "i")]
    pub(super) fejl: Vec<Fejl>,
}

/// What became of one record.
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(prefix = "i", namespaces = {"i" = "urn:dagtilbudsregister:import:v2"})]
pub(super) struct Resultat {
    /// Its position, from 1.
    #[yaserde(prefix = "i")]
    pub(super) nr: u32,
    /// Its level.
    #[yaserde(prefix = "i")]
    pub(super) niveau: String,
    /// Its number; none for an insert that was a dry run.
    #[yaserde(prefix = "i")]
    pub(super) institutionsnummer: Option<String>,
    /// Its version now.
    #[yaserde(prefix = "i")]
    pub(super) version: u32,
}

/// One error or warning: an element of the service's namespace, its children of the errors' own.
#[derive(Debug, Default, YaDeserialize)]
#[yaserde(
    prefix = "i",
    namespaces = {
        "i" = "urn:dagtilbudsregister:import:v2",
        "f" = "urn:dagtilbudsregister:fejl:v1"
    }
)]
pub(super) struct Fejl {
    /// The code.
    #[yaserde(prefix = "f")]
    pub(super) kode: String,
    /// `FEJL` or `ADVARSEL`.
    #[yaserde(prefix = "f")]
    pub(super) alvor: String,
    /// The path in the message.
    #[yaserde(prefix = "f")]
    pub(super) sti: Option<String>,
    /// Line of the message as sent.
    #[yaserde(prefix = "f")]
    pub(super) linje: Option<u32>,
    /// Column in characters.
    #[yaserde(prefix = "f")]
    pub(super) kolonne: Option<u32>,
    /// What is wrong, in Danish.
    #[yaserde(rename = "beskedDa", prefix = "f")]
    pub(super) besked_da: String,
    /// The same in English.
    #[yaserde(rename = "beskedEn", prefix = "f")]
    pub(super) besked_en: String,
    /// What to do.
    #[yaserde(prefix = "f")]
    pub(super) afhjaelpning: String,
}

/// Reads the answer to a write.
///
/// # Errors
/// What keeps it from being one.
pub(super) fn read(envelope: &str) -> Result<ImportSvar, String> {
    let envelope: Envelope = yaserde::de::from_str(envelope).map_err(|error| error.to_string())?;
    let body = envelope.body;
    [
        body.insert_daginstitution,
        body.insert_enhed,
        body.insert_adresse,
        body.update_daginstitution,
        body.move_enhed,
        body.delete_daginstitution,
    ]
    .into_iter()
    .find_map(|response| Some(response?.svar))
    .ok_or_else(|| "no importSvar in the answer".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header><wsa:Action xmlns:wsa="http://www.w3.org/2005/08/addressing">x</wsa:Action></soap:Header><soap:Body><InsertAnvisningsEnhedResponse xmlns="urn:dagtilbudsregister:import:v2" xmlns:f="urn:dagtilbudsregister:fejl:v1"><importSvar><status>AFVIST</status><proeve>false</proeve><korrelationsId>0196</korrelationsId><tidspunkt>2026-11-22T02:00:00.000Z</tidspunkt><resultat><nr>1</nr><niveau>anvisningsenhed</niveau><institutionsnummer>G30000</institutionsnummer><version>2</version><sekvens>7</sekvens></resultat><fejl><f:kode>DTR5001</f:kode><f:alvor>FEJL</f:alvor><f:nr>1</f:nr><f:sti>/a/b[1]</f:sti><f:linje>3</f:linje><f:kolonne>4</f:kolonne><f:beskedDa>æ &amp; ø</f:beskedDa><f:beskedEn>e</f:beskedEn><f:afhjaelpning>h</f:afhjaelpning></fejl><fejl><f:kode>DTR5101</f:kode><f:alvor>ADVARSEL</f:alvor><f:beskedDa>d</f:beskedDa><f:beskedEn>e</f:beskedEn><f:afhjaelpning>h</f:afhjaelpning></fejl></importSvar></InsertAnvisningsEnhedResponse></soap:Body></soap:Envelope>"#;

    #[test]
    fn an_answer_is_read_whole() {
        let svar = read(ANSWER).unwrap();
        assert_eq!(
            (svar.status.as_str(), svar.proeve, svar.sekvens),
            ("AFVIST", false, None)
        );
        let [result] = svar.resultater.as_slice() else {
            panic!("{svar:?}");
        };
        assert_eq!(result.institutionsnummer.as_deref(), Some("G30000"));
        let [error, warning] = svar.fejl.as_slice() else {
            panic!("{svar:?}");
        };
        assert_eq!(
            (error.kode.as_str(), error.linje, error.kolonne),
            ("DTR5001", Some(3), Some(4))
        );
        assert_eq!(error.besked_da, "æ & ø");
        assert_eq!((warning.alvor.as_str(), warning.linje), ("ADVARSEL", None));
    }

    #[test]
    fn a_fault_is_no_answer() {
        let fault = ANSWER.replace("InsertAnvisningsEnhedResponse", "soap:Fault");
        assert!(read(&fault).is_err());
    }
}
