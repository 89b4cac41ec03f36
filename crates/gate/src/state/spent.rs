//! Requests for a factor whose answers were used, in the record of the ticket that was raised.

use json::{FromJson, ToJson};

/// Ids that are remembered. An answer lives 30 seconds, so older ones are over by themselves.
const MAX_SPENT: usize = 8;

/// The last ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson, FromJson)]
#[serde(transparent)]
pub struct Spent(Vec<String>);

impl Spent {
    /// Spends an id. Whether it was not spent before; the caller raises its session in the same write.
    pub fn spend(&mut self, rid: &str) -> bool {
        if self.0.iter().any(|known| known == rid) {
            return false;
        }
        if self.0.len() >= MAX_SPENT {
            self.0.remove(0);
        }
        self.0.push(rid.to_owned());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f17_an_answer_is_spent_once() {
        let mut spent = Spent::default();
        for n in 0..20 {
            assert!(spent.spend(&n.to_string()));
            assert!(!spent.spend(&n.to_string()));
        }
        assert_eq!(spent.0.len(), MAX_SPENT);
        assert!(!spent.spend("12"), "of the last eight");
    }
}
