//! Why an organisation or a system stays as it is, and what is odd about one, in the words of the console.

use crate::agreements::{Oddity, OrganisationRefused, SystemRefused};
use crate::register::Language;

/// Why an organisation stays as it is.
pub fn organisation_refused(language: Language, why: &OrganisationRefused) -> String {
    let t = |da, en| language.of(da, en);
    match why {
        OrganisationRefused::Open(known) => format!(
            "{} {} {}",
            known.cvr,
            known.navn,
            t(
                "er registreret og åben. Luk den først, og registrér den så på ny.",
                "is registered and open. Close it first, then register it anew."
            )
        ),
        OrganisationRefused::Closed(known) => format!(
            "{} {} {}",
            known.cvr,
            known.navn,
            t("er lukket allerede.", "is closed already.")
        ),
        OrganisationRefused::Unknown(cvr) => format!(
            "{} {cvr}.",
            t("Ingen organisation har", "No organisation has")
        ),
        OrganisationRefused::Agreements(ids) => {
            let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
            format!(
                "{} {}",
                t(
                    "Dens systemer har aftaler, som en organisation af den art ikke kan bruge. Afslut dem først:",
                    "Its systems have agreements that an organisation of this kind can't use. End them first:"
                ),
                ids.join(", ")
            )
        }
    }
}

/// Why a system stays as it is.
pub fn system_refused(language: Language, why: &SystemRefused) -> String {
    let t = |da, en| language.of(da, en);
    match why {
        SystemRefused::UnknownOwner(cvr) => format!(
            "{} {cvr}.",
            t(
                "Registrér organisationen først: ingen har CVR",
                "Register the organisation first: none has CVR"
            )
        ),
        SystemRefused::ClosedOwner(cvr) => format!(
            "{} {cvr} {}",
            t("Organisationen", "The organisation"),
            t("er lukket.", "is closed.")
        ),
        SystemRefused::Unknown(id) => {
            format!("{} {id}.", t("Intet system hedder", "There is no system"))
        }
        SystemRefused::Closed(system) => {
            format!("{} {}", system.id, t("er lukket.", "is closed."))
        }
        SystemRefused::NotBound(id, gone) => {
            format!(
                "{gone} {} {id}.",
                t("er ikke bundet til", "is not bound to")
            )
        }
        SystemRefused::BoundTo(identity, other) => format!(
            "{identity} {} {} ({}). {}",
            t("er bundet til", "is bound to"),
            other.id,
            other.navn,
            t("Frigiv det dér først.", "Release it there first.")
        ),
        SystemRefused::Administrator(person) => format!(
            "{} {} {}.",
            person.identitet,
            t(
                "er en administrators certifikat, ikke et systems: hos",
                "is an administrator's certificate, not a system's: of"
            ),
            person.cvr
        ),
    }
}

/// What looks like a mistake and was done all the same.
pub fn oddity(language: Language, odd: &Oddity) -> String {
    let t = |da, en| language.of(da, en);
    match odd {
        Oddity::CheckDigit(cvr) => format!(
            "{} {cvr}: {}",
            t("Bemærk", "Note"),
            t(
                "ingen virksomhed har dette CVR-nummer; se efter en tastefejl.",
                "no company has this CVR-nummer; look for a typing mistake."
            )
        ),
        Oddity::SameKommune(kommune, others) => {
            let others: Vec<_> = others
                .iter()
                .map(|other| format!("{} {}", other.cvr, other.navn))
                .collect();
            format!(
                "{} {kommune}: {} {}",
                t("Bemærk: kommune", "Note: kommune"),
                t(
                    "er også registreret som nedenstående, og hver af dem må skrive i alt dens:",
                    "is registered as these too, and each of them may write in all that is its:"
                ),
                others.join(", ")
            )
        }
    }
}
