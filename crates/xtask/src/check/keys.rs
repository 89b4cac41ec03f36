//! Every key of the policy must be in the document that explains them.

use std::collections::BTreeSet;

use super::{Found, Report, files};

const SOURCES: &str = "crates/gate/src/policy/";
const DOCUMENT: &str = "worker/docs/policy.md";

pub(crate) fn run() -> Found {
    let mut keys = BTreeSet::new();
    for file in files::files(|path| path.starts_with(SOURCES) && path.ends_with(".rs"))? {
        keys.extend(keys_of(&file.text));
    }
    if keys.is_empty() {
        return Err(format!("{SOURCES}: found no policy keys in a `struct Raw…`"));
    }
    let document = files::files(|path| path == DOCUMENT)?;
    let document = document.first().ok_or_else(|| format!("{DOCUMENT} is missing"))?;
    let known = code_words(&document.text);
    let wrong = keys.difference(&known).map(|key| format!("{DOCUMENT}: the key `{key}` is missing")).collect();
    Ok(Report::new("Add the key to the example or to a table, with its meaning, its bounds and its default.", wrong))
}

/// The serde names of the fields of each `struct Raw…`.
fn keys_of(source: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let (mut inside, mut renamed) = (false, None);
    for line in source.lines().map(str::trim) {
        if line.contains("struct Raw") && line.ends_with('{') {
            inside = true;
        } else if line == "}" {
            inside = false;
        } else if inside && line.starts_with("#[serde(") {
            renamed = line.split_once("rename = \"").and_then(|(_, rest)| rest.split('"').next()).map(str::to_owned);
        } else if inside && !line.starts_with("//") && !line.starts_with("#[") {
            let field =
                line.trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ").trim_start_matches("pub ");
            if let Some((name, _)) = field.split_once(':') {
                keys.insert(renamed.take().unwrap_or_else(|| name.to_owned()));
            }
        }
    }
    keys
}

/// The words in code blocks, without TOML comments, and in back ticks.
fn code_words(document: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut take = |text: &str| {
        let word = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
        words.extend(text.split(word).filter(|w| !w.is_empty()).map(str::to_owned));
    };
    let mut code = false;
    for line in document.lines() {
        if line.trim_start().starts_with("```") {
            code = !code;
        } else if code {
            take(line.split('#').next().unwrap_or_default());
        } else {
            line.split('`').skip(1).step_by(2).for_each(&mut take);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_the_fields_as_serde_names_them() {
        let source = "struct RawSite {\n    /// Its name: a word.\n    pub id: Option<String>,\n    #[serde(rename = \"type\")]\n    \
                      pub(crate) kind: u8,\n}\nstruct Other {\n    no: u8,\n}\npub enum RawAccess {\n    Public,\n}\n";
        assert_eq!(keys_of(source).into_iter().collect::<Vec<_>>(), ["id", "type"]);
    }

    #[test]
    fn a_key_counts_in_code_alone() {
        let document = "An id is a word. `slo.sources`\n```toml\n[session] # idle\nmax_age = 1\n```\n";
        assert_eq!(code_words(document).into_iter().collect::<Vec<_>>(), ["1", "max_age", "session", "slo", "sources"]);
    }
}
