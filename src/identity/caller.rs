//! Who calls. A [`Caller`] is made from a verified certificate and a registered organisation. Without a certificate there are two:
//! the command line makes one ([`Caller::at_console`]), for whoever runs it has the register's file before them; and the pages of
//! persons make one ([`Caller::of_person`]) of somebody who has signed in, whose privileges let that one act for the organisation.

use std::sync::Arc;

use crate::kept::Kept;
use crate::problem::{Entry, Problem, http};
use crate::register::{Cvr, Pseudonym, System, Tidspunkt};
use crate::store::{self, Organisation, Read, Store, StoreError, StoreExt};

use super::{Certificate, OcesError, PeerChain};

/// How long before its end a certificate's expiry is announced, in milliseconds: 60 days.
const EXPIRY_NOTICE: i64 = 60 * 24 * 3600 * 1000;
/// The most certificates whose reading is remembered.
const REMEMBERED: usize = 1024;

/// What a caller is known by.
#[derive(Debug, Clone)]
enum Proof {
    /// Its certificate.
    Certifikat(Arc<Certificate>),
    /// It sits at the register's own machine, as this user of it: whoever can open the register's file.
    Console(String),
    /// A person who has signed in: the word of the way, and the name that the audit has.
    Person(&'static str, Pseudonym),
}

/// An identified caller. Its fields are private, so that nobody else makes one.
#[derive(Debug, Clone)]
pub struct Caller {
    proof: Proof,
    organisation: Organisation,
    system: Option<System>,
}

impl Caller {
    /// An organisation for which somebody at the register's own machine acts (`dtr support`). Nothing that comes over the
    /// network is one.
    pub const fn at_console(organisation: Organisation, user: String) -> Self {
        Self {
            proof: Proof::Console(user),
            organisation,
            system: None,
        }
    }

    /// An organisation for which a person who has signed in acts. How far that person's privileges reach within what the
    /// organisation may is judged by who makes it.
    pub const fn of_person(
        organisation: Organisation,
        way: &'static str,
        person: Pseudonym,
    ) -> Self {
        Self {
            proof: Proof::Person(way, person),
            organisation,
            system: None,
        }
    }

    /// The person who acts, where one signed in.
    pub const fn person(&self) -> Option<&Pseudonym> {
        match &self.proof {
            Proof::Person(_, person) => Some(person),
            Proof::Certifikat(_) | Proof::Console(_) => None,
        }
    }

    /// The organisation that the certificate's CVR-number names, or that somebody acts for without one.
    pub const fn organisation(&self) -> &Organisation {
        &self.organisation
    }

    /// The system that the certificate is bound to. A caller without one acts as its organisation.
    pub const fn system(&self) -> Option<&System> {
        self.system.as_ref()
    }

    /// When its certificate expires, if that is so soon that it must be told.
    pub fn expires_soon(&self, now: Tidspunkt) -> Option<Tidspunkt> {
        let Proof::Certifikat(certificate) = &self.proof else {
            return None;
        };
        let end =
            Tidspunkt::from_millis(certificate.not_after.unix_timestamp().saturating_mul(1000));
        (end < now.plus_millis(EXPIRY_NOTICE)).then_some(end)
    }

    /// The key under which its answers are stored: the calling system, or its organisation (kontrakt §4).
    pub fn answer_key(&self) -> String {
        match &self.system {
            Some(system) => system.id.to_string(),
            None => self.organisation.cvr.to_string(),
        }
    }

    /// For the audit: the certificate's stable identity, and the system that it acts as; at the console the user; of a person
    /// the way of signing in, for the pseudonym stands beside it.
    pub fn identitet(&self) -> String {
        let own = match &self.proof {
            Proof::Certifikat(certificate) => certificate.identity.to_string(),
            Proof::Console(user) => user.clone(),
            Proof::Person(way, _) => (*way).to_owned(),
        };
        match &self.system {
            Some(system) => format!("{own} {}", system.id),
            None => own,
        }
    }
}

/// Why a caller is not let in.
#[derive(Debug)]
pub enum Refused {
    /// What the caller is told.
    Problem(Box<Problem>),
    /// The store failed.
    Store(StoreError),
}

/// The last bytes of a certificate.
type End = [u8; 16];

fn end_of(leaf: &[u8]) -> End {
    leaf.last_chunk().copied().unwrap_or_default()
}

/// Makes callers of certificates; remembers what it has read, for a connection sends the same one with every call.
#[derive(Debug)]
pub struct Identify {
    /// Found by the end of a certificate, which is of its signature: as good as all of it for telling many apart, and hashed
    /// with every call. What is found is compared whole.
    read: Kept<End, (Vec<u8>, Arc<Certificate>)>,
}

impl Default for Identify {
    fn default() -> Self {
        Self {
            read: Kept::new(REMEMBERED),
        }
    }
}

impl Identify {
    /// The caller behind a verified chain (leaf first).
    pub fn caller(&self, chain: &PeerChain, store: &dyn Store) -> Result<Caller, Refused> {
        self.caller_of(chain, |cvr, identity| {
            store.read(|view| known(view, cvr, identity))
        })
    }

    /// The same in a view of the register that is open already.
    pub fn caller_in(&self, chain: &PeerChain, view: &dyn Read) -> Result<Caller, Refused> {
        self.caller_of(chain, |cvr, identity| known(view, cvr, identity))
    }

    fn caller_of(
        &self,
        chain: &PeerChain,
        known: impl FnOnce(Cvr, &str) -> store::Result<Known>,
    ) -> Result<Caller, Refused> {
        let refuse = |problem| Err(Refused::Problem(Box::new(problem)));
        let Some(leaf) = chain.first() else {
            return refuse(Problem::new(&http::CERTIFIKAT_UDEN_CVR));
        };
        let refused = |error| Refused::Problem(Box::new(problem(&error)));
        let certificate = self.certificate(leaf).map_err(refused)?;
        let cvr = certificate.cvr;
        let identity = certificate.identity.to_string();
        let (organisation, system) = known(cvr, &identity).map_err(Refused::Store)?;
        if let Some(system) = &system
            && let Some(entry) = unusable(system, cvr)
        {
            let problem = Problem::new(entry).with("system", system.id);
            return refuse(problem.with("cvr", cvr));
        }
        match organisation {
            None => refuse(Problem::new(&http::ORGANISATION_UKENDT).with("cvr", cvr)),
            Some(organisation) if organisation.lukket.is_some() => {
                refuse(Problem::new(&http::ORGANISATION_LUKKET).with("cvr", cvr))
            }
            Some(organisation) => Ok(Caller {
                proof: Proof::Certifikat(certificate),
                organisation,
                system,
            }),
        }
    }

    fn certificate(&self, leaf: &[u8]) -> Result<Arc<Certificate>, OcesError> {
        let end = end_of(leaf);
        let known = self.read.get(&end, |(known, certificate)| {
            (known == leaf).then(|| Arc::clone(certificate))
        });
        if let Some(known) = known {
            return Ok(known);
        }
        let certificate = Arc::new(Certificate::read(leaf)?);
        self.read
            .keep(end, (leaf.to_vec(), Arc::clone(&certificate)));
        Ok(certificate)
    }
}

/// The organisation of a CVR-number, and the system that a certificate is bound to.
type Known = (Option<Organisation>, Option<System>);

fn known(view: &dyn Read, cvr: Cvr, identity: &str) -> store::Result<Known> {
    Ok((view.organisation(cvr)?, view.system_with(identity)?))
}

/// Why a certificate can't act as the system that it is bound to.
fn unusable(system: &System, cvr: Cvr) -> Option<&'static Entry> {
    if system.lukket.is_some() {
        Some(&http::SYSTEM_LUKKET)
    } else if system.ejer != cvr {
        Some(&http::SYSTEM_ANDEN_EJER)
    } else {
        None
    }
}

/// What the caller is told of a certificate that names no organisation.
fn problem(error: &OcesError) -> Problem {
    match error {
        OcesError::NoCvr | OcesError::OtherRegister(_) | OcesError::NotACertificate => {
            Problem::new(&http::CERTIFIKAT_UDEN_CVR)
        }
        OcesError::PersonCertificate => Problem::new(&http::CERTIFIKAT_PERSON),
        OcesError::Disagree | OcesError::Duplicate(_) => Problem::new(&http::CERTIFIKAT_UENIGT),
        OcesError::NoIdentity => {
            Problem::new(&http::CERTIFIKAT_FORM).with("attribut", "serialNumber")
        }
        OcesError::Malformed(attribute) | OcesError::Encoding(attribute) => {
            Problem::new(&http::CERTIFIKAT_FORM).with("attribut", attribute)
        }
    }
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;

    use super::*;
    use crate::pki::scratch::Scratch;
    use crate::pki::write_example;
    use crate::register::SystemId;
    use crate::store::sqlite::{Options, SqliteStore};
    use crate::store::{OrgKind, Outcome, Right};

    const AARHUS: &str = "55133018";

    /// A store, and the chain of the example kommune.
    fn world() -> (Scratch, SqliteStore, PeerChain) {
        let scratch = Scratch::new();
        write_example(scratch.path(), time::OffsetDateTime::now_utc()).unwrap();
        let file = scratch.path().join("kommune.pem");
        let leaf = CertificateDer::from_pem_file(file).unwrap();
        let store = SqliteStore::open(&scratch.path().join("r.db"), Options::default()).unwrap();
        (scratch, store, Arc::from([leaf.to_vec()]))
    }

    fn certificate(caller: &Caller) -> &Arc<Certificate> {
        match &caller.proof {
            Proof::Certifikat(certificate) => certificate,
            Proof::Console(_) | Proof::Person(..) => panic!("{} has none", caller.identitet()),
        }
    }

    fn cvr(text: &str) -> Cvr {
        Cvr::parse(text).unwrap()
    }

    /// The audit line that a right stands in.
    fn line() -> crate::audit::Entry {
        crate::audit::Entry {
            tidspunkt: Tidspunkt::from_millis(0),
            operation: "cli/test".to_owned(),
            udfald: crate::audit::Udfald::Gemt,
            cvr: None,
            identitet: String::new(),
            person: None,
            korrelations_id: uuid::Uuid::nil(),
            message_id: None,
            sagsnummer: None,
            sekvenser: None,
            noter: Vec::new(),
            antal: 1,
        }
    }

    fn save(store: &SqliteStore, lukket: Option<Tidspunkt>) {
        let organisation = Organisation {
            cvr: cvr(AARHUS),
            navn: "Aarhus".to_owned(),
            art: OrgKind::Kommune,
            kommune: None,
            oprettet: Tidspunkt::from_millis(0),
            lukket,
        };
        store
            .write_blocking(move |tx| {
                tx.save_rights(&[Right::Organisation(&organisation)], &line())
                    .map(Outcome::Keep)
            })
            .unwrap();
    }

    fn code(refused: Result<Caller, Refused>) -> &'static str {
        match refused {
            Err(Refused::Problem(problem)) => problem.entry.kode,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_registered_organisation_calls_and_no_other() {
        let (_scratch, store, chain) = world();
        let identify = Identify::default();
        assert_eq!(code(identify.caller(&chain, &store)), "DTR1014");
        save(&store, None);
        let caller = identify.caller(&chain, &store).unwrap();
        assert_eq!(caller.organisation.cvr, cvr(AARHUS));
        assert_eq!(caller.answer_key(), AARHUS);
        assert_eq!(
            caller.identitet(),
            certificate(&caller).identity.to_string()
        );
        // The same certificate is read once.
        let again = identify.caller(&chain, &store).unwrap();
        assert!(Arc::ptr_eq(certificate(&caller), certificate(&again)));
        save(&store, Some(Tidspunkt::from_millis(1)));
        assert_eq!(code(identify.caller(&chain, &store)), "DTR1015");
        assert_eq!(code(identify.caller(&Arc::from([]), &store)), "DTR1010");
        let rubbish: PeerChain = Arc::from([vec![0x30]]);
        assert_eq!(code(identify.caller(&rubbish, &store)), "DTR1010");
    }

    #[test]
    fn a_bound_certificate_acts_as_its_system() {
        let (_scratch, store, chain) = world();
        save(&store, None);
        let identify = Identify::default();
        let own = identify.caller(&chain, &store).unwrap();
        let identity = certificate(&own).identity.to_string();
        let bind = |ejer: &str, lukket| {
            let system = System {
                id: SystemId(7),
                navn: "Pladsanvisning".to_owned(),
                ejer: cvr(ejer),
                certifikater: vec![identity.clone()],
                oprettet: Tidspunkt::from_millis(0),
                lukket,
            };
            store
                .write_blocking(move |tx| {
                    tx.save_rights(&[Right::System(&system)], &line())
                        .map(Outcome::Keep)
                })
                .unwrap();
        };
        bind(AARHUS, None);
        let caller = identify.caller(&chain, &store).unwrap();
        assert_eq!(caller.answer_key(), SystemId(7).to_string());
        assert_eq!(caller.identitet(), format!("{identity} {}", SystemId(7)));
        bind(AARHUS, Some(Tidspunkt::from_millis(1)));
        assert_eq!(code(identify.caller(&chain, &store)), "DTR1020");
    }

    #[test]
    fn a_system_of_another_owner_or_closed_can_t_be_used() {
        let system = |ejer, lukket| System {
            id: SystemId(7),
            navn: String::new(),
            ejer: cvr(ejer),
            certifikater: Vec::new(),
            oprettet: Tidspunkt::from_millis(0),
            lukket,
        };
        let closed = Some(Tidspunkt::from_millis(1));
        let kode = |system: System| unusable(&system, cvr(AARHUS)).map(|entry| entry.kode);
        assert_eq!(kode(system(AARHUS, None)), None);
        assert_eq!(kode(system("64942212", None)), Some("DTR1021"));
        assert_eq!(kode(system("64942212", closed)), Some("DTR1020"));
    }

    #[test]
    fn expiry_is_told_from_sixty_days_before() {
        let (_scratch, store, chain) = world();
        save(&store, None);
        let caller = Identify::default().caller(&chain, &store).unwrap();
        let end = certificate(&caller).not_after.unix_timestamp() * 1000;
        let sixty_days = 60 * 24 * 3600 * 1000;
        let told = |at: i64| caller.expires_soon(Tidspunkt::from_millis(at));
        assert_eq!(told(end - sixty_days), None);
        let end = Tidspunkt::from_millis(end);
        assert_eq!(told(end.millis() - sixty_days + 1), Some(end));
        assert_eq!(told(end.millis() + 1), Some(end));
    }

    #[test]
    fn each_reason_has_its_code() {
        let attribute = crate::identity::Attribute::SerialNumber;
        for (error, kode) in [
            (OcesError::NoCvr, "DTR1010"),
            (OcesError::NotACertificate, "DTR1010"),
            (OcesError::PersonCertificate, "DTR1011"),
            (OcesError::Disagree, "DTR1012"),
            (OcesError::Duplicate(attribute), "DTR1012"),
            (OcesError::NoIdentity, "DTR1013"),
            (OcesError::Malformed(attribute), "DTR1013"),
            (OcesError::Encoding(attribute), "DTR1013"),
        ] {
            assert_eq!(problem(&error).entry.kode, kode, "{error:?}");
        }
    }

    #[test]
    fn a_certificate_is_not_taken_for_another_that_ends_like_it() {
        let (_scratch, _store, chain) = world();
        let identify = Identify::default();
        let other = identify.certificate(&chain[0]).unwrap();
        let mut alike = chain[0].clone();
        alike[0] ^= 1;
        let planted = (alike, Arc::clone(&other));
        identify.read.keep(end_of(&chain[0]), planted);
        let own = identify.certificate(&chain[0]).unwrap();
        assert!(!Arc::ptr_eq(&own, &other));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (_scratch, _store, chain) = world();
        let identify = Identify::default();
        let known = identify.certificate(&chain[0]).unwrap();
        for n in 1..=REMEMBERED {
            let other = n.to_be_bytes().repeat(2);
            let end = end_of(&other);
            identify.read.keep(end, (other, Arc::clone(&known)));
        }
        let anew = identify.certificate(&chain[0]).unwrap();
        assert!(!Arc::ptr_eq(&anew, &known), "it made room for others");
        let again = identify.certificate(&chain[0]).unwrap();
        assert!(Arc::ptr_eq(&again, &anew));
    }
}
