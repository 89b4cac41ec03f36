//! The gate's own bearers in `Authorization` (RFC 6750 section 2.1). An app's own bearer passes.

use super::head::Head;

/// Beginning of the token of each bearer of the gate.
pub(crate) const TOKEN_PREFIX: &str = "pc1.";

/// A gate's bearer in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GateBearer<'a> {
    /// The sealed record of a bearer in its exact form.
    Exact(&'a str),
    /// In another letter case, at another place, or doubled: it opens nothing, and no app may see it.
    Odd,
}

/// Whether a header has a gate's bearer somewhere in it.
fn is_ours(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let mut rest = lower.as_str();
    while let Some((_, after)) = rest.split_once("bearer") {
        if after.trim_start().starts_with(TOKEN_PREFIX) {
            return true;
        }
        rest = after;
    }
    false
}

/// The gate's bearer of a request.
pub(crate) fn gate_bearer<'a>(head: &Head<'a>) -> Option<GateBearer<'a>> {
    let mut values = head.headers().iter().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let first = values.next()?.1;
    let more: Vec<_> = values.collect();
    if !is_ours(first) && !more.iter().any(|(_, value)| is_ours(value)) {
        return None;
    }
    let sealed = first.strip_prefix("Bearer ").and_then(|token| token.strip_prefix(TOKEN_PREFIX));
    let letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    match sealed.filter(|sealed| more.is_empty() && sealed.bytes().all(letter)) {
        Some(sealed) => Some(GateBearer::Exact(sealed)),
        None => Some(GateBearer::Odd),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h19_a_gates_bearer_is_seen_wherever_it_stands() {
        for (lines, want) in [
            ("authorization: Bearer pc1.abc", Some(GateBearer::Exact("abc"))),
            ("Authorization: bearer pc1.abc", Some(GateBearer::Odd)),
            ("authorization: BEARER  pc1.abc", Some(GateBearer::Odd)),
            ("authorization: Bearer\tpc1.abc", Some(GateBearer::Odd)),
            ("authorization: Basic YTpi, Bearer pc1.abc", Some(GateBearer::Odd)),
            ("authorization: Bearer pc1.abc, Bearer pc1.abc", Some(GateBearer::Odd)),
            ("authorization: Bearer of-the-app, Bearer pc1.abc", Some(GateBearer::Odd)),
            ("authorization: Bearer pc1.abc\nauthorization: Basic YTpi", Some(GateBearer::Odd)),
            ("authorization: Basic YTpi\nAuthorization: Bearer PC1.abc", Some(GateBearer::Odd)),
            ("authorization: Bearer eyJhbGciOi.pc1.abc", None),
            ("authorization: Bearer xpc1.abc", None),
            ("authorization: Basic YTpi", None),
            ("x-authorization: Bearer pc1.abc", None),
        ] {
            assert_eq!(gate_bearer(&Head::parse(&format!("GET /a\nhost: h\n{lines}")).unwrap()), want, "{lines}");
        }
    }
}
