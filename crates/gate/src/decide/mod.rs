//! The decision: the table, authorization by a session, cached decisions, and the continuation of asks.

mod authorize;
mod bearer;
mod cached;
mod destination;
mod resume;
mod row;
mod table;

pub use self::{cached::RequestHeader, table::AppFailure};
