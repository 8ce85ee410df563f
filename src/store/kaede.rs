//! The chain of digests over the changes (kontrakt §9): whoever has followed the feed can prove that nothing is missing.
//!
//! The digest of change n is SHA-256 over the digest of change n - 1 and the change's canonical text; before the first
//! change it is 32 zero bytes. The canonical text is what the feed shows of the change, the texts of codes left out: a line
//! `name=value` for its sequence and for each element that holds text, in document order, without prefixes, each ended by
//! a line feed. So it can be made from a page of the feed with any XML parser, and does not change with the code tables.

use std::fmt::{Display, Write};

use super::Aendring;
use crate::audit::{self, Hash};
use crate::register::{Adresse, Content, Record};

/// Before the first change.
pub const BEGYNDELSE: Hash = Hash([0; 32]);

/// The digest of a change that follows one with this digest.
pub fn naeste(foer: &Hash, aendring: &Aendring) -> Hash {
    audit::chain(foer, &kanonisk(aendring))
}

/// The canonical text of a change.
pub fn kanonisk(aendring: &Aendring) -> String {
    let mut text = Linjer(String::with_capacity(768));
    let record = &aendring.record;
    text.linje("sekvens", aendring.sekvens);
    text.linje("tidspunkt", aendring.tidspunkt);
    text.linje("handling", aendring.handling.as_str());
    text.linje("niveau", record.niveau().element());
    text.linje("institutionsnummer", record.nummer);
    text.linje("version", record.life.version);
    text.record(record);
    text.0
}

struct Linjer(String);

impl Linjer {
    fn linje(&mut self, navn: &str, vaerdi: impl Display) {
        self.0.push_str(navn);
        self.0.push('=');
        // Writing into a String can't fail.
        let _ = write!(self.0, "{vaerdi}");
        self.0.push('\n');
    }

    fn maaske(&mut self, navn: &str, vaerdi: Option<impl Display>) {
        if let Some(vaerdi) = vaerdi {
            self.linje(navn, vaerdi);
        }
    }

    fn record(&mut self, record: &Record) {
        match &record.content {
            Content::Daginstitution(top) => {
                self.linje("daginstitutionsNummer", record.nummer);
                self.linje("daginstitutionsNavn", &top.navn);
                self.linje("ejerformKode", top.ejerform);
                self.linje("lovgrundlagKode", top.lovgrundlag);
                self.linje("admKommuneKode", top.adm_kommune.0);
            }
            Content::Anvisningsenhed(unit) => {
                self.linje("enhedsNummer", record.nummer);
                self.linje("daginstitutionsNummer", unit.daginstitution);
                self.linje("enhedsNavn", &unit.navn);
                self.adresse(&unit.adresse);
                self.linje("instType3", unit.inst_type);
                self.maaske("email", unit.email.as_ref());
                self.maaske("telefonNummer", unit.telefon.as_ref());
                self.maaske("cvrNummer", unit.cvr);
                self.maaske("pNummer", unit.p_nummer);
            }
            Content::AlternativAdresse(other) => {
                self.linje("alternativAdresseNummer", record.nummer);
                self.linje("enhedsNummer", other.enhed);
                self.linje("alternativAdresseNavn", &other.navn);
                self.adresse(&other.adresse);
                self.maaske("email", other.email.as_ref());
                self.maaske("telefonNummer", other.telefon.as_ref());
                self.maaske("cvrNummer", other.cvr);
                self.maaske("pNummer", other.p_nummer);
            }
        }
        self.maaske("gyldigFra", record.content.gyldig_fra());
        self.life(record);
    }

    fn adresse(&mut self, adresse: &Adresse) {
        self.linje("vejNavn", &adresse.vej_navn);
        self.maaske("vejKode", adresse.vej_kode.as_ref());
        self.linje("husNummer", &adresse.hus_nummer);
        self.maaske("etage", adresse.etage.as_ref());
        self.maaske("doer", adresse.doer.as_ref());
        self.linje("postNummer", &adresse.post_nummer);
        self.maaske("byNavn", adresse.by_navn.as_ref());
        self.maaske("supplerendeBynavn", adresse.supplerende_bynavn.as_ref());
        self.maaske("kommuneKode", adresse.kommune_kode.map(|kode| kode.0));
        self.maaske("dawaId", adresse.dawa_id.as_ref());
        self.maaske("geoBredde", adresse.geo_bredde.as_ref());
        self.maaske("geoLaengde", adresse.geo_laengde.as_ref());
    }

    fn life(&mut self, record: &Record) {
        let life = &record.life;
        let status = if record.is_active() {
            "Aktiv"
        } else {
            "Nedlagt"
        };
        self.linje("aktivitetsstatus", status);
        self.linje("version", life.version);
        self.linje("oprettet", life.oprettet);
        self.linje("senestOpdateret", life.senest_opdateret);
        self.maaske("nedlagt", life.nedlagt);
        self.maaske(
            "lukkeaarsag",
            life.lukkeaarsag.map(|aarsag| aarsag.as_str()),
        );
        self.maaske("skolensInstitutionsnummer", life.skolens_nummer.as_ref());
        for nummer in &life.afloeser {
            self.linje("afloeser", nummer);
        }
        for nummer in &life.afloest_af {
            self.linje("afloestAf", nummer);
        }
    }
}
