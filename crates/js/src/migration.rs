//! The entry `migration`.
