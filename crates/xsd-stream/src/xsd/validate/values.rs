//! The end of an element: its value, or whether its content is complete.

use super::path::At;
use super::{Inside, Validator};
use crate::xml::{EndTag, Namespaces};
use crate::xsd::error::ErrorKind;
use crate::xsd::simple::{SimpleId, Variety};
use crate::xsd::sink::{SimpleValue, Sink};
use crate::xsd::tables::{Content, TypeId, ValueConstraint};

impl<'s> Validator<'s> {
    /// The innermost element ends at `offset`.
    pub(super) fn close<S: Sink + ?Sized>(&mut self, tag: &EndTag<'_, '_>, sink: &mut S) {
        let offset = tag.offset;
        let Some(frame) = self.stack.last() else {
            return;
        };
        let inside = frame.inside;
        let value = frame
            .element
            .and_then(|id| self.schema.element(id).value.as_ref());
        match inside {
            Inside::Simple(ty) => self.close_simple(ty, value, tag, sink),
            Inside::Elements { model, mixed } => {
                self.end_content(model, offset);
                if mixed && let Some(value) = value {
                    self.check_mixed_value(value, offset);
                }
            }
            Inside::Empty | Inside::Nil | Inside::Excused => {}
        }
        if !self.identity.passes_over() {
            match inside {
                Inside::Nil if self.has_simple_content() => self.identity_nil(),
                _ => self.identity_value(None, ""),
            }
            self.identity_end();
        }
        if let Some(frame) = self.stack.pop() {
            self.states.truncate(frame.state_from);
            self.counts.truncate(frame.counts_from);
        }
        self.text.clear();
        self.text_offset = None;
    }

    fn close_simple<S: Sink + ?Sized>(
        &mut self,
        ty: SimpleId,
        constraint: Option<&'s ValueConstraint>,
        tag: &EndTag<'_, '_>,
        sink: &mut S,
    ) {
        let offset = self.text_offset.unwrap_or(tag.offset);
        let has_children = self.stack.last().is_some_and(|f| f.has_children);
        let text = std::mem::take(&mut self.text);
        let (raw, defaulted) = match constraint {
            Some(constraint) if text.is_empty() && !has_children => {
                (constraint.lexical.as_ref(), true)
            }
            _ => (text.as_str(), false),
        };
        let types = self.schema.types();
        let union = matches!(types.get(ty).variety, Variety::Union(_));
        let normalised = if union {
            crate::xsd::datatype::WhiteSpace::Collapse.normalise(raw)
        } else {
            types.normalise(ty, raw)
        };
        let wanted = self.identity.wants(self.stack.len());
        let plain = !union && constraint.is_none_or(|c| !c.fixed);
        // What stands between child elements that may not be there is no value.
        let result = if has_children {
            None
        } else if plain && wanted {
            Some(self.check_wanted(ty, &normalised, tag.namespaces()))
        } else if plain {
            Some(types.check_normalised(ty, &normalised, Some(tag.namespaces())))
        } else {
            Some(self.judge(ty, raw, constraint, tag.namespaces()))
        };
        let valid = matches!(result, Some(Ok(())));
        if let Some(Err(kind)) = result {
            let kind = match normalised.is_empty() {
                true => self.empty(ty, kind),
                false => kind,
            };
            self.error(offset, At::Here, |_| kind);
        }
        if valid {
            self.note_ids(ty, &normalised, offset, At::Here);
        }
        // `check_wanted` has taken the capture away if it could.
        if wanted && self.identity.wants(self.stack.len()) {
            let value = if union {
                types.value(ty, raw, Some(tag.namespaces()))
            } else {
                types.evaluate(ty, &normalised, Some(tag.namespaces()))
            };
            self.identity_value(Some(value.ok().as_ref()), &normalised);
        }
        sink.value(&SimpleValue {
            value: &normalised,
            offset,
            valid,
            defaulted,
        });
        drop(normalised);
        self.text = text;
    }

    /// What is wrong with the innermost element, which its parent's model names and which has no value.
    #[cold]
    fn empty(&self, ty: SimpleId, kind: ErrorKind) -> ErrorKind {
        let place = self.stack.last().and_then(|f| f.place);
        match (place, &kind) {
            (None, _) | (_, ErrorKind::FixedValue { .. }) => kind,
            (Some((model, leaf)), _) => ErrorKind::EmptyValue {
                type_name: self.schema.types().get(ty).name.to_string(),
                optional: self.schema.models[model as usize].nodes[leaf as usize].min == 0,
                rule: kind.constraint(),
            },
        }
    }

    /// Judges a value that a key asks for, which is worked out only once. Apart
    /// from `check_normalised`, so as not to slow down the many that none does.
    #[inline(never)]
    fn check_wanted(
        &mut self,
        ty: SimpleId,
        normalised: &str,
        scope: &Namespaces<'_>,
    ) -> Result<(), ErrorKind> {
        let types = self.schema.types();
        let value = types.evaluate(ty, normalised, Some(scope))?;
        self.identity_value(Some(Some(&value)), normalised);
        Ok(())
    }

    /// Whether `raw` is valid for the type and equals the fixed value, if there is one.
    fn judge(
        &self,
        ty: SimpleId,
        raw: &str,
        constraint: Option<&ValueConstraint>,
        scope: &Namespaces<'_>,
    ) -> Result<(), ErrorKind> {
        match constraint.filter(|c| c.fixed) {
            None => self.schema.types().check(ty, raw, Some(scope)),
            Some(fixed) => self.check_fixed(ty, raw, fixed, scope),
        }
    }

    /// Whether `raw` is valid for the type and equals the fixed value.
    pub(super) fn check_fixed(
        &self,
        ty: SimpleId,
        raw: &str,
        fixed: &ValueConstraint,
        scope: &Namespaces<'_>,
    ) -> Result<(), ErrorKind> {
        let types = self.schema.types();
        let value = types.value(ty, raw, Some(scope))?;
        match types.value(ty, &fixed.lexical, Some(scope)) {
            Ok(wanted) if !wanted.equals(&value) => Err(fixed.broken_by(raw)),
            _ => Ok(()),
        }
    }

    fn has_simple_content(&self) -> bool {
        match self.stack.last().map(|f| f.ty) {
            Some(TypeId::Complex(id)) => {
                matches!(self.schema.complex(id).content, Content::Simple(_))
            }
            _ => true,
        }
    }

    fn check_mixed_value(&mut self, constraint: &ValueConstraint, offset: usize) {
        let Some(frame) = self.stack.last() else {
            return;
        };
        let wrong = frame.has_children || frame.has_text && self.text != *constraint.lexical;
        if constraint.fixed && wrong {
            let kind = constraint.broken_by(&self.text);
            self.error(offset, At::Here, |_| kind);
        }
    }
}
