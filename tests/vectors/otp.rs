//! Rows of `otp/`.
