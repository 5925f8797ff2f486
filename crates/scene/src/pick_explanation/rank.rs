//! Which rows of a decision matter more, for when not all fit.

use evenkeel_sim::balance::picker::{CandidateValue, OwnFigures};

/// The sort key of a row: smaller for rows that matter more, for when not all fit.
pub(super) fn rank(value: CandidateValue) -> u64 {
    match value {
        CandidateValue::Drawn { order, .. } => ordinal(0, i64::from(order)),
        CandidateValue::Score { before, .. } => ordinal(1, -before),
        CandidateValue::Load { active, weight } => {
            ordinal(1, i64::from(active) * 1_000_000 / i64::from(weight.max(1)))
        }
        CandidateValue::Slots { first, .. } => ordinal(1, i64::from(first)),
        CandidateValue::SlotCount { owned, .. } => ordinal(1, -i64::from(owned)),
        CandidateValue::Turn { due, .. } => ordinal(1, due),
        CandidateValue::RingDistance(distance) | CandidateValue::Bounded { distance, .. } => {
            ordinal(1, i64::from(distance))
        }
        // A score has 64 bits: its lowest three decide nothing that can be seen.
        CandidateValue::KeyScore(score) => ordinal(1, -(score >> 3).cast_signed()),
        CandidateValue::Time { average_ms, active } => {
            let cost = average_ms.saturating_mul(u64::from(active) + 1);
            ordinal(1, i64::try_from(cost).unwrap_or(i64::MAX))
        }
        CandidateValue::Own(OwnFigures { figures }) => ordinal(
            1,
            -i64::try_from(figures[2].1.unwrap_or(0)).unwrap_or(i64::MAX),
        ),
        CandidateValue::Chance(millionths) => ordinal(2, -i64::from(millionths)),
        CandidateValue::NotUsed => ordinal(3, 0),
    }
}

/// One number that orders by class first (0 to 3), then by value (within 2^61 of 0).
fn ordinal(class: u64, value: i64) -> u64 {
    const HALF: i64 = 1 << 61;
    class << 62 | (value.clamp(-HALF, HALF - 1) + HALF) as u64
}
