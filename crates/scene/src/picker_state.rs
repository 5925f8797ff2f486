//! The internal state of the main upstream's picker: running scores, a ring, a table, decaying averages, or the
//! compared values of the last pick.

mod compared;
mod fading;
mod ring;
mod slots;

use super::chart::Chart;
use super::chart::table::{DataTable, TableCell};
use super::shape::Paint;
use super::words::{self, clock, thousands};
use evenkeel_sim::balance::endpoint::{Endpoint, WEIGHT_UNIT};
use evenkeel_sim::balance::picker::Reason;
use evenkeel_sim::balance::picker_state::PickerState;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::ids::{EndpointId, ServerId, UpstreamId};
use evenkeel_sim::time::SimTime;
use evenkeel_words::t;

/// The number of sample keys.
pub const KEYS: u32 = 1_000;

/// The data that a drawing of the state is made from.
struct PickerStateView<'a> {
    view: View<'a>,
    endpoints: &'a [Endpoint],
    kept: PickerState,
}

impl<'a> PickerStateView<'a> {
    fn of(view: View<'a>) -> Self {
        let upstream = view.balancer().upstream(UpstreamId::default());
        Self {
            view,
            endpoints: upstream.endpoints(),
            kept: upstream.internals(view.now()),
        }
    }

    fn name(&self, slot: usize) -> String {
        let endpoint = self.endpoints.get(slot);
        endpoint.map_or_else(String::new, |one| one.config.name.clone())
    }

    /// The server of a slot; `None` if it may not be picked now.
    fn usable(&self, slot: usize) -> Option<ServerId> {
        let one = self.endpoints.get(slot)?;
        one.is_eligible().then_some(one.config.server)
    }

    /// The colour of a slot's server; grey if it may not be picked now.
    fn paint(&self, slot: usize) -> Paint {
        self.usable(slot).map_or(Paint::Draining, Paint::of_server)
    }

    /// The row with the meaning of its grey in words.
    fn told(&self, mut row: Row) -> Row {
        if self.usable(row.slot).is_none() {
            row.text.push(' ');
            row.text.push_str(&t!("inside.unused"));
        }
        row
    }

    /// The reason of the last pick.
    fn reason(&self) -> Option<Reason> {
        self.view
            .balancer()
            .decision()
            .picked
            .map(|picked| picked.1)
    }

    /// The slot of the last pick.
    fn picked(&self) -> Option<usize> {
        let (id, _) = self.view.balancer().decision().picked?;
        self.endpoints.iter().position(|one| one.id == id)
    }
}

/// A row of the chart and the table: a server, its amount, and its meaning.
struct Row {
    slot: usize,
    amount: f64,
    text: String,
}

/// The chart of a view, `width` pixels wide and as high as it needs.
#[must_use]
pub fn chart(view: View<'_>, width: f64) -> Chart {
    let inside = PickerStateView::of(view);
    match &inside.kept {
        PickerState::Ring(points) => ring::draw(&inside, points, width),
        PickerState::Table(slots) => slots::draw(&inside, slots, width),
        PickerState::Fading { life, us } => {
            let mut chart = compared::draw(&inside, width);
            fading::add(&inside, *life, us, &mut chart);
            chart
        }
        _ => compared::draw(&inside, width),
    }
}

fn rows(inside: &PickerStateView<'_>) -> Vec<Row> {
    match &inside.kept {
        PickerState::Ring(points) => ring::rows(inside, points),
        PickerState::Table(slots) => slots::rows(inside, slots),
        _ => compared::rows(inside),
    }
}

/// The same as a table.
#[must_use]
pub fn table(view: View<'_>) -> DataTable {
    let inside = PickerStateView::of(view);
    let rows = rows(&inside).into_iter().map(|row| {
        let amount = (row.amount * 1e3).round() / 1e3;
        vec![
            TableCell::text(inside.name(row.slot)),
            TableCell::number(format!("{amount}"), amount),
            TableCell::text(row.text),
        ]
    });
    DataTable {
        heads: vec![
            t!("inside.server"),
            t!("inside.amount"),
            t!("inside.meaning"),
        ],
        rows: rows.collect(),
    }
}

/// The headline of the chart: what it shows.
#[must_use]
pub fn headline(view: View<'_>) -> String {
    match PickerStateView::of(view).kept {
        PickerState::Scores(_) => t!("inside.scores"),
        PickerState::Ring(points) => t!("inside.ring", count = points.len()),
        PickerState::Table(slots) => t!("inside.table", count = slots.len()),
        PickerState::Fading { .. } => t!("inside.fading"),
        PickerState::Own { text, .. } => words::own(text, 0),
        PickerState::None => t!("inside.none"),
    }
}

/// The endpoints that the sample keys went to at a time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    at: SimTime,
    owners: Vec<Option<EndpointId>>,
}

/// The endpoints that the sample keys go to now; `None` if the algorithm takes no key.
#[must_use]
pub fn mapping(view: View<'_>) -> Option<Mapping> {
    let upstream = view.balancer().upstream(UpstreamId::default());
    Some(Mapping {
        at: view.now(),
        owners: upstream.owners(view.now(), KEYS)?,
    })
}

/// A sentence on how many sample keys go elsewhere now than at `before`, and whose they were.
#[must_use]
pub fn moved(view: View<'_>, before: &Mapping) -> Option<String> {
    let now = mapping(view)?;
    let pairs = before.owners.iter().zip(&now.owners);
    let moved: Vec<EndpointId> = pairs
        .filter(|(was, is)| was != is)
        .filter_map(|(was, _)| *was)
        .collect();
    let at = clock(before.at);
    if moved.is_empty() {
        return Some(t!("inside.moved.none", keys = KEYS, at = at));
    }
    // Those who are gone are counted together.
    let inside = PickerStateView::of(view);
    let mut known = 0;
    let mut from: Vec<String> = Vec::new();
    for (slot, endpoint) in inside.endpoints.iter().enumerate() {
        let count = moved.iter().filter(|id| **id == endpoint.id).count();
        known += count;
        if count > 0 {
            let count = thousands(count as u64);
            from.push(t!(
                "inside.moved.from",
                server = inside.name(slot),
                count = count
            ));
        }
    }
    let gone = moved.len() - known;
    if gone > 0 {
        from.push(t!("inside.moved.gone", count = thousands(gone as u64)));
    }
    Some(t!(
        "inside.moved",
        keys = KEYS,
        at = at,
        count = moved.len(),
        from = from.join(", ")
    ))
}

/// A weight or a score, in units of weight.
fn in_weights(value: i64) -> f64 {
    value as f64 / f64::from(WEIGHT_UNIT)
}

#[cfg(test)]
mod tests;
