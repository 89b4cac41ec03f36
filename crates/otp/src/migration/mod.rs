//! Google Authenticator's export codes: `otpauth-migration://offline?data=…`, several QR codes an export.
//!
//! Two generations are in use. The older app (`version` 1) numbers an export by a `batch_id`, often a negative one; the
//! present app (`version` 2) omits it and gives each account a unique text instead (field 8). Neither carries a period, nor any number of digits but 6 and 8.

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
