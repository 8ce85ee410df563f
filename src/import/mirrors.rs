//! What the mirrors of CVR and DAR say of a write (kontrakt §6, §7): P-numbers that are not in operation and addresses
//! that are not there are errors; what the mirrors know better is filled in, with a warning where something else was sent.
//!
//! All records are looked up once, before anything is stored. What stands in the register plays no part, so that the
//! answer is the same whoever asks about whose record. A mirror that fails is as one that is not loaded: it is a cache,
//! and must not stop the register.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use super::Import;
use super::operations::WriteKind;
use crate::message::{Field, Sent};
use crate::mirror::key::{HouseNumber, street_key};
use crate::mirror::{
    AddressParts, CvrMirror, DarAddress, DarAnswer, DarMirror, DarQuery, MirrorError, Mirrors,
    ProductionUnit, UnitAddress,
};
use crate::problem::{Problem, register};
use crate::register::{Adresse, Content, Cvr};

/// Addresses of a message that are given suggestions when they are not found: they cost a hundred times a look-up.
const MOST_GUESSES: usize = 20;

/// What stands where a mirror has no value.
const INGEN: &str = "-";

/// What came of looking the records of a message up.
#[derive(Debug, Default)]
pub(super) struct LookedUp {
    /// What refuses the message, and what its sender should look at.
    problems: Vec<Problem>,
    /// What is filled in, by the record's position.
    fill: HashMap<u32, Fill>,
}

/// What the mirrors fill into a record.
#[derive(Debug, Default)]
struct Fill {
    cvr: Option<Cvr>,
    adresse: Option<Box<DarAddress>>,
}

impl LookedUp {
    /// What refuses the message, and what its sender should look at where nothing does.
    pub(super) fn told(self) -> (Vec<Problem>, Vec<Problem>) {
        self.problems.into_iter().partition(Problem::is_error)
    }

    /// Fills in what the mirrors know of a record.
    pub(super) fn fill(&self, nr: u32, content: &mut Content) {
        let Some(known) = self.fill.get(&nr) else {
            return;
        };
        let (cvr, adresse) = match content {
            Content::Daginstitution(_) => return,
            Content::Anvisningsenhed(record) => (&mut record.cvr, &mut record.adresse),
            Content::AlternativAdresse(record) => (&mut record.cvr, &mut record.adresse),
        };
        *cvr = known.cvr.or(*cvr);
        if let Some(found) = &known.adresse {
            fill(adresse, found);
        }
    }
}

/// The address as the mirror has it. What it has no position for keeps the one that was sent.
fn fill(adresse: &mut Adresse, found: &DarAddress) {
    let position = found.geo_bredde.clone().zip(found.geo_laengde.clone());
    if let Some((bredde, laengde)) = position {
        adresse.geo_bredde = Some(bredde);
        adresse.geo_laengde = Some(laengde);
    }
    adresse.vej_navn.clone_from(&found.vej_navn);
    adresse.vej_kode = Some(found.vej_kode.clone());
    adresse.hus_nummer.clone_from(&found.hus_nummer);
    adresse.etage.clone_from(&found.etage);
    adresse.doer.clone_from(&found.doer);
    // An extract without towns knows none better than what was sent.
    if !found.by_navn.is_empty() {
        adresse.by_navn = Some(found.by_navn.clone());
    }
    adresse
        .supplerende_bynavn
        .clone_from(&found.supplerende_bynavn);
    adresse.kommune_kode = Some(found.kommune_kode);
    adresse.dawa_id = found.id.map(|id| id.to_string());
}

/// Looks every record of an insert or an update up.
pub(super) fn look_up(import: &Import, mirrors: &Mirrors) -> LookedUp {
    let mut work = Work {
        cvr: mirrors.cvr.as_deref(),
        dar: mirrors.dar.as_deref(),
        guesses: MOST_GUESSES,
        found: LookedUp::default(),
    };
    if !matches!(import.kind, WriteKind::Insert | WriteKind::Update) {
        return work.found;
    }
    for record in &import.request.message.records {
        work.record(record);
    }
    work.not_checked(&import.request.message.records);
    work.found
}

struct Work<'a> {
    cvr: Option<&'a dyn CvrMirror>,
    dar: Option<&'a dyn DarMirror>,
    guesses: usize,
    found: LookedUp,
}

impl Work<'_> {
    fn record(&mut self, record: &Sent) {
        let unit = self.production_unit(record);
        let fill = Fill {
            cvr: unit.as_ref().and_then(|unit| unit.cvr),
            adresse: self.address(record),
        };
        if let Some(at) = unit.and_then(|unit| unit.adresse) {
            self.same_address(record, &at, fill.adresse.as_deref());
        }
        self.found.fill.insert(record.nr, fill);
    }

    /// The production unit of a record, if it is one in operation.
    fn production_unit(&mut self, record: &Sent) -> Option<ProductionUnit> {
        let number = record.p_number(Field::PNummer)?;
        let answer = self.cvr?.production_unit(number);
        let told = |entry| Problem::new(entry).with("pnummer", number);
        let Some(unit) = answer.map_err(|error| self.cvr = failed(&error)).ok()? else {
            self.push(record, Field::PNummer, told(&register::P_NUMMER_UKENDT));
            return None;
        };
        if !unit.is_active() {
            let problem = told(&register::P_NUMMER_IKKE_AKTIV).with("status", unit.status);
            self.push(record, Field::PNummer, problem);
            return None;
        }
        if let (Some(sent), Some(cvr)) = (record.cvr(Field::CvrNummer), unit.cvr)
            && sent != cvr
        {
            let problem = told(&register::CVR_AFVIGER)
                .with("sendt", sent)
                .with("cvr", cvr);
            self.push(record, Field::CvrNummer, problem);
        }
        Some(unit)
    }

    /// The address of a record as DAR has it, if it is a valid one.
    fn address(&mut self, record: &Sent) -> Option<Box<DarAddress>> {
        let parts = parts(record)?;
        let dar = self.dar?;
        let answer = dar.query(&DarQuery::Parts(parts));
        let answer = answer.map_err(|error| self.dar = failed(&error)).ok()?;
        let told = |entry| Problem::new(entry).with("adresse", parts);
        let problem = match answer {
            DarAnswer::Found(found) => {
                self.differing(record, &found);
                return Some(found);
            }
            DarAnswer::Closed(found) => {
                told(&register::ADRESSE_LUKKET).with("status", found.status.as_str())
            }
            DarAnswer::Ambiguous(two) => {
                let place = |one: &DarAddress| {
                    let town = one.supplerende_bynavn.as_deref().unwrap_or(INGEN);
                    format!("{} {} {town}", one.kommune_kode, one.vej_kode)
                };
                let places = two.each_ref().map(place).join("; ");
                told(&register::ADRESSE_FLERTYDIG).with("steder", places)
            }
            DarAnswer::Unknown => {
                let suggestions = self.guess(dar, &parts);
                told(&register::ADRESSE_UKENDT).with("forslag", suggestions)
            }
        };
        self.push(record, Field::VejNavn, problem);
        None
    }

    /// What may have been meant: the address of the identifier that was sent, and what the mirror suggests.
    fn guess(&mut self, dar: &dyn DarMirror, parts: &AddressParts<'_>) -> String {
        if self.guesses == 0 {
            return INGEN.to_owned();
        }
        self.guesses -= 1;
        let named = parts.dawa_id.map(|id| dar.query(&DarQuery::Id(id)));
        let mut all: Vec<_> = match named {
            Some(Ok(DarAnswer::Found(found))) => vec![found.to_string()],
            _ => Vec::new(),
        };
        for one in dar.suggestions(parts).unwrap_or_default() {
            if !all.contains(&one) {
                all.push(one);
            }
        }
        all.truncate(crate::mirror::MOST_SUGGESTIONS);
        if all.is_empty() {
            INGEN.to_owned()
        } else {
            all.join("; ")
        }
    }

    /// Warns of each value that was sent and is not the one that will be stored.
    fn differing(&mut self, record: &Sent, found: &DarAddress) {
        let id = found.id.map(|id| id.to_string());
        let kommune = found.kommune_kode.to_string();
        let texts = [
            (Field::VejNavn, Some(&found.vej_navn)),
            (Field::VejKode, Some(&found.vej_kode)),
            (Field::ByNavn, Some(&found.by_navn)),
            (Field::SupplerendeBynavn, found.supplerende_bynavn.as_ref()),
            (Field::DawaId, id.as_ref()),
        ];
        for (field, has) in texts {
            if field == Field::ByNavn && found.by_navn.is_empty() {
                continue;
            }
            let differs = |sent: &str| has.is_none_or(|has| !same_text(sent, has));
            self.differs(record, field, has.map(String::as_str), differs);
        }
        let other = record.kommune(Field::KommuneKode) != Some(found.kommune_kode);
        self.differs(record, Field::KommuneKode, Some(&kommune), |_| other);
        for (field, has) in [
            (Field::GeoBredde, &found.geo_bredde),
            (Field::GeoLaengde, &found.geo_laengde),
        ] {
            if let Some(has) = has {
                self.differs(record, field, Some(has), |sent| !same_degrees(sent, has));
            }
        }
    }

    fn differs(
        &mut self,
        record: &Sent,
        field: Field,
        has: Option<&str>,
        differs: impl Fn(&str) -> bool,
    ) {
        let Some(sent) = record.text(field).filter(|sent| differs(sent)) else {
            return;
        };
        let problem = Problem::new(&register::VAERDI_FRA_DAR)
            .with("felt", field.name())
            .with("sendt", sent)
            .with("vaerdi", has.unwrap_or(INGEN));
        self.push(record, field, problem);
    }

    /// Warns when the unit does not lie where CVR says that its P-number does.
    fn same_address(&mut self, record: &Sent, at: &UnitAddress, found: Option<&DarAddress>) {
        let Some(sent) = parts(record) else { return };
        let (vej, hus) = found.map_or((sent.vej_navn, sent.hus_nummer), |found| {
            (found.vej_navn.as_str(), found.hus_nummer.as_str())
        });
        let same = street_key(vej) == street_key(&at.vej_navn)
            && HouseNumber::parse(hus) == HouseNumber::parse(&at.hus_nummer)
            && sent.post_nummer == at.post_nummer;
        if same {
            return;
        }
        let unit = found.map_or_else(|| sent.to_string(), ToString::to_string);
        let problem = Problem::new(&register::CVR_ADRESSE_AFVIGER)
            .with("adresse", unit)
            .with("cvradresse", at);
        self.push(record, Field::VejNavn, problem);
    }

    /// What could not be checked for want of a mirror, once per message (kontrakt §7).
    fn not_checked(&mut self, records: &[Sent]) {
        let sent = |field| records.iter().any(|record| record.get(field).is_some());
        let mut warnings = Vec::new();
        if self.cvr.is_none() && sent(Field::PNummer) {
            warnings.push(Problem::new(&register::P_NUMMER_IKKE_KONTROLLERET));
        }
        if self.dar.is_none() && sent(Field::VejNavn) {
            warnings.push(Problem::new(&register::ADRESSE_IKKE_KONTROLLERET));
        }
        self.found.problems.splice(0..0, warnings);
    }

    fn push(&mut self, record: &Sent, field: Field, problem: Problem) {
        self.found.problems.push(problem.at(record.place_of(field)));
    }
}

/// Tells the log that a mirror fails; from here on it is as one that is not loaded.
fn failed<T: ?Sized>(error: &MirrorError) -> Option<&'static T> {
    tracing::error!(%error, "a mirror fails; what it would check is not checked");
    None
}

/// The parts of the address that a record was sent with; none when the schema refused one that must be there.
fn parts(record: &Sent) -> Option<AddressParts<'_>> {
    Some(AddressParts {
        vej_navn: record.text(Field::VejNavn)?,
        hus_nummer: record.text(Field::HusNummer)?,
        etage: record.text(Field::Etage),
        doer: record.text(Field::Doer),
        post_nummer: record.text(Field::PostNummer)?,
        vej_kode: record.text(Field::VejKode),
        kommune_kode: record.kommune(Field::KommuneKode),
        supplerende_bynavn: record.text(Field::SupplerendeBynavn),
        dawa_id: record
            .text(Field::DawaId)
            .and_then(|id| Uuid::parse_str(id).ok()),
    })
}

/// Whether two texts differ in case alone.
fn same_text(one: &str, other: &str) -> bool {
    one == other || {
        let folded = |text: &str| text.nfc().flat_map(char::to_lowercase).collect::<String>();
        folded(one) == folded(other)
    }
}

/// Whether a coordinate is the mirror's, to the decimals that were sent.
fn same_degrees(sent: &str, has: &str) -> bool {
    let decimals = sent.split_once('.').map_or(0, |(_, after)| after.len());
    let (Ok(sent), Ok(has)) = (sent.parse::<f64>(), has.parse::<f64>()) else {
        return false;
    };
    let unit = 0.1_f64.powi(i32::try_from(decimals.min(7)).unwrap_or(7));
    // Rounded or cut off, and half a unit of the mirror's own last decimal.
    (sent - has).abs() < unit + 0.6e-7
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_compared_to_the_decimals_that_were_sent() {
        for same in [
            "56.1567",
            "56.15678",
            "56.1567891",
            "56.156789123",
            "+56.16",
        ] {
            assert!(same_degrees(same, "56.1567891"), "{same}");
        }
        for other in ["56.1569", "56.158", "57.2", "56.1567895"] {
            assert!(!same_degrees(other, "56.1567891"), "{other}");
        }
    }

    #[test]
    fn texts_differ_by_more_than_case() {
        assert!(same_text("AARHUS C", "Aarhus C"));
        assert!(same_text("A\u{30a}gade", "Ågade"));
        assert!(!same_text("Skt. Knuds Vej", "Sankt Knuds Vej"));
    }
}
