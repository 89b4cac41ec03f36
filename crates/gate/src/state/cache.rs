//! What an instance remembers for speed: opened cookies, and assertions signed just now.

use core::ops::Range;
use std::collections::{HashMap, VecDeque};

use base::UnixMs;

use crate::{keys::seal::ObjectName, state::session::Session};

/// About 2 MB of usual sessions; 30 MB if each person had 300 long groups.
const MOST: usize = 1024;
/// A CAS server sends one logout for each ticket of a flight, and repeats it at most a few times.
const MAX_UNKNOWN_LOGOUTS: u32 = 4;
/// A signed assertion is made again when so little of its life is left.
const SPARE_SECS: u64 = 60;

/// Bounded; what is forgotten is opened or signed again.
#[derive(Default)]
pub(crate) struct Cache {
    opened: Bounded<Session>,
    signed: Bounded<(String, UnixMs)>,
    ended: Bounded<()>,
    unknown_logouts: Bounded<u32>,
    decisions: Bounded<Vec<CachedDecision>>,
}

impl Cache {
    /// The session that this whole cookie value of this site was opened to. Whoever asks still checks its ages.
    pub(crate) fn session(&self, site: &str, cookie: &str) -> Option<&Session> {
        self.opened.get(&key(site, cookie))
    }

    pub(crate) fn remember(&mut self, site: &str, cookie: &str, session: Session) {
        self.opened.put(key(site, cookie), session);
    }

    /// The assertion of a session for an app, while enough of its life is left.
    pub(crate) fn assertion(&self, sid: &str, site: &str, now: UnixMs) -> Option<&str> {
        self.signed
            .get(&key(site, sid))
            .filter(|(_, until)| now.plus_secs(SPARE_SECS) < *until)
            .map(|(jwt, _)| jwt.as_str())
    }

    pub(crate) fn remember_assertion(&mut self, sid: &str, site: &str, jwt: String, until: UnixMs) {
        self.signed.put(key(site, sid), (jwt, until));
    }

    /// What was kept for a cache_key: see [`crate::Gate::cached_decision`].
    pub(crate) fn decisions(&self, cache_key: &str) -> &[CachedDecision] {
        self.decisions.get(cache_key).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn cache_decision(&mut self, cache_key: String, decision: CachedDecision) {
        match self.decisions.map.get_mut(&cache_key) {
            Some(decisions) => {
                decisions.retain(|known| known.rule != decision.rule || known.site != decision.site);
                decisions.push(decision);
            }
            None => self.decisions.put(cache_key, vec![decision]),
        }
    }

    /// A session that ended here is not believed here any more, not even until it would be looked up.
    pub(crate) fn end(&mut self, object: &ObjectName) {
        self.ended.put(object.as_str().to_owned(), ());
    }

    /// Counts a logout on this flight that named no session.
    pub(crate) fn count_unknown_logout(&mut self, flight: &str) {
        let count = self.unknown_logouts.get(flight).copied().unwrap_or(0).saturating_add(1);
        self.unknown_logouts.put(flight.to_owned(), count);
    }

    /// Whether one more is looked into: each makes the platform open an object, for which plain workerd keeps a file.
    pub(crate) fn may_try_unknown_logout(&self, flight: &str) -> bool {
        self.unknown_logouts.get(flight).is_none_or(|count| *count < MAX_UNKNOWN_LOGOUTS)
    }

    pub(crate) fn has_ended(&self, object: &ObjectName) -> bool {
        self.ended.get(object.as_str()).is_some()
    }
}

/// What was said of one person at one rule of a site.
pub(crate) struct CachedDecision {
    pub(crate) site: String,
    pub(crate) rule: usize,
    /// Nobody, where the rule is open to all.
    pub(crate) session: Option<CachedSession>,
}

pub(crate) struct CachedSession {
    pub(crate) object: ObjectName,
    pub(crate) sid: String,
    pub(crate) assertion: String,
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

/// A map that forgets the oldest.
struct Bounded<T> {
    map: HashMap<String, T>,
    order: VecDeque<String>,
}

impl<T> Default for Bounded<T> {
    fn default() -> Self {
        Self { map: HashMap::new(), order: VecDeque::new() }
    }
}

impl<T> Bounded<T> {
    fn get(&self, key: &str) -> Option<&T> {
        self.map.get(key)
    }

    fn put(&mut self, key: String, value: T) {
        if self.map.insert(key.clone(), value).is_none() {
            self.order.push_back(key);
            if self.order.len() > MOST
                && let Some(oldest) = self.order.pop_front()
            {
                self.map.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded_and_forgets_the_oldest() {
        let mut map = Bounded::default();
        for n in 0..=MOST {
            map.put(n.to_string(), n);
        }
        assert_eq!(map.map.len(), MOST);
        assert_eq!(map.order.len(), MOST);
        assert!(map.get("0").is_none());
        assert_eq!(map.get("1"), Some(&1));
    }
}
