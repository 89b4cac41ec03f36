//! What outlives a request: sealed cookies, the records of tickets, what an instance remembers.

pub mod breaker;
pub(crate) mod cache;
pub mod flight;
pub mod session;
pub mod ticket;
