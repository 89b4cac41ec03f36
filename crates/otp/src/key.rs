/// The longest PIN, in ASCII characters: Yandex allows 16.
pub(crate) const MAX_PIN: usize = 32;

/// The secret inputs of a code. No `Debug` and no `==`.
#[derive(Clone, Copy, Default)]
pub struct Key<'k> {
    /// The shared secret, as bytes.
    pub secret: &'k [u8],
    /// The user's PIN for mOTP and Yandex; empty for other kinds.
    pub pin: &'k [u8],
}
