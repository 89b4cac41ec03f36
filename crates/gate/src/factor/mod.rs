//! The second factor. One kind of factor has one file, and one person has one record. The core compares codes itself, asks
//! the platform's cryptography to verify signatures, and stores messages to other objects before they are sent.

pub mod anchor;
pub mod call;
mod change;
mod check;
pub mod device;
pub mod directory;
mod enrol;
pub mod enrolment;
pub mod errand;
pub mod history;
pub mod invite;
pub(crate) mod label;
pub(crate) mod person;
pub mod portal;
pub mod record;
pub mod recovery;
pub mod sealed;
pub mod tally;
pub mod throttle;
pub mod token;
pub mod totp;
pub mod verdict;
pub mod webauthn;
pub mod wire;
mod work;

pub use anchor::{AnchorCall, AnchorRecord, AnchorVerdict, Identity};
pub use call::{PersonCall, PersonEnv};
pub use person::{AskVerify, PersonStep, Written};
pub use portal::{PortalAnswer, PortalRequest, Raise};
pub use record::{Change, PersonRecord};
pub use verdict::PersonVerdict;

pub use crate::policy::{
    cas_factors::{self, CasFactors},
    naming::{self, Naming},
};
