//! A caller's rights at one moment.

use crate::identity::Caller;
use crate::register::{Aftale, Dato, Tidspunkt};
use crate::store::{Aftaler, OrgKind, Organisation, Read, Result, StoreError};

/// What the configuration says of private dagtilbud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrivateRules {
    /// The supervising kommune may maintain them.
    pub by_kommune: bool,
    /// The owner may change its own.
    pub by_owner: bool,
}

impl Default for PrivateRules {
    fn default() -> Self {
        Self {
            by_kommune: true,
            by_owner: true,
        }
    }
}

/// A caller's rights at one moment.
#[derive(Debug, Clone)]
pub struct Rights {
    /// The organisation that the certificate names.
    pub organisation: Organisation,
    /// The certificate is bound to a system, and the system is closed.
    pub system_closed: bool,
    /// The agreements of the certificate's system; none for a certificate without one.
    pub aftaler: Vec<Aftale>,
    /// The Danish day.
    pub today: Dato,
    /// The message carries a case number.
    pub sagsnummer: bool,
    /// What the configuration says of private dagtilbud.
    pub privat: PrivateRules,
}

/// Whether an import agreement can give an organisation of this kind a right: an aftager may write nothing, and the
/// operator writes with a case number and by no agreement.
pub const fn writes_by_agreement(art: OrgKind) -> bool {
    match art {
        OrgKind::Kommune | OrgKind::PrivatEjer | OrgKind::Leverandoer => true,
        OrgKind::Aftager | OrgKind::Operatoer => false,
    }
}

/// The caller's rights as the register has them now: what has been closed or withdrawn since it was identified counts.
pub fn rights(
    view: &dyn Read,
    caller: &Caller,
    sagsnummer: bool,
    privat: PrivateRules,
    now: Tidspunkt,
) -> Result<Rights> {
    let closed = |since| Organisation {
        lukket: Some(since),
        ..caller.organisation().clone()
    };
    let organisation = view
        .organisation(caller.organisation().cvr)?
        .unwrap_or_else(|| closed(now));
    let (system_closed, aftaler) = match caller.system() {
        None => (false, Vec::new()),
        Some(system) => {
            let stands = view.system(system.id)?;
            let lukket = stands.is_none_or(|system| system.lukket.is_some());
            (lukket, view.aftaler(Aftaler::AabneFor(system.id))?)
        }
    };
    Ok(Rights {
        organisation,
        system_closed,
        aftaler,
        today: today(now)?,
        sagsnummer,
        privat,
    })
}

/// The Danish day.
pub fn today(now: Tidspunkt) -> Result<Dato> {
    Dato::dansk(now).ok_or_else(|| StoreError::Failed("the clock is beyond all dates".into()))
}
