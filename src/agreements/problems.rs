//! Refusals as problems of the catalogue, for those who ask and decide by the API and by pages. The command line has words of
//! its own, for it names options.

use super::refused::{AgreementRefused, MOST_NUMBERS, RequestRefused, UnfitRecord, UnfitSystem};
use super::requests::MOST_WAITING;
use super::{PRIVAT, principal};
use crate::problem::{Problem, aftaler, words};
use crate::register::{Institutionsnummer, Part};

impl RequestRefused {
    /// What is told of it. `part` is who was asked, or would have been.
    pub fn problem(&self, part: Option<Part>) -> Problem {
        match self {
            Self::Agreement(why) => agreement(why, part),
            Self::Unknown(id) => Problem::new(&aftaler::ANMODNING_UKENDT).with("anmodning", id),
            Self::Settled(request) => {
                let settled = request.state.afgjort();
                let at = settled.map(|af| af.tidspunkt.to_string());
                Problem::new(&aftaler::ANMODNING_AFGJORT)
                    .with("anmodning", request.id)
                    .with("stand", request.state.standing().as_str())
                    .with("tidspunkt", at.unwrap_or_default())
            }
            Self::OwnSystem(system) => Problem::new(&aftaler::EGET_SYSTEM)
                .with("system", system.id)
                .with("navn", &system.navn),
            Self::Asked(id) => Problem::new(&aftaler::ALLEREDE_ANMODET).with("anmodning", id),
            Self::Agreed(id) => Problem::new(&aftaler::ALLEREDE_AFTALT).with("aftale", id),
            Self::TooManyWaiting(_) => {
                Problem::new(&aftaler::FOR_MANGE_VENTER).with("mest", MOST_WAITING)
            }
        }
    }
}

fn agreement(why: &AgreementRefused, part: Option<Part>) -> Problem {
    let days = |why| Problem::new(&aftaler::DAGE).with_words("hvorfor", why);
    match why {
        AgreementRefused::Passed(last) | AgreementRefused::TooLate(last) => {
            days(words!("{last} er passeret", "{last} has passed"))
        }
        AgreementRefused::Backwards { first } | AgreementRefused::EndsBefore(_, first) => {
            days(words!(
                "den sidste dag ligger før den første, {first}",
                "the last day lies before the first, {first}"
            ))
        }
        AgreementRefused::TooManyNumbers => {
            Problem::new(&aftaler::FOR_MANGE_NUMRE).with("mest", MOST_NUMBERS)
        }
        AgreementRefused::System(unfit) => system(unfit),
        AgreementRefused::KommuneByCvr(known, code) => Problem::new(&aftaler::KOMMUNE_SOM_EJER)
            .with("cvr", known.cvr)
            .with("navn", &known.navn)
            .with("kommune", code),
        AgreementRefused::Record(number, unfit) => record(*number, *unfit, part),
        AgreementRefused::Overlaps { other, place } => Problem::new(&aftaler::OVERLAP)
            .with("system", other.system)
            .with("aftale", other.id)
            .with("sted", place),
        AgreementRefused::Unknown(id) => Problem::new(&aftaler::AFTALE_UKENDT).with("aftale", id),
        AgreementRefused::Ended(ended) => {
            let at = ended.lukket.as_ref().map(|(at, _)| at.to_string());
            Problem::new(&aftaler::AFTALE_AFSLUTTET)
                .with("aftale", ended.id)
                .with("tidspunkt", at.unwrap_or_default())
        }
        AgreementRefused::SameSystem(id, _) => {
            Problem::new(&aftaler::ALLEREDE_AFTALT).with("aftale", id)
        }
    }
}

fn system(unfit: &UnfitSystem) -> Problem {
    let (id, why) = match unfit {
        UnfitSystem::Unknown(id) => (id, words!("det findes ikke", "there is none")),
        UnfitSystem::Closed(id) => (id, words!("det er lukket", "it is closed")),
        UnfitSystem::ClosedOwner(own) => (
            &own.id,
            words!("dets organisation er lukket", "its organisation is closed"),
        ),
        UnfitSystem::Operators(own) => (
            &own.id,
            words!(
                "det er operatørens, som skriver med sagsnummer og uden aftale",
                "it is the operator's, which writes with a case number and by no agreement"
            ),
        ),
        UnfitSystem::Consumers(own) => (
            &own.id,
            words!(
                "det er en aftagers, som kan læse og intet skrive",
                "it is of an aftager, which may read and write nothing"
            ),
        ),
    };
    Problem::new(&aftaler::SYSTEM_UEGNET)
        .with("system", id)
        .with_words("hvorfor", why)
}

fn record(number: Institutionsnummer, unfit: UnfitRecord, part: Option<Part>) -> Problem {
    let why = match unfit {
        UnfitRecord::Unknown => words!(
            "nummeret findes ikke i registeret",
            "the register has no such number"
        ),
        UnfitRecord::Closed => words!("institutionen er nedlagt", "the institution is closed"),
        UnfitRecord::OtherKommune { kommune, .. } => words!(
            "kommune {kommune} fører tilsyn med den",
            "kommune {kommune} supervises it"
        ),
        UnfitRecord::LeftToOwners => words!(
            "den er privat, og her vedligeholder ejerne selv de private",
            "it is private, and here owners maintain private ones themselves"
        ),
        UnfitRecord::NotPrivate => words!(
            "den er ikke privat (ejerform {PRIVAT}), så ingen ejer kan give aftaler om den",
            "it is not private (ejerform {PRIVAT}), so no owner can give agreements about it"
        ),
    };
    Problem::new(&aftaler::POST_UEGNET)
        .with("nummer", number)
        .with("part", part.map(principal).unwrap_or_default())
        .with_words("hvorfor", why)
}
