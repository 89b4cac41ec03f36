//! An answer of the gate's own: status, headers, body.

/// An answer of the gate's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers, each `set-cookie` apart.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// What people read out to a help desk, and what the log's line is found by; empty where nothing was refused.
    pub request: String,
}

/// An answer without a body. Nothing of the gate's own is kept by a cache, tells where it came from, or is guessed at.
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
