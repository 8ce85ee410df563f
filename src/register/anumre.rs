//! A-numbers: numbers from before the register (decisions §6). 110 institutions were registered twice, once under an
//! A-number and once under a G-number; here is what is known of the one, and how it is matched with the other.

use super::{
    Adresse, Anvisningsenhed, Dato, Indhold, Institutionsnummer, Kommunekode, PNummer, Tidspunkt,
    lighed,
};

/// An A-number with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ANummer {
    /// `A` and five digits.
    pub nummer: Institutionsnummer,
    /// The institution's name.
    pub navn: String,
    /// Its kommune.
    pub kommune: Option<Kommunekode>,
    /// Its P-number.
    pub p_nummer: Option<PNummer>,
    /// Road.
    pub vej_navn: Option<String>,
    /// House number.
    pub hus_nummer: Option<String>,
    /// Postal code.
    pub post_nummer: Option<String>,
    /// The number that goes on, once confirmed, and when that was.
    pub afgjort: Option<(Institutionsnummer, Tidspunkt)>,
    /// The last day of agreements under the A-number, by the plan.
    pub aftaler_til: Option<Dato>,
    /// The day on which the A-number is closed, by the plan.
    pub lukkes: Option<Dato>,
}

impl ANummer {
    /// How likely a record is the same institution, in percent: name, address and P-number as [`lighed`] weighs them.
    pub fn ligner(&self, indhold: &Indhold) -> u8 {
        let own = Indhold::Anvisningsenhed(Anvisningsenhed {
            daginstitution: self.nummer,
            navn: self.navn.clone(),
            adresse: Adresse {
                vej_navn: self.vej_navn.clone().unwrap_or_default(),
                hus_nummer: self.hus_nummer.clone().unwrap_or_default(),
                post_nummer: self.post_nummer.clone().unwrap_or_default(),
                ..Adresse::default()
            },
            inst_type: 0,
            email: None,
            telefon: None,
            cvr: None,
            p_nummer: self.p_nummer,
            gyldig_fra: None,
        });
        lighed(&own, indhold)
    }
}
