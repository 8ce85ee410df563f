//! A caller of the demonstration: a certificate, and calls over mutual TLS.

use std::fs;
use std::path::Path;

use uuid::Uuid;

use super::svar::{self, ImportSvar};
use crate::cli::common::CliError;
use crate::client::{Client, Response};
use crate::contract::Service;
use crate::contract::services::IMPORT_V2;
use crate::soap::{SOAP11, WSA};

/// Somebody with a certificate of the example PKI.
pub(super) struct Caller {
    /// The certificate's name.
    pub(super) name: &'static str,
    client: Client,
    service_url: String,
}

/// A call.
pub(super) struct Call<'a> {
    pub(super) service: &'static Service,
    pub(super) operation: &'a str,
    /// The operation's element.
    pub(super) body: &'a str,
    /// `wsa:MessageID`, by which a write can be sent again.
    pub(super) message_id: Option<String>,
    /// The operator's case number.
    pub(super) case_number: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// A call without headers.
    pub(super) fn new(service: &'static Service, operation: &'a str, body: &'a str) -> Self {
        Self {
            service,
            operation,
            body,
            message_id: None,
            case_number: None,
        }
    }

    /// A call of ImportService that can be sent again.
    pub(super) fn write(operation: &'a str, body: &'a str) -> Self {
        Self {
            message_id: Some(Uuid::new_v4().urn().to_string()),
            ..Self::new(&IMPORT_V2, operation, body)
        }
    }

    /// The SOAP 1.1 envelope.
    pub(super) fn envelope(&self) -> String {
        let mut header = String::new();
        if let Some(id) = &self.message_id {
            header.push_str(&format!(
                "    <wsa:MessageID xmlns:wsa=\"{WSA}\">{id}</wsa:MessageID>\n"
            ));
        }
        if let Some(number) = self.case_number {
            let namespace = self.service.namespace;
            header.push_str(&format!(
                "    <sagsnummer xmlns=\"{namespace}\">{number}</sagsnummer>\n"
            ));
        }
        if !header.is_empty() {
            header = format!("  <soap:Header>\n{header}  </soap:Header>\n");
        }
        let body = self.body.trim();
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soap:Envelope xmlns:soap=\"{SOAP11}\">\n{header}  <soap:Body>\n{body}\n  </soap:Body>\n</soap:Envelope>\n"
        )
    }

    /// The SOAPAction.
    pub(super) fn action(&self) -> String {
        format!("{}/{}", self.service.namespace, self.operation)
    }
}

impl Caller {
    /// With a certificate of a folder's `pki/`.
    pub(super) fn new(pki: &Path, name: &'static str, service_url: &str) -> Result<Self, CliError> {
        let read = |file: &str| {
            let file = pki.join(file);
            fs::read(&file).map_err(CliError::file(&file, "can't be read"))
        };
        let (chain, key) = (read(&format!("{name}.pem"))?, read(&format!("{name}.key"))?);
        Ok(Self {
            name,
            client: Client::new(&read("ca.pem")?, Some((&chain, &key)))?,
            service_url: service_url.to_owned(),
        })
    }

    /// Sends a call.
    pub(super) async fn send(&self, call: &Call<'_>) -> Result<Response, CliError> {
        let url = format!("{}{}", self.service_url, call.service.path);
        let action = format!("\"{}\"", call.action());
        let headers = [
            ("Content-Type", "text/xml; charset=utf-8"),
            ("SOAPAction", action.as_str()),
        ];
        Ok(self.client.post(&url, &headers, call.envelope()).await?)
    }

    /// Sends a write and reads its answer.
    pub(super) async fn write(&self, call: &Call<'_>) -> Result<(Response, ImportSvar), CliError> {
        let response = self.send(call).await?;
        let svar = svar::read(&response.text()).map_err(|error| {
            CliError::Failed(format!(
                "{}: the answer, HTTP {}, is no importSvar ({error}):\n{}",
                call.operation,
                response.status,
                response.text()
            ))
        })?;
        Ok((response, svar))
    }
}
