//! The policy of the second factor: who is asked for one, and who may enrol.

use std::net::IpAddr;

use json::FromJson;
use serde::Deserialize;

use super::{Condition, Network, demand::Demand, naming::Naming};

/// Who may enrol a first factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enrolling {
    /// Everybody who has just signed in.
    Open,
    /// The same, before this time in seconds since 1970.
    Until(u64),
    /// The same, inside the networks of the policy.
    Network,
    /// Invited people.
    Invited,
}

/// Whether the authenticator must have verified the person (Web Authentication Level 3 section 5.8.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromJson, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UserVerification {
    /// A PIN, finger or face is required.
    Required,
    /// It is asked for, and presence is enough.
    #[default]
    Preferred,
    /// Presence is enough.
    Discouraged,
}

impl UserVerification {
    /// The word of the options.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Preferred => "preferred",
            Self::Discouraged => "discouraged",
        }
    }
}

/// Whether a factor is asked for. A later one is stricter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Never.
    #[default]
    Off,
    /// From people who have a factor.
    Offered,
    /// From everybody.
    Required,
}

/// The factor that is asked of a session. The default asks for none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// From whom.
    pub mode: Mode,
    /// Which factor.
    pub demand: Demand,
    /// Whether it is asked because an attribute is missing.
    pub attribute_missing: bool,
}

impl Asked {
    /// The stricter of two, part by part; `None` where neither set of kinds contains the other.
    pub fn stricter(&self, other: &Self) -> Option<Self> {
        // `Off` demands nothing, so the other side decides.
        match (self.mode, other.mode) {
            (Mode::Off, _) => return Some(other.clone()),
            (_, Mode::Off) => return Some(self.clone()),
            _ => {}
        }
        Some(Self {
            mode: self.mode.max(other.mode),
            demand: self.demand.stricter(&other.demand)?,
            attribute_missing: self.attribute_missing || other.attribute_missing,
        })
    }

    /// Whether somebody who meets this may fail `other`.
    pub fn is_weaker_than(&self, other: &Self) -> bool {
        other.mode != Mode::Off && (self.mode < other.mode || self.demand.is_weaker_than(&other.demand))
    }
}

/// A sign-in's attributes, by name; `None` for one that the CAS server did not send.
pub type Known<'a> = dyn Fn(&str) -> Option<&'a [String]> + 'a;

/// More is asked of some people, or from some places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// Conditions on attributes; all must hold. A condition whose attribute is absent holds, so that nobody escapes the factor
    /// because the CAS server did not send it.
    pub conditions: Vec<Condition>,
    /// It applies outside of these networks; everywhere when empty.
    pub outside: Vec<Network>,
    /// The factor that is asked.
    pub asked: Asked,
}

impl When {
    /// The factor that is asked of a session with these attributes from this address; `None` if this does not apply.
    fn applies(&self, attributes: &Known<'_>, peer: Option<IpAddr>) -> Option<Asked> {
        let mut asked = self.asked.clone();
        for condition in &self.conditions {
            match attributes(&condition.attribute) {
                Some(values) if !values.iter().any(|value| condition.values.contains(value)) => return None,
                Some(_) => {}
                None => asked.attribute_missing = true,
            }
        }
        (self.outside.is_empty() || !is_inside(&self.outside, peer)).then_some(asked)
    }
}

/// The policy of the second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorPolicy {
    /// Whether it is only noted who would be asked.
    pub observe: bool,
    /// For some people, or from some places.
    pub when: Vec<When>,
    /// Until this time, in seconds since 1970, nobody without a factor is asked for one.
    pub grace_until_secs: Option<u64>,
    /// How long each person without a factor is not asked for one, in seconds from the first sign-in under a rule that requires one.
    pub grace_secs: Option<u64>,
    /// Who may enrol a first factor.
    pub enrolling: Enrolling,
    /// Networks for `enrolment = "network"`.
    pub networks: Vec<Network>,
    /// Networks of shared computers, where no device becomes known.
    pub shared: Vec<Network>,
    /// How people are named.
    pub naming: Naming,
    /// The tenant's id, which never changes.
    pub tenant: String,
    /// The CAS server's id, which never changes.
    pub cas: String,
    /// The name that authenticators show.
    pub issuer: Option<String>,
    /// Whether passkeys must verify the person.
    pub verification: UserVerification,
    /// How long a device is remembered, in seconds; absent where none is.
    pub remember_secs: Option<u64>,
    /// How long a factor that was given at the portal counts for other sites, in seconds.
    pub reuse_secs: u64,
    /// First enrolments are closed while fewer people are counted: the whole store may be lost.
    pub people_at_least: u64,
    /// Whether the app may register a service worker although the pages of the factor are on its host.
    pub trusts_service_worker: bool,
    /// The authentication context class reference of a session with a factor.
    pub acr: Option<String>,
}

impl FactorPolicy {
    /// Whether anything depends on the network of a client.
    pub fn names_networks(&self) -> bool {
        let outside = self.when.iter().any(|when| !when.outside.is_empty());
        outside || !self.networks.is_empty() || !self.shared.is_empty()
    }

    /// The factor that a rule asks of a session with these attributes, from this address; `None` where two demands contradict each
    /// other.
    pub fn asked(&self, rule: &Asked, attributes: &Known<'_>, peer: Option<IpAddr>) -> Option<Asked> {
        let applying = self.when.iter().filter_map(|when| when.applies(attributes, peer));
        let mut asked = rule.clone();
        for more in applying {
            asked = asked.stricter(&more)?;
        }
        Some(asked)
    }
}

/// Whether an address is in one of these networks. An unknown address is in none, and neither is a loopback address, because it is
/// a proxy's.
pub fn is_inside(networks: &[Network], peer: Option<IpAddr>) -> bool {
    let known = peer.map(|peer| peer.to_canonical()).filter(|peer| !peer.is_loopback() && !peer.is_unspecified());
    known.is_some_and(|peer| networks.iter().any(|network| network.contains(peer)))
}

/// The network of a client, by which two sign-ins are compared: 24 bits of an IPv4 address, 56 of an IPv6 address. Empty where
/// it is not known: a loopback address is a proxy's.
pub fn network_of(peer: Option<IpAddr>) -> String {
    let known = peer.map(|peer| peer.to_canonical()).filter(|peer| !peer.is_loopback() && !peer.is_unspecified());
    match known {
        None => String::new(),
        Some(IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{:x}::/56", d & 0xff00)
        }
    }
}

/// The beginning of a day in UTC (`2026-12-31`), in seconds since 1970; `None` for any other text.
pub fn day(text: &str) -> Option<u64> {
    let mut parts = text.split('-');
    let mut part = |digits: usize| {
        let part = parts.next().filter(|part| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))?;
        part.parse::<u64>().ok()
    };
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    if parts.next().is_some() || !(1970..=9999).contains(&year) {
        return None;
    }
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days_of = |month: u64| match month {
        2 => 28 + u64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    if !(1..=days_of(month)).contains(&day) {
        return None;
    }
    let before = year - 1;
    let leaps = |year: u64| year / 4 - year / 100 + year / 400;
    let days = (year - 1970) * 365 + leaps(before) - leaps(1969) + (1..month).map(days_of).sum::<u64>() + day - 1;
    Some(days * 86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight() {
        for (text, want) in [
            ("1970-01-01", Some(0)),
            ("2000-02-29", Some(951_782_400)),
            ("2026-11-23", Some(1_795_392_000)),
            ("2100-02-29", None),
            ("2026-13-01", None),
            ("2026-00-01", None),
            ("2026-1-1", None),
            ("2026-01-01-", None),
            ("+026-01-01", None),
            ("", None),
        ] {
            assert_eq!(day(text), want, "{text}");
        }
    }

    #[test]
    fn f59_an_unknown_address_and_this_computer_are_in_no_network() {
        let all = [Network::parse("0.0.0.0/0").unwrap(), Network::parse("::/0").unwrap()];
        for (peer, want) in [
            (Some("192.0.2.1"), true),
            (Some("2001:db8::1"), true),
            (Some("127.0.0.1"), false),
            (Some("::1"), false),
            (Some("::ffff:127.0.0.1"), false),
            (Some("0.0.0.0"), false),
            (None, false),
        ] {
            assert_eq!(is_inside(&all, peer.map(|peer| peer.parse().unwrap())), want, "{peer:?}");
        }
    }

    #[test]
    fn f41_a_network_is_24_or_56_bits_and_a_proxys_is_unknown() {
        for (peer, want) in [
            (Some("192.0.2.77"), "192.0.2.0/24"),
            (Some("::ffff:192.0.2.77"), "192.0.2.0/24"),
            (Some("2001:db8:1:2345:6::7"), "2001:db8:1:2300::/56"),
            (Some("127.0.0.1"), ""),
            (Some("::1"), ""),
            (None, ""),
        ] {
            assert_eq!(network_of(peer.map(|peer| peer.parse().unwrap())), want, "{peer:?}");
        }
    }

    #[test]
    fn f34_a_missing_attribute_asks_and_the_stricter_rule_wins() {
        let demand = |max_age_secs| Demand { max_age_secs, ..Demand::default() };
        let required = |max_age_secs| Asked { mode: Mode::Required, demand: demand(max_age_secs), ..Asked::default() };
        let admins = Condition { attribute: "memberOf".into(), values: vec!["admins".into()] };
        let when = When { conditions: vec![admins], outside: Vec::new(), asked: required(Some(300)) };
        let groups = |groups: &'static [&'static str]| groups.iter().map(|g| (*g).to_owned()).collect::<Vec<_>>();
        for (values, want, missing) in [
            (Some(&["admins"][..]), Some(300), false),
            (Some(&["users"]), Some(600), false),
            (Some(&[]), Some(600), false),
            (None, Some(300), true),
        ] {
            let values = values.map(groups);
            let asked = when
                .applies(&|_| values.as_deref(), None)
                .map_or(Some(required(Some(600))), |more| required(Some(600)).stricter(&more));
            let asked = asked.unwrap();
            assert_eq!((asked.demand.max_age_secs, asked.attribute_missing), (want, missing), "{values:?}");
        }
        let nothing = Asked::default();
        assert_eq!(nothing.stricter(&required(Some(5))), Some(required(Some(5))));
        assert_eq!(required(Some(5)).stricter(&nothing), Some(required(Some(5))), "nothing frees");
        let off = Asked { mode: Mode::Off, ..required(Some(3)) };
        assert_eq!(required(Some(5)).stricter(&off), Some(required(Some(5))), "and demands nothing either");
        assert_eq!(off.stricter(&required(Some(5))), Some(required(Some(5))));
    }
}
