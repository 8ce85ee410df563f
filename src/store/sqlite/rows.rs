//! A row of the history to and from [`Aendring`]: the one place that knows the order of its columns.

use rusqlite::types::FromSql;
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::values::{Numre, numre};
use crate::register::{
    Adresse, AlternativAdresse, Anvisningsenhed, Content, Cvr, Daginstitution, Institutionsnummer,
    Kommunekode, Life, Niveau, Part, Record, SystemId, Tidspunkt,
};
use crate::store::{Aendring, Ophav, Result, StoreError};

/// Names with a prefix each, separated by commas.
macro_rules! prefixed {
    ($prefix:literal, $first:literal $($name:literal)*) => {
        concat!($prefix, $first $(, ", ", $prefix, $name)*)
    };
}

/// The columns of `aendring` after its number, in the order that is read and written here.
macro_rules! columns {
    ($prefix:literal) => {
        $crate::store::sqlite::rows::prefixed!(
            $prefix,
            "tidspunkt" "handling" "ophav_cvr" "ophav_navn" "operation"
            "korrelations_id" "sagsnummer" "ophav_system" "ophav_kommune" "ophav_ejer" "adm_kommune" "niveau" "nummer" "version" "oprettet"
            "nedlagt" "lukkeaarsag" "skolens_nummer" "afloeser" "afloest_af" "foraelder" "navn"
            "ejerform" "lovgrundlag" "inst_type" "email" "telefon" "cvr" "p_nummer" "gyldig_fra"
            "vej_navn" "vej_kode" "hus_nummer" "etage" "doer" "post_nummer" "by_navn"
            "supplerende_bynavn" "kommune_kode" "dawa_id" "geo_bredde" "geo_laengde"
        )
    };
}

/// Selects whole rows of `aendring a` for [`aendring`]; the rest of the statement begins with its FROM.
macro_rules! select_rows {
    ($rest:literal) => {
        concat!(
            "SELECT a.sekvens, ",
            $crate::store::sqlite::rows::columns!("a."),
            " ",
            $rest
        )
    };
}
pub(super) use {columns, prefixed, select_rows};

/// Takes the columns of a row one after the other.
struct Cells<'r, 's> {
    row: &'r Row<'s>,
    next: usize,
}

impl Cells<'_, '_> {
    fn take<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        let at = self.next;
        self.next += 1;
        self.row.get(at)
    }
}

/// Reads a row selected by [`select_rows`].
pub(super) fn aendring(row: &Row<'_>) -> Result<Aendring> {
    let cells = &mut Cells { row, next: 0 };
    let sekvens = cells.take()?;
    let tidspunkt = cells.take()?;
    let handling = cells.take()?;
    let ophav = Ophav {
        cvr: cells.take()?,
        navn: cells.take()?,
        operation: cells.take()?,
        korrelations_id: Uuid::from_bytes(cells.take()?),
        sagsnummer: cells.take()?,
        system: cells.take::<Option<u32>>()?.map(SystemId),
        part: part(cells.take()?, cells.take()?),
    };
    let adm_kommune = cells.take()?;
    let niveau = cells.take()?;
    let nummer = cells.take()?;
    let life = life(cells, tidspunkt)?;
    Ok(Aendring {
        sekvens,
        tidspunkt,
        handling,
        ophav,
        adm_kommune,
        record: Record {
            nummer,
            content: content(cells, niveau, adm_kommune)?,
            life,
        },
    })
}

/// In whose name a change was made.
fn part(kommune: Option<Kommunekode>, ejer: Option<Cvr>) -> Option<Part> {
    kommune.map(Part::Kommune).or(ejer.map(Part::Ejer))
}

fn life(cells: &mut Cells<'_, '_>, senest_opdateret: Tidspunkt) -> Result<Life> {
    Ok(Life {
        version: cells.take()?,
        oprettet: cells.take()?,
        senest_opdateret,
        nedlagt: cells.take()?,
        lukkeaarsag: cells.take()?,
        skolens_nummer: cells.take()?,
        afloeser: cells.take::<Numre>()?.0,
        afloest_af: cells.take::<Numre>()?.0,
    })
}

fn content(cells: &mut Cells<'_, '_>, niveau: Niveau, adm_kommune: Kommunekode) -> Result<Content> {
    let parent: Option<Institutionsnummer> = cells.take()?;
    let navn = cells.take()?;
    let ejerform: Option<i32> = cells.take()?;
    let lovgrundlag: Option<i32> = cells.take()?;
    let inst_type: Option<i32> = cells.take()?;
    let (email, telefon, cvr, p_nummer) =
        (cells.take()?, cells.take()?, cells.take()?, cells.take()?);
    let gyldig_fra = cells.take()?;
    let needed = || StoreError::Corrupt("a field that the record's level needs is absent".into());
    Ok(match niveau {
        Niveau::Daginstitution => Content::Daginstitution(Daginstitution {
            navn,
            ejerform: ejerform.ok_or_else(needed)?,
            lovgrundlag: lovgrundlag.ok_or_else(needed)?,
            adm_kommune,
            gyldig_fra,
        }),
        Niveau::Anvisningsenhed => Content::Anvisningsenhed(Anvisningsenhed {
            daginstitution: parent.ok_or_else(needed)?,
            navn,
            adresse: adresse(cells)?,
            inst_type: inst_type.ok_or_else(needed)?,
            email,
            telefon,
            cvr,
            p_nummer,
            gyldig_fra,
        }),
        Niveau::AlternativAdresse => Content::AlternativAdresse(AlternativAdresse {
            enhed: parent.ok_or_else(needed)?,
            navn,
            adresse: adresse(cells)?,
            email,
            telefon,
            cvr,
            p_nummer,
            gyldig_fra,
        }),
    })
}

fn adresse(cells: &mut Cells<'_, '_>) -> Result<Adresse> {
    Ok(Adresse {
        vej_navn: cells.take()?,
        vej_kode: cells.take()?,
        hus_nummer: cells.take()?,
        etage: cells.take()?,
        doer: cells.take()?,
        post_nummer: cells.take()?,
        by_navn: cells.take()?,
        supplerende_bynavn: cells.take()?,
        kommune_kode: cells.take()?,
        dawa_id: cells.take()?,
        geo_bredde: cells.take()?,
        geo_laengde: cells.take()?,
    })
}

/// Appends a row to the history, which gives it its number (migration 6).
pub(super) fn insert(conn: &Connection, row: &Aendring) -> Result<()> {
    let Aendring { ophav, record, .. } = row;
    let (life, content) = (&record.life, &record.content);
    let (top, unit, extra) = match content {
        Content::Daginstitution(top) => (Some(top), None, None),
        Content::Anvisningsenhed(unit) => (None, Some(unit), None),
        Content::AlternativAdresse(extra) => (None, None, Some(extra)),
    };
    let adresse = content.adresse();
    let (kommune, ejer) = match ophav.part {
        Some(Part::Kommune(kommune)) => (Some(kommune), None),
        Some(Part::Ejer(cvr)) => (None, Some(cvr)),
        None => (None, None),
    };
    let email = unit
        .map(|unit| &unit.email)
        .or(extra.map(|extra| &extra.email));
    let telefon = unit
        .map(|unit| &unit.telefon)
        .or(extra.map(|extra| &extra.telefon));
    let mut statement = conn.prepare_cached(concat!(
        "INSERT OR FAIL INTO aendring (",
        columns!(""),
        ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, \
                   ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    ))?;
    statement.execute(params![
        row.tidspunkt,
        row.handling,
        ophav.cvr,
        ophav.navn,
        ophav.operation,
        ophav.korrelations_id.into_bytes(),
        ophav.sagsnummer,
        ophav.system.map(|system| system.0),
        kommune,
        ejer,
        row.adm_kommune,
        record.niveau(),
        record.nummer,
        life.version,
        life.oprettet,
        life.nedlagt,
        life.lukkeaarsag,
        life.skolens_nummer,
        numre(&life.afloeser),
        numre(&life.afloest_af),
        content.parent(),
        content.navn(),
        top.map(|top| top.ejerform),
        top.map(|top| top.lovgrundlag),
        unit.map(|unit| unit.inst_type),
        email,
        telefon,
        content.cvr(),
        content.p_nummer(),
        content.gyldig_fra(),
        adresse.map(|adresse| &adresse.vej_navn),
        adresse.map(|adresse| &adresse.vej_kode),
        adresse.map(|adresse| &adresse.hus_nummer),
        adresse.map(|adresse| &adresse.etage),
        adresse.map(|adresse| &adresse.doer),
        adresse.map(|adresse| &adresse.post_nummer),
        adresse.map(|adresse| &adresse.by_navn),
        adresse.map(|adresse| &adresse.supplerende_bynavn),
        adresse.map(|adresse| &adresse.kommune_kode),
        adresse.map(|adresse| &adresse.dawa_id),
        adresse.map(|adresse| &adresse.geo_bredde),
        adresse.map(|adresse| &adresse.geo_laengde),
    ])?;
    numbered(conn, row.sekvens.0)
}

/// That the row inserted last has got the number that was counted on.
pub(super) fn numbered(conn: &Connection, number: u64) -> Result<()> {
    let given = conn.last_insert_rowid();
    if u64::try_from(given) == Ok(number) {
        return Ok(());
    }
    Err(StoreError::Failed(format!(
        "a row that was to be number {number} is number {given}"
    )))
}
