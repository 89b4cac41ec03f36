//! Google Authenticator's export codes: `otpauth-migration://offline?data=…`, several QR codes an export.
//!
//! Two versions are in use. Version 1 identifies an export by a `batch_id`, often a negative one. Version 2, of the
//! current app, omits it and gives each account a unique id instead (field 8). Neither carries a period, or a number of
//! digits other than 6 and 8.

mod base64;
mod error;
mod parts;
mod protobuf;
mod read;
mod write;

pub use error::{Loss, MigrationError};
pub use parts::{Found, Parts};
pub use read::{Entry, Part, Refused};
pub use write::{Written, write};
