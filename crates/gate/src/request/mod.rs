//! The request in hand, the asks of a decision, and refusals.

pub(crate) mod context;
pub(crate) mod factor;
pub(crate) mod gate;
pub(crate) mod refuse;
pub(crate) mod reply;
pub(crate) mod step;
