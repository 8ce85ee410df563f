//! Systems and agreements of tests, written into the register behind a server.

use dtr::identity::Certificate;
use dtr::register::{
    Aftale, AftaleId, Cvr, Dato, Institutionsnummer, Kommunekode, Omfang, PNummer, Part, System,
    SystemId, Tidspunkt, Tjeneste,
};
use dtr::store::{Aftaler, OrgKind, Organisation, Outcome, Right, StoreExt};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::app::act;
use super::{TestApp, pki};

/// When everything here was registered.
const AT: Tidspunkt = Tidspunkt::from_millis(1_767_600_000_000);

/// The stable identity of one of the certificates.
pub(crate) fn identity(certificate: &str) -> String {
    let file = pki::folder().join(format!("{certificate}.pem"));
    let der = CertificateDer::from_pem_file(file).unwrap();
    Certificate::read(&der).unwrap().identity.to_string()
}

/// An act of an administrator of the register.
pub(crate) fn administers() -> dtr::agreements::Act {
    dtr::agreements::Act {
        operation: "cli/test".to_owned(),
        identity: "test".to_owned(),
        cvr: None,
        person: None,
        sagsnummer: None,
        id: uuid::Uuid::nil(),
        now: AT,
    }
}

/// A date of a test.
pub(crate) fn date(text: &str) -> Dato {
    Dato::parse(text).unwrap()
}

/// Institution numbers as a scope.
pub(crate) fn institutions(numbers: &[&str]) -> Omfang {
    let parse = |text: &&str| Institutionsnummer::parse(text).unwrap();
    Omfang::Institutioner(numbers.iter().map(parse).collect())
}

/// P-numbers as a scope.
pub(crate) fn p_numbers(numbers: &[&str]) -> Omfang {
    let parse = |text: &&str| PNummer::parse(text).unwrap();
    Omfang::PNumre(numbers.iter().map(parse).collect())
}

/// An import agreement of a kommune that holds since long ago.
pub(crate) fn of_kommune(system: SystemId, kommune: u16, omfang: Omfang) -> Aftale {
    agreement(system, Part::Kommune(Kommunekode(kommune)), omfang)
}

/// An import agreement of a private owner that holds since long ago.
pub(crate) fn of_owner(system: SystemId, cvr: &str, omfang: Omfang) -> Aftale {
    agreement(system, Part::Ejer(Cvr::parse(cvr).unwrap()), omfang)
}

fn agreement(system: SystemId, part: Part, omfang: Omfang) -> Aftale {
    Aftale {
        id: AftaleId(0),
        system,
        part,
        tjeneste: Tjeneste::Import,
        omfang,
        fra: date("2026-01-01"),
        til: None,
        overlap: true,
        oprettet: AT,
        lukket: None,
        afloeser: None,
    }
}

impl TestApp {
    /// Registers an organisation.
    pub(crate) async fn organisation(&self, cvr: &str, art: OrgKind) {
        let organisation = Organisation {
            cvr: Cvr::parse(cvr).unwrap(),
            navn: format!("Organisation {cvr}"),
            art,
            kommune: None,
            oprettet: AT,
            lukket: None,
        };
        self.write(move |tx| tx.save_rights(&[Right::Organisation(&organisation)], &act(AT)))
            .await;
    }

    /// Registers a system of the example vendor (or another owner) that a certificate acts as.
    pub(crate) async fn system(&self, certificate: &str, ejer: &str) -> SystemId {
        let (identity, ejer) = (identity(certificate), Cvr::parse(ejer).unwrap());
        let navn = format!("System {certificate}");
        self.write(move |tx| {
            let system = System {
                id: tx.new_system_id()?,
                navn,
                ejer,
                certifikater: vec![identity],
                oprettet: AT,
                lukket: None,
            };
            tx.save_rights(&[Right::System(&system)], &act(AT))?;
            Ok(system.id)
        })
        .await
    }

    /// Closes a system.
    pub(crate) async fn close_system(&self, id: SystemId) {
        self.write(move |tx| {
            let system = tx.system(id)?.unwrap();
            let closed = System {
                lukket: Some(AT),
                ..system
            };
            tx.save_rights(&[Right::System(&closed)], &act(AT))
        })
        .await;
    }

    /// Registers an agreement.
    pub(crate) async fn aftale(&self, aftale: Aftale) -> AftaleId {
        self.write(move |tx| {
            let aftale = Aftale {
                id: tx.new_agreement_id()?,
                ..aftale
            };
            tx.save_rights(&[Right::Agreement(&aftale)], &act(AT))?;
            Ok(aftale.id)
        })
        .await
    }

    /// Ends an agreement.
    pub(crate) async fn end_aftale(&self, id: AftaleId) {
        self.write(move |tx| {
            let mut aftale = tx.aftaler(Aftaler::En(id))?.remove(0);
            aftale.lukket = Some((AT, "prøve".to_owned()));
            tx.save_rights(&[Right::Agreement(&aftale)], &act(AT))
        })
        .await;
    }

    /// Writes into the register behind the server.
    async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn dtr::store::Write) -> dtr::store::Result<T> + Send + 'static,
    ) -> T {
        let written = self.store().write(move |tx| job(tx).map(Outcome::Keep));
        written.unwrap().await.unwrap().unwrap()
    }
}
