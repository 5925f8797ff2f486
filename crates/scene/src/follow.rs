//! One request, described while it is in flight.

use super::pick_explanation::reason_of;
use super::words::{duration, outcome};
use evenkeel_sim::engine::observer::request_traces::RequestTrace;
use evenkeel_sim::engine::request::{AttemptResult, Phase};
use evenkeel_sim::engine::view::View;
use evenkeel_sim::metrics::outcome::Outcome;
use evenkeel_words::t;

/// A sentence on what a request does now, and whether it has ended.
#[must_use]
pub fn caption(view: View<'_>, life: &RequestTrace) -> (String, bool) {
    if let Some((_, end)) = life.ended {
        let took = duration(life.took(view.now()));
        let said = match end {
            Outcome::Answered => t!("follow.answered", took = took),
            other => t!("follow.failed", took = took, why = outcome(other)),
        };
        return (said, true);
    }
    let Some(step) = life.steps.last() else {
        return (String::new(), false);
    };
    let server = step.server.and_then(|id| view.member(id));
    let server = server.map_or_else(|| "?".to_string(), |member| member.server.spec.name.clone());
    let said = match step.phase {
        Phase::Resolving { .. } => t!("follow.resolving"),
        Phase::Lost { .. } => t!("follow.lost"),
        Phase::Connecting { .. } => t!("follow.connecting"),
        Phase::ToBalancer(_) => t!("follow.to_balancer"),
        Phase::AtBalancer { .. } if step.attempt > 0 => t!("follow.retry_pause"),
        Phase::AtBalancer { .. } => t!("follow.at_balancer"),
        Phase::Queued { endpoint: None, .. } => t!("follow.queued"),
        Phase::Queued { .. } => t!("follow.queued_for", server = &server),
        Phase::Dialling(_) => t!("follow.dialling", server = &server),
        Phase::ToServer(_) => {
            let why = life
                .choices
                .last()
                .map(|choice| reason_of(view, &choice.decision));
            t!(
                "follow.to_server",
                server = &server,
                why = why.unwrap_or_default()
            )
        }
        Phase::Waiting { .. } => t!("follow.waiting", server = &server),
        Phase::InService { .. } => t!("follow.in_service", server = &server),
        Phase::FromServer(_, AttemptResult::Ok) | Phase::Direct(_, AttemptResult::Ok) => {
            t!("follow.from_server", server = &server)
        }
        Phase::FromServer(..) | Phase::Direct(..) => t!("follow.refused", server = &server),
        Phase::ToClient(..) => t!("follow.to_client"),
    };
    (said, false)
}
