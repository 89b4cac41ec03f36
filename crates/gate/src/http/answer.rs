//! Responses that the gate makes itself.

/// A response that the gate makes itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers; each `set-cookie` is an entry of its own.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// The request id that the page shows and the log records; empty unless this is a refusal.
    pub request: String,
}

/// An empty response that is not cached, sends no referrer, and is not sniffed.
pub(crate) fn empty(status: u16) -> Answer {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Answer {
        status,
        headers: vec![
            header("cache-control", "no-store"),
            header("referrer-policy", "no-referrer"),
            header("x-content-type-options", "nosniff"),
        ],
        body: String::new(),
        request: String::new(),
    }
}

pub(crate) fn redirect(status: u16, location: &str, cookies: Vec<String>) -> Answer {
    let mut answer = empty(status);
    answer.headers.push(("location".into(), location.to_owned()));
    answer.headers.extend(cookies.into_iter().map(|cookie| ("set-cookie".to_owned(), cookie)));
    answer
}

pub(crate) fn json(status: u16, body: &str) -> Answer {
    let mut answer = empty(status);
    answer.headers.push(("content-type".into(), "application/json".into()));
    body.clone_into(&mut answer.body);
    answer
}

pub(crate) fn cacheable(answer: &mut Answer, secs: u32) {
    answer.headers.retain(|(name, _)| name != "cache-control");
    answer.headers.push(("cache-control".into(), format!("public, max-age={secs}")));
}
