#![doc = include_str!("../README.md")]

mod answer;
pub mod breaker;
mod callback;
pub mod cookie;
mod decide;
mod enter;
pub mod flight;
pub mod forward;
pub mod gate;
pub mod head;
mod memory;
pub mod page;
mod pass;
pub mod path;
pub mod policy;
mod refuse;
mod reply;
mod resume;
pub mod seal;
pub mod session;
mod signing;
pub mod site;
pub mod step;
pub mod ticket;
mod visit;
pub mod why;

pub use answer::Answer;
pub use breaker::{Breaker, CasHealth};
pub use forward::Forward;
pub use gate::{Gate, Settings};
pub use reply::{AuditEvent, Facts, Reply};
pub use step::{AskSign, AskTicket, ReadForm, Step};
pub use ticket::{Body, Fault, Gone, TicketCall, TicketRecord, TicketStep, TicketVerdict};
pub use why::Why;
