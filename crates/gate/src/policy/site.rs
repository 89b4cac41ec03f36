//! One site: a public address and the app behind it.

use cas::Server;

use super::Origin;
use crate::{
    http::{address::host_of, cookie::CookieNames},
    keys::seal::Scope,
};

/// A site with its CAS server and cookies.
pub struct Site {
    /// Its name in assertions and logs.
    pub id: String,
    /// Public scheme, host and port.
    pub public: String,
    /// The app.
    pub origin: Origin,
    /// Its CAS server.
    pub server: Server,
    /// Names of its cookies.
    pub cookies: CookieNames,
    /// The sentence of a closed site.
    pub closed: Option<String>,
    /// Whether machine clients get bearers.
    pub token: bool,
}

impl Site {
    /// The scope of its sealed values.
    pub fn scope(&self) -> Scope<'_> {
        Scope { tenant: &self.id, host: &self.public }
    }

    /// Public host and port.
    pub fn host(&self) -> &str {
        host_of(&self.public)
    }
}

#[cfg(test)]
impl Site {
    /// A site for tests.
    pub(crate) fn example() -> Self {
        let public = "https://app.example.org";
        Self {
            id: "app".into(),
            public: public.into(),
            origin: Origin::Zone,
            server: Server::new("https://cas.example.org/cas", cas::Protocol::default()).unwrap(),
            cookies: CookieNames::new(public),
            closed: None,
            token: false,
        }
    }
}
