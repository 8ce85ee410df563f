//! Who may write where (decisions §8): one pure function.

use crate::register::Kommunekode;
use crate::store::{OrgArt, Organisation};

/// Why a write is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// A kommune writes in its own dagtilbud only.
    OtherKommune,
    /// Vendors and private owners write by agreement, and there is none.
    NoAgreement,
    /// This kind of organisation writes nothing at all.
    NotAWriter,
}

/// Whether an organisation may write in the dagtilbud that a kommune supervises.
pub fn may_write(organisation: &Organisation, kommune: Kommunekode) -> Result<(), Denied> {
    if organisation.lukket.is_some() {
        return Err(Denied::NotAWriter);
    }
    match organisation.art {
        OrgArt::Operatoer => Ok(()),
        OrgArt::Kommune if organisation.kommune == Some(kommune) => Ok(()),
        OrgArt::Kommune => Err(Denied::OtherKommune),
        OrgArt::Leverandoer | OrgArt::PrivatEjer => Err(Denied::NoAgreement),
        OrgArt::Aftager => Err(Denied::NotAWriter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::{Cvr, Tidspunkt};

    #[test]
    fn each_kind_of_organisation_writes_where_it_may() {
        let organisation = |art, kommune| Organisation {
            cvr: Cvr::parse("55133018").unwrap(),
            navn: "x".into(),
            art,
            kommune,
            oprettet: Tidspunkt::from_millis(0),
            lukket: None,
        };
        let (aarhus, koebenhavn) = (Kommunekode(751), Kommunekode(101));
        for (art, own, wanted) in [
            (OrgArt::Kommune, Some(aarhus), Ok(())),
            (OrgArt::Kommune, Some(koebenhavn), Err(Denied::OtherKommune)),
            (OrgArt::Kommune, None, Err(Denied::OtherKommune)),
            (OrgArt::Operatoer, None, Ok(())),
            (OrgArt::Leverandoer, None, Err(Denied::NoAgreement)),
            (OrgArt::PrivatEjer, None, Err(Denied::NoAgreement)),
            (OrgArt::Aftager, None, Err(Denied::NotAWriter)),
        ] {
            assert_eq!(
                may_write(&organisation(art, own), aarhus),
                wanted,
                "{art:?}"
            );
        }
        let closed = Organisation {
            lukket: Some(Tidspunkt::from_millis(1)),
            ..organisation(OrgArt::Operatoer, None)
        };
        assert_eq!(may_write(&closed, aarhus), Err(Denied::NotAWriter));
    }
}
