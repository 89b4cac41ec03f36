//! What is sealed and what is signed.

pub mod seal;
pub(crate) mod signing;
