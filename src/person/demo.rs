//! The demonstration's sign-in: made-up persons, chosen from a list, without any proof. Only `dtr demo` has it: no key of the
//! configuration can ask for it, and it is not made for a listener that others than this machine can reach.

use std::net::SocketAddr;

use super::privilege::{Held, Scope};
use super::{Person, Subject, Way};
use crate::register::{Cvr, PNummer, Privilege};

/// A person of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoPerson {
    /// Names the person in the form.
    pub key: &'static str,
    /// The name.
    pub navn: &'static str,
    /// Who that is, in Danish and in English.
    pub about: [&'static str; 2],
    cvr: &'static str,
    scope: &'static str,
    privileges: &'static [Privilege],
}

use Privilege::{Agreements, Correct, Operate, Read};

/// The list. The numbers are those of the demonstration's organisations and units.
const PERSONS: [DemoPerson; 6] = [
    DemoPerson {
        key: "kommune",
        navn: "Karen Kontor",
        about: [
            "medarbejder i Aarhus Kommune, med ret til aftaler og rettelser",
            "employee of Aarhus Kommune, who answers about agreements and corrects data",
        ],
        cvr: "55133018",
        scope: "55133018",
        privileges: &[Read, Agreements, Correct],
    },
    DemoPerson {
        key: "laeser",
        navn: "Lars Læser",
        about: [
            "medarbejder i Aarhus Kommune, som kun må se",
            "employee of Aarhus Kommune, who may only look",
        ],
        cvr: "55133018",
        scope: "55133018",
        privileges: &[Read],
    },
    DemoPerson {
        key: "enhed",
        navn: "Ellen Enhed",
        about: [
            "leder med ret på ét P-nummer i Aarhus Kommune, som tre enheder deler",
            "head with a right on one P-number in Aarhus Kommune, which three units share",
        ],
        cvr: "55133018",
        scope: "1975123905",
        privileges: &[Agreements, Correct],
    },
    DemoPerson {
        key: "ejer",
        navn: "Malte Mælkevej",
        about: [
            "privat ejer af Mælkevejens enheder",
            "private owner of the units of Mælkevejen",
        ],
        cvr: "99400013",
        scope: "99400013",
        privileges: &[Read, Agreements, Correct],
    },
    DemoPerson {
        key: "operatoer",
        navn: "Oda Operatør",
        about: ["registerets drift", "the register's operator"],
        cvr: "99300035",
        scope: "99300035",
        privileges: &[Operate],
    },
    DemoPerson {
        key: "ingen",
        navn: "Ingrid Ingen",
        about: [
            "medarbejder i Aarhus Kommune uden nogen ret",
            "employee of Aarhus Kommune without any right",
        ],
        cvr: "55133018",
        scope: "55133018",
        privileges: &[],
    },
];

/// That the demonstration's sign-in may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoLogin(());

impl DemoLogin {
    /// For a public listener that this machine alone can reach.
    pub fn on(public: SocketAddr) -> Option<Self> {
        public.ip().is_loopback().then_some(Self(()))
    }

    /// Who can be chosen.
    pub const fn persons(self) -> &'static [DemoPerson] {
        &PERSONS
    }

    /// A person of the list.
    pub(super) fn person(self, key: &str) -> Option<Person> {
        let chosen = PERSONS.iter().find(|own| own.key == key)?;
        let scope = match chosen.scope.len() {
            8 => Scope::Organisation(Cvr::parse(chosen.scope).ok()?),
            _ => Scope::Place(PNummer::parse(chosen.scope).ok()?),
        };
        let held = chosen.privileges.iter();
        Some(Person {
            subject: Subject {
                way: Way::Demonstration.as_str(),
                issuer: "dtr demo".to_owned(),
                id: key.to_owned(),
            },
            way: Way::Demonstration,
            cvr: Cvr::parse(chosen.cvr).ok()?,
            p_nummer: None,
            navn: chosen.navn.to_owned(),
            level: None,
            held: held.map(|&privilege| Held { scope, privilege }).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_for_this_machine_alone() {
        for (address, there) in [
            ("127.0.0.1:8080", true),
            ("[::1]:8080", true),
            ("0.0.0.0:8080", false),
            ("192.168.1.2:8080", false),
            ("[::]:8080", false),
        ] {
            assert_eq!(
                DemoLogin::on(address.parse().unwrap()).is_some(),
                there,
                "{address}"
            );
        }
    }

    #[test]
    fn each_of_the_list_can_be_chosen_and_nobody_else() {
        let demo = DemoLogin(());
        for own in demo.persons() {
            let person = demo.person(own.key).unwrap();
            assert_eq!(person.held.len(), own.privileges.len(), "{}", own.key);
        }
        assert_eq!(demo.person("andre"), None);
    }
}
