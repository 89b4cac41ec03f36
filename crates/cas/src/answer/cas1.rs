//! The answer of CAS 1.0 (CAS 3.0 section 2.4.2): the lines `yes` and the user, or `no`.

use super::{AnswerError, Content, Expect};
use crate::Protocol;

/// Lines after the user are not read: Apereo CAS can put attributes there, but unescaped, so that a value with a line
/// feed would forge another attribute.
pub(super) fn read(text: &str, expect: &Expect) -> Result<Content, AnswerError> {
    let mut lines = text.lines();
    match lines.next() {
        // Any endpoint can refuse in this form: LemonLDAP::NG does so at /serviceValidate.
        Some("no") if lines.all(str::is_empty) => Err(AnswerError::InvalidTicket),
        Some("yes") if expect.protocol == Protocol::Cas1 => {
            Ok(Content { user: lines.next().unwrap_or_default().to_owned(), ..Content::default() })
        }
        _ => Err(AnswerError::NotCas),
    }
}
