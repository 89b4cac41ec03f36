//! A form that waits in the browser for its person to sign in again. It is sealed, so that neither the app's scripts nor the
//! next person at that browser can read it.

use base::UnixMs;
use json::{FromJson, ToJson};

use super::session::Session;
use crate::{keys::seal::ObjectName, policy::site::Site};

/// Longest form that is kept, in bytes of its body.
pub(crate) const MAX_FORM_BYTES: usize = 32 * 1024;
/// Longest kept form as it comes back: sealed JSON in base64, and its proof.
pub(crate) const MAX_KEPT_FORM_BYTES: usize = 96 * 1024;
/// How long a form is kept, in seconds.
const KEPT_SECS: u64 = 30 * 60;
/// Parts of names whose values are not kept: they are typed again.
const SECRET: [&str; 5] = ["pass", "pwd", "pin", "otp", "code"];

/// The content of a kept form.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
pub(crate) struct KeptForm {
    /// Its name in the tab.
    #[serde(rename = "k")]
    pub(crate) name: String,
    /// Path and query that it was posted to.
    #[serde(rename = "p")]
    pub(crate) page: String,
    /// Its owner: CAS server and user.
    #[serde(rename = "u")]
    person: (String, String),
    /// When it was posted, in seconds since 1970.
    #[serde(rename = "s")]
    pub(crate) secs: u64,
    /// Names and values; a value that looks secret is left out.
    #[serde(rename = "f")]
    pub(crate) fields: Vec<(String, Option<String>)>,
}

/// The proof that a session came from the login for which the form of this name was kept.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
pub(crate) struct FormLogin {
    #[serde(rename = "k")]
    pub(crate) name: String,
    #[serde(rename = "o")]
    pub(crate) object: ObjectName,
    /// The index of the rule that the form was posted under, whose factor comes first. A changed policy judges the form anew.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub(crate) rule: Option<usize>,
}

impl KeptForm {
    /// Reads the form; `None` for one that a browser would not send again byte for byte.
    pub(crate) fn read(
        name: String,
        page: &str,
        body: &[u8],
        (site, session): (&Site, &Session),
        now: UnixMs,
    ) -> Option<Self> {
        let text = core::str::from_utf8(body).ok().filter(|text| !text.is_empty() && text.len() <= MAX_FORM_BYTES)?;
        let mut fields = Vec::new();
        let mut again = String::with_capacity(text.len());
        for pair in text.split('&') {
            let (name, value) = pair.split_once('=')?;
            let (name, value) = (cas::percent::decode_form(name)?, cas::percent::decode_form(value)?);
            if !again.is_empty() {
                again.push('&');
            }
            write_form(&mut again, &name);
            again.push('=');
            write_form(&mut again, &value);
            // A browser fills in this one itself.
            if name == "_charset_" || !is_sendable(&name) || !is_sendable(&value) {
                return None;
            }
            let lower = name.to_ascii_lowercase();
            let is_secret = SECRET.iter().any(|part| lower.contains(part));
            fields.push((name.into_owned(), (!is_secret).then(|| value.into_owned())));
        }
        (again == text).then(|| Self {
            name,
            page: page.to_owned(),
            person: person(site, session),
            secs: now.secs(),
            fields,
        })
    }

    /// Whether this session may see the form and send it: it is the same person's, of the login that began for it, and in time.
    pub(crate) fn is_for(&self, login: &FormLogin, (site, session): (&Site, &Session), now: UnixMs) -> bool {
        let began = UnixMs::from_secs(self.secs);
        login.name == self.name
            && login.object == session.object
            && self.person == person(site, session)
            && now.secs_since(began) < KEPT_SECS
    }
}

fn person(site: &Site, session: &Session) -> (String, String) {
    (site.server.base().to_owned(), session.user.clone())
}

/// Whether a hidden field brings a text back unchanged: browsers write every line break as CR LF, and HTML has no NUL.
fn is_sendable(text: &str) -> bool {
    let bare = text.replace("\r\n", "");
    !bare.contains(['\r', '\n', '\0'])
}

/// As a browser writes a form (WHATWG URL section 5.2).
fn write_form(out: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for b in text.bytes() {
        match b {
            b' ' => out.push('+'),
            b'*' | b'-' | b'.' | b'_' => out.push(char::from(b)),
            b if b.is_ascii_alphanumeric() => out.push(char::from(b)),
            b => {
                let digit = |half: u8| HEX.get(usize::from(half)).map_or('0', |digit| char::from(*digit));
                out.extend(['%', digit(b >> 4), digit(b & 15)]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::seal::IdKey;

    #[test]
    fn a_form_is_kept_up_to_its_greatest_length() {
        let (site, now) = (Site::example(), UnixMs::from_secs(100));
        let object = IdKey::parse(&"A".repeat(43)).unwrap().login("app", "flight");
        let session = Session::new(object, "sid".into(), "ann".into(), Vec::new(), false, now);
        for (length, want) in [(0, false), (1, false), (2, true), (32_768, true), (32_769, false)] {
            let body: Vec<u8> = b"a=".iter().copied().chain(core::iter::repeat(b'x')).take(length).collect();
            let kept = KeptForm::read("name".into(), "/", &body, (&site, &session), now);
            assert_eq!(kept.is_some(), want, "{length}");
        }
    }

    #[test]
    fn a_form_is_its_persons_and_its_logins_for_half_an_hour() {
        let (site, at) = (Site::example(), UnixMs::from_secs);
        let object = |flight: &str| IdKey::parse(&"A".repeat(43)).unwrap().login("app", flight);
        let session = |flight: &str, user: &str| {
            Session::new(object(flight), "sid".into(), user.into(), Vec::new(), false, at(100))
        };
        let ann = session("flight", "ann");
        let kept = KeptForm::read("name".into(), "/", b"a=b", (&site, &ann), at(100)).unwrap();
        let login = |name: &str| FormLogin { name: name.into(), object: object("flight"), rule: None };
        for (name, flight, user, now, want) in [
            ("name", "flight", "ann", 1_899, true),
            ("name", "flight", "ann", 1_900, false),
            ("other", "flight", "ann", 100, false),
            ("name", "other", "ann", 100, false),
            ("name", "flight", "bob", 100, false),
        ] {
            let is_for = kept.is_for(&login(name), (&site, &session(flight, user)), at(now));
            assert_eq!(is_for, want, "{name} {flight} {user} {now}");
        }
    }
}
