//! The internal state of a picker between picks, for display. Reading it changes nothing.

use super::endpoint::Endpoint;
use super::picker::OwnFigures;
use crate::time::{SimDuration, SimTime};

/// The internal state of a picker. A *slot* is an index in the list of endpoints.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum PickerState {
    /// No state of its own: what it compares is in the rows of its decision.
    #[default]
    None,
    /// A running score for each slot, in 1/[`super::endpoint::WEIGHT_UNIT`] of a weight.
    Scores(Vec<i64>),
    /// The points on a ring of 2^32 positions, in order: the position and the slot that owns it.
    Ring(Vec<(u32, u32)>),
    /// A table: the slot that each of its entries names.
    Table(Vec<u32>),
    /// A response time for each slot that decays without answers.
    Fading {
        /// The time in which a value decays to 1/e, about 37 %.
        life: SimDuration,
        /// The response times in microseconds, by slot; `None` before the first.
        us: Vec<Option<f64>>,
    },
    /// Numbers that no other algorithm keeps.
    Own {
        /// What the numbers are: the name of one of the algorithm's
        /// [`own_texts`](super::catalogue::CatalogueRow::own_texts), with the algorithm's id and a dot before it.
        text: &'static str,
        /// The numbers of each slot.
        figures: Vec<OwnFigures>,
    },
}

/// The inputs that reading a picker's state may need.
#[derive(Clone, Copy, Debug)]
pub struct PickerStateQuery<'a> {
    /// The present simulated time.
    pub now: SimTime,
    /// All endpoints in configuration order.
    pub endpoints: &'a [Endpoint],
}
