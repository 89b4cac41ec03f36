#![doc = include_str!("../README.md")]

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
pub mod seal;
pub mod session;
mod signing;
pub mod step;
pub mod ticket;
pub mod why;

pub use breaker::{Breaker, CasHealth};
pub use forward::Forward;
pub use gate::{Gate, Settings};
pub use step::{Answer, AskSign, AskTicket, AuditEvent, Facts, ReadForm, Reply, Step};
pub use ticket::{Body, Fault, Gone, TicketCall, TicketRecord, TicketStep, TicketVerdict};
pub use why::Why;
