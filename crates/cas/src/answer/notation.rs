//! Notations of attributes beside the block of CAS 3.0 section 2.5.2. Each is read only where it is expected.

use ::json::{FromJson, ToJson};

use super::{Assertion, MAX_NAMES, json};

/// The notations that are read beside the protocol's own. The default is none.
///
/// The user is never read from any of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson, FromJson)]
#[serde(default)]
pub struct Notations {
    /// `<cas:attribute name="mail" value="…"/>` in the block (Apereo CAS with the renderer `INLINE`).
    pub inline: bool,
    /// The same elements beside the block (django-cas-server).
    pub name_value: bool,
    /// `<cas:mail>` beside `<cas:user>` (rubycas-server before 1.0).
    pub children: bool,
    /// Names of attributes whose text `[a, b]` is two values, as Java writes a list.
    pub lists: Vec<String>,
    /// Names of attributes whose text is a list or a value in JSON or in the YAML of Ruby (rubycas-server).
    pub encoded: Vec<String>,
}

/// Reads the values of one text; `None` where it is none.
type Reader = fn(&str) -> Option<Vec<String>>;

impl Notations {
    /// All notations by elements. Texts stay as they are.
    pub const fn elements() -> Self {
        Self { inline: true, name_value: true, children: true, lists: Vec::new(), encoded: Vec::new() }
    }

    /// Whether nothing but the protocol's own notation is read.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Puts the values of each list in the place of its text, for an answer that [`read`](super::read) took. A text that cannot be read
    /// stays. It is a step of its own, so that a program without lists does not carry their readers.
    #[must_use]
    pub fn spread(&self, mut assertion: Assertion) -> Assertion {
        let lists: Reader = java_list;
        for (names, read) in [(&self.lists, lists), (&self.encoded, encoded)] {
            for name in names {
                assertion.attributes.spread(name, |text| read(text).filter(|values| values.len() <= MAX_NAMES));
            }
        }
        assertion
    }
}

/// `[a, b]`: a comma without a blank is part of a value, as in names of a directory.
fn java_list(text: &str) -> Option<Vec<String>> {
    let inside = text.strip_prefix('[')?.strip_suffix(']')?;
    Some(if inside.is_empty() { Vec::new() } else { inside.split(", ").map(str::to_owned).collect() })
}

fn encoded(text: &str) -> Option<Vec<String>> {
    let text = text.trim_ascii();
    if text.starts_with(['[', '"']) { json::values(text) } else { yaml(text) }
}

/// As much of YAML as Ruby writes for a text or a list of texts. Anything else is not read.
fn yaml(text: &str) -> Option<Vec<String>> {
    let text = text.strip_prefix("---")?;
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let rest = rest.strip_suffix("...").unwrap_or(rest).trim_ascii_end();
    match first.trim_ascii() {
        "" => {
            let mut items: Vec<String> = Vec::new();
            for line in rest.lines() {
                match (line.strip_prefix("- "), line.strip_prefix("  "), items.last_mut()) {
                    (Some(item), ..) => items.push(item.trim_ascii().to_owned()),
                    // A long text goes on in the next line, in the place of a blank.
                    (None, Some(more), Some(item)) => *item = format!("{item} {}", more.trim_ascii()),
                    _ => return None,
                }
            }
            items.iter().map(|item| yaml_scalar(item)).collect()
        }
        "[]" if rest.is_empty() => Some(Vec::new()),
        one if rest.is_empty() => Some(vec![yaml_scalar(one)?]),
        _ => None,
    }
}

fn yaml_scalar(text: &str) -> Option<String> {
    if let Some(inside) = text.strip_prefix('\'') {
        let inside = inside.strip_suffix('\'')?;
        return (!inside.replace("''", "").contains('\'')).then(|| inside.replace("''", "'"));
    }
    if text.starts_with('"') {
        return match json::values(text)?.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        };
    }
    let marks = text.starts_with(|c: char| "&*!|>%@`{}[],?:#~".contains(c)) || text == "-" || text.starts_with("- ");
    (!text.is_empty() && !marks && !text.contains(": ") && !text.contains(" #") && !text.ends_with(':'))
        .then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(read: fn(&str) -> Option<Vec<String>>, text: &str) -> Option<Vec<String>> {
        read(text)
    }

    #[test]
    fn lists_are_read_as_java_writes_them() {
        for (text, wanted) in [
            ("[staff, faculty]", Some(vec!["staff", "faculty"])),
            ("[staff]", Some(vec!["staff"])),
            ("[]", Some(vec![])),
            ("[CN=staff,OU=a, CN=b,OU=c]", Some(vec!["CN=staff,OU=a", "CN=b,OU=c"])),
            ("[[a], b]", Some(vec!["[a]", "b"])),
            ("staff, faculty", None),
            ("[staff", None),
            ("", None),
        ] {
            assert_eq!(
                values(java_list, text),
                wanted.map(|list| list.into_iter().map(str::to_owned).collect()),
                "{text}"
            );
        }
    }

    #[test]
    fn json_and_yaml_are_read_or_left_alone() {
        for (text, wanted) in [
            (r#"["staff","faculty & <admin>"]"#, Some(vec!["staff", "faculty & <admin>"])),
            (r#"["a",1,true,null]"#, Some(vec!["a", "1", "true"])),
            (r#""staff""#, Some(vec!["staff"])),
            (r#"[["a"]]"#, None),
            (r#"[{"id":1}]"#, None),
            (r#"["a""#, None),
            ("---\n- staff\n- faculty & <admin>\n", Some(vec!["staff", "faculty & <admin>"])),
            ("--- \n- staff\n- 'it''s: me'\n- \"a\\nb\"\n", Some(vec!["staff", "it's: me", "a\nb"])),
            ("---\n- CN=a,OU=long\n  name,DC=b\n- c", Some(vec!["CN=a,OU=long name,DC=b", "c"])),
            ("--- staff\n...\n", Some(vec!["staff"])),
            ("--- []\n", Some(vec![])),
            ("---\n", Some(vec![])),
            ("---\n- :symbol\n", None),
            ("---\n- - nested\n", None),
            ("---\nkey: value\n", None),
            ("--- !ruby/object:Kernel\n- a\n", None),
            ("--- &a [b]\n", None),
            ("---\n- *a\n", None),
            ("---\n- 'a'b'\n", None),
            ("- staff\n", None),
            ("staff", None),
        ] {
            assert_eq!(
                values(encoded, text),
                wanted.map(|list| list.into_iter().map(str::to_owned).collect()),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_left_alone(text: String, rest in "(---)?[ \n'\"\\[\\]{}:#a,-]{0,30}") {
            for text in [text, rest] {
                let _ = (java_list(&text), encoded(&text));
            }
        }
    }
}
