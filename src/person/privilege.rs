//! Privileges as a login tells them: names, in groups that each have a scope. What they come to in the register is said in
//! [`super::rights()`].

use std::collections::BTreeSet;

use serde_json::Value;

use crate::register::{Cvr, PNummer, Privilege, words};

/// The most groups that a login tells.
pub const MOST_GROUPS: usize = 1000;
/// The most privileges of a group.
pub const MOST_PRIVILEGES: usize = 64;

/// How organisations' and places' numbers begin as scopes (OIO Basic Privilege Profile).
const CVR_SCOPE: &str = "urn:dk:gov:saml:cvrNumberIdentifier:";
const PLACE_SCOPE: &str = "urn:dk:gov:saml:productionUnitIdentifier:";

/// What a group of privileges is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// An organisation.
    Organisation(Cvr),
    /// A place of one.
    Place(PNummer),
}

impl Scope {
    /// Reads a scope. A number of the tax authorities (SE) is none: nothing in the register has one.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(number) = text.strip_prefix(CVR_SCOPE) {
            return Cvr::parse(number).ok().map(Self::Organisation);
        }
        let number = text.strip_prefix(PLACE_SCOPE)?;
        PNummer::parse(number).ok().map(Self::Place)
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Organisation(cvr) => write!(f, "CVR {cvr}"),
            Self::Place(number) => write!(f, "P {number}"),
        }
    }
}

/// Privileges with one scope, by the names that they were told by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What they are about.
    pub scope: Scope,
    /// Their names.
    pub names: Vec<String>,
}

words! {
    /// Why a group counts for nothing.
    pub enum Ignored {
        /// Its scope is none that the register knows.
        Scope = "scope",
        /// It has a constraint. A constraint narrows, and what is not known to narrow how far must not count.
        Constraint = "constraint",
    }
}

/// One privilege that a person has, and what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Held {
    /// What it is about.
    pub scope: Scope,
    /// What it lets the person do.
    pub privilege: Privilege,
}

/// All that a login told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Privileges {
    /// The groups that count.
    pub groups: Vec<Group>,
    /// Why others don't.
    pub ignored: Vec<Ignored>,
}

/// Why privileges can't be read. Nothing of them counts then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("privileges: {0}")]
pub struct Unreadable(pub &'static str);

impl Privileges {
    /// Takes a group, if it counts.
    pub(super) fn add(
        &mut self,
        scope: &str,
        names: Vec<String>,
        constrained: bool,
    ) -> Result<(), Unreadable> {
        if self.groups.len() + self.ignored.len() >= MOST_GROUPS {
            return Err(Unreadable("too many groups"));
        }
        match Scope::parse(scope) {
            None => self.ignored.push(Ignored::Scope),
            Some(_) if constrained => self.ignored.push(Ignored::Constraint),
            Some(scope) => self.groups.push(Group { scope, names }),
        }
        Ok(())
    }

    /// Reads a list of objects: `{"scope": "urn:…", "privileges": ["urn:…"]}`. An object with any other member has a
    /// constraint, for all that is known.
    pub fn from_objects(value: &Value) -> Result<Self, Unreadable> {
        let mut told = Self::default();
        let wrong = Unreadable("not a list of objects with scope and privileges");
        for object in value.as_array().ok_or(wrong)? {
            let object = object.as_object().ok_or(wrong)?;
            let scope = object.get("scope").and_then(Value::as_str).ok_or(wrong)?;
            let names = texts(object.get("privileges").ok_or(wrong)?)?;
            told.add(scope, names, object.len() > 2)?;
        }
        Ok(told)
    }

    /// Reads a list of names, which are about the person's own organisation.
    pub fn from_names(value: &Value, own: Cvr) -> Result<Self, Unreadable> {
        let names = texts(value)?;
        Ok(Self {
            groups: vec![Group {
                scope: Scope::Organisation(own),
                names,
            }],
            ignored: Vec::new(),
        })
    }
}

/// A list of texts; one text is a list of itself.
fn texts(value: &Value) -> Result<Vec<String>, Unreadable> {
    let wrong = Unreadable("not a list of names");
    let list = match value {
        Value::String(_) => std::slice::from_ref(value),
        Value::Array(list) => list.as_slice(),
        _ => return Err(wrong),
    };
    if list.len() > MOST_PRIVILEGES {
        return Err(Unreadable("too many privileges"));
    }
    let names = list.iter().map(|name| name.as_str().map(str::to_owned));
    names.collect::<Option<_>>().ok_or(wrong)
}

/// The names that privileges have at this register's providers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivilegeNames(Vec<(String, Privilege)>);

impl PrivilegeNames {
    /// These; a name may stand for several privileges.
    pub const fn new(names: Vec<(String, Privilege)>) -> Self {
        Self(names)
    }

    /// The privileges of a name; none of one that is for other services.
    pub fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Privilege> + 'a {
        let own = self.0.iter().filter(move |(known, _)| known == name);
        own.map(|(_, privilege)| *privilege)
    }

    /// What a person has by groups, each once. Privileges of other services are left out.
    pub fn held(&self, told: &Privileges) -> Vec<Held> {
        let mut held = BTreeSet::new();
        for group in &told.groups {
            let scope = group.scope;
            let own = group.names.iter().flat_map(|name| self.of(name));
            held.extend(own.map(|privilege| Held { scope, privilege }));
        }
        held.into_iter().collect()
    }
}

impl Default for PrivilegeNames {
    fn default() -> Self {
        let names = Privilege::ALL.iter();
        Self(
            names
                .map(|(own, word)| (format!("urn:dtr:{word}"), *own))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cvr(text: &str) -> Cvr {
        Cvr::parse(text).unwrap()
    }

    #[test]
    fn scopes_are_organisations_and_places_and_nothing_else() {
        let place = PNummer::parse("1234567890").unwrap();
        for (text, scope) in [
            (
                "urn:dk:gov:saml:cvrNumberIdentifier:12345678",
                Some(Scope::Organisation(cvr("12345678"))),
            ),
            (
                "urn:dk:gov:saml:productionUnitIdentifier:1234567890",
                Some(Scope::Place(place)),
            ),
            ("urn:dk:gov:saml:seNumberIdentifier:12345678", None),
            ("urn:dk:gov:saml:cvrNumberIdentifier:1234567", None),
            ("urn:dk:gov:saml:cvrNumberIdentifier:12345678 ", None),
            ("urn:dk:gov:saml:CVRnumberidentifier:12345678", None),
            ("12345678", None),
            ("", None),
        ] {
            assert_eq!(Scope::parse(text), scope, "{text:?}");
        }
    }

    #[test]
    fn a_list_of_objects_is_read_and_an_unknown_member_narrows() {
        let of = |value| Privileges::from_objects(&value);
        let cvr_scope = "urn:dk:gov:saml:cvrNumberIdentifier:12345678";
        let told = of(json!([
            {"scope": cvr_scope, "privileges": ["a", "b"]},
            {"scope": cvr_scope, "privileges": "c"},
            {"scope": cvr_scope, "privileges": ["d"], "constraints": {"x": "y"}},
            {"scope": "urn:dk:gov:saml:seNumberIdentifier:12345678", "privileges": ["e"]},
        ]));
        let told = told.unwrap();
        let names: Vec<_> = told
            .groups
            .iter()
            .map(|group| group.names.join(" "))
            .collect();
        assert_eq!(names, ["a b", "c"]);
        assert_eq!(told.ignored, [Ignored::Constraint, Ignored::Scope]);
        for wrong in [
            json!("urn:dtr:laes"),
            json!({"scope": cvr_scope, "privileges": ["a"]}),
            json!(["a"]),
            json!([{"scope": cvr_scope}]),
            json!([{"privileges": ["a"]}]),
            json!([{"scope": 7, "privileges": ["a"]}]),
            json!([{"scope": cvr_scope, "privileges": [7]}]),
            json!(vec![
                json!({"scope": cvr_scope, "privileges": ["a"]});
                MOST_GROUPS + 1
            ]),
            json!([{"scope": cvr_scope, "privileges": vec!["a"; MOST_PRIVILEGES + 1]}]),
        ] {
            assert!(of(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn plain_names_are_about_the_persons_own_organisation() {
        let told = Privileges::from_names(&json!(["urn:dtr:laes"]), cvr("12345678")).unwrap();
        assert_eq!(told.groups[0].scope, Scope::Organisation(cvr("12345678")));
        let one = Privileges::from_names(&json!("urn:dtr:laes"), cvr("12345678"));
        assert_eq!(one, Ok(told));
        assert!(Privileges::from_names(&json!({"a": 1}), cvr("12345678")).is_err());
    }

    #[test]
    fn names_are_configured_and_others_mean_nothing() {
        let names = PrivilegeNames::default();
        assert_eq!(
            names.of("urn:dtr:ret").collect::<Vec<_>>(),
            [Privilege::Correct]
        );
        assert_eq!(names.of("urn:dtr:RET").count(), 0);
        let own = PrivilegeNames::new(vec![
            ("x".to_owned(), Privilege::Read),
            ("x".to_owned(), Privilege::Correct),
        ]);
        assert_eq!(own.of("x").count(), 2);
        assert_eq!(own.of("urn:dtr:laes").count(), 0);
        let group = |names: &[&str]| Group {
            scope: Scope::Organisation(cvr("12345678")),
            names: names.iter().map(|&name| name.to_owned()).collect(),
        };
        let told = Privileges {
            groups: vec![
                group(&["urn:dtr:ret", "urn:andet"]),
                group(&["urn:dtr:ret"]),
            ],
            ignored: Vec::new(),
        };
        let held = names.held(&told);
        assert_eq!(held.len(), 1);
        assert_eq!(held[0].privilege, Privilege::Correct);
    }
}
