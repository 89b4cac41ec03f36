//! Reads and writes `otpauth://` addresses without the URL parser of a runtime, so that every runtime gives the same
//! result.
//!
//! The rows of `tests/vectors/uri/` define which addresses are accepted. In short:
//!
//! - An address is split at `?`, `&` (or `&amp;`) and `=` first and decoded after, so an issuer may contain `&period=60`.
//! - `#` is an ordinary character in a label and in an issuer, and begins a fragment in any other setting.
//! - `+` is a space in a setting and a plus in a label.
//! - A label keeps its case. A repeated setting is refused.

mod read;
mod write;

#[cfg(feature = "wire")]
pub(crate) use read::locate;
pub use read::read;
#[cfg(feature = "migration")]
pub(crate) use read::{names, unescape};
pub use write::write;
#[cfg(feature = "wire")]
pub(crate) use write::write_numbers;

/// The longest address that is read or written, in bytes. Longer ones contain pictures, which are not read.
pub const MAX_URI: usize = 4096;

/// The size of the `scratch` of [`read`] for an address of any allowed length.
pub const MAX_SCRATCH: usize = MAX_URI + SPARE;
/// Room for a PIN that may be base32.
const SPARE: usize = 64;

/// Kinds and algorithms by their names in addresses. The index of a name is its number in `Otp::numbers`.
const KINDS: &[u8] = b"totp hotp steam motp yaotp";
const ALGORITHMS: &[u8] = b"SHA1 SHA256 SHA512";
