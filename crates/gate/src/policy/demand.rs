//! The second factor that a rule demands, and one that was given.

use base::UnixMs;
use json::{FromJson, ToJson};
use serde::Deserialize;

/// A factor whose time lies further in the future than this is not believed, in seconds.
const SKEW_SECS: u64 = 60;
/// Least `max_age_secs` of a demand: somebody has to find the telephone and type.
pub const MIN_MAX_AGE_SECS: u64 = 120;

/// The kinds of second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ToJson, FromJson, Deserialize)]
pub enum Kind {
    /// A passkey or security key (Web Authentication).
    #[serde(rename = "passkey")]
    Passkey,
    /// An authenticator app (TOTP).
    #[serde(rename = "app")]
    App,
    /// A hardware token (OATH HOTP or TOTP).
    #[serde(rename = "token")]
    Token,
    /// A recovery code on paper.
    #[serde(rename = "recovery")]
    Recovery,
    /// A factor that the CAS server asked for, by the policy's map.
    #[serde(rename = "cas")]
    Cas,
}

impl Kind {
    /// Every kind, the strongest first.
    pub const ALL: [Self; 5] = [Self::Passkey, Self::App, Self::Token, Self::Cas, Self::Recovery];

    /// How much a kind is worth where one must pay for another. Only a passkey is bound to the page that it is used on.
    pub const fn strength(self) -> u8 {
        match self {
            Self::Passkey => 3,
            Self::App | Self::Token | Self::Cas => 2,
            Self::Recovery => 0,
        }
    }

    /// The word in the policy.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passkey => "passkey",
            Self::App => "app",
            Self::Token => "token",
            Self::Recovery => "recovery",
            Self::Cas => "cas",
        }
    }

    /// The kind of this word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A factor that was given.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
pub struct Given {
    /// Its kind.
    #[serde(rename = "k")]
    pub kind: Kind,
    /// When, in seconds since 1970; absent where a CAS server does not say.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub at_secs: Option<u64>,
    /// Whether a remembered device stood in for it.
    #[serde(rename = "r", default, skip_serializing_if = "is_default")]
    pub remembered: bool,
    /// Whether the portal handed it over without asking the person. It meets plain demands alone, because the site chose the page.
    #[serde(rename = "q", default, skip_serializing_if = "is_default")]
    pub silent: bool,
    /// Whether the authenticator verified the person, by PIN, finger or face.
    #[serde(rename = "v", default, skip_serializing_if = "is_default")]
    pub verified: bool,
    /// Whether the passkey can be copied to other devices.
    #[serde(rename = "s", default, skip_serializing_if = "is_default")]
    pub synced: bool,
    /// The enrolment; empty for one of the CAS server's.
    #[serde(rename = "e", default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    /// The methods that the policy maps a CAS server's factor to.
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    pub mapped: Vec<String>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Given {
    /// A factor of this kind, given now.
    pub const fn now(kind: Kind, by: String, now: UnixMs) -> Self {
        let at_secs = Some(now.secs());
        Self { kind, at_secs, remembered: false, silent: false, verified: false, synced: false, by, mapped: Vec::new() }
    }

    /// The authentication methods references (RFC 8176 section 2), the password's included.
    pub fn amr(&self) -> Vec<&str> {
        if self.remembered {
            return vec!["pwd"];
        }
        let own: &[&str] = match self.kind {
            Kind::App => &["otp"],
            Kind::Token => &["otp", "hwk"],
            Kind::Passkey if self.synced => &["swk"],
            Kind::Passkey => &["hwk"],
            Kind::Recovery | Kind::Cas => &[],
        };
        let verified: &[&str] = if self.kind == Kind::Passkey && self.verified { &["user"] } else { &[] };
        let mapped = self.mapped.iter().map(String::as_str);
        ["pwd"]
            .into_iter()
            .chain(own.iter().copied())
            .chain(verified.iter().copied())
            .chain(mapped)
            .chain(["mfa"])
            .collect()
    }
}

/// What a rule demands. The default is any kind of any age, given for real.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson, FromJson)]
pub struct Demand {
    /// The kinds that count; none written means every kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Kind>,
    /// Greatest age in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age_secs: Option<u64>,
    /// Whether a remembered device is enough.
    #[serde(default, skip_serializing_if = "is_default")]
    pub remembered: bool,
}

/// Why a demand is not met. The later of two is the nearer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unmet {
    /// No factor was given.
    Absent,
    /// One was given, of a kind that does not count here.
    Kind,
    /// A remembered device is not enough here.
    Remembered,
    /// The person was not asked when the portal handed it over, which is not enough here.
    Silent,
    /// It was given too long ago, at an unknown time, or in the future.
    Age,
}

impl Demand {
    /// Whether one of the given factors is enough.
    ///
    /// # Errors
    /// What is missing, of the factor that comes nearest.
    pub fn is_met(&self, given: &[Given], now: UnixMs) -> Result<(), Unmet> {
        let mut nearest = Unmet::Absent;
        for one in given {
            match self.is_met_by(one, now) {
                Ok(()) => return Ok(()),
                Err(unmet) => nearest = nearest.max(unmet),
            }
        }
        Err(nearest)
    }

    fn is_met_by(&self, given: &Given, now: UnixMs) -> Result<(), Unmet> {
        if !self.takes(given.kind) {
            return Err(Unmet::Kind);
        }
        // A remembered device says nothing of this hour, so it meets no age.
        if given.remembered && (!self.remembered || self.max_age_secs.is_some()) {
            return Err(Unmet::Remembered);
        }
        if given.silent && !self.is_plain() {
            return Err(Unmet::Silent);
        }
        let is_ahead = given.at_secs.is_some_and(|at| at > now.secs().saturating_add(SKEW_SECS));
        let is_old =
            self.max_age_secs.is_some_and(|max| given.at_secs.is_none_or(|at| now.secs().saturating_sub(at) >= max));
        if is_ahead || is_old { Err(Unmet::Age) } else { Ok(()) }
    }

    /// Whether it names no kinds and no age.
    pub fn is_plain(&self) -> bool {
        self.kinds.is_empty() && self.max_age_secs.is_none()
    }

    /// Whether this kind counts.
    pub fn takes(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    /// The stricter of two demands, part by part; `None` where two sets of kinds differ and neither holds the other.
    pub fn stricter(&self, other: &Self) -> Option<Self> {
        let inside = |one: &Self, two: &Self| !one.kinds.is_empty() && one.kinds.iter().all(|kind| two.takes(*kind));
        let kinds = if inside(self, other) || other.kinds.is_empty() {
            self.kinds.clone()
        } else if inside(other, self) || self.kinds.is_empty() {
            other.kinds.clone()
        } else {
            return None;
        };
        let max_age_secs = match (self.max_age_secs, other.max_age_secs) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        Some(Self { kinds, max_age_secs, remembered: self.remembered && other.remembered })
    }

    /// Whether somebody who meets this demand may fail `other`.
    pub fn is_weaker_than(&self, other: &Self) -> bool {
        let kinds =
            !other.kinds.is_empty() && (self.kinds.is_empty() || self.kinds.iter().any(|kind| !other.takes(*kind)));
        let age = match (self.max_age_secs, other.max_age_secs) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(ours), Some(theirs)) => ours > theirs,
        };
        kinds || age || self.remembered && !other.remembered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMs = UnixMs::from_secs(10_000);

    fn given(kind: Kind, ago: u64) -> Given {
        Given { at_secs: Some(10_000 - ago), ..Given::now(kind, "e".into(), NOW) }
    }

    #[test]
    fn f10_a_demand_is_met_by_kind_age_and_a_real_factor() {
        let any = Demand::default();
        let recent = Demand { max_age_secs: Some(300), ..Demand::default() };
        let passkey = Demand { kinds: vec![Kind::Passkey], ..Demand::default() };
        let lenient = Demand { remembered: true, ..Demand::default() };
        let remembered = Given { remembered: true, ..given(Kind::App, 10) };
        let ageless = Given { at_secs: None, ..given(Kind::Cas, 0) };
        let ahead = |secs: u64| Given { at_secs: Some(10_000 + secs), ..given(Kind::App, 0) };
        for (demand, given, want) in [
            (&any, vec![], Err(Unmet::Absent)),
            (&any, vec![given(Kind::Recovery, 9_000)], Ok(())),
            (&any, vec![remembered.clone()], Err(Unmet::Remembered)),
            (&lenient, vec![remembered.clone()], Ok(())),
            (&Demand { remembered: true, ..recent.clone() }, vec![remembered.clone()], Err(Unmet::Remembered)),
            (&recent, vec![given(Kind::App, 299)], Ok(())),
            (&recent, vec![given(Kind::App, 300)], Err(Unmet::Age)),
            (&recent, vec![ageless.clone()], Err(Unmet::Age)),
            (&any, vec![ageless], Ok(())),
            (&any, vec![ahead(60)], Ok(())),
            (&any, vec![ahead(61)], Err(Unmet::Age)),
            (&passkey, vec![given(Kind::App, 0)], Err(Unmet::Kind)),
            (&passkey, vec![given(Kind::App, 0), given(Kind::Passkey, 5_000)], Ok(())),
            (&recent, vec![remembered, given(Kind::App, 400)], Err(Unmet::Age)),
        ] {
            assert_eq!(demand.is_met(&given, NOW), want, "{demand:?} {given:?}");
        }
    }

    #[test]
    fn f34_of_two_demands_the_stricter_wins() {
        let kinds = |kinds: &[Kind]| Demand { kinds: kinds.to_vec(), ..Demand::default() };
        let aged = |secs| Demand { max_age_secs: Some(secs), ..Demand::default() };
        for (one, two, want) in [
            (kinds(&[]), kinds(&[Kind::App]), Some(kinds(&[Kind::App]))),
            (kinds(&[Kind::App, Kind::Passkey]), kinds(&[Kind::Passkey]), Some(kinds(&[Kind::Passkey]))),
            (kinds(&[Kind::App]), kinds(&[Kind::Passkey]), None),
            (aged(300), aged(600), Some(aged(300))),
            (aged(300), kinds(&[]), Some(aged(300))),
            (Demand { remembered: true, ..kinds(&[]) }, kinds(&[]), Some(kinds(&[]))),
        ] {
            assert_eq!(one.stricter(&two), want);
            assert_eq!(two.stricter(&one), want, "in both orders");
            if let Some(both) = want {
                assert!(!both.is_weaker_than(&one) && !both.is_weaker_than(&two));
            }
        }
        assert!(kinds(&[]).is_weaker_than(&kinds(&[Kind::App])));
        assert!(!kinds(&[Kind::App]).is_weaker_than(&kinds(&[])));
    }

    #[test]
    fn methods_say_what_was_really_done() {
        let passkey = Given { verified: true, ..given(Kind::Passkey, 0) };
        for (given, want) in [
            (given(Kind::App, 0), &["pwd", "otp", "mfa"][..]),
            (given(Kind::Token, 0), &["pwd", "otp", "hwk", "mfa"]),
            (passkey.clone(), &["pwd", "hwk", "user", "mfa"]),
            (Given { synced: true, verified: false, ..passkey }, &["pwd", "swk", "mfa"]),
            (given(Kind::Recovery, 0), &["pwd", "mfa"]),
            (Given { mapped: vec!["otp".into()], ..given(Kind::Cas, 0) }, &["pwd", "otp", "mfa"]),
            (Given { remembered: true, ..given(Kind::App, 0) }, &["pwd"]),
        ] {
            assert_eq!(given.amr(), want);
        }
        assert!(Kind::ALL.iter().all(|kind| Kind::named(kind.word()) == Some(*kind)));
    }
}
