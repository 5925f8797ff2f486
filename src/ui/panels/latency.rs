//! Response times over time.

use leptos::prelude::*;

use super::figure::{ChartView, Headline, Source};
use crate::scene::chart::latency::{chart, headline, numbers};
use crate::ui::session::Session;

/// Response times over time: 50th, 95th and 99th percentile, and what happened.
#[component]
pub fn LatencyPanel(session: Session) -> impl IntoView {
    let reading = RwSignal::new(String::new());
    let source = Source::new("Latency", chart, numbers);
    view! {
        <section class="panel latency" aria-labelledby="latency-name">
            <h2 id="latency-name">"Latency"</h2>
            <Headline reading otherwise=session.watch(headline) />
            <p class="hint">"From request to answer, of what was answered in the last 10 s."</p>
            <ChartView session source reading />
        </section>
    }
}
