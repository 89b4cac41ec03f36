use crate::VaultError;

/// How much work a passphrase costs: Argon2id (RFC 9106), version 1.3, one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over that memory.
    pub passes: u32,
}

/// What the key of a passphrase slot depends on, beside the passphrase. Kept in the open in the vault's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KdfParams {
    /// The cost as it stands in the file: not yet held against any bound.
    pub cost: Cost,
    /// Random bytes of this slot alone.
    pub salt: [u8; 16],
}

/// The most that this device may spend on a passphrase, checked before any of it is spent: the parameters come from a
/// file that anyone may have written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Memory times passes, in KiB: what the time depends on.
    pub work_kib: u64,
}

impl MaxCost {
    /// 1 GiB, and 16 GiB of work: a minute on a slow telephone.
    pub const HIGHEST: Self = Self { memory_kib: 1 << 20, work_kib: 16 << 20 };
}

impl Default for MaxCost {
    fn default() -> Self {
        Self::HIGHEST
    }
}

impl Cost {
    /// 19 MiB and two passes: the least that OWASP's password storage cheat sheet names for Argon2id.
    pub const LEAST: Self = Self { memory_kib: 19 * 1024, passes: 2 };
    /// 64 MiB and three passes: what a new slot costs at least, where the device can. A backup is the vault file, and whoever
    /// finds one has all the time there is.
    pub const GOOD: Self = Self { memory_kib: 64 * 1024, passes: 3 };
    /// How often a person waits the wished time rather than having a weaker vault.
    const PATIENCE: u128 = 10;
    /// 128 MiB: the most that `fit` chooses, because a telephone must be able to open what a desktop made.
    const MOST_MEMORY_KIB: u32 = 128 * 1024;
    /// Beyond ten passes more memory is the better use of time.
    const MOST_PASSES: u32 = 10;

    const fn work_kib(self) -> u64 {
        // Two u32 never overflow a u64; `u64::from` is not const.
        #[expect(clippy::as_conversions, reason = "widening")]
        let (memory, passes) = (self.memory_kib as u64, self.passes as u64);
        memory * passes
    }

    /// Refuses what is too weak for a vault or too costly for this device.
    ///
    /// # Errors
    /// `KdfTooWeak` below 19 MiB or two passes, `KdfTooCostly` above `max` or above 1 GiB whatever `max` says.
    pub fn check(self, max: MaxCost) -> Result<(), VaultError> {
        if self.memory_kib < Self::LEAST.memory_kib || self.passes < Self::LEAST.passes {
            return Err(VaultError::KdfTooWeak);
        }
        let memory = max.memory_kib.min(MaxCost::HIGHEST.memory_kib);
        let work = max.work_kib.min(MaxCost::HIGHEST.work_kib);
        if self.memory_kib > memory || self.work_kib() > work {
            return Err(VaultError::KdfTooCostly);
        }
        Ok(())
    }

    /// The cost that takes about `target_millis` on a device where this one took `took_micros`: as much memory as leaves
    /// three passes, at most 128 MiB, then passes. Never below `GOOD`, unless that takes ten times as long; then `LEAST`.
    #[must_use]
    pub fn fit(self, took_micros: u64, target_millis: u64) -> Self {
        let work = u128::from(self.work_kib()) * u128::from(target_millis) * 1000 / u128::from(took_micros.max(1));
        let mut memory_kib = Self::MOST_MEMORY_KIB;
        while memory_kib > Self::GOOD.memory_kib {
            let passes = work / u128::from(memory_kib);
            if passes >= 3 {
                let passes = u32::try_from(passes).unwrap_or(u32::MAX).min(Self::MOST_PASSES);
                return Self { memory_kib, passes };
            }
            memory_kib = memory_kib / 4 * 3;
        }
        let good = u128::from(Self::GOOD.work_kib()) <= work.saturating_mul(Self::PATIENCE);
        if good { Self::GOOD } else { Self::LEAST }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_hold_before_any_work() {
        let rows = [
            ("just enough", 19 * 1024, 2, Ok(())),
            ("one KiB too little", 19 * 1024 - 1, 2, Err(VaultError::KdfTooWeak)),
            ("one pass too few", 64 * 1024, 1, Err(VaultError::KdfTooWeak)),
            ("no passes", 64 * 1024, 0, Err(VaultError::KdfTooWeak)),
            ("1 GiB", 1 << 20, 16, Ok(())),
            ("more than 1 GiB", (1 << 20) + 1, 2, Err(VaultError::KdfTooCostly)),
            ("1 GiB too often", 1 << 20, 17, Err(VaultError::KdfTooCostly)),
            ("all that a file can say", u32::MAX, u32::MAX, Err(VaultError::KdfTooCostly)),
        ];
        for (name, memory_kib, passes, expect) in rows {
            let max = MaxCost { memory_kib: u32::MAX, work_kib: u64::MAX };
            assert_eq!(Cost { memory_kib, passes }.check(max), expect, "{name}");
        }
        let small = MaxCost { memory_kib: 64 * 1024, ..MaxCost::HIGHEST };
        assert_eq!(Cost { memory_kib: 64 * 1024 + 1, passes: 2 }.check(small), Err(VaultError::KdfTooCostly));
    }

    #[test]
    fn the_cost_fits_the_device() {
        let probe = Cost::LEAST;
        let rows = [
            ("desktop: 38 MiB in 40 ms", 40_000, Cost { memory_kib: 131_072, passes: 7 }),
            ("tablet: 38 MiB in 150 ms", 150_000, Cost { memory_kib: 73_728, passes: 3 }),
            ("telephone: 38 MiB in 200 ms", 200_000, Cost::GOOD),
            ("slow telephone: 38 MiB in 900 ms, five seconds in all", 900_000, Cost::GOOD),
            ("a device that cannot: 38 MiB in 3 s", 3_000_000, Cost::LEAST),
            ("a stopped clock", 0, Cost { memory_kib: 131_072, passes: 10 }),
            ("a clock that ran away", u64::MAX, Cost::LEAST),
        ];
        for (name, took, expect) in rows {
            let cost = probe.fit(took, 1000);
            assert_eq!(cost, expect, "{name}");
            assert_eq!(cost.check(MaxCost::default()), Ok(()), "{name}");
        }
    }
}
