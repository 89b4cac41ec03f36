//! Addresses and networks.

use std::net::IpAddr;

/// An address or a network in CIDR notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32`.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits: u32 = bits.map_or(Some(most), |bits| bits.parse().ok()).filter(|bits| *bits <= most)?;
        // An IPv4-mapped network (`::ffff:192.0.2.0/120`) is that of IPv4, as which its addresses are compared.
        match (address, address.to_canonical(), bits.checked_sub(96)) {
            (IpAddr::V6(_), address @ IpAddr::V4(_), Some(bits)) => Some(Self { address, bits }),
            _ => Some(Self { address, bits }),
        }
    }

    /// Whether it is all of IPv4 or of IPv6.
    pub(super) fn is_everything(&self) -> bool {
        self.bits == 0
    }

    /// Whether the network holds this address. An IPv4-mapped IPv6 address (`::ffff:192.0.2.1`) counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(net), IpAddr::V4(one)) => {
                (u32::from(net) ^ u32::from(one)).checked_shr(32 - self.bits).unwrap_or(0) == 0
            }
            (IpAddr::V6(net), IpAddr::V6(one)) => {
                (u128::from(net) ^ u128::from(one)).checked_shr(128 - self.bits).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}
