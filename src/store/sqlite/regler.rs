//! Findings and A-numbers as rows (kontrakt §6 and §7).

use rusqlite::{Connection, Row, ToSql, params};

use super::query::{all, first, run};
use super::values::Count;
use crate::register::{
    ANummer, Fund, Institutionsnummer, Kommunekode, Kontrol, NytFund, Tidspunkt,
};
use crate::store::Result;

pub(super) fn findings(conn: &Connection, kommune: Option<Kommunekode>) -> Result<Vec<Fund>> {
    let sql = "SELECT kode, nummer, kommune, besked_da, besked_en, hjaelp_da, hjaelp_en, foerst_set, sidst_set, loest \
               FROM fund WHERE ?1 IS NULL OR kommune = ?1 ORDER BY kommune, foerst_set, id";
    all(conn, sql, [kommune], finding)
}

fn finding(row: &Row<'_>) -> Result<Fund> {
    Ok(Fund {
        fund: NytFund {
            kode: row.get(0)?,
            nummer: row.get(1)?,
            kommune: row.get(2)?,
            besked_da: row.get(3)?,
            besked_en: row.get(4)?,
            hjaelp_da: row.get(5)?,
            hjaelp_en: row.get(6)?,
        },
        foerst_set: row.get(7)?,
        sidst_set: row.get(8)?,
        loest: row.get(9)?,
    })
}

pub(super) fn last_run(conn: &Connection) -> Result<Option<Kontrol>> {
    let sql = "SELECT begyndt, poster, nye, aabne, loeste FROM kontrol ORDER BY id DESC LIMIT 1";
    first(conn, sql, [], |row| {
        Ok(Kontrol {
            begyndt: row.get(0)?,
            records: row.get::<_, Count>(1)?.0,
            nye: row.get::<_, Count>(2)?.0,
            aabne: row.get::<_, Count>(3)?.0,
            loeste: row.get::<_, Count>(4)?.0,
        })
    })
}

/// Open findings that are found again get their new texts; what is open and was not seen is resolved, but for the codes
/// that the run could not judge.
pub(super) fn save_findings(
    conn: &Connection,
    found: &[NytFund],
    usagt: &[&str],
    records: u64,
    begyndt: Tidspunkt,
) -> Result<Kontrol> {
    let mut nye = 0;
    for fund in found {
        let row: [&dyn ToSql; 8] = [
            &fund.kode,
            &fund.nummer,
            &fund.kommune,
            &fund.besked_da,
            &fund.besked_en,
            &fund.hjaelp_da,
            &fund.hjaelp_en,
            &begyndt,
        ];
        let known = run(
            conn,
            "UPDATE fund SET besked_da = ?4, besked_en = ?5, hjaelp_da = ?6, hjaelp_en = ?7, sidst_set = ?8 \
             WHERE kode = ?1 AND coalesce(nummer, '') = coalesce(?2, '') AND kommune = ?3 AND loest IS NULL",
            &row[..],
        )?;
        if known == 0 {
            nye += 1;
            run(
                conn,
                "INSERT INTO fund (kode, nummer, kommune, besked_da, besked_en, hjaelp_da, hjaelp_en, foerst_set, \
                 sidst_set) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
                &row[..],
            )?;
        }
    }
    let unsaid = serde_json::Value::from(usagt).to_string();
    let loeste = run(
        conn,
        "UPDATE fund SET loest = ?1 WHERE loest IS NULL AND sidst_set < ?1 \
         AND kode NOT IN (SELECT value FROM json_each(?2))",
        params![begyndt, unsaid],
    )? as u64;
    let sql = "SELECT count(*) FROM fund WHERE loest IS NULL";
    let aabne = first(conn, sql, [], |row| row.get::<_, Count>(0))?.map_or(0, |count| count.0);
    run(
        conn,
        "INSERT INTO kontrol (begyndt, poster, nye, aabne, loeste) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            begyndt,
            Count(records),
            Count(nye),
            Count(aabne),
            Count(loeste)
        ],
    )?;
    Ok(Kontrol {
        begyndt,
        records,
        nye,
        aabne,
        loeste,
    })
}

/// The columns of an A-number, in the order that is read here.
macro_rules! select_a_numbers {
    ($rest:literal) => {
        concat!(
            "SELECT nummer, navn, kommune, p_nummer, vej_navn, hus_nummer, post_nummer, g_nummer, afgjort, \
             aftaler_til, lukkes FROM a_nummer ",
            $rest
        )
    };
}

pub(super) fn a_number(conn: &Connection, number: Institutionsnummer) -> Result<Option<ANummer>> {
    let sql = select_a_numbers!("WHERE nummer = ?1");
    Ok(all(conn, sql, [number], a_row)?.pop())
}

pub(super) fn a_numbers(conn: &Connection) -> Result<Vec<ANummer>> {
    all(conn, select_a_numbers!("ORDER BY nummer"), [], a_row)
}

fn a_row(row: &Row<'_>) -> Result<ANummer> {
    let (g_number, decided): (Option<_>, Option<_>) = (row.get(7)?, row.get(8)?);
    Ok(ANummer {
        nummer: row.get(0)?,
        navn: row.get(1)?,
        kommune: row.get(2)?,
        p_nummer: row.get(3)?,
        vej_navn: row.get(4)?,
        hus_nummer: row.get(5)?,
        post_nummer: row.get(6)?,
        afgjort: g_number.zip(decided),
        aftaler_til: row.get(9)?,
        lukkes: row.get(10)?,
    })
}

pub(super) fn save_a_number(conn: &Connection, number: &ANummer) -> Result<()> {
    let (g_number, decided) = number.afgjort.unzip();
    run(
        conn,
        "INSERT OR REPLACE INTO a_nummer (nummer, navn, kommune, p_nummer, vej_navn, hus_nummer, post_nummer, \
         g_nummer, afgjort, aftaler_til, lukkes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            number.nummer,
            number.navn,
            number.kommune,
            number.p_nummer,
            number.vej_navn,
            number.hus_nummer,
            number.post_nummer,
            g_number,
            decided,
            number.aftaler_til,
            number.lukkes,
        ],
    )?;
    Ok(())
}

pub(super) fn refused(
    conn: &Connection,
    a_number: Institutionsnummer,
) -> Result<Vec<Institutionsnummer>> {
    let sql = "SELECT g_nummer FROM a_nummer_afvist WHERE a_nummer = ?1 ORDER BY g_nummer";
    all(conn, sql, [a_number], |row| Ok(row.get(0)?))
}

pub(super) fn refuse(
    conn: &Connection,
    a_number: Institutionsnummer,
    g_number: Institutionsnummer,
) -> Result<()> {
    let sql = "INSERT OR IGNORE INTO a_nummer_afvist (a_nummer, g_nummer) VALUES (?1, ?2)";
    run(conn, sql, [a_number, g_number]).map(drop)
}
