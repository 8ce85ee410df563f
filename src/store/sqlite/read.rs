//! Reading, the same inside a read and a write transaction: whoever has a connection can read.

use rusqlite::{Connection, Row, params_from_iter};
use uuid::Uuid;

use super::administratorer;
use super::anmodninger;
use super::digests;
use super::memory::Memory;
use super::numbers::Numbering;
use super::query::{all, each, first, for_each};
use super::regler;
use super::rows::{self, select_rows};
use super::select;
use super::tilslutning;
use super::values::Count;
use crate::audit;
use crate::clock::Clock;
use crate::register::{
    ANummer, Administrator, Aftale, Anmodning, Cvr, Fund, Institutionsnummer, Kommentar,
    Kommunekode, Kontrol, Niveau, Om, Person, Pseudonym, Record, Sekvens, System, SystemId,
    Tidspunkt,
};
use crate::store::{
    Aendring, Aftaler, Anmodninger, AnswerKey, Moment, Organisation, Portion, Position, Read,
    Result, SavedAnswer, Selection, StoreError, Visit,
};

/// How long an answer is remembered: 90 days, in milliseconds (kontrakt §4).
pub(super) const REMEMBERED: i64 = 90 * 24 * 60 * 60 * 1000;

/// Whether an answer is forgotten: it is older than the instant given, 90 days ago by the clock, and than 90 days of which
/// the head of the audit chain was published. No leap of a clock makes those pass.
macro_rules! forgotten {
    ($instant:literal) => {
        concat!(
            "(tidspunkt < ",
            $instant,
            " AND tidspunkt < coalesce((SELECT h.tidspunkt FROM revision_hoved h ORDER BY h.dato DESC LIMIT 1 OFFSET 89), 0))"
        )
    };
}
pub(super) use forgotten;

/// One consistent view: a connection inside a transaction, and what is read with it.
pub(super) struct View<'c> {
    pub(super) conn: &'c Connection,
    pub(super) clock: &'c Clock,
    pub(super) numbering: &'c Numbering,
    pub(super) memory: &'c Memory,
}

/// Whoever has a view can read.
pub(super) trait Connected {
    fn view(&self) -> &View<'_>;

    fn conn(&self) -> &Connection {
        self.view().conn
    }
}

impl Connected for View<'_> {
    fn view(&self) -> &View<'_> {
        self
    }
}

/// The last change at or before a sequence, with its time.
pub(super) fn change_at(
    conn: &Connection,
    sekvens: Sekvens,
) -> Result<Option<(Sekvens, Tidspunkt)>> {
    first(
        conn,
        "SELECT sekvens, tidspunkt FROM aendring WHERE sekvens <= ?1 ORDER BY sekvens DESC LIMIT 1",
        [sekvens],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// The last change of all, with its time.
pub(super) fn last_change(conn: &Connection) -> Result<Option<(Sekvens, Tidspunkt)>> {
    change_at(conn, Sekvens(u64::MAX))
}

/// Where the register stands by what a connection sees.
pub(super) fn position(conn: &Connection) -> Result<Position> {
    position_with(conn, last_change(conn)?)
}

/// Where the register stood after a change; none: before the first.
fn position_with(conn: &Connection, change: Option<(Sekvens, Tidspunkt)>) -> Result<Position> {
    Ok(Position {
        epoke: epoke(conn)?,
        sekvens: change.map_or(Sekvens(0), |(sekvens, _)| sekvens),
        tidspunkt: change.map(|(_, tidspunkt)| tidspunkt),
    })
}

/// The last change made at or before an instant. Time grows with the sequence, so the history is its own index.
fn change_by(conn: &Connection, at: Tidspunkt) -> Result<Option<(Sekvens, Tidspunkt)>> {
    let mut found = None;
    let (mut low, mut high) = (1, last_change(conn)?.map_or(0, |(last, _)| last.0));
    while low <= high {
        let middle = low + (high - low) / 2;
        match change_at(conn, Sekvens(middle))? {
            Some(change) if change.1 <= at => {
                found = Some(change);
                low = middle + 1;
            }
            _ => high = middle - 1,
        }
    }
    Ok(found)
}

pub(super) fn epoke(conn: &Connection) -> Result<Uuid> {
    first(conn, "SELECT epoke FROM tilstand WHERE id = 1", [], |row| {
        row.get(0)
    })?
    .map(Uuid::from_bytes)
    .ok_or_else(|| StoreError::Corrupt("the database does not name its line of history".into()))
}

/// The end of the audit chain, and when its last line was written.
pub(super) fn audit_end(conn: &Connection) -> Result<(audit::Head, Option<Tidspunkt>)> {
    let sql = "SELECT nr, linje, hash FROM revision ORDER BY nr DESC LIMIT 1";
    let last = all(conn, sql, [], audit_line)?.pop();
    Ok(last.map_or((audit::Head::START, None), |line| {
        let audit::Line { number, hash, .. } = line;
        (audit::Head { number, hash }, line.tidspunkt())
    }))
}

/// Reads the audit lines after one, in order.
pub(super) fn audit_lines_after(
    conn: &Connection,
    number: u64,
    mut read: impl FnMut(audit::Line) -> Result<()>,
) -> Result<()> {
    let sql = "SELECT nr, linje, hash FROM revision WHERE nr > ?1 ORDER BY nr";
    for_each(conn, sql, [Count(number)], |row| read(audit_line(row)?))
}

fn audit_line(row: &Row<'_>) -> Result<audit::Line> {
    Ok(audit::Line {
        number: row.get::<_, Count>(0)?.0,
        canonical: row.get(1)?,
        hash: audit::Hash(row.get(2)?),
    })
}

/// So many of the heads that were published, newest first.
pub(super) fn heads(conn: &Connection, limit: u32) -> Result<Vec<audit::PublishedHead>> {
    let sql = "SELECT dato, nr, hash, tidspunkt, epoke, sekvens FROM revision_hoved ORDER BY dato DESC LIMIT ?1";
    all(conn, sql, [limit], published_head)
}

fn published_head(row: &Row<'_>) -> Result<audit::PublishedHead> {
    Ok(audit::PublishedHead {
        dato: row.get(0)?,
        chain_head: audit::ChainHead {
            head: audit::Head {
                number: row.get::<_, Count>(1)?.0,
                hash: audit::Hash(row.get(2)?),
            },
            tidspunkt: row.get(3)?,
            epoke: Uuid::from_bytes(row.get(4)?),
            sekvens: row.get(5)?,
        },
    })
}

fn organisation(row: &Row<'_>) -> Result<Organisation> {
    Ok(Organisation {
        cvr: row.get(0)?,
        navn: row.get(1)?,
        art: row.get(2)?,
        kommune: row.get(3)?,
        oprettet: row.get(4)?,
        lukket: row.get(5)?,
    })
}

/// One more than so many, which is enough to know that there are more.
fn over(antal: usize) -> i64 {
    i64::try_from(antal).unwrap_or(i64::MAX).saturating_add(1)
}

/// Numbers as one parameter, for `json_each`.
fn numre(numbers: &[Institutionsnummer]) -> String {
    let numbers: Vec<_> = numbers.iter().map(Institutionsnummer::as_str).collect();
    serde_json::Value::from(numbers).to_string()
}

/// Selects records as they stood after a change, by number: one step into the index of the history for each, however long
/// the history is.
macro_rules! as_of {
    ($which:literal) => {
        select_rows!(
            "FROM post p JOIN aendring a ON a.sekvens = \
             (SELECT max(b.sekvens) FROM aendring b WHERE b.nummer = p.nummer AND b.sekvens <= ?1) ",
            $which,
            " ORDER BY p.nummer"
        )
    };
}

fn record(row: &Row<'_>) -> Result<Record> {
    rows::aendring(row).map(|change| change.record)
}

impl<C: Connected> Read for C {
    fn position(&self) -> Result<Position> {
        position(self.conn())
    }

    fn record(&self, number: Institutionsnummer) -> Result<Option<Record>> {
        let sql = select_rows!("FROM post p JOIN aendring a USING (sekvens) WHERE p.nummer = ?1");
        let read = || Ok(all(self.conn(), sql, [number], record)?.pop());
        self.view().memory.record(number, read)
    }

    fn adm_kommune(&self, number: Institutionsnummer) -> Result<Option<Kommunekode>> {
        first(
            self.conn(),
            "SELECT rod.adm_kommune FROM post JOIN post rod ON rod.nummer = post.rod WHERE post.nummer = ?1",
            [number],
            |row| row.get(0),
        )
    }

    fn has_active_children(&self, number: Institutionsnummer) -> Result<bool> {
        let found = first(
            self.conn(),
            "SELECT 1 FROM post WHERE foraelder = ?1 AND aktiv = 1 LIMIT 1",
            [number],
            |_| Ok(()),
        )?;
        Ok(found.is_some())
    }

    fn records(&self, selection: &Selection, visit: Visit<'_, Record>) -> Result<()> {
        let (sql, params) = select::records(selection);
        each(self.conn(), &sql, params_from_iter(params), record, visit)
    }

    fn has_more_than(&self, selection: &Selection, antal: usize) -> Result<bool> {
        let (sql, params) = select::antal(selection, over(antal));
        let found = first(self.conn(), &sql, params_from_iter(params), |row| {
            row.get::<_, i64>(0)
        })?;
        Ok(found == Some(over(antal)))
    }

    fn had_more_than(&self, moment: Moment, antal: usize) -> Result<bool> {
        let until = self.position_on(moment)?.sekvens;
        let sql = "SELECT count(*) FROM (SELECT 1 FROM aendring WHERE sekvens <= ?1 AND version = 1 LIMIT ?2)";
        let found = first(self.conn(), sql, (until, over(antal)), |row| {
            row.get::<_, i64>(0)
        })?;
        Ok(found == Some(over(antal)))
    }

    fn chosen_on(
        &self,
        moment: Moment,
        portion: Portion<'_>,
        visit: Visit<'_, Record>,
    ) -> Result<()> {
        let until = self.position_on(moment)?.sekvens;
        let conn = self.conn();
        match portion {
            Portion::Toppe(kommune) => {
                let sql = as_of!("WHERE p.niveau = 1 AND (?2 IS NULL OR a.adm_kommune = ?2)");
                each(conn, sql, (until, kommune), record, visit)
            }
            // What stands under them now is found by an index; who has ever stood there is not.
            Portion::Under(parents) if until == self.position()?.sekvens => {
                let sql = select_rows!(
                    "FROM post p JOIN aendring a ON a.sekvens = p.sekvens \
                     WHERE p.foraelder IN (SELECT value FROM json_each(?1)) ORDER BY p.nummer"
                );
                each(conn, sql, [numre(parents)], record, visit)
            }
            Portion::Under(parents) => {
                // A record never changes its level, but may have stood under another parent.
                let sql = as_of!(
                    "WHERE p.niveau > 1 AND a.foraelder IN (SELECT value FROM json_each(?2))"
                );
                each(conn, sql, (until, numre(parents)), record, visit)
            }
            Portion::Niveau(niveau) => {
                let sql = as_of!("WHERE p.niveau = ?2");
                each(conn, sql, (until, niveau), record, visit)
            }
            Portion::Disse(numbers) => {
                let sql = as_of!("WHERE p.nummer IN (SELECT value FROM json_each(?2))");
                each(conn, sql, (until, numre(numbers)), record, visit)
            }
        }
    }

    fn records_on(&self, moment: Moment, visit: Visit<'_, Record>) -> Result<()> {
        let until = self.position_on(moment)?.sekvens;
        each(self.conn(), as_of!(""), [until], record, visit)
    }

    fn position_on(&self, moment: Moment) -> Result<Position> {
        let change = match moment {
            Moment::Sekvens(sekvens) => change_at(self.conn(), sekvens)?,
            Moment::Tidspunkt(at) => change_by(self.conn(), at)?,
        };
        position_with(self.conn(), change)
    }

    fn aendringer(&self, after: Sekvens, limit: u32) -> Result<Vec<Aendring>> {
        let sql = select_rows!("FROM aendring a WHERE a.sekvens > ?1 ORDER BY a.sekvens LIMIT ?2");
        all(self.conn(), sql, (after, limit), rows::aendring)
    }

    fn digest_at(&self, sekvens: Sekvens) -> Result<audit::Hash> {
        digests::at(self.conn(), sekvens)
    }

    fn adm_kommune_before(
        &self,
        number: Institutionsnummer,
        sekvens: Sekvens,
    ) -> Result<Option<Kommunekode>> {
        first(
            self.conn(),
            "SELECT adm_kommune FROM aendring WHERE nummer = ?1 AND sekvens < ?2 ORDER BY sekvens DESC LIMIT 1",
            (number, sekvens),
            |row| row.get(0),
        )
    }

    fn affected(
        &self,
        kommune: Option<Kommunekode>,
        levels: Option<(Niveau, Niveau)>,
        efter: Sekvens,
    ) -> Result<Option<Sekvens>> {
        // A daginstitution has its kommune by its own version; that before tells where it came from.
        let sql = "SELECT max(a.sekvens) FROM aendring a LEFT JOIN aendring b \
                   ON a.niveau = 1 AND a.handling = 'aendret' AND b.nummer = a.nummer AND b.version = a.version - 1 \
                   WHERE a.sekvens > ?1 AND (?2 IS NULL OR a.adm_kommune = ?2 OR b.adm_kommune = ?2) \
                   AND (?3 IS NULL OR a.niveau BETWEEN ?3 AND ?4 OR ?2 IS NOT NULL AND b.adm_kommune <> a.adm_kommune)";
        let (from, to) = levels.unzip();
        let last = first(self.conn(), sql, (efter, kommune, from, to), |row| {
            row.get(0)
        })?;
        Ok(last.flatten())
    }

    fn historik(&self, number: Institutionsnummer) -> Result<Vec<Aendring>> {
        let sql = select_rows!("FROM aendring a WHERE a.nummer = ?1 ORDER BY a.sekvens");
        all(self.conn(), sql, [number], rows::aendring)
    }

    fn seneste(&self, kommune: Kommunekode, limit: u32) -> Result<Vec<Aendring>> {
        // Whatever is among the last changes is of a record whose own last change is among the last of all records.
        let sql = select_rows!(
            "FROM aendring a WHERE a.adm_kommune = ?1 AND a.nummer IN (SELECT p.nummer FROM post p \
             WHERE p.adm_kommune = ?1 \
             OR p.niveau = 2 AND p.foraelder IN (SELECT nummer FROM post WHERE adm_kommune = ?1) \
             OR p.niveau = 3 AND p.rod IN (SELECT nummer FROM post WHERE adm_kommune = ?1) \
             ORDER BY p.sekvens DESC LIMIT ?2) ORDER BY a.sekvens DESC LIMIT ?2"
        );
        all(self.conn(), sql, (kommune, limit), rows::aendring)
    }

    fn numre(
        &self,
        from: Institutionsnummer,
        visit: Visit<'_, (Institutionsnummer, Tidspunkt)>,
    ) -> Result<()> {
        let sql = "SELECT p.nummer, a.tidspunkt FROM post p JOIN aendring a ON a.sekvens = p.sekvens \
                   WHERE p.nummer >= ?1 ORDER BY p.nummer";
        let pair = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        each(self.conn(), sql, [from], pair, visit)
    }

    fn organisation(&self, cvr: Cvr) -> Result<Option<Organisation>> {
        let sql =
            "SELECT cvr, navn, art, kommune, oprettet, lukket FROM organisation WHERE cvr = ?1";
        let read = || Ok(all(self.conn(), sql, [cvr], organisation)?.pop());
        self.view().memory.organisation(cvr, read)
    }

    fn organisationer(&self) -> Result<Vec<Organisation>> {
        let sql = "SELECT cvr, navn, art, kommune, oprettet, lukket FROM organisation ORDER BY cvr";
        all(self.conn(), sql, [], organisation)
    }

    fn system(&self, id: SystemId) -> Result<Option<System>> {
        tilslutning::system(self.conn(), id)
    }

    fn system_with(&self, identitet: &str) -> Result<Option<System>> {
        tilslutning::system_with(self.conn(), identitet)
    }

    fn systemer(&self) -> Result<Vec<System>> {
        tilslutning::systems(self.conn())
    }

    fn administrator(&self, identitet: &str) -> Result<Option<Administrator>> {
        administratorer::administrator(self.conn(), identitet)
    }

    fn administratorer(&self) -> Result<Vec<Administrator>> {
        administratorer::administrators(self.conn())
    }

    fn aftaler(&self, which: Aftaler<'_>) -> Result<Vec<Aftale>> {
        tilslutning::agreements(self.conn(), which)
    }

    fn anmodninger(&self, which: &Anmodninger) -> Result<Vec<Anmodning>> {
        anmodninger::requests(self.conn(), which)
    }

    fn waiting_of(&self, system: SystemId) -> Result<u64> {
        anmodninger::waiting_of(self.conn(), system)
    }

    fn comments(&self, om: Om) -> Result<Vec<Kommentar>> {
        anmodninger::comments(self.conn(), om)
    }

    fn person(&self, pseudonym: &Pseudonym) -> Result<Option<Person>> {
        anmodninger::person(self.conn(), pseudonym)
    }

    fn has_persons_before(&self, before: Tidspunkt) -> Result<bool> {
        anmodninger::forgettable(self.conn(), before)
    }

    fn notices_of(&self, hash: &[u8; 32]) -> Result<Option<Cvr>> {
        anmodninger::notices_of(self.conn(), hash)
    }

    fn written_by(
        &self,
        system: SystemId,
        numbers: &[Institutionsnummer],
    ) -> Result<Option<(Tidspunkt, Tidspunkt)>> {
        anmodninger::written_by(self.conn(), system, numbers)
    }

    fn fund(&self, kommune: Option<Kommunekode>) -> Result<Vec<Fund>> {
        regler::findings(self.conn(), kommune)
    }

    fn last_kontrol(&self) -> Result<Option<Kontrol>> {
        regler::last_run(self.conn())
    }

    fn a_nummer(&self, number: Institutionsnummer) -> Result<Option<ANummer>> {
        regler::a_number(self.conn(), number)
    }

    fn a_numre(&self) -> Result<Vec<ANummer>> {
        regler::a_numbers(self.conn())
    }

    fn afviste(&self, a_number: Institutionsnummer) -> Result<Vec<Institutionsnummer>> {
        regler::refused(self.conn(), a_number)
    }

    fn saved_answer(&self, key: &AnswerKey) -> Result<Option<SavedAnswer>> {
        let forgotten = self.view().clock.now().plus_millis(-REMEMBERED);
        first(
            self.conn(),
            concat!(
                "SELECT fingeraftryk, tidspunkt, konvolut FROM svar WHERE kalder = ?1 AND message_id = ?2 AND NOT ",
                forgotten!("?3")
            ),
            (&key.kalder, &key.message_id, forgotten),
            |row| {
                Ok(SavedAnswer {
                    fingeraftryk: row.get(0)?,
                    tidspunkt: row.get(1)?,
                    konvolut: row.get(2)?,
                })
            },
        )
    }

    fn audit_head(&self) -> Result<audit::Head> {
        audit_end(self.conn()).map(|(head, _)| head)
    }

    fn audit_lines(&self, visit: Visit<'_, audit::Line>) -> Result<()> {
        let sql = "SELECT nr, linje, hash FROM revision ORDER BY nr";
        each(self.conn(), sql, [], audit_line, visit)
    }

    fn chain_head(&self) -> Result<audit::ChainHead> {
        let (head, tidspunkt) = audit_end(self.conn())?;
        let position = self.position()?;
        Ok(audit::ChainHead {
            head,
            tidspunkt,
            epoke: position.epoke,
            sekvens: position.sekvens,
        })
    }

    fn heads(&self, limit: u32) -> Result<Vec<audit::PublishedHead>> {
        heads(self.conn(), limit)
    }

    fn numbers_left(&self) -> Result<u64> {
        self.view().numbering.left(self.conn())
    }

    fn counts(&self) -> Result<[(u64, u64); 3]> {
        let sql = "SELECT niveau, sum(aktiv), sum(NOT aktiv) FROM post GROUP BY niveau";
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let found: Vec<(Niveau, Count, Count)> = all(self.conn(), sql, [], read)?;
        Ok(Niveau::ALL.map(|niveau| {
            found
                .iter()
                .find(|(level, ..)| *level == niveau)
                .map_or((0, 0), |(_, open, closed)| (open.0, closed.0))
        }))
    }
}
