//! The decision, top to bottom: the table, what follows from a session, and what follows from an answered ask.

mod authorize;
mod cached;
mod resume;
mod row;
mod table;
