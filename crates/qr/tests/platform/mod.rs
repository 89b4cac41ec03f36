//! What the package's entry does with a platform's `TextDecoder`.

use encoding_rs::Encoding;
use qr::{Code, Segment};

/// The text of a code, decoded where the code names an encoding that the crate has no table for.
pub(crate) fn text(code: &Code) -> String {
    let decoded = |segment: &Segment| {
        let encoding = Encoding::for_label(segment.encoding?.as_bytes())?;
        encoding.decode_without_bom_handling_and_without_replacement(&segment.bytes).map(|text| text.into_owned())
    };
    code.segments.iter().map(|segment| decoded(segment).unwrap_or_else(|| segment.text.clone())).collect()
}
