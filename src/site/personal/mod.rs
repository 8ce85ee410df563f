//! The pages of a person who has signed in (`/mit/…`): what lies where, and what each may look at. Signing in is `mine`; what is
//! done from these pages is done by the gateway (`gateway/personal`).

mod agreements;
mod calls;
mod certificates;
mod changes;
mod console;
mod corrections;
mod findings;
mod form;
mod said;
mod units;

pub use agreements::{Decided, Decision, Handling};
pub use console::{CallSearch, Told, oddity, organisation_refused, system_refused};
pub use corrections::{Came, Corrected};
pub use form::Form;

use super::behind::{Console, Personal};
use super::frame::Frame;
use super::{NotShown, Page, Place, Shown, Site};
use crate::calls::Calls;
use crate::person::{Person, PersonRights};
use crate::register::{Kodetabeller, Language, Tidspunkt};
use crate::search::Search;
use crate::store::Read;

/// What a page of a person may look at.
#[derive(Clone, Copy)]
pub struct Visit<'a> {
    /// The page.
    pub place: Place,
    /// The pairs of the query.
    pub query: &'a [(String, String)],
    /// Who looks.
    pub person: &'a Person,
    /// What that one may do, as the register stands.
    pub rights: &'a PersonRights,
    /// The token of forms that are posted to the page's own path.
    pub token: &'a str,
    /// The register, in one view.
    pub view: &'a dyn Read,
    /// The code tables.
    pub tables: &'a Kodetabeller,
    /// The search.
    pub search: &'a Search,
    /// The call log; none where the register keeps none.
    pub calls: Option<&'a Calls>,
    /// What the clock shows.
    pub now: Tidspunkt,
    /// What the gateway tells the operator.
    pub told: &'a Told,
}

impl<'a> Visit<'a> {
    /// The language of the page.
    pub(super) const fn language(&self) -> Language {
        self.place.language
    }

    /// The value of a parameter; none where it is absent or empty.
    pub(super) fn value(&self, name: &str) -> Option<&'a str> {
        let found = self.query.iter().find(|(own, _)| own == name);
        found
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }
}

impl Site {
    /// Shows a page of a person.
    ///
    /// # Errors
    /// [`NotShown`].
    pub fn personal(&self, personal: Personal, visit: &Visit<'_>) -> Result<Shown, NotShown> {
        match personal {
            Personal::Units => units::show(self, visit),
            Personal::Findings => findings::show(self, visit),
            Personal::FindingsCsv => findings::csv(visit),
            Personal::Changes => changes::show(self, visit),
            Personal::Calls => calls::all(self, visit),
            Personal::Call => calls::one(self, visit),
            Personal::Certificates => certificates::show(self, visit),
            Personal::Console(Console::Start) => console::start(self, visit),
            Personal::Console(Console::Organisations) => console::organisations(self, visit),
            Personal::Console(Console::Systems) => console::systems(self, visit),
            Personal::Console(Console::Calls) => console::calls(self, visit),
            Personal::Corrections => corrections::show(self, visit),
            Personal::Contact(number) => corrections::contact(self, visit, number),
            Personal::Agreements | Personal::Console(Console::Agreements) => {
                agreements::show(self, visit)
            }
        }
    }
}

/// The pages that a person goes between, with their titles; the operator's for the operator alone.
pub(super) fn pages(frame: &Frame<'_>, rights: &PersonRights) -> Vec<(String, &'static str, bool)> {
    let entry = |personal, da, en| {
        let page = Page::Personal(personal);
        let here = frame.place.page == page;
        (frame.to(page), frame.place.language.of(da, en), here)
    };
    let mut pages = vec![
        entry(Personal::Units, "Enheder", "Units"),
        entry(Personal::Findings, "Fund", "Findings"),
        entry(Personal::Changes, "Ændringer", "Changes"),
        entry(Personal::Agreements, "Aftaler", "Agreements"),
        entry(Personal::Corrections, "Ret", "Correct"),
        entry(Personal::Calls, "Kald", "Calls"),
        entry(Personal::Certificates, "Certifikater", "Certificates"),
    ];
    if rights.operator().is_some() {
        let console = Personal::Console(Console::Start);
        pages.push(entry(console, "Drift", "Operation"));
    }
    pages
}
