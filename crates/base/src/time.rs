/// A point in time: milliseconds since 1970-01-01T00:00:00Z, without leap seconds. The only time in any signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMs(u64);

impl UnixMs {
    /// From milliseconds since the epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// From a number of JavaScript: milliseconds since the epoch, a fraction left out. `None` for what is no time of a `Date`
    /// (ECMA-262 section 21.4.1.1), and for 1e9 to 1e10: the seconds of today, handed over as milliseconds, would silently be a
    /// time in early 1970.
    pub fn from_number(millis: f64) -> Option<Self> {
        let seconds = (1e9..=1e10).contains(&millis);
        #[expect(clippy::as_conversions, reason = "in range, and rounded down on purpose")]
        (!seconds && (0.0..=8.64e15).contains(&millis)).then_some(Self(millis as u64))
    }

    /// From whole seconds since the epoch; saturates at `u64::MAX` milliseconds.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn secs(self) -> u64 {
        self.0 / 1000
    }

    /// Adds seconds; saturates.
    #[must_use]
    pub const fn plus_secs(self, secs: u64) -> Self {
        Self(self.0.saturating_add(secs.saturating_mul(1000)))
    }

    /// Milliseconds from `earlier` to here; zero when `earlier` is later, so that a clock that was set back
    /// never gives a huge age.
    pub const fn millis_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Whole seconds from `earlier` to here; zero when `earlier` is later.
    pub const fn secs_since(self, earlier: Self) -> u64 {
        self.millis_since(earlier) / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::UnixMs;

    #[test]
    fn seconds_and_milliseconds_agree() {
        let t = UnixMs::from_millis(1_999);
        assert_eq!(t.secs(), 1);
        assert_eq!(t.plus_secs(2).millis(), 3_999);
        assert_eq!(UnixMs::from_secs(u64::MAX).millis(), u64::MAX);
    }

    #[test]
    fn a_number_is_a_time_unless_it_looks_like_seconds() {
        let taken = |number: f64| UnixMs::from_number(number).map(UnixMs::millis);
        for (number, millis) in
            [(0.0, 0), (59_000.0, 59_000), (999_999_999.0, 999_999_999), (1.5e12 + 0.25, 1_500_000_000_000)]
        {
            assert_eq!(taken(number), Some(millis));
        }
        assert_eq!(taken(8.64e15), Some(8_640_000_000_000_000));
        for number in [-1.0, f64::NAN, f64::INFINITY, 8.64e15 + 2.0, 1e9, 1_767_225_600.0, 1_767_225_600.25, 1e10] {
            assert_eq!(taken(number), None, "{number}");
        }
    }

    #[test]
    fn a_clock_set_back_gives_age_zero() {
        let early = UnixMs::from_secs(10);
        assert_eq!(early.secs_since(early.plus_secs(5)), 0);
        assert_eq!(early.plus_secs(5).secs_since(early), 5);
    }
}
