//! The entry `cas`.
