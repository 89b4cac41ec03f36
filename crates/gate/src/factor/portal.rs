//! Messages between a site and the portal. Each is sealed for its receiver. The site checks the answer against its own cookie
//! and its own rule.
//!
//! A sealed message is a list of texts in the order of the struct. A reader of its own for each would be larger than all of this.

use base::{Moment, Secret, UnixMs};
use base64ct::{Base64UrlUnpadded, Encoding as _};

use super::record::random;
use crate::{
    http::cookie::{self, CookieNames},
    keys::seal::{Keyring, ObjectName, Purpose, Scope},
    policy::demand::{Demand, Given, Kind, Unmet},
    state::raise::PortalLink,
};

pub use crate::state::raise::Raise;

/// Life of a request: time to install an app, to fetch a token, to wait for help.
pub const REQUEST_SECS: u64 = 30 * 60;
/// Life of an answer.
pub const ANSWER_SECS: u64 = 30;
/// All requests that one browser has open on a host, in bytes of their cookies.
const MAX_COOKIE_BYTES: usize = 2048;
/// Letters of a request's id.
const RID_LETTERS: usize = 22;
/// Greatest accepted clock skew, in seconds.
const SKEW_SECS: u64 = 60;

/// A site's request to the portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalRequest {
    /// 128 random bits.
    pub rid: String,
    /// The site's id. Its address comes from the policy, so a request leads nowhere else.
    pub site: String,
    /// The session's public id.
    pub sid: String,
    /// The person.
    pub person: ObjectName,
    /// The user name for pages.
    pub shown: String,
    /// The CAS server's id.
    pub cas: String,
    /// When the login ended, in seconds.
    pub born_secs: u64,
    /// The browser of the sign-in. The portal answers without a click only for the same browser and network.
    pub browser: String,
    /// The network of the sign-in; empty where it is not known.
    pub network: String,
    /// A hint for the page. The site checks the answer by its own rule.
    pub want: Demand,
    /// When it was made, in seconds.
    pub at_secs: u64,
}

/// The site's data of its request, sealed in a cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalCookie {
    /// As in the request.
    pub rid: String,
    /// As in the request.
    pub sid: String,
    /// As in the request.
    pub person: ObjectName,
    /// The page that was asked for.
    pub page: String,
    /// When it was made, in seconds.
    pub at_secs: u64,
}

/// The portal's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalAnswer {
    /// As in the request.
    pub rid: String,
    /// As in the request.
    pub site: String,
    /// As in the request.
    pub sid: String,
    /// As in the request.
    pub person: ObjectName,
    /// The factor.
    pub given: Given,
    /// The portal's session. When it ends, the levels that came from it end too.
    pub portal_sid: String,
    /// When it was made, in seconds.
    pub at_secs: u64,
}

/// The site's own session and rule, when an answer arrives.
#[derive(Clone, Copy, Debug)]
pub struct Here<'a> {
    /// The site's id.
    pub site: &'a str,
    /// The session's public id.
    pub sid: &'a str,
    /// The session's person.
    pub person: &'a ObjectName,
    /// The demand of the requested page.
    pub demand: &'a Demand,
}

base::codes! {
    /// Why an answer of the portal is not taken.
    pub enum NotTaken {
        /// It is not sealed for this site.
        Unreadable = "PORTAL_UNREADABLE",
        /// This browser did not make this request.
        OtherRequest = "PORTAL_OTHER_REQUEST",
        /// It is for another site.
        OtherSite = "PORTAL_OTHER_SITE",
        /// It is for another session.
        OtherSession = "PORTAL_OTHER_SESSION",
        /// It is for another person.
        OtherPerson = "PORTAL_OTHER_PERSON",
        /// It has expired, or its time is in the future.
        Over = "PORTAL_OVER",
        /// The factor is not the one that the page demands.
        NotEnough = "PORTAL_NOT_ENOUGH",
    }
}

impl PortalRequest {
    /// Seals the request for the portal.
    pub fn seal(&self, keys: &Keyring, tenant: &str, portal: &str, moment: &mut Moment) -> Option<String> {
        let secs = self.want.max_age_secs.map_or_else(String::new, |secs| secs.to_string());
        let kinds: Vec<&str> = self.want.kinds.iter().map(|kind| kind.word()).collect();
        let (born, at, kinds) = (self.born_secs.to_string(), self.at_secs.to_string(), kinds.join(" "));
        let remembered = if self.want.remembered { "1" } else { "" };
        let ids = [&self.rid, &self.site, &self.sid, self.person.as_str(), &self.shown, &self.cas];
        let rest = [&born, &self.browser, &self.network, &kinds, &secs, remembered, &at];
        let message = [&ids[..], &rest[..]].concat();
        keys.seal(Purpose::PortalRequest, Scope { tenant, host: portal }, &message, moment)
    }

    /// Opens a request at the portal.
    pub fn open(keys: &Keyring, tenant: &str, portal: &str, text: &str, now: UnixMs) -> Option<Self> {
        let message: Vec<String> = keys.open(Purpose::PortalRequest, Scope { tenant, host: portal }, text)?;
        let [rid, site, sid, person, shown, cas, born, browser, network, kinds, secs, remembered, at] =
            message.try_into().ok()?;
        let want = Demand {
            kinds: kinds.split_whitespace().map(Kind::named).collect::<Option<_>>()?,
            max_age_secs: if secs.is_empty() { None } else { Some(secs.parse().ok()?) },
            remembered: !remembered.is_empty(),
        };
        let (person, born_secs, at_secs) = (ObjectName::parse(&person)?, born.parse().ok()?, at.parse().ok()?);
        let request = Self { rid, site, sid, person, shown, cas, born_secs, browser, network, want, at_secs };
        lives(request.at_secs, REQUEST_SECS, now).then_some(request)
    }

    /// A new id.
    pub fn rid(moment: &mut Moment) -> String {
        Base64UrlUnpadded::encode_string(&moment.draw::<16>())
    }

    /// The cookie of the request.
    pub fn cookie(&self, page: &str) -> PortalCookie {
        PortalCookie {
            rid: self.rid.clone(),
            sid: self.sid.clone(),
            person: self.person.clone(),
            page: page.to_owned(),
            at_secs: self.at_secs,
        }
    }
}

impl PortalCookie {
    /// Seals it for its site.
    pub fn seal(&self, keys: &Keyring, scope: Scope<'_>, moment: &mut Moment) -> Option<String> {
        let at = self.at_secs.to_string();
        let message = [self.rid.as_str(), &self.sid, self.person.as_str(), &self.page, &at].to_vec();
        keys.seal(Purpose::PortalCookie, scope, &message, moment)
    }

    /// Opens it at its site.
    pub fn open(keys: &Keyring, scope: Scope<'_>, text: &str, now: UnixMs) -> Option<Self> {
        let message: Vec<String> = keys.open(Purpose::PortalCookie, scope, text)?;
        let [rid, sid, person, page, at] = message.try_into().ok()?;
        let cookie = Self { rid, sid, person: ObjectName::parse(&person)?, page, at_secs: at.parse().ok()? };
        lives(cookie.at_secs, REQUEST_SECS, now).then_some(cookie)
    }
}

impl PortalAnswer {
    /// Seals the answer for the site of this public origin.
    pub fn seal(&self, keys: &Keyring, scope: Scope<'_>, moment: &mut Moment) -> Option<String> {
        let (given, at) = (json::to_string(&self.given), self.at_secs.to_string());
        let ids = [&self.rid, &self.site, &self.sid, self.person.as_str()];
        let message = [&ids[..], &[&given, &self.portal_sid, &at]].concat();
        keys.seal(Purpose::PortalAnswer, scope, &message, moment)
    }

    /// Opens an answer at its site.
    ///
    /// # Errors
    /// [`NotTaken::Unreadable`].
    pub fn open(keys: &Keyring, scope: Scope<'_>, text: &str) -> Result<Self, NotTaken> {
        keys.open(Purpose::PortalAnswer, scope, text).and_then(Self::read).ok_or(NotTaken::Unreadable)
    }

    fn read(message: Vec<String>) -> Option<Self> {
        let [rid, site, sid, person, given, portal_sid, at] = message.try_into().ok()?;
        let (person, given) = (ObjectName::parse(&person)?, json::from_str(&given).ok()?);
        Some(Self { rid, site, sid, person, given, portal_sid, at_secs: at.parse().ok()? })
    }

    /// Checks that the answer belongs to this browser's request, site, session and person, and meets the page's demand.
    ///
    /// # Errors
    /// The first difference. Then nothing may be raised.
    pub fn judge(self, cookie: Option<&PortalCookie>, here: Here<'_>, moment: &mut Moment) -> Result<Raise, NotTaken> {
        let now = moment.now();
        let cookie = cookie.ok_or(NotTaken::OtherRequest)?;
        let same = |one: &str, two: &str| Secret::from(one.as_bytes()).ct_eq(two.as_bytes());
        if !same(&self.rid, &cookie.rid) {
            return Err(NotTaken::OtherRequest);
        }
        if self.site != here.site {
            return Err(NotTaken::OtherSite);
        }
        if self.sid != here.sid || cookie.sid != here.sid {
            return Err(NotTaken::OtherSession);
        }
        if self.person != *here.person || cookie.person != *here.person {
            return Err(NotTaken::OtherPerson);
        }
        if !lives(self.at_secs, ANSWER_SECS, now) || !lives(cookie.at_secs, REQUEST_SECS, now) {
            return Err(NotTaken::Over);
        }
        // An answer of the portal is not enough by itself; the given factor must meet the demand.
        here.demand.is_met(core::slice::from_ref(&self.given), now).map_err(|_: Unmet| NotTaken::NotEnough)?;
        let Self { rid, sid, given, portal_sid, person, .. } = self;
        let portal = Some(PortalLink { person, sid: portal_sid });
        Ok(Raise { rid, sid, given, portal, cookie_id: random(moment) })
    }
}

/// Whether a text of an address is a request's id. It then may stand in the name of a cookie.
pub(crate) fn is_rid(text: &str) -> bool {
    text.len() == RID_LETTERS && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// What this browser's cookie has of the request with this id.
pub(crate) fn remembered<'h>(names: &CookieNames, headers: &[(&'h str, &'h str)], rid: &str) -> Option<&'h str> {
    let is_it = |name: &str| name.strip_prefix(names.request.as_str()) == Some(rid);
    cookie::pairs(headers).find(|(name, _)| is_it(name)).map(|(_, value)| value).filter(|_| is_rid(rid))
}

/// The `Set-Cookie` values that remember a request, and delete those that are over or too many. `began` opens a cookie's value,
/// and tells when its request was made.
pub(crate) fn remember(
    names: &CookieNames,
    headers: &[(&str, &str)],
    (rid, value): (&str, &str),
    began: impl Fn(&str) -> Option<u64>,
) -> Vec<String> {
    let known = cookie::pairs(headers).filter_map(|(name, value)| {
        let other = name.strip_prefix(names.request.as_str()).filter(|other| is_rid(other) && *other != rid)?;
        Some((began(value), other, name.len() + value.len()))
    });
    let mut known: Vec<_> = known.collect();
    base::order::sort_long(&mut known, |one, next| one > next);
    let mut room = MAX_COOKIE_BYTES.saturating_sub(names.request.len() + rid.len() + value.len());
    let mut set = vec![names.set(&format!("{}{rid}", names.request), value, Some(REQUEST_SECS))];
    for (began, other, bytes) in known {
        match room.checked_sub(bytes).filter(|_| began.is_some()) {
            Some(left) => room = left,
            None => {
                room = if began.is_some() { 0 } else { room };
                set.push(names.clear(&format!("{}{other}", names.request)));
            }
        }
    }
    set
}

const fn lives(at_secs: u64, life_secs: u64, now: UnixMs) -> bool {
    let now = now.secs();
    at_secs <= now.saturating_add(SKEW_SECS) && now < at_secs.saturating_add(life_secs)
}

#[cfg(test)]
mod tests;
