//! The reason of a pick, as one sentence.

use super::name;
use crate::sim::balance::algorithm::Flavour;
use crate::sim::balance::picker::{Reason, Row, RowValue};
use crate::sim::balance::spec::Layer;
use crate::sim::balance::upstream::Decision;
use crate::sim::engine::view::View;

/// Why this server, or why nobody.
pub(super) fn answer(view: View<'_>, decision: &Decision) -> String {
    let Some((_, reason)) = decision.picked else {
        return if decision.number > 0 {
            nobody(view).to_string()
        } else {
            "Nothing has been picked yet.".to_string()
        };
    };
    let load = match view.balancer().spec().layer {
        Layer::L4 => "connections",
        Layer::L7 => "requests in progress",
    };
    match reason {
        Reason::HighestScore => match equals(decision) {
            0 | 1 => "Its running score is the highest.".to_string(),
            tied => format!("{tied} tie for the highest score; the first in the list wins."),
        },
        Reason::NextInTurn => "It is the next in turn.".to_string(),
        Reason::FewestActive if view.balancer().spec().algorithm.row().honours_weight() => {
            format!("It has the fewest {load} for its weight.")
        }
        Reason::FewestActive => format!("It has the fewest {load}."),
        Reason::FewestActiveTie { tied } => {
            format!("{tied} are equally busy; they take turns.")
        }
        Reason::FewestActiveQueue { tied } => {
            format!("{tied} have the fewest {load}; it has waited longest among them.")
        }
        Reason::FewestActiveFirst { tied } => {
            format!("{tied} have the fewest {load}; it is the first of them in the list.")
        }
        Reason::FirstWithRoom => "It is the first in the list with room.".to_string(),
        Reason::HashSlot { .. } | Reason::RingPoint { .. } | Reason::RingRoom { .. } => {
            hashed(reason, next_point(view))
        }
        Reason::HighestKeyScore => "Hashed with the key, it scores highest.".to_string(),
        Reason::LeastTime => "Its response time times its load is the lowest.".to_string(),
        Reason::Drawn { redraws: 0 } => "It was drawn by lot.".to_string(),
        Reason::Drawn { redraws } => {
            format!("It was drawn by lot, after {redraws} draws of servers out of use.")
        }
        Reason::BetterOfTwo { other, .. } | Reason::FirstOfTwo { other }
            if decision.picked.is_some_and(|(id, _)| id == other) =>
        {
            "Both draws named it.".to_string()
        }
        Reason::BetterOfTwo { other, tie } => {
            let other = name(view, other);
            if tie {
                format!("Drawn with {other}; equally busy, so the later draw wins.")
            } else {
                format!("Drawn with {other}; it is the less busy one.")
            }
        }
        Reason::CheaperOfTwo { other } => {
            let other = name(view, other);
            format!("Drawn with {other}; its response time times its load is lower.")
        }
        Reason::FirstOfTwo { other } => {
            let other = name(view, other);
            format!("Drawn with {other}; equally busy, so the first draw stays.")
        }
        Reason::OnlyOne => "It is the only one in use.".to_string(),
        Reason::Fallback => "Nobody usable was found, so they take turns.".to_string(),
        Reason::Pinned if view.balancer().spec().layer == Layer::L7 => {
            "The user's cookie names it.".to_string()
        }
        Reason::Pinned => "Its connection was tied to it before.".to_string(),
    }
}

/// What a hash named, in words.
/// Which point of a ring wins: HAProxy takes the nearest, before or after the key.
fn next_point(view: View<'_>) -> &'static str {
    match view.balancer().spec().engine {
        Flavour::Haproxy => "nearest",
        _ => "next",
    }
}

/// Why nobody could be picked.
fn nobody(view: View<'_>) -> &'static str {
    let endpoints = view.balancer().endpoints();
    if endpoints.is_empty() {
        "There are no servers, so the request is turned away."
    } else if endpoints.iter().all(|endpoint| endpoint.config.weight == 0) {
        "All weights are 0, so the request is turned away."
    } else {
        "No server can be used, so the request is turned away."
    }
}

/// How many had the winner's running score when it won.
fn equals(decision: &Decision) -> usize {
    let before = |row: &Row| match row.value {
        RowValue::Score { before, .. } => Some(before),
        _ => None,
    };
    let winner = decision.picked.map(|(id, _)| id);
    let best = decision
        .rows
        .iter()
        .find(|row| Some(row.endpoint) == winner)
        .and_then(before);
    let same = |row: &&Row| best.is_some() && before(row) == best;
    decision.rows.iter().filter(same).count()
}

fn hashed(reason: Reason, next: &str) -> String {
    match reason {
        Reason::HashSlot {
            hash,
            slots,
            slot,
            rehashes,
        } => {
            let again = match rehashes {
                0 => String::new(),
                1 => ", after hashing once more: the first owner is out".to_string(),
                times => format!(", after hashing {times} times more: those owners are out"),
            };
            format!("Hash {hash} modulo {slots} slots leaves {slot}, which is its own{again}.")
        }
        Reason::RingPoint {
            hash,
            point,
            skipped,
        } => {
            let past = match skipped {
                0 => String::new(),
                1 => " (1 passed over: out of use)".to_string(),
                more => format!(" ({more} passed over: out of use)"),
            };
            format!(
                "The key is at {hash} on the ring; the {next} point, {point}, is its own{past}."
            )
        }
        Reason::RingRoom {
            hash,
            point,
            passed,
        } => {
            let past = match passed {
                0 => String::new(),
                1 => " (1 passed over: too busy)".to_string(),
                more => format!(" ({more} passed over: too busy)"),
            };
            format!(
                "The key is at {hash} on the ring; the next point with room, {point}, is its own{past}."
            )
        }
        _ => String::new(),
    }
}
