//! Why an agreement stays as it is, in the words of the command line: the option at fault, and what would be right.

use crate::agreements::{AgreementRefused, MOST_NUMBERS, PRIVAT, UnfitRecord, UnfitSystem};
use crate::cli::common::{CliError, value};
use crate::register::Institutionsnummer;

/// The refusal of a command whose option `system` names the system.
pub(super) fn refused(system: &'static str, why: AgreementRefused) -> CliError {
    let (option, problem) = match why {
        AgreementRefused::Passed(last) => (
            "--til",
            format!("{last} has passed: the agreement would never hold"),
        ),
        AgreementRefused::Backwards { first } => (
            "--til",
            format!("the last day lies before the first, {first}"),
        ),
        AgreementRefused::TooManyNumbers => (
            "--institution",
            format!("at most {MOST_NUMBERS} numbers in one agreement"),
        ),
        AgreementRefused::TooLate(first) => (
            "--dato",
            format!(
                "{first} has passed; what was written until now stays with the system that wrote it"
            ),
        ),
        AgreementRefused::System(unfit) => (system, of_system(unfit)),
        AgreementRefused::Record(number, unfit) => ("--institution", of_record(number, unfit)),
        AgreementRefused::KommuneByCvr(known, code) => (
            "--ejer",
            format!(
                "{} is {}; name it with --kommune {code}",
                known.cvr, known.navn
            ),
        ),
        AgreementRefused::Overlaps { other, place } => (
            "aftale",
            format!(
                "{} of {} writes in {place} as well: one source for each institution; end it with dtr aftale close, hand \
                 it over with dtr aftale overdrag, or say --tillad-overlap",
                other.id, other.system
            ),
        ),
        AgreementRefused::Ended(aftale) => ("--aftale", {
            let told = aftale.lukket.map(|(at, why)| format!(" at {at}: {why}"));
            format!("{} was ended{}", aftale.id, told.unwrap_or_default())
        }),
        AgreementRefused::EndsBefore(id, first) => (
            "--dato",
            format!("{id} ends before {first}; register a new one with dtr aftale add"),
        ),
        AgreementRefused::SameSystem(id, own) => ("--til", format!("{id} is {own}'s already")),
        AgreementRefused::Unknown(id) => {
            ("--aftale", format!("there is no {id}; see dtr aftale list"))
        }
    };
    value(option, problem)
}

fn of_system(unfit: UnfitSystem) -> String {
    match unfit {
        UnfitSystem::Unknown(id) => format!("there is no {id}; see dtr system list"),
        UnfitSystem::Closed(id) => format!("{id} is closed"),
        UnfitSystem::ClosedOwner(own) => format!(
            "{} ({}) is of an organisation that is closed, so its certificates are refused; open it with dtr org add",
            own.id, own.navn
        ),
        UnfitSystem::Operators(own) => format!(
            "{} ({}) is the operator's, which writes with a case number and by no agreement; name another system",
            own.id, own.navn
        ),
        UnfitSystem::Consumers(own) => format!(
            "{} ({}) is of an aftager, which may read and write nothing; name a system of a leverandoer, a kommune or a \
             private owner, or say --tjeneste eksport",
            own.id, own.navn
        ),
    }
}

fn of_record(number: Institutionsnummer, unfit: UnfitRecord) -> String {
    match unfit {
        UnfitRecord::Unknown => format!("the register has no {number}"),
        UnfitRecord::Closed => format!("{number} is closed"),
        UnfitRecord::OtherKommune { kommune, own } => {
            format!("{number} is supervised by kommune {kommune}, not {own}")
        }
        UnfitRecord::LeftToOwners => format!(
            "{number} is privately owned, and kommuner leave those to their owners here \
             (rettigheder.private_af_kommune); name the owner with --ejer"
        ),
        UnfitRecord::NotPrivate => format!(
            "{number} is not privately owned (ejerform {PRIVAT}), so no owner can let a system act in it; name its \
             kommune with --kommune"
        ),
    }
}
