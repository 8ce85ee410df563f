//! Which of the agreements and requests are listed.

use super::super::super::{NotShown, Place, invalid};
use super::super::Visit;
use super::row::Names;
use crate::person::query::encode;
use crate::register::{Kommunekode, Language, Part, SystemId, Tjeneste};
use crate::store;

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Requests that wait, and agreements that have not ended.
    Aabne,
    /// Requests that wait.
    Venter,
    /// Agreements that have not ended.
    Gaelder,
    /// Agreements that have ended.
    Afsluttet,
    /// Requests that are settled.
    Afgjort,
}

/// All, with their words.
const STATES: [(State, &str); 5] = [
    (State::Aabne, "aabne"),
    (State::Venter, "venter"),
    (State::Gaelder, "gaelder"),
    (State::Afsluttet, "afsluttet"),
    (State::Afgjort, "afgjort"),
];

/// What a list is asked for with.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) state: State,
    pub(super) service: Option<Tjeneste>,
    /// A system's id, or a part of its name.
    pub(super) system: String,
    pub(super) kommune: Option<Kommunekode>,
    /// The page, from 1.
    pub(super) side: usize,
}

/// The last page that can be asked for.
const LAST: usize = 100_000;

impl Filter {
    pub(super) fn of(visit: &Visit<'_>) -> Result<Self, NotShown> {
        let wrong = |name, text: &str, allowed| NotShown::Problem(invalid(name, text, allowed));
        let state = visit.value("stand").unwrap_or("aabne");
        let service = visit.value("tjeneste").map(|text| {
            Tjeneste::parse(text).ok_or_else(|| wrong("tjeneste", text, "import, eksport"))
        });
        let kommune = visit
            .value("kommune")
            .map(|text| Kommunekode::parse(text).map_err(|_| wrong("kommune", text, "1-9999")));
        let system = visit.value("system").unwrap_or_default();
        if system.chars().count() > 132 {
            return Err(wrong("system", "…", "0-132"));
        }
        let side = visit.value("side").unwrap_or("1");
        let page = side.parse().ok().filter(|side| (1..=LAST).contains(side));
        Ok(Self {
            state: STATES
                .iter()
                .find(|(_, word)| *word == state)
                .map(|(own, _)| *own)
                .ok_or_else(|| {
                    wrong("stand", state, "aabne, venter, gaelder, afsluttet, afgjort")
                })?,
            service: service.transpose()?,
            system: system.to_owned(),
            kommune: kommune.transpose()?,
            side: page.ok_or_else(|| wrong("side", side, "1-100000"))?,
        })
    }

    /// Whether something is listed.
    pub(super) fn takes(
        &self,
        names: &mut Names<'_>,
        (system, part, service): (SystemId, Part, Tjeneste),
    ) -> store::Result<bool> {
        if self.service.is_some_and(|own| own != service) {
            return Ok(false);
        }
        if self.kommune.is_some_and(|code| part != Part::Kommune(code)) {
            return Ok(false);
        }
        if self.system.is_empty() || self.system == system.to_string() {
            return Ok(true);
        }
        let name = names.system(system)?.0.to_lowercase();
        Ok(name.contains(&self.system.to_lowercase()))
    }

    /// The choices of where it stands.
    pub(super) fn states(&self, language: Language) -> Vec<(&'static str, &'static str, bool)> {
        let text = |state| match state {
            State::Aabne => language.of("venter eller gælder", "waits or holds"),
            State::Venter => language.of("anmodninger, der venter", "requests that wait"),
            State::Gaelder => language.of("aftaler, der gælder", "agreements that hold"),
            State::Afsluttet => language.of("aftaler, der er slut", "agreements that have ended"),
            State::Afgjort => {
                language.of("anmodninger, der er afgjort", "requests that are settled")
            }
        };
        let all = STATES.iter();
        all.map(|&(state, word)| (word, text(state), state == self.state))
            .collect()
    }

    /// The choices of service.
    pub(super) fn services(&self, language: Language) -> Vec<(&'static str, &'static str, bool)> {
        let own = |service: Option<Tjeneste>, text| {
            let word = service.map_or("", Tjeneste::as_str);
            (word, text, service == self.service)
        };
        vec![
            own(None, language.of("alle", "all")),
            own(Some(Tjeneste::Import), language.of("skrive", "write")),
            own(Some(Tjeneste::Eksport), language.of("læse", "read")),
        ]
    }

    /// The kommune's number, as the form shows it again.
    pub(super) fn code(&self) -> String {
        self.kommune
            .map(|code| code.to_string())
            .unwrap_or_default()
    }

    /// The address of a page of the same list.
    pub(super) fn address(&self, place: Place, side: usize) -> String {
        let word = STATES.iter().find(|(state, _)| *state == self.state);
        let word = word.map_or("aabne", |(_, word)| word);
        let mut out = format!("{}?stand={word}", place.path());
        if let Some(service) = self.service {
            out += &format!("&tjeneste={}", service.as_str());
        }
        if !self.system.is_empty() {
            out += &format!("&system={}", encode(&self.system));
        }
        if let Some(code) = self.kommune {
            out += &format!("&kommune={code}");
        }
        out + &format!("&side={side}")
    }
}
