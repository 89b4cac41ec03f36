#![doc = include_str!("../README.md")]

pub mod answer;
mod attributes;
mod authority;
mod chains;
mod logout;
pub mod percent;
pub mod query;
mod server;
mod service;
mod ticket;
mod xml;

pub use answer::{AnswerError, Assertion, Expect, Notations, is_unseen, normalise_by};
pub use attributes::Attributes;
pub use chains::Chains;
pub use logout::{LogoutError, LogoutRequest, MAX_LOGOUT_BYTES, SessionIndex};
pub use server::{Call, Format, Login, LoginParams, Prompt, Protocol, Server, ServerError};
pub use service::{MAX_SERVICE_BYTES, ServiceError, ServiceUrl};
pub use ticket::{MAX_TICKET_BYTES, NotATicket, PgtIou, ProxyGrantingTicket, ProxyTicket, ServiceTicket, Ticket};
