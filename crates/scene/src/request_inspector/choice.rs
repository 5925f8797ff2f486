//! One decision as a table: the balancer's belief of every endpoint, with the truth beside it.

use super::server_name;
use crate::pick_explanation::{self, Terms, reason_of};
use crate::status::trouble;
use crate::words::{about, belief, duration};
use evenkeel_sim::balance::endpoint::Belief;
use evenkeel_sim::balance::picker::CandidateRow;
use evenkeel_sim::engine::observer::request_traces::{
    EndpointSnapshot, PickDecision, RequestTrace,
};
use evenkeel_sim::engine::view::View;
use evenkeel_words::t;

/// A decision, ready to read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decided {
    /// The title, like `Pick 812 at 0:31.2: server B`.
    pub title: String,
    /// The rule of the algorithm, in one sentence.
    pub rule: String,
    /// The reason for this endpoint, if it can still be told.
    pub reason: String,
    /// The heads of the columns after the first, which is the server.
    pub heads: Vec<String>,
    /// Every endpoint that was recorded.
    pub rows: Vec<DecidedRow>,
    /// The number of others, like `and 12 more`; empty if there are none.
    pub more: String,
}

/// One endpoint of a decision.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DecidedRow {
    /// The name of the endpoint.
    pub name: String,
    /// The beliefs and the compared values.
    pub cells: Vec<String>,
    /// The truth about the server.
    pub truth: String,
    /// Whether the truth differed from the belief.
    pub differs: bool,
    /// Whether the endpoint was picked.
    pub picked: bool,
}

/// Every decision of a trace, in order.
#[must_use]
pub fn decided(view: View<'_>, life: &RequestTrace) -> Vec<Decided> {
    let choices = life.choices.iter();
    choices.map(|choice| one(view, life, choice)).collect()
}

fn one(view: View<'_>, life: &RequestTrace, choice: &PickDecision) -> Decided {
    let decision = &choice.decision;
    let compared: Vec<&CandidateRow> = decision.rows.iter().collect();
    let terms = Terms {
        layer: choice.layer,
        implementation: choice.implementation,
    };
    let (columns, kind) = pick_explanation::columns(&compared, terms);
    // What every decision shows is not shown twice.
    let (weight, progress) = (t!("why.column.weight"), t!("why.column.in_progress"));
    let own = |head: &String| *head != weight && *head != progress;
    let mut heads = vec![
        t!("glass.believed"),
        t!("glass.weight"),
        t!("glass.in_progress"),
        t!("glass.mean"),
    ];
    heads.extend(columns.iter().filter(|head| own(head)).cloned());
    heads.push(t!("glass.truth"));
    let picked = decision.picked.map(|(id, _)| id);
    let rows = choice.figures.iter().map(|figure| {
        let mut cells = vec![
            belief(figure.belief),
            figure.weight.to_string(),
            figure.in_progress.to_string(),
            figure.mean.map_or_else(|| "–".to_string(), duration),
        ];
        let row = compared.iter().find(|row| row.endpoint == figure.endpoint);
        let said = row.map_or_else(Vec::new, |row| {
            pick_explanation::cells(view, row, kind, terms)
        });
        let full = said.len() == columns.len();
        for (place, head) in columns.iter().enumerate() {
            if own(head) {
                let cell = full.then(|| said[place].clone());
                cells.push(cell.unwrap_or_else(|| "–".to_string()));
            }
        }
        let (truth, differs) = truth(figure);
        DecidedRow {
            name: figure.name.clone(),
            cells,
            truth,
            differs,
            picked: Some(figure.endpoint) == picked,
        }
    });
    let at = crate::words::clock(decision.at);
    let winner = choice
        .figures
        .iter()
        .find(|one| Some(one.endpoint) == picked);
    let title = match winner {
        Some(figure) => {
            let server = server_name(view, life, figure.server);
            t!(
                "glass.pick",
                number = decision.number,
                at = at,
                server = server
            )
        }
        None => t!("glass.pick_nobody", number = decision.number, at = at),
    };
    let its = view.balancer_at(choice.upstream_ref.balancer);
    let config = its.upstream(choice.upstream_ref.upstream).config();
    let same = config.picker.algorithm == choice.algorithm
        && config.picker.implementation == choice.implementation
        && config.layer == choice.layer
        && view.balancer().id == choice.upstream_ref.balancer;
    Decided {
        title,
        rule: about(choice.algorithm.row(), "rule"),
        reason: if same {
            reason_of(view, decision)
        } else {
            String::new()
        },
        heads,
        rows: rows.collect(),
        more: match choice.more {
            0 => String::new(),
            more => t!("glass.more", count = more),
        },
    }
}

/// The truth about a server, and whether the balancer believed otherwise.
fn truth(figure: &EndpointSnapshot) -> (String, bool) {
    let out = matches!(figure.belief, Belief::Down | Belief::Ejected);
    let unwell = matches!(figure.belief, Belief::Degraded | Belief::Failing);
    let (running, queued) = (figure.running, figure.queued);
    match figure.trouble {
        Some(wrong) => {
            let state = trouble(wrong);
            let text = t!(
                "glass.truth.trouble",
                state = state,
                running = running,
                queued = queued
            );
            (text, !out && !unwell)
        }
        None => {
            let text = t!("glass.truth.well", running = running, queued = queued);
            (text, out)
        }
    }
}
