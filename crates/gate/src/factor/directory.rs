//! The directory of people with a factor. Objects cannot be listed, so each person has a row in one of sixteen objects. The
//! rows are written by errands of the persons' objects.

use json::{FromJson, ToJson};

use super::errand::DirectoryRow;
use crate::keys::seal::ObjectName;

/// Names of the directory's objects.
const SHARDS: [&str; 16] = [
    "directory-0",
    "directory-1",
    "directory-2",
    "directory-3",
    "directory-4",
    "directory-5",
    "directory-6",
    "directory-7",
    "directory-8",
    "directory-9",
    "directory-a",
    "directory-b",
    "directory-c",
    "directory-d",
    "directory-e",
    "directory-f",
];

/// The object that has the row of this person.
pub fn shard(person: &ObjectName) -> &'static str {
    let at = usize::try_from(person.number() >> 16).unwrap_or_default();
    SHARDS.get(at).copied().unwrap_or("directory-0")
}

/// Names of all objects of the directory.
pub const fn shards() -> &'static [&'static str] {
    &SHARDS
}

/// A call to an object of the directory.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
pub enum DirectoryCall {
    /// The row of a person.
    Find(ObjectName),
    /// Stores the row of a person. A row without kinds removes it.
    Put(ObjectName, DirectoryRow),
    /// The last day on which the person used a factor, in days since 1970. It changes a row and makes none: it may come after a row
    /// that was sent later.
    Used(ObjectName, u64),
    /// How many people have a factor, in all and by the id of the key that their secrets are sealed under.
    Count,
}

/// The result of a call to an object of the directory.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
pub enum DirectoryVerdict {
    /// The row, if there is one.
    Row(Option<DirectoryRow>),
    /// The numbers.
    Counted {
        /// In all.
        people: u64,
        /// By key.
        kids: Vec<(String, u64)>,
    },
    /// The row is stored.
    Done,
    /// The object could not be reached.
    Unavailable,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_object_has_two_of_the_letters() {
        let mut letters = [0; SHARDS.len()];
        for letter in ('a'..='z').chain('2'..='7') {
            let person: ObjectName = json::from_str(&format!("\"{letter}aaa\"")).unwrap();
            letters[SHARDS.iter().position(|name| *name == shard(&person)).unwrap()] += 1;
        }
        assert_eq!(letters, [2; SHARDS.len()]);
    }
}
