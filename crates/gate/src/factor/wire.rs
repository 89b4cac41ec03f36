//! Messages between the adapter and the objects of the second factor.

use base::UnixMs;
use json::{FromJson, ToJson};

use super::{
    call::PersonCall,
    directory::{self, DirectoryCall},
    errand::{Errand, ErrandKind},
    record::PersonRecord,
};
use crate::{
    keys::seal::ObjectName,
    state::ticket::{Named, TicketCall},
};

/// A call to a person's object. Keys and settings are not sent: the object reads them from the same configuration.
#[derive(Clone, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct PersonPost {
    /// The object's own name.
    pub object: ObjectName,
    /// Whether a rule requires a factor of this person: then the last one is not removed.
    pub required: bool,
    /// The call.
    pub call: PersonCall,
}

/// A message from a person's object to another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Send {
    /// To the object of a ticket.
    Ticket(ObjectName, TicketCall),
    /// To the object of the directory with this name.
    Directory(&'static str, DirectoryCall),
}

/// The messages that wait in a stored record, each with the number by which it is acknowledged. The adapter repeats them until
/// they are answered; every verdict but `Unavailable` is an answer.
pub fn errands(text: &str, person: &ObjectName, now: UnixMs) -> Vec<(u64, Send)> {
    let Ok(Some(record)) = PersonRecord::read(Some(text)) else { return Vec::new() };
    let row = record.row(now);
    let enrolled = Some(record.has_factor());
    let send = |errand: Errand| {
        let what = match errand.what {
            ErrandKind::Directory => {
                Send::Directory(directory::shard(person), DirectoryCall::Put(person.clone(), row.clone()))
            }
            ErrandKind::End { object, sid } => {
                Send::Ticket(object, TicketCall::End { of: Named::Session(sid), proven: true })
            }
            ErrandKind::Lower { object, sid, before_secs } => {
                Send::Ticket(object, TicketCall::Lower { sid, before_secs, enrolled })
            }
        };
        (errand.id, what)
    };
    record.outbox.into_iter().map(send).collect()
}
