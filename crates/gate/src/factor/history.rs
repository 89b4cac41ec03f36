//! The history of a person: the last changes, and guesses with a count.

use base::UnixMs;
use json::{FromJson, ToJson};

/// Rows that are kept. The log of the gate has all of them.
const MAX_ROWS: usize = 50;

/// A row of the person's history. It contains no address.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct AuditRow {
    /// When, in seconds.
    pub secs: u64,
    /// The event.
    pub what: Happened,
    /// The label of the factor, or the browser.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// The number on that day.
    pub count: u32,
}

/// Events of a person's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToJson, FromJson)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Happened {
    Enrolled,
    Removed,
    Renamed,
    Suspended,
    Resumed,
    Resynchronised,
    CodesMade,
    CodeUsed,
    OnlyPasskeyOn,
    OnlyPasskeyOff,
    ChangeWaits,
    ChangeCancelled,
    AllEnded,
    LetIn,
    Invited,
    Passed,
    WrongCode,
    Throttled,
    PasskeyRefused,
    CounterStoodStill,
}

impl Happened {
    /// Whether the event has one row a day with a count. Guesses then do not displace rows of changes.
    const fn is_counted(self) -> bool {
        matches!(
            self,
            Self::Passed | Self::WrongCode | Self::Throttled | Self::PasskeyRefused | Self::CounterStoodStill
        )
    }
}

/// Adds an event, or counts it where its kind has one row a day.
pub(super) fn note(rows: &mut Vec<AuditRow>, what: Happened, label: &str, now: UnixMs) {
    let (secs, day) = (now.secs(), now.secs() / 86_400);
    let same = |row: &&mut AuditRow| row.what == what && row.label == label && row.secs / 86_400 == day;
    if what.is_counted()
        && let Some(row) = rows.iter_mut().find(same)
    {
        (row.secs, row.count) = (secs, row.count.saturating_add(1));
        return;
    }
    rows.push(AuditRow { secs, what, label: label.to_owned(), count: 1 });
    while rows.len() > MAX_ROWS {
        // Counted rows are removed before rows of changes.
        let oldest = rows.iter().position(|row| row.what.is_counted()).unwrap_or(0);
        rows.remove(oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_do_not_displace_changes() {
        let mut rows = Vec::new();
        let at = |n: u64| UnixMs::from_secs(n * 86_400);
        note(&mut rows, Happened::Enrolled, "phone", at(0));
        for day in 1..200 {
            for _ in 0..3 {
                note(&mut rows, Happened::WrongCode, "Firefox", at(day));
            }
        }
        assert_eq!(rows.len(), MAX_ROWS);
        assert_eq!((rows[0].what, rows[49].count), (Happened::Enrolled, 3));
    }
}
