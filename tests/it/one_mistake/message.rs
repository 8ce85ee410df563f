//! Messages as trees, made from the schemas, and where each element stands when they are written out.

use std::collections::HashMap;
use std::path::Path;

use super::values;
use crate::support::Element;

/// An element of a message.
#[derive(Debug, Clone)]
pub(super) struct Tag {
    /// What tells it from all others of the message.
    pub(super) id: usize,
    pub(super) prefix: &'static str,
    pub(super) name: String,
    /// Its simple type; none for one with children.
    pub(super) simple: Option<String>,
    pub(super) min: u32,
    pub(super) max: u32,
    pub(super) text: String,
    pub(super) attributes: String,
    pub(super) children: Vec<Tag>,
    /// Written without its end tag.
    pub(super) open: bool,
}

/// Where an element was written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct At {
    pub(super) line: u32,
    pub(super) column: u32,
    /// Column of its value or first attribute.
    pub(super) inner: u32,
    pub(super) end: (u32, u32),
}

/// A message with its namespaces.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) root: Tag,
    pub(super) import: String,
    /// The default namespace; none for no declaration.
    pub(super) types: Option<String>,
}

impl Message {
    /// The text, with the place of each element by id.
    pub(super) fn write(&self) -> (String, HashMap<usize, At>) {
        let mut out = Out {
            text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(),
            line: 2,
            line_from: 0,
            places: HashMap::new(),
        };
        out.line_from = out.text.len();
        let types = self.types.as_ref();
        let types = types.map_or(String::new(), |uri| format!(" xmlns=\"{uri}\""));
        let mut root = self.root.clone();
        root.attributes = format!(" xmlns:i=\"{}\"{types}", self.import);
        out.write(&root, 0);
        (out.text, out.places)
    }
}

/// A message on its way out.
struct Out {
    text: String,
    line: u32,
    line_from: usize,
    places: HashMap<usize, At>,
}

impl Out {
    /// Line and column of what comes next.
    fn here(&self) -> (u32, u32) {
        let column = self.text[self.line_from..].chars().count() + 1;
        (self.line, column as u32)
    }

    fn end_line(&mut self) {
        self.text.push('\n');
        self.line += 1;
        self.line_from = self.text.len();
    }

    fn write(&mut self, tag: &Tag, depth: usize) {
        let indent = "  ".repeat(depth);
        self.text.push_str(&indent);
        let (line, column) = self.here();
        let qname = format!("{}{}", tag.prefix, tag.name);
        self.text.push_str(&format!("<{qname}"));
        let attribute = self.here().1 + 1;
        self.text.push_str(&format!("{}>", tag.attributes));
        let inner = match tag.attributes.is_empty() {
            true => self.here().1,
            false => attribute,
        };
        self.text.push_str(&tag.text);
        if !tag.children.is_empty() {
            self.end_line();
            for child in &tag.children {
                self.write(child, depth + 1);
            }
            self.text.push_str(&indent);
        }
        let end = self.here();
        if !tag.open {
            self.text.push_str(&format!("</{qname}>"));
        }
        self.end_line();
        let at = At {
            line,
            column,
            inner,
            end,
        };
        self.places.insert(tag.id, at);
    }
}

/// The right message of every write of both versions.
pub(super) fn right() -> Vec<Message> {
    let mut messages = Vec::new();
    for version in ["v1", "v2"] {
        let read = |name: &str| {
            let file =
                Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("xsd/{name}-{version}.xsd"));
            Element::parse(&std::fs::read_to_string(file).unwrap())
        };
        let (service, types) = (read("ImportService"), read("Typer"));
        for operation in &service.children {
            let name = operation.attribute("name").unwrap_or_default();
            let write = ["Insert", "Update", "Delete", "Move"];
            if operation.name != "element"
                || name.ends_with("Response")
                || !write.iter().any(|kind| name.starts_with(kind))
            {
                continue;
            }
            let mut next = 0;
            let mut maker = Maker {
                types: &types,
                operation: name,
                next: &mut next,
            };
            let root = maker.operation(operation);
            messages.push(Message {
                root,
                import: format!("urn:dagtilbudsregister:import:{version}"),
                types: Some(format!("urn:dagtilbudsregister:typer:{version}")),
            });
        }
    }
    messages
}

struct Maker<'a> {
    types: &'a Element,
    operation: &'a str,
    next: &'a mut usize,
}

impl Maker<'_> {
    fn operation(&mut self, operation: &Element) -> Tag {
        let mut root = self.tag("i:", self.operation, None, operation);
        let sequence = operation.first("sequence").unwrap();
        root.children = self.children(sequence, "i:");
        root
    }

    fn children(&mut self, sequence: &Element, prefix: &'static str) -> Vec<Tag> {
        let elements = sequence.children.iter().filter(|e| e.name == "element");
        elements
            .map(|element| self.element(element, prefix))
            .collect()
    }

    fn element(&mut self, element: &Element, prefix: &'static str) -> Tag {
        let name = element.attribute("name").unwrap();
        let of = element.attribute("type").unwrap();
        let local = of.split(':').nth(1).unwrap();
        let complex = self.types.children.iter().find(|t| {
            t.name == "complexType" && t.attribute("name") == Some(local) && !of.starts_with("xs:")
        });
        let Some(complex) = complex else {
            let local = if of.starts_with("xs:") { of } else { local };
            let mut tag = self.tag(prefix, name, Some(local), element);
            tag.text = values::right(name, local, self.operation).to_owned();
            return tag;
        };
        let mut tag = self.tag(prefix, name, None, element);
        let sequence = complex.first("sequence").unwrap();
        tag.children = self.children(sequence, "");
        if complex.children.iter().any(|c| c.name == "attribute") {
            tag.attributes = " forventetVersion=\"1\"".to_owned();
        }
        tag
    }

    fn tag(
        &mut self,
        prefix: &'static str,
        name: &str,
        simple: Option<&str>,
        element: &Element,
    ) -> Tag {
        let number = |key: &str| element.attribute(key).and_then(|text| text.parse().ok());
        *self.next += 1;
        Tag {
            id: *self.next,
            prefix,
            name: name.to_owned(),
            simple: simple.map(str::to_owned),
            min: number("minOccurs").unwrap_or(1),
            max: number("maxOccurs").unwrap_or(1),
            text: String::new(),
            attributes: String::new(),
            children: Vec::new(),
            open: false,
        }
    }
}
