//! The requirement of a rule.

use super::factor::Asked;

/// The conditions on a login that a rule sets. The default sets none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirement {
    /// Whether somebody must be signed in.
    pub login: bool,
    /// Greatest age in seconds of a login with `renew`.
    pub fresh: Option<u64>,
    /// The second factor that is asked for; absent where it never is.
    pub factor: Option<Asked>,
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
        let lower = match (&self.factor, &other.factor) {
            (_, None) => false,
            (None, Some(theirs)) => Asked::default().is_weaker_than(theirs),
            (Some(ours), Some(theirs)) => ours.is_weaker_than(theirs),
        };
        other.login && !self.login || older || lower
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::factor::Mode;

    #[test]
    fn weaker_is_told_by_each_part_alone() {
        let fresh = |secs| Requirement { fresh: Some(secs), ..Requirement::LOGIN };
        let asked = |mode| Requirement { factor: Some(Asked { mode, ..Asked::default() }), ..Requirement::LOGIN };
        let (login, nothing) = (|| Requirement::LOGIN, Requirement::default);
        for (ours, theirs, weaker) in [
            (nothing(), nothing(), false),
            (nothing(), login(), true),
            (login(), nothing(), false),
            (login(), fresh(300), true),
            (fresh(300), login(), false),
            (fresh(300), fresh(300), false),
            (fresh(301), fresh(300), true),
            (fresh(300), fresh(301), false),
            (login(), asked(Mode::Required), true),
            (login(), asked(Mode::Offered), true),
            (login(), asked(Mode::Off), false),
            (asked(Mode::Offered), asked(Mode::Required), true),
            (asked(Mode::Required), asked(Mode::Offered), false),
            (asked(Mode::Required), login(), false),
            (asked(Mode::Required), asked(Mode::Required), false),
            (fresh(300), asked(Mode::Required), true),
            (asked(Mode::Required), fresh(300), true),
        ] {
            assert_eq!(ours.is_weaker_than(&theirs), weaker, "{ours:?} {theirs:?}");
        }
    }
}
