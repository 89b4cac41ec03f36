#![doc = include_str!("../README.md")]
#![cfg_attr(
    not(target_arch = "wasm32"),
    allow(dead_code, reason = "the adapter is checked natively, and runs in workerd")
)]

mod act;
mod anchor_do;
mod assertion;
mod cas_fetch;
mod config;
mod directory_do;
mod kv;
mod log;
mod moment;
mod object;
mod person_do;
mod run;
mod ticket_do;
mod verify;
mod web_crypto;

pub use anchor_do::{anchor, anchor_alarm, policy_deployed};
pub use directory_do::directory;
pub use person_do::{person, person_alarm};
pub use run::{
    app_failed, awake, cache_control, cached_decision, confined_cookie, decide, decide_fast, internal_error,
    is_event_stream, left_behind, passes_status, peer_header, public_address, relayed_close_code, request_header,
    response_header, watch_looked_up, watch_step,
};
pub use ticket_do::{ticket, ticket_alarm, ticket_place};
