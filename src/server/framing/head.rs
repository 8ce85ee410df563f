//! The head of a request, byte by byte: request line, header lines, and how the body is framed. Also trailers, which are
//! header lines that must not say anything about framing.

use super::{Limits, Refused};

/// The longest header name or value that is compared with anything.
const COMPARED: usize = 24;
/// Empty lines before a request line are passed over, so many bytes of them.
const LEADING: u8 = 4;

/// How the body of a request is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// No body follows.
    None,
    /// So many bytes.
    Length(u64),
    /// In chunks.
    Chunked,
}

/// How far the value of a Host has been read. It is one host, perhaps with a port: what one reader takes for the first of
/// a list and another for the last would send them to different places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Host {
    /// Blanks at most.
    Empty,
    /// Its characters.
    Named,
    /// Blanks after it: nothing else may follow.
    Ended,
}

impl Host {
    fn byte(&mut self, byte: u8) -> Result<(), Refused> {
        *self = match (byte, *self) {
            (b' ' | b'\t', Self::Empty) => Self::Empty,
            (b' ' | b'\t', _) => Self::Ended,
            (_, Self::Empty | Self::Named) if is_host(byte) => Self::Named,
            _ => return Err(Refused::bad("Host that is not one host")),
        };
        Ok(())
    }
}

/// Characters of a host name or address, and of its port.
const fn is_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'%' | b':' | b'[' | b']')
}

/// Where in the head the next byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Before the request line.
    Leading,
    Method,
    Target,
    Version,
    /// At the beginning of a line.
    LineStart,
    HeaderName,
    Value,
    /// After a CR; the empty line is the last.
    Newline {
        last: bool,
    },
}

/// A short text that is compared with something; what is longer is equal to nothing.
#[derive(Debug, Clone, Copy)]
struct Short {
    bytes: [u8; COMPARED],
    length: usize,
}

impl Short {
    const EMPTY: Self = Self {
        bytes: [0; COMPARED],
        length: 0,
    };

    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte.to_ascii_lowercase();
        }
        self.length = self.length.saturating_add(1);
    }

    fn text(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(b"?")
    }
}

/// A head on its way.
#[derive(Debug)]
pub(super) struct Head {
    at: At,
    trailer: bool,
    /// Bytes of all, and of this line or the target.
    length: usize,
    line: usize,
    leading: u8,
    headers: usize,
    name: Short,
    value: Short,
    /// HTTP/1.0.
    old: bool,
    /// The header line that is being read, if it is the Host.
    host: Option<Host>,
    hosts: u8,
    content_length: Option<u64>,
    chunked: bool,
}

impl Head {
    const fn new(at: At, trailer: bool) -> Self {
        Self {
            at,
            trailer,
            length: 0,
            line: 0,
            leading: 0,
            headers: 0,
            name: Short::EMPTY,
            value: Short::EMPTY,
            old: false,
            host: None,
            hosts: 0,
            content_length: None,
            chunked: false,
        }
    }

    /// Of the next request.
    pub(super) const fn request() -> Self {
        Self::new(At::Leading, false)
    }

    /// What may stand after the last chunk.
    pub(super) const fn trailer() -> Self {
        Self::new(At::LineStart, true)
    }

    /// Whether nothing of it has come.
    pub(super) fn is_new(&self) -> bool {
        self.length == 0
    }

    /// The next byte; how the body is framed at the end of the head.
    pub(super) fn byte(&mut self, byte: u8, limits: &Limits) -> Result<Option<Body>, Refused> {
        self.length += 1;
        if self.length > limits.head {
            return Err(Refused::with(431, "head too large"));
        }
        match self.at {
            At::Leading => self.leading(byte)?,
            At::Method => match byte {
                b' ' => self.go(At::Target),
                _ if is_token(byte) => {}
                _ => return Err(Refused::bad("invalid method")),
            },
            At::Target => self.target(byte, limits)?,
            At::Version => self.version(byte)?,
            At::LineStart => return self.line_start(byte, limits).map(|()| None),
            At::HeaderName => self.header_name(byte, limits)?,
            At::Value => self.header_value(byte, limits)?,
            At::Newline { last } => {
                if byte != b'\n' {
                    return Err(Refused::bad("carriage return alone"));
                }
                if last {
                    return self.end().map(Some);
                }
                self.go(At::LineStart);
            }
        }
        Ok(None)
    }

    fn go(&mut self, at: At) {
        self.at = at;
        self.line = 0;
    }

    fn leading(&mut self, byte: u8) -> Result<(), Refused> {
        let whole = self.leading.is_multiple_of(2);
        let next = if whole { b'\r' } else { b'\n' };
        if byte == next && self.leading < LEADING {
            self.leading += 1;
        } else if is_token(byte) && whole {
            self.go(At::Method);
        } else {
            return Err(Refused::bad("no request line"));
        }
        Ok(())
    }

    fn target(&mut self, byte: u8, limits: &Limits) -> Result<(), Refused> {
        match byte {
            b' ' if self.line > 0 => {
                self.value = Short::EMPTY;
                self.go(At::Version);
            }
            // A fragment is the caller's own; who cuts it off reads another target than who does not.
            b'#' => return Err(Refused::bad("fragment in the target")),
            0x21..=0x7e => {
                self.line += 1;
                if self.line > limits.target {
                    return Err(Refused::with(414, "target too long"));
                }
            }
            _ => return Err(Refused::bad("invalid target")),
        }
        Ok(())
    }

    fn version(&mut self, byte: u8) -> Result<(), Refused> {
        if byte != b'\r' {
            self.value.push(byte);
            return match self.value.length {
                0..=8 => Ok(()),
                _ => Err(Refused::bad("invalid version")),
            };
        }
        match self.value.text() {
            b"http/1.1" => {}
            b"http/1.0" => self.old = true,
            [b'h', b't', b't', b'p', b'/', major, b'.', minor]
                if major.is_ascii_digit() && minor.is_ascii_digit() =>
            {
                return Err(Refused::with(505, "another HTTP version"));
            }
            _ => return Err(Refused::bad("invalid version")),
        }
        self.at = At::Newline { last: false };
        Ok(())
    }

    fn line_start(&mut self, byte: u8, limits: &Limits) -> Result<(), Refused> {
        match byte {
            b'\r' => self.at = At::Newline { last: true },
            b' ' | b'\t' => return Err(Refused::bad("folded header line")),
            _ => {
                self.headers += 1;
                if self.headers > limits.count {
                    return Err(Refused::with(431, "too many headers"));
                }
                (self.name, self.value) = (Short::EMPTY, Short::EMPTY);
                self.go(At::HeaderName);
                self.header_name(byte, limits)?;
            }
        }
        Ok(())
    }

    fn header_name(&mut self, byte: u8, limits: &Limits) -> Result<(), Refused> {
        self.count(limits)?;
        match byte {
            b':' if self.name.length > 0 => {
                self.host = (self.name.text() == b"host").then_some(Host::Empty);
                self.at = At::Value;
            }
            _ if is_token(byte) => self.name.push(byte),
            b'\n' => return Err(Refused::bad("line feed alone")),
            _ => return Err(Refused::bad("invalid header name")),
        }
        Ok(())
    }

    fn header_value(&mut self, byte: u8, limits: &Limits) -> Result<(), Refused> {
        match byte {
            b'\r' => {
                self.at = At::Newline { last: false };
                return self.header();
            }
            b'\n' => return Err(Refused::bad("line feed alone")),
            b'\t' | 0x20..=0x7e | 0x80.. => self.count(limits)?,
            _ => return Err(Refused::bad("control character in a header")),
        }
        if let Some(host) = &mut self.host {
            host.byte(byte)?;
        }
        // Leading blanks do not belong to the value.
        if !(byte == b' ' && self.value.length == 0) {
            self.value.push(byte);
        }
        Ok(())
    }

    /// The limit is of name and value; the colon and a blank are given.
    fn count(&mut self, limits: &Limits) -> Result<(), Refused> {
        self.line += 1;
        if self.line > limits.line.saturating_add(2) {
            return Err(Refused::with(431, "header too large"));
        }
        Ok(())
    }

    /// A header line has ended.
    fn header(&mut self) -> Result<(), Refused> {
        let value = self.value.text().trim_ascii_end();
        match self.name.text() {
            b"content-length" | b"transfer-encoding" | b"host" if self.trailer => {
                return Err(Refused::bad("framing in a trailer"));
            }
            b"content-length" => {
                let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
                let length = std::str::from_utf8(value)
                    .ok()
                    .filter(|text| digits && text.len() <= 18)
                    .and_then(|text| text.parse().ok());
                if self.content_length.is_some() {
                    return Err(Refused::bad("two Content-Lengths"));
                }
                let Some(length) = length else {
                    return Err(Refused::bad("invalid Content-Length"));
                };
                self.content_length = Some(length);
            }
            b"transfer-encoding" => match value {
                b"chunked" if !self.chunked => self.chunked = true,
                b"chunked" => return Err(Refused::bad("two Transfer-Encodings")),
                _ => return Err(Refused::bad("Transfer-Encoding other than chunked")),
            },
            b"host" if self.host == Some(Host::Empty) => {
                return Err(Refused::bad("empty Host"));
            }
            b"host" => self.hosts = self.hosts.saturating_add(1),
            _ => {}
        }
        Ok(())
    }

    fn end(&self) -> Result<Body, Refused> {
        if self.trailer {
            return Ok(Body::None);
        }
        match (self.hosts, self.old) {
            (1, _) | (0, true) => {}
            (0, false) => return Err(Refused::bad("no Host")),
            _ => return Err(Refused::bad("two Hosts")),
        }
        match (self.chunked, self.content_length) {
            (true, Some(_)) => Err(Refused::bad("Content-Length beside Transfer-Encoding")),
            (true, None) if self.old => Err(Refused::bad("Transfer-Encoding in HTTP/1.0")),
            (true, None) => Ok(Body::Chunked),
            (false, None | Some(0)) => Ok(Body::None),
            (false, Some(length)) => Ok(Body::Length(length)),
        }
    }
}

/// Characters of a token, such as a method or a header name (RFC 9110, 5.6.2).
pub(crate) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
