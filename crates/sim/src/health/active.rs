//! Active checks: HAProxy's rise/fall counter (src/check.c and src/server.c, 2.6).
//!
//! One number, 0 to rise + fall − 1, and UP from `rise` on. A good check adds one, and jumps to the
//! top when it reaches `rise`; a bad one takes one off, and drops to 0 when it falls below `rise`.
//! So while up, one good check wipes out earlier bad ones.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::field::schema::describe;
use crate::field::{scene_fields, span, whole};
use crate::time::SimDuration;

/// Where the counter of active checks starts (HAProxy's `init-state`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InitState {
    /// # Fully up
    ///
    /// Up, at the top: `fall` bad checks take it down (`fully-up`, HAProxy 3.1).
    #[default]
    FullyUp,
    /// # Up, but one bad check takes it down
    ///
    /// Up, at `rise`: one bad check takes it down (the only way before 3.1).
    Up,
}

/// The settings of active checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields, default)]
pub struct ActiveConfig {
    /// # Interval
    /// From the end of one check to the next, while all is well.
    ///
    /// HAProxy's `inter`.
    pub interval_us: SimDuration,
    /// # Interval in doubt
    /// The same after a failed check, and on the way up.
    ///
    /// HAProxy's `fastinter`.
    pub fast_interval_us: SimDuration,
    /// # Interval while down
    /// The same while the server is down.
    ///
    /// HAProxy's `downinter`.
    pub down_interval_us: SimDuration,
    /// # Time limit
    /// How long a check waits for its answer.
    pub timeout_us: SimDuration,
    /// # Rise
    /// Good checks in a row that bring a server up.
    pub rise: u32,
    /// # Fall
    /// Bad checks in a row that take it down.
    pub fall: u32,
    /// # At the start
    /// Where the counter of good and bad checks starts.
    pub init: InitState,
}

scene_fields!(ActiveConfig {
    interval_us: span(1_000),
    fast_interval_us: span(1_000),
    down_interval_us: span(1_000),
    timeout_us: span(1_000),
    rise: whole(1, 1_000),
    fall: whole(1, 1_000),
});

impl Default for ActiveConfig {
    fn default() -> Self {
        Self {
            interval_us: SimDuration::from_secs(10),
            fast_interval_us: SimDuration::from_secs(2),
            down_interval_us: SimDuration::from_secs(2),
            timeout_us: SimDuration::from_secs(3),
            rise: 2,
            fall: 3,
            init: InitState::FullyUp,
        }
    }
}

/// The change that a probe's result made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckTransition {
    /// The endpoint came up.
    WentUp,
    /// The endpoint went down.
    WentDown,
}

/// The counter of active checks of one endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActiveCheck {
    health: u32,
    rise: u32,
    fall: u32,
    last_was_bad: bool,
}

impl ActiveCheck {
    /// A counter at its start value.
    #[must_use]
    pub fn new(config: &ActiveConfig) -> Self {
        let (rise, fall) = (config.rise.max(1), config.fall.max(1));
        let health = match config.init {
            InitState::FullyUp => rise + fall - 1,
            InitState::Up => rise,
        };
        Self {
            health,
            rise,
            fall,
            last_was_bad: false,
        }
    }

    /// The same counter under new thresholds: up stays up, at the top, and down stays down.
    #[must_use]
    pub fn with_thresholds(self, config: &ActiveConfig) -> Self {
        let fresh = Self::new(&ActiveConfig {
            init: InitState::FullyUp,
            ..*config
        });
        if (self.rise, self.fall) == (fresh.rise, fresh.fall) {
            return self;
        }
        Self {
            health: if self.is_up() { fresh.top() } else { 0 },
            ..fresh
        }
    }

    /// Records the result of a probe; returns the change.
    pub fn on_result(&mut self, pass: bool) -> Option<CheckTransition> {
        let was_up = self.is_up();
        self.last_was_bad = !pass;
        if pass {
            self.health += 1;
            if self.health >= self.rise {
                self.health = self.top();
            }
        } else {
            self.health = self.health.saturating_sub(1);
            if self.health < self.rise {
                self.health = 0;
            }
        }
        self.transition(was_up)
    }

    /// Errors in real traffic take the endpoint down at once (`on-error mark-down`).
    pub fn on_mark_down(&mut self) -> Option<CheckTransition> {
        let was_up = self.is_up();
        (self.health, self.last_was_bad) = (0, true);
        self.transition(was_up)
    }

    /// Errors in real traffic leave the endpoint one bad probe from down (`on-error sudden-death`).
    pub fn on_sudden_death(&mut self) -> Option<CheckTransition> {
        if self.health > self.rise {
            self.health = self.rise + 1;
        }
        self.on_result(false)
    }

    /// Sets the counter up, but one bad probe from down: as at the start before HAProxy 3.1, and after maintenance.
    pub fn restart(&mut self) {
        (self.health, self.last_was_bad) = (self.rise, false);
    }

    fn transition(&self, was_up: bool) -> Option<CheckTransition> {
        match (was_up, self.is_up()) {
            (false, true) => Some(CheckTransition::WentUp),
            (true, false) => Some(CheckTransition::WentDown),
            _ => None,
        }
    }

    /// The time from the end of the probe just counted to the next one.
    #[must_use]
    pub const fn next_delay(&self, config: &ActiveConfig) -> SimDuration {
        if self.health == self.top() {
            config.interval_us
        } else if self.health == 0 {
            config.down_interval_us
        } else {
            config.fast_interval_us
        }
    }

    /// Sets the counter to the top, as when checks are turned off.
    pub const fn reset(&mut self) {
        self.health = self.top();
        self.last_was_bad = false;
    }

    /// Whether the endpoint is up.
    #[must_use]
    pub const fn is_up(&self) -> bool {
        self.health >= self.rise
    }

    /// Whether the endpoint is up although the last probe was bad.
    #[must_use]
    pub const fn is_failing(&self) -> bool {
        self.is_up() && self.last_was_bad
    }

    /// `(a, b)` as HAProxy's statistics page has it: UP a/b counts down to the fall, DOWN a/b counts
    /// up to the rise.
    #[must_use]
    pub const fn counter(&self) -> (u32, u32) {
        if self.is_up() {
            (self.health - self.rise + 1, self.fall)
        } else {
            (self.health, self.rise)
        }
    }

    const fn top(&self) -> u32 {
        self.rise + self.fall - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(init: InitState, rise: u32, fall: u32, results: &str, expected: &str) {
        let config = ActiveConfig {
            rise,
            fall,
            init,
            ..ActiveConfig::default()
        };
        let mut machine = ActiveCheck::new(&config);
        let seen: Vec<String> = results
            .chars()
            .map(|result| {
                machine.on_result(result == '+');
                let (a, b) = machine.counter();
                format!("{}{a}/{b}", if machine.is_up() { "U" } else { "D" })
            })
            .collect();
        assert_eq!(seen.join(" "), expected);
    }

    #[test]
    fn three_bad_checks_take_it_down_and_two_good_ones_bring_it_up() {
        check(
            InitState::FullyUp,
            2,
            3,
            "---++",
            "U2/3 U1/3 D0/2 D1/2 U3/3",
        );
    }

    #[test]
    fn one_good_check_wipes_out_two_bad_ones() {
        check(
            InitState::FullyUp,
            2,
            3,
            "--+--",
            "U2/3 U1/3 U3/3 U2/3 U1/3",
        );
    }

    #[test]
    fn one_bad_check_wipes_out_the_way_up() {
        check(InitState::FullyUp, 3, 1, "-++-", "D0/3 D1/3 D2/3 D0/3");
    }

    #[test]
    fn starting_at_rise_the_first_bad_check_takes_it_down() {
        check(InitState::Up, 2, 3, "-", "D0/2");
        check(InitState::Up, 2, 3, "+-", "U3/3 U2/3");
    }

    #[test]
    fn the_pace_follows_the_counter() {
        let config = ActiveConfig {
            fast_interval_us: SimDuration::from_secs(1),
            down_interval_us: SimDuration::from_secs(5),
            ..ActiveConfig::default()
        };
        let mut machine = ActiveCheck::new(&config);
        assert_eq!(machine.next_delay(&config), SimDuration::from_secs(10));
        machine.on_result(false);
        assert_eq!(machine.next_delay(&config), SimDuration::from_secs(1));
        assert!(machine.is_failing());
        machine.on_result(false);
        assert_eq!(machine.on_result(false), Some(CheckTransition::WentDown));
        assert_eq!(machine.next_delay(&config), SimDuration::from_secs(5));
        machine.on_result(true);
        assert_eq!(machine.next_delay(&config), SimDuration::from_secs(1));
        assert_eq!(machine.on_result(true), Some(CheckTransition::WentUp));
        assert_eq!(machine.next_delay(&config), SimDuration::from_secs(10));
    }
}
