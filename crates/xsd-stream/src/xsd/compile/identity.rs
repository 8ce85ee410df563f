//! Identity constraints: their XPath subset (Structures 3.11.6) and references.

use std::collections::HashMap;

use super::{Compiler, NodeRef};
use crate::xml::{is_ncname, trim, trim_start};
use crate::xsd::identity::{IdentityConstraint, IdentityKind, MAX_STEPS, NameTest, Path, Paths};

impl Compiler {
    /// Builds all identity constraints and hands them to their elements.
    pub(super) fn build_identity_constraints(&mut self) {
        let nodes = self.nodes(|at| matches!(self.tag(at), "unique" | "key" | "keyref"));
        let mut by_name: HashMap<(String, String), u32> = HashMap::new();
        for (place, &at) in nodes.iter().enumerate() {
            let target = self.document(at).target.clone();
            let name = self.checked_name(at);
            let before = by_name.insert((target, name.clone()), place as u32);
            if before.is_some() {
                let message = format!("'{name}' is declared twice");
                self.error(at, "sch-props-correct.2", message);
            }
        }
        for (place, &at) in nodes.iter().enumerate() {
            let Some(built) = self.build_identity_constraint(at, &by_name) else {
                continue;
            };
            self.constraints.push(built);
            let owner = self.parent(at).and_then(|p| self.element_ids.get(&p));
            if let Some(owner) = owner {
                let constraints = &mut self.elements[owner.0 as usize].constraints;
                constraints.push(place as u32);
            }
        }
        if !self.errors.is_empty() {
            return;
        }
        for (place, &at) in nodes.iter().enumerate() {
            let IdentityKind::Keyref(key) = self.constraints[place].kind else {
                continue;
            };
            let key = &self.constraints[key as usize];
            if matches!(key.kind, IdentityKind::Keyref(_)) {
                self.error(at, "c-props-correct.1", "a keyref can't refer to a keyref");
            } else if key.fields.len() != self.constraints[place].fields.len() {
                let message = "the keyref has another number of fields than the key";
                self.error(at, "c-props-correct.2", message);
            }
        }
    }

    fn build_identity_constraint(
        &mut self,
        at: NodeRef,
        by_name: &HashMap<(String, String), u32>,
    ) -> Option<IdentityConstraint> {
        let kind = match self.tag(at) {
            "unique" => IdentityKind::Unique,
            "key" => IdentityKind::Key,
            _ => {
                let name = self.reference(at, "refer")?;
                let place = by_name.get(&name).copied();
                IdentityKind::Keyref(place.or_else(|| self.missing(at, "key", &name))?)
            }
        };
        let name = self.name(at).into();
        let mut selector = None;
        let mut fields = Vec::new();
        for child in self.children(at) {
            let tag = self.tag(child).to_owned();
            let Some(source) = self.attr(child, "xpath").map(str::to_owned) else {
                continue;
            };
            let field = tag == "field";
            match self.paths(child, &source, field) {
                Ok(paths) if field => fields.push(paths),
                Ok(paths) => selector = Some(paths),
                Err(message) => {
                    let rule = match field {
                        true => "c-fields-xpaths",
                        false => "c-selector-xpath",
                    };
                    return self.refuse(child, rule, format!("'{source}': {message}"));
                }
            }
        }
        Some(IdentityConstraint {
            name,
            kind,
            selector: selector?,
            fields,
        })
    }

    fn paths(&mut self, at: NodeRef, source: &str, field: bool) -> Result<Paths, String> {
        let list = source
            .split('|')
            .map(|path| self.path(at, path, field))
            .collect::<Result<_, _>>()?;
        Ok(Paths {
            source: source.trim().into(),
            list,
        })
    }

    fn path(&mut self, at: NodeRef, source: &str, field: bool) -> Result<Path, String> {
        let mut rest = trim(source);
        let mut path = Path {
            anywhere: false,
            steps: Vec::new(),
            attribute: None,
        };
        if let Some(after) = rest.strip_prefix('.')
            && let Some(after) = trim_start(after).strip_prefix("//")
        {
            path.anywhere = true;
            rest = after;
        }
        let steps: Vec<&str> = rest.split('/').map(trim).collect();
        for (i, step) in steps.iter().enumerate() {
            if *step == "." {
                continue;
            }
            let attribute = step.strip_prefix('@');
            if let Some(name) = attribute.or_else(|| axis(step, "attribute")) {
                if !field || i + 1 != steps.len() {
                    return Err("an attribute may only end a field".to_owned());
                }
                path.attribute = Some(self.name_test(at, trim(name))?);
            } else {
                let name = axis(step, "child").unwrap_or(step);
                path.steps.push(self.name_test(at, trim(name))?);
            }
        }
        if path.steps.len() > MAX_STEPS {
            return Err(format!("more than {MAX_STEPS} steps"));
        }
        Ok(path)
    }

    fn name_test(&mut self, at: NodeRef, test: &str) -> Result<NameTest, String> {
        if test == "*" {
            return Ok(NameTest::Any);
        }
        let document = &self.documents[at.0 as usize];
        let found = if let Some(prefix) = test.strip_suffix(":*") {
            let probe = format!("{prefix}:x");
            let named = document.qname(at.1, &probe).filter(|_| !prefix.is_empty());
            named.map(|(namespace, _)| NameTest::Namespace(namespace.into()))
        } else {
            let named = match test.contains(':') {
                true => document.qname(at.1, test),
                // Without prefix a name in an XPath has no namespace.
                false => is_ncname(test).then_some(("", test)),
            };
            let named = named.filter(|_| !test.contains([' ', '\t', '\n', '\r']));
            named.map(|(namespace, local)| NameTest::Name(self.names.intern(namespace, local)))
        };
        found.ok_or_else(|| format!("'{test}' is not a name test"))
    }
}

/// What follows `name ::`.
fn axis<'s>(step: &'s str, name: &str) -> Option<&'s str> {
    trim_start(step.strip_prefix(name)?).strip_prefix("::")
}
