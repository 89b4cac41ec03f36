//! Trace Context (W3C): the log names the trace that a request belongs to.

/// The trace id of a request's head: 32 hexadecimal digits (Trace Context section 3.2.2.3). `None` unless there is one
/// `traceparent` of version 00 in its exact form, because nothing else from a client may reach the log.
pub fn trace_id(head: &str) -> Option<&str> {
    let named =
        |line: &'_ &str| line.split_once(": ").is_some_and(|(name, _)| name.eq_ignore_ascii_case("traceparent"));
    let mut lines = head.split('\n').skip(1).filter(named);
    let (line, more) = (lines.next()?, lines.next());
    let value = line.split_once(": ")?.1;
    if more.is_some() || value.len() != 55 {
        return None;
    }
    let hex = |text: &&str, length: usize| {
        text.len() == length && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let is_zero = |text: &str| text.bytes().all(|b| b == b'0');
    let mut parts = value.split('-');
    let version = parts.next()?;
    let trace = parts.next().filter(|text| hex(text, 32) && !is_zero(text))?;
    let parent = parts.next().filter(|text| hex(text, 16) && !is_zero(text))?;
    let flags = parts.next().filter(|text| hex(text, 2))?;
    let whole = version == "00" && parts.next().is_none() && !parent.is_empty() && !flags.is_empty();
    whole.then_some(trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d05_only_an_exact_traceparent_is_read() {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        let good = format!("00-{trace}-00f067aa0ba902b7-01");
        let read = |lines: &str| trace_id(&format!("GET /a\n{lines}")).map(str::to_owned);
        assert_eq!(read(&format!("traceparent: {good}")).as_deref(), Some(trace));
        assert_eq!(read(&format!("accept: */*\nTraceParent: {good}\nx: 1")).as_deref(), Some(trace));
        for bad in [
            String::new(),
            good.to_ascii_uppercase(),
            good.replacen("00", "ff", 1),
            good.replacen("00", "01", 1),
            format!("{good}-more"),
            format!("{good} "),
            good.replace('-', "_"),
            good.replace(trace, &"0".repeat(32)),
            good.replace("00f067aa0ba902b7", &"0".repeat(16)),
            good.replace(trace, &"g".repeat(32)),
            "0".repeat(1024),
            format!("{good}, {good}"),
            "00-\u{e9}".repeat(11),
        ] {
            assert_eq!(read(&format!("traceparent: {bad}")), None, "{bad}");
        }
        assert_eq!(read(&format!("traceparent: {good}\ntraceparent: {good}")), None, "two");
        assert_eq!(trace_id(&format!("traceparent: {good}")), None, "the request line is no header");
    }
}
