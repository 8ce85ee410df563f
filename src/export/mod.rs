//! The read side: what each operation and document of the EksportService answers (kontrakt §5 and §9).
//!
//! A reading is one consistent view of the register; the answer names the `sekvens` and `epoke` that it shows.

pub mod csv;
mod documents;
pub mod feed;
mod fund;
mod operations;
pub mod parameters;
mod query;
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
use crate::store::{self, Aendring, Aftaler, Moment, OrgKind, Portion, Position, Read, Selection};
use crate::xml::Writer;

pub use documents::{Afhaengig, Contents, Document, DocumentError, LOOK};
pub use fund::fundrapport;
pub use operations::{Number, READS, ReadOperation, Reading};
pub use seal::{Seal, SealError};
use shared_records::Choice;
pub use shared_records::SharedRecords;
pub use signature::{DocumentSignature, sha256};
pub use who::may_follow;
use who::{Insight, Systemnavne};

/// What a record takes in an answer, about, in bytes.
pub const POST: usize = 1200;

/// How many changes `GetAendringer` gives when not told.
const DEFAULT_CHANGES: u32 = 100;

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
    /// Reads the register and writes the whole envelope; the inner error refuses the call.
    pub fn answer(&self, view: &dyn Read) -> store::Result<Result<Vec<Bytes>, Problem>> {
        let position = view.position()?;
        let form = Form {
            version: self.service.version,
            tables: self.tables,
        };
        let select = query::select(self.operation.number, self.message);
        match self.operation.reading {
            Reading::Tree => self.records(view, position, None, select, form),
            Reading::List(level) => self.records(view, position, Some(level), select, form),
            Reading::CodeTables => {
                let tables = self.wrap(position, 200_000, |w| write::code_tables(w, self.tables));
                one(Ok(Ok(tables)))
            }
            Reading::History => one(self.history(view, position, form)),
            Reading::TreeAt => one(self.tree_at(view, form)),
            Reading::Changes => one(self.changes(view, position, form)),
            Reading::Agreements => one(self.agreements(view, position)),
        }
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
        let select = query::select(self.operation.number, self.message);
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
    ) -> store::Result<Result<Vec<Bytes>, Problem>> {
        let choice = self.choice();
        if let Some(text) = choice.and_then(|choice| self.shared_records.find(choice, position)) {
            return Ok(Ok(self.around(position, text)));
        }
        let posts = match collect(view, &Selection { niveau, ..select }, self.most)? {
            Ok(posts) => posts,
            Err(problem) => return Ok(Err(*problem)),
        };
        let write = |w: &mut Writer| match niveau {
            None => write::trees(w, &posts, form),
            Some(_) => write::list(w, &posts, form),
        };
        let Some(choice) = choice else {
            let whole = self.wrap(position, POST * posts.len(), write);
            return Ok(Ok(vec![whole.into()]));
        };
        let mut own = Writer::with_capacity(POST * posts.len());
        write(&mut own);
        drop(posts);
        match self
            .shared_records
            .keep(choice, position, own.into_string())
        {
            Ok(text) => Ok(Ok(self.around(position, text))),
            // Too long to be shared: it is counted as this answer's own.
            Err(text) => {
                let whole = self.wrap(position, text.len(), |w| {
                    w.raw(&text);
                });
                Ok(Ok(vec![whole.into()]))
            }
        }
    }

    /// The envelope around records that others have too.
    fn around(&self, position: Position, text: Bytes) -> Vec<Bytes> {
        let mut at = 0;
        let envelope = Bytes::from(self.wrap(position, 0, |w| at = w.as_str().len()));
        vec![envelope.slice(..at), text, envelope.slice(at..)]
    }

    fn history(
        &self,
        view: &dyn Read,
        position: Position,
        form: Form<'_>,
    ) -> store::Result<Result<Vec<u8>, Problem>> {
        let number = self
            .message
            .parameter(Field::Institutionsnummer)
            .and_then(|n| Institutionsnummer::parse(n).ok());
        let changes = match number {
            Some(number) => view.historik(number)?,
            None => Vec::new(),
        };
        let shown = self.shown(view, &changes, form)?;
        Ok(Ok(self.wrap(position, shown.len(), |w| {
            w.raw(&shown);
        })))
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

    fn tree_at(&self, view: &dyn Read, form: Form<'_>) -> store::Result<Result<Vec<u8>, Problem>> {
        // The schema lets nothing through that is not an instant; the earliest one stands for what cannot come.
        let sent = self
            .message
            .parameter(Field::Tidspunkt)
            .and_then(|text| Tidspunkt::parse(text).ok());
        let moment = Moment::Tidspunkt(sent.unwrap_or(Tidspunkt::from_millis(i64::MIN)));
        let closed = self.message.flag(Field::InkluderNedlagte);
        let posts = match as_of(view, moment, closed, self.most)? {
            Ok(posts) => posts,
            Err(problem) => return Ok(Err(*problem)),
        };
        let position = view.position_on(moment)?;
        Ok(Ok(self.wrap(position, POST * posts.len(), |w| {
            write::trees(w, &posts, form)
        })))
    }

    fn changes(
        &self,
        view: &dyn Read,
        position: Position,
        form: Form<'_>,
    ) -> store::Result<Result<Vec<u8>, Problem>> {
        let number = |field| {
            self.message
                .parameter(field)
                .and_then(|text| text.parse::<u64>().ok())
        };
        let after = Sekvens(number(Field::EfterSekvens).unwrap_or(0));
        if after > position.sekvens {
            let problem = Problem::new(&soap::SEKVENS_EFTER_SIDSTE);
            return Ok(Err(problem
                .with("efter", after)
                .with("sidste", position.sekvens)));
        }
        let limit = number(Field::MaksAntal)
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(DEFAULT_CHANGES);
        let changes = view.aendringer(after, limit)?;
        let last = changes.last().map_or(after, |change| change.sekvens);
        let shown = self.shown(view, &changes, form)?;
        Ok(Ok(self.wrap(position, shown.len(), |w| {
            w.leaf("sidsteSekvens", &last.to_string());
            w.raw(&shown);
        })))
    }

    /// The agreements of the calling system; for an organisation that calls as itself those that it gave, and for a
    /// kommune first what it has without any (kontrakt §5).
    fn agreements(
        &self,
        view: &dyn Read,
        position: Position,
    ) -> store::Result<Result<Vec<u8>, Problem>> {
        let organisation = self.caller.organisation();
        let own = organisation
            .kommune
            .filter(|_| organisation.art == OrgKind::Kommune);
        let aftaler = match (self.caller.system(), own) {
            (Some(system), _) => view.aftaler(Aftaler::AabneFor(system.id))?,
            (None, Some(kommune)) => view.aftaler(Aftaler::Fra(Part::Kommune(kommune)))?,
            (None, None) => view.aftaler(Aftaler::Fra(Part::Ejer(organisation.cvr)))?,
        };
        let own = own.filter(|_| self.caller.system().is_none());
        let numbers: Vec<_> = match own {
            Some(kommune) => {
                let own = Selection {
                    adm_kommune: Some(kommune),
                    ..Selection::default()
                };
                match collect(view, &own, self.most)? {
                    Ok(posts) => posts.into_iter().map(|record| record.nummer).collect(),
                    Err(problem) => return Ok(Err(*problem)),
                }
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
        let records = shown
            .iter()
            .map(|(_, _, covered)| covered.len())
            .sum::<usize>();
        // A number takes 60 bytes, a record's 1200.
        let records = (numbers.len() + records) / 20 + shown.len();
        Ok(Ok(self.wrap(position, records, |w| {
            if let Some(kommune) = own {
                write::own_kommune(w, kommune, &numbers);
            }
            for (aftale, system, covered) in &shown {
                write::agreement(w, aftale, system.as_ref(), today, covered);
            }
        })))
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

/// An answer in one part.
fn one(
    answer: store::Result<Result<Vec<u8>, Problem>>,
) -> store::Result<Result<Vec<Bytes>, Problem>> {
    answer.map(|answer| answer.map(|bytes| vec![bytes.into()]))
}

/// Records, or the refusal of so many.
type Records = Result<Vec<Record>, Box<Problem>>;

/// The chosen records, by number, if they are not more than `most`. Of a selection that may be most of the register they are
/// counted first, so that none is read in vain.
fn collect(view: &dyn Read, selection: &Selection, most: usize) -> store::Result<Records> {
    if selection.is_wide() && view.has_more_than(selection, most)? {
        return Ok(Err(too_many(most)));
    }
    let (mut posts, mut more) = (Vec::new(), false);
    view.records(selection, &mut |record| {
        more = posts.len() == most;
        if more {
            return ControlFlow::Break(());
        }
        posts.push(record);
        ControlFlow::Continue(())
    })?;
    Ok(if more { Err(too_many(most)) } else { Ok(posts) })
}

/// All records as they stood at a moment, if they were not more. There are never fewer later: where all of now are few enough,
/// so were those.
fn as_of(view: &dyn Read, moment: Moment, closed: bool, most: usize) -> store::Result<Records> {
    let all = Selection {
        inkluder_nedlagte: true,
        ..Selection::default()
    };
    if view.has_more_than(&all, most)? && view.had_more_than(moment, most)? {
        return Ok(Err(too_many(most)));
    }
    let mut posts = Vec::new();
    view.records_on(moment, &mut |record| {
        if closed || record.is_active() {
            posts.push(record);
        }
        ControlFlow::Continue(())
    })?;
    Ok(Ok(posts))
}

/// What stood under the daginstitutioner of a kommune at a moment, as far down as a level, closed ones too: that level alone,
/// or with all that is above it. Nothing else is counted.
fn portion_of(
    view: &dyn Read,
    moment: Moment,
    (kommune, niveau): (Kommunekode, Niveau),
    med_over: bool,
    most: usize,
) -> store::Result<Records> {
    let mut posts: Vec<Record> = Vec::new();
    let mut level: Vec<Institutionsnummer> = Vec::new();
    for depth in Niveau::ALL {
        let portion = match depth {
            Niveau::Daginstitution => Portion::Toppe(Some(kommune)),
            _ => Portion::Under(&level),
        };
        let from = posts.len();
        if let Err(problem) = read_more(view, moment, portion, most, &mut posts)? {
            return Ok(Err(problem));
        }
        if depth == niveau {
            break;
        }
        level = posts[from..].iter().map(|record| record.nummer).collect();
        if !med_over {
            posts.clear();
        }
    }
    posts.sort_unstable_by_key(|record| record.nummer);
    Ok(Ok(posts))
}

/// The records of a level as they stood at a moment, closed ones too: alone, or with what they stood under. Nothing else is
/// read or counted.
fn level_of(
    view: &dyn Read,
    moment: Moment,
    niveau: Niveau,
    med_over: bool,
    most: usize,
) -> store::Result<Records> {
    let mut posts: Vec<Record> = Vec::new();
    let mut from = 0;
    let mut over: Vec<Institutionsnummer> = Vec::new();
    loop {
        let portion = match from {
            0 => Portion::Niveau(niveau),
            _ => Portion::Disse(&over),
        };
        if let Err(problem) = read_more(view, moment, portion, most, &mut posts)? {
            return Ok(Err(problem));
        }
        over = posts[from..]
            .iter()
            .filter_map(|record| record.content.parent())
            .collect();
        over.sort_unstable();
        over.dedup();
        from = posts.len();
        if over.is_empty() || !med_over {
            break;
        }
    }
    posts.sort_unstable_by_key(|record| record.nummer);
    Ok(Ok(posts))
}

/// Reads a part of the records of a moment to the others, if they are not more than `most` together.
fn read_more(
    view: &dyn Read,
    moment: Moment,
    portion: Portion<'_>,
    most: usize,
    posts: &mut Vec<Record>,
) -> store::Result<Result<(), Box<Problem>>> {
    let mut more = false;
    view.chosen_on(moment, portion, &mut |record| {
        more = posts.len() == most;
        if more {
            return ControlFlow::Break(());
        }
        posts.push(record);
        ControlFlow::Continue(())
    })?;
    Ok(if more { Err(too_many(most)) } else { Ok(()) })
}

fn too_many(most: usize) -> Box<Problem> {
    Box::new(Problem::new(&http::FOR_MANGE_POSTER).with("mest", most))
}
