//! The client's address from a proxy in front of the gate.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Network, Problem, raw::RawPeer, strip};
use crate::http::head::Head;

/// A header that names the client's address, and the proxies that are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerHeader {
    name: String,
    canonical: String,
    from: Vec<Network>,
}

impl PeerHeader {
    pub(super) fn read(raw: &RawPeer, problems: &mut Vec<Problem>) -> Option<Self> {
        let mut good = true;
        let mut fail = |at: &str, what: String| {
            problems.push(Problem::new(at, what));
            good = false;
        };
        let token = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        let name = raw.header.to_ascii_lowercase();
        let meaning = ["cookie", "host", "authorization", "connection", "content-length", "transfer-encoding"];
        if name.len() < 2 || name.len() > 64 || !name.bytes().all(token) || meaning.contains(&name.as_str()) {
            fail("peer.header", format!("\"{}\" is no header for an address", raw.header));
        }
        if raw.from.is_empty() {
            fail("peer.from", "names no proxy; without one the header would be anybody's to send".into());
        }
        let mut from = Vec::new();
        for text in &raw.from {
            match Network::parse(text) {
                Some(network) if network.is_everything() => {
                    fail(
                        "peer.from",
                        format!("\"{text}\" is the whole internet: every client could name its own address"),
                    );
                }
                Some(network) => from.push(network),
                None => fail("peer.from", format!("\"{text}\" is no address or network")),
            }
        }
        good.then(|| Self { canonical: strip::canonical(&name), name, from })
    }

    /// The header's name in lower case.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn canonical(&self) -> &str {
        &self.canonical
    }

    /// Whether a process on the gate's own machine is trusted.
    pub(super) fn trusts_this_machine(&self) -> bool {
        let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        loopback.into_iter().any(|address| self.is_proxy(address))
    }

    fn is_proxy(&self, address: IpAddr) -> bool {
        self.from.iter().any(|network| network.contains(address))
    }

    /// The client's address. A peer that is no proxy is the client. Behind a proxy the client is unknown unless the header
    /// names exactly one: the proxy's own address would stand for everybody.
    pub(crate) fn client(&self, peer: Option<IpAddr>, head: &Head<'_>) -> Option<IpAddr> {
        let peer = peer.map(|peer| peer.to_canonical())?;
        if !self.is_proxy(peer) {
            return Some(peer);
        }
        let mut lines = head.headers().iter().filter(|(name, _)| name.eq_ignore_ascii_case(&self.name));
        let (value, more) = (lines.next()?.1, lines.next());
        if more.is_some() {
            return None;
        }
        let read = |text: &str| text.trim().parse::<IpAddr>().ok().map(|address| address.to_canonical());
        if self.name == "x-forwarded-for" {
            // Each proxy adds its peer at the end, so only what our proxies added is true.
            return value.rsplit(',').map(read).find(|read| !read.is_some_and(|address| self.is_proxy(address)))?;
        }
        read(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(policy: &str) -> PeerHeader {
        crate::policy::Policy::parse(policy).unwrap().peer.unwrap()
    }

    #[test]
    fn h21_the_header_counts_from_a_named_proxy_alone() {
        let real = header("peer = { header = \"X-Real-IP\", from = [\"10.0.0.0/8\", \"2001:db8::1\"] }");
        let chain = header("peer = { header = \"X-Forwarded-For\", from = [\"10.0.0.0/8\"] }");
        for (policy, peer, lines, want) in [
            (&real, "10.1.2.3", "x-real-ip: 192.0.2.7", Some("192.0.2.7")),
            (&real, "::ffff:10.1.2.3", "X-Real-IP: ::ffff:192.0.2.7", Some("192.0.2.7")),
            (&real, "2001:db8::1", "x-real-ip: 2001:db8::7", Some("2001:db8::7")),
            // A stranger's header says nothing, and the stranger is the peer.
            (&real, "198.51.100.9", "x-real-ip: 192.0.2.7", Some("198.51.100.9")),
            (&real, "2001:db8::2", "x-real-ip: 192.0.2.7", Some("2001:db8::2")),
            // Anything but one address is unknown, and never the proxy's own.
            (&real, "10.1.2.3", "accept: */*", None),
            (&real, "10.1.2.3", "x-real-ip: 192.0.2.7, 192.0.2.8", None),
            (&real, "10.1.2.3", "x-real-ip: 192.0.2.7\nX-Real-IP: 192.0.2.8", None),
            (&real, "10.1.2.3", "x-real-ip: unknown", None),
            (&real, "10.1.2.3", "x-real-ip: 192.0.2.7:4711", None),
            (&real, "10.1.2.3", "x-forwarded-for: 192.0.2.7", None),
            (&chain, "10.1.2.3", "x-forwarded-for: 192.0.2.7", Some("192.0.2.7")),
            (&chain, "10.1.2.3", "x-forwarded-for: 203.0.113.1, 192.0.2.7, 10.9.9.9", Some("192.0.2.7")),
            (&chain, "10.1.2.3", "x-forwarded-for: 192.0.2.7, nonsense, 10.9.9.9", None),
            (&chain, "10.1.2.3", "x-forwarded-for: 10.9.9.9", None),
            (&chain, "10.1.2.3", "x-forwarded-for: ", None),
        ] {
            let text = format!("GET /a\nhost: h\n{lines}");
            let client = policy.client(Some(peer.parse().unwrap()), &Head::parse(&text).unwrap());
            assert_eq!(client, want.map(|want| want.parse().unwrap()), "{peer} {lines}");
            assert_eq!(policy.client(None, &Head::parse(&text).unwrap()), None, "no peer, no client");
        }
    }
}
