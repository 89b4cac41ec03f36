//! The request in hand, the vocabulary of asks, and how a reason is said.

pub(crate) mod context;
pub(crate) mod gate;
pub(crate) mod refuse;
pub(crate) mod reply;
pub(crate) mod step;
