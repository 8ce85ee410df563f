//! What a form of these pages posts: its fields, in which one name may come often, as a list of choices has it.

use super::super::NotShown;
use super::super::posted::{self, Field};
use crate::problem::Problem;

/// So many fields a form has at most: a page's choices, and what goes with them.
const MOST: usize = 2_000;

/// A form.
#[derive(Debug, PartialEq, Eq)]
pub struct Form<'a>(Vec<Field<'a>>);

impl<'a> Form<'a> {
    /// Reads what was posted.
    ///
    /// # Errors
    /// It is no form, or not one of these pages'.
    pub fn read(content_type: &str, bytes: &'a [u8]) -> Result<Self, NotShown> {
        let fields = posted::many(content_type, bytes, MOST);
        let problem = |why: posted::Unreadable| NotShown::Problem(Box::new(why.problem()));
        fields.map(Self).map_err(problem)
    }

    /// The text of a field; none where it is absent, empty or there twice.
    pub fn one(&self, name: &str) -> Option<&str> {
        let own = self.0.iter().filter(|field| field.name == name);
        let mut texts = own.filter_map(|field| std::str::from_utf8(&field.value).ok());
        let text = texts.next().map(str::trim).filter(|text| !text.is_empty());
        text.filter(|_| texts.next().is_none())
    }

    /// The texts of a field that may come often, without empty ones.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        let own = self.0.iter().filter(move |field| field.name == name);
        let texts = own.filter_map(|field| std::str::from_utf8(&field.value).ok());
        texts.map(str::trim).filter(|text| !text.is_empty())
    }

    /// The bytes of a file.
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        let own = self.0.iter().find(|field| field.name == name);
        own.map(|field| &*field.value)
            .filter(|bytes| !bytes.is_empty())
    }

    /// What the sender is told of a field whose value cannot be used.
    pub fn wrong(&self, name: &str, allowed: &str) -> Box<Problem> {
        super::super::invalid(name, self.one(name).unwrap_or_default(), allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_come_often_where_it_is_asked_for_so() {
        let pairs = "valg=ANM-1&valg=AFT-2&kommentar=+Vi+mangler+svar+&tom=&token=a&token=b";
        let form = Form::read("application/x-www-form-urlencoded", pairs.as_bytes()).unwrap();
        assert_eq!(form.all("valg").collect::<Vec<_>>(), ["ANM-1", "AFT-2"]);
        assert_eq!(form.one("kommentar"), Some("Vi mangler svar"));
        assert_eq!(
            (form.one("tom"), form.one("token"), form.one("x")),
            (None, None, None)
        );
        assert!(Form::read("text/plain", b"a=b").is_err());
        let many = "a=b&".repeat(MOST + 1);
        assert!(Form::read("application/x-www-form-urlencoded", many.as_bytes()).is_err());
    }
}
