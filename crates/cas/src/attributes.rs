use serde::Serialize;

/// The attributes of a user: names and values in the order of the answer. Every notation of servers is read into this map.
///
/// Values are text as sent: never trimmed, and never split but for a list that [`Notations`](crate::Notations) name. A name may
/// have no value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes(Vec<(String, Vec<String>)>);

impl Attributes {
    /// All values of the attribute of exactly this name; empty when it is absent.
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

    /// Whether the answer contains the name, with or without values.
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// Names and values, in the order of the answer.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(name, values)| (name.as_str(), values.as_slice()))
    }

    /// The number of names.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no names.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Appends one value to the name.
    pub fn push(&mut self, name: &str, value: String) {
        self.add(name, [value]);
    }

    /// Appends values to the name. The name is present afterwards even without values.
    pub(crate) fn add(&mut self, name: &str, values: impl IntoIterator<Item = String>) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => known.extend(values),
            None => self.0.push((name.to_owned(), values.into_iter().collect())),
        }
    }

    /// Replaces each value of the name by the values that `read` finds in it. A value in which it finds none stays.
    pub(crate) fn spread(&mut self, name: &str, read: impl Fn(&str) -> Option<Vec<String>>) {
        if let Some((_, values)) = self.0.iter_mut().find(|(known, _)| known == name) {
            *values = values.drain(..).flat_map(|value| read(&value).unwrap_or_else(|| vec![value])).collect();
        }
    }
}

impl Serialize for Attributes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::Attributes;

    #[test]
    fn a_name_without_values_is_there() {
        let mut attributes = Attributes::default();
        assert_eq!((attributes.is_empty(), attributes.len()), (true, 0));
        attributes.add("empty", []);
        attributes.push("mail", "a@b".into());
        assert_eq!((attributes.is_empty(), attributes.len()), (false, 2));
        assert!(attributes.contains("empty") && !attributes.contains("phone"));
        assert_eq!((attributes.one("empty"), attributes.one("mail")), (None, Some("a@b")));
    }
}
