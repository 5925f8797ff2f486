//! The request inspector: what became of one request, and why.

pub mod choice;
pub mod life;
pub mod recent;

use evenkeel_sim::engine::observer::request_traces::RequestTrace;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::ids::ServerId;

/// The name of a server that a request was sent to: as it was when picked, or as it is.
fn server_name(view: View<'_>, life: &RequestTrace, id: ServerId) -> String {
    let figures = life.choices.iter().flat_map(|choice| &choice.figures);
    let then = figures.into_iter().find(|figure| figure.server == id);
    let now = || {
        view.member(id)
            .map(|member| member.server.spec.name.clone())
    };
    then.map(|figure| figure.name.clone())
        .or_else(now)
        .unwrap_or_else(|| "?".to_string())
}
