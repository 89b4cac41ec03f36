//! Sessions that ended in this instance.

use std::collections::{HashMap, VecDeque};

use base::UnixMs;

use super::session::Session;
use crate::keys::seal::ObjectName;

/// An object's name is 52 characters; with its place in a map and a queue about 256 bytes, so at most 4 MB.
const MAX_ENTRIES: usize = 16_384;

/// Sessions that this instance saw end. No cache: without it, an ended session stays usable until its revalidation is due.
pub struct Ended {
    max: usize,
    since: HashMap<String, UnixMs>,
    order: VecDeque<String>,
    /// Endings up to here may have been dropped: what was looked up before is due for a look.
    dropped: Option<UnixMs>,
}

impl Default for Ended {
    fn default() -> Self {
        Self::with_max(MAX_ENTRIES)
    }
}

impl Ended {
    /// A list of at most `max` endings, for tests of a full one.
    pub fn with_max(max: usize) -> Self {
        Self { max, since: HashMap::new(), order: VecDeque::new(), dropped: None }
    }

    /// Adds a session, and drops those that ended more than `keep_secs` ago, which no rule would take any more. A full list
    /// drops its oldest entry, and makes every session due that was looked up before that one ended.
    pub(crate) fn insert(&mut self, object: &ObjectName, keep_secs: u64, now: UnixMs) {
        while let Some(oldest) = self.order.front() {
            let since = self.since.get(oldest).copied().unwrap_or(UnixMs::from_secs(0));
            let is_over = now.secs_since(since) > keep_secs;
            if !is_over && self.order.len() < self.max {
                break;
            }
            if !is_over {
                self.dropped = self.dropped.max(Some(since));
            }
            if let Some(oldest) = self.order.pop_front() {
                self.since.remove(&oldest);
            }
        }
        if self.since.insert(object.as_str().to_owned(), now).is_none() {
            self.order.push_back(object.as_str().to_owned());
        }
    }

    pub(crate) fn contains(&self, object: &ObjectName) -> bool {
        self.since.contains_key(object.as_str())
    }

    /// Whether an ending of this session may have been dropped since it was looked up.
    pub(crate) fn makes_due(&self, session: &Session) -> bool {
        self.makes_due_since(session.revalidated_at())
    }

    /// The same, by the time of its look.
    pub(crate) fn makes_due_since(&self, looked_up: UnixMs) -> bool {
        self.dropped.is_some_and(|dropped| looked_up <= dropped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::seal::IdKey;

    fn name(n: usize) -> ObjectName {
        IdKey::parse(&"A".repeat(43)).unwrap().login("app", &n.to_string())
    }

    #[test]
    fn l16_an_ending_is_kept_as_long_as_it_matters_and_a_full_list_fails_closed() {
        let at = UnixMs::from_secs;
        let mut ended = Ended::default();
        ended.insert(&name(0), 1_000, at(100));
        for n in 1..MAX_ENTRIES {
            ended.insert(&name(n), 1_000, at(200));
        }
        assert!(ended.contains(&name(0)) && !ended.makes_due_since(at(0)), "full, and nothing is dropped yet");
        ended.insert(&name(MAX_ENTRIES), 1_000, at(300));
        assert!(!ended.contains(&name(0)));
        assert!(ended.makes_due_since(at(100)), "what was looked up before the dropped ending is due");
        assert!(!ended.makes_due_since(at(101)));
        ended.insert(&name(MAX_ENTRIES + 1), 1_000, at(1_300));
        assert!(!ended.contains(&name(1)), "over after 1,000 s");
        assert!(ended.contains(&name(MAX_ENTRIES)), "not over");
        assert!(!ended.makes_due_since(at(101)), "what is over was not dropped");
    }
}
