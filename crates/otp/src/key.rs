/// The longest PIN, in ASCII characters: Yandex allows 16.
pub(crate) const MAX_PIN: usize = 32;

/// What a code is made from and nobody else may know. It has no `Debug` and no `==`.
#[derive(Clone, Copy, Default)]
pub struct Key<'k> {
    /// The shared secret, as bytes.
    pub secret: &'k [u8],
    /// The person's PIN, for mOTP and Yandex; empty where there is none.
    pub pin: &'k [u8],
}
