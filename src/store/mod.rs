//! The register's store, in the domain's own terms (kontrakt §6 and §12).
//!
//! Here stand the interface and what passes through it. Only [`sqlite`] knows SQL; no SQL type crosses the traits,
//! so that another database can stand beside it.
//!
//! * [`Read`]: one consistent view of the register, for as long as the closure that is given it runs.
//! * [`Write`]: the same inside a write transaction, where a job's writes are kept or taken back as a whole.
//! * [`Store`]: runs closures with the one or the other.
//!
//! Invariant: an answer is delivered after the transaction that holds its state, history, stored answer and audit
//! line is on disk.

use std::ops::ControlFlow;

use crate::audit;
use crate::register::{
    ANummer, Administrator, Aftale, AftaleId, Anmodning, AnmodningId, Cvr, Dato, Fund,
    Institutionsnummer, Kommentar, Kommunekode, Kontrol, Niveau, NytFund, Om, PNummer, Part,
    Person, Pseudonym, Record, Sekvens, Standing, System, SystemId, Tidspunkt, words,
};

pub mod digests;
mod error;
mod ext;
pub mod sqlite;

pub use error::StoreError;
pub use ext::{StoreExt, answer};

/// Result of a store operation.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Where the register stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    /// The line of history.
    pub epoke: uuid::Uuid,
    /// The last change; 0 for an empty register.
    pub sekvens: Sekvens,
    /// When it was made; none for an empty register.
    pub tidspunkt: Option<Tidspunkt>,
}

words! {
    /// What a change did.
    pub enum Handling {
        /// A record came to be.
        Oprettet = "oprettet",
        /// Its fields changed.
        Aendret = "aendret",
        /// It was moved under another parent.
        Flyttet = "flyttet",
        /// It was closed.
        Nedlagt = "nedlagt",
    }
}

/// Who made a change, and in which call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// CVR of the acting organisation; none for the command line.
    pub cvr: Option<Cvr>,
    /// Name of the acting organisation at the time.
    pub navn: String,
    /// The operation with its service, such as `import:v2/InsertDaginstitution`.
    pub operation: String,
    /// Names the call in answers, logs and audit.
    pub korrelations_id: uuid::Uuid,
    /// The operator's case number.
    pub sagsnummer: Option<String>,
    /// The system that the certificate acted as, where it was bound to one.
    pub system: Option<SystemId>,
    /// In whose name it was done (principal), where an agreement let it.
    pub part: Option<Part>,
}

/// One change of one record: a row of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aendring {
    /// Its place in the register's count.
    pub sekvens: Sekvens,
    /// When it was made; strictly later than the change before.
    pub tidspunkt: Tidspunkt,
    /// What it did.
    pub handling: Handling,
    /// Who did it.
    pub origin: Origin,
    /// The administrative kommune of the record after the change (of its daginstitution).
    pub adm_kommune: Kommunekode,
    /// The record after the change.
    pub record: Record,
}

/// Which records to read. Everything that is given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// This record alone.
    pub nummer: Option<Institutionsnummer>,
    /// Of this level.
    pub niveau: Option<Niveau>,
    /// With a level: what its records stand under too, whatever else is chosen of that.
    pub med_over: bool,
    /// Administered by this kommune.
    pub adm_kommune: Option<Kommunekode>,
    /// Whose name contains this text, in Unicode lower case.
    pub navn: Option<String>,
    /// Whose name is this text but for letter case.
    pub navn_er: Option<String>,
    /// With this P-number.
    pub p_nummer: Option<PNummer>,
    /// With this CVR-number.
    pub cvr: Option<Cvr>,
    /// Directly under this record.
    pub parent: Option<Institutionsnummer>,
    /// This daginstitution and everything under it.
    pub root: Option<Institutionsnummer>,
    /// Closed records too.
    pub inkluder_nedlagte: bool,
}

impl Selection {
    /// The open records directly under one.
    pub fn under(parent: Institutionsnummer) -> Self {
        Self {
            parent: Some(parent),
            ..Self::default()
        }
    }

    /// Whether it may be most of the register: at most level, kommune and closed records are chosen.
    pub fn is_wide(&self) -> bool {
        let wide = Self {
            niveau: self.niveau,
            med_over: self.med_over,
            adm_kommune: self.adm_kommune,
            inkluder_nedlagte: self.inkluder_nedlagte,
            ..Self::default()
        };
        *self == wide
    }
}

/// A moment of the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    /// After this change.
    Sekvens(Sekvens),
    /// After the last change made at or before this instant.
    Tidspunkt(Tidspunkt),
}

/// A part of the records of a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Portion<'a> {
    /// The daginstitutioner: those of a kommune, or all.
    Toppe(Option<Kommunekode>),
    /// What stood directly under these.
    Under(&'a [Institutionsnummer]),
    /// All of a level.
    Niveau(Niveau),
    /// These.
    Disse(&'a [Institutionsnummer]),
}

words! {
    /// The kind of an organisation (kontrakt §8).
    pub enum OrgKind {
        /// A kommune with its own system.
        Kommune = "kommune",
        /// A vendor of administrative systems.
        Leverandoer = "leverandoer",
        /// A private owner.
        PrivatEjer = "privat",
        /// A consumer of exports.
        Aftager = "aftager",
        /// The register's own support.
        Operatoer = "operatoer",
    }
}

/// An organisation that may call the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Its CVR-number.
    pub cvr: Cvr,
    /// Its name.
    pub navn: String,
    /// Its kind.
    pub art: OrgKind,
    /// Its kommune, for a kommune.
    pub kommune: Option<Kommunekode>,
    /// When it was registered.
    pub oprettet: Tidspunkt,
    /// When it was closed; a closed organisation has no rights.
    pub lukket: Option<Tidspunkt>,
}

/// Which agreements to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aftaler<'a> {
    /// All, ended ones too.
    Alle,
    /// This one.
    En(AftaleId),
    /// Those of a system that have not been ended, of whatever dates.
    AabneFor(SystemId),
    /// All that a principal gave, ended ones too.
    Fra(Part),
    /// Those whose scope names this institution number or P-number and that have not been ended.
    AabneOm(&'a str),
}

/// Whose requests for agreements to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// All.
    Alle,
    /// This one.
    En(AnmodningId),
    /// Those of a system.
    System(SystemId),
    /// Those of all systems of an organisation.
    Leverandoer(Cvr),
    /// Those that ask a principal.
    Hos(Part),
}

/// Which requests for agreements to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anmodninger {
    /// Whose.
    pub af: Asked,
    /// That stand so; none: however they stand.
    pub standing: Option<Standing>,
    /// With a greater number than this.
    pub efter: u32,
    /// The most.
    pub antal: u32,
}

impl Anmodninger {
    /// The one of an id.
    pub const fn en(id: AnmodningId) -> Self {
        Self {
            af: Asked::En(id),
            standing: None,
            efter: 0,
            antal: 1,
        }
    }
}

/// The key of a stored answer: one caller's `wsa:MessageID`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerKey {
    /// The calling system, or the CVR-number of a certificate with no system.
    pub kalder: String,
    /// The MessageID as sent.
    pub message_id: String,
}

/// The answer of a stored write, kept to be given again byte for byte. `B` holds its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedAnswer<B = Vec<u8>> {
    /// SHA-256 over endpoint, operation, SOAP version and the characters of the body's child.
    pub fingeraftryk: [u8; 32],
    /// When it was stored; forgotten 90 days later.
    pub tidspunkt: Tidspunkt,
    /// The whole envelope.
    pub konvolut: B,
}

/// What a visitor of rows answers: go on, or enough.
pub type Visit<'a, T> = &'a mut dyn FnMut(T) -> ControlFlow<()>;

/// One consistent view of the register.
pub trait Read {
    /// Where the register stands.
    fn position(&self) -> Result<Position>;

    /// The record of this number, open or closed.
    fn record(&self, number: Institutionsnummer) -> Result<Option<Record>>;

    /// The administrative kommune of a record: that of the daginstitution it belongs to.
    fn adm_kommune(&self, number: Institutionsnummer) -> Result<Option<Kommunekode>>;

    /// Whether an open record stands directly under this one.
    fn has_active_children(&self, number: Institutionsnummer) -> Result<bool>;

    /// The chosen records, by number.
    fn records(&self, selection: &Selection, visit: Visit<'_, Record>) -> Result<()>;

    /// Whether a selection has more records than so many.
    fn has_more_than(&self, selection: &Selection, antal: usize) -> Result<bool>;

    /// Whether there were more records than so many, closed ones among them.
    fn had_more_than(&self, moment: Moment, antal: usize) -> Result<bool>;

    /// Some of the records, closed ones included, as they stood at a moment, by number.
    fn chosen_on(
        &self,
        moment: Moment,
        portion: Portion<'_>,
        visit: Visit<'_, Record>,
    ) -> Result<()>;

    /// All records, closed ones included, as they stood at a moment, by number.
    fn records_on(&self, moment: Moment, visit: Visit<'_, Record>) -> Result<()>;

    /// The last change at or before a moment, with its time; `sekvens` 0 before the first.
    fn position_on(&self, moment: Moment) -> Result<Position>;

    /// At most `limit` changes after `after`, in order.
    fn aendringer(&self, after: Sekvens, limit: u32) -> Result<Vec<Aendring>>;

    /// Every change of one record, oldest first.
    fn historik(&self, number: Institutionsnummer) -> Result<Vec<Aendring>>;

    /// The last changes of the records that a kommune has, made while it had them, newest first; at most `limit`.
    fn seneste(&self, kommune: Kommunekode, limit: u32) -> Result<Vec<Aendring>>;

    /// The numbers of records from one on, open and closed, in order, with when each was last changed.
    fn numre(
        &self,
        from: Institutionsnummer,
        visit: Visit<'_, (Institutionsnummer, Tidspunkt)>,
    ) -> Result<()>;

    /// The digest of a change (see [`digests`]); that of the last change before it where there is none.
    fn digest_at(&self, sekvens: Sekvens) -> Result<audit::Hash>;

    /// The kommune that had a record before a change of it; none before its first.
    fn adm_kommune_before(
        &self,
        number: Institutionsnummer,
        sekvens: Sekvens,
    ) -> Result<Option<Kommunekode>>;

    /// The last change after one that what is shown of a kommune and of the levels from one to another depends on (of all
    /// where no kommune is given): changes of such records, and of a daginstitution that comes to the kommune or leaves it.
    fn affected(
        &self,
        kommune: Option<Kommunekode>,
        levels: Option<(Niveau, Niveau)>,
        efter: Sekvens,
    ) -> Result<Option<Sekvens>>;

    /// The organisation of this CVR-number, open or closed.
    fn organisation(&self, cvr: Cvr) -> Result<Option<Organisation>>;

    /// All organisations, by CVR-number.
    fn organisationer(&self) -> Result<Vec<Organisation>>;

    /// The system of this id, open or closed.
    fn system(&self, id: SystemId) -> Result<Option<System>>;

    /// The system that a certificate of this stable identity is bound to, open or closed.
    fn system_with(&self, identitet: &str) -> Result<Option<System>>;

    /// All systems, by id.
    fn systemer(&self) -> Result<Vec<System>>;

    /// The administrator that a certificate of this stable identity is or was listed as.
    fn administrator(&self, identitet: &str) -> Result<Option<Administrator>>;

    /// All administrators, those taken off the list too, by organisation.
    fn administratorer(&self) -> Result<Vec<Administrator>>;

    /// The chosen agreements, by id.
    fn aftaler(&self, which: Aftaler<'_>) -> Result<Vec<Aftale>>;

    /// The chosen requests for agreements, by id.
    fn anmodninger(&self, which: &Anmodninger) -> Result<Vec<Anmodning>>;

    /// How many requests of a system wait.
    fn waiting_of(&self, system: SystemId) -> Result<u64>;

    /// What was written about a request, or about the end of an agreement, oldest first; what was forgotten is missing.
    fn comments(&self, om: Om) -> Result<Vec<Kommentar>>;

    /// Who a pseudonym is, unless that was forgotten.
    fn person(&self, pseudonym: &Pseudonym) -> Result<Option<Person>>;

    /// Whether there are comments written, or persons last seen, before a moment.
    fn has_persons_before(&self, before: Tidspunkt) -> Result<bool>;

    /// The organisation whose notices lie at the address with a secret of this SHA-256.
    fn notices_of(&self, hash: &[u8; 32]) -> Result<Option<Cvr>>;

    /// The first and the last time that a system wrote one of these records; none when it has written none.
    fn written_by(
        &self,
        system: SystemId,
        numbers: &[Institutionsnummer],
    ) -> Result<Option<(Tidspunkt, Tidspunkt)>>;

    /// Findings of a kommune or of all, resolved ones too, those seen first at the end.
    fn fund(&self, kommune: Option<Kommunekode>) -> Result<Vec<Fund>>;

    /// The last run that looked for findings.
    fn last_kontrol(&self) -> Result<Option<Kontrol>>;

    /// What is known of an A-number.
    fn a_nummer(&self, number: Institutionsnummer) -> Result<Option<ANummer>>;

    /// All A-numbers, in order.
    fn a_numre(&self) -> Result<Vec<ANummer>>;

    /// The records that have been refused as successors of an A-number.
    fn afviste(&self, a_number: Institutionsnummer) -> Result<Vec<Institutionsnummer>>;

    /// The answer stored for a MessageID.
    fn saved_answer(&self, key: &AnswerKey) -> Result<Option<SavedAnswer>>;

    /// The last audit line's number and hash; number 0 and a zero hash before the first.
    fn audit_head(&self) -> Result<audit::Head>;

    /// All audit lines in order.
    fn audit_lines(&self, visit: Visit<'_, audit::Line>) -> Result<()>;

    /// The last audit line, and where the register stands with it: what is published as the head of the chain.
    fn chain_head(&self) -> Result<audit::ChainHead>;

    /// At most `limit` of the heads that were published as the first of their day, newest first.
    fn heads(&self, limit: u32) -> Result<Vec<audit::PublishedHead>>;

    /// How many institution numbers are left in the series.
    fn numbers_left(&self) -> Result<u64>;

    /// How many records there are, open and closed, by level.
    fn counts(&self) -> Result<[(u64, u64); 3]>;
}

/// A change to be written. The store adds sequence, time, version and the times of the record's life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChange {
    /// What it does.
    pub handling: Handling,
    /// Who does it.
    pub origin: Origin,
    /// The record as it shall be; of `life` the store sets `version`, `oprettet`, `senest_opdateret` and, for
    /// [`Handling::Nedlagt`], `nedlagt`. The rest is taken as given.
    pub record: Record,
}

/// Something that gives or takes a right.
#[derive(Debug, Clone, Copy)]
pub enum Right<'a> {
    /// An organisation, inserted or replaced.
    Organisation(&'a Organisation),
    /// A system.
    System(&'a System),
    /// An administrator of an organisation.
    Administrator(&'a Administrator),
    /// An agreement.
    Agreement(&'a Aftale),
    /// A request for one: it gives no right, and whether it was asked and settled as told is proved alike.
    Request(&'a Anmodning),
}

/// A write transaction.
///
/// After an error of a method that writes the job must not be kept: part of the write may stand.
pub trait Write: Read {
    /// The next number of the series: the lowest never used above the counter.
    fn issue_number(&mut self) -> Result<Institutionsnummer>;

    /// Writes one change at time max(`now`, last + 1 ms), and returns it as written.
    fn save(&mut self, change: NewChange, now: Tidspunkt) -> Result<Aendring>;

    /// Stores the answer to a MessageID.
    fn save_answer(&mut self, key: &AnswerKey, svar: &SavedAnswer<&[u8]>) -> Result<()>;

    /// The next system's id; it is taken by [`Write::save_rights`].
    fn new_system_id(&mut self) -> Result<SystemId>;

    /// The next agreement's id; it is taken by [`Write::save_rights`].
    fn new_agreement_id(&mut self) -> Result<AftaleId>;

    /// The next request's id; it is taken by [`Write::save_rights`].
    fn new_request_id(&mut self) -> Result<AnmodningId>;

    /// Keeps what somebody wrote beside an act, until it is forgotten.
    fn save_comment(&mut self, comment: &Kommentar) -> Result<()>;

    /// Keeps who a person is, who was seen at a moment.
    fn save_person(&mut self, person: &Person, seen: Tidspunkt) -> Result<()>;

    /// Forgets comments written and persons last seen before a moment; tells how many rows that were.
    fn forget_persons(&mut self, before: Tidspunkt) -> Result<u64>;

    /// Gives an organisation the address for notices with a secret of this SHA-256, in place of the one it has; or takes
    /// that away. Tells whether it had one.
    fn save_notices(&mut self, cvr: Cvr, hash: Option<&[u8; 32]>) -> Result<bool>;

    /// Inserts rights or writes other versions of them, with the audit line that tells of them. A certificate that is bound
    /// elsewhere is an error; of an agreement nothing but its last day and its end can change, of a request nothing but how it is settled, once.
    fn save_rights(&mut self, rights: &[Right<'_>], line: &audit::Entry) -> Result<()>;

    /// Ends an agreement because of a change of this job, whose audit line tells of both. The store refuses to keep a job
    /// without it.
    fn end_agreement(&mut self, aftale: &Aftale) -> Result<()>;

    /// Keeps what a run found: findings that are open already are seen again, those not found any more are resolved, but
    /// for those whose code the run could not judge.
    fn save_fund(
        &mut self,
        found: &[NytFund],
        usagt: &[&str],
        records: u64,
        begyndt: Tidspunkt,
    ) -> Result<Kontrol>;

    /// Inserts or replaces an A-number.
    fn save_a_nummer(&mut self, number: &ANummer) -> Result<()>;

    /// Notes that a record is not the successor of an A-number.
    fn reject(&mut self, a_number: Institutionsnummer, g_number: Institutionsnummer) -> Result<()>;

    /// Appends an audit line to the chain, at time max(its own, last line).
    fn audit(&mut self, entry: &audit::Entry) -> Result<()>;

    /// The number of the last audit line as this transaction leaves it.
    fn last_audit_line(&self) -> u64;

    /// Keeps the head as that of this day, unless one of this or a later day is kept, or there is no line yet; tells
    /// whether it did.
    fn publish(&mut self, dato: Dato) -> Result<bool>;
}

/// What becomes of a job's writes, with what it answers.
#[derive(Debug)]
pub enum Outcome<T> {
    /// Keep them; deliver after the commit.
    Keep(T),
    /// Undo them; write the audit line, if any, with the next commit. Delivered without waiting for that line, but
    /// not before the commit of what the job may have read of its neighbours.
    Undo(T, Option<audit::Entry>),
}

/// Runs closures over the register. Cheap to clone through an `Arc`.
///
/// The closures are boxed so that the trait stays usable as `dyn Store`; [`StoreExt`] gives them typed answers.
pub trait Store: Send + Sync + 'static {
    /// Runs a closure with one consistent view. Blocks; never waits for writers.
    fn read_boxed(&self, job: &mut dyn FnMut(&dyn Read) -> Result<()>) -> Result<()>;

    /// The same for a view that may last: it may have to wait for a moment, and is ended with [`StoreError::Busy`] when it
    /// lasts so long that the register's files grow because of it.
    fn read_long_boxed(&self, job: &mut dyn FnMut(&dyn Read) -> Result<()>) -> Result<()> {
        self.read_boxed(job)
    }

    /// Where the register stands by the last commit that was noticed: own ones before their answers are delivered, those of
    /// other processes within 250 ms. Costs nothing to ask, and tells when it changes.
    fn positions(&self) -> tokio::sync::watch::Receiver<Position>;

    /// The same if that needs no waiting for other readers; none, and the closure is not called, if it does.
    fn read_now_boxed(&self, job: &mut dyn FnMut(&dyn Read) -> Result<()>) -> Option<Result<()>>;

    /// Queues a job for the writer; [`StoreError::Busy`] at once when the queue is full.
    fn submit(&self, job: Job) -> Result<()>;

    /// Proves that the writer can write and roll back, or, when its last commit failed, that it can commit again: for
    /// `/readyz`. The receiver gets the answer; a full or closed queue is told at once.
    fn check(&self) -> Result<tokio::sync::oneshot::Receiver<Result<()>>>;

    /// Queues the audit line of a refusal for the next commit. Equal ones of a minute are one line, with their count.
    fn audit_later(&self, entry: audit::Entry);
}

/// What a job comes to.
#[derive(Debug)]
pub struct Verdict {
    /// Keep the job's writes.
    pub keep: bool,
    /// An audit line to be written with this commit or the next.
    pub audit: Option<audit::Entry>,
    /// What failed in the job, if something did.
    pub failed: Option<StoreError>,
}

/// What the writer does.
pub trait Work: Send {
    /// Does it. Called again when the whole transaction had to be taken back, if [`Undo`] allows it.
    fn run(&mut self, tx: &mut dyn Write) -> Verdict;

    /// Called once: with `Ok` after the commit (or the undoing), else with what failed.
    fn deliver(self: Box<Self>, done: Result<()>);
}

/// How the writes of a job that keeps none are taken back, while its neighbours' stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    /// By a savepoint. The job is run once.
    Savepoint,
    /// By a savepoint, for it will keep none. The job may be run again.
    Tentative,
    /// With the transaction, whose jobs are then run again, each with a savepoint. For a job that decides before it writes, so
    /// that this hardly ever happens: a savepoint copies each page that the job changes.
    Transaction,
}

impl Undo {
    /// Whether the job may be run again. One that may shares no transaction with one that may not.
    pub const fn repeats(self) -> bool {
        !matches!(self, Self::Savepoint)
    }
}

/// A job for the writer.
pub struct Job {
    /// The organisation it is for; none: the machine's own. Organisations take turns.
    pub whose: Option<Cvr>,
    /// How many records it is about to write: what its turn is reckoned by.
    pub records: u32,
    /// How its writes are taken back.
    pub undo: Undo,
    /// The work.
    pub work: Box<dyn Work>,
}

/// Who is told how the writer is doing. Called on its way, so it must be quick.
pub trait Watch: Send + Sync + std::fmt::Debug {
    /// So many jobs wait.
    fn waiting(&self, jobs: usize);

    /// A group of jobs with so many changes is on disk, or failed to get there; and how long the commit took.
    fn committed(&self, jobs: usize, changes: u64, took: std::time::Duration, done: bool);
}
