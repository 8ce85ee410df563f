//! What to paste next: lines for curl and a script for zeep, with the paths and addresses of this demonstration.

use std::path::Path;

use super::caller::Call;
use super::messages;
use crate::server::exchange::Service;
use crate::soap::SOAP11;

/// A message to send with curl, as it is written into the folder.
pub(super) const MESSAGE_FILE: &str = "opret.xml";

/// Where everything is.
pub(super) struct Places<'a> {
    /// The folder, absolute.
    pub(super) folder: &'a Path,
    pub(super) service_url: &'a str,
    pub(super) public_url: &'a str,
}

/// The message of [`MESSAGE_FILE`].
pub(super) fn message() -> String {
    let body = messages::insert_daginstitution("Dagtilbud Brombærkrattet", false);
    Call::new(Service::ImportV2, "InsertDaginstitution", &body).envelope()
}

impl Places<'_> {
    /// The lines for curl.
    pub(super) fn curl(&self) -> String {
        let tls = format!(
            "--cacert {} --cert {} --key {}",
            self.file("pki/ca.pem"),
            self.file("pki/kommune.pem"),
            self.file("pki/kommune.key")
        );
        let service = Service::ImportV2;
        let url = format!("{}{}", self.service_url, service.path());
        let post = |operation: &str, data: &str| {
            let namespace = service.namespace();
            format!(
                "curl -s {tls} -H 'Content-Type: text/xml; charset=utf-8' -H 'SOAPAction: \"{namespace}/{operation}\"' {data} {url}"
            )
        };
        let hello = format!(
            "<s:Envelope xmlns:s=\"{SOAP11}\"><s:Body><HelloWorld xmlns=\"{}\"/></s:Body></s:Envelope>",
            service.namespace()
        );
        [
            "# Is the service there?".to_owned(),
            post("HelloWorld", &format!("-d '{hello}'")),
            "# Open a daginstitution; the message lies in the folder. Sent again it opens another: it has no wsa:MessageID.".to_owned(),
            post(
                "InsertDaginstitution",
                &format!("--data-binary @{}", self.file(MESSAGE_FILE)),
            ),
            "# The whole register, and the WSDL, without a certificate.".to_owned(),
            format!("curl -s {}/eksport/v2/dagtilbud.xml", self.public_url),
            format!("curl -s {}/wsdl/flat/ImportService-v2.wsdl", self.public_url),
        ]
        .join("\n")
    }

    /// A script for zeep, to be pasted into a shell.
    pub(super) fn zeep(&self) -> String {
        let pki = self.folder.join("pki");
        let path = |name: &str| python(&pki.join(name).display().to_string());
        let wsdl = |name: &str| python(&format!("{}/wsdl/{name}-v2.wsdl", self.public_url));
        format!(
            "python3 - <<'SLUT'
import requests, zeep

session = requests.Session()
session.cert = ({cert}, {key})
session.verify = {ca}
session.trust_env = False  # REQUESTS_CA_BUNDLE would take the place of verify
transport = zeep.Transport(session=session)

imports = zeep.Client({import}, transport=transport)
svar = imports.service.InsertDaginstitution(daginstitution=[dict(
    daginstitutionsNavn='Dagtilbud Zeppelineren', ejerformKode=1, lovgrundlagKode=1, admKommuneKode=751)])
print(svar.status, svar.resultat[0].institutionsnummer)

exports = zeep.Client({export}, transport=transport)
for record in exports.service.GetDaginstitutionByNavn(navn='zeppelin').daginstitution:
    print(record.daginstitutionsNummer, record.daginstitutionsNavn, record.admKommuneKode_Tekst)
SLUT",
            cert = path("kommune.pem"),
            key = path("kommune.key"),
            ca = path("ca.pem"),
            import = wsdl("ImportService"),
            export = wsdl("EksportService"),
        )
    }

    fn file(&self, name: &str) -> String {
        shell(&self.folder.join(name).display().to_string())
    }
}

/// A word of the shell; quoted where it must be.
pub(super) fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// A string literal of Python.
fn python(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_the_shell_and_python() {
        assert_eq!(shell("/tmp/dtr-1/ca.pem"), "/tmp/dtr-1/ca.pem");
        assert_eq!(shell("/tmp/a b/it's"), "'/tmp/a b/it'\\''s'");
        assert_eq!(python("it's \\"), "'it\\'s \\\\'");
    }
}
