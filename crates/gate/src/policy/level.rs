//! The assurance of a login.

/// The assurance level of a session; it determines `acr` and `amr` of the assertion (OpenID Connect Core section 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// The CAS server vouches for the person.
    #[default]
    Login,
}

impl Level {
    /// The authentication context class reference.
    pub const fn acr(self) -> &'static str {
        match self {
            Self::Login => "login",
        }
    }

    /// The authentication methods references.
    pub const fn amr(self) -> &'static [&'static str] {
        match self {
            Self::Login => &["cas"],
        }
    }

    /// Whether this level is enough where `wanted` is required.
    pub const fn reaches(self, wanted: Self) -> bool {
        self.rank() >= wanted.rank()
    }

    /// Explicit, so that strength does not depend on the order of the variants.
    const fn rank(self) -> u8 {
        match self {
            Self::Login => 0,
        }
    }
}
