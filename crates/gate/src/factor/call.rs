//! Calls to a person's object, and their results.

use base::UnixMs;
use serde::{Deserialize, Serialize};

use super::{
    enrolment::{Enrolment, State},
    record::{AuditRow, Change, Lost},
    sealed::Place,
    webauthn::UserVerification,
};
use crate::{
    keys::seal::{Keyring, ObjectName},
    policy::demand::{Given, Kind},
};

/// Who may enrol a first factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enrolling {
    /// Who has just signed in.
    Open,
    /// The same, before this time in seconds.
    Until(u64),
    /// The same, inside the networks of the policy.
    Network,
    /// Who was invited.
    Invited,
}

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
}

impl<'a> PersonEnv<'a> {
    pub(super) const fn place(&self) -> Place<'a> {
        Place { keys: self.keys, tenant: self.tenant, object: self.object }
    }
}

/// The session of the browser, and facts about its sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
            Self::Pay(change) => serde_json::to_string(change).unwrap_or_default(),
        }
    }
}

/// What is enrolled.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Confirm {
    /// One code by the clock.
    Code(String),
    /// Two codes in a row by a counter.
    Codes(String, String),
    /// The new passkey's answer, as JSON.
    Passkey(String),
}

/// A call to a person's object. Every call with a visit also registers its session.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// An errand was done.
    Told(u64),
}

/// The factors that can be given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Menu {
    /// Whether the person has any factor; if not, one may be enrolled under the policy.
    pub enrolled: bool,
    /// Kinds, the last used first. Labels are not shown to somebody who gave only the password.
    pub kinds: Vec<Kind>,
    /// Recovery codes that are left.
    pub codes_left: usize,
    /// What a remembered device stands in for.
    pub remembered: Option<Given>,
    /// When guesses of codes are compared again, in seconds.
    pub wait_secs: Option<u64>,
    /// The number of delayed changes, for a banner on every page.
    pub changes: usize,
}

/// A factor was given.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passed {
    /// The factor.
    pub given: Given,
    /// The record's generation, which the answer to a site carries.
    pub generation: String,
    /// The cookie of this device, now known.
    pub device: Option<String>,
    /// Recovery codes that are left, after one was used.
    pub codes_left: Option<usize>,
}

/// The content of an enrolment page, shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Show {
    /// An `otpauth` address for the QR code, and its key as text.
    App {
        /// The enrolment.
        id: String,
        /// The address.
        address: String,
        /// The key in base32.
        key: String,
    },
    /// A token waits for its codes.
    Token {
        /// The enrolment.
        id: String,
    },
    /// Options for a passkey, as JSON (Level 3 section 5.4).
    Passkey {
        /// The enrolment.
        id: String,
        /// `PublicKeyCredentialCreationOptionsJSON`.
        options: String,
    },
}

/// The person's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// Factors, without their credentials.
    pub factors: Vec<FactorView>,
    /// Recovery codes that are left.
    pub codes_left: usize,
    /// Devices: id, name, last use, whether remembered.
    pub devices: Vec<(String, String, u64, bool)>,
    /// Sessions: id, site, browser, birth.
    pub sessions: Vec<(String, String, String, u64)>,
    /// Changes that wait: id, change, from when.
    pub changes: Vec<(String, Change, u64)>,
    /// "Ask me only for my passkey".
    pub only_passkey: bool,
    /// What happened.
    pub audit: Vec<AuditRow>,
}

/// A factor on the person's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in the enrolment")]
pub struct FactorView {
    pub id: String,
    pub label: String,
    pub kind: Kind,
    /// Whether it can be used now.
    pub usable: bool,
    /// The time from which it can be used, in seconds.
    pub held_until_secs: Option<u64>,
    pub created_secs: u64,
    pub used_secs: u64,
}

impl FactorView {
    pub(super) fn of(enrolment: &Enrolment, now: UnixMs) -> Self {
        Self {
            id: enrolment.id.clone(),
            label: enrolment.label.clone(),
            kind: enrolment.kind,
            usable: enrolment.is_usable(now),
            held_until_secs: match enrolment.state {
                State::Held { from_secs } => Some(from_secs),
                _ => None,
            },
            created_secs: enrolment.created_secs,
            used_secs: enrolment.used_secs,
        }
    }
}

base::codes! {
    /// Why a person's object refuses.
    #[derive(Serialize, Deserialize)]
    pub enum Refusal {
        /// The code is wrong or was used.
        WrongCode = "FACTOR_WRONG_CODE",
        /// The passkey was not accepted.
        PasskeyRefused = "FACTOR_PASSKEY_REFUSED",
        /// The passkey's counter stood still: it may have been copied.
        PasskeyCounter = "FACTOR_PASSKEY_COUNTER",
        /// The page took too long; it begins again.
        ChallengeOver = "FACTOR_CHALLENGE_OVER",
        /// The person asked to be asked for a passkey alone.
        OnlyPasskey = "FACTOR_ONLY_PASSKEY",
        /// The session was ended.
        SessionEnded = "FACTOR_SESSION_ENDED",
        /// There is no such factor, change or enrolment.
        Unknown = "FACTOR_UNKNOWN",
        /// A factor must be given for this very change first.
        NeedsFactor = "FACTOR_NEEDED",
        /// A fresh sign-in is needed first.
        NeedsFreshLogin = "FACTOR_NEEDS_FRESH_LOGIN",
        /// The sign-in server's own second factor is needed first.
        NeedsCasFactor = "FACTOR_NEEDS_CAS_FACTOR",
        /// An invitation is needed.
        NeedsInvitation = "FACTOR_NEEDS_INVITATION",
        /// The invitation is used, over, or another person's.
        InvitationOver = "FACTOR_INVITATION_OVER",
        /// Enrolment is over, or not from this network.
        NotHere = "FACTOR_NOT_HERE",
        /// Who acts for another user enrols nothing.
        Surrogate = "FACTOR_SURROGATE",
        /// The last factor stays where a rule requires one.
        LastFactor = "FACTOR_LAST",
        /// There are too many.
        Full = "FACTOR_FULL",
        /// The key, the code's settings or the name cannot be used.
        BadSettings = "FACTOR_BAD_SETTINGS",
        /// A known device is needed.
        NeedsKnownDevice = "FACTOR_NEEDS_KNOWN_DEVICE",
    }
}

/// The result of a call to a person's object.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PersonVerdict {
    /// What can be given.
    Menu(Box<Menu>),
    /// Options for a passkey, as JSON (Level 3 section 5.5).
    Options(String),
    /// A factor was given.
    Passed(Box<Passed>),
    /// A page that is shown once.
    Show(Show),
    /// The factor is enrolled and can be used from this time. A first factor comes with recovery codes.
    Enrolled {
        /// In seconds.
        from_secs: u64,
        /// Ten codes, shown once.
        codes: Vec<String>,
        /// The raised session, if the factor can be used at once.
        passed: Option<Box<Passed>>,
    },
    /// The factor was accepted as payment for an enrolment, for five minutes.
    Paid,
    /// A new set of recovery codes, usable from this time.
    Codes {
        /// In seconds.
        from_secs: u64,
        /// Ten codes, shown once.
        codes: Vec<String>,
    },
    /// The change is made, or will be at this time.
    Changed {
        /// In seconds.
        from_secs: u64,
    },
    /// The letters that a new browser shows.
    Letters(String),
    /// The person's page.
    Page(Box<View>),
    /// Nothing was compared; the next try may succeed from this time on, in seconds.
    Wait {
        /// In seconds.
        until_secs: u64,
    },
    /// Refused.
    Refused(Refusal),
    /// No key opens a stored secret. It is never reported as a wrong code, because an operator must act.
    Unreadable {
        /// The id of the key that is missing.
        kid: String,
    },
    /// The record cannot be used. An operator must act.
    Lost(Lost),
    /// It is done.
    Done,
    /// The object could not be reached, or its outbox is full.
    Unavailable,
}

impl core::fmt::Debug for PersonVerdict {
    /// Writes no secrets.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Menu(menu) => write!(f, "{menu:?}"),
            Self::Options(_) => f.write_str("Options"),
            Self::Passed(passed) => write!(f, "Passed({:?})", passed.given),
            Self::Show(_) => f.write_str("Show"),
            Self::Enrolled { from_secs, .. } => write!(f, "Enrolled({from_secs})"),
            Self::Paid => f.write_str("Paid"),
            Self::Codes { from_secs, .. } => write!(f, "Codes({from_secs})"),
            Self::Changed { from_secs } => write!(f, "Changed({from_secs})"),
            Self::Letters(_) => f.write_str("Letters"),
            Self::Page(_) => f.write_str("Page"),
            Self::Wait { until_secs } => write!(f, "Wait({until_secs})"),
            Self::Refused(refusal) => write!(f, "Refused({refusal:?})"),
            Self::Unreadable { kid } => write!(f, "Unreadable({kid})"),
            Self::Lost(lost) => write!(f, "Lost({lost:?})"),
            Self::Done => f.write_str("Done"),
            Self::Unavailable => f.write_str("Unavailable"),
        }
    }
}
