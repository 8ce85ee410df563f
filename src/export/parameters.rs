//! The parameters of what is fetched without SOAP (kontrakt §9). There is one rule for all paths: a parameter that a path does
//! not know, that is given twice, or whose value cannot be used is refused with what is allowed.

use std::time::Duration;

use uuid::Uuid;

use super::csv::DecimalMark;
use crate::problem::{Parameter, Problem, parameter, register};
use crate::register::{Dato, Kodetabel, Kommunekode, Sekvens, Tidspunkt};
use crate::store::Moment;

/// How many changes a page of the feed has when not told, and at most.
const ANTAL: u32 = 100;
const MOST: u32 = 1000;
/// How long a call may wait for a change, in seconds.
const LAENGST: u64 = 25;

/// A parameter that some path knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Param {
    /// Only what concerns this kommune.
    Kommune,
    /// As the register stood then.
    Pr,
    /// The decimal sign of coordinates.
    DecimalMark,
    /// After this change.
    Efter,
    /// At most so many changes.
    Antal,
    /// How long to wait for a change.
    Vent,
    /// The line of history that the caller follows.
    Epoke,
}

/// What a query asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query {
    /// [`Param::Kommune`].
    pub kommune: Option<Kommunekode>,
    /// [`Param::Pr`].
    pub moment: Option<Moment>,
    /// [`Param::DecimalMark`].
    pub decimal: DecimalMark,
    /// [`Param::Efter`].
    pub after: Sekvens,
    /// [`Param::Antal`].
    pub antal: usize,
    /// [`Param::Vent`].
    pub vent: Duration,
    /// [`Param::Epoke`].
    pub epoke: Option<Uuid>,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            kommune: None,
            moment: None,
            decimal: DecimalMark::Punktum,
            after: Sekvens(0),
            antal: ANTAL as usize,
            vent: Duration::ZERO,
            epoke: None,
        }
    }
}

impl Query {
    /// Reads the pairs of a query by the parameters that its path knows.
    ///
    /// # Errors
    /// What the caller is told.
    pub fn parse(pairs: &[(String, String)], known: &[Param]) -> Result<Self, Box<Problem>> {
        let mut query = Self::default();
        for (at, (name, value)) in pairs.iter().enumerate() {
            let refused = |why: Parameter<'_>| Box::new(parameter(name, value, why));
            let Some(param) = known.iter().find(|param| param.name() == name) else {
                let names: Vec<_> = known.iter().map(|param| param.name()).collect();
                return Err(refused(Parameter::Unknown(&names.join(", "))));
            };
            if pairs[..at].iter().any(|(earlier, _)| earlier == name) {
                return Err(refused(Parameter::Twice));
            }
            param
                .read(value, &mut query)
                .ok_or_else(|| refused(Parameter::Invalid(&param.allowed())))?;
        }
        Ok(query)
    }

    /// Refuses a kommune that no code table has: an empty document would be taken for that of a kommune without dagtilbud.
    ///
    /// # Errors
    /// What the caller is told.
    pub fn known(self, kommuner: &Kodetabel) -> Result<Self, Box<Problem>> {
        match self.kommune {
            Some(kommune) => known_kommune(kommune, kommuner).map(|()| self),
            None => Ok(self),
        }
    }
}

impl Param {
    /// Its name in a query.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kommune => "kommune",
            Self::Pr => "pr",
            Self::DecimalMark => "decimal",
            Self::Efter => "efter",
            Self::Antal => "antal",
            Self::Vent => "vent",
            Self::Epoke => "epoke",
        }
    }

    /// What its value may be.
    fn allowed(self) -> String {
        match self {
            Self::Kommune => "1-9999".to_owned(),
            Self::Pr => "sekvens, YYYY-MM-DD, YYYY-MM-DDThh:mm:ssZ".to_owned(),
            Self::DecimalMark => "punktum, komma".to_owned(),
            Self::Efter => "0-".to_owned(),
            Self::Antal => format!("1-{MOST}"),
            Self::Vent => format!("0-{LAENGST}"),
            Self::Epoke => "UUID".to_owned(),
        }
    }

    /// Reads a value; none when it cannot be used.
    fn read(self, value: &str, query: &mut Query) -> Option<()> {
        match self {
            Self::Kommune => query.kommune = Some(Kommunekode::parse(value).ok()?),
            Self::Pr => query.moment = Some(moment(value)?),
            Self::DecimalMark => query.decimal = DecimalMark::parse(value)?,
            Self::Efter => query.after = Sekvens(number(value)?),
            Self::Antal => {
                let antal = number(value).filter(|antal| (1..=u64::from(MOST)).contains(antal));
                query.antal = usize::try_from(antal?).ok()?;
            }
            Self::Vent => {
                let seconds = number(value).filter(|seconds| *seconds <= LAENGST);
                query.vent = Duration::from_secs(seconds?);
            }
            Self::Epoke => query.epoke = Some(Uuid::try_parse(value).ok()?),
        }
        Some(())
    }

    /// The refusal of a value that the register as it stands does not have.
    pub(super) fn beyond(self, value: Sekvens, last: Sekvens) -> Box<Problem> {
        let rule = format!("0-{last}");
        let value = value.to_string();
        Box::new(parameter(self.name(), &value, Parameter::Invalid(&rule)))
    }
}

/// Refuses a kommune that the code table does not have.
///
/// # Errors
/// What the caller is told.
pub fn known_kommune(kommune: Kommunekode, kommuner: &Kodetabel) -> Result<(), Box<Problem>> {
    if kommuner.tekst(i32::from(kommune.0)).is_some() {
        return Ok(());
    }
    let problem = Problem::new(&register::UKENDT_KOMMUNE).with("kommune", kommune);
    Err(Box::new(problem))
}

/// Digits alone: `+1` and a blank are no numbers here.
fn number(value: &str) -> Option<u64> {
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| value.parse().ok()).flatten()
}

fn moment(value: &str) -> Option<Moment> {
    number(value)
        .map(|number| Moment::Sekvens(Sekvens(number)))
        .or_else(|| Tidspunkt::parse(value).ok().map(Moment::Tidspunkt))
        // A day is its end, as it is in Denmark.
        .or_else(|| Dato::parse(value).ok()?.slut().map(Moment::Tidspunkt))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::http;

    const FEED: &[Param] = &[
        Param::Efter,
        Param::Antal,
        Param::Vent,
        Param::Kommune,
        Param::Epoke,
    ];
    const CSV: &[Param] = &[Param::Kommune, Param::Pr, Param::DecimalMark];

    fn parse(query: &str, known: &[Param]) -> Result<Query, Box<Problem>> {
        let pairs: Vec<_> = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (name.to_owned(), value.to_owned())
            })
            .collect();
        Query::parse(&pairs, known)
    }

    #[test]
    fn a_query_says_what_is_asked() {
        let plain = parse("", FEED).unwrap();
        assert_eq!((plain.after, plain.antal), (Sekvens(0), 100));
        assert_eq!(plain.vent, Duration::ZERO);
        let all = parse("efter=17&antal=1000&vent=25&kommune=0751", FEED).unwrap();
        assert_eq!((all.after, all.antal), (Sekvens(17), 1000));
        assert_eq!(all.vent, Duration::from_secs(25));
        assert_eq!(all.kommune, Some(Kommunekode(751)));
        let csv = parse("pr=17&decimal=komma", CSV).unwrap();
        assert_eq!(csv.moment, Some(Moment::Sekvens(Sekvens(17))));
        assert_eq!(csv.decimal, DecimalMark::Komma);
    }

    #[test]
    fn what_can_not_be_asked_is_refused_with_what_is_allowed() {
        for (known, wrong, allowed) in [
            (FEED, "efter=-1", "Allowed: 0-."),
            (FEED, "efter=+1", "Allowed: 0-."),
            (FEED, "efter=", "Allowed: 0-."),
            (FEED, "efter=1&efter=2", "Allowed: once."),
            (FEED, "efter=99999999999999999999", "Allowed: 0-."),
            (FEED, "antal=0", "Allowed: 1-1000."),
            (FEED, "antal=1001", "Allowed: 1-1000."),
            (FEED, "vent=26", "Allowed: 0-25."),
            (FEED, "kommune=x", "Allowed: 1-9999."),
            (FEED, "epoke=x", "Allowed: UUID."),
            (
                FEED,
                "sekvens=1",
                "Known parameters: efter, antal, vent, kommune, epoke.",
            ),
            (CSV, "decimal=,", "Allowed: punktum, komma."),
            (
                CSV,
                "pr=",
                "Allowed: sekvens, YYYY-MM-DD, YYYY-MM-DDThh:mm:ssZ.",
            ),
            (&CSV[..2], "decimal=komma", "Known parameters: kommune, pr."),
            (&[], "a", "Known parameters: none."),
        ] {
            let problem = parse(wrong, known).unwrap_err();
            assert_eq!(problem.entry.kode, http::PARAMETER.kode, "{wrong}");
            assert!(
                problem.hjaelp().ends_with(allowed),
                "{wrong}: {}",
                problem.hjaelp()
            );
        }
    }
}
