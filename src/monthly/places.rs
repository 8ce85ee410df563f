//! What the mirrors of CVR and DAR say of the places of the register, for the monthly run.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::import::{ejer_af_dagpleje, er_fremmed};
use crate::mirror::{AddressParts, DarAnswer, DarQuery, MirrorError, Mirrors};
use crate::problem::{Problem, fund};
use crate::register::{
    Adresse, Content, Cvr, Daginstitution, Institutionsnummer, Kommunekode, PNummer,
};
use crate::store::Organisation;

/// The findings that only a mirror of CVR can tell.
const BY_CVR: [&str; 4] = [
    fund::P_NUMMER_UKENDT.kode,
    fund::P_NUMMER_IKKE_AKTIV.kode,
    fund::CVR_AFVIGER.kode,
    fund::DAGPLEJE_CVR.kode,
];
/// The findings that only a mirror of DAR can tell.
const BY_DAR: [&str; 2] = [fund::ADRESSE_UKENDT.kode, fund::ADRESSE_LUKKET.kode];

/// What is known of units while the records under them are looked at.
#[derive(Debug, Default)]
pub(super) struct Places {
    mirrors: Mirrors,
    organisations: Vec<Organisation>,
    /// The kommune of each open unit.
    units: BTreeMap<Institutionsnummer, Kommunekode>,
}

impl Places {
    pub(super) fn new(mirrors: &Mirrors, organisations: Vec<Organisation>) -> Self {
        Self {
            mirrors: mirrors.clone(),
            organisations,
            units: BTreeMap::new(),
        }
    }

    /// The codes that this run says nothing of, for a mirror is not there or failed on the way.
    pub(super) fn unsaid(&self) -> Vec<&'static str> {
        let cvr = BY_CVR.iter().filter(|_| self.mirrors.cvr.is_none());
        let dar = BY_DAR.iter().filter(|_| self.mirrors.dar.is_none());
        cvr.chain(dar).copied().collect()
    }

    /// What there is to say of a unit's or an alternative address's place, with the kommune it is told to.
    pub(super) fn look(
        &mut self,
        nummer: Institutionsnummer,
        content: &Content,
        top: Option<&Daginstitution>,
    ) -> Option<(Kommunekode, Vec<Problem>)> {
        let (kommune, place, navn) = match content {
            Content::Daginstitution(_) => return None,
            Content::Anvisningsenhed(unit) => {
                let kommune = top?.adm_kommune;
                self.units.insert(nummer, kommune);
                (
                    kommune,
                    (unit.p_nummer, unit.cvr, &unit.adresse),
                    &unit.navn,
                )
            }
            Content::AlternativAdresse(other) => (
                *self.units.get(&other.enhed)?,
                (other.p_nummer, other.cvr, &other.adresse),
                &other.navn,
            ),
        };
        let (p_nummer, cvr, adresse) = place;
        let mut problems = Vec::new();
        problems.extend(p_nummer.and_then(|p_nummer| self.production_unit(p_nummer, cvr)));
        problems.extend(self.address(adresse));
        if let (Content::Anvisningsenhed(unit), Some(top)) = (content, top) {
            let owner = ejer_af_dagpleje(&self.mirrors, top.ejerform, unit.inst_type, p_nummer);
            let foreign = owner.filter(|(_, cvr)| er_fremmed(&self.organisations, kommune, *cvr));
            problems.extend(foreign.map(|(p_nummer, cvr)| {
                Problem::new(&fund::DAGPLEJE_CVR)
                    .with("pnummer", p_nummer)
                    .with("cvr", cvr)
            }));
        }
        let named = problems
            .into_iter()
            .map(|problem| problem.with("navn", navn))
            .collect();
        Some((kommune, named))
    }

    fn production_unit(&mut self, p_nummer: PNummer, stored: Option<Cvr>) -> Option<Problem> {
        let answer = self.mirrors.cvr.as_deref()?.production_unit(p_nummer);
        let unit = match answer {
            Ok(Some(unit)) => unit,
            Ok(None) => {
                return Some(Problem::new(&fund::P_NUMMER_UKENDT).with("pnummer", p_nummer));
            }
            Err(error) => {
                self.mirrors.cvr = failed(&error);
                return None;
            }
        };
        if !unit.is_active() {
            let problem = Problem::new(&fund::P_NUMMER_IKKE_AKTIV)
                .with("pnummer", p_nummer)
                .with("status", unit.status);
            return Some(problem);
        }
        let (stored, cvr) = stored.zip(unit.cvr)?;
        (stored != cvr).then(|| {
            Problem::new(&fund::CVR_AFVIGER)
                .with("gemt", stored)
                .with("pnummer", p_nummer)
                .with("cvr", cvr)
        })
    }

    fn address(&mut self, adresse: &Adresse) -> Option<Problem> {
        let dar = self.mirrors.dar.as_deref()?;
        let parts = parts(adresse);
        let answer = dar.query(&DarQuery::Parts(parts));
        match answer {
            // Several streets that fit are not an address that is wrong.
            Ok(DarAnswer::Found(_) | DarAnswer::Ambiguous(_)) => None,
            Ok(DarAnswer::Closed(found)) => Some(
                Problem::new(&fund::ADRESSE_LUKKET)
                    .with("adresse", &found)
                    .with("status", found.status.as_str()),
            ),
            Ok(DarAnswer::Unknown) => {
                Some(Problem::new(&fund::ADRESSE_UKENDT).with("adresse", parts))
            }
            Err(error) => {
                self.mirrors.dar = failed(&error);
                None
            }
        }
    }
}

/// The parts of an address as it stands.
fn parts(adresse: &Adresse) -> AddressParts<'_> {
    AddressParts {
        vej_navn: &adresse.vej_navn,
        hus_nummer: &adresse.hus_nummer,
        etage: adresse.etage.as_deref(),
        doer: adresse.doer.as_deref(),
        post_nummer: &adresse.post_nummer,
        vej_kode: adresse.vej_kode.as_deref(),
        kommune_kode: adresse.kommune_kode,
        supplerende_bynavn: adresse.supplerende_bynavn.as_deref(),
        dawa_id: adresse
            .dawa_id
            .as_deref()
            .and_then(|id| Uuid::parse_str(id).ok()),
    }
}

/// Tells the log that a mirror fails; the rest of the run goes on without it.
fn failed<T: ?Sized>(error: &MirrorError) -> Option<std::sync::Arc<T>> {
    tracing::error!(%error, "a mirror fails; the run says nothing of what it would tell");
    None
}
