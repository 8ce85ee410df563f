//! What a vendor tries its calls and documents with. Nothing of it changes the register.

use crate::contract::Operation;
use crate::gateway::{Asked, Desk, Found, Handler, Next, Offline};
use crate::import::{self, ImportAnswer};
use crate::message::{Builder, Field, Message};
use crate::server::exchange::Answer;
use crate::soap::{Shape, Shaped};

/// Shows that service and register are up.
pub(super) struct HelloWorld;
/// Gives a schema.
pub(super) struct GetXmlSchema;
/// Validates a document.
pub(super) struct ValidateXmlAgainstSchema;

/// Says which definition an operation has; its message has parameters alone.
macro_rules! shaped {
    ($operation:ty: $name:literal, $result:literal) => {
        impl Shaped for $operation {
            type Builder = Builder;

            fn operation(&'static self) -> &'static Operation {
                const { &Operation::reads($name, $result) }
            }

            fn builder(&self) -> Builder {
                Builder::new(None)
            }
        }
    };
}

shaped!(HelloWorld: "HelloWorld", "HelloWorldResult");
shaped!(GetXmlSchema: "GetXMLSchema", "GetXMLSchemaResult");
shaped!(ValidateXmlAgainstSchema: "ValidateXmlAgainstSchema", "importSvar");

/// An answer that is one text.
fn text(desk: &Desk<'_>, asked: &Asked<Message>, text: &str) -> Answer {
    let envelope = desk.envelope(asked, text.len(), |w| {
        w.text(text);
    });
    desk.answer(asked, envelope, None)
}

impl Handler for HelloWorld {
    fn handle(&'static self, desk: &Desk<'_>, asked: Asked<Message>) -> Next {
        Next::answer(match desk.read(|view| view.position()) {
            Ok(_) => text(desk, &asked, &format!("Hello {}", desk.now())),
            Err(error) => desk.failed(asked.about(), &error),
        })
    }
}

impl Handler for GetXmlSchema {
    fn handle(&'static self, desk: &Desk<'_>, asked: Asked<Message>) -> Next {
        let document = import::schema_document(desk.contract, &asked.request.message);
        Next::answer(match document {
            Ok(document) => text(desk, &asked, &document),
            Err(problem) => desk.refuse(&asked, &problem),
        })
    }

    fn check(&self, offline: &Offline<'_>, message: &Message, found: &mut Found) {
        if found.shape.is_valid() {
            let unknown = import::schema_document(offline.contract, message).err();
            found.shape.problems.extend(unknown);
        }
    }
}

impl Handler for ValidateXmlAgainstSchema {
    const TAKES_INVALID: bool = true;

    fn handle(&'static self, desk: &Desk<'_>, asked: Asked<Message>) -> Next {
        let (message, shape) = (&asked.request.message, &asked.request.shape);
        if !shape.is_valid() {
            let answer = validated(desk, &asked, shape, &asked.text);
            return Next::answer(answer);
        }
        let judged = import::validate_document(desk.contract, message, desk.bounds.xml);
        Next::answer(match judged {
            Ok((mut problems, more)) => {
                import::name_codes(&mut problems, desk.tables);
                let inside = message.parameter(Field::Xml).unwrap_or_default();
                validated(desk, &asked, &Shape { problems, more }, inside)
            }
            Err(problem) => desk.refuse(&asked, &problem),
        })
    }

    fn check(&self, offline: &Offline<'_>, message: &Message, found: &mut Found) {
        if !found.shape.is_valid() {
            return;
        }
        match import::validate_document(offline.contract, message, offline.limits) {
            Err(problem) => found.shape.problems.push(problem),
            // As the server's, the places are those inside the document.
            Ok((problems, more)) => {
                found.shape = Shape { problems, more };
                import::name_codes(&mut found.shape.problems, offline.tables);
                let inside = message.parameter(Field::Xml).unwrap_or_default();
                found.inside = Some(inside.to_owned());
            }
        }
    }
}

/// What was found in a document; places count in `text`.
fn validated(desk: &Desk<'_>, asked: &Asked<Message>, shape: &Shape, text: &str) -> Answer {
    let answer = ImportAnswer {
        service: asked.call.service,
        operation: asked.request.operation,
        reply: desk.reply(asked),
        ok: shape.problems.is_empty(),
        dry_run: false,
        id: asked.call.id,
        at: desk.now(),
        results: &[],
        problems: &shape.problems,
        more: shape.more,
        text,
    };
    let kode = shape.problems.first().map(|problem| problem.entry.kode);
    desk.answer(asked, import::import_answer(&answer), kode)
}
