//! A caller: builds a SOAP call step by step, sends it over mutual TLS, and looks at the answer.

use std::collections::BTreeMap;

use dtr::client::{Client, ClientError, Response};
use dtr::contract::services::{EKSPORT_V2, IMPORT, IMPORT_V1, IMPORT_V2};
use dtr::contract::{Service, SoapVersion};
use dtr::soap::{SOAP11, SOAP12, WSA};
use hyper::Method;
use hyper::body::Bytes;

use super::Element;

/// Somebody with a certificate.
#[derive(Debug)]
pub(crate) struct Caller {
    client: Client,
    base: String,
    is_operator: bool,
}

impl Caller {
    /// A caller that calls below `base`.
    pub(crate) fn new(client: Client, base: String, is_operator: bool) -> Self {
        Self {
            client,
            base,
            is_operator,
        }
    }

    /// A call of a service; `body` is the body's child.
    pub(crate) fn call(&self, service: &'static Service, body: impl Into<String>) -> Call<'_> {
        let mut call = Call {
            caller: self,
            service,
            version: SoapVersion::V11,
            header: String::new(),
            body: body.into(),
            bytes: None,
            content_type: None,
            headers: Vec::new(),
        };
        if self.is_operator && IMPORT.contains(&service) {
            call = call.case_number("SAG-2026-1");
        }
        call
    }

    /// A call of `/v2/ImportService`.
    pub(crate) fn import_v2(&self, body: impl Into<String>) -> Call<'_> {
        self.call(&IMPORT_V2, body)
    }

    /// A call of `/v1/ImportService`.
    pub(crate) fn import_v1(&self, body: impl Into<String>) -> Call<'_> {
        self.call(&IMPORT_V1, body)
    }

    /// A call of an operation of `/v2/EksportService`, with its parameters as XML.
    pub(crate) fn eksport_v2(&self, operation: &str, parameters: &str) -> Call<'_> {
        self.eksport(&EKSPORT_V2, operation, parameters)
    }

    /// A call of an operation of one of the EksportServices.
    pub(crate) fn eksport(
        &self,
        service: &'static Service,
        operation: &str,
        parameters: &str,
    ) -> Call<'_> {
        let namespace = service.namespace;
        let body = format!("<{operation} xmlns=\"{namespace}\">{parameters}</{operation}>");
        self.call(service, body)
    }

    /// A request of any kind.
    pub(crate) async fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Response, ClientError> {
        let url = format!("{}{path}", self.base);
        self.client.send(method, &url, headers, body.into()).await
    }

    /// A GET that is answered.
    pub(crate) async fn get(&self, path: &str) -> Response {
        let got = self.request(Method::GET, path, &[], Bytes::new()).await;
        got.unwrap()
    }
}

/// A SOAP call in the making.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    caller: &'a Caller,
    service: &'static Service,
    version: SoapVersion,
    header: String,
    body: String,
    bytes: Option<Vec<u8>>,
    content_type: Option<String>,
    headers: Vec<(String, String)>,
}

impl Call<'_> {
    /// In SOAP 1.2.
    pub(crate) fn soap12(mut self) -> Self {
        self.version = SoapVersion::V12;
        self
    }

    /// With a further header block.
    pub(crate) fn block(mut self, xml: &str) -> Self {
        self.header.push_str(xml);
        self
    }

    /// With `wsa:MessageID`.
    pub(crate) fn message_id(self, id: &str) -> Self {
        self.block(&format!(
            "<wsa:MessageID xmlns:wsa=\"{WSA}\">{id}</wsa:MessageID>"
        ))
    }

    /// With the header `sagsnummer`.
    pub(crate) fn case_number(self, number: &str) -> Self {
        let namespace = self.service.namespace;
        self.block(&format!(
            "<s:sagsnummer xmlns:s=\"{namespace}\">{number}</s:sagsnummer>"
        ))
    }

    /// Without any header block.
    pub(crate) fn without_blocks(mut self) -> Self {
        self.header.clear();
        self
    }

    /// With an HTTP header.
    pub(crate) fn http(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With another Content-Type.
    pub(crate) fn content_type(mut self, value: &str) -> Self {
        self.content_type = Some(value.to_owned());
        self
    }

    /// With these bytes for the whole message.
    pub(crate) fn bytes(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.bytes = Some(bytes.into());
        self
    }

    /// The envelope as it stands now.
    pub(crate) fn envelope(&self) -> String {
        let namespace = match self.version {
            SoapVersion::V11 => SOAP11,
            SoapVersion::V12 => SOAP12,
        };
        let header = match self.header.as_str() {
            "" => String::new(),
            blocks => format!("<s:Header>{blocks}</s:Header>"),
        };
        let body = &self.body;
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<s:Envelope xmlns:s=\"{namespace}\">{header}<s:Body>{body}</s:Body></s:Envelope>"
        )
    }

    /// Sends it; the answer may be any.
    pub(crate) async fn send(self) -> Answer {
        self.try_send().await.unwrap()
    }

    /// Sends it; there may be no answer.
    pub(crate) async fn try_send(self) -> Result<Answer, ClientError> {
        let own = match self.version {
            SoapVersion::V11 => "text/xml; charset=utf-8",
            SoapVersion::V12 => "application/soap+xml; charset=utf-8",
        };
        let mut headers = vec![("Content-Type", self.content_type.as_deref().unwrap_or(own))];
        headers.extend(self.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        let bytes = match &self.bytes {
            Some(bytes) => bytes.clone(),
            None => self.envelope().into_bytes(),
        };
        let response = self
            .caller
            .request(Method::POST, self.service.path, &headers, bytes)
            .await?;
        Ok(Answer(response))
    }

    /// Sends it; the answer must be an `importSvar` that says OK.
    pub(crate) async fn ok(self) -> Answer {
        let answer = self.send().await;
        assert_eq!(answer.status(), 200, "{}", answer.text());
        assert_eq!(answer.tree().text_of("status"), "OK", "{}", answer.text());
        answer
    }

    /// Sends it; the answer must be an `importSvar` that says AFVIST. Gives the codes of its errors.
    pub(crate) async fn refused(self) -> Vec<String> {
        let answer = self.send().await;
        assert_eq!(answer.status(), 200, "{}", answer.text());
        let status = answer.tree().text_of("status").to_owned();
        assert_eq!(status, "AFVIST", "{}", answer.text());
        answer.errors()
    }

    /// Sends it; the answer must be a fault with this status. Gives its code.
    pub(crate) async fn fault(self, status: u16) -> String {
        let answer = self.send().await;
        assert_eq!(answer.status(), status, "{}", answer.text());
        answer.fault_code()
    }

    /// Sends it; the answer must be the result of an export, which is given.
    pub(crate) async fn result(self) -> Element {
        let answer = self.send().await;
        assert_eq!(answer.status(), 200, "{}", answer.text());
        let mut body = answer.tree().first("Body").unwrap().clone();
        body.children.remove(0).children.remove(0)
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer(pub Response);

impl Answer {
    /// HTTP status.
    pub(crate) fn status(&self) -> u16 {
        self.0.status.as_u16()
    }

    /// The body.
    pub(crate) fn text(&self) -> String {
        self.0.text().into_owned()
    }

    /// The body as a tree.
    pub(crate) fn tree(&self) -> Element {
        Element::parse(&self.0.text())
    }

    /// The numbers of an `importSvar`.
    pub(crate) fn numbers(&self) -> Vec<String> {
        let tree = self.tree();
        let numbers = tree.texts("institutionsnummer");
        numbers.into_iter().map(str::to_owned).collect()
    }

    /// The only number of an `importSvar`.
    pub(crate) fn number(&self) -> String {
        let mut numbers = self.numbers();
        assert_eq!(numbers.len(), 1, "{}", self.text());
        numbers.remove(0)
    }

    /// The codes of the errors in the list, warnings left out, in order.
    pub(crate) fn errors(&self) -> Vec<String> {
        self.codes("FEJL")
    }

    /// The codes of the warnings, in order.
    pub(crate) fn warnings(&self) -> Vec<String> {
        self.codes("ADVARSEL")
    }

    /// The codes of the errors of each record that has any, by its place in the message.
    pub(crate) fn wrong_records(&self) -> BTreeMap<usize, Vec<String>> {
        let mut wrong = BTreeMap::<_, Vec<_>>::new();
        for fejl in self.tree().all("fejl") {
            if fejl.text_of("alvor") == "FEJL" {
                let codes = wrong
                    .entry(fejl.text_of("nr").parse().unwrap())
                    .or_default();
                codes.push(fejl.text_of("kode").to_owned());
            }
        }
        wrong
    }

    fn codes(&self, severity: &str) -> Vec<String> {
        let tree = self.tree();
        let listed = tree.all("fejl").into_iter();
        listed
            .filter(|fejl| fejl.text_of("alvor") == severity)
            .map(|fejl| fejl.text_of("kode").to_owned())
            .collect()
    }

    /// The code of a fault: from its detail, or from the faultstring where there is none.
    pub(crate) fn fault_code(&self) -> String {
        let tree = self.tree();
        assert!(tree.first("Fault").is_some(), "{}", self.text());
        if let Some(detail) = tree.first("fejlDetalje") {
            return detail.text_of("kode").to_owned();
        }
        let text = tree.text_of("faultstring");
        let at = text
            .rfind("[DTR")
            .unwrap_or_else(|| panic!("no code: {text}"));
        text[at + 1..at + 8].to_owned()
    }
}
