//! What a service is to the gateway: its definition and its operations, each with what it does. The gateway knows no
//! operation: it is given them.

use std::fmt;

use super::desk::{Asked, Desk, Next};
use crate::contract::{Contract, Operation, Service};
use crate::register::Kodetabeller;
use crate::soap::{Content, Element, MessageOf, Names, Reads, Refusal, Shape, Shaped};
use crate::xml::Limits;

/// A service with what its operations do.
#[derive(Debug, Clone)]
pub struct Definition {
    /// Its names and files.
    pub service: &'static Service,
    /// Its operations, in the order of its WSDL.
    pub operations: Vec<&'static dyn Operate>,
}

/// What an operation does with its messages, which are of a shape of its own.
pub trait Handler: Shaped + Sync {
    /// Whether it takes messages that its schema refuses, to say more of them. Others are refused before.
    const TAKES_INVALID: bool = false;

    /// Answers, or says what has to be done first. Called by a thread that keeps connections: what may take long is left to
    /// others by [`Next`].
    fn handle(&'static self, desk: &Desk<'_>, asked: Asked<MessageOf<Self>>) -> Next;

    /// Adds what can be said of a message without a register, as `dtr check` does.
    fn check(&self, offline: &Offline<'_>, message: &MessageOf<Self>, found: &mut Found) {
        let _ = (offline, message, found);
    }
}

/// What a message is judged by without a register.
#[derive(Debug, Clone, Copy)]
pub struct Offline<'a> {
    /// The schemas.
    pub contract: &'a Contract,
    /// The code tables.
    pub tables: &'a Kodetabeller,
    /// Limits of XML.
    pub limits: Limits,
}

/// What was found in a message.
#[derive(Debug)]
pub struct Found {
    /// What is wrong with it.
    pub shape: Shape,
    /// The text that places count in, where that is not the whole message.
    pub inside: Option<String>,
}

/// A [`Handler`], whatever its message is. One virtual call for each message reads it, and one answers it.
pub trait Operate: Sync {
    /// The definition.
    fn operation(&'static self) -> &'static Operation;

    /// Which names the log may show of its messages.
    fn names(&'static self) -> Names;

    /// Reads its element.
    ///
    /// # Errors
    /// What is not well-formed.
    fn read(&'static self, element: Element<'_, '_, '_>)
    -> Result<Content<Box<dyn Call>>, Refusal>;
}

/// A message of an operation, read.
pub trait Call: Send {
    /// See [`Handler::handle`].
    fn answer(self: Box<Self>, desk: &Desk<'_>, asked: Asked<()>) -> Next;

    /// See [`Handler::check`].
    fn check(&self, offline: &Offline<'_>, found: &mut Found);
}

impl fmt::Debug for dyn Operate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Operate")
    }
}

impl<H: Handler> Operate for H {
    fn operation(&'static self) -> &'static Operation {
        Shaped::operation(self)
    }

    fn names(&'static self) -> Names {
        Reads::names(self)
    }

    fn read(
        &'static self,
        element: Element<'_, '_, '_>,
    ) -> Result<Content<Box<dyn Call>>, Refusal> {
        let content = Reads::read(self, element)?;
        Ok(content.map(|(handler, message)| Box::new(Sent { handler, message }) as Box<dyn Call>))
    }
}

impl Reads for dyn Operate {
    type Message = Box<dyn Call>;

    fn operation(&'static self) -> &'static Operation {
        Operate::operation(self)
    }

    fn names(&'static self) -> Names {
        Operate::names(self)
    }

    fn read(
        &'static self,
        element: Element<'_, '_, '_>,
    ) -> Result<Content<Box<dyn Call>>, Refusal> {
        Operate::read(self, element)
    }
}

/// A message with the operation that it is for.
struct Sent<H: Handler> {
    handler: &'static H,
    message: MessageOf<H>,
}

impl<H: Handler> Call for Sent<H> {
    fn answer(self: Box<Self>, desk: &Desk<'_>, asked: Asked<()>) -> Next {
        let asked = asked.with(self.message);
        if !H::TAKES_INVALID && !asked.request.shape.is_valid() {
            return Next::answer(desk.misshapen(&asked));
        }
        self.handler.handle(desk, asked)
    }

    fn check(&self, offline: &Offline<'_>, found: &mut Found) {
        self.handler.check(offline, &self.message, found);
    }
}
