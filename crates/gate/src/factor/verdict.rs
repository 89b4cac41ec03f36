//! Results of calls to a person's object.

use base::UnixMs;
use json::{FromJson, ToJson};

use super::{
    enrolment::{Enrolment, State},
    history::{AuditRow, Notice},
    record::{Change, Lost},
};
use crate::policy::demand::{Given, Kind};

/// The factors that can be given.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct Menu {
    /// Whether the person has any factor; if not, one may be enrolled under the policy.
    pub enrolled: bool,
    /// Kinds, the last used first. Labels are not shown to somebody who gave only the password.
    pub kinds: Vec<Kind>,
    /// Whether the person chose to be asked for the passkey alone.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub only_passkey: bool,
    /// Recovery codes that are left.
    pub codes_left: usize,
    /// The end of the person's own grace, in seconds; 0 without one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub grace_until_secs: u64,
    /// What a remembered device stands in for.
    pub remembered: Option<Given>,
    /// When guesses of codes are compared again, in seconds.
    pub wait_secs: Option<u64>,
    /// The number of delayed changes, for a banner on every page.
    pub changes: usize,
    /// The number of news that this session does not know of, for a banner too.
    #[serde(default)]
    pub news: usize,
}

const fn is_zero(secs: &u64) -> bool {
    *secs == 0
}

/// A factor was given.
#[derive(Clone, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct Passed {
    /// The factor.
    pub given: Given,
    /// The cookie of this device, now known.
    pub device: Option<String>,
    /// Recovery codes that are left, after one was used.
    pub codes_left: Option<usize>,
}

/// The content of an enrolment page, shown once.
#[derive(Clone, PartialEq, Eq, ToJson, FromJson)]
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
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
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
    /// News that are not dismissed.
    #[serde(default)]
    pub news: Vec<Notice>,
    /// What happened.
    pub audit: Vec<AuditRow>,
}

/// A factor on the person's page.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
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
                State::Held { from_secs, .. } => Some(from_secs),
                _ => None,
            },
            created_secs: enrolment.created_secs,
            used_secs: enrolment.used_secs,
        }
    }
}

base::codes! {
    /// Why a person's object refuses.
    #[derive(ToJson, FromJson)]
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
        /// The session at the site was ended.
        SiteSessionEnded = "FACTOR_SITE_SESSION_ENDED",
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
#[derive(Clone, PartialEq, Eq, ToJson, FromJson)]
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
