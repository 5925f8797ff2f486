//! HAProxy's `observe`: errors in real traffic act on the counter of active checks.
//!
//! Source: HAProxy 2.6, `__health_adjust` in src/check.c. A number of errors in a row acts on the counter as
//! `on-error` says. A good answer ends the row, and so does a good probe.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::active::{ActiveCheck, CheckTransition};

/// The part of real traffic that is watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Observe {
    /// # Connections and answers
    ///
    /// The success of connections, and the status of answers.
    Layer7,
    /// # Connections
    ///
    /// The success of connections.
    Layer4,
    /// # Nothing
    ///
    /// No part: the rule is off.
    #[default]
    Nothing,
}

/// The effect of a full row of errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnError {
    /// # The next check comes sooner
    ///
    /// The next probe comes sooner, as with the other effects too.
    FastInter,
    /// # Count as one failed check
    ///
    /// The errors count as one failed probe.
    #[default]
    FailCheck,
    /// # One more failed check is fatal
    ///
    /// The counter drops so far that one more failed probe takes the endpoint down.
    SuddenDeath,
    /// # Down at once
    ///
    /// The endpoint is down at once.
    MarkDown,
}

/// The settings of `observe`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObserveConfig {
    /// The part of real traffic that is watched.
    pub observe: Observe,
    /// The number of errors in a row that act. At least 1.
    pub error_limit: u32,
    /// The effect of the errors.
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

/// The result of one request, for `observe`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObservedRequest {
    /// No connection could be opened.
    ConnectFailed,
    /// A response with this status came.
    Status(u16),
    /// The connection worked, but no good answer came: reset or timed out.
    NoAnswer,
}

/// The count of errors in a row of one server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ErrorRow {
    errors: u32,
}

impl ErrorRow {
    /// Records the result of a request; a full row acts on the counter. Returns the change, and whether the row was
    /// full, which pulls the next probe forward.
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

    /// Records that a probe passed.
    pub fn on_check_passed(&mut self) {
        self.errors = 0;
    }
}

/// Whether a result is good; `None` if it is not watched. Clients can cause 501 and 505, so these are good.
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
