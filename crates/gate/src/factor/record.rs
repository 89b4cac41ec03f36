//! The record of a person: all data about the second factors of one account, in one text.

use base::{Moment, UnixMs, order::sort_short};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use json::{FromJson, ToJson};

use super::{
    device::Device,
    enrolment::{Enrolment, PENDING_SECS, State},
    errand::{DirectoryRow, Errand, ErrandKind, MAX_ERRANDS},
    history::{self, AuditRow, Happened, Notice},
    recovery::RecoveryCodes,
    throttle::TokenBucket,
};
use crate::{
    keys::seal::ObjectName,
    policy::demand::{Given, Kind},
};

/// Factors of one person.
pub const MAX_ENROLMENTS: usize = 16;
/// Live sessions of one person; beyond that the oldest is ended, never just forgotten.
pub const MAX_SESSIONS: usize = 40;
/// Delayed changes.
pub const MAX_CHANGES: usize = 8;
/// Life of news, in seconds.
const NOTICE_SECS: u64 = 30 * 86_400;
const MAX_REMOVED: usize = 64;
const MAX_ENDED: usize = 64;

/// The text before a record. A newer version has another one, and is not changed by this release.
const VERSION_1: &str = r#"{"v":1,"person":"#;
const VERSION_ANY: &str = r#"{"v":"#;

/// Why a record cannot be used. Nothing may be written, and nobody may enrol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToJson, FromJson)]
pub enum Lost {
    /// The record is of a newer release.
    Newer,
    /// The record cannot be read.
    Unreadable,
    /// The directory lists a factor of this person, and the record has none.
    Absent,
}

/// The record.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct PersonRecord {
    /// The user handle of passkeys: 32 random bytes, base64url.
    pub handle: String,
    /// Random, and new after every removal.
    pub generation: String,
    /// Sessions that began until this time are ended, in seconds.
    #[serde(default)]
    pub ended_before_secs: u64,
    /// Factors that were given until this time do not count any more, in seconds.
    #[serde(default)]
    pub lowered_before_secs: u64,
    /// The factors.
    #[serde(default)]
    pub enrolments: Vec<Enrolment>,
    /// The set in use, and a delayed one.
    #[serde(default)]
    pub recovery: Vec<RecoveryCodes>,
    /// Guesses from unknown devices.
    #[serde(default)]
    pub unknown: TokenBucket,
    /// Tries of recovery codes.
    #[serde(default)]
    pub paper: TokenBucket,
    /// Known devices.
    #[serde(default)]
    pub devices: Vec<Device>,
    /// Live sessions.
    #[serde(default)]
    pub sessions: Vec<PersonSession>,
    /// Ids of ended sessions, the newest last. Their cookies may still be used for a minute.
    #[serde(default)]
    pub ended: Vec<String>,
    /// Delayed changes.
    #[serde(default)]
    pub changes: Vec<WaitingChange>,
    /// Whether the person wants to be asked only for a passkey.
    #[serde(default)]
    pub only_passkey: bool,
    /// Fingerprints of removed enrolments.
    #[serde(default)]
    pub removed: Vec<String>,
    /// Used invitations, and when they expire, in seconds.
    #[serde(default)]
    pub invitations: Vec<(String, u64)>,
    /// The next errand's number.
    #[serde(default)]
    pub next_errand: u64,
    /// Errands that are not answered yet.
    #[serde(default)]
    pub outbox: Vec<Errand>,
    /// The day on which the directory was last told of a use.
    #[serde(default)]
    pub told_day: u64,
    /// The first sign-in under a rule that requires a factor, where the policy gives a grace from then on, in seconds; 0 for none.
    /// Nothing sets it back.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub first_asked_secs: u64,
    /// What happened, newest last.
    #[serde(default)]
    pub audit: Vec<AuditRow>,
    /// News that are not dismissed, newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
}

fn is_zero(secs: &u64) -> bool {
    *secs == 0
}

/// A live session of the person.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct PersonSession {
    /// Its public id.
    pub sid: String,
    /// The object that owns it.
    pub object: ObjectName,
    /// The site's id.
    pub site: String,
    /// The browser, as the page names it.
    pub browser: String,
    /// When its login ended, in seconds.
    pub born_secs: u64,
    /// The factor that was given in it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<Given>,
    /// The challenge for a passkey. Each session has one, so that no session replaces another's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<Challenge>,
    /// A factor that was given for a change, and the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid: Option<Paid>,
    /// The letters by which a known device lets this browser in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairing: Option<Pairing>,
    /// The session at the portal that its factor came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portal: Option<String>,
}

/// A challenge that was given out.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    /// 32 bytes, base64url.
    pub bytes: String,
    /// Its purpose. It is not accepted for another one.
    pub purpose: String,
    /// Its end, in seconds.
    pub until_secs: u64,
}

/// A factor that was given for an enrolment.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct Paid {
    /// The kind that it was given for.
    pub add: Kind,
    /// The kind that was given.
    pub kind: Kind,
    /// The enrolment that was given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    /// When, in seconds.
    pub at_secs: u64,
}

/// Eight letters that a new browser shows and a known device accepts.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct Pairing {
    /// The letters.
    pub letters: String,
    /// Its end, in seconds.
    pub until_secs: u64,
    /// Whether a known device accepted them. The session then has its own bucket.
    pub let_in: bool,
    /// The session's guesses.
    #[serde(default)]
    pub bucket: TokenBucket,
}

/// A change of a person's factors.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
pub enum Change {
    /// Another factor of this kind.
    Add(Kind),
    /// A factor is removed.
    Remove(String),
    /// A factor has another name.
    Rename(String, String),
    /// A factor is lost.
    Suspend(String),
    /// It was found again.
    Resume(String),
    /// A new set of recovery codes, which ends the old.
    Codes,
    /// Switches "ask me only for my passkey" on or off.
    OnlyPasskey(bool),
}

/// A change that a weaker factor paid for.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct WaitingChange {
    /// Its id.
    pub id: String,
    /// The change.
    pub change: Change,
    /// The kind that paid.
    pub kind: Kind,
    /// The enrolment that paid; when it is lost or removed, the change is dropped.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    /// When it is made, in seconds.
    pub from_secs: u64,
}

impl PersonRecord {
    /// A person without any factor.
    pub fn new(moment: &mut Moment) -> Self {
        Self {
            handle: Base64UrlUnpadded::encode_string(&moment.draw::<32>()),
            generation: random(moment),
            ended_before_secs: 0,
            lowered_before_secs: 0,
            enrolments: Vec::new(),
            recovery: Vec::new(),
            unknown: TokenBucket::default(),
            paper: TokenBucket::default(),
            devices: Vec::new(),
            sessions: Vec::new(),
            ended: Vec::new(),
            changes: Vec::new(),
            only_passkey: false,
            removed: Vec::new(),
            invitations: Vec::new(),
            next_errand: 0,
            outbox: Vec::new(),
            told_day: 0,
            first_asked_secs: 0,
            audit: Vec::new(),
            notices: Vec::new(),
        }
    }

    /// Reads a stored text. `None` is a person without a record.
    ///
    /// # Errors
    /// Why it cannot be used. It must not be overwritten.
    pub fn read(text: Option<&str>) -> Result<Option<Self>, Lost> {
        let Some(text) = text else { return Ok(None) };
        let Some(rest) = text.strip_prefix(VERSION_1) else {
            return Err(if text.starts_with(VERSION_ANY) { Lost::Newer } else { Lost::Unreadable });
        };
        let body = rest.strip_suffix('}').ok_or(Lost::Unreadable)?;
        json::from_str(body).map(Some).map_err(|_| Lost::Unreadable)
    }

    /// The text to store.
    pub fn write(&self) -> String {
        format!("{VERSION_1}{}}}", json::to_string(self))
    }

    /// Whether the person has a factor, be it usable or not.
    pub fn has_factor(&self) -> bool {
        self.enrolments.iter().any(Enrolment::counts)
    }

    /// The strength that a payment for a change must have.
    pub fn strongest(&self, now: UnixMs) -> u8 {
        self.enrolments.iter().filter_map(|enrolment| enrolment.strength(now)).max().unwrap_or(0)
    }

    /// Kinds that can be given, each once, the last used first.
    pub fn usable_kinds(&self, now: UnixMs) -> Vec<Kind> {
        let mut usable: Vec<&Enrolment> = self.enrolments.iter().filter(|enrolment| enrolment.is_usable(now)).collect();
        sort_short(&mut usable, |one, next| one.used_secs > next.used_secs);
        let mut kinds = Vec::new();
        for enrolment in usable {
            if !kinds.contains(&enrolment.kind) {
                kinds.push(enrolment.kind);
            }
        }
        kinds
    }

    /// The set of recovery codes in use.
    pub fn paper_codes(&mut self, now: UnixMs) -> Option<&mut RecoveryCodes> {
        self.recovery.iter_mut().rev().find(|set| set.from_secs <= now.secs())
    }

    /// The session of this id.
    pub fn session(&mut self, sid: &str) -> Option<&mut PersonSession> {
        self.sessions.iter_mut().find(|session| session.sid == sid)
    }

    /// The known device of this cookie.
    pub fn device(&mut self, cookie: Option<&str>, now: UnixMs) -> Option<&mut Device> {
        let cookie = cookie?;
        self.devices.iter_mut().find(|device| device.is_known_by(cookie, now))
    }

    /// Removes a session, with an errand to its object.
    pub fn end(&mut self, sid: &str) {
        if let Some(PersonSession { sid, object, .. }) = self.forget(sid) {
            self.tell(ErrandKind::End { object, sid });
        }
    }

    /// Removes a session that has ended.
    pub fn forget(&mut self, sid: &str) -> Option<PersonSession> {
        let at = self.sessions.iter().position(|session| session.sid == sid)?;
        let gone = self.sessions.remove(at);
        self.ended.push(gone.sid.clone());
        let over = self.ended.len().saturating_sub(MAX_ENDED);
        self.ended.drain(..over);
        Some(gone)
    }

    /// Ends a session at the portal, and lowers the sessions whose factors came from it.
    pub fn end_portal(&mut self, sid: &str, now: UnixMs) {
        let before_secs = now.secs();
        let from = self.sessions.iter_mut().filter(|session| session.portal.as_deref() == Some(sid));
        let lowered = from.map(|session| {
            session.portal = None;
            ErrandKind::Lower { object: session.object.clone(), sid: session.sid.clone(), before_secs }
        });
        for errand in lowered.collect::<Vec<_>>() {
            self.tell(errand);
        }
        self.end(sid);
    }

    /// Adds an errand. An equal one is replaced: the directory's row is made when it is sent.
    pub fn tell(&mut self, what: ErrandKind) {
        self.outbox.retain(|known| known.what != what);
        self.outbox.push(Errand { id: self.next_errand, what });
        self.next_errand = self.next_errand.saturating_add(1);
    }

    /// Tells the objects of all sessions whether the person has a factor: cookies from before say what was so at the sign-in.
    pub fn tell_enrolled(&mut self) {
        let all: Vec<_> = self.sessions.iter().map(|session| (session.object.clone(), session.sid.clone())).collect();
        for (object, sid) in all {
            self.tell(ErrandKind::Lower { object, sid, before_secs: 0 });
        }
    }

    /// The errands of a stored record. The adapter's alarm repeats until there are none.
    pub fn errands(text: &str) -> Vec<Errand> {
        Self::read(Some(text)).ok().flatten().map(|record| record.outbox).unwrap_or_default()
    }

    /// The time of the object's next alarm: `now` for errands that end something, later for a delayed change. `None` without either.
    pub fn due(&self, now: UnixMs) -> Option<UnixMs> {
        if self.outbox.iter().any(|errand| errand.what.ends()) {
            return Some(now);
        }
        self.changes.iter().map(|change| UnixMs::from_secs(change.from_secs)).min()
    }

    /// Whether there is no room for more errands.
    pub const fn is_busy(&self) -> bool {
        self.outbox.len() + MAX_SESSIONS > MAX_ERRANDS
    }

    /// The person's row in the directory.
    pub fn row(&self, now: UnixMs) -> DirectoryRow {
        let mut kinds: Vec<Kind> = self.enrolments.iter().filter(|e| e.counts()).map(|e| e.kind).collect();
        sort_short(&mut kinds, |one, next| one < next);
        kinds.dedup();
        let sealed = self.enrolments.iter().filter(|e| e.counts()).filter_map(Enrolment::secret);
        let mut kids: Vec<String> =
            sealed.filter_map(|secret| secret.kid().map(crate::keys::seal::Kid::text)).collect();
        sort_short(&mut kids, |one, next| one < next);
        kids.dedup();
        DirectoryRow { kinds, kids, last_day: now.secs() / 86_400 }
    }

    /// Adds to the history.
    pub fn note(&mut self, what: Happened, label: &str, now: UnixMs) {
        history::note(&mut self.audit, what, label, now);
    }

    /// News that this session does not know of.
    pub fn news(&self, sid: &str) -> impl Iterator<Item = &Notice> {
        self.notices.iter().filter(move |notice| notice.sid != sid)
    }

    /// Remembers a removed secret.
    pub fn remember_removed(&mut self, fingerprint: String) {
        self.removed.push(fingerprint);
        if self.removed.len() > MAX_REMOVED {
            self.removed.remove(0);
        }
    }

    /// Removes what has expired, and activates delayed enrolments that are due. Each call begins with it.
    pub fn settle(&mut self, now: UnixMs) {
        let secs = now.secs();
        self.enrolments.retain(|enrolment| match &enrolment.state {
            State::Pending(pending) => !pending.is_over(now),
            _ => true,
        });
        for enrolment in &mut self.enrolments {
            if matches!(enrolment.state, State::Held { from_secs, .. } if from_secs <= secs) {
                enrolment.state = State::Active;
            }
        }
        if let Some(newest) = self.recovery.iter().rposition(|set| set.from_secs <= secs) {
            self.recovery.drain(..newest);
        }
        for session in &mut self.sessions {
            session.challenge.take_if(|challenge| challenge.until_secs <= secs);
            session.pairing.take_if(|pairing| pairing.until_secs <= secs);
        }
        // An enrolment that began with one may be confirmed after its end, and must find it used.
        self.invitations.retain(|(_, until)| until.saturating_add(PENDING_SECS) > secs);
        self.notices.retain(|notice| secs < notice.secs.saturating_add(NOTICE_SECS));
        self.devices.retain(|device| secs < device.used_secs.saturating_add(super::device::KNOWN_SECS));
    }
}

/// 72 random bits as text.
pub fn random(moment: &mut Moment) -> String {
    Base64UrlUnpadded::encode_string(&moment.draw::<9>())
}
