//! `GetXMLSchema` and `ValidateXmlAgainstSchema`: what a vendor tries its documents with. Neither touches the register.

use crate::contract::Contract;
use crate::message::{Build as _, Builder, Field, Message};
use crate::problem::{self, Problem, soap};
use crate::soap::Shape;
use crate::xml::{Event, Limits, Reader, XmlError};
use crate::xsd::{Schema, Validator};

/// The largest document that `ValidateXmlAgainstSchema` takes, in bytes (kontrakt §4).
const LARGEST_DOCUMENT: usize = 1024 * 1024;

/// The named schema as one document.
pub fn schema_document(contract: &Contract, message: &Message) -> Result<String, Problem> {
    let name = message.parameter(Field::Skemanavn).unwrap_or_default();
    contract
        .schema_document(name)
        .ok_or_else(|| unknown(contract, name))
}

/// What is wrong with the document in `xml`, and how many more errors there were than are listed; places count inside
/// the document. The outer error refuses the call.
pub fn validate_document(
    contract: &Contract,
    message: &Message,
    limits: Limits,
) -> Result<(Vec<Problem>, usize), Problem> {
    let name = message.parameter(Field::Skemanavn).unwrap_or_default();
    let schema = contract
        .schema(name)
        .ok_or_else(|| unknown(contract, name))?;
    let text = message.parameter(Field::Xml).unwrap_or_default();
    if text.len() > LARGEST_DOCUMENT {
        return Err(Problem::new(&soap::XML_FOR_STOR).with("graense", LARGEST_DOCUMENT));
    }
    let (shape, malformed) = judge(schema, text, limits);
    let mut problems = shape.problems;
    problems.extend(malformed.as_ref().map(problem::from_xml));
    Ok((problems, shape.more))
}

fn unknown(contract: &Contract, name: &str) -> Problem {
    let names: Vec<_> = contract.schema_names().collect();
    Problem::new(&soap::UKENDT_SKEMA)
        .with("navn", name)
        .with("navne", names.join(", "))
}

/// Validates as far as the document is well-formed; a call's element is held to what calls are held to.
pub(crate) fn judge(schema: &Schema, text: &str, limits: Limits) -> (Shape, Option<XmlError>) {
    let (mut root, mut builder) = (String::new(), Builder::new(None));
    let mut reader = Reader::new(text, limits);
    let mut validator = Validator::new(schema);
    let malformed = loop {
        match &reader.next() {
            Ok(Event::Start(tag)) => {
                if validator.depth() == 0 {
                    tag.name.local.clone_into(&mut root);
                    validator.start(tag, &mut ());
                } else {
                    validator.start(tag, &mut builder);
                }
            }
            Ok(Event::Text(text)) if validator.depth() > 0 => validator.text(text),
            Ok(Event::Text(_)) => {}
            Ok(Event::End(tag)) => validator.end(tag, &mut builder),
            Ok(Event::Eof) => break None,
            Err(error) => break Some(error.clone()),
        }
    };
    let mut report = validator.finish();
    if let Some(error) = &malformed {
        // What was found behind an element that is not closed stands elsewhere than it seems.
        report.errors.retain(|e| e.offset < error.sound_until());
    }
    let shape = Shape::of(&report, builder.finish(&root).problems);
    (shape, malformed)
}
