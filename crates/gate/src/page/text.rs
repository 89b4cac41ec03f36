//! The texts of the pages, one file a language below `text/`.

use serde_json::Value;

use crate::{policy::parse_tree, why::Why};

/// The language of every page.
pub(crate) const LANGUAGE: &str = "en";

/// The texts of one language.
pub(crate) struct Texts(Value);

/// The three texts of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Text<'t> {
    /// One sentence that says what happened.
    pub(crate) title: &'t str,
    /// The consequences, what is unharmed, and the next step.
    pub(crate) body: &'t str,
    /// The label of the button or link; empty without one.
    pub(crate) action: &'t str,
}

impl Texts {
    /// The texts of [`LANGUAGE`].
    pub(crate) fn read() -> Self {
        Self(parse_tree(include_str!("text/en.toml")).unwrap_or_default())
    }

    /// The text of a reason. A reason without one has no page; its code stands in.
    pub(crate) fn text(&self, why: Why) -> Text<'_> {
        let text = |key: &str| self.0.get(why.code())?.get(key)?.as_str();
        Text {
            title: text("title").unwrap_or(why.code()),
            body: text("body").unwrap_or_default(),
            action: text("action").unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::why::Action;

    #[test]
    fn every_reason_with_a_page_has_its_texts_and_no_other_has() {
        let texts = Texts::read();
        let table = texts.0.as_object().unwrap();
        for why in Why::EVERY {
            let has_page = why.status() >= 400 || why.action() != Action::Nothing;
            assert_eq!(table.contains_key(why.code()), has_page, "{why:?}");
            let text = texts.text(*why);
            assert_eq!(!text.action.is_empty(), why.action() != Action::Nothing, "{why:?}");
        }
        for (code, text) in table {
            assert!(Why::ALL.iter().any(|(known, _)| known == code), "{code} is no reason");
            let keys: Vec<_> = text.as_object().unwrap().keys().collect();
            assert_eq!(keys, ["action", "body", "title"], "{code}");
        }
    }
}
