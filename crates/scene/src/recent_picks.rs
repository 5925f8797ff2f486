//! The last picks of the balancer, in their order: for speeds at which single picks cannot be read.

use std::fmt::Write as _;

use evenkeel_sim::balance::upstream::LAST_PICKS;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::ids::{EndpointId, ServerId};

/// The distance between two picks, in the units of the picture (160 by 10).
const PITCH: usize = 160 / LAST_PICKS;
const MIDDLE: usize = 5;

/// The last picks of an upstream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecentPicks {
    /// The name and server of each pick, oldest first; a removed server has no identity.
    pub order: Vec<(String, Option<ServerId>)>,
    /// A line for each server, in configuration order.
    pub rows: Vec<RecentPicksRow>,
}

/// The last picks that went to one server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecentPicksRow {
    /// A dot for each pick of this server, as the data of an SVG path.
    pub hits: String,
    /// A dot for each of the other picks.
    pub others: String,
    /// The number of picks of this server.
    pub count: usize,
    /// The number of all picks.
    pub all: usize,
}

/// The last picks of the upstream that decided last, with at most `most` lines.
#[must_use]
pub fn roll(view: View<'_>, most: usize) -> RecentPicks {
    let upstream = view.balancer().decided_last();
    let picks: Vec<EndpointId> = upstream.last_picks().collect();
    let name = |id: &EndpointId| match upstream.endpoint(*id) {
        Some(endpoint) => (endpoint.config.name.clone(), Some(endpoint.config.server)),
        None => ("·".to_string(), None),
    };
    let rows = upstream.endpoints().iter().take(most);
    RecentPicks {
        order: picks.iter().map(name).collect(),
        rows: rows.map(|endpoint| row(&picks, endpoint.id)).collect(),
    }
}

fn row(picks: &[EndpointId], id: EndpointId) -> RecentPicksRow {
    let mut row = RecentPicksRow {
        all: picks.len(),
        ..RecentPicksRow::default()
    };
    for (place, pick) in picks.iter().enumerate() {
        let x = PITCH * (LAST_PICKS - picks.len() + place) + PITCH / 2;
        // Writing to a text cannot fail. A line of no length with a round cap is a dot.
        let _ = if *pick == id {
            row.count += 1;
            write!(row.hits, "M{x} {MIDDLE}h0")
        } else {
            write!(row.others, "M{x} {MIDDLE}h0")
        };
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::run::Run;
    use evenkeel_sim::scenario::preset::default_scenario;
    use evenkeel_sim::time::SimTime;

    #[test]
    fn round_robin_reads_as_a_rotation() {
        let mut run = Run::start(default_scenario());
        run.at = SimTime::from_us(10_000_000);
        let engine = run.replay_watched();
        let roll = roll(engine.view(), 8);
        let names: String = roll.order.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names.len(), LAST_PICKS);
        assert!("ABCDABCDABCDABCDABCD".contains(&names), "{names}");
        assert!(
            roll.rows.iter().all(|row| row.count == 4 && row.all == 16),
            "{:?}",
            roll.rows
        );
    }
}
