//! A row of the history to and from [`Aendring`]: the one place that knows the order of its columns.

use std::sync::Arc;

use rusqlite::types::{FromSql, ToSql, ToSqlOutput};
use rusqlite::{Connection, Row, Statement};
use uuid::Uuid;

use super::values::{Numre, numre};
use crate::register::{
    Column, Content, Cvr, Dato, Def, Institutionsnummer, Kommunekode, Life, PNummer, Part, Pen,
    Record, Source, SystemId, Tidspunkt, Value,
};
use crate::store::{Aendring, Origin, Result, StoreError};

/// Names with a prefix each, separated by commas: the columns of a change, then those of content.
macro_rules! prefixed {
    ($prefix:literal, $first:literal $($name:literal)* $($column:ident = $content:literal)*) => {
        concat!($prefix, $first $(, ", ", $prefix, $name)* $(, ", ", $prefix, $content)*)
    };
}

/// As many question marks as there are names.
macro_rules! marks {
    ($first:literal $($name:literal)* $($column:ident = $content:literal)*) => {
        concat!("?" $(, marks!(@ $name))* $(, marks!(@ $content))*)
    };
    (@ $name:literal) => { ", ?" };
}

/// Counts the columns of a change.
macro_rules! counted {
    ($($name:literal)*) => { [$($name),*].len() };
}

/// Gives the columns of `aendring` that are not content, after its number and in the order that is read and written here.
macro_rules! columns_of_change {
    ([$($macro:tt)+] [$($before:tt)*]) => {
        $($macro)+ ! { $($before)*
            "tidspunkt" "handling" "ophav_cvr" "ophav_navn" "operation" "korrelations_id" "sagsnummer"
            "ophav_system" "ophav_kommune" "ophav_ejer" "niveau" "nummer" "version" "oprettet" "nedlagt"
            "lukkeaarsag" "skolens_nummer" "afloeser" "afloest_af"
        }
    };
}

/// The same with those of content after them.
macro_rules! all_columns {
    ([$($macro:tt)+] [$($before:tt)*] $($name:literal)*) => {
        $crate::register::columns_of_content! { [$($macro)+] [$($before)* $($name)*] }
    };
}

/// The columns of `aendring` after its number.
macro_rules! columns {
    ($prefix:literal) => {
        $crate::store::sqlite::rows::columns_of_change!(
            [$crate::store::sqlite::rows::all_columns]
            [[$crate::store::sqlite::rows::prefixed] [$prefix,]]
        )
    };
}

/// Selects whole rows of `aendring a` for [`aendring`]; the rest of the statement begins with its FROM.
macro_rules! select_rows {
    ($($rest:literal),+) => {
        concat!(
            "SELECT a.sekvens, ",
            $crate::store::sqlite::rows::columns!("a."),
            " "
            $(, $rest)+
        )
    };
}
pub(super) use {all_columns, columns, columns_of_change, prefixed, select_rows};

/// Where the columns of content begin in a row selected so.
const CONTENT: usize = 1 + columns_of_change!([counted][]);

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
    let origin = Origin {
        cvr: cells.take()?,
        navn: cells.take()?,
        operation: cells.take()?,
        korrelations_id: Uuid::from_bytes(cells.take()?),
        sagsnummer: cells.take()?,
        system: cells.take::<Option<u32>>()?.map(SystemId),
        part: part(cells.take()?, cells.take()?),
    };
    let niveau = cells.take()?;
    let nummer = cells.take()?;
    let life = life(cells, tidspunkt)?;
    Ok(Aendring {
        sekvens,
        tidspunkt,
        handling,
        origin,
        adm_kommune: row.get(at(Column::AdmKommune))?,
        record: Record {
            nummer,
            content: Arc::new(Content::read(niveau, &mut Stored(row))?),
            life,
        },
    })
}

/// Where a column of content stands in a row selected by [`select_rows`].
const fn at(column: Column) -> usize {
    CONTENT + column as usize
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

/// Content as it stands in a row.
struct Stored<'r, 's>(&'r Row<'s>);

impl Stored<'_, '_> {
    fn get<T: FromSql>(&self, def: &Def) -> Result<Option<T>> {
        Ok(self.0.get(at(def.column))?)
    }
}

impl Source for Stored<'_, '_> {
    type Error = StoreError;

    fn text(&mut self, def: &'static Def) -> Result<Option<String>> {
        self.get(def)
    }

    fn code(&mut self, def: &'static Def) -> Result<Option<i32>> {
        self.get(def)
    }

    fn kommune(&mut self, def: &'static Def) -> Result<Option<Kommunekode>> {
        self.get(def)
    }

    fn number(&mut self, def: &'static Def) -> Result<Option<Institutionsnummer>> {
        self.get(def)
    }

    fn cvr(&mut self, def: &'static Def) -> Result<Option<Cvr>> {
        self.get(def)
    }

    fn p_number(&mut self, def: &'static Def) -> Result<Option<PNummer>> {
        self.get(def)
    }

    fn date(&mut self, def: &'static Def) -> Result<Option<Dato>> {
        self.get(def)
    }

    fn missing(&self, _: &'static Def) -> StoreError {
        StoreError::Corrupt("a field that the record's level needs is absent".into())
    }
}

/// The values of content by column.
struct Parameters<'a>([Option<Value<'a>>; Column::COUNT]);

impl<'a> Pen<'a> for Parameters<'a> {
    fn field(&mut self, def: &'static Def, value: Value<'a>) {
        self.0[def.column as usize] = Some(value);
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Text(text) => Ok((*text).into()),
            Self::Code(code) => code.to_sql(),
            Self::Kommune(kommune) => kommune.to_sql(),
            Self::Number(number) => number.to_sql(),
            Self::Cvr(number) => number.to_sql(),
            Self::PNumber(number) => number.to_sql(),
            Self::Date(date) => date.to_sql(),
            Self::Moment(moment) => moment.to_sql(),
            Self::Count(count) => count.to_sql(),
        }
    }
}

/// Binds values to the question marks one after the other.
struct Binding<'s, 'c> {
    statement: &'s mut Statement<'c>,
    bound: usize,
}

impl Binding<'_, '_> {
    fn bind(&mut self, values: &[&dyn ToSql]) -> rusqlite::Result<()> {
        for value in values {
            self.bound += 1;
            self.statement.raw_bind_parameter(self.bound, value)?;
        }
        Ok(())
    }
}

/// Appends a row to the history, which gives it its number (migration 6).
pub(super) fn insert(conn: &Connection, row: &Aendring) -> Result<()> {
    let Aendring {
        sekvens,
        tidspunkt,
        handling,
        origin,
        adm_kommune,
        record,
    } = row;
    let (kommune, ejer) = match origin.part {
        Some(Part::Kommune(kommune)) => (Some(kommune), None),
        Some(Part::Ejer(cvr)) => (None, Some(cvr)),
        None => (None, None),
    };
    let Life {
        version,
        oprettet,
        // The moment of the change.
        senest_opdateret: _,
        nedlagt,
        lukkeaarsag,
        skolens_nummer,
        afloeser,
        afloest_af,
    } = &record.life;
    let mut statement = conn.prepare_cached(concat!(
        "INSERT OR FAIL INTO aendring (",
        columns!(""),
        ") VALUES (",
        columns_of_change!([all_columns] [[marks] []]),
        ")"
    ))?;
    let mut binding = Binding {
        statement: &mut statement,
        bound: 0,
    };
    binding.bind(&[
        tidspunkt,
        handling,
        &origin.cvr,
        &origin.navn,
        &origin.operation,
        &origin.korrelations_id.into_bytes(),
        &origin.sagsnummer,
        &origin.system.map(|system| system.0),
        &kommune,
        &ejer,
        &record.niveau(),
        &record.nummer,
        version,
        oprettet,
        nedlagt,
        lukkeaarsag,
        skolens_nummer,
        &numre(afloeser),
        &numre(afloest_af),
    ])?;
    let mut content = Parameters([None; Column::COUNT]);
    record.content.write(&mut content);
    content.0[Column::AdmKommune as usize] = Some(Value::Kommune(*adm_kommune));
    for value in &content.0 {
        binding.bind(&[value])?;
    }
    statement.raw_execute()?;
    numbered(conn, sekvens.0)
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
