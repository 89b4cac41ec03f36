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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::seal::IdKey;

    #[test]
    fn of_a_bearer_that_is_too_long_the_longest_attribute_is_left_out() {
        let (site, text) = (Site::example(), "A".repeat(43));
        let keyring = Keyring::parse(&text).unwrap();
        let values = |count: usize, bytes: usize| vec!["x".repeat(bytes); count];
        for (user, one, many, want) in [
            (10, values(1, 1_500), values(10, 10), &["one", "many"][..]),
            (10, values(1, 1_600), values(400, 1), &["many"]),
            (900, values(1, 850), values(300, 2), &["one"]),
            (2_900, values(1, 100), values(10, 100), &[]),
        ] {
            let bearer = Bearer {
                app: "app".into(),
                ticket: IdKey::parse(&text).unwrap().login("app", "flight"),
                sid: "sid".into(),
                user: "u".repeat(user),
                attributes: vec![("one".into(), one), ("many".into(), many)],
                born_secs: 100,
            };
            let at = UnixMs::from_secs;
            let sealed = bearer.seal(&site, &keyring, &mut Moment::new(at(100), [1; 32])).unwrap();
            let (_, session) = Bearer::open(&site, &keyring, &sealed, at(100)).unwrap();
            let names: Vec<_> = session.attributes.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, want, "{user}");
            for (now, left) in [(100, Some(900)), (999, Some(1)), (1_000, None)] {
                let open = Bearer::open(&site, &keyring, &sealed, at(now));
                assert_eq!(open.and_then(|(_, session)| session.bearer_secs), left, "{now}");
            }
        }
    }
}
