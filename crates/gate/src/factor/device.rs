//! Known and remembered devices. A known device skips no check; it only has its own bucket for guesses. A remembered device
//! replaces a factor for rules that allow it.

use base::{Moment, Secret, UnixMs};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use json::{FromJson, ToJson};
use sha2::{Digest as _, Sha256};

use super::throttle::{Rate, TokenBucket};
use crate::policy::demand::Kind;

/// Life of a known device, in seconds.
pub const KNOWN_SECS: u64 = 180 * 86_400;
/// Known devices of one person; the one that was used longest ago goes first.
pub const MAX_DEVICES: usize = 20;

/// One browser that gave a factor.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// Its id.
    pub id: String,
    /// Hash of the cookie's secret.
    hash: String,
    /// The browser, as the page names it.
    pub label: String,
    /// When it was used last, in seconds.
    pub used_secs: u64,
    /// The time until which it replaces a factor, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remembered_until_secs: Option<u64>,
    /// The kind that was given when it was remembered. It stands in for no other one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remembered_kind: Option<Kind>,
    /// Its guesses.
    #[serde(default, skip_serializing_if = "is_default")]
    pub bucket: TokenBucket,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Device {
    /// A new device, and the text of its cookie.
    pub fn new(label: String, moment: &mut Moment) -> (Self, Secret) {
        let (id, secret) = (moment.draw::<9>(), moment.draw::<18>());
        let (id, secret) = (Base64UrlUnpadded::encode_string(&id), Base64UrlUnpadded::encode_string(&secret));
        let cookie = Secret::new(format!("{id}.{secret}").into_bytes());
        let used_secs = moment.now().secs();
        let bucket = TokenBucket::default();
        let device = Self {
            hash: hash(&secret),
            id,
            label,
            used_secs,
            remembered_until_secs: None,
            remembered_kind: None,
            bucket,
        };
        (device, cookie)
    }

    /// Whether the cookie belongs to this device, the device has not expired, and guesses are left. Without guesses, the device
    /// counts as unknown.
    pub fn is_known_by(&self, cookie: &str, now: UnixMs) -> bool {
        let Some((id, secret)) = cookie.split_once('.') else { return false };
        let is_same = self.id == id && Secret::from(self.hash.as_bytes()).ct_eq(hash(secret).as_bytes());
        let is_over = now.secs() >= self.used_secs.saturating_add(KNOWN_SECS);
        is_same && !is_over && !self.bucket.is_exhausted(Rate::DEVICE, now)
    }

    /// Whether it replaces a factor.
    pub fn is_remembered(&self, now: UnixMs) -> bool {
        self.remembered_until_secs.is_some_and(|until| now.secs() < until)
    }
}

fn hash(secret: &str) -> String {
    Base64UrlUnpadded::encode_string(Sha256::digest(secret.as_bytes()).get(..18).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f09_a_device_is_known_by_its_own_cookie_for_its_time() {
        let at = UnixMs::from_secs;
        let (device, cookie) = Device::new("Firefox".into(), &mut Moment::new(at(100), [1; 32]));
        // EXPOSE: as the browser sends it.
        let cookie = String::from_utf8(cookie.expose().to_vec()).unwrap();
        let (id, secret) = cookie.split_once('.').unwrap();
        for (cookie, now, want) in [
            (cookie.clone(), 100, true),
            (cookie.clone(), 99 + KNOWN_SECS, true),
            (cookie.clone(), 100 + KNOWN_SECS, false),
            (format!("{id}.{id}"), 100, false),
            (format!("{secret}.{secret}"), 100, false),
            (format!("{id}{secret}"), 100, false),
        ] {
            assert_eq!(device.is_known_by(&cookie, at(now)), want, "{cookie} {now}");
        }
    }
}
