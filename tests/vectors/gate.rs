//! Rows of `gate/`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::rows;

/// One request, the state before it, and the expected result.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are the keys of a row")]
pub struct Decision {
    pub id: Option<String>,
    pub name: String,
    /// The state before. A row without it also runs over real HTTP.
    pub given: Option<Given>,
    /// The lines of the head; the test replaces `{callback}`, `{public}`, `{session}` and `{asked}`.
    pub request: Vec<String>,
    pub expect: Expected,
}

/// The state before the request, and the answers to its asks.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Given {
    /// The user who is signed in.
    pub session: Option<String>,
    /// The attributes of that user.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// Whether the login was with `renew`.
    pub fresh: bool,
    /// How long ago the session or the flight began.
    pub ago_secs: i64,
    /// The number of earlier requests of that session.
    pub before: u32,
    /// The page of a login in flight.
    pub flight: Option<String>,
    /// The number of failed logins before this one.
    pub tries: u32,
    /// The body, or `logout` for a single logout of `ST-1-abc`.
    pub body: Option<String>,
    /// The verdict of the ticket's object.
    pub verdict: Option<String>,
    /// Whether signing fails.
    pub unsigned: bool,
    /// Whether the circuit of the CAS server is open.
    pub circuit_open: bool,
}

/// The expected result.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are the keys of a row")]
pub struct Expected {
    pub reply: String,
    pub why: String,
    pub asks: Vec<String>,
    pub status: Option<u16>,
    /// The beginning of `Location`; the test replaces `{cas}`, `{public}` and `{service}`.
    pub location: Option<String>,
    /// A part of `Location`.
    pub contains: Option<String>,
    /// Path and query that the app receives.
    pub url: Option<String>,
    /// Headers that the gate sets for the app.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Headers that the gate does not set.
    #[serde(default)]
    pub absent: Vec<String>,
    /// Headers of the client that the gate removes.
    #[serde(default)]
    pub stripped: Vec<String>,
    /// A part of the body.
    pub body: Option<String>,
}

impl Decision {
    /// `x04_a_name_in_words`, so that `cargo test x04` finds it.
    pub fn test_name(&self) -> String {
        let id = self.id.as_deref().map(|id| {
            let (letter, number) = id.split_at(1);
            format!("{}{number:0>2}_", letter.to_lowercase())
        });
        let words: String = self.name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        format!("{}{words}", id.unwrap_or_default())
    }
}

/// The decision table.
pub fn decisions() -> Vec<Decision> {
    rows("gate/decide.json", include_str!("gate/decide.json"))
}

/// A policy that is refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are the keys of a row")]
pub struct Refused {
    pub id: String,
    pub name: String,
    pub policy: String,
    /// The place of the only problem.
    pub refuse: String,
    /// Why the JSON Schema cannot refuse it; absent where it does.
    pub beyond: Option<String>,
}

/// The refused policies.
pub fn policies() -> Vec<Refused> {
    rows("gate/policies.json", include_str!("gate/policies.json"))
}

/// The policy of those rows.
pub const POLICY: &str = include_str!("gate/policy.toml");

/// Request targets of attempted open redirects: one on each line, `#` begins a comment.
pub const REDIRECTS: &str = include_str!("redirects.txt");
