//! Where each request begins and ends, by RFC 9112, watched over the raw bytes before hyper sees them.
//!
//! hyper accepts a bare LF, drops a Content-Length beside a Transfer-Encoding, and shows no raw head; another server on
//! the way may read the same bytes otherwise, and then a request hides in another's body (smuggling). So whatever two
//! readers could read differently is refused here, and the connection with it. A machine over single bytes of heads,
//! chunk sizes and trailers; bodies are passed over by arithmetic. No allocation, constant memory.

mod head;
pub(crate) use head::is_token;

use head::{Body, Head};

use crate::config::Graenser;

/// The longest line of a chunk's size, extension included.
const CHUNK_LINE: usize = 256;
/// All chunk extensions of a message.
const EXTENSIONS: usize = 4096;
/// The trailers of a message.
const TRAILERS: usize = 4096;

/// Why a connection's bytes are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused {
    /// The HTTP status that says so.
    pub(crate) status: u16,
    /// One of a fixed set, for the log.
    pub(crate) reason: &'static str,
}

impl Refused {
    const fn with(status: u16, reason: &'static str) -> Self {
        Self { status, reason }
    }

    const fn bad(reason: &'static str) -> Self {
        Self::with(400, reason)
    }
}

/// What was found wrong in a piece of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    /// What is wrong.
    pub(crate) refused: Refused,
    /// So many bytes of the piece belong to requests before the one that is refused.
    pub(crate) good: usize,
    /// It is the body that is wrong, whose head has been passed on.
    pub(crate) in_body: bool,
}

/// Sizes that a head is held to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    target: usize,
    line: usize,
    count: usize,
    head: usize,
}

impl Limits {
    /// From the configured limits.
    pub(crate) const fn of(limits: &Graenser) -> Self {
        Self {
            target: limits.uri_bytes,
            line: limits.header_bytes,
            count: limits.header_antal,
            head: limits.headere_bytes,
        }
    }
}

/// Where the stream stands.
#[derive(Debug)]
enum State {
    Head(Head),
    /// So many bytes of a body, or of a chunk, are to come; then the next request, or the chunk's end.
    Data {
        left: u64,
        chunked: bool,
    },
    /// CR, then LF, after a chunk's data.
    DataEnd {
        cr: bool,
    },
    Size(Size),
    Trailer(Head),
}

impl State {
    const fn data(left: u64, chunked: bool) -> Self {
        Self::Data { left, chunked }
    }
}

/// A chunk's size line.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    value: u64,
    digits: u8,
    extension: bool,
    cr: bool,
    length: usize,
}

/// Follows one connection.
#[derive(Debug)]
pub(crate) struct Framing {
    limits: Limits,
    state: State,
    extensions: usize,
    refused: Option<Refused>,
}

impl Framing {
    /// At the beginning of a connection.
    pub(crate) const fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: State::Head(Head::request()),
            extensions: 0,
            refused: None,
        }
    }

    /// Looks at the next bytes.
    ///
    /// # Errors
    /// [`Found`], and for whatever comes after it the same again.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<(), Found> {
        if let Some(refused) = self.refused {
            return Err(Found {
                refused,
                good: 0,
                in_body: false,
            });
        }
        let (mut at, mut good) = (0, 0);
        while let Some(&byte) = bytes.get(at) {
            let in_head = matches!(self.state, State::Head(_));
            match self.step(byte, bytes.len() - at) {
                Ok(taken) => at += taken,
                Err(refused) => {
                    self.refused = Some(refused);
                    return Err(Found {
                        refused,
                        good: if in_head { good } else { at },
                        in_body: !in_head,
                    });
                }
            }
            if matches!(&self.state, State::Head(head) if head.is_new()) {
                good = at;
            }
        }
        Ok(())
    }

    /// Takes one byte, or as much data as there is; gives how many were taken.
    fn step(&mut self, byte: u8, available: usize) -> Result<usize, Refused> {
        match &mut self.state {
            State::Head(head) => {
                if let Some(body) = head.byte(byte, &self.limits)? {
                    self.extensions = 0;
                    self.state = match body {
                        Body::None => State::Head(Head::request()),
                        Body::Length(left) => State::data(left, false),
                        Body::Chunked => State::Size(Size::default()),
                    };
                }
                Ok(1)
            }
            State::Data { left, chunked } => {
                let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(available);
                *left -= taken as u64;
                if *left == 0 {
                    self.state = match *chunked {
                        true => State::DataEnd { cr: false },
                        false => State::Head(Head::request()),
                    };
                }
                Ok(taken)
            }
            State::DataEnd { cr } => {
                match (byte, *cr) {
                    (b'\r', false) => *cr = true,
                    (b'\n', true) => self.state = State::Size(Size::default()),
                    _ => return Err(Refused::bad("chunk longer or shorter than its size")),
                }
                Ok(1)
            }
            State::Size(size) => {
                let extension = size.extension;
                if let Some(value) = size.byte(byte)? {
                    self.state = match value {
                        0 => State::Trailer(Head::trailer()),
                        left => State::data(left, true),
                    };
                } else if extension {
                    self.extensions += 1;
                    if self.extensions > EXTENSIONS {
                        return Err(Refused::bad("chunk extensions too long"));
                    }
                }
                Ok(1)
            }
            State::Trailer(head) => {
                let limits = Limits {
                    head: TRAILERS,
                    ..self.limits
                };
                if head.byte(byte, &limits)?.is_some() {
                    self.state = State::Head(Head::request());
                }
                Ok(1)
            }
        }
    }
}

impl Size {
    /// The next byte of the line; the size at its end.
    fn byte(&mut self, byte: u8) -> Result<Option<u64>, Refused> {
        self.length += 1;
        if self.length > CHUNK_LINE {
            return Err(Refused::bad("chunk line too long"));
        }
        if self.cr {
            return match byte {
                b'\n' => Ok(Some(self.value)),
                _ => Err(Refused::bad("carriage return alone")),
            };
        }
        match byte {
            b'\r' if self.digits > 0 => self.cr = true,
            b';' if self.digits > 0 => self.extension = true,
            b'\n' => return Err(Refused::bad("line feed alone")),
            b'\t' | 0x20..=0x7e | 0x80.. if self.extension => {}
            _ if self.extension => {
                return Err(Refused::bad("control character in a chunk extension"));
            }
            _ => {
                let digit = char::from(byte).to_digit(16);
                let Some(digit) = digit.filter(|_| self.digits < 16) else {
                    return Err(Refused::bad("invalid chunk size"));
                };
                self.digits += 1;
                self.value = self.value << 4 | u64::from(digit);
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
