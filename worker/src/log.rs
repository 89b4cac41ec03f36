//! The log: one line of JSON a response of the gate. It holds codes and ids, never a ticket, a cookie, an address or a name.

use gate::{Answer, AuditEvent, Gate, Why, factor::AnchorVerdict, policy::Problem};
use web_sys::console;

/// Logs a reply with its events.
pub(crate) fn reply(gate: &Gate, why: Why, (status, request, trace): (u16, &str, Option<&str>), events: &[AuditEvent]) {
    let mut line = serde_json::json!({
        "why": why.code(),
        "status": status,
        "config": gate.config_hash(),
        "events": events,
    });
    if let Some(line) = line.as_object_mut() {
        let request = Some(request).filter(|request| !request.is_empty());
        for (name, value) in [("request", request), ("trace", trace)] {
            line.extend(value.map(|value| (name.to_owned(), value.into())));
        }
    }
    console::log_1(&line.to_string().into());
}

/// Logs an answer that was made without a configured gate.
pub(crate) fn answer(why: Why, answer: &Answer) {
    let line = serde_json::json!({ "why": why.code(), "status": answer.status, "request": answer.request });
    console::error_1(&line.to_string().into());
}

/// Logs a setting that stops the gate.
pub(crate) fn problem(problem: &Problem) {
    let line = serde_json::json!({ "why": Why::NotConfigured.code(), "setting": problem.at, "problem": problem.what });
    console::error_1(&line.to_string().into());
}

/// Logs the ids of keys that stored secrets need and that are missing.
pub(crate) fn missing_keys(gate: &Gate, verdict: &AnchorVerdict) {
    for kid in gate.missing_keys(verdict) {
        console::error_1(&serde_json::json!({ "fault": "key-missing", "key": kid }).to_string().into());
    }
}

/// Logs a failure outside of the gate by a fixed word.
pub(crate) fn fault(what: &str) {
    console::warn_1(&serde_json::json!({ "fault": what }).to_string().into());
}
