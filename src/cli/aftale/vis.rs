//! Agreements as they are shown: with the names behind the numbers, for nobody knows by heart who SYS-7 is.

use std::collections::HashMap;
use std::io::Write;
use std::ops::ControlFlow;

use serde_json::json;

use crate::agreements::principal;
use crate::cli::common::{self, CliError};
use crate::cli::org::kommuner;
use crate::config::Config;
use crate::register::{Aftale, Anmodning, Cvr, Dato, Kodetabel, Omfang, Part, SystemId};
use crate::store::{self, Read, Selection, Store, StoreExt};

/// The names of systems, organisations and kommuner.
pub(in crate::cli) struct Names {
    /// Each with its owner.
    systemer: HashMap<SystemId, (String, Cvr)>,
    organisationer: HashMap<Cvr, String>,
    kommuner: Kodetabel,
    /// The names of records, by the institution numbers and P-numbers that scopes name; none where they were not asked for.
    records: HashMap<String, String>,
    /// By which it is told what is in force.
    today: Dato,
}

impl Names {
    pub(in crate::cli) fn read(
        store: &dyn Store,
        config: &Config,
        today: Dato,
    ) -> Result<Self, CliError> {
        let (systemer, organisationer) = store
            .read(|view| Ok((view.systemer()?, view.organisationer()?)))
            .map_err(CliError::store("the names can't be read"))?;
        Ok(Self {
            systemer: systemer
                .into_iter()
                .map(|system| (system.id, (system.navn, system.ejer)))
                .collect(),
            organisationer: organisationer
                .into_iter()
                .map(|own| (own.cvr, own.navn))
                .collect(),
            kommuner: kommuner(config)?,
            records: HashMap::new(),
            today,
        })
    }

    /// With the names of the records that the scopes of agreements name.
    pub(super) fn with_scopes(
        mut self,
        store: &dyn Store,
        aftaler: &[Aftale],
    ) -> Result<Self, CliError> {
        let read = store.read(|view| {
            let mut names = HashMap::new();
            for aftale in aftaler {
                named(view, &aftale.omfang, &mut names)?;
            }
            Ok(names)
        });
        self.records = read.map_err(CliError::store("the names of records can't be read"))?;
        Ok(self)
    }

    /// The system's name, and its owner's.
    fn system(&self, id: SystemId) -> (Option<&str>, Option<&str>) {
        let Some((navn, ejer)) = self.systemer.get(&id) else {
            return (None, None);
        };
        (
            Some(navn),
            self.organisationer.get(ejer).map(String::as_str),
        )
    }

    /// The principal's name: that of the kommune in the code table, or that of a registered owner.
    fn part(&self, part: Part) -> Option<&str> {
        match part {
            Part::Kommune(code) => self.kommuner.tekst(i32::from(code.0)),
            Part::Ejer(cvr) => self.organisationer.get(&cvr).map(String::as_str),
        }
    }

    /// Tells what came of a change.
    pub(super) fn tell(
        &self,
        aftaler: &[Aftale],
        out: &mut dyn Write,
        as_json: bool,
        done: &str,
    ) -> Result<(), CliError> {
        if as_json {
            let rows: Vec<_> = aftaler.iter().map(|own| self.shown(own)).collect();
            return common::json(out, &json!({ "aftaler": rows }));
        }
        for aftale in aftaler {
            writeln!(out, "{done}: {}", self.described(aftale))?;
        }
        Ok(())
    }

    /// `AFT-1  SYS-1 (Eksempel, of Leverandøren A/S) import for kommune 751 (Aarhus): alle, from … (in force)`.
    pub(super) fn described(&self, aftale: &Aftale) -> String {
        let numbers: String = aftale
            .omfang
            .numre()
            .iter()
            .map(|number| match self.records.get(*number) {
                Some(navn) => format!(" {number} ({navn})"),
                None => format!(" {number}"),
            })
            .collect();
        let until = aftale
            .til
            .map_or(String::new(), |last| format!(" to {last}"));
        let state = match &aftale.lukket {
            Some((at, why)) => format!("ended {at}: {why}"),
            None if aftale.gaelder(self.today) => "in force".to_owned(),
            None if self.today < aftale.fra => "not yet in force".to_owned(),
            None => "expired".to_owned(),
        };
        let system = match self.system(aftale.system) {
            (Some(navn), Some(ejer)) => format!(" ({navn}, of {ejer})"),
            (Some(navn), None) => format!(" ({navn})"),
            _ => String::new(),
        };
        let part = self
            .part(aftale.part)
            .map_or(String::new(), |navn| format!(" ({navn})"));
        format!(
            "{}  {}{system} {} for {}{part}: {}{numbers} from {}{until} ({state})",
            aftale.id,
            aftale.system,
            aftale.tjeneste.as_str(),
            principal(aftale.part),
            aftale.omfang.art(),
            aftale.fra,
        )
    }

    fn shown(&self, aftale: &Aftale) -> serde_json::Value {
        let (kommune, ejer) = match aftale.part {
            Part::Kommune(code) => (Some(code.0), None),
            Part::Ejer(cvr) => (None, Some(cvr.to_string())),
        };
        let (system_navn, system_ejer) = self.system(aftale.system);
        json!({
            "id": aftale.id.to_string(),
            "system": aftale.system.to_string(),
            "systemNavn": system_navn,
            "systemEjer": system_ejer,
            "kommune": kommune,
            "ejer": ejer,
            "partNavn": self.part(aftale.part),
            "tjeneste": aftale.tjeneste.as_str(),
            "omfang": aftale.omfang.art(),
            "numre": aftale.omfang.numre(),
            "numreNavne": aftale.omfang.numre().iter().map(|own| self.records.get(*own)).collect::<Vec<_>>(),
            "fra": aftale.fra.to_string(),
            "til": aftale.til.map(|last| last.to_string()),
            "tilladOverlap": aftale.overlap,
            "gaelder": aftale.gaelder(self.today),
            "oprettet": aftale.oprettet.to_string(),
            "lukket": aftale.lukket.as_ref().map(|(at, _)| at.to_string()),
            "aarsag": aftale.lukket.as_ref().map(|(_, why)| why),
            "afloeser": aftale.afloeser.map(|id| id.to_string()),
        })
    }

    /// `ANM-1  SYS-1 (…) asks import of kommune 751 (Aarhus): alle, from … (VENTER, since …)`.
    pub(in crate::cli) fn described_request(&self, request: &Anmodning) -> String {
        let numbers: String = request
            .omfang
            .numre()
            .iter()
            .map(|number| format!(" {number}"))
            .collect();
        let until = request
            .til
            .map_or(String::new(), |last| format!(" to {last}"));
        let system = match self.system(request.system) {
            (Some(navn), Some(ejer)) => format!(" ({navn}, of {ejer})"),
            (Some(navn), None) => format!(" ({navn})"),
            _ => String::new(),
        };
        let part = self.part(request.part);
        let part = part.map_or(String::new(), |navn| format!(" ({navn})"));
        let state = match request.state.afgjort() {
            None => format!("since {}", request.oprettet),
            Some(af) => {
                let by = af
                    .cvr
                    .map_or("the register's operator".to_owned(), |cvr| cvr.to_string());
                let made = request.state.aftale();
                let made = made.map_or(String::new(), |id| format!(", as {id}"));
                format!("{} by {by}{made}", af.tidspunkt)
            }
        };
        format!(
            "{}  {}{system} asks {} of {}{part}: {}{numbers} from {}{until} ({}, {state})",
            request.id,
            request.system,
            request.tjeneste.as_str(),
            principal(request.part),
            request.omfang.art(),
            request.fra,
            request.state.standing().as_str(),
        )
    }

    /// A request as a JSON object.
    pub(in crate::cli) fn asked(&self, request: &Anmodning) -> serde_json::Value {
        let (kommune, ejer) = match request.part {
            Part::Kommune(code) => (Some(code.0), None),
            Part::Ejer(cvr) => (None, Some(cvr.to_string())),
        };
        let (system_navn, system_ejer) = self.system(request.system);
        let settled = request.state.afgjort();
        json!({
            "id": request.id.to_string(),
            "stand": request.state.standing().as_str(),
            "system": request.system.to_string(),
            "systemNavn": system_navn,
            "systemEjer": system_ejer,
            "kommune": kommune,
            "ejer": ejer,
            "partNavn": self.part(request.part),
            "tjeneste": request.tjeneste.as_str(),
            "omfang": request.omfang.art(),
            "numre": request.omfang.numre(),
            "fra": request.fra.to_string(),
            "til": request.til.map(|last| last.to_string()),
            "oprettet": request.oprettet.to_string(),
            "afgjort": settled.map(|af| af.tidspunkt.to_string()),
            "afgjortAf": settled.and_then(|af| af.cvr).map(|cvr| cvr.to_string()),
            "person": settled.and_then(|af| af.person.as_ref()).map(ToString::to_string),
            "aftale": request.state.aftale().map(|id| id.to_string()),
        })
    }
}

/// The names behind the numbers of a scope.
fn named(
    view: &dyn Read,
    omfang: &Omfang,
    names: &mut HashMap<String, String>,
) -> store::Result<()> {
    match omfang {
        Omfang::Alle => {}
        Omfang::Institutioner(list) => {
            for &number in list {
                if let Some(record) = view.record(number)? {
                    names.insert(number.to_string(), record.content.navn().to_owned());
                }
            }
        }
        Omfang::PNumre(list) => {
            for &number in list {
                let place = Selection {
                    p_nummer: Some(number),
                    ..Selection::default()
                };
                let mut found = Vec::new();
                view.records(&place, &mut |record| {
                    found.push(format!("{} {}", record.nummer, record.content.navn()));
                    ControlFlow::Continue(())
                })?;
                // Several units may have one P-number; an agreement about it is about all of them.
                if !found.is_empty() {
                    names.insert(number.to_string(), found.join(", "));
                }
            }
        }
    }
    Ok(())
}
