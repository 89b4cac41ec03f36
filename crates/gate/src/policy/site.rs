//! One site: what people type, and the app behind it.

use cas::Server;

use super::Origin;
use crate::{
    http::{address::host_of, cookie::CookieNames},
    keys::seal::Scope,
};

/// One site, ready to serve.
pub struct Site {
    /// Its name in assertions and logs.
    pub id: String,
    /// Scheme, host and port that people type.
    pub public: String,
    /// The app.
    pub origin: Origin,
    /// Its CAS server.
    pub server: Server,
    /// Its cookies' names.
    pub cookies: CookieNames,
}

impl Site {
    /// Where its sealed things open.
    pub fn scope(&self) -> Scope<'_> {
        Scope { tenant: &self.id, host: &self.public }
    }

    /// Host and port that people type.
    pub fn host(&self) -> &str {
        host_of(&self.public)
    }
}
