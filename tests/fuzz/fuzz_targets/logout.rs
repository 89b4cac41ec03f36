//! The body of a single logout, as a form and bare: what is read names one ticket, and the same as a form.
#![no_main]

use cas::{LogoutRequest, MAX_LOGOUT_BYTES, SessionIndex};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(request) = LogoutRequest::read(bytes) else { return };
    assert!(bytes.len() <= MAX_LOGOUT_BYTES);
    let ticket = match &request.session {
        SessionIndex::Ticket(ticket) => ticket.as_str(),
        SessionIndex::ProxyGranting(ticket) => ticket.as_str(),
    };
    assert!(!ticket.is_empty() && !ticket.chars().any(|c| c.is_control() || c.is_whitespace()));
    // A bare body as a form names the same ticket.
    if bytes.trim_ascii_start().starts_with(b"<") {
        let form: String = bytes.iter().map(|byte| format!("%{byte:02x}")).collect();
        let form = format!("logoutRequest={form}");
        if form.len() <= MAX_LOGOUT_BYTES {
            assert!(LogoutRequest::read(form.as_bytes()) == Ok(request));
        }
    }
});
