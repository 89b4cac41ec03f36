#![doc = include_str!("../README.md")]
#![cfg_attr(
    not(target_arch = "wasm32"),
    allow(dead_code, reason = "the adapter is checked natively, and runs in workerd")
)]

mod act;
mod assertion;
mod cas_fetch;
mod config;
mod log;
mod moment;
mod object;
mod run;
mod ticket_do;

pub use run::{
    app_failed, cache_control, cached_decision, confined_cookie, decide, decide_fast, internal_error, is_event_stream,
    left_behind, passes_status, peer_header, public_address, relayed_close_code, request_header, response_header,
    watch_looked_up, watch_step,
};
pub use ticket_do::{ticket, ticket_alarm};
