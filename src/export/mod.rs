//! The read side: what each operation and document of the EksportService answers (kontrakt §5 and §9).
//!
//! A reading is one consistent view of the register; the answer names the `sekvens` and `epoke` that it shows.

pub mod csv;
mod documents;
pub mod feed;
mod fund;
mod operations;
pub mod parameters;
mod seal;
mod shared_records;
mod signature;
mod who;
mod write;

use std::ops::ControlFlow;

use hyper::body::Bytes;

use crate::agreements;
use crate::contract::{Operation, Service};
use crate::identity::Caller;
use crate::message::{Field, Form, Message};
use crate::mirror::Mirrors;
use crate::problem::{Problem, http, soap};
use crate::register::{
    Institutionsnummer, Kodetabeller, Kommunekode, Niveau, Part, Record, Sekvens, Tidspunkt,
};
use crate::soap::{Reply, envelope};
use crate::store::{
    self, Aendring, Aftaler, Moment, OrgKind, Portion, Position, Read, Selection, StoreError, Visit,
};
use crate::xml::Writer;

pub use documents::{Afhaengig, Contents, Document, LOOK, one as record_document};
pub use fund::fundrapport;
pub use operations::{Number, READS, ReadOperation, Reading};
pub use seal::{Seal, SealError};
use shared_records::Choice;
pub use shared_records::SharedRecords;
pub use signature::{DocumentSignature, sha256};
pub use who::may_follow;
pub use who::navn as actor_name;
use who::{Insight, Systemnavne};

/// What a record takes in an answer, about, in bytes.
pub const POST: usize = 1200;

/// How many changes `GetAendringer` gives when not told.
const DEFAULT_CHANGES: u32 = 100;

/// Why an export is not given.
#[derive(Debug)]
pub enum ExportError {
    /// What the caller is told.
    Problem(Box<Problem>),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for ExportError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Problem> for ExportError {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<Box<Problem>> for ExportError {
    fn from(problem: Box<Problem>) -> Self {
        Self::Problem(problem)
    }
}

type Result<T> = std::result::Result<T, ExportError>;

/// What a reading of the store comes to, and in it what the caller is told.
///
/// # Errors
/// The store's.
pub fn told<T>(given: Result<T>) -> store::Result<std::result::Result<T, Box<Problem>>> {
    match given {
        Ok(given) => Ok(Ok(given)),
        Err(ExportError::Problem(problem)) => Ok(Err(problem)),
        Err(ExportError::Store(error)) => Err(error),
    }
}

/// An export as it is asked for.
#[derive(Debug)]
pub struct Export<'a> {
    /// The service called.
    pub service: &'static Service,
    /// The operation.
    pub operation: &'static ReadOperation,
    /// Its parameters.
    pub message: &'a Message,
    /// Who calls.
    pub caller: &'a Caller,
    /// How to answer.
    pub reply: Reply<'a>,
    /// The code tables.
    pub tables: &'a Kodetabeller,
    /// The mirrors, which tell what an owner's agreement covers.
    pub mirrors: &'a Mirrors,
    /// What was written for others.
    pub shared_records: &'a SharedRecords,
    /// When it is asked for.
    pub now: Tidspunkt,
    /// The most records of one answer.
    pub most: usize,
}

impl Export<'_> {
    /// Reads the register and writes the whole envelope.
    ///
    /// # Errors
    /// [`ExportError`].
    pub fn answer(&self, view: &dyn Read) -> Result<Vec<Bytes>> {
        let position = view.position()?;
        let form = Form {
            version: self.service.version,
            tables: self.tables,
        };
        let select = self.operation.select(self.message);
        let whole = match self.operation.reading {
            Reading::Tree => return self.records(view, position, None, select, form),
            Reading::List(level) => return self.records(view, position, Some(level), select, form),
            Reading::CodeTables => {
                self.wrap(position, 200_000, |w| write::code_tables(w, self.tables))
            }
            Reading::History => self.history(view, position, form)?,
            Reading::TreeAt => self.tree_at(view, form)?,
            Reading::Changes => self.changes(view, position, form)?,
            Reading::Agreements => self.agreements(view, position)?,
        };
        Ok(vec![whole.into()])
    }

    /// Whether it is about the whole register: its records are written once for each state, and one writes at a time.
    pub fn is_whole(&self) -> bool {
        self.choice().is_some()
    }

    /// The whole register as it was written for others, where it was.
    ///
    /// # Errors
    /// The store's.
    pub fn at_hand(&self, view: &dyn Read) -> store::Result<Option<Vec<Bytes>>> {
        let position = view.position()?;
        let found = self
            .choice()
            .and_then(|choice| self.shared_records.find(choice, position));
        Ok(found.map(|text| self.around(position, text)))
    }

    fn choice(&self) -> Option<Choice> {
        let niveau = match self.operation.reading {
            Reading::Tree => None,
            Reading::List(level) => Some(level),
            _ => return None,
        };
        let select = self.operation.select(self.message);
        let nedlagte = select.inkluder_nedlagte;
        let whole = Selection {
            inkluder_nedlagte: nedlagte,
            ..Selection::default()
        };
        (select == whole).then_some(Choice {
            version: self.service.version,
            niveau,
            nedlagte,
        })
    }

    /// Trees, or records of one level.
    fn records(
        &self,
        view: &dyn Read,
        position: Position,
        niveau: Option<Niveau>,
        select: Selection,
        form: Form<'_>,
    ) -> Result<Vec<Bytes>> {
        let choice = self.choice();
        if let Some(text) = choice.and_then(|choice| self.shared_records.find(choice, position)) {
            return Ok(self.around(position, text));
        }
        let posts = collect(view, &Selection { niveau, ..select }, self.most)?;
        let write = |w: &mut Writer| match niveau {
            None => write::trees(w, &posts, form),
            Some(_) => write::list(w, &posts, form),
        };
        let Some(choice) = choice else {
            let whole = self.wrap(position, POST * posts.len(), write);
            return Ok(vec![whole.into()]);
        };
        let mut own = Writer::with_capacity(POST * posts.len());
        write(&mut own);
        drop(posts);
        let own = own.into_string();
        Ok(match self.shared_records.keep(choice, position, own) {
            Ok(text) => self.around(position, text),
            // Too long to be shared: it is counted as this answer's own.
            Err(text) => vec![self.wrap_text(position, &text).into()],
        })
    }

    /// The envelope around records that others have too.
    fn around(&self, position: Position, text: Bytes) -> Vec<Bytes> {
        let mut at = 0;
        let envelope = Bytes::from(self.wrap(position, 0, |w| at = w.as_str().len()));
        vec![envelope.slice(..at), text, envelope.slice(at..)]
    }

    fn history(&self, view: &dyn Read, position: Position, form: Form<'_>) -> Result<Vec<u8>> {
        let number = self.message.parameter(Field::Institutionsnummer);
        let changes = match number.map(Institutionsnummer::parse) {
            Some(Ok(number)) => view.historik(number)?,
            _ => Vec::new(),
        };
        let shown = self.shown(view, &changes, form)?;
        Ok(self.wrap_text(position, &shown))
    }

    /// Changes as the caller may see them.
    fn shown(
        &self,
        view: &dyn Read,
        changes: &[Aendring],
        form: Form<'_>,
    ) -> store::Result<String> {
        let insight = Insight::new(view, self.caller, agreements::today(self.now)?)?;
        let mut names = Systemnavne::default();
        let mut w = Writer::with_capacity(POST * changes.len());
        for change in changes {
            write::change_open(&mut w, change, form);
            if insight.sees(change) {
                who::the_rest(&mut w, &change.origin, view, &mut names)?;
            }
            w.close("aendring");
        }
        Ok(w.into_string())
    }

    fn tree_at(&self, view: &dyn Read, form: Form<'_>) -> Result<Vec<u8>> {
        // The schema lets nothing through that is not an instant; the earliest one stands for what cannot come.
        let sent = self
            .message
            .parameter(Field::Tidspunkt)
            .and_then(|text| Tidspunkt::parse(text).ok());
        let moment = Moment::Tidspunkt(sent.unwrap_or(Tidspunkt::from_millis(i64::MIN)));
        let closed = self.message.flag(Field::InkluderNedlagte);
        let posts = as_of(view, moment, closed, self.most)?;
        let position = view.position_on(moment)?;
        Ok(self.wrap(position, POST * posts.len(), |w| {
            write::trees(w, &posts, form);
        }))
    }

    fn changes(&self, view: &dyn Read, position: Position, form: Form<'_>) -> Result<Vec<u8>> {
        let number = |field| self.message.parameter(field)?.parse::<u64>().ok();
        let after = Sekvens(number(Field::EfterSekvens).unwrap_or(0));
        if after > position.sekvens {
            let problem = Problem::new(&soap::SEKVENS_EFTER_SIDSTE).with("efter", after);
            return Err(problem.with("sidste", position.sekvens).into());
        }
        let limit = number(Field::MaksAntal)
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(DEFAULT_CHANGES);
        let changes = view.aendringer(after, limit)?;
        let last = changes.last().map_or(after, |change| change.sekvens);
        let shown = self.shown(view, &changes, form)?;
        Ok(self.wrap(position, shown.len(), |w| {
            w.leaf("sidsteSekvens", &last.to_string());
            w.raw(&shown);
        }))
    }

    /// The agreements of the calling system; for an organisation that calls as itself those that it gave, and for a
    /// kommune first what it has without any (kontrakt §5).
    fn agreements(&self, view: &dyn Read, position: Position) -> Result<Vec<u8>> {
        let organisation = self.caller.organisation();
        let itself = self.caller.system().is_none() && organisation.art == OrgKind::Kommune;
        let own = organisation.kommune.filter(|_| itself);
        let aftaler = view.aftaler(match (self.caller.system(), own) {
            (Some(system), _) => Aftaler::AabneFor(system.id),
            (None, Some(kommune)) => Aftaler::Fra(Part::Kommune(kommune)),
            (None, None) => Aftaler::Fra(Part::Ejer(organisation.cvr)),
        })?;
        let numbers: Vec<_> = match own {
            Some(kommune) => {
                let own = Selection {
                    adm_kommune: Some(kommune),
                    ..Selection::default()
                };
                let posts = collect(view, &own, self.most)?;
                posts.into_iter().map(|record| record.nummer).collect()
            }
            None => Vec::new(),
        };
        let today = agreements::today(self.now)?;
        let mut shown = Vec::with_capacity(aftaler.len());
        for aftale in &aftaler {
            let system = view.system(aftale.system)?;
            let covered = if aftale.gaelder(today) {
                agreements::covered(view, aftale, today, self.mirrors)?
            } else {
                Vec::new()
            };
            shown.push((aftale, system, covered));
        }
        let covered: usize = shown.iter().map(|(.., covered)| covered.len()).sum();
        // A number takes 60 bytes, a record's 1200.
        let records = (numbers.len() + covered) / 20 + shown.len();
        Ok(self.wrap(position, records, |w| {
            if let Some(kommune) = own {
                write::own_kommune(w, kommune, &numbers);
            }
            for (aftale, system, covered) in &shown {
                write::agreement(w, aftale, system.as_ref(), today, covered);
            }
        }))
    }

    /// The envelope around a text.
    fn wrap_text(&self, position: Position, text: &str) -> Vec<u8> {
        self.wrap(position, text.len(), |w| {
            w.raw(text);
        })
    }

    /// The envelope with the response wrapper and the result element, which begins with sequence and epoch.
    fn wrap(&self, position: Position, bytes: usize, body: impl FnOnce(&mut Writer)) -> Vec<u8> {
        let Operation { name, result, .. } = self.operation.operation;
        let response = format!("{name}Response");
        let action = format!("{}Response", self.operation.operation.action(self.service));
        envelope(self.reply, &action, 512 + bytes, None, |w| {
            w.open(&response);
            write::namespaces(w, self.service);
            w.open(result);
            write::position(w, position);
            body(w);
            w.close(result);
            w.close(&response);
        })
    }
}

/// The chosen records, by number, if they are not more than `most`. Of a selection that may be most of the register they are
/// counted first, so that none is read in vain.
fn collect(view: &dyn Read, selection: &Selection, most: usize) -> Result<Vec<Record>> {
    if selection.is_wide() && view.has_more_than(selection, most)? {
        return Err(too_many(most));
    }
    let mut posts = Vec::new();
    gather(&mut posts, most, |each| view.records(selection, each))?;
    Ok(posts)
}

/// All records as they stood at a moment, if they were not more. There are never fewer later: where all of now are few enough,
/// so were those.
fn as_of(view: &dyn Read, moment: Moment, closed: bool, most: usize) -> Result<Vec<Record>> {
    let all = Selection {
        inkluder_nedlagte: true,
        ..Selection::default()
    };
    if view.has_more_than(&all, most)? && view.had_more_than(moment, most)? {
        return Err(too_many(most));
    }
    let mut posts = Vec::new();
    view.records_on(moment, &mut |record| {
        if closed || record.is_active() {
            posts.push(record);
        }
        ControlFlow::Continue(())
    })?;
    Ok(posts)
}

/// What stood under the daginstitutioner of a kommune at a moment, as far down as a level, closed ones too: that level alone,
/// or with all that is above it. Nothing else is counted.
fn portion_of(
    view: &dyn Read,
    moment: Moment,
    (kommune, niveau): (Kommunekode, Niveau),
    med_over: bool,
    most: usize,
) -> Result<Vec<Record>> {
    let mut posts: Vec<Record> = Vec::new();
    let mut level: Vec<Institutionsnummer> = Vec::new();
    for depth in Niveau::ALL {
        let portion = match depth {
            Niveau::Daginstitution => Portion::Toppe(Some(kommune)),
            _ => Portion::Under(&level),
        };
        let from = posts.len();
        gather(&mut posts, most, |each| {
            view.chosen_on(moment, portion, each)
        })?;
        if depth == niveau {
            break;
        }
        level = posts[from..].iter().map(|record| record.nummer).collect();
        if !med_over {
            posts.clear();
        }
    }
    posts.sort_unstable_by_key(|record| record.nummer);
    Ok(posts)
}

/// The records of a level as they stood at a moment, closed ones too: alone, or with what they stood under. Nothing else is
/// read or counted.
fn level_of(
    view: &dyn Read,
    moment: Moment,
    niveau: Niveau,
    med_over: bool,
    most: usize,
) -> Result<Vec<Record>> {
    let mut posts: Vec<Record> = Vec::new();
    gather(&mut posts, most, |each| {
        view.chosen_on(moment, Portion::Niveau(niveau), each)
    })?;
    let mut from = if med_over { 0 } else { posts.len() };
    loop {
        let parents = posts[from..].iter().map(|record| record.content.parent());
        let mut over: Vec<_> = parents.flatten().collect();
        if over.is_empty() {
            break;
        }
        over.sort_unstable();
        over.dedup();
        from = posts.len();
        gather(&mut posts, most, |each| {
            view.chosen_on(moment, Portion::Disse(&over), each)
        })?;
    }
    posts.sort_unstable_by_key(|record| record.nummer);
    Ok(posts)
}

/// Reads records to the others, if they are not more than `most` together.
fn gather(
    posts: &mut Vec<Record>,
    most: usize,
    read: impl FnOnce(Visit<'_, Record>) -> store::Result<()>,
) -> Result<()> {
    let mut more = false;
    read(&mut |record| {
        more = posts.len() == most;
        if more {
            return ControlFlow::Break(());
        }
        posts.push(record);
        ControlFlow::Continue(())
    })?;
    if more { Err(too_many(most)) } else { Ok(()) }
}

fn too_many(most: usize) -> ExportError {
    Problem::new(&http::FOR_MANGE_POSTER)
        .with("mest", most)
        .into()
}
