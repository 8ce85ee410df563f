//! The columns of a file: found by name, tolerant of letter case, underscores and the spellings that exports have used.

use std::io::Read;

use crate::export::csv::fused;
use crate::register::{Kodetabel, Kodetabeller, Niveau};

use super::{LaesFejl, laeser, naeste};

/// A column that rows need is not there.
#[derive(Debug, thiserror::Error)]
#[error(
    "the file has no column {0}; its first line must name the columns, as dtr's own CSV exports do"
)]
pub struct KolonneFejl(&'static str);

/// The cells of a row by what they mean; empty where the file has none. Codes that stand as text alone are codes again.
#[derive(Debug, Clone, Default)]
pub(super) struct Celler {
    pub(super) linje: u64,
    pub(super) niveau: Option<Niveau>,
    /// `dagtilbudsType` as it stands.
    pub(super) art: String,
    pub(super) daginstitution: String,
    pub(super) enhed: String,
    pub(super) adresse_nummer: String,
    pub(super) navn: String,
    pub(super) status: String,
    pub(super) ejerform: String,
    pub(super) lovgrundlag: String,
    pub(super) adm_kommune: String,
    pub(super) inst_type: String,
    pub(super) cvr: String,
    pub(super) p_nummer: String,
    pub(super) vej_navn: String,
    pub(super) vej_kode: String,
    pub(super) hus_nummer: String,
    pub(super) etage: String,
    pub(super) doer: String,
    pub(super) post_nummer: String,
    pub(super) by_navn: String,
    pub(super) supplerende_bynavn: String,
    pub(super) kommune_kode: String,
    pub(super) geo_bredde: String,
    pub(super) geo_laengde: String,
    pub(super) dawa_id: String,
    pub(super) email: String,
    pub(super) telefon: String,
    pub(super) gyldig_fra: String,
}

impl Celler {
    /// The record's own number, by its level.
    pub(super) fn nummer(&self) -> &str {
        match self.niveau {
            Some(Niveau::Daginstitution) | None => &self.daginstitution,
            Some(Niveau::Anvisningsenhed) => &self.enhed,
            Some(Niveau::AlternativAdresse) => &self.adresse_nummer,
        }
    }
}

/// Where the columns stand.
struct Kolonner(Vec<String>);

impl Kolonner {
    /// The first column with one of these names.
    fn find(&self, names: &[&str]) -> Option<usize> {
        names
            .iter()
            .find_map(|name| self.0.iter().position(|own| own == name))
    }
}

/// A name without what spellings differ in.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Reads all rows.
pub(super) fn laes(
    file: impl Read,
    tables: &Kodetabeller,
    progress: &mut dyn FnMut(u64),
) -> Result<Vec<Celler>, LaesFejl> {
    let mut reader = laeser(file);
    let broken = |error: &csv::Error| LaesFejl::Csv {
        linje: error.position().map_or(1, csv::Position::line),
        hvorfor: error.to_string(),
    };
    let header = reader.headers().map_err(|error| broken(&error))?;
    let width = header.len();
    // A byte order mark is no letter.
    let columns = Kolonner(header.iter().map(plain).collect());
    let at = |names: &[&str]| columns.find(names);
    let needed = |names: &[&str], told| at(names).ok_or(KolonneFejl(told));
    let own = (
        needed(&["daginstitutionsnummer"], "daginstitutionsNummer")?,
        at(&["anvisningsenhedsnummer", "enhedsnummer"]),
        at(&["alternativadressenummer"]),
    );
    let names = [
        at(&["dagtilbudsnavn", "navn"]),
        at(&["alternativadressenavn"]),
        at(&["anvisningsenhedsnavn", "enhedsnavn"]),
        at(&["daginstitutionsnavn"]),
    ];
    if names.iter().all(Option::is_none) {
        return Err(KolonneFejl("dagtilbudsNavn").into());
    }
    let coded = [
        (
            at(&["ejerformkode"]),
            at(&["ejerformkodetekst"]),
            &tables.ejerform,
        ),
        (
            at(&["lovgrundlagkode"]),
            at(&["lovgrundlagkodetekst"]),
            &tables.lovgrundlag,
        ),
        (
            at(&["admkommunekode"]),
            at(&["admkommunekodetekst"]),
            &tables.kommune,
        ),
        (
            at(&["insttype3"]),
            at(&["insttype3tekst"]),
            &tables.inst_type,
        ),
        (
            at(&["kommunekode"]),
            at(&["kommunekodetekst"]),
            &tables.kommune,
        ),
    ];
    let plainly = [
        at(&["dagtilbudstype"]),
        at(&["aktivitetsstatus"]),
        at(&["cvrnummer", "cvr"]),
        at(&["pnummer", "pnumber"]),
        at(&["vejnavn"]),
        at(&["vejkode"]),
        at(&["husnummer"]),
        at(&["etage"]),
        at(&["doer", "dør"]),
        at(&["postnummer"]),
        at(&["bynavn"]),
        at(&["supplerendebynavn"]),
        at(&["geobredde"]),
        at(&["geolaengde", "geolængde"]),
        at(&["dawaid", "dawauuid"]),
        at(&["email"]),
        at(&["telefonnummer"]),
        at(&["gyldigfra"]),
    ];
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    while naeste(&mut reader, &mut record, width)? {
        let linje = record.position().map_or(0, csv::Position::line);
        let cell = |at: Option<usize>| {
            at.and_then(|at| record.get(at))
                .map(unquoted)
                .unwrap_or_default()
        };
        let [ejerform, lovgrundlag, adm_kommune, inst_type, kommune_kode] =
            coded.map(|(code, text, table)| code_of(cell(code), &cell(text), table));
        let [
            art,
            status,
            cvr,
            p_nummer,
            vej_navn,
            vej_kode,
            hus_nummer,
            etage,
            doer,
            post_nummer,
            by_navn,
            supplerende_bynavn,
            geo_bredde,
            geo_laengde,
            dawa_id,
            email,
            telefon,
            gyldig_fra,
        ] = plainly.map(&cell);
        let mut celler = Celler {
            linje,
            niveau: None,
            art,
            daginstitution: cell(Some(own.0)),
            enhed: cell(own.1),
            adresse_nummer: cell(own.2),
            navn: names
                .iter()
                .map(|at| cell(*at))
                .find(|name| !name.is_empty())
                .unwrap_or_default(),
            status,
            ejerform,
            lovgrundlag,
            adm_kommune,
            inst_type,
            cvr,
            p_nummer,
            vej_navn,
            vej_kode,
            hus_nummer,
            etage,
            doer,
            post_nummer,
            by_navn,
            supplerende_bynavn,
            kommune_kode,
            geo_bredde: geo_bredde.replace(',', "."),
            geo_laengde: geo_laengde.replace(',', "."),
            dawa_id,
            email,
            telefon,
            gyldig_fra,
        };
        celler.niveau = niveau(&celler);
        rows.push(celler);
        progress(rows.len() as u64);
    }
    Ok(rows)
}

/// A cell without what keeps a spreadsheet from taking it for a formula.
fn unquoted(cell: &str) -> String {
    fused(cell.trim()).to_owned()
}

/// The code, or that of the text where the file has the text alone.
fn code_of(code: String, text: &str, table: &Kodetabel) -> String {
    if !code.is_empty() || text.is_empty() {
        return code;
    }
    let known = table
        .koder
        .iter()
        .find(|(_, row)| plain(&row.tekst) == plain(text));
    known.map_or_else(|| text.to_owned(), |(code, _)| code.to_string())
}

/// The level, by what the row says or else by the numbers that it has.
fn niveau(celler: &Celler) -> Option<Niveau> {
    match plain(&celler.art).as_str() {
        "daginstitution" => Some(Niveau::Daginstitution),
        "anvisningsenhed" => Some(Niveau::Anvisningsenhed),
        "alternativadresse" => Some(Niveau::AlternativAdresse),
        "" if !celler.adresse_nummer.is_empty() => Some(Niveau::AlternativAdresse),
        "" if !celler.enhed.is_empty() => Some(Niveau::Anvisningsenhed),
        "" if !celler.daginstitution.is_empty() => Some(Niveau::Daginstitution),
        _ => None,
    }
}
