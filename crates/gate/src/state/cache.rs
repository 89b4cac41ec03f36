//! The cache of one instance: opened cookies, signed assertions, decisions.

use core::ops::Range;

use base::UnixMs;

use super::{bounded::Bounded, session::Session};
use crate::keys::seal::ObjectName;

/// A signed assertion is made again when so little of its life is left.
const SPARE_SECS: u64 = 60;

/// The bounds of the maps, in bytes of text. Together with the adapter's plans they stay within 16 MB of the 128 MB at which
/// the platform ends an instance.
const OPENED_BYTES: usize = 3_000_000;
const SIGNED_BYTES: usize = 1_000_000;
const DECISIONS_BYTES: usize = 3_000_000;
const STRANGERS_BYTES: usize = 1_000_000;

/// Opened cookies, signed assertions and decisions of one instance. It may be emptied at any time: the next request is
/// slower, and asks its session's object again.
pub struct Cache {
    opened: Bounded<Kept>,
    signed: Bounded<Kept>,
    decisions: Bounded<Kept>,
    /// Decisions without a session, apart: made-up cookies must not displace those of users.
    strangers: Bounded<Kept>,
}

/// One type for all maps, each of which holds one kind: a map's code is in the Worker once.
enum Kept {
    Session(Session),
    Signed(String, UnixMs),
    Decisions(Vec<CachedDecision>),
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            opened: Bounded::new(OPENED_BYTES),
            signed: Bounded::new(SIGNED_BYTES),
            decisions: Bounded::new(DECISIONS_BYTES),
            strangers: Bounded::new(STRANGERS_BYTES),
        }
    }
}

impl Cache {
    /// A cache with room for so many bytes of each kind.
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            opened: Bounded::new(bytes),
            signed: Bounded::new(bytes),
            decisions: Bounded::new(bytes),
            strangers: Bounded::new(bytes),
        }
    }

    /// What it holds, in bytes of text.
    pub fn bytes(&self) -> usize {
        self.opened.bytes() + self.signed.bytes() + self.decisions.bytes() + self.strangers.bytes()
    }

    /// The session in this cookie value of this site. The caller must still check its ages.
    pub(crate) fn session(&self, site: &str, cookie: &str) -> Option<&Session> {
        match self.opened.get(&key(site, cookie)) {
            Some(Kept::Session(session)) => Some(session),
            _ => None,
        }
    }

    pub(crate) fn remember(&mut self, site: &str, cookie: &str, session: Session) {
        let bytes = session.text_bytes();
        self.opened.put(key(site, cookie), Kept::Session(session), bytes);
    }

    /// The assertion of a session for an app, while enough of its life is left.
    pub(crate) fn assertion(&self, sid: &str, site: &str, app: &str, now: UnixMs) -> Option<&str> {
        match self.signed.get(&key(site, &key(sid, app))) {
            Some(Kept::Signed(jwt, until)) if now.plus_secs(SPARE_SECS) < *until => Some(jwt),
            _ => None,
        }
    }

    pub(crate) fn remember_assertion(&mut self, sid: &str, site: &str, app: &str, jwt: String, until: UnixMs) {
        let bytes = jwt.len();
        self.signed.put(key(site, &key(sid, app)), Kept::Signed(jwt, until), bytes);
    }

    /// The decisions under a key of [`crate::Gate::cached_decision`].
    pub(crate) fn decisions(&self, cache_key: &str) -> impl Iterator<Item = &CachedDecision> {
        let maps = [&self.decisions, &self.strangers].into_iter();
        maps.filter_map(move |map| match map.get(cache_key) {
            Some(Kept::Decisions(decisions)) => Some(decisions),
            _ => None,
        })
        .flatten()
    }

    pub(crate) fn cache_decision(&mut self, cache_key: String, decision: CachedDecision) {
        let map = if decision.session.is_some() { &mut self.decisions } else { &mut self.strangers };
        let mut decisions = match map.take(&cache_key) {
            Some(Kept::Decisions(decisions)) => decisions,
            _ => Vec::new(),
        };
        decisions.retain(|known| known.rule != decision.rule || known.site != decision.site);
        decisions.push(decision);
        let bytes = decisions.iter().map(CachedDecision::text_bytes).sum();
        map.put(cache_key, Kept::Decisions(decisions), bytes);
    }
}

/// A decision for one client at one rule of a site.
pub(crate) struct CachedDecision {
    pub(crate) site: String,
    pub(crate) rule: usize,
    /// `None` where the app receives no identity.
    pub(crate) session: Option<CachedSession>,
}

impl CachedDecision {
    /// Beside its names, which are short.
    fn text_bytes(&self) -> usize {
        size_of::<Self>() + self.session.as_ref().map_or(0, |session| session.assertion.len())
    }
}

pub(crate) struct CachedSession {
    pub(crate) object: ObjectName,
    /// Cache key of its assertion: see [`Session::assertion_key`].
    pub(crate) key: String,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::seal::IdKey;

    #[test]
    fn it_counts_the_text_of_each_kind() {
        let text = "x".repeat(1_000);
        let object = IdKey::parse(&"A".repeat(43)).unwrap().login("app", "flight");
        let now = UnixMs::from_secs(100);
        let session = |attribute: &str| {
            let attributes = vec![("mail".to_owned(), vec![attribute.to_owned()])];
            Session::new(object.clone(), "sid".into(), "ann".into(), attributes, false, now)
        };
        let decision = |assertion: Option<&str>| CachedDecision {
            site: "app".into(),
            rule: 0,
            session: assertion.map(|assertion| CachedSession {
                object: object.clone(),
                key: "sid".into(),
                assertion: assertion.to_owned(),
                app: "app".into(),
                revalidated: now,
                valid_until_revalidation: 0..1,
            }),
        };
        let mut cache = Cache::with_capacity(20_000);
        let mut before = 0;
        let mut grown = |cache: &Cache| {
            let grown = cache.bytes() - before;
            before = cache.bytes();
            grown
        };
        assert_eq!(grown(&cache), 0);
        cache.remember("app", "cookie", session(&text));
        assert!((1_000..2_000).contains(&grown(&cache)), "an opened cookie");
        assert_eq!(cache.session("app", "cookie").map(|session| session.user.as_str()), Some("ann"));
        assert!(cache.session("other", "cookie").is_none(), "of another site");
        cache.remember_assertion("sid", "app", "app", text.clone(), now);
        assert!((1_000..2_000).contains(&grown(&cache)), "a signed assertion");
        cache.cache_decision("cookie".into(), decision(Some(&text)));
        assert!((1_000..2_000).contains(&grown(&cache)), "a decision");
        cache.cache_decision(text.clone(), decision(None));
        assert!((1_000..2_000).contains(&grown(&cache)), "a decision about a stranger");
        cache.remember("app", "large", session(&"x".repeat(10_000)));
        assert_eq!(grown(&cache), 0, "more than half of the room");
    }

    #[test]
    fn an_assertion_is_used_while_more_than_a_minute_of_its_life_is_left() {
        let mut cache = Cache::default();
        cache.remember_assertion("sid", "site", "app", "jwt".into(), UnixMs::from_secs(1_000));
        for (now, want) in [(0, Some("jwt")), (939, Some("jwt")), (940, None), (1_000, None)] {
            assert_eq!(cache.assertion("sid", "site", "app", UnixMs::from_secs(now)), want, "{now}");
        }
        assert_eq!(cache.assertion("sid", "other", "app", UnixMs::from_secs(0)), None);
    }
}
