//! Messages to other objects. An errand is stored in the person's record in the same write as its cause, and stays there until
//! it is answered. A crash in between loses nothing.

use json::{FromJson, ToJson};

use crate::{keys::seal::ObjectName, policy::demand::Kind};

/// Errands that wait at once. A person has at most 40 sessions.
pub const MAX_ERRANDS: usize = 200;

/// One errand.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct Errand {
    /// Its number, by which it is acknowledged.
    pub id: u64,
    /// The message.
    pub what: ErrandKind,
}

/// The message and its receiver.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
pub enum ErrandKind {
    /// The directory has a new row of this person; [`DirectoryRow`] is made of the record when it is sent.
    Directory,
    /// A ticket's object ends its session.
    End {
        /// The object.
        object: ObjectName,
        /// The session's public id.
        sid: String,
    },
    /// A ticket's object forgets factors that were given before this time, and refuses them later. It is also told whether the
    /// person has a factor, by the record as it is when the errand is sent.
    Lower {
        /// The object.
        object: ObjectName,
        /// The session's public id.
        sid: String,
        /// In seconds.
        before_secs: u64,
    },
}

impl ErrandKind {
    /// Whether it takes something from a session: its life, a factor, or that its person has none and is not asked. Nobody would ask for
    /// it again: it must be sent although the process dies.
    pub const fn ends(&self) -> bool {
        matches!(self, Self::End { .. } | Self::Lower { .. })
    }
}

/// A row of the directory. It says that a factor exists, and contains no secret.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct DirectoryRow {
    /// The kinds that the person has, each once. None: the row is removed.
    pub kinds: Vec<Kind>,
    /// The ids of the keys that the record's secrets are sealed under.
    pub kids: Vec<String>,
    /// Day of the last use, in days since 1970.
    pub last_day: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f45_what_takes_something_from_a_session_is_sent_although_the_process_dies() {
        let object = || ObjectName::parse(&"a".repeat(52)).unwrap();
        let lower = |before_secs| ErrandKind::Lower { object: object(), sid: "sid".into(), before_secs };
        assert!(ErrandKind::End { object: object(), sid: "sid".into() }.ends());
        assert!(lower(100).ends(), "a factor");
        assert!(lower(0).ends(), "the exemption of somebody who has just enrolled");
        assert!(!ErrandKind::Directory.ends(), "the next call sends the row");
    }
}
