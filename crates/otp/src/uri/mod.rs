//! `otpauth://` addresses, read and written by our own code, so that every runtime gives the same answer.
//!
//! What is accepted and what is refused, and why, is the table `tests/vectors/uri/`. In short: an address is cut at
//! `?`, `&` (or `&amp;`) and `=` first and decoded after, so an issuer may contain `&period=60`; `#` is a letter in a label
//! and in an issuer, and begins a fragment in any other setting; `+` is a space in a setting and a plus in a label; a
//! label's case is kept; a setting that stands twice is refused.

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

/// The longest address that is read or written, in bytes. Longer ones carry pictures, which are not wanted here.
pub const MAX_URI: usize = 4096;

/// How much room [`read`] needs beside an address of any allowed length.
pub const MAX_SCRATCH: usize = MAX_URI + SPARE;
/// Room for a PIN that may be base32.
const SPARE: usize = 64;

/// Kinds and algorithms as addresses name them, each at the place that is its number in `Otp::numbers`.
const KINDS: &[u8] = b"totp hotp steam motp yaotp";
const ALGORITHMS: &[u8] = b"SHA1 SHA256 SHA512";
