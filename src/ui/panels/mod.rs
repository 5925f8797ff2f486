//! The figures under the stage.

use leptos::prelude::*;

use crate::ui::session::Session;

/// Response times over time.
#[component]
pub fn LatencyPanel(session: Session) -> impl IntoView {
    let _ = session;
    view! { <section class="panel"><h2>"Latency"</h2></section> }
}

/// Shares against what was asked for.
#[component]
pub fn DistributionPanel(session: Session) -> impl IntoView {
    let _ = session;
    view! { <section class="panel"><h2>"Distribution"</h2></section> }
}

/// What became of the requests.
#[component]
pub fn OutcomesPanel(session: Session) -> impl IntoView {
    let _ = session;
    view! { <section class="panel"><h2>"Requests"</h2></section> }
}
