//! The bearer of a machine client: a sealed record, stored nowhere else. No single logout reaches it, so its life is short.

use base::{Moment, UnixMs};
use json::{FromJson, ToJson};

use super::session::Session;
use crate::{
    keys::seal::{Keyring, ObjectName, Purpose},
    policy::site::Site,
};

/// Life of a bearer, in seconds.
pub(crate) const BEARER_SECS: u64 = 15 * 60;
/// Longest sealed bearer, in bytes: half of what common servers accept as headers.
const MAX_BYTES: usize = 4096;

/// The content of a bearer.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
pub(crate) struct Bearer {
    /// The app that it is for.
    #[serde(rename = "p")]
    pub(crate) app: String,
    /// The keyed name of its ticket; there is no object of this name.
    #[serde(rename = "o")]
    pub(crate) ticket: ObjectName,
    /// Public id for assertions and the log.
    #[serde(rename = "i")]
    pub(crate) sid: String,
    #[serde(rename = "u")]
    pub(crate) user: String,
    #[serde(rename = "a")]
    pub(crate) attributes: Vec<(String, Vec<String>)>,
    #[serde(rename = "b")]
    pub(crate) born_secs: u64,
}

impl Bearer {
    /// Seals it. While it is too long, the longest attribute is left out: rules that require that attribute stay closed.
    pub(crate) fn seal(mut self, site: &Site, keyring: &Keyring, moment: &mut Moment) -> Option<String> {
        loop {
            let sealed = keyring.seal(Purpose::Bearer, site.scope(), &self, moment)?;
            if sealed.len() <= MAX_BYTES {
                return Some(sealed);
            }
            let bytes = |values: &[String]| values.iter().map(String::len).sum::<usize>() + values.len();
            let longest = self.attributes.iter().enumerate().max_by_key(|(_, (_, values))| bytes(values));
            let longest = longest.map(|(at, _)| at)?;
            self.attributes.remove(longest);
        }
    }

    /// Opens a bearer of this site as its app and a session that is never fresh and has no factor; `None` after its end.
    pub(crate) fn open(site: &Site, keyring: &Keyring, sealed: &str, now: UnixMs) -> Option<(String, Session)> {
        let Self { app, ticket, sid, user, attributes, born_secs } =
            keyring.open(Purpose::Bearer, site.scope(), sealed)?;
        let born = UnixMs::from_secs(born_secs);
        let left = BEARER_SECS.checked_sub(now.secs_since(born)).filter(|left| *left > 0)?;
        let mut session = Session::new(ticket, sid, user, attributes, false, born);
        session.bearer_secs = Some(left);
        Some((app, session))
    }
}
