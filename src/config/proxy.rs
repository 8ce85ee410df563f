//! The proxies that stand in front of the public listener (`[proxy]`): whose word on the caller's address is taken.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::annotated::section;

section! {
    /// `[proxy]`.
    pub struct Proxy {
        /// Trusted: where they connect from, e.g. ["192.0.2.7", "10.1.0.0/16"]. Whatever anybody else says of an address
        /// is ignored. None: behind a proxy all callers count as one.
        betroede: Vec<Net> = Vec::new();
        /// How they tell the caller's address: "forwarded", by the header Forwarded (RFC 7239; not X-Forwarded-For), or
        /// "proxy-v2", by the PROXY protocol, version 2, at the beginning of each connection; then one without it is cut.
        adresse: Adressekilde = Adressekilde::default();
    }
}

impl Proxy {
    /// Whether a trusted proxy has this address.
    pub fn is_trusted(&self, address: IpAddr) -> bool {
        self.betroede.iter().any(|net| net.holds(address))
    }
}

/// How trusted proxies tell the caller's address (`proxy.adresse`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Adressekilde {
    /// The header Forwarded of each request (RFC 7239).
    #[default]
    Forwarded,
    /// The PROXY protocol, version 2, at the beginning of each connection.
    #[serde(rename = "proxy-v2")]
    ProxyV2,
}

/// An address, or all that begin with the same bits: `192.0.2.7`, `10.1.0.0/16`, `2001:db8::/32`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Net {
    address: IpAddr,
    bits: u32,
}

impl Net {
    /// Whether an address is one of these; IPv4 written as IPv6 is IPv4.
    pub fn holds(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                (own.to_bits() ^ other.to_bits()).leading_zeros() >= self.bits
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                (own.to_bits() ^ other.to_bits()).leading_zeros() >= self.bits
            }
            _ => false,
        }
    }
}

impl fmt::Display for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, bits } = self;
        match (address, bits) {
            (IpAddr::V4(_), 32) | (IpAddr::V6(_), 128) => write!(f, "{address}"),
            _ => write!(f, "{address}/{bits}"),
        }
    }
}

impl From<Net> for String {
    fn from(net: Net) -> Self {
        net.to_string()
    }
}

impl TryFrom<String> for Net {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text.as_str(), None),
        };
        let none = || format!("{text} is no address; write 192.0.2.7 or 192.0.2.0/24");
        let address: IpAddr = address.parse().map_err(|_| none())?;
        let address = address.to_canonical();
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits: u32 = match bits {
            None => all,
            Some(bits) => bits.parse().map_err(|_| none())?,
        };
        if bits == 0 || bits > all {
            return Err(format!("{text}: use /1 to /{all}"));
        }
        let ends = match address {
            IpAddr::V4(address) => address.to_bits().trailing_zeros(),
            IpAddr::V6(address) => address.to_bits().trailing_zeros(),
        };
        if ends < all - bits {
            return Err(format!("{text}: the address goes on after /{bits}"));
        }
        Ok(Self { address, bits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(text: &str) -> Result<Net, String> {
        Net::try_from(text.to_owned())
    }

    #[test]
    fn a_net_holds_what_begins_with_its_bits() {
        for (of, held, not) in [
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("192.0.2.7", "::ffff:192.0.2.7", "::192.0.2.7"),
            ("10.128.0.0/9", "10.255.1.2", "10.127.1.2"),
            ("128.0.0.0/1", "255.0.0.1", "127.0.0.1"),
            ("2001:db8::/32", "2001:db8:1::2", "2001:db9::"),
            ("::1", "::1", "127.0.0.1"),
        ] {
            let net = net(of).unwrap();
            assert!(net.holds(held.parse().unwrap()), "{of} {held}");
            assert!(!net.holds(not.parse().unwrap()), "{of} {not}");
            assert_eq!(net.to_string(), of);
        }
    }

    #[test]
    fn what_is_no_net_is_refused() {
        for text in [
            "",
            "proxy",
            "10.0.0.0/0",
            "::/0",
            "10.0.0.0/33",
            "::1/129",
            "10.0.0.1/8",
            "10.0.0.0/",
            "10.0.0.0/8/8",
            "10.0.0.0/-1",
            "10.0.0.1:80",
            "[::1]",
            "010.0.0.1",
        ] {
            assert!(net(text).is_err(), "{text}");
        }
    }
}
