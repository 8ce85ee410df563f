//! Attributes against their uses and wildcards.

use super::path::At;
use super::{Validator, XSI};
use crate::xml::{Attribute, StartTag};
use crate::xsd::error::{ErrorKind, excerpt};
use crate::xsd::likeness::Likeness;
use crate::xsd::simple::IdKind;
use crate::xsd::sink::{AttributeValue, Sink};
use crate::xsd::tables::{AttributeUse, ComplexType, Process, TypeId};

/// Declared attributes that one of another name is compared with.
const MOST_COMPARED: usize = 64;

impl<'s> Validator<'s> {
    /// Judges the attributes of the element just opened.
    pub(super) fn attributes<S: Sink + ?Sized>(&mut self, tag: &StartTag<'_, '_>, sink: &mut S) {
        let Some(frame) = self.stack.last() else {
            return;
        };
        let schema = self.schema;
        let complex = match frame.ty {
            TypeId::Complex(id) => Some(schema.complex(id)),
            TypeId::Simple(_) => None,
        };
        self.wild_id = false;
        self.seen.clear();
        self.seen
            .resize(complex.map_or(0, |c| c.attributes.len()), false);
        let given = tag.attributes();
        if given.len() == 0 && complex.is_none_or(|c| c.attributes.is_empty()) {
            return;
        }
        for attribute in given {
            if attribute.name.namespace == XSI
                && matches!(
                    attribute.name.local,
                    "type" | "nil" | "schemaLocation" | "noNamespaceSchemaLocation"
                )
            {
                continue;
            }
            self.attribute(tag, &attribute, complex, sink);
        }
        let Some(complex) = complex else { return };
        for (place, declared) in complex.attributes.iter().enumerate() {
            if !self.seen[place] {
                self.absent(tag, declared, sink);
            }
        }
    }

    fn attribute<S: Sink + ?Sized>(
        &mut self,
        tag: &StartTag<'_, '_>,
        attribute: &Attribute<'_, '_>,
        complex: Option<&'s ComplexType>,
        sink: &mut S,
    ) {
        let schema = self.schema;
        let (namespace, local) = (attribute.name.namespace, attribute.name.local);
        let name = schema.names.find(namespace, local);
        let uses = complex.map_or(&[][..], |c| &c.attributes);
        let place = name.and_then(|n| uses.iter().position(|u| u.name == n));
        let mut event = AttributeValue {
            local,
            namespace,
            value: attribute.value,
            offset: attribute.offset,
            valid: false,
            defaulted: false,
        };
        let declared = match place {
            Some(place) => {
                self.seen[place] = true;
                Some(&uses[place])
            }
            None => {
                let wildcard = complex
                    .and_then(|c| c.wildcard.as_ref())
                    .filter(|w| w.namespaces.accepts(namespace));
                let global = name.and_then(|n| schema.global_attributes.get(&n));
                match (wildcard.map(|w| w.process), global) {
                    (Some(Process::Skip), _) | (Some(Process::Lax), None) => {
                        event.valid = true;
                        return sink.attribute(&event);
                    }
                    (Some(_), Some(global)) => Some(global),
                    (Some(Process::Strict), None) | (None, _) => None,
                }
            }
        };
        let Some(declared) = declared else {
            self.unknown_attribute(tag, attribute, uses);
            return sink.attribute(&event);
        };
        let types = schema.types();
        if place.is_none() && types.get(declared.ty).id_kind == IdKind::Id {
            self.check_wild_id(attribute, uses);
        }
        let normalised = types.normalise(declared.ty, attribute.value);
        let at = At::Attribute(local);
        match self.judge_attribute(tag, declared, attribute.value, &normalised) {
            Ok(()) => {
                event.valid = true;
                self.note_ids(declared.ty, &normalised, attribute.value_offset, at);
            }
            Err(kind) => self.error(attribute.value_offset, at, |_| kind),
        }
        event.value = &normalised;
        sink.attribute(&event);
    }

    /// An attribute that is not declared: perhaps one that is, under nearly its name or in another namespace.
    #[cold]
    fn unknown_attribute(
        &mut self,
        tag: &StartTag<'_, '_>,
        attribute: &Attribute<'_, '_>,
        uses: &'s [AttributeUse],
    ) {
        let names = &self.schema.names;
        let local = attribute.name.local;
        let like = |u: &&AttributeUse| Likeness::of(local, names.local(u.name)).is_some();
        let is_given = |u: &&AttributeUse| {
            tag.attribute(names.namespace(u.name), names.local(u.name))
                .is_some()
        };
        let mut near = uses.iter().take(MOST_COMPARED);
        let place = near.position(|u| !is_given(&u) && like(&u));
        let meant = place.map(|place| {
            // It is not missed besides.
            self.seen[place] = true;
            names.local(uses[place].name).to_owned()
        });
        let found = excerpt(attribute.name.qname);
        self.error(attribute.offset, At::Attribute(local), |_| match meant {
            Some(meant) => ErrorKind::MisspelledAttribute { found, meant },
            None => ErrorKind::UnknownAttribute { found },
        });
    }

    /// An ID that a wildcard lets in must be the only one of its element.
    fn check_wild_id(&mut self, attribute: &Attribute<'_, '_>, uses: &[AttributeUse]) {
        let types = self.schema.types();
        let declared = uses.iter().any(|u| types.get(u.ty).id_kind == IdKind::Id);
        if declared || self.wild_id {
            let found = excerpt(attribute.name.qname);
            let at = At::Attribute(attribute.name.local);
            self.error(attribute.offset, at, |_| ErrorKind::SecondId { found });
        }
        self.wild_id = true;
    }

    fn judge_attribute(
        &self,
        tag: &StartTag<'_, '_>,
        declared: &AttributeUse,
        raw: &str,
        normalised: &str,
    ) -> Result<(), ErrorKind> {
        let (types, scope) = (self.schema.types(), tag.namespaces());
        match declared.value.as_ref().filter(|v| v.fixed) {
            None => types.check_normalised(declared.ty, normalised, Some(scope)),
            Some(fixed) => self.check_fixed(declared.ty, raw, fixed, scope),
        }
    }

    /// An attribute that is not there.
    fn absent<S: Sink + ?Sized>(
        &mut self,
        tag: &StartTag<'_, '_>,
        declared: &'s AttributeUse,
        sink: &mut S,
    ) {
        let names = &self.schema.names;
        let local = names.local(declared.name);
        let at = At::Attribute(local);
        if declared.required {
            let expected = local.to_owned();
            let kind = ErrorKind::MissingAttribute { expected };
            return self.error(tag.offset, at, |_| kind);
        }
        let Some(value) = &declared.value else { return };
        let normalised = self.schema.types().normalise(declared.ty, &value.lexical);
        sink.attribute(&AttributeValue {
            local,
            namespace: names.namespace(declared.name),
            value: &normalised,
            offset: tag.offset,
            valid: true,
            defaulted: true,
        });
        self.note_ids(declared.ty, &normalised, tag.offset, at);
    }
}
