//! Whom something counts for: an organisation by the CVR number of its certificate, or, without a certificate, an address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::rates::Payer;

/// Who takes of what all share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    /// A caller with a certificate.
    Organisation(Payer),
    /// A caller without.
    Address(Address),
}

/// An address as far as it tells callers apart: of IPv6 the network of 64 bits, since whoever has one has all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Address {
    /// IPv4, also when it was written as IPv6.
    V4(Ipv4Addr),
    /// The first half of an IPv6 address.
    V6(u64),
}

impl Address {
    /// The address; of IPv6 the network's first.
    pub(crate) fn ip(self) -> IpAddr {
        match self {
            Self::V4(address) => IpAddr::V4(address),
            Self::V6(network) => IpAddr::V6(Ipv6Addr::from_bits(u128::from(network) << 64)),
        }
    }
}

impl From<IpAddr> for Address {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => Self::V6((address.to_bits() >> 64) as u64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let of = |text: &str| Address::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:0:2"));
        assert_ne!(of("2001:db8:0:1::1"), of("2001:db8::1"));
    }
}
