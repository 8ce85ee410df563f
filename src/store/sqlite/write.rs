//! Writing inside a transaction: a change to state and history at once, stored answers, organisations, the chain.

use rusqlite::params;

use super::administratorer;
use super::anmodninger;
use super::digests;
use super::query::{first, run};
use super::read::{self, Connected, REMEMBERED, View, forgotten};
use super::regler;
use super::rights::{self, RightKind};
use super::rows;
use super::tilslutning;
use super::values::Count;
use crate::audit;
use crate::register::{
    ANummer, Aftale, AftaleId, AnmodningId, Content, Cvr, Dato, Institutionsnummer, Kommentar,
    Kommunekode, Kontrol, NytFund, Person, Record, Sekvens, SystemId, Tidspunkt,
};
use crate::store::{
    self, Aendring, AnswerKey, Handling, NewChange, Organisation, Read as _, Result, Right,
    SavedAnswer, StoreError, Write,
};

/// Where the counts stand inside a transaction. Read at its beginning, and put back with each savepoint.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    pub(super) last: Option<(Sekvens, Tidspunkt)>,
    pub(super) head: audit::Head,
    /// The digest of the last change.
    pub(super) digest: audit::Hash,
    /// When the last audit line was written.
    pub(super) written: Option<Tidspunkt>,
    pub(super) counter: Institutionsnummer,
    /// Answers stored in this transaction.
    pub(super) answers: u32,
    /// Versions of organisations, systems, agreements and requests that no audit line names yet.
    pub(super) unaudited: rights::Versions,
}

/// A record before a change.
struct Before {
    version: u32,
    oprettet: Tidspunkt,
    aktiv: bool,
    root: Institutionsnummer,
}

/// A write transaction.
pub(super) struct Tx<'c> {
    view: View<'c>,
    pub(super) counts: Counts,
}

impl<'c> Tx<'c> {
    /// Takes up the counts where the last transaction, of whichever process, left them.
    pub(super) fn new(view: View<'c>) -> Result<Self> {
        let conn = view.conn;
        let (head, written) = read::audit_end(conn)?;
        let last = read::last_change(conn)?;
        let counts = Counts {
            last,
            head,
            digest: digests::at(conn, last.map_or(Sekvens(0), |(last, _)| last))?,
            written,
            counter: view.numbering.counter(conn)?,
            answers: 0,
            unaudited: rights::Versions::default(),
        };
        Ok(Self { view, counts })
    }

    /// Puts the counts back to where they were before a job; `wrote`: its rows are taken back as well.
    pub(super) fn take_back(&mut self, counts: Counts, wrote: bool) {
        self.counts = counts;
        if wrote {
            self.view.memory.clear();
        }
    }

    fn run(&self, sql: &str, params: impl rusqlite::Params) -> Result<usize> {
        run(self.view.conn, sql, params)
    }

    /// Writes the counter, and forgets old answers: at least as many as came, so that they never pile up.
    pub(super) fn finish(&self, counter_before: Institutionsnummer) -> Result<()> {
        if self.counts.counter != counter_before {
            let sql = "UPDATE tilstand SET taeller = ?1 WHERE id = 1";
            self.run(sql, [self.counts.counter])?;
        }
        if self.counts.answers > 0 {
            self.run(
                concat!(
                    "DELETE FROM svar WHERE id <= (SELECT min(id) FROM svar) + ?2 AND ",
                    forgotten!("?1")
                ),
                params![
                    self.view.clock.now().plus_millis(-REMEMBERED),
                    2 * self.counts.answers
                ],
            )?;
        }
        Ok(())
    }

    /// What the register says of a record before it changes.
    fn before(&self, record: &Record) -> Result<Option<Before>> {
        first(
            self.view.conn,
            "SELECT a.version, a.oprettet, p.aktiv, p.rod FROM post p JOIN aendring a USING (sekvens) \
             WHERE p.nummer = ?1 AND p.niveau = ?2",
            params![record.nummer, record.niveau()],
            |row| {
                Ok(Before {
                    version: row.get(0)?,
                    oprettet: row.get(1)?,
                    aktiv: row.get(2)?,
                    root: row.get(3)?,
                })
            },
        )
    }

    /// The daginstitution that a record belongs to, and its kommune.
    fn root(&self, record: &Record) -> Result<(Institutionsnummer, Kommunekode)> {
        let parent = match &*record.content {
            Content::Daginstitution(top) => return Ok((record.nummer, top.adm_kommune)),
            Content::Anvisningsenhed(unit) => unit.daginstitution,
            Content::AlternativAdresse(extra) => extra.enhed,
        };
        let remembered = record
            .niveau()
            .parent()
            .and_then(|level| self.view.memory.root(parent, level));
        if let Some(root) = remembered {
            return Ok(root);
        }
        first(
            self.view.conn,
            "SELECT rod.nummer, rod.adm_kommune FROM post JOIN post rod ON rod.nummer = post.rod \
             WHERE post.nummer = ?1 AND post.niveau = ?2",
            params![parent, record.niveau().parent()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?
        .ok_or_else(|| StoreError::Failed(format!("{} has no parent {parent}", record.nummer)))
    }

    /// Points the state to the change.
    fn point(&self, change: &Aendring, root: Institutionsnummer) -> Result<()> {
        let record = &change.record;
        let own_kommune = match &*record.content {
            Content::Daginstitution(top) => Some(top.adm_kommune),
            _ => None,
        };
        // Two statements instead of an upsert: a plain insert needs no journal of its own to be taken back.
        let sql = if change.handling == Handling::Oprettet {
            "INSERT INTO post (nummer, sekvens, niveau, foraelder, rod, aktiv, adm_kommune, navn, p_nummer, cvr) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
        } else {
            "UPDATE post SET sekvens = ?2, foraelder = ?4, rod = ?5, aktiv = ?6, adm_kommune = ?7, navn = ?8, \
             p_nummer = ?9, cvr = ?10 WHERE nummer = ?1 AND niveau = ?3"
        };
        self.run(
            sql,
            params![
                record.nummer,
                change.sekvens,
                record.niveau(),
                record.content.parent(),
                root,
                record.is_active(),
                own_kommune,
                record.content.navn().to_lowercase(),
                record.content.p_nummer(),
                record.content.cvr(),
            ],
        )?;
        Ok(())
    }
}

impl Connected for Tx<'_> {
    fn view(&self) -> &View<'_> {
        &self.view
    }
}

impl Tx<'_> {
    fn save_organisation(&mut self, organisation: &Organisation) -> Result<()> {
        let Organisation {
            cvr,
            navn,
            art,
            kommune,
            oprettet,
            lukket,
        } = organisation;
        self.view.memory.forget_organisation(*cvr);
        self.run(
            "INSERT INTO organisation (cvr, navn, art, kommune, oprettet, lukket) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (cvr) DO UPDATE SET navn = excluded.navn, \
             art = excluded.art, kommune = excluded.kommune, oprettet = excluded.oprettet, \
             lukket = excluded.lukket",
            params![cvr, navn, art, kommune, oprettet, lukket],
        )?;
        self.run(
            "INSERT INTO organisation_historik (tidspunkt, cvr, navn, art, kommune, oprettet, lukket) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![self.view.clock.now(), cvr, navn, art, kommune, oprettet, lukket],
        )?;
        self.counts
            .unaudited
            .add(self.view.conn, RightKind::Organisation)
    }
}

impl Write for Tx<'_> {
    fn issue_number(&mut self) -> Result<Institutionsnummer> {
        self.counts.counter = self
            .view
            .numbering
            .next(self.view.conn, self.counts.counter)?;
        Ok(self.counts.counter)
    }

    fn save(&mut self, change: NewChange, now: Tidspunkt) -> Result<Aendring> {
        let NewChange {
            handling,
            origin,
            mut record,
        } = change;
        let (sekvens, tidspunkt) = match self.counts.last {
            Some((last, at)) => (last.next(), now.max(at.plus_millis(1))),
            None => (Sekvens(1), now),
        };
        let refused = |why| StoreError::Failed(format!("{} {why}", record.nummer));
        let before = match handling {
            // That the number is new, the insert itself makes sure.
            Handling::Oprettet => None,
            _ => {
                let found = self.before(&record)?;
                Some(found.ok_or_else(|| refused("does not exist on its level"))?)
            }
        };
        if before.as_ref().is_some_and(|before| !before.aktiv) {
            return Err(refused("is closed"));
        }
        (record.life.version, record.life.oprettet) =
            before.as_ref().map_or((1, tidspunkt), |before| {
                (before.version + 1, before.oprettet)
            });
        record.life.senest_opdateret = tidspunkt;
        if handling == Handling::Nedlagt {
            record.life.nedlagt = Some(tidspunkt);
        }
        let (root, adm_kommune) = self.root(&record)?;
        let change = Aendring {
            sekvens,
            tidspunkt,
            handling,
            origin,
            adm_kommune,
            record,
        };
        self.view.memory.forget_record(change.record.nummer);
        rows::insert(self.view.conn, &change)?;
        self.point(&change, root)?;
        if before.is_some_and(|before| before.root != root) {
            // Its alternative addresses go along.
            let sql = "UPDATE post SET rod = ?1 WHERE foraelder = ?2";
            self.run(sql, params![root, change.record.nummer])?;
        }
        self.counts.digest = store::digests::next(&self.counts.digest, &change);
        digests::append(self.view.conn, sekvens, &self.counts.digest)?;
        self.counts.last = Some((sekvens, tidspunkt));
        Ok(change)
    }

    fn save_answer(&mut self, key: &AnswerKey, svar: &SavedAnswer<&[u8]>) -> Result<()> {
        let forgotten = self.view.clock.now().plus_millis(-REMEMBERED);
        let insert = || {
            self.run(
                "INSERT INTO svar (kalder, message_id, fingeraftryk, tidspunkt, konvolut) \
                 VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (kalder, message_id) DO NOTHING",
                params![
                    key.kalder,
                    key.message_id,
                    svar.fingeraftryk,
                    svar.tidspunkt,
                    svar.konvolut,
                ],
            )
        };
        if insert()? == 0 {
            // One that is forgotten but not yet removed gives way; one that is remembered never does.
            self.run(
                concat!(
                    "DELETE FROM svar WHERE kalder = ?1 AND message_id = ?2 AND ",
                    forgotten!("?3")
                ),
                params![key.kalder, key.message_id, forgotten],
            )?;
            if insert()? == 0 {
                return Err(StoreError::Failed(
                    "an answer is stored for this MessageID already".into(),
                ));
            }
        }
        self.counts.answers += 1;
        Ok(())
    }

    fn new_system_id(&mut self) -> Result<SystemId> {
        tilslutning::next_id(self.view.conn, "system").map(SystemId)
    }

    fn new_agreement_id(&mut self) -> Result<AftaleId> {
        tilslutning::next_id(self.view.conn, "aftale").map(AftaleId)
    }

    fn new_request_id(&mut self) -> Result<AnmodningId> {
        tilslutning::next_id(self.view.conn, "anmodning").map(AnmodningId)
    }

    fn save_comment(&mut self, comment: &Kommentar) -> Result<()> {
        anmodninger::save_comment(self.view.conn, comment)
    }

    fn save_person(&mut self, person: &Person, seen: Tidspunkt) -> Result<()> {
        anmodninger::save_person(self.view.conn, person, seen)
    }

    fn forget_persons(&mut self, before: Tidspunkt) -> Result<u64> {
        anmodninger::forget(self.view.conn, before)
    }

    fn save_notices(&mut self, cvr: Cvr, hash: Option<&[u8; 32]>) -> Result<bool> {
        anmodninger::save_notices(self.view.conn, cvr, hash, self.view.clock.now())
    }

    fn save_rights(&mut self, rights: &[Right<'_>], line: &audit::Entry) -> Result<()> {
        for right in rights {
            match right {
                Right::Organisation(organisation) => self.save_organisation(organisation)?,
                Right::System(system) => {
                    tilslutning::save_system(self.view.conn, system, self.view.clock.now())?;
                    self.counts
                        .unaudited
                        .add(self.view.conn, RightKind::System)?;
                }
                Right::Administrator(one) => {
                    administratorer::save(self.view.conn, one, self.view.clock.now())?;
                    self.counts
                        .unaudited
                        .add(self.view.conn, RightKind::Administrator)?;
                }
                Right::Agreement(aftale) => self.end_agreement(aftale)?,
                Right::Request(request) => {
                    anmodninger::save_request(self.view.conn, request, self.view.clock.now())?;
                    self.counts
                        .unaudited
                        .add(self.view.conn, RightKind::Anmodning)?;
                }
            }
        }
        self.audit(line)
    }

    fn end_agreement(&mut self, aftale: &Aftale) -> Result<()> {
        tilslutning::save_agreement(self.view.conn, aftale, self.view.clock.now())?;
        self.counts.unaudited.add(self.view.conn, RightKind::Aftale)
    }

    fn save_fund(
        &mut self,
        found: &[NytFund],
        usagt: &[&str],
        records: u64,
        begyndt: Tidspunkt,
    ) -> Result<Kontrol> {
        regler::save_findings(self.view.conn, found, usagt, records, begyndt)
    }

    fn save_a_nummer(&mut self, number: &ANummer) -> Result<()> {
        regler::save_a_number(self.view.conn, number)
    }

    fn reject(&mut self, a_number: Institutionsnummer, g_number: Institutionsnummer) -> Result<()> {
        regler::refuse(self.view.conn, a_number, g_number)
    }

    fn audit(&mut self, entry: &audit::Entry) -> Result<()> {
        let number = self.counts.head.number + 1;
        // A refusal may have waited, or the clock been set back.
        let at = self
            .counts
            .written
            .map_or(entry.tidspunkt, |last| last.max(entry.tidspunkt));
        // A line of a refusal may come between; what was stored is named by the line that says so.
        let named = match entry.udfald {
            audit::Udfald::Gemt => std::mem::take(&mut self.counts.unaudited),
            audit::Udfald::Afvist | audit::Udfald::Fejl => rights::Versions::default(),
        };
        let named = named.named(self.view.conn)?;
        let canonical = entry.canonical_with(number, at, named.as_deref());
        let hash = audit::chain(&self.counts.head.hash, &canonical);
        self.run(
            "INSERT OR FAIL INTO revision (linje, hash) VALUES (?1, ?2)",
            params![canonical, hash.0],
        )?;
        rows::numbered(self.view.conn, number)?;
        self.counts.head = audit::Head { number, hash };
        self.counts.written = Some(at);
        Ok(())
    }

    fn last_audit_line(&self) -> u64 {
        self.counts.head.number
    }

    fn publish(&mut self, dato: Dato) -> Result<bool> {
        let kept = first(
            self.view.conn,
            "SELECT 1 FROM revision_hoved WHERE dato >= ?1 LIMIT 1",
            [dato],
            |_| Ok(()),
        )?;
        let chain_head = self.chain_head()?;
        if kept.is_some() || chain_head.head.number == 0 {
            return Ok(false);
        }
        self.run(
            "INSERT INTO revision_hoved (dato, nr, hash, tidspunkt, epoke, sekvens) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                dato,
                Count(chain_head.head.number),
                chain_head.head.hash.0,
                chain_head.tidspunkt,
                chain_head.epoke.into_bytes(),
                chain_head.sekvens
            ],
        )?;
        Ok(true)
    }
}
