//! HAProxy's `observe`: what real traffic says, on the same counter as the active checks.
//!
//! Source: HAProxy 2.6, `__health_adjust` in src/check.c. A number of errors in a row acts on the
//! counter as `on-error` says. A good answer ends the row, and so does a good active check.

use serde::{Deserialize, Serialize};

use super::active::{ActiveCheck, CheckTransition};

/// What is watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Observe {
    /// Nothing.
    #[default]
    Nothing,
    /// Whether connections succeed.
    Layer4,
    /// Whether connections succeed and answers are good.
    Layer7,
}

/// What a row of errors does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnError {
    /// The next check comes sooner, which the other ways do too.
    FastInter,
    /// Counts as one failed check.
    #[default]
    FailCheck,
    /// One more failed check will be fatal: the counter drops to the last step before it.
    SuddenDeath,
    /// Down at once.
    MarkDown,
}

/// The rules of `observe`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObserveConfig {
    /// What is watched.
    pub observe: Observe,
    /// How many errors in a row act. At least 1.
    pub error_limit: u32,
    /// What they do.
    pub on_error: OnError,
}

impl Default for ObserveConfig {
    fn default() -> Self {
        Self {
            observe: Observe::Nothing,
            error_limit: 10,
            on_error: OnError::FailCheck,
        }
    }
}

/// What became of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObservedRequest {
    /// No connection came about.
    ConnectFailed,
    /// An answer with this status.
    Status(u16),
    /// No good answer after the connection: reset or timed out.
    NoAnswer,
}

/// The row of errors of one server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ErrorRow {
    errors: u32,
}

impl ErrorRow {
    /// Takes in one request; the counter moves where the row is full. Tells what that changed, and
    /// whether the row was full, which pulls the next check forward.
    pub fn on_seen(
        &mut self,
        seen: ObservedRequest,
        config: &ObserveConfig,
        check: &mut ActiveCheck,
    ) -> (bool, Option<CheckTransition>) {
        let Some(good) = judge(seen, config.observe) else {
            return (false, None);
        };
        if good {
            self.errors = 0;
            return (false, None);
        }
        self.errors = self.errors.saturating_add(1);
        if self.errors < config.error_limit.max(1) {
            return (false, None);
        }
        self.errors = 0;
        let transition = match config.on_error {
            OnError::FastInter => None,
            OnError::FailCheck => check.on_result(false),
            OnError::SuddenDeath => check.on_sudden_death(),
            OnError::MarkDown => check.on_mark_down(),
        };
        (true, transition)
    }

    /// An active check passed.
    pub fn on_check_passed(&mut self) {
        self.errors = 0;
    }
}

/// Whether it is good; `None` where it is not watched. 501 and 505 are what a client can ask for,
/// so they are good.
const fn judge(seen: ObservedRequest, observe: Observe) -> Option<bool> {
    match (observe, seen) {
        (Observe::Nothing, _) => None,
        (_, ObservedRequest::ConnectFailed) => Some(false),
        // An answer means that the connection came about.
        (Observe::Layer4, _) => Some(true),
        (Observe::Layer7, ObservedRequest::NoAnswer) => Some(false),
        (Observe::Layer7, ObservedRequest::Status(status)) => {
            Some(matches!(status, 100..=499 | 501 | 505))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::active::ActiveConfig;

    fn run(on_error: OnError, errors: u32) -> (u32, u32, bool) {
        let config = ObserveConfig {
            observe: Observe::Layer7,
            error_limit: 5,
            on_error,
        };
        let mut check = ActiveCheck::new(&ActiveConfig::default());
        let mut row = ErrorRow::default();
        for _ in 0..errors {
            row.on_seen(ObservedRequest::Status(500), &config, &mut check);
        }
        let (a, b) = check.counter();
        (a, b, check.is_up())
    }

    #[test]
    fn a_full_row_counts_as_one_failed_check() {
        assert_eq!(run(OnError::FailCheck, 4), (3, 3, true));
        assert_eq!(run(OnError::FailCheck, 5), (2, 3, true));
        assert_eq!(run(OnError::FailCheck, 15), (0, 2, false));
    }

    #[test]
    fn sudden_death_leaves_one_step_and_mark_down_none() {
        assert_eq!(run(OnError::SuddenDeath, 5), (1, 3, true));
        assert_eq!(run(OnError::SuddenDeath, 10), (0, 2, false));
        assert_eq!(run(OnError::MarkDown, 5), (0, 2, false));
        assert_eq!(run(OnError::FastInter, 50), (3, 3, true));
    }

    #[test]
    fn a_good_answer_ends_the_row() {
        let config = ObserveConfig {
            observe: Observe::Layer7,
            error_limit: 2,
            ..Default::default()
        };
        let mut check = ActiveCheck::new(&ActiveConfig::default());
        let mut row = ErrorRow::default();
        for status in [500, 404, 500, 501, 500, 505] {
            let seen = ObservedRequest::Status(status);
            assert_eq!(row.on_seen(seen, &config, &mut check), (false, None));
        }
        row.on_seen(ObservedRequest::Status(500), &config, &mut check);
        row.on_check_passed();
        assert_eq!(
            row.on_seen(ObservedRequest::NoAnswer, &config, &mut check),
            (false, None)
        );
        assert_eq!(
            row.on_seen(ObservedRequest::ConnectFailed, &config, &mut check),
            (true, None)
        );
    }
}
