//! Names that stand for attribute values: a directory sends a group as `CN=staff,OU=Groups,DC=example,DC=org`, an app and a
//! rule want `staff`.

use std::collections::BTreeMap;

use super::{
    Problem,
    raw::{RawAttribute, RawUnmapped},
};

/// Longest name and value, in bytes.
const MAX_BYTES: usize = 1024;

/// The maps of a policy, by attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttributeValues(BTreeMap<String, Values>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Values {
    names: BTreeMap<String, String>,
    keep_others: bool,
}

impl AttributeValues {
    pub(super) fn read(raw: BTreeMap<String, RawAttribute>, problems: &mut Vec<Problem>) -> Self {
        let mut read = BTreeMap::new();
        for (attribute, RawAttribute { values: names, unmapped }) in raw {
            let at = format!("attributes.{attribute}.values");
            if names.is_empty() {
                problems
                    .push(Problem::new(at.clone(), "is empty; leave the attribute out to take its values as they are"));
            }
            let good =
                |text: &String| !text.is_empty() && text.len() <= MAX_BYTES && !text.chars().any(char::is_control);
            if !names.iter().all(|(value, name)| good(value) && good(name)) {
                problems.push(Problem::new(at, "holds an empty, overlong or unprintable value or name"));
            }
            read.insert(attribute, Values { names, keep_others: unmapped == Some(RawUnmapped::Keep) });
        }
        Self(read)
    }

    /// The attributes that have a map.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Puts the names in the place of the values, whole and byte for byte. A name that is reached twice stays once.
    pub(crate) fn apply(&self, attributes: &mut [(String, Vec<String>)]) {
        for (attribute, values) in attributes {
            let Some(map) = self.0.get(attribute) else { continue };
            let mut named: Vec<String> = Vec::with_capacity(values.len());
            for value in values.drain(..) {
                let name = match map.names.get(&value) {
                    Some(name) => name.clone(),
                    // A value that spells a name of the map is another group, which must not pass for the mapped one.
                    None if map.keep_others && !map.names.values().any(|name| *name == value) => value,
                    None => continue,
                };
                if !named.contains(&name) {
                    named.push(name);
                }
            }
            *values = named;
        }
    }
}

#[cfg(test)]
mod tests {

    fn applied(policy: &str, values: &[&str]) -> Vec<String> {
        let policy = crate::policy::Policy::parse(policy).unwrap();
        let mut attributes = vec![
            ("memberOf".to_owned(), values.iter().map(|value| (*value).to_owned()).collect()),
            ("mail".to_owned(), vec!["CN=staff".to_owned()]),
        ];
        policy.values.apply(&mut attributes);
        assert_eq!(attributes[1].1, ["CN=staff"], "another attribute stays");
        attributes.swap_remove(0).1
    }

    #[test]
    fn a07_a_value_is_mapped_whole_and_exactly() {
        let map = "[attributes.memberOf]\nvalues = { \"CN=staff\" = \"staff\", \"CN=all\" = \"staff\", \"CN=ops\" = \"ops\" }\n";
        let keep = format!("{map}unmapped = \"keep\"\n");
        for (values, dropped, kept) in [
            (&["CN=staff"][..], &["staff"][..], &["staff"][..]),
            (&["CN=ops", "CN=staff", "CN=all"], &["ops", "staff"], &["ops", "staff"]),
            (&["CN=guests"], &[], &["CN=guests"]),
            (&["staff"], &[], &[]),
            (&["cn=staff", "CN=staff ", "CN=staffs"], &[], &["cn=staff", "CN=staff ", "CN=staffs"]),
            (&[], &[], &[]),
        ] {
            assert_eq!(applied(map, values), dropped, "{values:?}");
            assert_eq!(applied(&keep, values), kept, "{values:?}");
        }
    }
}
