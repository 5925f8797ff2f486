//! The reason of a pick, as one sentence.

use super::{name, pool};
use crate::words;
use evenkeel_sim::balance::algorithm::Implementation;
use evenkeel_sim::balance::picker::{CandidateRow, CandidateValue, Reason};
use evenkeel_sim::balance::spec::Layer;
use evenkeel_sim::balance::upstream::Decision;
use evenkeel_sim::engine::view::View;
use evenkeel_words::t;

/// The reason for this server, or why none was picked.
pub(super) fn answer(view: View<'_>, decision: &Decision) -> String {
    let Some((picked, reason)) = decision.picked else {
        return if decision.number > 0 {
            nobody(view, decision)
        } else {
            t!("reason.none")
        };
    };
    let config = pool(view, decision).config();
    let l4 = config.layer == Layer::L4;
    match reason {
        // Of equal weights nothing but the turn is left of the scores.
        Reason::HighestScore if !config.picker.algorithm.row().weighted => t!("reason.next"),
        Reason::HighestScore => match equals(decision) {
            0 | 1 => t!("reason.highest_score"),
            tied => t!("reason.score_tie", tied = tied),
        },
        Reason::NextInTurn => t!("reason.next"),
        Reason::FewestActive if config.picker.algorithm.row().weighted => {
            if l4 {
                t!("reason.fewest_weight_l4")
            } else {
                t!("reason.fewest_weight")
            }
        }
        Reason::FewestActive if l4 => t!("reason.fewest_l4"),
        Reason::FewestActive => t!("reason.fewest"),
        Reason::FewestActiveTie { tied } => {
            t!("reason.tie_turns", tied = u64::from(tied))
        }
        Reason::FewestActiveQueue { tied } => {
            if l4 {
                t!("reason.tie_longest_l4", tied = u64::from(tied))
            } else {
                t!("reason.tie_longest", tied = u64::from(tied))
            }
        }
        Reason::FewestActiveFirst { tied } => {
            if l4 {
                t!("reason.tie_first_l4", tied = u64::from(tied))
            } else {
                t!("reason.tie_first", tied = u64::from(tied))
            }
        }
        Reason::FirstWithRoom => t!("reason.room"),
        Reason::HashSlot { .. } | Reason::RingPoint { .. } | Reason::RingRoom { .. } => {
            hashed(reason, config.picker.implementation, name(view, picked))
        }
        Reason::HighestKeyScore => t!("reason.key_score"),
        Reason::LeastTime => t!("reason.least_time"),
        Reason::Drawn { redraws: 0 } => t!("reason.drawn"),
        Reason::Drawn { redraws } => {
            t!("reason.redrawn", redraws = u64::from(redraws))
        }
        Reason::DrawnOf { of } => t!("reason.drawn_of", of = of),
        Reason::BetterOfTwo { other, .. } | Reason::FirstOfTwo { other }
            if decision.picked.is_some_and(|(id, _)| id == other) =>
        {
            t!("reason.both")
        }
        Reason::BetterOfTwo { other, tie } => {
            let other = name(view, other);
            if tie {
                t!("reason.two_later", other = other)
            } else {
                t!("reason.two_less", other = other)
            }
        }
        Reason::CheaperOfTwo { other } => {
            let other = name(view, other);
            t!("reason.two_cheaper", other = other)
        }
        Reason::FirstOfTwo { other } => {
            let other = name(view, other);
            t!("reason.two_first", other = other)
        }
        Reason::Own { text, thousandths } => words::own(text, thousandths),
        Reason::OnlyOne => t!("reason.only"),
        Reason::Fallback => t!("reason.fallback"),
        Reason::Pinned if config.layer == Layer::L7 => {
            t!("reason.cookie")
        }
        Reason::Pinned => t!("reason.tied"),
        Reason::NextWaiting => t!("reason.waited"),
    }
}

/// The reason why no endpoint could be picked.
fn nobody(view: View<'_>, decision: &Decision) -> String {
    let endpoints = pool(view, decision).endpoints();
    if endpoints.is_empty() {
        t!("reason.no_servers")
    } else if endpoints.iter().all(|endpoint| endpoint.config.weight == 0) {
        t!("reason.no_weights")
    } else {
        t!("reason.no_use")
    }
}

/// The number of endpoints with the winner's running score when it won.
fn equals(decision: &Decision) -> usize {
    let before = |row: &CandidateRow| match row.value {
        CandidateValue::Score { before, .. } => Some(before),
        _ => None,
    };
    let winner = decision.picked.map(|(id, _)| id);
    let best = decision
        .rows
        .iter()
        .find(|row| Some(row.endpoint) == winner)
        .and_then(before);
    let same = |row: &&CandidateRow| best.is_some() && before(row) == best;
    decision.rows.iter().filter(same).count()
}

/// What a hash named, in words; `server` is the one that was picked.
fn hashed(reason: Reason, implementation: Implementation, server: String) -> String {
    // Hashes and places on rings are names, not amounts: no signs between their digits.
    match reason {
        Reason::HashSlot {
            hash,
            slots,
            slot,
            rehashes,
        } => {
            let (hash, slot) = (hash.to_string(), slot.to_string());
            let slots = u64::from(slots);
            match u64::from(rehashes) {
                0 => t!(
                    "reason.slot",
                    hash = hash,
                    slots = slots,
                    slot = slot,
                    server = server
                ),
                times => t!(
                    "reason.slot_again",
                    hash = hash,
                    slots = slots,
                    slot = slot,
                    server = server,
                    times = times
                ),
            }
        }
        Reason::RingPoint {
            hash,
            point,
            skipped,
        } => {
            let (hash, point, skipped) = (hash.to_string(), point.to_string(), u64::from(skipped));
            // Which point wins: HAProxy takes the nearest, before or after the key.
            let nearest = implementation == Implementation::Haproxy;
            match (nearest, skipped) {
                (true, 0) => t!("reason.ring_nearest", hash = hash, point = point),
                (false, 0) => t!("reason.ring_next", hash = hash, point = point),
                (true, n) => t!(
                    "reason.ring_nearest_past",
                    hash = hash,
                    point = point,
                    n = n
                ),
                (false, n) => t!("reason.ring_next_past", hash = hash, point = point, n = n),
            }
        }
        Reason::RingRoom {
            hash,
            point,
            passed,
        } => {
            let (hash, point) = (hash.to_string(), point.to_string());
            match u64::from(passed) {
                0 => t!("reason.ring_room", hash = hash, point = point),
                n => t!("reason.ring_room_past", hash = hash, point = point, n = n),
            }
        }
        _ => String::new(),
    }
}
