//! To the app, and back from it.

pub(crate) mod assertion;
pub mod request;
pub mod response;
