//! A session, in the record of its ticket's object and in the sealed cookie.

use core::ops::Range;

use base::{Moment, UnixMs};
use json::{FromJson, ToJson};

use crate::{
    keys::seal::{Keyring, ObjectName, Purpose},
    policy::{
        Requirement,
        cas_factors::CasAsked,
        demand::{Demand, Given, Unmet as FactorUnmet},
        site::Site,
    },
};

/// Longest name and value together, in bytes: browsers drop cookies above 4096.
const MAX_COOKIE_BYTES: usize = 3584;
/// A revalidation further in the future than this is not trusted, in seconds: a clock was set back.
const SKEW_SECS: u64 = 60;

/// How long a page's demand for a factor stands, in seconds: as long as a request to the portal.
const MAX_ASKED_SECS: u64 = 30 * 60;

/// The browser's name, and its network; the network is empty where it is not known.
pub type Place = (String, String);

/// A signed-in person.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
pub struct Session {
    /// The object that owns the session.
    #[serde(rename = "o")]
    pub object: ObjectName,
    /// Public id for assertions and the log, new at every login.
    #[serde(rename = "i")]
    pub sid: String,
    /// User name from the CAS server.
    #[serde(rename = "u")]
    pub user: String,
    /// Attributes that the policy uses, in the order of the answer.
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<(String, Vec<String>)>,
    #[serde(rename = "b")]
    born_secs: u64,
    #[serde(rename = "c")]
    revalidated_secs: u64,
    /// Whether the login asked for the password.
    #[serde(rename = "f", default, skip_serializing_if = "is_default")]
    fresh: bool,
    /// What its login asked the CAS server for beside the password.
    #[serde(rename = "q", default, skip_serializing_if = "is_default")]
    pub asked: CasAsked,
    /// Second factors that were given: one of each kind, and one of each that a remembered device stood in for.
    #[serde(rename = "g", default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<Given>,
    /// The cookie's own id, new at every raise; empty before the first. A copy of an earlier cookie is not raised.
    #[serde(rename = "k", default, skip_serializing_if = "String::is_empty")]
    pub cookie_id: String,
    /// The end of an earlier cookie, in seconds since 1970.
    #[serde(rename = "z", default, skip_serializing_if = "Option::is_none")]
    pub until_secs: Option<u64>,
    /// Whether the person had a second factor when the person's object was last asked. The session's object has only a change
    /// since.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub enrolled: Option<bool>,
    /// Whether the person asked to be asked only for a passkey, so that no factor of the CAS server counts.
    #[serde(rename = "y", default, skip_serializing_if = "is_default")]
    pub only_passkey: bool,
    /// The end of the person's own grace, in seconds since 1970; 0 without one.
    #[serde(rename = "n", default, skip_serializing_if = "is_default")]
    pub grace_until_secs: u64,
    /// When a page that demands a recent login asked for a factor that is not given yet, in seconds since 1970; 0 for none.
    #[serde(rename = "h", default, skip_serializing_if = "is_default")]
    asked_secs: u64,
    /// How long the person was busy with factors that such pages asked for, in seconds. It makes the login no older.
    #[serde(rename = "p", default, skip_serializing_if = "is_default")]
    paused_secs: u64,
    /// Browser and network of the sign-in, where there is a portal, which compares them.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Box<Place>>,
    /// Whether the cookie lacks attributes that the object has.
    #[serde(rename = "x", default, skip_serializing_if = "is_default")]
    pub partial: bool,
    /// Remaining life of a machine client's bearer, which has no object, in seconds.
    #[serde(skip)]
    pub bearer_secs: Option<u64>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The login is too old, or the password was not asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotFresh;

/// How long sessions live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToJson, FromJson)]
pub struct Lifetimes {
    /// Longest time without a revalidation, in seconds.
    pub idle_secs: u64,
    /// Longest life, in seconds.
    pub absolute_secs: u64,
}

/// Longest time of use that is not written down, in seconds.
const MAX_UNWRITTEN_SECS: u64 = 15 * 60;

impl Lifetimes {
    /// How long a session's use is not written down. Its end after `idle_secs` may come earlier by this time, and never later.
    pub(crate) fn unwritten_secs(self) -> u64 {
        (self.idle_secs / 8).min(MAX_UNWRITTEN_SECS)
    }
}

impl Session {
    /// A session that begins now. `fresh` tells whether its login asked for the password.
    pub fn new(
        object: ObjectName,
        sid: String,
        user: String,
        attributes: Vec<(String, Vec<String>)>,
        fresh: bool,
        now: UnixMs,
    ) -> Self {
        let now = now.secs();
        Self {
            object,
            sid,
            user,
            attributes,
            born_secs: now,
            revalidated_secs: now,
            fresh,
            asked: CasAsked::Nothing,
            given: Vec::new(),
            cookie_id: String::new(),
            until_secs: None,
            enrolled: None,
            only_passkey: false,
            grace_until_secs: 0,
            asked_secs: 0,
            paused_secs: 0,
            place: None,
            partial: false,
            bearer_secs: None,
        }
    }

    /// Whether neither lifetime is over. A revalidation counts as use.
    pub fn is_alive(&self, lifetimes: Lifetimes, now: UnixMs) -> bool {
        self.age_secs(now) < lifetimes.absolute_secs
            && self.since_revalidation_secs(now) < lifetimes.idle_secs
            && self.until_secs.is_none_or(|until| now.secs() < until)
    }

    /// Whether the object must confirm the session before it is served.
    pub fn needs_revalidation(&self, revalidate_secs: u64, now: UnixMs) -> bool {
        self.partial
            || self.since_revalidation_secs(now) >= revalidate_secs
            || self.revalidated_secs > now.secs().saturating_add(SKEW_SECS)
    }

    /// The time in which the session [is alive](Self::is_alive) and [needs no revalidation](Self::needs_revalidation), in
    /// seconds since the epoch.
    pub fn valid_until_revalidation(&self, lifetimes: Lifetimes, revalidate_secs: u64) -> Range<u64> {
        let unchecked = lifetimes.idle_secs.min(revalidate_secs);
        if self.partial || unchecked == 0 || lifetimes.absolute_secs == 0 {
            return 0..0;
        }
        let end = self
            .born_secs
            .saturating_add(lifetimes.absolute_secs)
            .min(self.revalidated_secs.saturating_add(unchecked))
            .min(self.until_secs.unwrap_or(u64::MAX));
        self.revalidated_secs.saturating_sub(SKEW_SECS)..end
    }

    /// Whether the session may be served although its object cannot be reached.
    pub fn within_stale_grace(&self, revalidate_secs: u64, grace_secs: u64, now: UnixMs) -> bool {
        !self.partial
            && self.since_revalidation_secs(now) < revalidate_secs.saturating_add(grace_secs)
            && self.revalidated_secs <= now.secs().saturating_add(SKEW_SECS)
    }

    /// Checks the age of the login; that the session is alive is for [`is_alive`](Self::is_alive), and a factor for
    /// [`meets_demand`](Self::meets_demand).
    ///
    /// # Errors
    /// The login is not fresh.
    pub fn meets(&self, requirement: &Requirement, now: UnixMs) -> Result<(), NotFresh> {
        let is_fresh = |max_age_secs: u64| self.is_fresh(max_age_secs.saturating_add(self.paused_secs), now);
        if requirement.fresh.is_some_and(|max_age_secs| !is_fresh(max_age_secs)) {
            return Err(NotFresh);
        }
        Ok(())
    }

    /// Checks the factors that were given in this session, and the one of the CAS server.
    ///
    /// # Errors
    /// What is missing.
    pub fn meets_demand(&self, demand: &Demand, cas: Option<&Given>, now: UnixMs) -> Result<(), FactorUnmet> {
        match cas {
            None => demand.is_met(&self.given, now),
            Some(cas) => {
                let both: Vec<Given> = self.given.iter().chain([cas]).cloned().collect();
                demand.is_met(&both, now)
            }
        }
    }

    /// The factor that was given last.
    pub fn last_given(&self) -> Option<&Given> {
        self.given.iter().max_by_key(|given| (!given.remembered, given.at_secs))
    }

    /// Adds a factor, in place of an earlier one of this kind.
    pub fn raise(&mut self, given: Given) {
        self.given.retain(|known| known.kind != given.kind || known.remembered != given.remembered);
        self.given.push(given);
    }

    /// The same session as its object knows it, with what only its earlier cookie knows: the person's factors where nothing has
    /// changed, and what a page has asked for.
    #[must_use]
    pub(crate) fn or_as_before(self, earlier: &Self) -> Self {
        Self {
            enrolled: self.enrolled.or(earlier.enrolled),
            only_passkey: earlier.only_passkey,
            grace_until_secs: earlier.grace_until_secs,
            asked_secs: earlier.asked_secs,
            paused_secs: earlier.paused_secs,
            ..self
        }
    }

    /// The same session, of which a page that demands a recent login now asks a factor as well.
    #[must_use]
    pub(crate) fn asked_now(self, now: UnixMs) -> Self {
        Self { asked_secs: now.secs(), ..self }
    }

    /// The same session after this factor was given. The time that it took makes the login no older, so that a page which demands both
    /// does not ask for ever. An earlier factor, which a portal hands over, took none.
    #[must_use]
    pub(crate) fn paused_for(self, given: &Given, now: UnixMs) -> Self {
        let took_secs = now.secs().saturating_sub(self.asked_secs);
        let was_asked = given.at_secs.is_some_and(|at| at >= self.asked_secs) && took_secs <= MAX_ASKED_SECS;
        let more_secs = if was_asked && !given.remembered { took_secs } else { 0 };
        // Bounded: with a short age of the factor, its owner could otherwise stretch one login for ever.
        Self { asked_secs: 0, paused_secs: self.paused_secs.saturating_add(more_secs).min(MAX_ASKED_SECS), ..self }
    }

    /// The same session, with what its cookie knows of the person's factors.
    #[must_use]
    pub fn with_enrolled(self, enrolled: Option<bool>) -> Self {
        Self { enrolled, ..self }
    }

    /// The same session, with the person's wish to be asked only for a passkey, and the end of the person's own grace.
    #[must_use]
    pub(crate) fn with_person(self, only_passkey: bool, grace_until_secs: u64) -> Self {
        Self { only_passkey, grace_until_secs, ..self }
    }

    /// The same session as an earlier cookie of this id shows it.
    pub(super) fn former(&self, cookie_id: &str, given: &[Given], until_secs: u64) -> Self {
        Self { given: given.to_vec(), cookie_id: cookie_id.to_owned(), until_secs: Some(until_secs), ..self.clone() }
    }

    /// Whether the login asked for the password.
    pub const fn asked_password(&self) -> bool {
        self.fresh
    }

    /// Cache key of its assertions: their claims about the factor change within a session.
    pub(crate) fn assertion_key(&self) -> String {
        let mut key = self.sid.clone();
        for given in &self.given {
            let at = given.at_secs.unwrap_or_default();
            let flags = [given.remembered, given.verified, given.synced].map(u8::from);
            key.push_str(&format!(" {}{at}{flags:?}", given.kind.word()));
        }
        key
    }

    /// Whether its login asked for the password less than `max_age_secs` ago.
    pub fn is_fresh(&self, max_age_secs: u64, now: UnixMs) -> bool {
        self.fresh && self.age_secs(now) < max_age_secs && self.born_secs <= now.secs().saturating_add(SKEW_SECS)
    }

    /// The same session, revalidated now.
    #[must_use]
    pub fn revalidated(self, now: UnixMs) -> Self {
        Self { revalidated_secs: now.secs(), ..self }
    }

    /// When it was looked up.
    pub const fn revalidated_at(&self) -> UnixMs {
        UnixMs::from_secs(self.revalidated_secs)
    }

    /// When the person signed in.
    pub const fn born(&self) -> UnixMs {
        UnixMs::from_secs(self.born_secs)
    }

    /// All values of an attribute; `None` if the CAS server did not send it.
    pub fn attribute(&self, name: &str) -> Option<&[String]> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, values)| values.as_slice())
    }

    /// How much text its attributes hold; its names are short.
    pub(crate) fn text_bytes(&self) -> usize {
        let texts = self.attributes.iter().flat_map(|(name, values)| values.iter().chain([name]));
        texts.map(|text| size_of::<String>() + text.len()).sum()
    }

    /// Seals the session for the cookie. The longest attributes are left out while it is too long.
    pub fn seal(&self, site: &Site, keyring: &Keyring, moment: &mut Moment) -> Option<String> {
        let mut kept = self.clone();
        loop {
            let sealed = keyring.seal(Purpose::Session, site.scope(), &kept, moment)?;
            if sealed.len() + site.cookies.session.len() <= MAX_COOKIE_BYTES {
                return Some(sealed);
            }
            let bytes = |values: &[String]| values.iter().map(String::len).sum::<usize>() + values.len();
            let longest =
                kept.attributes.iter().enumerate().max_by_key(|(_, (_, values))| bytes(values)).map(|(at, _)| at)?;
            kept.attributes.remove(longest);
            kept.partial = true;
        }
    }

    /// Opens a cookie of this site.
    pub fn open(site: &Site, keyring: &Keyring, sealed: &str) -> Option<Self> {
        keyring.open(Purpose::Session, site.scope(), sealed)
    }

    fn age_secs(&self, now: UnixMs) -> u64 {
        now.secs_since(self.born())
    }

    pub(crate) fn since_revalidation_secs(&self, now: UnixMs) -> u64 {
        now.secs_since(UnixMs::from_secs(self.revalidated_secs))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::policy::demand::Kind;

    #[test]
    fn s10_a_fresh_login_is_met_to_the_second_and_by_a_password_alone() {
        let session = |fresh| {
            let object = json::from_str("\"o\"").unwrap();
            Session::new(object, String::new(), String::new(), Vec::new(), fresh, UnixMs::from_secs(100))
        };
        let fresh = Requirement { fresh: Some(20), ..Requirement::LOGIN };
        for (now, want) in [(39, Err(NotFresh)), (40, Ok(())), (100, Ok(())), (119, Ok(())), (120, Err(NotFresh))] {
            assert_eq!(session(true).meets(&fresh, UnixMs::from_secs(now)), want, "{now}");
            assert_eq!(session(false).meets(&fresh, UnixMs::from_secs(now)), Err(NotFresh), "{now}");
            assert_eq!(session(false).meets(&Requirement::LOGIN, UnixMs::from_secs(now)), Ok(()), "{now}");
        }
    }

    fn session(attributes: Vec<(String, Vec<String>)>) -> Session {
        let object = json::from_str("\"o\"").unwrap();
        Session::new(object, "s".into(), "ann".into(), attributes, false, UnixMs::from_secs(1_000))
    }

    #[test]
    fn a_session_is_written_without_what_it_has_not() {
        let plain = session(Vec::new());
        let text = r#"{"o":"o","i":"s","u":"ann","b":1000,"c":1000}"#;
        assert_eq!(json::to_string(&plain), text);
        let full = Session {
            attributes: vec![("mail".into(), vec!["a@b".into()])],
            fresh: true,
            asked: CasAsked::ForPage,
            given: vec![Given::now(Kind::App, "e".into(), UnixMs::from_secs(1_000))],
            cookie_id: "c".into(),
            until_secs: Some(2_000),
            enrolled: Some(false),
            place: Some(Box::new(("browser".into(), "network".into()))),
            partial: true,
            ..plain
        };
        assert_eq!(json::from_str::<Session>(&json::to_string(&full)).unwrap(), full);
    }

    #[test]
    fn a_cookie_learns_of_a_factor_and_keeps_what_it_knows() {
        for (known, earlier, want) in
            [(None, Some(true), Some(true)), (Some(false), Some(true), Some(false)), (None, None, None)]
        {
            let before = session(Vec::new()).with_enrolled(earlier);
            let session = session(Vec::new()).with_enrolled(known);
            assert_eq!((session.enrolled, session.or_as_before(&before).enrolled), (known, want));
        }
    }

    #[test]
    fn an_earlier_cookie_ends_to_the_second_and_a_far_future_is_not_trusted() {
        let lifetimes = Lifetimes { idle_secs: 5_000, absolute_secs: 5_000 };
        let former = session(Vec::new()).former("c", &[], 1_060);
        for (now, want) in [(1_000, true), (1_059, true), (1_060, false)] {
            assert_eq!(former.is_alive(lifetimes, UnixMs::from_secs(now)), want, "{now}");
        }
        for (now, want) in [(939, true), (940, false), (1_000, false), (1_059, false), (1_060, true)] {
            assert_eq!(former.needs_revalidation(60, UnixMs::from_secs(now)), want, "{now}");
        }
    }

    #[test]
    fn a_factor_takes_the_place_of_one_of_its_kind() {
        let given = |kind, at, remembered| Given { remembered, ..Given::now(kind, "e".into(), UnixMs::from_secs(at)) };
        let mut session = session(Vec::new());
        assert_eq!(session.last_given(), None);
        let raises = [
            given(Kind::App, 10, false),
            given(Kind::Passkey, 20, false),
            given(Kind::App, 30, true),
            given(Kind::App, 15, false),
            given(Kind::App, 40, true),
        ];
        for raise in &raises {
            session.raise(raise.clone());
        }
        assert_eq!(session.given, [raises[1].clone(), raises[3].clone(), raises[4].clone()]);
        assert_eq!(session.last_given(), Some(&raises[1]), "a device stood in for the one at 40");
    }

    #[test]
    fn a_cookie_has_a_greatest_length_and_says_when_it_lacks_something() {
        let (site, keyring) = (Site::example(), Keyring::parse(&"A".repeat(43)).unwrap());
        let mut moment = Moment::new(UnixMs::from_secs(1_000), [1; 32]);
        let mut both = [false; 2];
        for length in 2_400..2_600 {
            let session = session(vec![("mail".into(), vec!["x".repeat(length)])]);
            let whole = keyring.seal(Purpose::Session, site.scope(), &session, &mut moment).unwrap();
            let cookie = session.seal(&site, &keyring, &mut moment).unwrap();
            let partial = Session::open(&site, &keyring, &cookie).unwrap().partial;
            assert_eq!(partial, whole.len() + site.cookies.session.len() > MAX_COOKIE_BYTES, "{length}");
            both[usize::from(partial)] = true;
        }
        assert_eq!(both, [true; 2]);
    }

    #[test]
    fn of_a_cookie_that_is_too_long_the_longest_attribute_is_left_out() {
        let (site, keyring) = (Site::example(), Keyring::parse(&"A".repeat(43)).unwrap());
        let values = |count: usize, bytes: usize| vec!["x".repeat(bytes); count];
        for (user, one, many, want) in [
            (10, values(1, 1_500), values(10, 10), &["one", "many"][..]),
            (10, values(1, 1_400), values(350, 1), &["many"]),
            (700, values(1, 850), values(300, 2), &["one"]),
        ] {
            let mut session = session(vec![("one".into(), one), ("many".into(), many)]);
            session.user = "u".repeat(user);
            let mut moment = Moment::new(UnixMs::from_secs(1_000), [1; 32]);
            let cookie = session.seal(&site, &keyring, &mut moment).unwrap();
            let opened = Session::open(&site, &keyring, &cookie).unwrap();
            let names: Vec<_> = opened.attributes.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!((names.as_slice(), opened.partial), (want, want.len() < 2), "{user}");
        }
    }

    proptest! {
        /// Small numbers, so that each border is met.
        #[test]
        fn it_is_believed_exactly_while_it_lives_and_need_not_be_looked_up(
            born_secs in 100_u64..140, revalidated_secs in 100_u64..200, partial: bool,
            idle_secs in 0_u64..90, absolute_secs in 0_u64..90, revalidate_secs in 0_u64..90, now in 0_u64..400,
            until_secs in prop::option::of(100_u64..300),
        ) {
            let session = Session {
                object: json::from_str("\"o\"").unwrap(),
                sid: String::new(),
                user: String::new(),
                attributes: Vec::new(),
                born_secs,
                revalidated_secs,
                fresh: false,
                asked: CasAsked::Nothing,
                given: Vec::new(),
                cookie_id: String::new(),
                until_secs,
                enrolled: None,
                only_passkey: false,
                grace_until_secs: 0,
                asked_secs: 0,
                paused_secs: 0,
                place: None,
                partial,
                bearer_secs: None,
            };
            let lifetimes = Lifetimes { idle_secs, absolute_secs };
            let at = UnixMs::from_secs(now);
            let want = session.is_alive(lifetimes, at) && !session.needs_revalidation(revalidate_secs, at);
            prop_assert_eq!(session.valid_until_revalidation(lifetimes, revalidate_secs).contains(&now), want);
        }
    }
}
