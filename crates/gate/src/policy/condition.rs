//! A condition on an attribute.

/// One attribute condition: one of the values, compared exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The attribute.
    pub attribute: String,
    /// Any of these.
    pub values: Vec<String>,
}
