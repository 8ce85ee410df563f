//! The caller's address as a trusted proxy tells it: the PROXY protocol, version 2, or the header Forwarded (RFC 7239).
//!
//! Both are read strictly, in one pass, without allocation that their sender decides on; what can't be read is refused, never
//! guessed. Who is asked is decided by the configuration alone ([`crate::config::Proxy`]): the same bytes from anybody else
//! mean nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::framing::is_token;
use crate::config::Proxy;

/// How a header of the PROXY protocol begins.
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";

/// The part of it that all have: signature, version and command, family, length of the rest.
pub const FIXED: usize = 16;

/// The longest rest: addresses, and what a proxy adds of its own connection.
const LONGEST: usize = 2048;

/// The most elements of all Forwarded headers of a request.
const ELEMENTS: usize = 64;

/// What can't be read as what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub &'static str);

/// The length of what follows the fixed part of a PROXY header.
///
/// # Errors
/// [`Malformed`]: these bytes begin no such header, or it is too long.
pub fn rest_of(fixed: &[u8; FIXED]) -> Result<usize, Malformed> {
    if fixed[..12] != SIGNATURE[..] {
        return Err(Malformed("no PROXY header of version 2"));
    }
    let length = usize::from(u16::from_be_bytes([fixed[14], fixed[15]]));
    if length > LONGEST {
        return Err(Malformed("PROXY header too long"));
    }
    Ok(length)
}

/// The caller's address and port by a whole PROXY header; none where the proxy speaks for itself, or of a caller without one.
///
/// # Errors
/// [`Malformed`].
pub fn by_header(fixed: &[u8; FIXED], rest: &[u8]) -> Result<Option<SocketAddr>, Malformed> {
    if rest.len() != rest_of(fixed)? {
        return Err(Malformed("PROXY header of another length"));
    }
    let local = match fixed[12] {
        0x20 => true,
        0x21 => false,
        _ => return Err(Malformed("PROXY version or command")),
    };
    let (address, used) = match fixed[13] {
        // Not told, and a socket of the proxy's machine: no address.
        0x00 => (None, rest.len()),
        0x31 => (None, 216),
        0x11 => {
            let source = rest.first_chunk().ok_or(SHORT)?;
            let port = port_at(rest, 8)?;
            let address = Ipv4Addr::from_octets(*source);
            (Some(SocketAddr::new(address.into(), port)), 12)
        }
        0x21 => {
            let source = rest.first_chunk().ok_or(SHORT)?;
            let port = port_at(rest, 32)?;
            let address = IpAddr::V6(Ipv6Addr::from_octets(*source)).to_canonical();
            (Some(SocketAddr::new(address, port)), 36)
        }
        _ => return Err(Malformed("PROXY family or transport")),
    };
    let mut additions = rest.get(used..).ok_or(SHORT)?;
    // They are not used, but what is no list of them is no header.
    while let Some((head, more)) = additions.split_first_chunk::<3>() {
        let length = usize::from(u16::from_be_bytes([head[1], head[2]]));
        additions = more.get(length..).ok_or(SHORT)?;
    }
    if !additions.is_empty() {
        return Err(SHORT);
    }
    Ok(address.filter(|_| !local))
}

fn port_at(rest: &[u8], at: usize) -> Result<u16, Malformed> {
    let bytes = rest.get(at..).and_then(|rest| rest.first_chunk());
    bytes.map(|bytes| u16::from_be_bytes(*bytes)).ok_or(SHORT)
}

const SHORT: Malformed = Malformed("PROXY header too short");

/// The caller's address by the Forwarded headers of a request that came from `peer`: from the end back, as long as it is a
/// trusted proxy that tells. What stands before the word of a stranger is the stranger's.
///
/// # Errors
/// [`Malformed`]: an invalid header, also in the part that a stranger wrote; where it ends could be read differently.
pub fn by_forwarded<'a>(
    values: impl Iterator<Item = &'a [u8]>,
    peer: IpAddr,
    proxy: &Proxy,
) -> Result<IpAddr, Malformed> {
    let mut address = peer;
    if !proxy.is_trusted(peer) {
        return Ok(address);
    }
    let mut nodes = Vec::new();
    for value in values {
        elements(value, &mut nodes)?;
    }
    for node in nodes.into_iter().rev() {
        // A proxy that hides whom it speaks for answers for it.
        let Some(told) = node.filter(|_| proxy.is_trusted(address)) else {
            break;
        };
        address = told;
    }
    Ok(address)
}

/// Adds the node of each element of a header: its address, or none where it has none.
fn elements(value: &[u8], nodes: &mut Vec<Option<IpAddr>>) -> Result<(), Malformed> {
    let mut reader = Reader { rest: value };
    loop {
        let (mut node, mut named, mut empty) = (None, false, true);
        loop {
            reader.blanks();
            if !matches!(reader.rest.first(), None | Some(b',' | b';')) {
                empty = false;
                let (is_for, own) = reader.pair()?;
                if is_for {
                    if named {
                        return Err(Malformed("Forwarded with two for"));
                    }
                    (node, named) = (own, true);
                }
                reader.blanks();
            }
            if !reader.takes(b';') {
                break;
            }
            empty = false;
        }
        // Empty members of a list say nothing (RFC 9110, 5.6.1).
        if !empty {
            if nodes.len() == ELEMENTS {
                return Err(Malformed("Forwarded too long"));
            }
            nodes.push(node);
        }
        if reader.rest.is_empty() {
            return Ok(());
        }
        if !reader.takes(b',') {
            return Err(Malformed("Forwarded that is no list"));
        }
    }
}

/// What is left of a header.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn takes(&mut self, byte: u8) -> bool {
        let found = self.rest.strip_prefix(&[byte]);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn blanks(&mut self) {
        while self.takes(b' ') || self.takes(b'\t') {}
    }

    fn while_is(&mut self, is: impl Fn(u8) -> bool) -> &'a [u8] {
        let end = self.rest.iter().position(|byte| !is(*byte));
        let (taken, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        taken
    }

    /// A name and its value: whether the name is `for`, and the address then.
    fn pair(&mut self) -> Result<(bool, Option<IpAddr>), Malformed> {
        let name = self.while_is(is_token);
        if name.is_empty() || !self.takes(b'=') {
            return Err(Malformed("Forwarded without name and value"));
        }
        let is_for = name.eq_ignore_ascii_case(b"for");
        let mut text = [0; TEXT];
        let mut length = 0;
        let mut push = |byte: u8| {
            if let Some(place) = text.get_mut(length) {
                *place = byte;
            }
            length += 1;
        };
        if self.takes(b'"') {
            loop {
                match self.rest {
                    [b'"', rest @ ..] => {
                        self.rest = rest;
                        break;
                    }
                    [b'\\', byte, rest @ ..] if is_text(*byte) => {
                        push(*byte);
                        self.rest = rest;
                    }
                    [byte, rest @ ..] if is_text(*byte) && *byte != b'\\' => {
                        push(*byte);
                        self.rest = rest;
                    }
                    _ => return Err(Malformed("Forwarded with a quotation that does not end")),
                }
            }
        } else {
            // Some write an address with its port without the quotation that it takes; there is one way to read it.
            let bare = |byte| is_token(byte) || matches!(byte, b':' | b'[' | b']');
            let value = self.while_is(bare);
            if value.is_empty() {
                return Err(Malformed("Forwarded without name and value"));
            }
            value.iter().copied().for_each(push);
        }
        if !is_for {
            return Ok((false, None));
        }
        let text = text.get(..length).ok_or(NO_NODE)?;
        node(text).map(|node| (true, node))
    }
}

/// The longest node that is looked at.
const TEXT: usize = 64;

const NO_NODE: Malformed = Malformed("Forwarded for what is no address");

/// A node: an address, perhaps with a port; `unknown`, or a name that hides it.
fn node(text: &[u8]) -> Result<Option<IpAddr>, Malformed> {
    let text = std::str::from_utf8(text).map_err(|_| NO_NODE)?;
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']').ok_or(NO_NODE)?;
        let address: Ipv6Addr = address.parse().map_err(|_| NO_NODE)?;
        if !port.is_empty() {
            is_port(port.strip_prefix(':').ok_or(NO_NODE)?)?;
        }
        return Ok(Some(IpAddr::V6(address).to_canonical()));
    }
    // Some leave the brackets out where there is no port; what has two colons is nothing else.
    if let Ok(address) = text.parse::<Ipv6Addr>() {
        return Ok(Some(IpAddr::V6(address).to_canonical()));
    }
    let name = match text.split_once(':') {
        Some((name, port)) => {
            is_port(port)?;
            name
        }
        None => text,
    };
    if name.eq_ignore_ascii_case("unknown") || hides(name) {
        return Ok(None);
    }
    let address: Ipv4Addr = name.parse().map_err(|_| NO_NODE)?;
    Ok(Some(IpAddr::V4(address)))
}

fn is_port(text: &str) -> Result<(), Malformed> {
    let digits = (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits || hides(text)).then_some(()).ok_or(NO_NODE)
}

/// Whether a node is named by a pseudonym.
fn hides(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    text.len() > 1 && text.starts_with('_') && text.chars().all(plain)
}

/// Characters of a quotation, and of what is escaped in one.
const fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | 0x20..=0x7e | 0x80..)
}

#[cfg(test)]
mod tests;
