//! Calls to a person's object.

use json::{FromJson, ToJson};

use super::{record::Change, sealed::Place, webauthn::UserVerification};
use crate::{
    keys::seal::{Keyring, ObjectName},
    policy::demand::{Given, Kind},
};

pub use crate::policy::factor::Enrolling;

/// The keys, names and policy of a call.
#[derive(Clone, Copy)]
pub struct PersonEnv<'a> {
    /// The keys of data at rest.
    pub keys: &'a Keyring,
    /// The tenant's id.
    pub tenant: &'a str,
    /// The person's object.
    pub object: &'a ObjectName,
    /// The relying party's id of passkeys: the host of the pages.
    pub rp_id: &'a str,
    /// The one origin of passkeys.
    pub origin: &'a str,
    /// The name that authenticators show for this installation.
    pub issuer: &'a str,
    /// Whether passkeys must verify the person.
    pub verification: UserVerification,
    /// Who may enrol a first factor.
    pub enrolling: Enrolling,
    /// Whether the policy maps a factor of the CAS server: then a first enrolment needs that one.
    pub cas_mapped: bool,
    /// Whether a rule requires a factor of this person: then the last one is not removed.
    pub required: bool,
    /// How long a device is remembered, in seconds; absent where none is.
    pub remember_secs: Option<u64>,
    /// How long a person without a factor is not asked for one, in seconds; absent where the policy has no such grace.
    pub grace_secs: Option<u64>,
}

impl<'a> PersonEnv<'a> {
    pub(super) const fn place(&self) -> Place<'a> {
        Place { keys: self.keys, tenant: self.tenant, object: self.object }
    }
}

/// The session of the browser, and facts about its sign-in. It has the cookie of a device, so `Debug` is not derived.
#[derive(Clone, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// The session's public id.
    pub sid: String,
    /// The object that owns the session.
    pub object: ObjectName,
    /// The site's id.
    pub site: String,
    /// The browser's name for pages.
    pub browser: String,
    /// The user name for pages.
    pub shown: String,
    /// When the login ended, in seconds.
    pub born_secs: u64,
    /// Whether it asked for the password.
    pub fresh: bool,
    /// The cookie of a known device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Whether the browser is shared. It then does not become a known device.
    #[serde(default)]
    pub shared: bool,
    /// Whether it is inside the networks that may enrol.
    #[serde(default)]
    pub inside: bool,
    /// Whether somebody acts for another user.
    #[serde(default)]
    pub surrogate: bool,
    /// A factor of the CAS server that the gate asked for in this login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cas: Option<Given>,
    /// An invitation, opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<Invitation>,
    /// The kinds of factor that the directory lists for the person. The caller asks it before a first enrolment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listed: Vec<Kind>,
}

/// An operator's invitation to one person.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct Invitation {
    /// Its id, spent in the person's record.
    pub id: String,
    /// The person's object.
    pub person: ObjectName,
    /// Its end, in seconds.
    pub until_secs: u64,
}

/// The proof of a factor.
#[derive(Clone, PartialEq, Eq, ToJson, FromJson)]
pub enum Proof {
    /// A code of an app or a token.
    Code {
        /// The enrolment; by default the last used ones.
        of: Option<String>,
        /// The code.
        typed: String,
    },
    /// A recovery code.
    Recovery(String),
    /// A passkey's answer, as JSON.
    Passkey(String),
}

/// The purpose of a proof.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
pub enum Purpose {
    /// To raise the session.
    SignIn {
        /// Whether the device is to be remembered.
        remember: bool,
    },
    /// To pay for a change that the page names.
    Pay(Change),
}

impl Purpose {
    /// The text that a challenge is bound to. A challenge for one change does not pay for another.
    pub(super) fn text(&self) -> String {
        match self {
            Self::SignIn { .. } => "sign-in".into(),
            Self::Pay(change) => json::to_string(change),
        }
    }
}

/// What is enrolled.
#[derive(Clone, PartialEq, Eq, ToJson, FromJson)]
pub enum Begin {
    /// An authenticator app.
    App,
    /// A hardware token, by its seed.
    Token {
        /// The seed in base32 or hexadecimal.
        seed: String,
        /// Whether its codes count time; else it has a counter.
        timed: bool,
        /// `SHA1`, `SHA256` or `SHA512`.
        algorithm: String,
        /// Digits of a code.
        digits: u32,
        /// Seconds of a step.
        period_secs: u32,
    },
    /// A passkey.
    Passkey,
}

/// How an enrolment is confirmed.
#[derive(Clone, PartialEq, Eq, ToJson, FromJson)]
pub enum Confirm {
    /// One code by the clock.
    Code(String),
    /// Two codes in a row by a counter.
    Codes(String, String),
    /// The new passkey's answer, as JSON.
    Passkey(String),
}

impl PersonCall {
    /// The visit of the browser that makes it.
    pub(super) const fn visit(&self) -> Option<&Visit> {
        match self {
            Self::Offer(visit)
            | Self::Challenge(visit, _)
            | Self::Check(visit, ..)
            | Self::Begin(visit, ..)
            | Self::Confirm(visit, ..)
            | Self::Resync(visit, ..)
            | Self::Cancel(visit, _)
            | Self::View(visit)
            | Self::Pair(visit)
            | Self::LetIn(visit, _)
            | Self::Hand(visit, ..)
            | Self::Seen(visit)
            | Self::End(visit, _) => Some(visit),
            Self::Told(_) | Self::SignedOut(_) | Self::Left(..) => None,
        }
    }
}

/// A call to a person's object. Every call with a visit also registers its session.
#[derive(Clone, PartialEq, Eq, ToJson, FromJson)]
pub enum PersonCall {
    /// Which factors can be given. A new session makes this call before its cookie is sent.
    Offer(Visit),
    /// A challenge for a passkey.
    Challenge(Visit, Purpose),
    /// A proof.
    Check(Visit, Purpose, Proof),
    /// An enrolment begins.
    Begin(Visit, Begin, String),
    /// It is confirmed.
    Confirm(Visit, String, Confirm),
    /// A token is resynchronised by two codes in a row: one attempt.
    Resync(Visit, String, String, String),
    /// Cancels a delayed change. The session must have given a factor in the last five minutes.
    Cancel(Visit, String),
    /// The person's page, for a session that gave a factor.
    View(Visit),
    /// A new browser asks for letters.
    Pair(Visit),
    /// A known device accepts the letters that another browser shows.
    LetIn(Visit, String),
    /// Ends one session, or all of them ("that was not me") and forgets remembered devices.
    End(Visit, Option<String>),
    /// At the portal: the session hands a factor, given at this time in seconds, over to the session with this id at a site.
    /// `true`: without being asked for it, which news prevent that came after the factor.
    Hand(Visit, String, u64, bool),
    /// The person has seen the news.
    Seen(Visit),
    /// A session ended whose factor came from the session at the portal with this id.
    SignedOut(String),
    /// The session with this id ended; its factor may have come from the session at the portal with the other id.
    Left(String, Option<String>),
    /// An errand was done.
    Told(u64),
}
