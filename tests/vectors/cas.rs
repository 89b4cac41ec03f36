//! Rows of `cas/`.

use serde::Deserialize;

/// One row: its input, and either the expected result or the error code with the reason.
#[derive(Deserialize)]
#[serde(bound = "G: serde::de::DeserializeOwned, E: serde::de::DeserializeOwned")]
pub struct Row<G, E> {
    /// The attack that the row covers, if any.
    pub id: Option<String>,
    /// The subject of the row; the test is named after it.
    pub name: String,
    #[serde(flatten)]
    pub given: G,
    #[serde(default = "Option::default")]
    pub expect: Option<E>,
    pub refuse: Option<String>,
    pub why: Option<String>,
}

impl<G, E> Row<G, E> {
    /// `x04_a_name_in_words`, so that `cargo test x04` finds it.
    pub fn test_name(&self) -> String {
        let id = self.id.as_deref().map(|id| {
            let (letter, number) = id.split_at(1);
            format!("{}{:0>2}_", letter.to_lowercase(), number)
        });
        let words: String = self.name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        format!("{}{words}", id.unwrap_or_default())
    }
}

/// A body: text, or hexadecimal bytes, optionally padded with spaces.
#[derive(Deserialize)]
pub struct Body {
    #[serde(default)]
    body: String,
    bytes: Option<String>,
    pad: Option<usize>,
}

impl Body {
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = match &self.bytes {
            Some(hex) => {
                (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
            }
            None => self.body.clone().into_bytes(),
        };
        bytes.resize(self.pad.unwrap_or(bytes.len()), b' ');
        bytes
    }
}

/// Text, optionally padded with `a`.
#[derive(Deserialize)]
pub struct Text {
    text: String,
    pub pad: Option<usize>,
}

impl Text {
    pub fn text(&self) -> String {
        padded(&self.text, self.pad.unwrap_or_default())
    }
}

/// Pads a text with `a`.
pub fn padded(text: &str, to: usize) -> String {
    format!("{text}{}", "a".repeat(to.saturating_sub(text.len())))
}

/// `answers.json`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    #[serde(flatten)]
    pub body: Body,
    pub status: Option<u16>,
    pub protocol: Option<u8>,
    #[serde(default)]
    pub renew: bool,
    #[serde(default)]
    pub proxied: bool,
    #[serde(default)]
    pub chains: Vec<Vec<String>>,
    #[serde(default)]
    pub allow_no_namespace: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    pub user: String,
    pub attributes: Vec<(String, Vec<String>)>,
    #[serde(default)]
    pub proxies: Vec<String>,
    pub pgt_iou: Option<String>,
}

/// `queries.json`
#[derive(Deserialize)]
pub struct Query {
    pub query: String,
}

#[derive(Deserialize)]
pub struct Found {
    pub only: Option<String>,
    pub last: Option<String>,
    pub rest: Option<String>,
}

/// `urls.json`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UrlsInput {
    pub base: String,
    pub validate_base: Option<String>,
    pub service: String,
    pub protocol: Option<u8>,
    pub format: Option<String>,
    pub prompt: Option<String>,
    #[serde(default)]
    pub params: Vec<(String, String)>,
    pub ticket: Option<String>,
    #[serde(default)]
    pub renew: bool,
}

#[derive(Deserialize)]
pub struct Urls {
    pub login: Option<String>,
    pub validate: Option<String>,
    pub logout: Option<String>,
}

pub fn answers() -> Vec<Row<Answer, Person>> {
    crate::rows("cas/answers.json", include_str!("cas/answers.json"))
}

pub fn tickets() -> Vec<Row<Text, String>> {
    crate::rows("cas/tickets.json", include_str!("cas/tickets.json"))
}

pub fn services() -> Vec<Row<Text, String>> {
    crate::rows("cas/services.json", include_str!("cas/services.json"))
}

pub fn queries() -> Vec<Row<Query, Found>> {
    crate::rows("cas/queries.json", include_str!("cas/queries.json"))
}

pub fn urls() -> Vec<Row<UrlsInput, Urls>> {
    crate::rows("cas/urls.json", include_str!("cas/urls.json"))
}

pub fn logouts() -> Vec<Row<Body, String>> {
    crate::rows("cas/logouts.json", include_str!("cas/logouts.json"))
}
