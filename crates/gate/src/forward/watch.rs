//! What stays open after its request was let in: WebSockets and event streams. The core says what is watched, when its
//! session is looked up again, and what ends it; the adapter holds the ends and the timer.

use base::UnixMs;

use crate::{
    keys::seal::ObjectName,
    policy::{Policy, Rule},
    state::{
        Instance,
        session::Session,
        ticket::{TicketCall, TicketVerdict},
    },
};

/// `revalidate_secs = 0` looks at every request; what is open has none, so it is looked up this often.
const LEAST_SECS: u64 = 5;
/// What one end may leave unread, and all ends of an instance together, in bytes: the platform ends an instance at
/// 128 MB, and a WebSocket of its API cannot be told to wait.
const MAX_UNREAD_BYTES: u32 = 16_000_000;
const MAX_UNREAD_BYTES_OF_ALL: u32 = 48_000_000;
/// A timer of the platform takes no more than some 24 days.
const MAX_WAIT_MS: u64 = 3_600_000;

/// What is known of an open WebSocket or event stream, apart from when it was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// `session.max_socket_age_secs`; 0 for none.
    max_age_secs: u64,
    session: Option<Watched>,
}

/// The session whose end closes it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Watched {
    object: ObjectName,
    sid: String,
    every_secs: u64,
    grace_secs: u64,
    /// The last look that was answered, in seconds since the epoch.
    looked_up: u64,
    /// The last look, answered or not; 0 before the first.
    tried: u64,
    ended: bool,
    /// When the factor is too old for the rule, in seconds since the epoch; 0 for never.
    factor_until: u64,
    /// How many factors the session had. Fewer are left when one was removed.
    given: usize,
    /// Whether it was let in because the person has no factor. With one, the rule asks for it.
    exempt: bool,
}

/// What the adapter does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WatchStep {
    /// Ask again in so many milliseconds.
    Wait(u64),
    /// Make this call to the object with this name, and hand its answer to [`Watch::looked_up`].
    Look(ObjectName, TicketCall),
    /// Close it, by this code and reason of a WebSocket (RFC 6455 section 7.4).
    Close(u16, &'static str),
}

impl WatchStep {
    /// For the adapter: a word and what belongs to it, separated by spaces.
    pub fn encode(&self) -> String {
        match self {
            Self::Wait(millis) => format!("wait {millis}"),
            Self::Look(object, call) => {
                format!("look {} {}", object.as_str(), json::to_string(call))
            }
            Self::Close(code, reason) => format!("close {code} {reason}"),
        }
    }
}

/// Whether an app's answer of this type is an event stream, which like a WebSocket can stay open. Any other one ends by
/// itself, and is passed on untouched.
pub fn is_event_stream(content_type: &str) -> bool {
    content_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/event-stream")
}

impl Watch {
    /// What is to be watched of a request under this rule; `None` for nothing.
    pub(crate) fn of(
        policy: &Policy,
        rule: &Rule,
        session: Option<&Session>,
        (factor_until, exempt): (Option<u64>, bool),
    ) -> Option<Self> {
        // A bearer has no object to look up, and its end is known.
        if let Some(left) = session.and_then(|session| session.bearer_secs) {
            let max_age_secs = policy.max_socket_age_secs.map_or(left, |most| most.min(left)).max(1);
            return Some(Self { max_age_secs, session: None });
        }
        let session = session.filter(|_| rule.close_on_revoke).map(|session| Watched {
            object: session.object.clone(),
            sid: session.sid.clone(),
            every_secs: if rule.revalidate_secs == 0 { LEAST_SECS } else { rule.revalidate_secs },
            grace_secs: rule.grace_secs,
            looked_up: session.revalidated_at().secs(),
            tried: 0,
            ended: false,
            factor_until: factor_until.unwrap_or(0),
            given: session.given.len(),
            exempt,
        });
        let max_age_secs = policy.max_socket_age_secs.unwrap_or(0);
        (session.is_some() || max_age_secs > 0).then_some(Self { max_age_secs, session })
    }

    /// As [`Watch::decode`] reads it, without a line break.
    pub fn encode(&self) -> String {
        let Self { max_age_secs, session } = self;
        match session {
            None => max_age_secs.to_string(),
            Some(Watched {
                object,
                sid,
                every_secs,
                grace_secs,
                looked_up,
                tried,
                ended,
                factor_until,
                given,
                exempt,
            }) => {
                let (ended, exempt) = (u8::from(*ended), u8::from(*exempt));
                let times = format!("{max_age_secs} {every_secs} {grace_secs} {looked_up} {tried} {ended}");
                format!("{times} {factor_until} {given} {exempt} {} {sid}", object.as_str())
            }
        }
    }

    /// Reads what [`Watch::encode`] wrote.
    pub fn decode(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let max_age_secs = words.next()?.parse().ok()?;
        let Some(every) = words.next() else { return Some(Self { max_age_secs, session: None }) };
        let mut number = || words.next()?.parse().ok();
        let (grace_secs, looked_up, tried, ended) = (number()?, number()?, number()?, number()? != 0);
        let (factor_until, given, exempt) = (number()?, usize::try_from(number()?).ok()?, number()? != 0);
        let session = Watched {
            every_secs: every.parse().ok()?,
            grace_secs,
            looked_up,
            tried,
            ended,
            factor_until,
            given,
            exempt,
            object: ObjectName::parse(words.next()?)?,
            sid: words.next()?.to_owned(),
        };
        Some(Self { max_age_secs, session: Some(session) })
    }

    /// What to do now with what was opened then.
    pub fn step(&self, opened: UnixMs, now: UnixMs) -> WatchStep {
        let until = |at: UnixMs| at.millis_since(now);
        let mut wait = u64::MAX;
        if self.max_age_secs > 0 {
            wait = until(opened.plus_secs(self.max_age_secs));
            if wait == 0 {
                return WatchStep::Close(1001, "the greatest age of a connection is reached");
            }
        }
        if let Some(session) = &self.session {
            if session.ended {
                return WatchStep::Close(1008, "the session has ended");
            }
            if session.factor_until > 0 {
                let left = until(UnixMs::from_secs(session.factor_until));
                if left == 0 {
                    return WatchStep::Close(1008, "the second factor is too old");
                }
                wait = wait.min(left);
            }
            // A clock that was set back must not put off a look.
            let looked_up = if session.tried == 0 { session.looked_up.min(opened.secs()) } else { session.looked_up };
            let after = |secs: u64, more: u64| until(UnixMs::from_secs(secs.saturating_add(more)));
            let unanswered = session.tried > looked_up;
            let lapse = after(looked_up, session.every_secs.saturating_add(session.grace_secs));
            if unanswered && lapse == 0 {
                return WatchStep::Close(1013, "the session cannot be looked up");
            }
            let due = after(looked_up.max(session.tried), session.every_secs);
            if due == 0 {
                // A call that does not count as use: an open socket alone keeps nobody signed in.
                return WatchStep::Look(session.object.clone(), TicketCall::Peek);
            }
            wait = wait.min(due);
            if unanswered {
                wait = wait.min(lapse);
            }
        }
        WatchStep::Wait(wait.min(MAX_WAIT_MS))
    }

    /// Takes the answer of the look. Without one, the session was not looked up. `ended_secs` is how long the instance keeps
    /// an ending, where that is known.
    pub fn looked_up(
        &mut self,
        verdict: &TicketVerdict,
        instance: &mut Instance,
        ended_secs: Option<u64>,
        now: UnixMs,
    ) {
        let Some(session) = &mut self.session else { return };
        session.tried = now.secs();
        match verdict {
            TicketVerdict::Live(live)
                if live.sid == session.sid
                    && live.given.len() >= session.given
                    && !(session.exempt && live.enrolled == Some(true)) =>
            {
                session.looked_up = now.secs();
            }
            // A factor was removed, the person has one now, or another session of the same object: a second ticket of the same login has replaced this one.
            TicketVerdict::Live(_) => session.ended = true,
            TicketVerdict::Gone(_) => {
                session.ended = true;
                if let Some(ended_secs) = ended_secs {
                    instance.ended.insert(&session.object, ended_secs, now);
                }
            }
            TicketVerdict::Remembered
            | TicketVerdict::Elsewhere(_)
            | TicketVerdict::Ended(..)
            | TicketVerdict::EndedFrom(_)
            | TicketVerdict::Inherited(..)
            | TicketVerdict::NotRaised
            | TicketVerdict::Spent
            | TicketVerdict::Replaced(_)
            | TicketVerdict::Superseded
            | TicketVerdict::Unavailable => {
                session.looked_up = session.looked_up.min(now.secs());
                session.ended |= instance.ended.contains(&session.object);
            }
        }
    }
}

/// Whether an end that has left `unread` bytes of a WebSocket unread, of `all` that the ends of this instance have, is left
/// behind. [`LEFT_BEHIND`] is then the end.
pub const fn is_left_behind(unread: u32, all: u32) -> bool {
    unread > MAX_UNREAD_BYTES || unread > MAX_UNREAD_BYTES / 16 && all > MAX_UNREAD_BYTES_OF_ALL
}

/// How a WebSocket closes of which one end does not read.
pub const LEFT_BEHIND: WatchStep = WatchStep::Close(1013, "too much is unread");

/// The end of what the adapter lost sight of: fails closed.
pub const UNREADABLE: WatchStep = WatchStep::Close(1011, "internal error");

/// The code by which one end of a WebSocket closes when the other closed by `code`: the same where it can be sent (RFC
/// 6455 section 7.4). 1005 is a close without a code. An end that went away without a close is told as what it is to the
/// other: the app as an error behind the gate, the client as one that left.
pub const fn relayed_close_code(code: u16, from_app: bool) -> u16 {
    match code {
        1000..=1003 | 1005 | 1007..=1014 | 3000..=4999 => code,
        _ if from_app => 1011,
        _ => 1001,
    }
}

#[cfg(test)]
mod tests;
