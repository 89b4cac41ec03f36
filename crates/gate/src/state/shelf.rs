//! Where the record of a login is stored: in an object of its own, or with others in one of a few objects.
//!
//! An object of its own is near its person at the edge. On one machine, each object costs files and memory instead.

use base::UnixMs;

use super::{stored, ticket::TicketRecord};
use crate::keys::seal::ObjectName;

/// Storage key of a record with an object of its own.
pub const OWN_KEY: &str = "record";
/// More objects than that are no fewer.
const MAX_OBJECTS: u16 = 256;
/// The time between two sweeps of an object with many records, in seconds. A record is past its use a day before its time.
const SWEEP_SECS: u64 = 600;
/// An unreadable record may be one of a later version, after a roll-back. It is looked at again a day later.
const UNREADABLE_SECS: u64 = 24 * 3600;

/// How logins are spread over objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shelves(Option<u16>);

impl Shelves {
    /// Reads a number of objects, 1 to 256; without one, each login has its own. `None`: the text is no such number.
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self(None));
        }
        let objects = text.parse().ok().filter(|objects| (1..=MAX_OBJECTS).contains(objects))?;
        Some(Self(Some(objects)))
    }

    /// The platform's object of a login, and the key of its record there; empty for [`OWN_KEY`].
    pub fn place(self, login: &ObjectName) -> (String, &str) {
        let name = login.as_str();
        match self.0 {
            None => (name.to_owned(), ""),
            Some(objects) => (format!("logins-{}", login.number() % u32::from(objects)), name),
        }
    }
}

/// When an object with many records is swept next. It is the same for all saves of some minutes, so setting it again changes nothing.
pub fn next_sweep(now: UnixMs) -> UnixMs {
    UnixMs::from_secs((now.secs() / SWEEP_SECS + 1) * SWEEP_SECS)
}

/// When a stored record must be looked at again; `None` if it can be deleted.
pub fn kept_until(text: &str, now: UnixMs) -> Option<UnixMs> {
    let until = match stored::read::<TicketRecord>(text) {
        Some(record) => record.forget_at(),
        None => now.plus_secs(UNREADABLE_SECS),
    };
    (until > now).then_some(until)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(letters: &str) -> ObjectName {
        ObjectName::parse(&format!("{letters:a<52}")).unwrap()
    }

    #[test]
    fn a_login_has_its_own_object_unless_a_number_is_given() {
        let login = name("k7");
        assert_eq!(Shelves::parse("").unwrap().place(&login), (login.as_str().to_owned(), ""));
        let (object, key) = Shelves::parse("16").unwrap().place(&login);
        assert!(object.starts_with("logins-"), "{object}");
        assert_eq!(key, login.as_str(), "the whole name tells two logins of one object apart");
        for bad in ["0", "257", "-1", "x", "1.5", " 4"] {
            assert_eq!(Shelves::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn logins_are_spread_evenly() {
        let shelves = Shelves::parse("16").unwrap();
        let mut counts = std::collections::BTreeMap::<String, usize>::new();
        let letters = "abcdefghijklmnopqrstuvwxyz234567";
        for first in letters.chars() {
            for second in letters.chars() {
                for third in letters.chars() {
                    *counts.entry(shelves.place(&name(&format!("a{first}{second}{third}"))).0).or_default() += 1;
                }
            }
        }
        assert_eq!(counts.len(), 16);
        assert!(counts.values().all(|count| *count == 2_048), "{counts:?}");
    }

    #[test]
    fn a_sweep_keeps_what_is_of_use_or_cannot_be_read() {
        let record = TicketRecord { secs: 1_000, ..TicketRecord::default() };
        let text = stored::write(&record);
        let until = record.forget_at();
        assert_eq!(kept_until(&text, UnixMs::from_secs(until.secs() - 1)), Some(until));
        assert_eq!(kept_until(&text, until), None);
        assert_eq!(kept_until("{\"v\":2}", until), Some(until.plus_secs(86_400)));
    }

    #[test]
    fn the_next_sweep_is_the_same_for_a_while_and_always_ahead() {
        let at = |secs| next_sweep(UnixMs::from_secs(secs)).secs();
        assert_eq!([at(0), at(599), at(600), at(601)], [600, 600, 1_200, 1_200]);
    }
}
