//! The circuit breaker of a CAS server: while it is open, nobody waits for a timeout.

use base::UnixMs;

use super::ticket::{Body, Fault};

/// Failures in a row that open the circuit.
const FAILURES: u32 = 5;
/// Window in which they count, in seconds.
const WINDOW_SECS: u64 = 30;
/// Time that the circuit stays open before one try goes through, in seconds.
const OPEN_SECS: u64 = 10;

/// The circuit of one CAS server in one instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Breaker {
    failures: u32,
    first: Option<UnixMs>,
    open_until: Option<UnixMs>,
}

/// The state of a circuit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Circuit {
    /// The server is used.
    #[default]
    Closed,
    /// The server failed several times just now and is not used.
    Open,
}

impl Breaker {
    /// Whether a try may be made. After the open time one try goes through; another waits for its outcome.
    pub fn allows(&mut self, now: UnixMs) -> bool {
        match self.open_until {
            Some(until) if now < until => false,
            Some(_) => {
                self.open_until = Some(now.plus_secs(OPEN_SECS));
                true
            }
            None => true,
        }
    }

    /// The state, without a try.
    pub fn health(&self, now: UnixMs) -> Circuit {
        if self.open_until.is_some_and(|until| now < until) { Circuit::Open } else { Circuit::Closed }
    }

    /// Takes what came of a try, and tells whether the server is to be probed: a validation with a made-up ticket, whose
    /// outcome is for [`Breaker::probed`]. Every HTTP answer is an answer: a stranger's ticket may well make a server say 500,
    /// or keep it busy for too long, and must keep nobody else out.
    #[must_use]
    pub fn record(&mut self, outcome: &Result<Body, Fault>, now: UnixMs) -> bool {
        if outcome.is_ok() {
            *self = Self::default();
            return false;
        }
        self.failed(now);
        self.failures >= FAILURES
    }

    /// Takes what came of a probe. Without any answer the circuit opens.
    pub fn probed(&mut self, outcome: &Result<Body, Fault>, now: UnixMs) {
        match outcome {
            Ok(_) => *self = Self::default(),
            Err(_) => self.open_until = Some(now.plus_secs(OPEN_SECS)),
        }
    }

    fn failed(&mut self, now: UnixMs) {
        let recent = self.first.is_some_and(|first| now.secs_since(first) < WINDOW_SECS);
        if !recent {
            *self = Self { failures: 0, first: Some(now), ..*self };
        }
        self.failures = self.failures.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AWAY: Result<Body, Fault> = Err(Fault::Timeout);

    const fn status(status: u16) -> Result<Body, Fault> {
        Ok(Body { status, bytes: Vec::new() })
    }

    #[test]
    fn t02_five_silences_in_a_row_and_a_silent_probe_open_it_for_ten_seconds() {
        let at = UnixMs::from_secs;
        let mut breaker = Breaker::default();
        for second in 0..4 {
            assert!(!breaker.record(&AWAY, at(second)), "{second}");
            assert!(breaker.allows(at(second)));
        }
        assert!(breaker.record(&AWAY, at(4)), "now it is probed");
        assert!(breaker.allows(at(4)), "and not open before the probe's outcome");
        breaker.probed(&AWAY, at(4));
        assert!(!breaker.allows(at(5)));
        assert_eq!((breaker.health(at(13)), breaker.health(at(14))), (Circuit::Open, Circuit::Closed));
        assert!(breaker.allows(at(14)), "one try");
        assert!(!breaker.allows(at(14)), "and no second beside it");
        assert!(!breaker.record(&status(404), at(14)));
        assert!(breaker.allows(at(15)));
    }

    #[test]
    fn t08_no_http_answer_opens_it_and_a_probe_that_is_answered_closes_it() {
        let at = UnixMs::from_secs;
        let mut breaker = Breaker::default();
        for second in 0..100 {
            assert!(!breaker.record(&status(500), at(second)));
        }
        for second in 0..4 {
            assert!(!breaker.record(&AWAY, at(second)));
        }
        assert!(breaker.record(&AWAY, at(4)));
        breaker.probed(&status(503), at(5));
        assert!(breaker.allows(at(5)));
        assert!(!breaker.record(&AWAY, at(6)), "counted anew");
    }

    #[test]
    fn failures_count_together_for_less_than_thirty_seconds() {
        for (last, want) in [(29, true), (30, false)] {
            let mut breaker = Breaker::default();
            for _ in 0..4 {
                assert!(!breaker.record(&AWAY, UnixMs::from_secs(0)));
            }
            assert_eq!(breaker.record(&AWAY, UnixMs::from_secs(last)), want, "{last}");
        }
    }

    #[test]
    fn slow_single_failures_never_open_it() {
        let mut breaker = Breaker::default();
        for n in 0..20 {
            assert!(!breaker.record(&AWAY, UnixMs::from_secs(n * 31)));
        }
    }
}
