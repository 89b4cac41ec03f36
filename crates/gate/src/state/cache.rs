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
