//! A record as an object stores it: JSON with a version.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// A record of a later version is refused, never guessed at.
const VERSION: u8 = 1;

#[derive(Serialize)]
struct Saving<'r, R> {
    v: u8,
    record: &'r R,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Saved<R> {
    Versioned {
        v: u8,
        record: R,
    },
    /// Written by the release that had no version yet.
    Bare(R),
}

/// The text to store; `None` for a record that JSON cannot hold.
pub fn write<R: Serialize>(record: &R) -> Option<String> {
    serde_json::to_string(&Saving { v: VERSION, record }).ok()
}

/// The record of a stored text; `None` for one that this version cannot read.
pub fn read<R: DeserializeOwned>(text: &str) -> Option<R> {
    match serde_json::from_str(text).ok()? {
        Saved::Versioned { v: VERSION, record } | Saved::Bare(record) => Some(record),
        Saved::Versioned { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::ticket::TicketRecord;

    #[test]
    fn a_record_is_read_with_and_without_its_version() {
        let record = TicketRecord::Ended { secs: 7 };
        let text = write(&record).unwrap();
        assert_eq!(text, r#"{"v":1,"record":{"Ended":{"secs":7}}}"#);
        for known in [text.as_str(), r#"{"Ended":{"secs":7}}"#] {
            assert_eq!(read::<TicketRecord>(known), Some(record.clone()), "{known}");
        }
        for unknown in
            [r#"{"v":2,"record":{"Ended":{"secs":7}}}"#, r#"{"v":1,"record":{"Woken":{}}}"#, "{}", "", "null"]
        {
            assert_eq!(read::<TicketRecord>(unknown), None, "{unknown}");
        }
    }
}
