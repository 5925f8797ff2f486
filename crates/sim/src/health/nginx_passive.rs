//! nginx's passive rule: `max_fails` and `fail_timeout`.
//!
//! Source: nginx 1.22.1, src/http/ngx_http_upstream_round_robin.c, `ngx_http_upstream_get_peer` and
//! `ngx_http_upstream_free_round_robin_peer`. The clock is whole seconds and the test is `<=`, so `fail_timeout=2s` keeps
//! a server out for 2 to 3 seconds. After `fail_timeout` the endpoint is half-open, as a circuit breaker calls it: one
//! request goes through as a trial. The pick itself renews the waiting time, so the others are held off for another
//! `fail_timeout`, or until the trial has come back.

/// The state of the rule for one endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NginxPassive {
    max_fails: u32,
    fail_timeout_s: u64,
    fails: u32,
    /// The second of the last failure; `None` before the first.
    accessed: Option<u64>,
    /// The second of the last failure or of the last pick that opened a new period.
    checked: Option<u64>,
    out: bool,
    /// Whether a trial is in flight: a request that shows whether the endpoint works again.
    trial_in_flight: bool,
}

impl NginxPassive {
    /// `max_fails` failures take the endpoint out for `fail_timeout_s` seconds; 0 turns the rule off.
    #[must_use]
    pub const fn new(max_fails: u32, fail_timeout_s: u64) -> Self {
        Self {
            max_fails,
            fail_timeout_s,
            fails: 0,
            accessed: None,
            checked: None,
            out: false,
            trial_in_flight: false,
        }
    }

    /// The number of failures that take the endpoint out; 0 if the rule is off.
    #[must_use]
    pub const fn max_fails(&self) -> u32 {
        self.max_fails
    }

    /// The number of failures that count against the endpoint now.
    #[must_use]
    pub const fn fails(&self) -> u32 {
        self.fails
    }

    /// Whether the rule kept the endpoint out at the last [`Self::tick`].
    #[must_use]
    pub const fn is_out(&self) -> bool {
        self.out
    }

    /// Updates the state to the time in whole seconds; returns whether the rule keeps the endpoint out now.
    pub fn tick(&mut self, now_s: u64) -> bool {
        self.out = self.max_fails > 0 && self.fails >= self.max_fails && !self.is_over(now_s);
        self.out
    }

    /// The whole second in which the time-out is over.
    #[must_use]
    pub fn back_at(&self) -> u64 {
        let checked = self.checked.unwrap_or(0);
        checked
            .saturating_add(self.fail_timeout_s)
            .saturating_add(1)
    }

    /// Records that a request was sent to the endpoint.
    pub fn on_picked(&mut self, now_s: u64) {
        if self.is_over(now_s) {
            self.checked = Some(now_s);
            self.trial_in_flight = self.max_fails > 0 && self.fails >= self.max_fails;
        }
        self.tick(now_s);
    }

    /// Records the end of a request; `failed` in a way that counts. Returns whether that took the endpoint out: it was
    /// in use, or only a trial was let through.
    pub fn on_finished(&mut self, now_s: u64, failed: bool) -> bool {
        let in_use = !self.out || std::mem::take(&mut self.trial_in_flight);
        if failed {
            self.fails = self.fails.saturating_add(1);
            self.accessed = Some(now_s);
            self.checked = Some(now_s);
        } else if self.accessed < self.checked {
            // The pick came more than fail_timeout after the last failure: the period was quiet.
            self.fails = 0;
        }
        self.tick(now_s) && failed && in_use
    }

    /// Whether more than `fail_timeout` has passed since the last check.
    fn is_over(&self, now_s: u64) -> bool {
        self.checked
            .is_none_or(|checked| now_s.saturating_sub(checked) > self.fail_timeout_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_out_ends_when_the_second_after_it_has_begun() {
        let mut rule = NginxPassive::new(1, 2);
        rule.on_picked(5);
        rule.on_finished(5, true);
        assert!(rule.is_out());
        assert!(rule.tick(7), "<= keeps it out in the second itself");
        assert!(!rule.tick(8));
    }

    #[test]
    fn one_trial_goes_and_the_rest_wait_for_it() {
        let mut rule = NginxPassive::new(3, 2);
        for _ in 0..3 {
            rule.on_picked(0);
            rule.on_finished(0, true);
        }
        assert!(!rule.tick(3));
        rule.on_picked(3);
        assert!(rule.is_out(), "held off while the trial is out");
        rule.on_finished(3, false);
        assert!(!rule.is_out());
        assert_eq!(rule.fails(), 0);
    }

    #[test]
    fn after_the_time_out_one_failed_trial_is_enough() {
        let mut rule = NginxPassive::new(3, 2);
        for _ in 0..3 {
            rule.on_finished(0, true);
        }
        assert!(!rule.tick(3));
        rule.on_picked(3);
        rule.on_finished(3, true);
        assert!(rule.is_out());
    }

    #[test]
    fn a_success_within_the_period_forgives_nothing() {
        let mut rule = NginxPassive::new(2, 10);
        rule.on_picked(0);
        rule.on_finished(0, true);
        rule.on_picked(5);
        rule.on_finished(5, false);
        assert_eq!(rule.fails(), 1);
        rule.on_picked(11);
        rule.on_finished(11, false);
        assert_eq!(rule.fails(), 0);
    }

    #[test]
    fn max_fails_0_switches_it_off() {
        let mut rule = NginxPassive::new(0, 10);
        rule.on_finished(0, true);
        assert!(!rule.is_out());
    }
}
