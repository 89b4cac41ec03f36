//! A session, as the ticket's object holds it and as the sealed cookie carries it.

use core::ops::Range;

use base::{Moment, UnixMs};
use serde::{Deserialize, Serialize};

use crate::{
    keys::seal::{Keyring, ObjectName, Purpose},
    policy::site::Site,
};

/// Browsers drop a cookie whose name and value are over 4096 bytes.
const MAX_COOKIE_BYTES: usize = 3584;
/// A clock that was set back further than this does not keep a session from being looked up.
const SKEW_SECS: u64 = 60;

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The object that owns it.
    #[serde(rename = "o")]
    pub object: ObjectName,
    /// Its public id, for assertions and the log: new at every login.
    #[serde(rename = "i")]
    pub sid: String,
    /// The user, as the CAS server says.
    #[serde(rename = "u")]
    pub user: String,
    /// The attributes that the policy names, in the order of the answer.
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<(String, Vec<String>)>,
    #[serde(rename = "b")]
    born_secs: u64,
    #[serde(rename = "c")]
    revalidated_secs: u64,
    #[serde(rename = "f", default, skip_serializing_if = "is_false")]
    fresh: bool,
    /// Whether attributes were left out of the cookie; the object has them all.
    #[serde(rename = "x", default, skip_serializing_if = "is_false")]
    pub partial: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// How long sessions live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifetimes {
    /// Without use, in seconds.
    pub idle_secs: u64,
    /// In all, in seconds.
    pub absolute_secs: u64,
}

impl Session {
    /// A session that begins now. `fresh` says that the password was asked for in this very login.
    pub fn new(
        object: ObjectName,
        sid: String,
        user: String,
        attributes: Vec<(String, Vec<String>)>,
        fresh: bool,
        now: UnixMs,
    ) -> Self {
        let now = now.secs();
        Self { object, sid, user, attributes, born_secs: now, revalidated_secs: now, fresh, partial: false }
    }

    /// Whether neither lifetime is over. Use is seen when the session is looked up.
    pub fn is_alive(&self, lifetimes: Lifetimes, now: UnixMs) -> bool {
        self.age_secs(now) < lifetimes.absolute_secs && self.since_revalidation_secs(now) < lifetimes.idle_secs
    }

    /// Whether it must be looked up before it is valid_until_revalidation.
    pub fn needs_revalidation(&self, revalidate_secs: u64, now: UnixMs) -> bool {
        self.partial
            || self.since_revalidation_secs(now) >= revalidate_secs
            || self.revalidated_secs > now.secs().saturating_add(SKEW_SECS)
    }

    /// When it [is alive](Self::is_alive) and need [not be looked up](Self::needs_revalidation), in seconds since the epoch.
    pub fn valid_until_revalidation(&self, lifetimes: Lifetimes, revalidate_secs: u64) -> Range<u64> {
        let unchecked = lifetimes.idle_secs.min(revalidate_secs);
        if self.partial || unchecked == 0 || lifetimes.absolute_secs == 0 {
            return 0..0;
        }
        let end =
            self.born_secs.saturating_add(lifetimes.absolute_secs).min(self.revalidated_secs.saturating_add(unchecked));
        self.revalidated_secs.saturating_sub(SKEW_SECS)..end
    }

    /// Whether it may be believed for once without a look, because the store cannot be reached.
    pub fn within_stale_grace(&self, revalidate_secs: u64, grace_secs: u64, now: UnixMs) -> bool {
        !self.partial
            && self.since_revalidation_secs(now) < revalidate_secs.saturating_add(grace_secs)
            && self.revalidated_secs <= now.secs().saturating_add(SKEW_SECS)
    }

    /// Whether the password was asked for at most so many seconds ago.
    pub fn is_fresh(&self, max_age_secs: u64, now: UnixMs) -> bool {
        self.fresh && self.age_secs(now) < max_age_secs && self.born_secs <= now.secs().saturating_add(SKEW_SECS)
    }

    /// The same session, looked up just now.
    #[must_use]
    pub fn revalidated(self, now: UnixMs) -> Self {
        Self { revalidated_secs: now.secs(), ..self }
    }

    /// When the person signed in.
    pub const fn born(&self) -> UnixMs {
        UnixMs::from_secs(self.born_secs)
    }

    /// All values of an attribute; `None` when the CAS server did not say it.
    pub fn attribute(&self, name: &str) -> Option<&[String]> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, values)| values.as_slice())
    }

    /// Seals it for the cookie, the longest attributes left out where it would be too long.
    pub fn seal(&self, site: &Site, keyring: &Keyring, moment: &mut Moment) -> Option<String> {
        let mut kept = self.clone();
        loop {
            let sealed = keyring.seal(Purpose::Session, site.scope(), &kept, moment)?;
            if sealed.len() + site.cookies.session.len() <= MAX_COOKIE_BYTES {
                return Some(sealed);
            }
            let bytes = |values: &[String]| values.iter().map(String::len).sum::<usize>() + values.len();
            let longest =
                kept.attributes.iter().enumerate().max_by_key(|(_, (_, values))| bytes(values)).map(|(at, _)| at)?;
            kept.attributes.remove(longest);
            kept.partial = true;
        }
    }

    /// Opens a cookie of this site.
    pub fn open(site: &Site, keyring: &Keyring, sealed: &str) -> Option<Self> {
        keyring.open(Purpose::Session, site.scope(), sealed)
    }

    fn age_secs(&self, now: UnixMs) -> u64 {
        now.secs_since(self.born())
    }

    fn since_revalidation_secs(&self, now: UnixMs) -> u64 {
        now.secs_since(UnixMs::from_secs(self.revalidated_secs))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Small numbers, so that each border is met.
        #[test]
        fn it_is_believed_exactly_while_it_lives_and_need_not_be_looked_up(
            born_secs in 100_u64..140, revalidated_secs in 100_u64..200, partial: bool,
            idle_secs in 0_u64..90, absolute_secs in 0_u64..90, revalidate_secs in 0_u64..90, now in 0_u64..400,
        ) {
            let session = Session {
                object: serde_json::from_str("\"o\"").unwrap(),
                sid: String::new(),
                user: String::new(),
                attributes: Vec::new(),
                born_secs,
                revalidated_secs,
                fresh: false,
                partial,
            };
            let lifetimes = Lifetimes { idle_secs, absolute_secs };
            let at = UnixMs::from_secs(now);
            let want = session.is_alive(lifetimes, at) && !session.needs_revalidation(revalidate_secs, at);
            prop_assert_eq!(session.valid_until_revalidation(lifetimes, revalidate_secs).contains(&now), want);
        }
    }
}
