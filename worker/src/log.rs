//! The log: one line of JSON a response of the gate. It holds codes and ids, never a ticket, a cookie, an address or a name.

use gate::{
    Answer, AuditEvent, Gate, Why,
    factor::{AnchorVerdict, anchor::PolicyChange},
    policy::Problem,
};
use json::ToJson;
use web_sys::console;

/// Logs a reply with its events.
pub(crate) fn reply(gate: &Gate, why: Why, (status, request, trace): (u16, &str, Option<&str>), events: &[AuditEvent]) {
    let (code, config) = (why.code(), gate.config_hash());
    let mut line: Vec<(&str, &dyn ToJson)> = vec![("config", &config), ("events", &events)];
    if !request.is_empty() {
        line.push(("request", &request));
    }
    line.push(("status", &status));
    if let Some(trace) = &trace {
        line.push(("trace", trace));
    }
    line.push(("why", &code));
    console::log_1(&json::object(&line).into());
}

/// Logs an answer that was made without a configured gate.
pub(crate) fn answer(why: Why, answer: &Answer) {
    let line = json::object(&[("request", &answer.request), ("status", &answer.status), ("why", &why.code())]);
    console::error_1(&line.into());
}

/// Logs a setting that stops the gate.
pub(crate) fn problem(problem: &Problem) {
    let line =
        json::object(&[("problem", &problem.what), ("setting", &problem.at), ("why", &Why::NotConfigured.code())]);
    console::error_1(&line.into());
}

/// Logs the ids of keys that stored secrets need and that are missing.
pub(crate) fn missing_keys(gate: &Gate, verdict: &AnchorVerdict) {
    for kid in gate.missing_keys(verdict) {
        console::error_1(&json::object(&[("fault", &"key-missing"), ("key", &kid)]).into());
    }
}

/// Logs that the policy is another one than before, with the paths that lose a factor.
pub(crate) fn policy_changed(gate: &Gate, PolicyChange { was, lost }: PolicyChange) {
    let event = AuditEvent::PolicyChanged { was, lost };
    console::warn_1(&json::object(&[("config", &gate.config_hash()), ("events", &vec![event])]).into());
}

/// Logs a failure outside of the gate by a fixed word.
pub(crate) fn fault(what: &str) {
    console::warn_1(&json::object(&[("fault", &what)]).into());
}
