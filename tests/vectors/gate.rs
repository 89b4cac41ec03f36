//! Rows of `gate/`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::rows;

/// One request, what was before it, and what must come of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are the keys of a row")]
pub struct Decision {
    pub id: Option<String>,
    pub name: String,
    /// Absent: the row runs again over real HTTP.
    pub given: Option<Given>,
    /// The head as text; `{callback}`, `{public}`, `{session}` and `{asked}` stand for what a test knows.
    pub request: Vec<String>,
    pub expect: Expected,
}

/// What was before, and what the asks are answered.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Given {
    /// Who signed in.
    pub session: Option<String>,
    /// With which attributes.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// Whether the password was asked for.
    pub fresh: bool,
    /// How long ago the session or the flight began.
    pub ago_secs: i64,
    /// How many requests of that session came before.
    pub before: u32,
    /// The page of a login in flight.
    pub flight: Option<String>,
    /// How many logins went wrong before this one.
    pub tries: u32,
    /// The body, or `logout` for a single logout of `ST-1-abc`.
    pub body: Option<String>,
    /// What the ticket's object says.
    pub verdict: Option<String>,
    /// Whether signing fails.
    pub unsigned: bool,
    /// Whether the CAS server is left alone just now.
    pub resting: bool,
}

/// What must come of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are the keys of a row")]
pub struct Expected {
    pub reply: String,
    pub why: String,
    pub asks: Vec<String>,
    pub status: Option<u16>,
    /// What `Location` begins with; `{cas}`, `{public}` and `{service}` are put in.
    pub location: Option<String>,
    /// What `Location` holds.
    pub contains: Option<String>,
    /// Path and query as the app sees them.
    pub url: Option<String>,
    /// Headers that are set.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Headers that are not set.
    #[serde(default)]
    pub absent: Vec<String>,
    /// Headers of the client's that are removed.
    #[serde(default)]
    pub stripped: Vec<String>,
    /// What the body holds.
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

/// The policy of those rows.
pub const POLICY: &str = include_str!("gate/policy.toml");

/// Pages that somebody might ask for in the hope of being sent to another site: one a line, `#` begins a remark.
pub const REDIRECTS: &str = include_str!("redirects.txt");
