use serde::Serialize;

/// What a server says about a person: names in the order of the answer, each with its values in theirs. All the styles
/// in which servers write them are folded into this one map.
///
/// Values are text as sent: never split at a comma, never trimmed. A name can have no value at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes(Vec<(String, Vec<String>)>);

impl Attributes {
    /// All values of the attribute of exactly this name; empty when there is none.
    pub fn all(&self, name: &str) -> &[String] {
        self.0.iter().find(|(known, _)| known == name).map_or(&[], |(_, values)| values.as_slice())
    }

    /// The value of an attribute that has exactly one.
    pub fn one(&self, name: &str) -> Option<&str> {
        match self.all(name) {
            [value] => Some(value),
            _ => None,
        }
    }

    /// Whether the answer named it at all.
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// Names and values, in the order of the answer.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(name, values)| (name.as_str(), values.as_slice()))
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One more value, after those that the name has already.
    pub fn push(&mut self, name: &str, value: String) {
        self.add(name, [value]);
    }

    /// These values, after those that the name has already; the name is there from now on, even without any.
    pub(crate) fn add(&mut self, name: &str, values: impl IntoIterator<Item = String>) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => known.extend(values),
            None => self.0.push((name.to_owned(), values.into_iter().collect())),
        }
    }
}

impl Serialize for Attributes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}
