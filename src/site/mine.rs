//! A person's pages: signing in, and what the person may see and why. What is checked of a browser is the gateway's
//! (`gateway/login`).

use askama::Template;

use super::frame::Frame;
use super::place::Mine;
use super::{NotShown, Page, Place, Shown, Site};
use crate::person::demo::DemoPerson;
use crate::person::{Grant, Person, PersonRights, Reach, SignInPage};
use crate::register::{Cvr, Kodetabeller, Language, Privilege};
use crate::store::{self, Read};

/// The register, in one view, and its code tables.
type Register<'a> = (&'a dyn Read, &'a Kodetabeller);

#[derive(Template)]
#[template(path = "login.html")]
struct SignInHtml<'a> {
    f: Frame<'a>,
    ways: &'a SignInPage,
    begin: String,
    code: String,
}

impl SignInHtml<'_> {
    fn about(&self, person: &DemoPerson) -> &'static str {
        let [da, en] = person.about;
        self.f.t(da, en)
    }

    fn is_nothing(&self) -> bool {
        !self.ways.oidc && self.ways.certificate.is_none() && self.ways.persons.is_empty()
    }
}

#[derive(Template)]
#[template(path = "mit.html")]
struct StartHtml<'a> {
    f: Frame<'a>,
    person: &'a Person,
    organisation: Option<String>,
    rights: Vec<RightRow>,
    empty: usize,
    token: String,
    sign_out: String,
}

impl StartHtml<'_> {
    const fn has_empty(&self) -> bool {
        self.empty > 0
    }
}

/// A right in words.
struct RightRow {
    what: &'static str,
    place: String,
    why: String,
    shared: bool,
}

impl Site {
    /// The ways to sign in. `til` is where the person goes afterwards.
    ///
    /// # Errors
    /// It can't be written.
    pub fn sign_in(&self, place: Place, ways: &SignInPage, til: &str) -> Result<Shown, NotShown> {
        let to = |mine| {
            Place {
                page: Page::Mine(mine),
                ..place
            }
            .path()
        };
        let til = crate::person::LocalPath::parse(til);
        let begin = match til {
            Some(til) => format!("{}?til={}", to(Mine::Begin), til.escaped()),
            None => to(Mine::Begin),
        };
        let title = place.language.of("Log ind", "Sign in");
        Shown::html(&SignInHtml {
            f: self.frame(place, title),
            ways,
            begin,
            code: to(Mine::Code),
        })
    }

    /// What a person may see, and why.
    ///
    /// # Errors
    /// [`NotShown`].
    pub fn mine(
        &self,
        place: Place,
        (person, rights): (&Person, &PersonRights),
        token: String,
        register: Register<'_>,
    ) -> Result<Shown, NotShown> {
        let language = place.language;
        let rows = rights
            .grants
            .iter()
            .map(|grant| row(grant, language, register));
        Shown::html(&StartHtml {
            f: self.frame(place, language.of("Min side", "My page")),
            person,
            organisation: register.0.organisation(person.cvr)?.map(|own| own.navn),
            rights: rows.collect::<store::Result<_>>()?,
            empty: rights.empty.len(),
            token,
            sign_out: Place {
                page: Page::Mine(Mine::SignOut),
                ..place
            }
            .path(),
        })
    }
}

/// The path of the sign-in page in the language of another.
pub fn sign_in_path(place: Place) -> String {
    Place {
        page: Page::Mine(Mine::SignIn),
        ..place
    }
    .path()
}

fn row(grant: &Grant, language: Language, (view, tables): Register<'_>) -> store::Result<RightRow> {
    let named = |cvr: Cvr| -> store::Result<String> {
        let known = view.organisation(cvr)?;
        Ok(known.map_or_else(
            || format!("CVR {cvr}"),
            |own| format!("{} (CVR {cvr})", own.navn),
        ))
    };
    let place = match grant.reach {
        Reach::Kommune(code) => {
            let name = tables.kommune.tekst(i32::from(code.0)).unwrap_or_default();
            let all = language.of(
                "alt, som kommunen fører tilsyn med",
                "all that the kommune supervises",
            );
            format!("{name} ({code}): {all}")
        }
        Reach::Organisation(cvr) => {
            let units = language.of("enheder hos", "units of");
            format!("{units} {}", named(cvr)?)
        }
        Reach::Place(number) => {
            let units = language.of("enheder med P-nummer", "units with the P-number");
            format!("{units} {number}")
        }
        Reach::Register => language
            .of("hele registeret", "the whole register")
            .to_owned(),
    };
    Ok(RightRow {
        what: what(grant.privilege, language),
        place,
        why: grant.scope.to_string(),
        shared: grant.reach.is_shared(view)?,
    })
}

fn what(privilege: Privilege, language: Language) -> &'static str {
    match privilege {
        Privilege::Read => language.of("se", "look"),
        Privilege::Agreements => language.of(
            "se, og svare om aftaler",
            "look, and answer about agreements",
        ),
        Privilege::Correct => language.of("se, og rette data", "look, and correct data"),
        Privilege::Operate => language.of("drive registeret", "run the register"),
    }
}
