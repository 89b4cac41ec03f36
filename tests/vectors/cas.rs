//! Rows of `cas/`.
