//! A login in flight: what CAS has no `state` parameter for, kept by the browser that began it.

use base::{Moment, Secret, UnixMs};
use base32ct::{Base32Unpadded, Encoding as _};
use serde::{Deserialize, Serialize};

use crate::{
    http::cookie,
    keys::seal::{IdKey, Keyring, Purpose},
    policy::site::Site,
};

/// People stay at the CAS server for a while: a password reset, terms of use, a slow second factor.
pub const FLIGHT_SECS: u64 = 30 * 60;
/// Tabs opened at once; more are hardly waited for.
const MAX_FLIGHTS: usize = 16;
/// Together with the session well within the 8 kB of headers that servers take.
const MAX_FLIGHT_BYTES: usize = 4096;
/// Longer addresses are not remembered; the person lands on the first page.
const MAX_PAGE_BYTES: usize = 1024;
const RANDOM_BYTES: usize = 10;

/// The 128-bit id of a flight: base32 in lower case, because Apereo CAS compares services without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FlightId(String);

impl FlightId {
    /// A fresh one: 80 random bits, and 48 by which the gate knows it again without having kept anything.
    pub fn new(key: &IdKey, site: &Site, moment: &mut Moment) -> Self {
        let random: [u8; RANDOM_BYTES] = moment.draw();
        let mut bytes = random.to_vec();
        bytes.extend_from_slice(&key.flight_mark(&site.public, &random));
        Self(Base32Unpadded::encode_string(&bytes))
    }

    /// Whether this gate made it, for this site.
    pub fn is_ours(&self, key: &IdKey, site: &Site) -> bool {
        let bytes = Base32Unpadded::decode_vec(&self.0).unwrap_or_default();
        match bytes.split_first_chunk::<RANDOM_BYTES>() {
            Some((random, mark)) => Secret::from(key.flight_mark(&site.public, random).as_slice()).ct_eq(mark),
            None => false,
        }
    }

    /// `None` for anything but 26 letters and digits of base32 in lower case.
    pub fn parse(text: &str) -> Option<Self> {
        let good = text.len() == 26 && text.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b));
        good.then(|| Self(text.to_owned()))
    }

    /// As in the path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is sealed in the flight's cookie.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flight {
    /// Itself again, so that no cookie serves under another's name.
    #[serde(rename = "i")]
    pub id: FlightId,
    /// Path and query of the page asked for.
    #[serde(rename = "p")]
    pub page: String,
    #[serde(rename = "s")]
    pub(crate) began_secs: u64,
    /// Whether the password was asked for again.
    #[serde(rename = "r", default, skip_serializing_if = "is_default")]
    pub renew: bool,
    /// Whether nobody was asked anything (`gateway=true`).
    #[serde(rename = "g", default, skip_serializing_if = "is_default")]
    pub gateway: bool,
    /// How many logins went wrong before this one.
    #[serde(rename = "n", default, skip_serializing_if = "is_default")]
    pub tries: u8,
    /// Whether the path ends in `/again`: the first call-back came without its cookie.
    #[serde(rename = "a", default, skip_serializing_if = "is_default")]
    pub is_retry: bool,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Flight {
    /// A flight to this page, which begins now.
    pub fn new(page: &str, key: &IdKey, site: &Site, moment: &mut Moment) -> Self {
        let page = if page.len() <= MAX_PAGE_BYTES { page } else { "/" };
        Self {
            id: FlightId::new(key, site, moment),
            page: page.to_owned(),
            began_secs: moment.now().secs(),
            renew: false,
            gateway: false,
            tries: 0,
            is_retry: false,
        }
    }

    /// The service URL: configuration and id, never anything of a request.
    pub fn service(&self, site: &Site) -> String {
        service(site, &self.id, self.is_retry)
    }

    fn is_over(&self, now: UnixMs) -> bool {
        now.secs_since(UnixMs::from_secs(self.began_secs)) >= FLIGHT_SECS
    }
}

/// The call-back address of a flight.
pub fn service(site: &Site, id: &FlightId, is_retry: bool) -> String {
    let suffix = if is_retry { "/again" } else { "" };
    format!("{}{}cas/{}{suffix}", site.public, crate::http::path::INTERNAL_PREFIX, id.as_str())
}

/// The flights that this browser has begun at this site.
pub struct Flights<'a> {
    site: &'a Site,
    open: Vec<(Flight, usize)>,
    dead: Vec<String>,
}

impl<'a> Flights<'a> {
    /// Opens the cookies of a request. What does not open, is over, or has another's name, is dead.
    pub fn read(site: &'a Site, keyring: &Keyring, headers: &[(&str, &str)], now: UnixMs) -> Self {
        let mut flights = Self { site, open: Vec::new(), dead: Vec::new() };
        for (name, value) in cookie::pairs(headers) {
            let Some(id) = name.strip_prefix(&site.cookies.flight) else { continue };
            match keyring.open::<Flight>(Purpose::Flight, site.scope(), value) {
                Some(flight) if flight.id.as_str() == id && !flight.is_over(now) => {
                    flights.open.push((flight, name.len() + value.len()));
                }
                _ => flights.dead.push(id.to_owned()),
            }
        }
        flights
    }

    /// The flight of this id, if this browser began it.
    pub fn find(&self, id: &FlightId) -> Option<&Flight> {
        self.open.iter().map(|(flight, _)| flight).find(|flight| flight.id == *id)
    }

    /// The `Set-Cookie` values of a new flight: itself, and the end of those that are over, or too many.
    pub fn begin(mut self, flight: &Flight, keyring: &Keyring, moment: &mut Moment) -> Option<Vec<String>> {
        let names = &self.site.cookies;
        let sealed = keyring.seal(Purpose::Flight, self.site.scope(), flight, moment)?;
        let mut room = MAX_FLIGHT_BYTES.saturating_sub(names.flight.len() + 26 + sealed.len());
        let mut out = vec![names.set(&format!("{}{}", names.flight, flight.id.as_str()), &sealed, Some(FLIGHT_SECS))];
        self.open.sort_by_key(|(flight, _)| core::cmp::Reverse(flight.began_secs));
        for (at, (old, bytes)) in self.open.iter().enumerate() {
            if at + 1 < MAX_FLIGHTS && *bytes <= room {
                room -= bytes;
            } else {
                room = 0;
                out.push(names.clear(&format!("{}{}", names.flight, old.id.as_str())));
            }
        }
        // A cookie's name goes into a header: only what could be an id, and not more than a browser would ever hold.
        let dead = self.dead.iter().filter(|id| FlightId::parse(id).is_some()).take(MAX_FLIGHTS);
        out.extend(dead.map(|id| names.clear(&format!("{}{id}", names.flight))));
        Some(out)
    }
}
