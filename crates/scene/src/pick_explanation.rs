//! Why the last server was picked, in the terms of the algorithm: one sentence and a small table. This is the only
//! place that turns a reason or a compared value into words.

mod rank;
mod reason;

use self::rank::rank;
use self::reason::answer;
use super::status::decimal;
use super::words::{self, belief};
use evenkeel_sim::balance::algorithm::Implementation;
use evenkeel_sim::balance::endpoint::{Endpoint, WEIGHT_UNIT};
use evenkeel_sim::balance::picker::{CandidateRow, CandidateValue, OwnFigures};
use evenkeel_sim::balance::spec::Layer;
use evenkeel_sim::balance::upstream::{Decision, Upstream};
use evenkeel_sim::engine::view::View;
use evenkeel_sim::ids::{EndpointId, ServerId};
use evenkeel_words::number;
use evenkeel_words::t;

/// The explanation of a decision, ready to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PickExplanation {
    /// The question, like `Why server A?`
    pub question: String,
    /// The server that was picked; `None` if none was.
    pub picked: Option<ServerId>,
    /// The answer: the reason, as a sentence.
    pub answer: String,
    /// The client's address, and the path if it could be read.
    pub asked_by: String,
    /// The heads of the columns after the first, which is the server.
    pub columns: Vec<String>,
    /// The servers that mattered most, in configuration order.
    pub rows: Vec<PickExplanationRow>,
    /// The number of servers beyond the rows.
    pub more: usize,
}

/// One server in the table of an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PickExplanationRow {
    /// The identity of the server; `None` if it was removed.
    pub server: Option<ServerId>,
    /// The name of the server.
    pub name: String,
    /// The compared values, a cell for each of [`PickExplanation::columns`].
    pub cells: Vec<String>,
    /// Whether the server was picked.
    pub picked: bool,
    /// Whether the server was not compared, being out of use.
    pub unused: bool,
}

/// The explanation of the last decision, with at most `most` rows.
#[must_use]
pub fn why(view: View<'_>, most: usize) -> PickExplanation {
    let decision = view.balancer().decision();
    let rows: Vec<&CandidateRow> = decision
        .rows
        .iter()
        .filter(|row| view.balancer().endpoint(row.endpoint).is_some())
        .collect();
    if decision.number > 0 && decision.picked.is_none() {
        return why_nobody(view, decision, most);
    }
    let terms = terms(view, decision);
    let (columns, kind) = columns(&rows, terms);
    let picked = decision.picked.map(|(id, _)| id);
    let mut kept: Vec<usize> = (0..rows.len()).collect();
    kept.sort_by_cached_key(|&place| {
        if Some(rows[place].endpoint) == picked {
            0
        } else {
            rank(rows[place].value)
        }
    });
    kept.truncate(most);
    kept.sort_by_cached_key(|&place| place as u64);
    let shown = kept.into_iter().map(|place| {
        let row = rows[place];
        PickExplanationRow {
            server: server(view, row.endpoint),
            name: name(view, row.endpoint),
            cells: cells(view, row, kind, terms),
            picked: Some(row.endpoint) == picked,
            unused: row.value == CandidateValue::NotUsed,
        }
    });
    // Before the first pick, and for a server that joined after the last one, nothing was compared.
    let compared = |id| rows.iter().any(|row| row.endpoint == id);
    let endpoints = pool(view, decision).endpoints();
    let others = endpoints.iter().filter(|endpoint| !compared(endpoint.id));
    let others = others.map(|endpoint| unused_row(endpoint, t!("why.not_yet")));
    explanation(view, decision, columns, shown.chain(others), most)
}

/// The row of a server that was not compared, with the reason.
fn unused_row(endpoint: &Endpoint, reason: String) -> PickExplanationRow {
    PickExplanationRow {
        server: Some(endpoint.config.server),
        name: endpoint.config.name.clone(),
        cells: vec![reason],
        picked: false,
        unused: true,
    }
}

/// A decision in words, with the first `most` of its rows and the number of the others.
fn explanation(
    view: View<'_>,
    decision: &Decision,
    columns: Vec<String>,
    rows: impl Iterator<Item = PickExplanationRow>,
    most: usize,
) -> PickExplanation {
    PickExplanation {
        question: question(view, decision),
        picked: decision.picked.and_then(|(id, _)| server(view, id)),
        answer: answer(view, decision),
        asked_by: asked_by(decision),
        columns,
        rows: rows.take(most).collect(),
        more: pool(view, decision).endpoints().len().saturating_sub(most),
    }
}

/// The reason of an earlier decision, as a sentence.
#[must_use]
pub fn reason_of(view: View<'_>, decision: &Decision) -> String {
    answer(view, decision)
}

/// The explanation if no server could be picked: each server with what keeps it out.
fn why_nobody(view: View<'_>, decision: &Decision, most: usize) -> PickExplanation {
    let endpoints = pool(view, decision).endpoints();
    let rows = endpoints
        .iter()
        .map(|endpoint| unused_row(endpoint, unused(view, endpoint.id)));
    explanation(view, decision, vec![t!("why.out_because")], rows, most)
}

/// The terms of an explanation: those of the pool that decided.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// Whether the pool works on connections (L4) or on requests (L7).
    pub layer: Layer,
    /// Whose implementation of the algorithm.
    pub implementation: Implementation,
}

/// The pool that made a decision: that of the picked server, or else the one that decided last.
fn pool<'a>(view: View<'a>, decision: &Decision) -> &'a Upstream {
    let balancer = view.balancer();
    let picked = decision.picked.and_then(|(id, _)| balancer.pool_of(id));
    picked.map_or_else(|| balancer.decided_last(), |id| balancer.upstream(id))
}

fn terms(view: View<'_>, decision: &Decision) -> Terms {
    let config = pool(view, decision).config();
    Terms {
        layer: config.layer,
        implementation: config.picker.implementation,
    }
}

fn server(view: View<'_>, id: EndpointId) -> Option<ServerId> {
    view.balancer()
        .endpoint(id)
        .map(|endpoint| endpoint.config.server)
}

fn name(view: View<'_>, id: EndpointId) -> String {
    view.balancer()
        .endpoint(id)
        .map_or_else(|| "?".to_string(), |endpoint| endpoint.config.name.clone())
}

fn question(view: View<'_>, decision: &Decision) -> String {
    match decision.picked {
        Some((id, _)) if view.balancer().endpoint(id).is_some() => {
            t!("why.server_q", name = name(view, id))
        }
        None if decision.number > 0 => t!("why.nobody_q"),
        _ => t!("why.waiting"),
    }
}

fn asked_by(decision: &Decision) -> String {
    match decision.source {
        Some(source) if decision.key.is_empty() => {
            t!("why.for", source = source.to_string())
        }
        Some(source) => t!(
            "why.for_key",
            source = source.to_string(),
            key = &decision.key
        ),
        None => String::new(),
    }
}

/// The columns of the table, by the kind of the compared values.
pub(super) fn columns(
    rows: &[&CandidateRow],
    terms: Terms,
) -> (Vec<String>, Option<CandidateValue>) {
    let is_draw = |row: &&&CandidateRow| matches!(row.value, CandidateValue::Drawn { .. });
    let kind = rows
        .iter()
        .find(is_draw)
        .or_else(|| rows.iter().find(|row| row.value != CandidateValue::NotUsed))
        .map(|row| row.value);
    let columns = match kind {
        Some(CandidateValue::Score { .. }) => vec![
            t!("why.column.weight"),
            t!("why.column.score"),
            t!("why.column.after"),
        ],
        Some(CandidateValue::Load { .. }) => match terms.layer {
            Layer::L4 => vec![t!("why.column.connections"), t!("why.column.weight")],
            Layer::L7 => vec![t!("why.column.in_progress"), t!("why.column.weight")],
        },
        Some(CandidateValue::Slots { .. }) => vec![t!("why.column.slots")],
        Some(CandidateValue::SlotCount { .. }) => vec![t!("why.column.slots"), t!("why.column.of")],
        Some(CandidateValue::Turn { .. }) => vec![t!("why.column.next_due"), t!("why.column.now")],
        Some(CandidateValue::RingDistance(_)) => match terms.implementation {
            Implementation::Haproxy => vec![t!("why.column.nearest")],
            _ => vec![t!("why.column.next_point")],
        },
        Some(CandidateValue::Bounded { .. }) => match terms.layer {
            Layer::L4 => vec![
                t!("why.column.next_point"),
                t!("why.column.connections"),
                t!("why.column.at_most"),
            ],
            Layer::L7 => vec![
                t!("why.column.next_point"),
                t!("why.column.in_progress"),
                t!("why.column.at_most"),
            ],
        },
        Some(CandidateValue::KeyScore(_)) => vec![t!("why.column.score")],
        Some(CandidateValue::Time { .. }) => {
            vec![t!("why.column.average"), t!("why.column.in_progress")]
        }
        Some(CandidateValue::Chance(_)) => vec![t!("why.column.chance")],
        Some(CandidateValue::Own(OwnFigures { figures })) => {
            figures.map(|(head, _)| words::own(head, 0)).to_vec()
        }
        Some(CandidateValue::Drawn { .. }) => vec![
            t!("why.column.drawn"),
            t!("why.column.busy"),
            t!("why.column.weight"),
        ],
        Some(CandidateValue::NotUsed) | None => vec![t!("why.column.weight")],
    };
    (columns, kind)
}

pub(super) fn cells(
    view: View<'_>,
    row: &CandidateRow,
    kind: Option<CandidateValue>,
    terms: Terms,
) -> Vec<String> {
    match row.value {
        CandidateValue::Score { before, after } => {
            let weight = view
                .balancer()
                .endpoint(row.endpoint)
                .map_or(0, |endpoint| endpoint.effective_weight());
            vec![weight_text(weight), score(before), score(after)]
        }
        CandidateValue::Load { active, weight } => vec![active.to_string(), weight_text(weight)],
        CandidateValue::Slots { first, last } if first == last => vec![first.to_string()],
        CandidateValue::Slots { first, last } => vec![t!(
            "why.from_to",
            first = first.to_string(),
            last = last.to_string()
        )],
        CandidateValue::SlotCount { owned, of } => {
            vec![number::count(owned.into()), number::count(of.into())]
        }
        CandidateValue::Turn { due, now } => {
            // Envoy's scheduler counts in thousandths of a turn.
            let turns = |value: i64| match terms.implementation {
                Implementation::Envoy => number::fixed(value as f64 / 1_000.0, 2),
                _ => value.to_string(),
            };
            vec![turns(due), turns(now)]
        }
        CandidateValue::RingDistance(distance) => vec![ring_part(distance)],
        CandidateValue::Bounded {
            distance,
            active,
            bound,
        } => vec![ring_part(distance), active.to_string(), bound.to_string()],
        CandidateValue::KeyScore(thousandths) => vec![decimal(thousandths, 1_000)],
        CandidateValue::Time { average_ms, active } => {
            vec![t!("unit.ms", n = average_ms), active.to_string()]
        }
        CandidateValue::Own(OwnFigures { figures }) => figures
            .map(|(_, value)| value.map_or_else(|| "–".to_string(), |value| decimal(value, 1_000)))
            .to_vec(),
        CandidateValue::Drawn {
            order,
            active,
            weight,
        } => {
            let order = match order {
                1 => t!("why.first"),
                2 => t!("why.second"),
                3 => t!("why.third"),
                more => t!("why.nth", n = u32::from(more)),
            };
            vec![order, active.to_string(), weight_text(weight)]
        }
        CandidateValue::Chance(_) if matches!(kind, Some(CandidateValue::Drawn { .. })) => {
            vec!["–".to_string(), String::new(), String::new()]
        }
        CandidateValue::Chance(millionths) => {
            vec![number::of_hundred(decimal(u64::from(millionths), 10_000))]
        }
        CandidateValue::NotUsed => vec![unused(view, row.endpoint)],
    }
}

/// Why an endpoint was not compared, in a word or two.
fn unused(view: View<'_>, id: EndpointId) -> String {
    match view.balancer().endpoint(id) {
        Some(endpoint) if !endpoint.is_available() => belief(endpoint.belief()),
        Some(endpoint) if endpoint.config.weight == 0 => t!("why.weight_0"),
        Some(endpoint) if endpoint.is_full() => t!("why.full"),
        _ => t!("why.not_used"),
    }
}

/// A distance as a part of the ring.
fn ring_part(distance: u32) -> String {
    number::of_hundred(number::fixed(f64::from(distance) / 42_949_672.96, 2))
}

fn weight_text(weight: u32) -> String {
    decimal(u64::from(weight), u64::from(WEIGHT_UNIT))
}

/// A running score with its sign, in weights.
fn score(value: i64) -> String {
    let size = decimal(value.unsigned_abs(), u64::from(WEIGHT_UNIT));
    match value {
        0 => size,
        1.. => format!("+{size}"),
        _ => format!("−{size}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::balance::algorithm::{Algorithm, CATALOGUE, Implementation};
    use evenkeel_sim::engine::Engine;
    use evenkeel_sim::engine::command::Command;
    use evenkeel_sim::ids::ServerId;
    use evenkeel_sim::scenario::preset::default_scenario;
    use evenkeel_sim::time::SimTime;

    fn world() -> Engine {
        let mut engine = Engine::new(&default_scenario(), 7);
        engine.set_watched(true);
        engine
    }

    #[test]
    fn before_the_first_pick_there_is_nothing_to_explain() {
        let why = why(world().view(), 8);
        assert_eq!(why.question, "Waiting for a request");
        assert!(why.rows.iter().all(|row| row.unused));
        assert_eq!(why.rows.len(), 4);
    }

    #[test]
    fn running_scores_are_shown_in_weights() {
        let mut engine = world();
        for (server, weight) in [(0, 3), (3, 0)] {
            engine
                .apply(Command::SetWeight(ServerId(server), weight))
                .expect("allowed");
        }
        engine.run_to_next_pick(SimTime::FAR);
        let why = why(engine.view(), 8);
        assert_eq!(why.question, "Why server A?");
        assert_eq!(why.answer, "Its running score is the highest.");
        assert_eq!(why.columns, ["weight", "score", "after"]);
        let shown: Vec<String> = why
            .rows
            .iter()
            .map(|row| format!("{} {}", row.name, row.cells.join(" ")))
            .collect();
        assert_eq!(shown, ["A 3 +3 −2", "B 1 +1 +1", "C 1 +1 +1", "D weight 0"]);
        assert!(why.rows[0].picked && !why.rows[1].picked && why.rows[3].unused);
    }

    #[test]
    fn of_many_servers_those_that_matter_are_shown_in_their_order() {
        let mut engine = world();
        for _ in 0..8 {
            engine.apply(Command::AddServer).expect("allowed");
        }
        for _ in 0..11 {
            engine.run_to_next_pick(SimTime::FAR);
        }
        let why = why(engine.view(), 3);
        assert_eq!((why.rows.len(), why.more), (3, 9));
        assert!(why.rows.iter().any(|row| row.picked));
        assert!(why.rows.is_sorted_by_key(|row| row.name.clone()));
    }

    #[test]
    fn every_algorithm_in_every_form_gives_a_reason_and_fills_its_columns() {
        for row in CATALOGUE {
            for form in row.flavours {
                let mut engine = world();
                let algorithm = Command::SetAlgorithm(row.algorithm, *form);
                engine.apply(algorithm).expect("allowed");
                for _ in 0..60 {
                    engine.run_to_next_pick(SimTime::FAR);
                    let why = why(engine.view(), 8);
                    assert!(why.answer.ends_with('.'), "{}: {}", row.id, why.answer);
                    // A text that is missing is shown by its key.
                    let mut said = why.columns.iter().chain([&why.answer]);
                    assert!(said.all(|text| !text.starts_with("algorithm.")), "{why:?}");
                    for shown in why.rows.iter().filter(|shown| !shown.unused) {
                        assert_eq!(shown.cells.len(), why.columns.len(), "{} {form:?}", row.id);
                    }
                }
            }
        }
    }

    #[test]
    fn a_slot_a_key_score_and_a_bound_are_shown() {
        let mut engine = world();
        let mut shown = |algorithm, form| {
            let command = Command::SetAlgorithm(algorithm, form);
            engine.apply(command).expect("allowed");
            engine.run_to_next_pick(SimTime::FAR);
            why(engine.view(), 8)
        };
        let slot = shown(Algorithm::KeyHash, Implementation::Nginx);
        let picked = slot.rows.iter().find(|row| row.picked).expect("one is");
        assert!(slot.answer.contains(" mod 4 = "), "{}", slot.answer);
        let owner = format!(": {}'s slot.", picked.name);
        assert!(slot.answer.ends_with(&owner), "{}", slot.answer);
        let score = shown(Algorithm::Rendezvous, Implementation::Textbook);
        assert_eq!(score.answer, "Hashed with the key, it scores highest.");
        assert_eq!(score.columns, ["score"]);
        let bound = shown(Algorithm::BoundedLoadHash, Implementation::Haproxy);
        assert!(bound.answer.contains("the next point with room"));
        assert_eq!(
            bound.columns,
            ["to its next point", "in progress", "at most"]
        );
    }

    #[test]
    fn scores_have_signs_and_no_needless_decimals() {
        let shown = [0, 400, -800, 1_000, -100].map(score);
        assert_eq!(shown, ["0", "+1", "−2", "+2.5", "−0.25"]);
    }
}
