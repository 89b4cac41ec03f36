//! Keys: sealing, names of objects, signing.

pub mod seal;
pub(crate) mod signing;
