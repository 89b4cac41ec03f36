//! The requirement of a rule.

use super::Level;

/// The conditions on a login that a rule sets. The default sets none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requirement {
    /// Whether somebody must be signed in.
    pub login: bool,
    /// Greatest age in seconds of a login with `renew`.
    pub fresh: Option<u64>,
    /// The level that the session must have reached.
    pub factor: Option<Level>,
}

impl Requirement {
    /// Somebody must be signed in.
    pub const LOGIN: Self = Self { login: true, fresh: None, factor: None };

    /// Whether somebody who meets this requirement may fail `other`.
    pub fn is_weaker_than(&self, other: &Self) -> bool {
        let older = match (self.fresh, other.fresh) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(ours), Some(theirs)) => ours > theirs,
        };
        let lower = match (self.factor, other.factor) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(ours), Some(theirs)) => !ours.reaches(theirs),
        };
        other.login && !self.login || older || lower
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weaker_is_told_by_each_part_alone() {
        let fresh = |secs| Requirement { fresh: Some(secs), ..Requirement::LOGIN };
        let factor = Requirement { factor: Some(Level::Login), ..Requirement::LOGIN };
        let nothing = Requirement::default();
        for (ours, theirs, weaker) in [
            (nothing, nothing, false),
            (nothing, Requirement::LOGIN, true),
            (Requirement::LOGIN, nothing, false),
            (Requirement::LOGIN, fresh(300), true),
            (fresh(300), Requirement::LOGIN, false),
            (fresh(300), fresh(300), false),
            (fresh(301), fresh(300), true),
            (fresh(300), fresh(301), false),
            (Requirement::LOGIN, factor, true),
            (factor, Requirement::LOGIN, false),
            (factor, factor, false),
            (fresh(300), factor, true),
            (factor, fresh(300), true),
        ] {
            assert_eq!(ours.is_weaker_than(&theirs), weaker, "{ours:?} {theirs:?}");
        }
    }
}
