//! A record as an object stores it: JSON with a version.

use json::{FromJson, ToJson};

/// What stands before a record. Text before the record, instead of a type around it, costs the Worker no second reader.
const VERSION_1: &str = r#"{"v":1,"record":"#;

/// The text to store.
pub fn write(record: &dyn ToJson) -> String {
    format!("{VERSION_1}{}}}", json::to_string(record))
}

/// The record of a stored text; `None` for one that this version cannot read. The previous release wrote the record alone.
pub fn read<R: FromJson>(text: &str) -> Option<R> {
    let record = match text.strip_prefix(VERSION_1) {
        Some(rest) => rest.strip_suffix('}')?,
        None => text,
    };
    json::from_str(record).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::ticket::TicketRecord;

    #[test]
    fn a_record_is_read_with_and_without_its_version() {
        let record = TicketRecord { secs: 7, ..TicketRecord::default() };
        let text = write(&record);
        assert_eq!(text, r#"{"v":1,"record":{"secs":7}}"#);
        for known in [text.as_str(), r#"{"secs":7}"#] {
            assert_eq!(read::<TicketRecord>(known), Some(record.clone()), "{known}");
        }
        for unknown in [r#"{"v":2,"record":{"secs":7}}"#, r#"{"v":1,"record":{"Ended":{"secs":7}}}"#, "{}", "", "null"]
        {
            assert_eq!(read::<TicketRecord>(unknown), None, "{unknown}");
        }
    }
}
