//! What a planned record will say otherwise, field by field.

use super::Planned;
use crate::register::{Column, Content, Def, Pen, Value};

impl Planned {
    /// The fields that will say something else, with what they say now and what they will say; of a record that is opened all
    /// that it has. What it stands under is not among them.
    pub fn differing(&self) -> Vec<Difference<'_>> {
        let before = self.before.as_deref().map(Fields::of).unwrap_or_default();
        let after = Fields::of(&self.after);
        let fields = self
            .level
            .fields()
            .filter(|def| def.column != Column::Foraelder);
        fields
            .map(|def| (def, before.get(def), after.get(def)))
            .filter(|(_, before, after)| before != after)
            .collect()
    }
}

/// A field with what it says before and after.
pub type Difference<'a> = (&'static Def, Option<Value<'a>>, Option<Value<'a>>);

/// What a record's fields hold.
#[derive(Default)]
struct Fields<'a>(Vec<(&'static Def, Value<'a>)>);

impl<'a> Fields<'a> {
    fn of(content: &'a Content) -> Self {
        let mut fields = Self::default();
        content.write(&mut fields);
        fields
    }

    fn get(&self, def: &Def) -> Option<Value<'a>> {
        let found = self.0.iter().find(|(own, _)| own.field == def.field);
        found.map(|(_, value)| *value)
    }
}

impl<'a> Pen<'a> for Fields<'a> {
    fn field(&mut self, def: &'static Def, value: Value<'a>) {
        self.0.push((def, value));
    }
}
