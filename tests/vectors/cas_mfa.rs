//! Answers of a real Apereo CAS with its Google Authenticator module, in `cas_mfa/`.

/// One answer, and whether it counts as a second factor.
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "the fields say what they are")]
pub struct Answer {
    pub name: &'static str,
    pub text: &'static str,
    pub counts: bool,
}

macro_rules! answers {
    ($($file:literal: $counts:literal,)+) => {
        /// All eight.
        pub const ALL: &[Answer] =
            &[$(Answer { name: $file, text: include_str!($file), counts: $counts }),+];
    };
}

// A factor counts in three of them.
answers! {
    "cas_mfa/password-only.xml": false,
    "cas_mfa/password-only-forged-by-directory.xml": false,
    "cas_mfa/password-only-forged-by-directory.json": false,
    "cas_mfa/bypassed.xml": false,
    "cas_mfa/otp-given.xml": true,
    "cas_mfa/same-session-later.xml": true,
    "cas_mfa/same-session-later.json": true,
    "cas_mfa/renewed-by-password.xml": false,
}
