//! Rows of `gate/`.
