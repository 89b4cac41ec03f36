//! Sessions that ended in this instance.

use super::bounded::Bounded;
use crate::keys::seal::ObjectName;

const MAX_ENTRIES: usize = 1024;

/// Sessions that this instance saw end. No cache: without it, an ended session stays usable until its revalidation is due.
pub struct Ended(Bounded<()>);

impl Default for Ended {
    fn default() -> Self {
        Self(Bounded::new(MAX_ENTRIES))
    }
}

impl Ended {
    /// Adds a session. The oldest of 1024 is evicted.
    pub(crate) fn insert(&mut self, object: &ObjectName) {
        self.0.put(object.as_str().to_owned(), ());
    }

    pub(crate) fn contains(&self, object: &ObjectName) -> bool {
        self.0.get(object.as_str()).is_some()
    }
}
