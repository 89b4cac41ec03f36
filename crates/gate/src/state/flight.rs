//! A login in flight. CAS has no `state` parameter, so the browser that began the login keeps its state in a cookie.

use base::{Moment, Secret, UnixMs};
use base32ct::{Base32Unpadded, Encoding as _};
use json::{FromJson, ToJson};

use crate::{
    http::cookie,
    keys::seal::{IdKey, Keyring, Purpose},
    policy::{cas_factors::CasAsked, site::Site},
};

/// Life of a flight in seconds: time for a password reset, terms of use or a slow second factor.
pub const FLIGHT_SECS: u64 = 30 * 60;
/// Logins that one browser may have open at once.
const MAX_FLIGHTS: usize = 16;
/// All flight cookies together, in bytes: with the session cookie well within the 8 kB of headers that servers accept.
const MAX_FLIGHT_BYTES: usize = 4096;
/// A login for a page with a longer address leads to the first page, in bytes.
const MAX_PAGE_BYTES: usize = 1024;
const RANDOM_BYTES: usize = 10;

/// The 128-bit id of a flight: base32 in lower case, because Apereo CAS compares services without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(transparent)]
pub struct FlightId(String);

impl FlightId {
    /// A new id: 80 random bits, and 48 bits of HMAC by which a forged id is detected without a store.
    pub fn new(key: &IdKey, site: &Site, moment: &mut Moment) -> Self {
        let random: [u8; RANDOM_BYTES] = moment.draw();
        let mut bytes = random.to_vec();
        bytes.extend_from_slice(&key.flight_mark(&site.public, &random));
        Self(Base32Unpadded::encode_string(&bytes))
    }

    /// Whether this gate made the id for this site.
    pub fn is_ours(&self, key: &IdKey, site: &Site) -> bool {
        let bytes = Base32Unpadded::decode_vec(&self.0).unwrap_or_default();
        match bytes.split_first_chunk::<RANDOM_BYTES>() {
            Some((random, mark)) => Secret::from(key.flight_mark(&site.public, random).as_slice()).ct_eq(mark),
            None => false,
        }
    }

    /// `None` unless the text is 26 characters of base32 in lower case.
    pub fn parse(text: &str) -> Option<Self> {
        let good = text.len() == 26 && text.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b));
        good.then(|| Self(text.to_owned()))
    }

    /// The id as it stands in the path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The sealed content of a flight's cookie.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
pub struct Flight {
    /// Its own id, so that a cookie cannot serve under another's name.
    #[serde(rename = "i")]
    pub id: FlightId,
    /// Path and query of the page that the login is for.
    #[serde(rename = "p")]
    pub page: String,
    #[serde(rename = "s")]
    pub(crate) began_secs: u64,
    /// Whether the CAS server was told to ask for the password (`renew=true`).
    #[serde(rename = "r", default, skip_serializing_if = "is_default")]
    pub renew: bool,
    /// Whether the login is passive (`gateway=true`).
    #[serde(rename = "g", default, skip_serializing_if = "is_default")]
    pub gateway: bool,
    /// Number of failed logins before this one.
    #[serde(rename = "n", default, skip_serializing_if = "is_default")]
    pub tries: u8,
    /// Whether this login follows a call-back without its cookie; its path ends in `/again`.
    #[serde(rename = "a", default, skip_serializing_if = "is_default")]
    pub is_retry: bool,
    /// What the CAS server is asked for beside the password.
    #[serde(rename = "q", default, skip_serializing_if = "is_default")]
    pub asked: CasAsked,
    /// The address or form that the browser keeps in its tab over the login.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Kept>,
    /// The place of the rule at which the login began, so that one that begins again asks for the same.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<usize>,
}

/// An address or a form that a browser keeps in its tab over a login, under this name.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
pub enum Kept {
    /// The address with its fragment.
    #[serde(rename = "a")]
    Address(String),
    /// A sealed form.
    #[serde(rename = "f")]
    Form(String),
}

/// A name for what a tab keeps: 80 random bits.
pub fn kept_name(moment: &mut Moment) -> String {
    Base32Unpadded::encode_string(&moment.draw::<RANDOM_BYTES>())
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Flight {
    /// A new flight for this page.
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
            asked: CasAsked::Nothing,
            kept: None,
            rule: None,
        }
    }

    /// The service URL, from configuration and id only: nothing of a request may reach it.
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

/// The flights of one browser at one site.
pub struct Flights<'a> {
    site: &'a Site,
    open: Vec<(Flight, usize)>,
    dead: Vec<String>,
    /// Bytes of the cookies of open requests to the portal, which share the room of the flights.
    requests: usize,
}

impl<'a> Flights<'a> {
    /// Opens the cookies of a request. A flight that is expired, unreadable or under another's name is dead.
    pub fn read(site: &'a Site, keyring: &Keyring, headers: &[(&str, &str)], now: UnixMs) -> Self {
        let mut flights = Self { site, open: Vec::new(), dead: Vec::new(), requests: 0 };
        for (name, value) in cookie::pairs(headers) {
            if name.starts_with(&site.cookies.request) {
                flights.requests += name.len() + value.len();
            }
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

    /// The open flight with this id.
    pub fn find(&self, id: &FlightId) -> Option<&Flight> {
        self.open.iter().map(|(flight, _)| flight).find(|flight| flight.id == *id)
    }

    /// The `Set-Cookie` values that add a flight and delete those that are dead or too many.
    pub fn begin(mut self, flight: &Flight, keyring: &Keyring, moment: &mut Moment) -> Option<Vec<String>> {
        let names = &self.site.cookies;
        let sealed = keyring.seal(Purpose::Flight, self.site.scope(), flight, moment)?;
        let taken = names.flight.len() + 26 + sealed.len() + self.requests;
        let mut room = MAX_FLIGHT_BYTES.saturating_sub(taken);
        let mut out = vec![names.set(&format!("{}{}", names.flight, flight.id.as_str()), &sealed, Some(FLIGHT_SECS))];
        // Browsers send older cookies first (RFC 6265 section 5.4), which tells apart what began in one second.
        self.open.reverse();
        base::order::sort_short(&mut self.open, |(one, _), (next, _)| one.began_secs > next.began_secs);
        for (at, (old, bytes)) in self.open.iter().enumerate() {
            if at + 1 < MAX_FLIGHTS && *bytes <= room {
                room -= bytes;
            } else {
                room = 0;
                out.push(names.clear(&format!("{}{}", names.flight, old.id.as_str())));
            }
        }
        // The name goes into a header, so it must be a possible id; the bound keeps forged cookies from growing the answer.
        let dead = self.dead.iter().filter(|id| FlightId::parse(id).is_some()).take(MAX_FLIGHTS);
        out.extend(dead.map(|id| names.clear(&format!("{}{id}", names.flight))));
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(byte: u8) -> Moment {
        Moment::new(UnixMs::from_secs(100), [byte; 32])
    }

    /// The bytes of a cookie as they are counted: without its `=`.
    fn bytes(cookie: &str) -> usize {
        cookie.len() - 1
    }

    #[test]
    fn g03_open_flights_and_requests_to_the_portal_share_one_room() {
        let (site, text) = (Site::example(), "A".repeat(43));
        let (keyring, key) = (Keyring::parse(&text).unwrap(), IdKey::parse(&text).unwrap());
        let flight = |n: u8| Flight::new("/", &key, &site, &mut moment(n));
        let cookie = |n: u8| {
            let flight = flight(n);
            let sealed = keyring.seal(Purpose::Flight, site.scope(), &flight, &mut moment(n)).unwrap();
            format!("{}{}={sealed}", site.cookies.flight, flight.id.as_str())
        };
        let each = bytes(&cookie(0));
        let first = format!("{}1=x", site.cookies.request);
        let second = format!("{}2=", site.cookies.request);
        let least = bytes(&first) + bytes(&second);
        // The cookies of requests leave room for the new flight and so many bytes.
        for (open, room, stay) in [
            (1, each, 1),
            (1, each - 1, 0),
            (3, 2 * each, 2),
            (3, 3 * each - 1, 2),
            (3, 3 * each, 3),
            (usize::from(u8::MAX), MAX_FLIGHT_BYTES - each - least, MAX_FLIGHTS - 1),
        ] {
            let rest = "x".repeat(MAX_FLIGHT_BYTES - each - least - room);
            let mut cookies = vec![first.clone(), format!("{second}{rest}")];
            cookies.extend((1..=u8::MAX).take(open).map(cookie));
            let header = cookies.join("; ");
            let flights = Flights::read(&site, &keyring, &[("cookie", &header)], UnixMs::from_secs(100));
            let lines = flights.begin(&flight(0), &keyring, &mut moment(0)).unwrap();
            let (deleted, set): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| line.ends_with("Max-Age=0"));
            assert_eq!((set.len(), open - deleted.len()), (1, stay), "{open} {room}");
        }
    }

    #[test]
    fn a_flight_is_open_for_half_an_hour_under_its_own_name() {
        let (site, text) = (Site::example(), "A".repeat(43));
        let (keyring, key) = (Keyring::parse(&text).unwrap(), IdKey::parse(&text).unwrap());
        let flight = Flight::new("/", &key, &site, &mut moment(1));
        let other = Flight::new("/", &key, &site, &mut moment(2));
        let sealed = keyring.seal(Purpose::Flight, site.scope(), &flight, &mut moment(3)).unwrap();
        for (name, now, want) in [(&flight.id, 1_899, true), (&flight.id, 1_900, false), (&other.id, 100, false)] {
            let header = format!("{}{}={sealed}", site.cookies.flight, name.as_str());
            let flights = Flights::read(&site, &keyring, &[("cookie", &header)], UnixMs::from_secs(now));
            assert_eq!(flights.find(name).is_some(), want, "{now}");
        }
    }

    #[test]
    fn a_flight_is_written_without_what_it_has_not() {
        let (site, key) = (Site::example(), IdKey::parse(&"A".repeat(43)).unwrap());
        let flight = Flight::new("/x", &key, &site, &mut moment(1));
        let text = format!(r#"{{"i":"{}","p":"/x","s":100}}"#, flight.id.as_str());
        assert_eq!(json::to_string(&flight), text);
        let full = Flight {
            renew: true,
            gateway: true,
            tries: 2,
            is_retry: true,
            asked: CasAsked::ForPage,
            kept: Some(Kept::Form("a".into())),
            rule: Some(3),
            ..flight
        };
        assert_eq!(json::from_str::<Flight>(&json::to_string(&full)).unwrap(), full);
    }
}
