//! State that outlives a request: sealed cookies, records of tickets, the cache and the ended sessions of an instance.

pub(crate) mod bearer;
mod bounded;
pub mod breaker;
pub mod cache;
pub mod ended;
pub mod flight;
pub(crate) mod kept_form;
pub mod raise;
pub mod session;
pub mod shelf;
pub mod spent;
pub mod stored;
pub mod ticket;

/// The memory of one instance of the adapter.
#[derive(Default)]
pub struct Instance {
    /// May be emptied at any time.
    pub cache: cache::Cache,
    /// Must be kept: it makes a logout effective at once.
    pub ended: ended::Ended,
    /// The number of people with a factor when the anchor confirmed the settings; `None` before that.
    pub people: Option<u64>,
}
