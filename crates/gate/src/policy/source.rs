//! The text of a policy as people write it. Everything about TOML is for commands, which people run before a deployment: the
//! Worker reads JSON alone.

use serde_json::Value;

use super::{Policy, Problem, tree::Tree};

/// A policy in the form in which the Worker reads it: JSON without spaces, with its keys in order.
///
/// # Errors
/// The problems of [`Policy::parse`].
pub fn canonical(text: &str) -> Result<String, Vec<Problem>> {
    Policy::parse(text)?;
    tree(text).map(|tree| tree.to_string()).map_err(|problem| vec![problem])
}

/// Parses TOML, or JSON when the text begins with `{`, without a look at the keys.
pub(super) fn tree(text: &str) -> Result<Value, Problem> {
    if text.trim_start().starts_with('{') {
        return json(text);
    }
    let tree: Result<Tree, toml::de::Error> = toml::from_str(text);
    tree.map(|tree| tree.0).map_err(|e| {
        let before = e.span().and_then(|span| text.get(..span.start));
        let line = before.map_or(1, |before| before.matches('\n').count() + 1);
        Problem::new(format!("line {line}"), e.message().to_owned())
    })
}

/// Parses JSON. A duplicate key is refused.
pub(super) fn json(text: &str) -> Result<Value, Problem> {
    let tree: Result<Tree, _> = serde_json::from_str(text);
    tree.map(|tree| tree.0).map_err(|e| Problem::new(format!("line {}", e.line()), e.to_string()))
}
