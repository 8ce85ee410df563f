//! Notices: a secret address at which an organisation is told what waits for its answer. Who has the address sees the list, so
//! it is kept as a hash, given once, and taken away when it has become known.

use aws_lc_rs::{digest, rand};

use super::decider::principal_of;
use super::refused::{Changed, refuse};
use super::{Act, principal};
use crate::hex::Hex;
use crate::register::{Anmodning, Cvr, Part, Standing};
use crate::store::{Anmodninger, Asked, OrgKind, Organisation, Read, Result, StoreError, Write};

/// The most requests that notices name.
pub const MOST_NOTICED: u32 = 100;

/// The secret of an address, of 256 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl Secret {
    /// A new one.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn fresh() -> Result<Self> {
        let mut bytes = [0; 32];
        let failed = |_| StoreError::Failed("the system gives no random bytes".into());
        rand::fill(&mut bytes).map_err(failed)?;
        Ok(Self(bytes))
    }

    /// The one with these bytes.
    pub const fn of(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digits that stand in the address.
    pub fn digits(&self) -> String {
        Hex(&self.0).to_string()
    }

    /// What is kept of it.
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, &self.0).as_ref());
        hash
    }
}

/// Why an organisation gets no address, or has none to lose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticesRefused {
    /// No open organisation has this number.
    Unknown(Cvr),
    /// Nobody asks an organisation of this kind for anything.
    NothingToAnswer(Organisation),
    /// It has none.
    None(Cvr),
}

/// Gives an organisation an address in place of any that it has.
pub fn give_notices(
    tx: &mut dyn Write,
    act: &Act,
    cvr: Cvr,
    secret: Secret,
) -> Changed<Organisation, NoticesRefused> {
    let Some(own) = tx.organisation(cvr)?.filter(|own| own.lukket.is_none()) else {
        return refuse(NoticesRefused::Unknown(cvr));
    };
    if own.art != OrgKind::Operatoer && principal_of(&own).is_none() {
        return refuse(NoticesRefused::NothingToAnswer(own));
    }
    // It is no right, so its line must not begin as those of older programs did that gave one.
    let had = tx.save_notices(cvr, Some(&secret.hash()))?;
    let what = if had { "varsel nyt" } else { "varsel givet" };
    tx.audit(&act.line(vec![what.to_owned(), format!("cvr {cvr}")]))?;
    Ok(own)
}

/// Takes an organisation's address away.
pub fn take_notices(tx: &mut dyn Write, act: &Act, cvr: Cvr) -> Changed<(), NoticesRefused> {
    if !tx.save_notices(cvr, None)? {
        return refuse(NoticesRefused::None(cvr));
    }
    let line = act.line(vec!["varsel taget".to_owned(), format!("cvr {cvr}")]);
    Ok(tx.audit(&line)?)
}

/// What an organisation is told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notices {
    /// Who is told.
    pub organisation: Organisation,
    /// The first requests that wait for its answer.
    pub waiting: Vec<Anmodning>,
    /// How many findings of its kommune are open, and how many of those are of the last run.
    pub findings: Option<(usize, usize)>,
}

/// What the organisation with this secret is told; none where no open one has it.
pub fn notices(view: &dyn Read, secret: Secret) -> Result<Option<Notices>> {
    let Some(cvr) = view.notices_of(&secret.hash())? else {
        return Ok(None);
    };
    let own = view.organisation(cvr)?.filter(|own| own.lukket.is_none());
    let Some(organisation) = own else {
        return Ok(None);
    };
    let part = principal_of(&organisation);
    if part.is_none() && organisation.art != OrgKind::Operatoer {
        return Ok(None);
    }
    let waiting = view.anmodninger(&Anmodninger {
        af: part.map_or(Asked::Alle, Asked::Hos),
        standing: Some(Standing::Venter),
        efter: 0,
        antal: MOST_NOTICED,
    })?;
    let findings = match part {
        Some(Part::Kommune(kommune)) => {
            let last = view.last_kontrol()?.map(|run| run.begyndt);
            let found = view.fund(Some(kommune))?;
            let open = found.iter().filter(|own| own.loest.is_none());
            let new = open.clone().filter(|own| Some(own.foerst_set) >= last);
            Some((open.count(), new.count()))
        }
        _ => None,
    };
    Ok(Some(Notices {
        organisation,
        waiting,
        findings,
    }))
}

impl Notices {
    /// Who is told, as principals are named.
    pub fn addressee(&self) -> String {
        match principal_of(&self.organisation) {
            Some(part) => principal(part),
            None => "registerets drift".to_owned(),
        }
    }
}
