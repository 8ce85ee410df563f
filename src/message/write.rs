//! Writes records as the Extend types of the contract: everything that the register knows, with the texts of codes.
//!
//! The prefix `t` stands for the types' namespace; whoever opens the surrounding element declares it. yaserde does not
//! serve here: the namespace of a version is a run-time value, and the path is hot.

use crate::register::{Def, Field, Kind, Kodetabeller, Pen, Record, Value, Version};
use crate::xml::Writer;

/// What the form of a record depends on.
#[derive(Debug, Clone, Copy)]
pub struct Form<'a> {
    /// The version of the contract: it has its own fields and those of versions before it.
    pub version: Version,
    /// For the texts of codes.
    pub tables: &'a Kodetabeller,
}

/// Writes a whole record as this element.
pub fn record(w: &mut Writer, element: &str, post: &Record, form: Form<'_>) {
    w.open(element);
    fields(w, post, form);
    w.close(element);
}

/// Writes what stands inside a record's element.
pub fn fields(w: &mut Writer, post: &Record, form: Form<'_>) {
    post.write(&mut XmlPen { w, form });
}

/// Writes elements of the version asked for, with the texts of codes.
struct XmlPen<'w, 'f> {
    w: &'w mut Writer,
    form: Form<'f>,
}

impl XmlPen<'_, '_> {
    fn leaf(&mut self, tag: &str, value: Value<'_>) {
        match value.as_str() {
            Some(text) => self.w.leaf(tag, text),
            None => self.w.leaf(tag, &value.to_string()),
        };
    }
}

impl<'a> Pen<'a> for XmlPen<'_, '_> {
    fn field(&mut self, def: &'static Def, value: Value<'a>) {
        if def.since > self.form.version {
            return;
        }
        self.leaf(def.field.tag(), value);
        // A code that a replaced table no longer has stands alone.
        if let (Kind::Code(table), Some(code)) = (def.kind, value.code())
            && let Some(text) = self.form.tables.of(table).tekst(code)
        {
            self.w.leaf(def.field.text_tag(), text);
        }
    }

    fn open_address(&mut self) {
        self.w.open("t:adresse");
    }

    fn close_address(&mut self) {
        self.w.close("t:adresse");
    }

    fn own(&mut self, field: Field, since: Version, value: Value<'a>) {
        if since <= self.form.version {
            self.leaf(field.tag(), value);
        }
    }
}
