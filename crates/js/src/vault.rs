//! The entry `vault`.
