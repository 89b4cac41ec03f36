//! The request to the app and its response.

pub mod address;
pub(crate) mod assertion;
pub mod request;
pub mod response;
pub mod watch;
