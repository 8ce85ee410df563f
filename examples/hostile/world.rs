//! The server and its 32 vendors: a kommune each, with its own certificate and a daginstitution.

use std::path::PathBuf;
use std::sync::Arc;

use dtr::app::{self, App, Ports};
use dtr::audit::{Entry, Udfald};
use dtr::client::Client;
use dtr::clock::Clock;
use dtr::config::{Config, Miljoe};
use dtr::pki::{Ca, Profile, Subject, Usage, Validity, write_example};
use dtr::register::{Cvr, Kommunekode, Tidspunkt};
use dtr::store::{OrgKind, Organisation, Outcome, Right, StoreExt};
use rustls::ClientConfig;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::faelles::{Failure, envelope, numbers_in, tls};

/// How many vendors there are; the first is the hostile one.
const VENDORS: u16 = 32;

/// Kommuner of the code table, enough of them.
const KOMMUNER: [u16; VENDORS as usize] = [
    101, 147, 151, 153, 155, 157, 159, 161, 163, 165, 167, 169, 173, 175, 183, 185, 187, 190, 201,
    210, 217, 219, 223, 230, 240, 250, 253, 259, 260, 265, 269, 270,
];

/// A server and whoever calls it.
pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) vendors: Vec<Vendor>,
    folder: PathBuf,
}

/// A vendor with its certificate.
pub(crate) struct Vendor {
    client: Client,
    pub(crate) tls: Arc<ClientConfig>,
    url: String,
    kommune: u16,
    name: String,
    /// The numbers of its daginstitution and of a unit in it.
    top: String,
    pub(crate) unit: String,
}

/// The audit line that an organisation stands in.
fn act(tidspunkt: Tidspunkt) -> Entry {
    Entry {
        tidspunkt,
        operation: "cli/org add".to_owned(),
        udfald: Udfald::Gemt,
        cvr: None,
        identitet: "hostile".to_owned(),
        person: None,
        korrelations_id: Uuid::nil(),
        message_id: None,
        sagsnummer: None,
        sekvenser: None,
        noter: Vec::new(),
        antal: 1,
    }
}

impl World {
    pub(crate) async fn new() -> Result<Self, Failure> {
        let folder = std::env::temp_dir().join(format!("dtr-hostile-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder)?;
        let pki = folder.join("pki");
        let now = OffsetDateTime::now_utc();
        write_example(&pki, now)?;
        let read = |name: &str| std::fs::read_to_string(pki.join(name));
        let (ca_pem, ca_key) = (read("ca.pem")?, read("ca.key")?);
        let ca = Ca::from_pem(&ca_pem, &ca_key)?;
        let mut config = Config {
            miljoe: Miljoe::Test,
            ..Config::default()
        };
        let any = "127.0.0.1:0".parse()?;
        (config.lyt.service, config.lyt.public, config.lyt.admin) = (any, any, any);
        config.database.fil = folder.join("register.db");
        config.tls.certifikat = pki.join("server.pem");
        config.tls.noegle = pki.join("server.key");
        config.tls.klient_ca = vec![pki.join("ca.pem")];
        config.tls.crl = vec![pki.join("crl.pem")];
        config.tls.tillad_eksempel_ca = true;
        let app = app::start(&config, Ports::AsConfigured, Clock::System).await?;
        let url = format!("https://localhost:{}", app.running.service.port());
        let mut vendors = Vec::new();
        for (n, kommune) in KOMMUNER.into_iter().enumerate() {
            let cvr = format!("990000{n:02}");
            let subject = Subject::oces3_organisation(&cvr, Uuid::new_v4(), "Kommune", "system");
            let issued = ca.issue(&Profile {
                subject,
                validity: Validity::five_years(now),
                usage: Usage::Caller,
            })?;
            let organisation = Organisation {
                cvr: Cvr::parse(&cvr)?,
                navn: format!("Kommune {kommune}"),
                art: OrgKind::Kommune,
                kommune: Some(Kommunekode(kommune)),
                oprettet: Clock::System.now(),
                lukket: None,
            };
            let stored = app.store.write(move |tx| {
                tx.save_rights(
                    &[Right::Organisation(&organisation)],
                    &act(organisation.oprettet),
                )?;
                Ok(Outcome::Keep(()))
            })?;
            stored.await??;
            let (chain, key) = (issued.certificate_pem, issued.key_pem);
            let identity = (chain.as_bytes(), key.as_bytes());
            let mut vendor = Vendor {
                client: Client::new(ca_pem.as_bytes(), Some(identity))?,
                tls: tls(ca_pem.as_bytes(), chain.as_bytes(), key.as_bytes())?,
                url: url.clone(),
                kommune,
                name: format!("Huset {kommune}"),
                top: String::new(),
                unit: String::new(),
            };
            vendor.settle().await?;
            vendors.push(vendor);
        }
        Ok(Self {
            app,
            vendors,
            folder,
        })
    }

    /// Lets everything go.
    pub(crate) async fn stop(self: &Arc<Self>) {
        self.app.running.stopper().stop();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Vendor {
    async fn call(&self, service: &str, operation: &str, inside: &str) -> Result<String, Failure> {
        let path = if service == "import" {
            "ImportService"
        } else {
            "EksportService"
        };
        let url = format!("{}/v2/{path}", self.url);
        let body = envelope(service, operation, inside);
        let headers = [("Content-Type", "text/xml; charset=utf-8")];
        let answer = self.client.post(&url, &headers, body).await?;
        let text = answer.text().into_owned();
        match answer.status.as_u16() {
            200 => Ok(text),
            other => Err(format!("{operation}: status {other}: {text}").into()),
        }
    }

    /// Makes what it works on.
    async fn settle(&mut self) -> Result<(), Failure> {
        let (name, kommune) = (&self.name, self.kommune);
        let top = format!(
            "<i:daginstitution><daginstitutionsNavn>{name}</daginstitutionsNavn><ejerformKode>1</ejerformKode>\
             <lovgrundlagKode>1</lovgrundlagKode><admKommuneKode>{kommune}</admKommuneKode></i:daginstitution>"
        );
        let answer = self.call("import", "InsertDaginstitution", &top).await?;
        self.top = number_in(&answer)?;
        let unit = format!("<i:anvisningsenhed>{}</i:anvisningsenhed>", self.fields(0));
        let answer = self.call("import", "InsertAnvisningsEnhed", &unit).await?;
        self.unit = number_in(&answer)?;
        Ok(())
    }

    fn fields(&self, turn: usize) -> String {
        format!(
            "<daginstitutionsNummer>{}</daginstitutionsNummer><enhedsNavn>{} {turn}</enhedsNavn><adresse>\
             <vejNavn>Skovvejen</vejNavn><husNummer>1</husNummer><postNummer>8000</postNummer></adresse>\
             <instType3>6012</instType3><pNummer>1000000{:03}</pNummer>",
            self.top, self.name, self.kommune
        )
    }

    /// One call of its day; false when it saw or changed what is another's.
    pub(crate) async fn act(&self, world: &World, turn: usize) -> Result<bool, Failure> {
        let update = |number: &str| {
            let fields = self.fields(turn);
            format!(
                "<i:anvisningsenhed><enhedsNummer>{number}</enhedsNummer>{fields}</i:anvisningsenhed>"
            )
        };
        match turn % 4 {
            0 => {
                let new = format!(
                    "<i:anvisningsenhed>{}</i:anvisningsenhed>",
                    self.fields(turn)
                );
                let answer = self.call("import", "InsertAnvisningsEnhed", &new).await?;
                number_in(&answer).map(|_| true)
            }
            1 => {
                let own = update(&self.unit);
                let answer = self.call("import", "UpdateAnvisningsEnhed", &own).await?;
                number_in(&answer).map(|_| true)
            }
            2 => {
                let asked = format!("<i:enhedsNummer>{}</i:enhedsNummer>", self.unit);
                let answer = self
                    .call("eksport", "GetAnvisningsEnhederByNummer", &asked)
                    .await?;
                Ok(answer.contains(&self.name) && answer.matches("enhedsNummer>").count() == 2)
            }
            _ => {
                // Another's, which is refused as what does not exist.
                let other = &world.vendors[(turn / 4) % world.vendors.len()];
                let answer = self
                    .call("import", "UpdateAnvisningsEnhed", &update(&other.unit))
                    .await?;
                let own = other.kommune == self.kommune;
                Ok(own != answer.contains("DTR5002"))
            }
        }
    }
}

fn number_in(answer: &str) -> Result<String, Failure> {
    let first = numbers_in(answer).into_iter().next();
    first.ok_or_else(|| format!("no number in {answer}").into())
}
