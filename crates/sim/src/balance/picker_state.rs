//! What an algorithm keeps to itself between picks, to be shown. Reading it changes nothing.

use super::endpoint::Endpoint;
use crate::time::{SimDuration, SimTime};

/// An algorithm's own state. A *slot* is a place in the list of endpoints.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum PickerState {
    /// It keeps nothing of its own: what it compares is in the rows of its decision.
    #[default]
    None,
    /// A running score a slot, in 1/[`super::endpoint::WEIGHT_UNIT`] of a weight.
    Scores(Vec<i64>),
    /// Points on a ring of 2^32 places, by place: the place and the slot that owns it.
    Ring(Vec<(u32, u32)>),
    /// A table: the slot that each of its entries names.
    Table(Vec<u32>),
    /// A response time a slot in microseconds that fades without answers; `None` before the first.
    Fading {
        /// After this long a value has fallen to 1/e, about 37 %.
        life: SimDuration,
        /// By slot.
        us: Vec<Option<f64>>,
    },
}

/// What a look at an algorithm's state may need.
#[derive(Clone, Copy, Debug)]
pub struct PickerStateQuery<'a> {
    /// When.
    pub now: SimTime,
    /// All endpoints in configuration order.
    pub endpoints: &'a [Endpoint],
}
