//! A request or an agreement as the list has it, with its history and comments.

use std::collections::BTreeMap;

use super::super::Visit;
use crate::agreements;
use crate::register::{
    Aftale, Anmodning, Cvr, Kommentar, Om, Omfang, Part, Pseudonym, Standing, SystemId, Tidspunkt,
    Tjeneste,
};
use crate::store;

/// So many of the numbers of a scope are written out.
const NUMBERS: usize = 20;

/// A row.
pub(super) struct Row {
    pub(super) id: String,
    /// Whether the person decides over it.
    pub(super) may: bool,
    pub(super) system: String,
    pub(super) owner: String,
    pub(super) part: String,
    pub(super) service: &'static str,
    pub(super) scope: String,
    pub(super) days: String,
    pub(super) state: String,
    pub(super) history: Vec<String>,
    /// Who wrote when, and what.
    pub(super) comments: Vec<(String, String)>,
}

/// Looks names up, each once.
pub(super) struct Names<'a> {
    visit: Visit<'a>,
    systems: BTreeMap<SystemId, (String, String)>,
}

impl<'a> Names<'a> {
    pub(super) const fn new(visit: &Visit<'a>) -> Self {
        Self {
            visit: *visit,
            systems: BTreeMap::new(),
        }
    }

    fn t<'t>(&self, da: &'t str, en: &'t str) -> &'t str {
        self.visit.language().of(da, en)
    }

    /// A system's name with its id, and whose it is.
    pub(super) fn system(&mut self, id: SystemId) -> store::Result<(String, String)> {
        if let Some(known) = self.systems.get(&id) {
            return Ok(known.clone());
        }
        let found = match self.visit.view.system(id)? {
            Some(system) => (
                format!("{} ({id})", system.navn),
                self.organisation(system.ejer)?,
            ),
            None => (id.to_string(), String::new()),
        };
        self.systems.insert(id, found.clone());
        Ok(found)
    }

    pub(super) fn organisation(&self, cvr: Cvr) -> store::Result<String> {
        let known = self.visit.view.organisation(cvr)?;
        Ok(known.map_or_else(
            || format!("CVR {cvr}"),
            |own| format!("{} (CVR {cvr})", own.navn),
        ))
    }

    pub(super) fn part(&self, part: Part) -> store::Result<String> {
        match part {
            Part::Kommune(code) => {
                let name = self.visit.tables.kommune.tekst(i32::from(code.0));
                Ok(format!("{} ({code})", name.unwrap_or("Kommune")))
            }
            Part::Ejer(cvr) => self.organisation(cvr),
        }
    }

    pub(super) fn service(&self, service: Tjeneste) -> &'static str {
        match service {
            Tjeneste::Import => self
                .visit
                .language()
                .of("skrive (import)", "write (import)"),
            Tjeneste::Eksport => self.visit.language().of("læse (eksport)", "read (export)"),
        }
    }

    fn scope(&self, omfang: &Omfang) -> String {
        let numbers = omfang.numre();
        let kind = match omfang {
            Omfang::Alle => return self.t("alt", "everything").to_owned(),
            Omfang::PNumre(_) => self.t("P-numre:", "P-numbers:"),
            Omfang::Institutioner(_) => self.t("institutioner:", "institutions:"),
        };
        let shown = numbers.len().min(NUMBERS);
        let mut out = format!("{kind} {}", numbers[..shown].join(", "));
        if numbers.len() > shown {
            let more = self.t("og flere, i alt", "and more, in all");
            out += &format!(" {more} {}", numbers.len());
        }
        out
    }

    /// The person, for those of the same organisation and for the operator; others are told the organisation.
    fn who(&self, cvr: Option<Cvr>, person: Option<&Pseudonym>) -> store::Result<String> {
        let organisation = match cvr {
            Some(cvr) => self.organisation(cvr)?,
            None => self
                .t("registerets drift", "the register's operator")
                .to_owned(),
        };
        let is_own = cvr == Some(self.visit.person.cvr) || self.visit.rights.operator().is_some();
        let known = match person.filter(|_| is_own) {
            Some(pseudonym) => self.visit.view.person(pseudonym)?,
            None => None,
        };
        Ok(match known {
            Some(person) => format!("{}, {organisation}", person.navn),
            None => organisation,
        })
    }

    fn comments(&self, om: Om) -> store::Result<Vec<(String, String)>> {
        let comments = self.visit.view.comments(om)?;
        let told = |one: Kommentar| {
            let who = self.who(one.cvr, one.person.as_ref())?;
            Ok((format!("{}, {who}", one.tidspunkt), one.tekst))
        };
        comments.into_iter().map(told).collect()
    }

    pub(super) fn request(&mut self, own: &Anmodning, may: bool) -> store::Result<Row> {
        let (system, owner) = self.system(own.system)?;
        let state = match own.state.standing() {
            Standing::Venter => self.t("venter på svar", "waits for an answer"),
            Standing::Godkendt => self.t("godkendt", "approved"),
            Standing::Afvist => self.t("afvist", "rejected"),
            Standing::Trukket => self.t("trukket tilbage", "taken back"),
        }
        .to_owned();
        let mut history = vec![format!(
            "{}: {}",
            own.oprettet,
            self.t("anmodet", "asked for")
        )];
        if let Some(settled) = own.state.afgjort() {
            let who = self.who(settled.cvr, settled.person.as_ref())?;
            let became = own.state.aftale().map(|id| format!(" → {id}"));
            let became = became.unwrap_or_default();
            history.push(format!("{}: {state}{became}, {who}", settled.tidspunkt));
        }
        Ok(Row {
            id: own.id.to_string(),
            may,
            system,
            owner,
            part: self.part(own.part)?,
            service: self.service(own.tjeneste),
            scope: self.scope(&own.omfang),
            days: self.days(own.fra, own.til),
            state,
            history,
            comments: self.comments(Om::Anmodning(own.id))?,
        })
    }

    pub(super) fn agreement(&mut self, own: &Aftale, may: bool) -> store::Result<Row> {
        let (system, owner) = self.system(own.system)?;
        let today = agreements::today(self.visit.now)?;
        let state = match (&own.lukket, own.gaelder(today)) {
            (Some(_), _) => self.t("afsluttet", "ended"),
            (None, true) => self.t("gælder", "holds"),
            (None, false) if own.fra > today => self.t("begynder senere", "begins later"),
            (None, false) => self.t("udløbet", "has run out"),
        }
        .to_owned();
        let made = self.t("indgået", "made");
        let mut history = vec![format!("{}: {made}", own.oprettet)];
        if let Some(before) = own.afloeser {
            history.push(format!("{} {before}", self.t("afløser", "takes over from")));
        }
        if let Some((at, why)) = &own.lukket {
            history.push(format!("{at}: {why}"));
        }
        Ok(Row {
            id: own.id.to_string(),
            may,
            system,
            owner,
            part: self.part(own.part)?,
            service: self.service(own.tjeneste),
            scope: self.scope(&own.omfang),
            days: self.days(own.fra, own.til),
            state,
            history,
            comments: self.comments(Om::Aftale(own.id))?,
        })
    }

    fn days(&self, first: crate::register::Dato, last: Option<crate::register::Dato>) -> String {
        let from = self.t("fra", "from");
        match last {
            Some(last) => format!("{from} {first} {} {last}", self.t("til", "to")),
            None => format!("{from} {first}"),
        }
    }

    /// The first and the last time that something was written.
    pub(super) fn written(&self, written: Option<(Tidspunkt, Tidspunkt)>) -> String {
        match written {
            None => self
                .t(
                    "Systemet har ikke skrevet i dem.",
                    "The system has not written in them.",
                )
                .to_owned(),
            Some((first, last)) => format!(
                "{} {first}, {} {last}.",
                self.t(
                    "Systemet har skrevet i dem siden",
                    "The system has written in them since"
                ),
                self.t("sidst", "last")
            ),
        }
    }
}
