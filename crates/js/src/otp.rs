//! The entry `otp`.
