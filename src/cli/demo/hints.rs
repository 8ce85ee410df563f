//! What to paste next: lines for curl and a script for zeep, with the addresses of this demonstration. All paths are
//! relative to its folder, which the first line enters.

use std::path::Path;

use super::caller::Call;
use super::messages;
use super::words::Both;
use crate::contract::services::IMPORT_V2;

/// Messages to send with curl, as they are written into the folder.
pub(super) const HELLO: &str = "hilsen.xml";
pub(super) const INSERT: &str = "opret.xml";
/// What the insert is repeated by.
const INSERT_KEY: &str = "demo-brombaerkrattet";

/// Where everything is.
pub(super) struct Places<'a> {
    /// The folder, absolute.
    pub(super) folder: &'a Path,
    pub(super) service_url: &'a str,
    pub(super) public_url: &'a str,
    /// The program itself.
    pub(super) program: &'a str,
}

/// The messages of the folder: name and content.
pub(super) fn messages() -> [(&'static str, String); 2] {
    let hello = format!("    <HelloWorld xmlns=\"{}\"/>", IMPORT_V2.namespace);
    let insert = messages::insert_daginstitution("Dagtilbud Brombærkrattet", false);
    let envelope = |operation, body: &str| Call::new(&IMPORT_V2, operation, body).envelope();
    [
        (HELLO, envelope("HelloWorld", &hello)),
        (INSERT, envelope("InsertDaginstitution", &insert)),
    ]
}

impl Places<'_> {
    /// The lines to paste, each with what it is.
    pub(super) fn lines(&self) -> Vec<(Both, String)> {
        let url = format!("{}{}", self.service_url, IMPORT_V2.path);
        let post = |operation: &str, header: &str, message: &str| {
            let namespace = IMPORT_V2.namespace;
            format!(
                "curl -sS --cacert pki/ca.pem --cert pki/kommune.pem --key pki/kommune.key \\\n  \
                 -H 'Content-Type: text/xml; charset=utf-8' \\\n  \
                 -H 'SOAPAction: \"{namespace}/{operation}\"' \\\n  {header}\
                 --data-binary @{message} {url}"
            )
        };
        let public = self.public_url;
        let program = shell(self.program);
        vec![
            (
                Both::new(
                    "Gå til mappen; resten er relativt til den.",
                    "Enter the folder; the rest is relative to it.",
                ),
                format!("cd {}", shell(&self.folder.display().to_string())),
            ),
            (
                Both::new("Svarer tjenesten?", "Is the service there?"),
                post("HelloWorld", "", HELLO),
            ),
            (
                Both::new(
                    "Opret en daginstitution. Send den igen: nøglen er den samme, og svaret det første.",
                    "Open a daginstitution. Send it again: the key is the same, and the answer the first.",
                ),
                post(
                    "InsertDaginstitution",
                    &format!("-H 'Idempotency-Key: {INSERT_KEY}' \\\n  "),
                    INSERT,
                ),
            ),
            (
                Both::new(
                    "Hele registeret og en WSDL, uden certifikat; de lægges i mappen.",
                    "The whole register and a WSDL, without a certificate; they come into the folder.",
                ),
                format!(
                    "curl -sSO {public}/eksport/v2/dagtilbud.xml\ncurl -sSO {public}/wsdl/flat/ImportService-v2.wsdl"
                ),
            ),
            (
                Both::new(
                    "Det samme fra Python med zeep (pip install zeep).",
                    "The same from Python with zeep (pip install zeep).",
                ),
                self.zeep(),
            ),
            (
                Both::new(
                    "En kopi, som en aftager holder den.",
                    "A copy, as a consumer keeps it.",
                ),
                format!("{program} follow {public} --sqlite kopi.db --once"),
            ),
            (
                Both::new(
                    "Registeret selv, ved siden af serveren.",
                    "The register itself, beside the running server.",
                ),
                format!("{program} status\n{program} audit list --from 1\n{program} org list"),
            ),
        ]
    }

    /// A script for zeep, to be pasted into a shell.
    fn zeep(&self) -> String {
        let wsdl = |name: &str| python(&format!("{}/wsdl/{name}-v2.wsdl", self.public_url));
        format!(
            "python3 - <<'SLUT'
import uuid, requests, zeep

session = requests.Session()
session.cert = ('pki/kommune.pem', 'pki/kommune.key')
session.verify = 'pki/ca.pem'
session.trust_env = False  # REQUESTS_CA_BUNDLE would take the place of verify
transport = zeep.Transport(session=session)

imports = zeep.Client(
    {import},
    transport=transport)
key = {{'Idempotency-Key': str(uuid.uuid4())}}  # the same for a retry
with imports.settings(extra_http_headers=key):
    svar = imports.service.InsertDaginstitution(daginstitution=[dict(
        daginstitutionsNavn='Dagtilbud Zeppelineren',
        ejerformKode=1, lovgrundlagKode=1, admKommuneKode=751)])
print(svar.status, svar.resultat[0].institutionsnummer)

exports = zeep.Client(
    {export},
    transport=transport)
found = exports.service.GetDaginstitutionByNavn(navn='zeppelin')
for record in found.daginstitution:
    print(record.daginstitutionsNummer, record.daginstitutionsNavn)
SLUT",
            import = wsdl("ImportService"),
            export = wsdl("EksportService"),
        )
    }
}

/// The line that serves a kept folder again.
pub(super) fn again(program: &str, folder: &Path) -> String {
    let config = folder.join("dtr.toml").display().to_string();
    format!("{} serve --config {}", shell(program), shell(&config))
}

/// A word of the shell; quoted where it must be.
fn shell(word: &str) -> String {
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
