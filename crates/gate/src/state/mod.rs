//! What outlives a request: sealed cookies, the records of tickets, what an instance remembers.

mod bounded;
pub mod breaker;
pub mod cache;
pub mod ended;
pub mod flight;
pub mod session;
pub mod stored;
pub mod ticket;

/// What one instance of the adapter holds from request to request.
#[derive(Default)]
pub struct Instance {
    /// May be emptied at any time.
    pub cache: cache::Cache,
    /// Must be kept: it refuses sessions.
    pub ended: ended::Ended,
}
