//! The cache of one instance: opened cookies, signed assertions, decisions.

use core::ops::Range;

use base::UnixMs;

use super::{bounded::Bounded, session::Session};
use crate::keys::seal::ObjectName;

/// About 2 MB of usual sessions; 30 MB if each person had 300 long groups.
const MAX_ENTRIES: usize = 1024;
/// A signed assertion is made again when so little of its life is left.
const SPARE_SECS: u64 = 60;

/// Opened cookies, signed assertions and decisions of one instance. It may be emptied at any time: the next request is
/// slower, and asks its session's object again.
pub struct Cache {
    opened: Bounded<Session>,
    signed: Bounded<(String, UnixMs)>,
    decisions: Bounded<Vec<CachedDecision>>,
}

impl Default for Cache {
    fn default() -> Self {
        Self::with_capacity(MAX_ENTRIES)
    }
}

impl Cache {
    /// A cache with room for so many entries of each kind.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { opened: Bounded::new(capacity), signed: Bounded::new(capacity), decisions: Bounded::new(capacity) }
    }

    /// The session in this cookie value of this site. The caller must still check its ages.
    pub(crate) fn session(&self, site: &str, cookie: &str) -> Option<&Session> {
        self.opened.get(&key(site, cookie))
    }

    pub(crate) fn remember(&mut self, site: &str, cookie: &str, session: Session) {
        self.opened.put(key(site, cookie), session);
    }

    /// The assertion of a session for an app, while enough of its life is left.
    pub(crate) fn assertion(&self, sid: &str, site: &str, app: &str, now: UnixMs) -> Option<&str> {
        self.signed
            .get(&key(site, &key(sid, app)))
            .filter(|(_, until)| now.plus_secs(SPARE_SECS) < *until)
            .map(|(jwt, _)| jwt.as_str())
    }

    pub(crate) fn remember_assertion(&mut self, sid: &str, site: &str, app: &str, jwt: String, until: UnixMs) {
        self.signed.put(key(site, &key(sid, app)), (jwt, until));
    }

    /// The decisions under a key of [`crate::Gate::cached_decision`].
    pub(crate) fn decisions(&self, cache_key: &str) -> &[CachedDecision] {
        self.decisions.get(cache_key).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn cache_decision(&mut self, cache_key: String, decision: CachedDecision) {
        match self.decisions.get_mut(&cache_key) {
            Some(decisions) => {
                decisions.retain(|known| known.rule != decision.rule || known.site != decision.site);
                decisions.push(decision);
            }
            None => self.decisions.put(cache_key, vec![decision]),
        }
    }
}

/// A decision for one client at one rule of a site.
pub(crate) struct CachedDecision {
    pub(crate) site: String,
    pub(crate) rule: usize,
    /// `None` where the app receives no identity.
    pub(crate) session: Option<CachedSession>,
}

pub(crate) struct CachedSession {
    pub(crate) object: ObjectName,
    pub(crate) sid: String,
    pub(crate) assertion: String,
    /// The app that the assertion is for.
    pub(crate) app: String,
    /// When the session was looked up.
    pub(crate) revalidated: UnixMs,
    /// In seconds: outside of it the session is over, or must be looked up.
    pub(crate) valid_until_revalidation: Range<u64>,
}

fn key(site: &str, rest: &str) -> String {
    let mut key = String::with_capacity(site.len() + 1 + rest.len());
    key.push_str(site);
    key.push('\n');
    key.push_str(rest);
    key
}
