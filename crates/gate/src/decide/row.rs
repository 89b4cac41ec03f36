//! The rows of the decision table, read from the request alone.

use crate::{
    http::head::{Caller, is_forbidden_method},
    policy::{Rule, RuleMatch, rule_for},
    request::context::RequestContext,
    why::Why,
};

/// The row of a request.
pub(super) enum Row<'a> {
    /// The request is refused.
    Refuse(Why),
    /// An internal path, without its prefix.
    Internal(&'a str),
    /// The operator has closed the page, for the reason in this sentence.
    Closed(&'a str),
    /// A page load with a ticket in the query.
    StripTicket,
    /// This rule decides, and the app receives no identity.
    Public(usize, &'a Rule),
    /// This rule decides, and the session matters.
    Session(usize, &'a Rule),
    /// This rule decides, by a machine client's bearer.
    Bearer(usize, &'a Rule),
}

/// Finds the row of a request. The full, the fast and the cached decision share it, so that they cannot differ.
pub(super) fn row<'a>(context: &RequestContext<'a>) -> Row<'a> {
    // Apache answers TRACE by default and would echo the origin's secret that we add.
    if is_forbidden_method(context.head.method) {
        return Row::Refuse(Why::BadMethod);
    }
    // The platform would pass on a GET with a chunked body, but emptied (RFC 9112 section 6.3: such a body has content).
    let bodiless = matches!(context.head.method, "GET" | "HEAD");
    if bodiless && context.head.header("transfer-encoding").is_some() {
        return Row::Refuse(Why::LengthRequired);
    }
    if context.is_service_worker() {
        return Row::Refuse(Why::ServiceWorker);
    }
    let has_bearer = context.gate_bearer().is_some();
    if context.is_portal() {
        return match context.target.internal_path() {
            Some(path) if !has_bearer => Row::Internal(path),
            // No app is behind the portal: its first page is the person's own.
            None if context.target.raw == "/" => Row::Internal("factor/me"),
            _ => Row::Refuse(Why::NotFound),
        };
    }
    if context.target.may_be_internal() {
        // Bearers are for apps; a client that has none yet sends none.
        if has_bearer {
            return Row::Refuse(Why::BearerNotEnough);
        }
        return context.target.internal_path().map_or(Row::Refuse(Why::AmbiguousPath), Row::Internal);
    }
    let rules = &context.gate.policy.rules;
    let (at, rule) = match rule_for(rules, context.site.host(), context.head.method, &context.target) {
        RuleMatch::Rule(at, rule) => (at, rule),
        RuleMatch::None => return Row::Refuse(Why::NoRule),
        RuleMatch::Ambiguous => return Row::Refuse(Why::AmbiguousPath),
    };
    if let Some(text) = context.site.closed.as_deref().or(rule.closed.as_deref()) {
        return Row::Closed(text);
    }
    if context.head.caller() == Caller::Page && context.ticket_in_query() {
        return Row::StripTicket;
    }
    match (rule.identity, has_bearer) {
        (true, true) => Row::Bearer(at, rule),
        (true, false) => Row::Session(at, rule),
        (false, _) => Row::Public(at, rule),
    }
}
