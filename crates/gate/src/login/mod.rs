//! A login: begun, and finished.

pub(crate) mod begin;
pub(crate) mod finish;
