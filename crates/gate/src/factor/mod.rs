//! The second factor. One kind of factor has one file, and one person has one record. The core compares codes itself, asks
//! the platform's cryptography to verify signatures, and stores messages to other objects before they are sent.

pub mod anchor;
pub mod call;
pub mod cas_factors;
mod change;
mod check;
pub mod device;
mod enrol;
pub mod enrolment;
pub mod errand;
pub mod history;
mod label;
pub mod naming;
mod person;
pub mod portal;
pub mod record;
pub mod recovery;
pub mod sealed;
pub mod throttle;
pub mod token;
pub mod totp;
pub mod verdict;
pub mod webauthn;
mod work;

pub use anchor::{AnchorCall, AnchorRecord, AnchorVerdict, Identity};
pub use call::{PersonCall, PersonEnv};
pub use cas_factors::CasFactors;
pub use naming::Naming;
pub use person::{AskVerify, PersonStep};
pub use portal::{PortalAnswer, PortalRequest, Raise};
pub use record::{Change, PersonRecord};
pub use verdict::PersonVerdict;
