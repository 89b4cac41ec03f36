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
    NewBrowser,
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

impl Happened {
    /// Whether the person is told of it. It can be the deed of somebody else.
    pub const fn is_news(self) -> bool {
        matches!(
            self,
            Self::Enrolled
                | Self::Removed
                | Self::Suspended
                | Self::Resumed
                | Self::CodesMade
                | Self::CodeUsed
                | Self::OnlyPasskeyOn
                | Self::OnlyPasskeyOff
                | Self::ChangeWaits
                | Self::LetIn
                | Self::NewBrowser
                | Self::Throttled
                | Self::CounterStoodStill
        )
    }
}

/// News for the person, until they are dismissed with a factor, for 30 days at most.
#[derive(Clone, Debug, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// When, in seconds.
    pub secs: u64,
    /// The event.
    pub what: Happened,
    /// The label of the factor, or the browser.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// The session in which it happened, which knows of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sid: String,
}

/// News that are kept.
const MAX_NOTICES: usize = 16;

/// Makes news of the rows that were not there before. Of one kind, label and session there is one a day. What somebody with the password
/// or a code can repeat pushes out nothing but itself, as long as there is such news.
pub(super) fn announce(notices: &mut Vec<Notice>, before: &[AuditRow], rows: &[AuditRow], sid: &str) {
    for AuditRow { secs, what, label, .. } in rows.iter().filter(|row| row.what.is_news() && !before.contains(row)) {
        let same = |notice: &Notice| {
            (notice.what, notice.label.as_str(), notice.sid.as_str()) == (*what, label.as_str(), sid)
                && notice.secs / 86_400 == secs / 86_400
        };
        notices.retain(|notice| !same(notice));
        notices.push(Notice { secs: *secs, what: *what, label: label.clone(), sid: sid.to_owned() });
    }
    while notices.len() > MAX_NOTICES {
        let repeated = |notice: &Notice| notice.what.is_counted() || notice.what == Happened::NewBrowser;
        notices.remove(notices.iter().position(repeated).unwrap_or(0));
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
    fn f16_news_that_can_be_repeated_push_out_no_other() {
        let at = |n: u64| UnixMs::from_secs(n * 60);
        let (mut rows, mut notices) = (Vec::new(), Vec::new());
        note(&mut rows, Happened::Enrolled, "thief's", at(0));
        announce(&mut notices, &[], &rows, "thief");
        for n in 1..100 {
            let before = rows.clone();
            note(&mut rows, Happened::NewBrowser, "Firefox", at(n));
            note(&mut rows, Happened::Throttled, "Firefox", at(n));
            announce(&mut notices, &before, &rows, &format!("s{n}"));
        }
        assert_eq!(notices.len(), MAX_NOTICES);
        assert_eq!((notices[0].what, notices[0].sid.as_str()), (Happened::Enrolled, "thief"));
        // An event of another session does not take the place of somebody else's.
        let same: Vec<_> = notices.iter().filter(|notice| notice.what == Happened::NewBrowser).collect();
        assert!(same.len() > 1 && same.iter().all(|notice| notice.label == "Firefox"));
    }

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
