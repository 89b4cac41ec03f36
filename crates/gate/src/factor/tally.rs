//! Rows of the directory as its objects store them, one text a person.

use std::collections::BTreeMap;

use super::{anchor::AnchorCall, directory::DirectoryVerdict, errand::DirectoryRow};

/// People with a factor, in all and by the key that their secrets are sealed under.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    people: u64,
    kids: BTreeMap<String, u64>,
}

impl DirectoryRow {
    /// The text to store; `None` where the row is removed.
    pub fn write(&self) -> Option<String> {
        if self.kinds.is_empty() { None } else { Some(json::to_string(self)) }
    }

    /// A stored row with a later day of use; `None` where it stays as it is.
    pub fn used(text: &str, day: u64) -> Option<String> {
        let row: Self = json::from_str(text).ok().filter(|row: &Self| row.last_day < day)?;
        Self { last_day: day, ..row }.write()
    }

    /// Reads a stored row. Nobody may enrol by one that cannot be read.
    pub fn read(text: Option<&str>) -> DirectoryVerdict {
        match text.map(json::from_str) {
            None => DirectoryVerdict::Row(None),
            Some(Ok(row)) => DirectoryVerdict::Row(Some(row)),
            Some(Err(_)) => DirectoryVerdict::Unavailable,
        }
    }
}

impl Tally {
    /// Adds a stored row. One that cannot be read is a person too.
    pub fn add(&mut self, text: &str) {
        self.people += 1;
        for kid in json::from_str::<DirectoryRow>(text).map(|row| row.kids).unwrap_or_default() {
            *self.kids.entry(kid).or_default() += 1;
        }
    }

    /// Adds the counts of one object of the directory. Returns `false` for any other verdict.
    #[must_use]
    pub fn join(&mut self, verdict: DirectoryVerdict) -> bool {
        let DirectoryVerdict::Counted { people, kids } = verdict else { return false };
        self.people += people;
        for (kid, count) in kids {
            *self.kids.entry(kid).or_default() += count;
        }
        true
    }

    /// As the result of an object.
    pub fn verdict(self) -> DirectoryVerdict {
        DirectoryVerdict::Counted { people: self.people, kids: self.kids.into_iter().collect() }
    }

    /// The call that stores the counts in the anchor.
    pub fn told(self) -> AnchorCall {
        AnchorCall::Counted { people: self.people, kids: self.kids.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::demand::Kind;

    fn row(kids: &[&str]) -> DirectoryRow {
        let kids = kids.iter().map(|kid| (*kid).to_owned()).collect();
        DirectoryRow { kinds: vec![Kind::App], kids, last_day: 20_000 }
    }

    #[test]
    fn f32_a_row_that_cannot_be_read_lets_nobody_enrol() {
        assert_eq!(DirectoryRow::read(None), DirectoryVerdict::Row(None));
        let text = row(&["a"]).write().unwrap();
        assert_eq!(DirectoryRow::read(Some(&text)), DirectoryVerdict::Row(Some(row(&["a"]))));
        for broken in ["", "{}", "null", "[]"] {
            assert_eq!(DirectoryRow::read(Some(broken)), DirectoryVerdict::Unavailable, "{broken}");
        }
        assert_eq!(DirectoryRow { kinds: vec![], ..row(&[]) }.write(), None);
    }

    #[test]
    fn a_day_of_use_changes_a_row_and_makes_none() {
        let text = row(&["a"]).write().unwrap();
        let later = DirectoryRow { last_day: 20_001, ..row(&["a"]) };
        assert_eq!(DirectoryRow::used(&text, 20_001), later.write());
        for day in [19_999, 20_000] {
            assert_eq!(DirectoryRow::used(&text, day), None, "{day}");
        }
        assert_eq!(DirectoryRow::used("broken", 20_001), None);
    }

    #[test]
    fn people_are_counted_by_key() {
        let mut tally = Tally::default();
        for row in [row(&["a"]), row(&["a", "b"]), row(&[])] {
            tally.add(&row.write().unwrap());
        }
        tally.add("broken");
        let twice = tally.clone().verdict();
        assert!(tally.join(twice));
        assert!(!tally.join(DirectoryVerdict::Unavailable));
        assert_eq!(tally.told(), AnchorCall::Counted { people: 8, kids: vec![("a".into(), 4), ("b".into(), 2)] });
    }
}
