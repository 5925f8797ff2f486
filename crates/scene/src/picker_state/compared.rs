//! Running scores, loads, draws, averages: one bar for each server.

use super::{PickerStateView, Row, in_weights};
use crate::chart::Chart;
use crate::chart::axes::AxisUnit;
use crate::chart::bars::{self, Bar, Bars};
use crate::status::decimal;
use crate::words::{self, duration};
use evenkeel_sim::balance::endpoint::WEIGHT_UNIT;
use evenkeel_sim::balance::picker::{CandidateValue, OwnFigures};
use evenkeel_sim::balance::picker_state::PickerState;
use evenkeel_sim::time::SimDuration;
use evenkeel_words::number;
use evenkeel_words::t;

/// One row for each server.
pub(super) fn rows(inside: &PickerStateView<'_>) -> Vec<Row> {
    let rows: Vec<Row> = match &inside.kept {
        PickerState::Scores(scores) => {
            let scores = scores.iter().enumerate();
            scores
                .map(|(slot, score)| score_row(inside, slot, *score))
                .collect()
        }
        PickerState::Fading { life, us } => {
            let rows = us.iter().enumerate();
            rows.map(|(slot, us)| fading_row(inside, slot, *us, *life))
                .collect()
        }
        PickerState::Own { figures, .. } => {
            let rows = figures.iter().enumerate();
            rows.map(|(slot, figures)| own_row(inside, slot, *figures))
                .collect()
        }
        _ => compared(inside),
    };
    rows.into_iter().map(|row| inside.told(row)).collect()
}

fn score_row(inside: &PickerStateView<'_>, slot: usize, score: i64) -> Row {
    let weight = inside
        .endpoints
        .get(slot)
        .map_or(0, |one| one.effective_weight());
    let amount = in_weights(score);
    let text = t!(
        "inside.score",
        server = inside.name(slot),
        score = signed(amount),
        weight = decimal(u64::from(weight), u64::from(WEIGHT_UNIT))
    );
    Row { slot, amount, text }
}

fn own_row(inside: &PickerStateView<'_>, slot: usize, figures: OwnFigures) -> Row {
    let (amount, text) = said(inside.name(slot), CandidateValue::Own(figures));
    Row { slot, amount, text }
}

/// `+3`, `−2`, `0`.
fn signed(amount: f64) -> String {
    AxisUnit::Signed.say(amount)
}

fn fading_row(
    inside: &PickerStateView<'_>,
    slot: usize,
    us: Option<f64>,
    life: SimDuration,
) -> Row {
    let server = inside.name(slot);
    let text = match us {
        Some(us) => {
            let span = |us: f64| duration(SimDuration::from_us(us as u64));
            let later = span(us * libm::exp(-1.0));
            t!(
                "inside.fades",
                server = server,
                now = span(us),
                life = duration(life),
                later = later
            )
        }
        None => t!("inside.no_answer", server = server),
    };
    let amount = us.unwrap_or(0.0) / 1e3;
    Row { slot, amount, text }
}

/// The compared values of the last pick.
fn compared(inside: &PickerStateView<'_>) -> Vec<Row> {
    let decision = inside.view.balancer().decision();
    let slots = inside.endpoints.iter().enumerate();
    slots
        .map(|(slot, endpoint)| {
            let mut rows = decision.rows.iter();
            let row = rows.find(|row| row.endpoint == endpoint.id);
            let value = row.map_or(CandidateValue::NotUsed, |row| row.value);
            let (amount, text) = said(inside.name(slot), value);
            Row { slot, amount, text }
        })
        .collect()
}

fn said(server: String, value: CandidateValue) -> (f64, String) {
    let weights = |weight: u32| decimal(u64::from(weight), u64::from(WEIGHT_UNIT));
    let per = |active: u32, weight: u32| {
        f64::from(active) * f64::from(WEIGHT_UNIT) / f64::from(weight.max(1))
    };
    match value {
        CandidateValue::Load { active, weight } => {
            let amount = per(active, weight);
            let load = number::fixed(amount, 2);
            let text = t!(
                "inside.load",
                server = server,
                active = active,
                weight = weights(weight),
                load = load
            );
            (amount, text)
        }
        CandidateValue::Drawn {
            order,
            active,
            weight,
        } => {
            let text = t!(
                "inside.drawn",
                server = server,
                order = u32::from(order),
                active = active,
                weight = weights(weight)
            );
            (per(active, weight), text)
        }
        CandidateValue::Time { average_ms, active } => {
            let amount = average_ms as f64 * (f64::from(active) + 1.0);
            let text = t!(
                "inside.time",
                server = server,
                average = average_ms,
                active = active
            );
            (amount, text)
        }
        CandidateValue::Chance(millionths) => {
            let amount = f64::from(millionths) / 1e4;
            let chance = decimal(u64::from(millionths), 10_000);
            (
                amount,
                t!("inside.chance", server = server, chance = chance),
            )
        }
        CandidateValue::KeyScore(score) => {
            let amount = score as f64 / 1e3;
            let score = decimal(score, 1_000);
            (
                amount,
                t!("inside.key_score", server = server, score = score),
            )
        }
        CandidateValue::Own(OwnFigures { figures }) => {
            let amount = figures[2].1.unwrap_or(0) as f64 / 1e3;
            let said = figures.iter().filter_map(|(head, value)| {
                let value = decimal((*value)?, 1_000);
                Some(format!("{} {value}", words::own(head, 0)))
            });
            let said: Vec<String> = said.collect();
            let text = match said.as_slice() {
                [] => t!("inside.not_compared", server = server),
                said => t!("inside.own", server = server, figures = said.join(", ")),
            };
            (amount, text)
        }
        CandidateValue::Turn { due, now } => {
            let left = (due - now).max(0) as f64;
            (left, t!("inside.turn", server = server, left = left as u64))
        }
        CandidateValue::Score { after, .. } => {
            let amount = in_weights(after);
            let score = signed(amount);
            (
                amount,
                t!("inside.key_score", server = server, score = score),
            )
        }
        _ => (0.0, t!("inside.not_compared", server = server)),
    }
}

/// The bars of the rows.
pub(super) fn draw(inside: &PickerStateView<'_>, width: f64) -> Chart {
    let rows = rows(inside);
    let picked = inside.picked();
    let (unit, name) = match &inside.kept {
        PickerState::Scores(_) => (AxisUnit::Signed, t!("inside.axis.scores")),
        PickerState::Fading { .. } => (AxisUnit::Plain, t!("inside.axis.fading")),
        _ => (AxisUnit::Plain, t!("inside.axis.compared")),
    };
    let bar = |row: &Row| Bar {
        key: row.slot as u64,
        name: inside.name(row.slot),
        amount: row.amount,
        asked: None,
        look: (
            inside.paint(row.slot),
            if Some(row.slot) == picked { 1.0 } else { 0.55 },
        ),
        text: row.text.clone(),
    };
    let bars = Bars::described(rows.iter().map(bar).collect(), name);
    bars::draw(&bars, unit, width)
}
