//! Corrections of a person: a file is planned and shown, and the plan carried out; contact data of one record are a file of one row.
//! The person acts for an organisation, and what the person's own rights do not reach is an error of the plan.

use std::sync::Arc;

use super::super::common::NotGiven;
use super::super::login::LoginDesk;
use super::uploads::Upload;
use super::{PersonalDesk, refused};
use crate::identity::Caller;
use crate::import::{Rules, Safeguards};
use crate::person::{self, PersonRights, Session};
use crate::plan::{self, Contact, Desk, Digest, Order, Plan, Refusal};
use crate::problem::{Problem, login, plan as told};
use crate::register::{Cvr, Kommunekode, Person, Pseudonym};
use crate::server::exchange::DocumentCall;
use crate::site::{Came, Corrected, Personal, PersonalForm, Place, Shown, Told};
use crate::store::{Organisation, Store, StoreExt};

/// What a person's corrections are called in history and audit.
const OPERATION: &str = "mit/ret";
/// The longest case number, in characters.
const LONGEST_CASE: usize = 40;

/// What a form asks for.
enum Asked {
    /// To plan a file, which may be all of a kommune.
    File { bytes: Vec<u8>, whole: bool },
    /// To carry out a plan that was shown, with its closings confirmed.
    CarryOut { shown: Digest, confirmed: bool },
    /// To give all of a plan that was shown.
    Fetch { shown: Digest },
    /// To change the contact data of a record.
    Contact(Contact),
}

/// A form as a job for a thread that may block.
struct Job<S> {
    desk: Arc<PersonalDesk<S>>,
    page: (Personal, Place),
    session: Arc<Session>,
    pseudonym: Pseudonym,
    /// The organisation that was chosen.
    chosen: Option<Cvr>,
    case_number: Option<String>,
    asked: Asked,
}

/// For whom a person acts, by which rights.
struct Acting {
    organisation: Organisation,
    rights: PersonRights,
}

impl<S: Store> PersonalDesk<S> {
    /// Plans what is posted, or carries it out.
    pub(super) async fn correct(
        self: &Arc<Self>,
        login: &LoginDesk<S>,
        page: (Personal, Place),
        session: &Arc<Session>,
        form: &PersonalForm<'_>,
        call: &DocumentCall,
    ) -> Result<Shown, NotGiven> {
        let pseudonym = login.pseudonym(session);
        let pseudonym = pseudonym.ok_or_else(|| refused(&login::LOGIN_KRAEVES))?;
        let case_number = form.one("sagsnummer").map(str::to_owned);
        if case_number
            .as_ref()
            .is_some_and(|case| case.chars().count() > LONGEST_CASE)
        {
            return Err(form.wrong("sagsnummer", "1-40 tegn").into());
        }
        let chosen = form.one("organisation").map(Cvr::parse).transpose();
        let job = Job {
            desk: Arc::clone(self),
            page,
            session: Arc::clone(session),
            pseudonym,
            chosen: chosen.map_err(|_| form.wrong("organisation", "et CVR-nummer"))?,
            case_number,
            asked: asked(page.0, form)?,
        };
        self.common
            .in_turn(call.asking.who, move || job.run())
            .await
    }
}

fn asked(personal: Personal, form: &PersonalForm<'_>) -> Result<Asked, Box<Problem>> {
    let text = |name| form.one(name).unwrap_or_default().to_owned();
    if let Personal::Contact(_) = personal {
        return Ok(Asked::Contact(Contact {
            version: text("version"),
            email: text("email"),
            telephone: text("telefon"),
        }));
    }
    let Some(shown) = form.one("plan") else {
        let bytes = form.file("fil").unwrap_or_default().to_vec();
        let whole = form.one("hele").is_some();
        return Ok(Asked::File { bytes, whole });
    };
    let shown = Digest::parse(shown).ok_or_else(|| form.wrong("plan", "5012-3f2a…"))?;
    match form.one("goer") {
        Some("hent") => Ok(Asked::Fetch { shown }),
        Some("udfoer") => Ok(Asked::CarryOut {
            shown,
            confirmed: form.one("bekraeft").is_some(),
        }),
        _ => Err(form.wrong("goer", "udfoer, hent")),
    }
}

impl<S: Store> Job<S> {
    fn run(self) -> Result<Shown, NotGiven> {
        match &self.asked {
            Asked::File { bytes, whole } => self.file(bytes, *whole),
            Asked::CarryOut { shown, confirmed } => self.carry_out(*shown, *confirmed),
            Asked::Fetch { shown } => self.fetch(shown),
            Asked::Contact(contact) => self.contact(contact),
        }
    }

    fn file(&self, bytes: &[u8], whole: bool) -> Result<Shown, NotGiven> {
        let acting = self.acting(self.chosen)?;
        let cvr = acting.organisation.cvr;
        let kommune = match whole {
            false => None,
            true => {
                let own = acting.rights.whole_kommune(cvr);
                Some(own.ok_or_else(|| refused(&login::PERSON_UDEN_RET))?)
            }
        };
        let plan = self.plan(bytes, kommune, &acting)?;
        let upload = Upload {
            digest: plan.digest,
            cvr,
            whole: kommune,
            bytes: bytes.to_vec(),
        };
        self.desk.uploads.keep(&self.session, upload);
        self.shown(cvr, Came::Planned(Box::new(plan)))
    }

    fn carry_out(&self, shown: Digest, confirmed: bool) -> Result<Shown, NotGiven> {
        let (upload, acting, plan) = self.again(&shown)?;
        let confirmed = confirmed.then(|| plan.confirm());
        let done = self.done(plan, shown, confirmed, &acting);
        let came = match done {
            Ok(done) => {
                self.desk.uploads.forget(&self.session);
                Came::Done(done)
            }
            Err(refusal) => Came::Refused(refusal),
        };
        self.shown(upload.cvr, came)
    }

    fn fetch(&self, shown: &Digest) -> Result<Shown, NotGiven> {
        let (_, _, plan) = self.again(shown)?;
        self.desk.visit(
            self.page,
            &self.session,
            (&[], &Told::default()),
            |site, visit| Ok(site.plan_file(visit, &plan)),
        )
    }

    fn contact(&self, contact: &Contact) -> Result<Shown, NotGiven> {
        let Personal::Contact(number) = self.page.0 else {
            return Err(refused(&login::PERSON_UDEN_RET));
        };
        let acting = self.acting(self.chosen)?;
        let file = self.desk.common.store.read(|view| {
            let record = view.record(number)?;
            record.map_or(Ok(None), |record| contact.file(view, &record))
        })?;
        let file = file.ok_or_else(|| refused(&login::PERSON_UDEN_RET))?;
        let plan = self.plan(file.as_bytes(), None, &acting)?;
        let came = match plan.errors.is_empty() {
            false => Came::Refused(Refusal {
                problem: Box::new(
                    Problem::new(&told::PLAN_MED_FEJL).with("antal", plan.errors.len()),
                ),
                errors: plan.errors,
            }),
            true => {
                let shown = plan.digest;
                let done = self.done(plan, shown, None, &acting);
                done.map_or_else(Came::Refused, Came::Done)
            }
        };
        self.shown(acting.organisation.cvr, came)
    }

    /// The plan of the file that was kept, made again.
    fn again(&self, shown: &Digest) -> Result<(Arc<Upload>, Acting, Plan), NotGiven> {
        let upload = self.desk.uploads.of(&self.session, shown);
        let upload = upload.ok_or_else(|| refused(&told::PLAN_GLEMT))?;
        let acting = self.acting(Some(upload.cvr))?;
        // The right to all of a kommune may be gone.
        if upload.whole.is_some() && upload.whole != acting.rights.whole_kommune(upload.cvr) {
            return Err(refused(&login::PERSON_UDEN_RET));
        }
        let plan = self.plan(&upload.bytes, upload.whole, &acting)?;
        Ok((upload, acting, plan))
    }

    /// For whom the person acts: one of those that the rights are for, as they stand.
    fn acting(&self, chosen: Option<Cvr>) -> Result<Acting, NotGiven> {
        let person = &self.session.person;
        let (rights, found) = self.desk.common.store.read(|view| {
            let rights = person::rights(view, person)?;
            let found = rights.corrects_for(view)?;
            Ok((rights, found))
        })?;
        let mut found = found.into_iter();
        let organisation = match chosen {
            Some(cvr) => found.find(|own| own.cvr == cvr),
            None => found.next().filter(|_| found.next().is_none()),
        };
        let organisation = organisation.ok_or_else(|| refused(&login::PERSON_UDEN_RET))?;
        Ok(Acting {
            organisation,
            rights,
        })
    }

    fn desk(&self) -> Desk<'_> {
        let common = &self.desk.common;
        Desk {
            contract: &self.desk.contract,
            rules: Rules {
                tables: Arc::clone(&common.tables),
                privat: common.bounds.privat,
                safeguards: Safeguards::NONE,
                mirrors: self.desk.mirrors.now(),
            },
            store: &*common.store,
            clock: &common.clock,
            limits: common.bounds.xml,
            operation: OPERATION,
        }
    }

    fn caller(&self, acting: &Acting) -> Caller {
        let way = self.session.person.way.as_str();
        Caller::of_person(acting.organisation.clone(), way, self.pseudonym.clone())
    }

    fn plan(
        &self,
        bytes: &[u8],
        whole: Option<Kommunekode>,
        acting: &Acting,
    ) -> Result<Plan, NotGiven> {
        let plan = plan::plan(bytes, whole, &self.caller(acting), &self.desk())?;
        let cvr = acting.organisation.cvr;
        let store = &self.desk.common.store;
        Ok(store.read_long(|view| plan.within(&acting.rights, cvr, view))?)
    }

    fn done(
        &self,
        plan: Plan,
        shown: Digest,
        confirmed: Option<plan::Confirmed>,
        acting: &Acting,
    ) -> Result<plan::Done, Refusal> {
        let order = Order {
            caller: self.caller(acting),
            person: Some(Person {
                pseudonym: self.pseudonym.clone(),
                navn: self.session.person.navn.clone(),
                cvr: acting.organisation.cvr,
            }),
            case_number: self.case_number.clone(),
            shown,
            confirmed,
        };
        plan::carry_out(plan, order, &self.desk())
    }

    fn shown(&self, cvr: Cvr, came: Came) -> Result<Shown, NotGiven> {
        let contact = match &self.asked {
            Asked::Contact(contact) => Some(contact.clone()),
            _ => None,
        };
        let corrected = Corrected { cvr, came, contact };
        self.desk.visit(
            self.page,
            &self.session,
            (&[], &Told::default()),
            |site, visit| site.corrected(self.page.0, visit, &corrected),
        )
    }
}
