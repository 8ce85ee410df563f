//! Redefinition: a component takes the place of one of the same name in the
//! document redefined, and may refer to it by that name.

use std::collections::{HashMap, HashSet};

use super::attributes::AttributeSet;
use super::declarations::any_type;
use super::{Compiler, NodeRef, Space};
use crate::xsd::tables::ComplexType;

/// The name under which what `component` redefines is put away; no name can
/// look like it.
pub(super) fn original_name(local: &str, component: NodeRef) -> String {
    format!("{local}\0{}\0{}", component.0, component.1)
}

impl Compiler {
    /// Applies the redefinitions of all documents. Documents are in the order
    /// in which they were asked for, so going backwards the innermost
    /// redefinition comes first and the outermost has the last word.
    pub(super) fn apply_redefinitions(&mut self) {
        let mut done: HashMap<(Space, String, String), Vec<NodeRef>> = HashMap::new();
        for d in (0..self.documents.len() as u32).rev() {
            for redefine in self.children((d, 0)) {
                if self.tag(redefine) != "redefine" {
                    continue;
                }
                let mut seen: HashMap<(Space, String), NodeRef> = HashMap::new();
                for component in self.children(redefine) {
                    let Some(space) = Space::of(self.tag(component)) else {
                        continue;
                    };
                    let name = self.name(component);
                    if seen.insert((space, name.clone()), component).is_some() {
                        let message = format!("'{name}' is redefined twice");
                        self.error(component, "sch-props-correct.2", message);
                        continue;
                    }
                    let target = self.document(component).target.clone();
                    let same = done.entry((space, target, name.clone())).or_default();
                    if self.is_circular(component, same) {
                        let message = format!("'{name}' is redefined in a circle");
                        self.error(component, "src-redefine", message);
                        continue;
                    }
                    same.push(component);
                    self.redefine(component, space, name);
                }
            }
        }
    }

    fn redefine(&mut self, component: NodeRef, space: Space, name: String) {
        let target = self.document(component).target.clone();
        let key = (space, target.clone(), name.clone());
        let reachable = self.reachable(component);
        let found = self.globals.get(&key).copied();
        let Some(original) = found.filter(|original| reachable.contains(&original.0)) else {
            let message = format!("there is no '{name}' to redefine");
            return self.error(component, "src-redefine", message);
        };
        if self.tag(original) != self.tag(component) {
            let message = format!("'{name}' is a {}", self.tag(original));
            return self.error(component, "src-redefine", message);
        }
        let references = self.self_references(component, space, &name);
        match space {
            Space::Type if references.len() != 1 => {
                let message = "a redefined type must be derived from itself";
                self.error(component, "src-redefine.5", message);
            }
            Space::Group | Space::AttributeGroup if references.len() > 1 => {
                let message = "a redefined group may refer to itself only once";
                self.error(component, "src-redefine.6", message);
            }
            Space::Group | Space::AttributeGroup if references.is_empty() => {
                self.redefinitions.push((component, original));
            }
            Space::Group => {
                for at in references {
                    let once = |name: &str| self.attr(at, name).is_none_or(|v| v.trim() == "1");
                    if !once("minOccurs") || !once("maxOccurs") {
                        let message = "a redefined group must refer to itself exactly once";
                        self.error(at, "src-redefine.6.1.2", message);
                    }
                }
            }
            _ => {}
        }
        let put_away = (space, target, original_name(&name, component));
        self.globals.insert(put_away, original);
        self.globals.insert(key, component);
    }

    /// Whether `component` redefines what is made of it: its own document, or
    /// one in which an `other` of its name redefines that of this document.
    fn is_circular(&self, component: NodeRef, others: &[NodeRef]) -> bool {
        let reachable = self.reachable(component);
        let target = self.parent(component).and_then(|at| self.links.get(&at));
        target == Some(&component.0)
            || others.iter().any(|&other| {
                reachable.contains(&other.0) && self.reachable(other).contains(&component.0)
            })
    }

    /// The documents that the redefine around `component` leads to.
    fn reachable(&self, component: NodeRef) -> HashSet<u32> {
        let mut found = HashSet::new();
        let target = self.parent(component).and_then(|at| self.links.get(&at));
        let mut work: Vec<u32> = target.copied().into_iter().collect();
        while let Some(document) = work.pop() {
            if found.insert(document) {
                let children = self.children((document, 0)).into_iter();
                let inner = children.filter(|&at| matches!(self.tag(at), "include" | "redefine"));
                work.extend(inner.filter_map(|at| self.links.get(&at)));
            }
        }
        found
    }

    /// Groups redefined without reference to themselves must restrict what
    /// they redefine (src-redefine 6.2.2 and 7.2.2).
    pub(super) fn check_redefinitions(&mut self) {
        for (component, original) in std::mem::take(&mut self.redefinitions) {
            let result = if self.tag(component) == "group" {
                let particle = |at| self.group_particles.get(&at).copied();
                self.restricts(particle(component), particle(original))
            } else {
                let (new, old) = (self.attribute_set(component), self.attribute_set(original));
                let as_type = |set: AttributeSet| ComplexType {
                    attributes: set.uses,
                    wildcard: set.wildcard,
                    ..any_type()
                };
                self.attributes_restrict(&as_type(new), &as_type(old))
            };
            if let Err(message) = result {
                self.error(component, "src-redefine", message);
            }
        }
    }

    /// Where a redefinition refers to what it redefines.
    fn self_references(&self, component: NodeRef, space: Space, name: &str) -> Vec<NodeRef> {
        let wanted = original_name(name, component);
        let attribute = if space == Space::Type { "base" } else { "ref" };
        let mut found = Vec::new();
        let mut work = vec![component];
        while let Some(at) = work.pop() {
            work.extend(self.children(at));
            let lexical = self.attr(at, attribute);
            let reference = lexical.and_then(|lexical| self.resolve(at, lexical));
            if reference.is_some_and(|(_, local)| local == wanted) {
                found.push(at);
            }
        }
        found
    }
}
