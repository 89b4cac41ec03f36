/// SplitMix64: small, and the same everywhere.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn of(seeds: &[u64]) -> Self {
        let mut random = Self(0x0051_0c0d_e000);
        for &seed in seeds {
            random.0 = random.next().wrapping_add(seed);
        }
        random
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub(crate) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * ((self.next() >> 40) as f32 / (1_u64 << 24) as f32)
    }

    /// Approximately normal, mean 0, deviation 1: the sum of twelve uniform numbers.
    pub(crate) fn normal(&mut self) -> f32 {
        let (a, b, c) = (self.next(), self.next(), self.next());
        let sum: u64 = [a, b, c].iter().flat_map(|w| (0..4).map(move |i| w >> (16 * i) & 0xffff)).sum();
        sum as f32 / 65_536.0 - 6.0
    }

    pub(crate) fn letters(&mut self, alphabet: &[u8], count: usize) -> String {
        (0..count).map(|_| char::from(alphabet[self.below(alphabet.len())])).collect()
    }

    /// A code of 45 modules at level M.
    pub(crate) fn otpauth(&mut self) -> String {
        let name = self.letters(b"abcdefghijklmnopqrstuvwxyz", 9);
        let secret = self.letters(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 32);
        format!("otpauth://totp/Example:{name}@example.org?secret={secret}&issuer=Example&algorithm=SHA1&digits=6")
    }

    /// A code of 93 modules at level L, like an export of a dozen accounts.
    pub(crate) fn migration(&mut self) -> String {
        let data = self.letters(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 720);
        format!("otpauth-migration://offline?data={data}%3D%3D")
    }
}
