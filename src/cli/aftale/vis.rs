//! Agreements as they are shown: with the names behind the numbers, for nobody knows by heart who SYS-7 is.

use std::collections::HashMap;
use std::io::Write;

use serde_json::json;

use crate::agreements::principal;
use crate::cli::common::{self, CliError};
use crate::cli::org::kommuner;
use crate::config::Config;
use crate::register::{Aftale, Cvr, Dato, Kodetabel, Part, SystemId};
use crate::store::{Store, StoreExt};

/// The names of systems, organisations and kommuner.
pub(super) struct Names {
    /// Each with its owner.
    systemer: HashMap<SystemId, (String, Cvr)>,
    organisationer: HashMap<Cvr, String>,
    kommuner: Kodetabel,
    /// By which it is told what is in force.
    today: Dato,
}

impl Names {
    pub(super) fn read(store: &dyn Store, config: &Config, today: Dato) -> Result<Self, CliError> {
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
            today,
        })
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
            .map(|number| format!(" {number}"))
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
}
