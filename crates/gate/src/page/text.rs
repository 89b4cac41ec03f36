//! The texts of the pages, one file a language below `text/`.

use std::sync::OnceLock;

use crate::why::Why;

/// The tables of the second factor, beside those of the reasons.
const FACTOR: &str = "factor";
const REFUSALS: &str = "factor_refusals";

/// Entries of an `Accept-Language` that are read; browsers send fewer than ten.
const MAX_ENTRIES: usize = 32;

/// One row a language: its tag, which is also the name of its file.
macro_rules! languages {
    ($($name:ident = $tag:literal),+ $(,)?) => {
        /// A language of the pages.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub(crate) enum Language {
            /// The source of the others, and the language of readers of none of them.
            #[default]
            $($name),+
        }

        impl Language {
            /// Every language, in the order of the table.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The primary subtag of RFC 5646, for the `lang` attribute.
            pub(crate) const fn tag(self) -> &'static str {
                match self { $(Self::$name => $tag),+ }
            }

            const fn file(self) -> &'static str {
                match self { $(Self::$name => include_str!(concat!("text/", $tag, ".toml"))),+ }
            }
        }
    };
}

languages! { English = "en", German = "de", French = "fr", Spanish = "es", Dutch = "nl" }

impl Language {
    /// The language that an `Accept-Language` (RFC 9110 section 12.5.4) prefers; English if it names none of ours.
    pub(crate) fn accepted(header: Option<&str>) -> Self {
        let mut best = (0, Self::default());
        for entry in header.unwrap_or_default().split(',').take(MAX_ENTRIES) {
            let mut parts = entry.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default();
            let primary = tag.split('-').next().unwrap_or_default();
            let Some(language) = Self::ALL.iter().find(|known| known.tag().eq_ignore_ascii_case(primary)) else {
                continue;
            };
            let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
            let quality = quality.map_or(1000, thousandths);
            if quality > best.0 {
                best = (quality, *language);
            }
        }
        best.1
    }
}

/// Reads `0.8` as 800. An unreadable weight is 0: its language was not asked for.
fn thousandths(quality: &str) -> u16 {
    let (whole, rest) = quality.split_once('.').unwrap_or((quality, ""));
    let digits = rest.bytes().chain([b'0'; 3]).take(3);
    let part = digits.fold(0, |sum, digit| sum * 10 + u16::from(digit.wrapping_sub(b'0').min(9)));
    match whole {
        "1" => 1000,
        "0" if rest.len() <= 3 && rest.bytes().all(|b| b.is_ascii_digit()) => part,
        _ => 0,
    }
}

/// The texts of all languages. A language is parsed when its first page is made.
#[derive(Default)]
pub(crate) struct Texts([OnceLock<Table>; Language::ALL.len()]);

/// The texts of one language: the table, the key and the text of each line.
type Table = Vec<(&'static str, &'static str, &'static str)>;

/// Reads the part of TOML that the files of the texts use, because the Worker has no reader for the whole: tables, and lines
/// `key = "text"` without escapes. A test compares it with TOML's own reader.
fn parse(file: &'static str) -> Table {
    let (mut table, mut texts) = ("", Vec::new());
    for line in file.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            table = name;
        } else if let Some((key, text)) = line.strip_suffix('"').and_then(|line| line.split_once(" = \"")) {
            texts.push((table, key, text));
        }
    }
    texts
}

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
    /// The text of a reason. A reason without one has no page; its code stands in.
    pub(crate) fn text(&self, language: Language, why: Why) -> Text<'_> {
        let text = |key: &str| self.find(language, why.code(), key);
        Text {
            title: text("title").unwrap_or(why.code()),
            body: text("body").unwrap_or_default(),
            action: text("action").unwrap_or_default(),
        }
    }

    /// A label of the pages of the second factor; its key stands in.
    pub(crate) fn label<'t>(&'t self, language: Language, key: &'t str) -> &'t str {
        self.find(language, FACTOR, key).unwrap_or(key)
    }

    /// Why a person's object refused, by the code of its refusal.
    pub(crate) fn refusal<'t>(&'t self, language: Language, code: &'t str) -> &'t str {
        self.find(language, REFUSALS, code).unwrap_or(code)
    }

    fn find(&self, language: Language, table: &str, key: &str) -> Option<&'static str> {
        let texts = self.0.get(Language::ALL.iter().position(|known| *known == language)?)?;
        let texts = texts.get_or_init(|| parse(language.file()));
        texts.iter().find(|(in_table, known, _)| *in_table == table && *known == key).map(|(_, _, text)| *text)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::why::Action;

    #[test]
    fn every_reason_with_a_page_has_its_texts_in_every_language_and_no_other_has() {
        let texts = Texts::default();
        for language in Language::ALL {
            let tree = toml::from_str::<toml::Table>(language.file()).unwrap();
            let read: BTreeSet<_> = parse(language.file()).into_iter().collect();
            let whole = tree.iter().flat_map(|(name, table)| {
                table
                    .as_table()
                    .unwrap()
                    .iter()
                    .map(|(key, text)| (name.as_str(), key.as_str(), text.as_str().unwrap()))
            });
            assert_eq!(read, whole.collect(), "{language:?}: a line that the reader of the texts does not understand");
            let table = &tree;
            for why in Why::EVERY {
                let has_page = why.status() >= 400 || why.action() != Action::Nothing;
                assert_eq!(table.contains_key(why.code()), has_page, "{language:?} {why:?}");
                let text = texts.text(*language, *why);
                assert_eq!(!text.action.is_empty(), why.action() != Action::Nothing, "{language:?} {why:?}");
                assert!(!has_page || !text.title.is_empty() && !text.body.is_empty(), "{language:?} {why:?}");
            }
            for (code, text) in table.iter().filter(|(code, _)| ![FACTOR, REFUSALS].contains(&code.as_str())) {
                assert!(Why::ALL.iter().any(|(known, _)| known == code), "{language:?}: {code} is no reason");
                let keys: Vec<_> = text.as_table().unwrap().keys().collect();
                assert_eq!(keys, ["action", "body", "title"], "{language:?} {code}");
            }
        }
    }

    #[test]
    fn no_language_has_a_sentence_of_another() {
        let texts = Texts::default();
        for why in Why::EVERY {
            let all: Vec<_> = Language::ALL.iter().map(|language| texts.text(*language, *why)).collect();
            let bodies: BTreeSet<_> = all.iter().map(|text| text.body).filter(|text| !text.is_empty()).collect();
            assert!(bodies.is_empty() || bodies.len() == Language::ALL.len(), "{why:?}: {bodies:?}");
        }
    }

    #[test]
    fn the_list_of_languages_is_the_folder() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/page/text");
        let files: BTreeSet<_> =
            std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        let list: BTreeSet<_> = Language::ALL.iter().map(|language| format!("{}.toml", language.tag())).collect();
        assert_eq!(files, list);
    }

    #[test]
    fn the_preferred_language_is_chosen() {
        for (header, want) in [
            ("", "en"),
            ("de", "de"),
            ("de-CH, de;q=0.9, en;q=0.8", "de"),
            ("DE-at", "de"),
            ("pt, fr;q=0.5", "fr"),
            ("en;q=0.5, nl;q=0.7", "nl"),
            ("en;q=0.9,es", "es"),
            ("es;q=0.1, nl;q=0.123, fr;q=0.12", "nl"),
            ("fr;q=0, *;q=0.5", "en"),
            ("fr;q=nonsense", "en"),
            ("fr;q=2", "en"),
            ("fr;q=0.-9", "en"),
            ("deutsch", "en"),
            ("../../etc/passwd", "en"),
            ("ja, zh", "en"),
            ("nl;Q=1.0", "nl"),
        ] {
            assert_eq!(Language::accepted(Some(header)).tag(), want, "{header}");
        }
        assert_eq!(Language::accepted(None).tag(), "en");
        let late = format!("{}de", "x,".repeat(MAX_ENTRIES));
        assert_eq!(Language::accepted(Some(&late)).tag(), "en", "an endless list is not read to its end");
    }
}
