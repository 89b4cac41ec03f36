//! Token buckets that bound the number of guesses for ever. One attempt costs one token, however many factors it is compared
//! with, and a success returns none.

use base::UnixMs;
use json::{FromJson, ToJson};

const DAY_SECS: u64 = 86_400;
/// Any 30 days of 24 hours lie within this many days of the calendar.
const WINDOW_DAYS: u64 = 31;
const WHOLE: u64 = 1000;

/// The refill rate and the bounds of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    burst: u64,
    /// Seconds for one token.
    refill_secs: u64,
    per_day: u64,
    per_window: u64,
}

impl Rate {
    /// Guesses from unknown devices. With 100 in 30 days, a TOTP code is guessed with a probability of 0.4 % a year.
    pub const UNKNOWN: Self = Self { burst: 5, refill_secs: 300, per_day: 60, per_window: 100 };
    /// Guesses from a known device, whose cookie may have been stolen.
    pub const DEVICE: Self = Self { burst: 5, refill_secs: 60, per_day: 100, per_window: 100 };
    /// Recovery codes. They have 80 bits, so the bound only limits CPU time.
    pub const PAPER: Self = Self { burst: 10, refill_secs: 6, per_day: u64::MAX, per_window: u64::MAX };
}

/// One bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToJson, FromJson)]
#[serde(deny_unknown_fields)]
pub struct TokenBucket {
    /// Thousandths of tokens that are spent and have not come back.
    #[serde(rename = "t")]
    missing: u64,
    /// The time of the last attempt, in seconds.
    #[serde(rename = "a")]
    at: u64,
    /// Tokens spent a day, in days since 1970.
    #[serde(rename = "d")]
    days: Vec<(u64, u64)>,
}

impl TokenBucket {
    /// Takes a token.
    ///
    /// # Errors
    /// The time before which no try can succeed. No token was taken, and nothing may be compared.
    pub fn take(&mut self, rate: Rate, now: UnixMs) -> Result<(), UnixMs> {
        let (secs, today) = (now.secs(), now.secs() / DAY_SECS);
        // Days in the future count too, so that a clock that was set back returns no tokens.
        self.days.retain(|(day, _)| day.saturating_add(WINDOW_DAYS) > today);
        let spent: u64 = self.days.iter().map(|(_, spent)| spent).sum();
        if spent >= rate.per_window {
            let oldest = self.days.iter().map(|(day, _)| *day).min().unwrap_or(today);
            return Err(UnixMs::from_secs(oldest.saturating_add(WINDOW_DAYS).saturating_mul(DAY_SECS)));
        }
        if self.days.iter().any(|(day, spent)| *day >= today && *spent >= rate.per_day) {
            return Err(UnixMs::from_secs(today.saturating_add(1).saturating_mul(DAY_SECS)));
        }
        let back = secs.saturating_sub(self.at).saturating_mul(WHOLE) / rate.refill_secs.max(1);
        let missing = self.missing.saturating_sub(back);
        let room = rate.burst.saturating_mul(WHOLE);
        if missing.saturating_add(WHOLE) > room {
            let wait =
                missing.saturating_add(WHOLE).saturating_sub(room).saturating_mul(rate.refill_secs).div_ceil(WHOLE);
            return Err(now.plus_secs(wait));
        }
        (self.missing, self.at) = (missing.saturating_add(WHOLE), self.at.max(secs));
        // Days are stored only if there is a bound on them.
        if rate.per_window < u64::MAX {
            match self.days.iter_mut().find(|(day, _)| *day == today) {
                Some((_, spent)) => *spent = spent.saturating_add(1),
                None => self.days.push((today, 1)),
            }
        }
        Ok(())
    }

    /// Whether the tokens of 30 days are spent.
    pub fn is_exhausted(&self, rate: Rate, now: UnixMs) -> bool {
        let today = now.secs() / DAY_SECS;
        let recent = self.days.iter().filter(|(day, _)| day.saturating_add(WINDOW_DAYS) > today);
        recent.map(|(_, spent)| spent).sum::<u64>() >= rate.per_window
    }

    /// Resets the bucket, after a success on a known device.
    pub fn forgive(&mut self) {
        *self = Self { at: self.at, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn f24_ten_thousand_guesses_a_day_are_a_hundred_in_thirty() {
        let mut bucket = TokenBucket::default();
        // Over midnight: it begins at noon.
        let start = 20_000 * DAY_SECS + DAY_SECS / 2;
        let mut taken = Vec::new();
        for step in 0..40 * 10_000_u64 {
            let now = start + step * DAY_SECS / 10_000;
            if bucket.take(Rate::UNKNOWN, UnixMs::from_secs(now)).is_ok() {
                taken.push(now);
            }
        }
        assert_eq!(taken.iter().filter(|at| **at < start + 30 * DAY_SECS).count(), 100);
        let most =
            taken.iter().map(|from| taken.iter().filter(|at| (*from..from + 30 * DAY_SECS).contains(at)).count()).max();
        assert_eq!(most, Some(100), "in any thirty days");
        assert!(taken.len() > 100, "and later there are tokens again");
    }

    #[test]
    fn f03_a_wait_has_an_end_and_says_it() {
        let mut bucket = TokenBucket::default();
        let now = UnixMs::from_secs(1_000_000);
        for _ in 0..5 {
            assert_eq!(bucket.take(Rate::UNKNOWN, now), Ok(()));
        }
        let until = bucket.take(Rate::UNKNOWN, now).unwrap_err();
        assert_eq!(until, now.plus_secs(300));
        assert!(bucket.take(Rate::UNKNOWN, now.plus_secs(299)).is_err());
        assert_eq!(bucket.take(Rate::UNKNOWN, until), Ok(()), "the waiting itself cost nothing");
    }

    #[test]
    fn a_clock_set_back_gives_no_tokens() {
        let mut bucket = TokenBucket::default();
        for _ in 0..5 {
            bucket.take(Rate::UNKNOWN, UnixMs::from_secs(10_000_000)).unwrap();
        }
        assert!(bucket.take(Rate::UNKNOWN, UnixMs::from_secs(5_000_000)).is_err());
        assert!(bucket.take(Rate::UNKNOWN, UnixMs::from_secs(10_000_000)).is_err());
    }

    #[test]
    fn paper_codes_have_no_bound_of_days_and_leave_no_trace() {
        let mut bucket = TokenBucket::default();
        let good = (0..1_000_u64).filter(|n| bucket.take(Rate::PAPER, UnixMs::from_secs(1_000_000 + 6 * n)).is_ok());
        assert_eq!(good.count(), 1_000);
        assert!(bucket.days.is_empty());
    }

    proptest! {
        #[test]
        fn the_time_that_is_said_is_the_first_at_which_it_works(gaps in proptest::collection::vec(0_u64..4_000, 1..200)) {
            let (mut bucket, mut now) = (TokenBucket::default(), 1_000_000_000_u64);
            for gap in gaps {
                now += gap;
                if let Err(until) = bucket.clone().take(Rate::UNKNOWN, UnixMs::from_secs(now)) {
                    prop_assert!(until > UnixMs::from_secs(now));
                    prop_assert!(bucket.clone().take(Rate::UNKNOWN, UnixMs::from_secs(until.secs() - 1)).is_err());
                } else {
                    bucket.take(Rate::UNKNOWN, UnixMs::from_secs(now)).unwrap();
                }
                prop_assert!(bucket.days.len() <= 31);
            }
        }
    }
}
