//! Rows of `vault/`.
