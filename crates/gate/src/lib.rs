#![doc = include_str!("../README.md")]

mod decide;
pub mod factor;
pub mod forward;
pub mod http;
pub mod keys;
mod login;
pub mod page;
pub mod policy;
mod request;
mod routes;
pub mod state;
pub mod why;

pub use decide::{AppFailure, RequestHeader};
pub use forward::request::Forward;
pub use http::answer::Answer;
pub use keys::seal::ObjectName;
pub use request::{
    gate::{Gate, Settings},
    reply::{AuditEvent, Facts, Reply},
    step::{AskSign, AskTicket, AskValidate, BodyFault, ReadForm, Step, ValidateFault},
};
pub use state::{
    Instance,
    breaker::{Breaker, Circuit},
    cache::Cache,
    ended::Ended,
    session::Session,
    ticket::{Body, Fault, Gone, TicketCall, TicketRecord, TicketStep, TicketVerdict},
};
pub use why::Why;
