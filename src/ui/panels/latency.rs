//! Response times over time.

use leptos::prelude::*;

use super::figure::{ChartView, Headline, Source};
use crate::scene::chart::latency::{chart, headline, numbers};
use crate::t;
use crate::ui::inspector::InspectorKind;
use crate::ui::inspector_button::InspectorButton;
use crate::ui::session::Session;

/// Response times over time: 50th, 95th and 99th percentile, and what happened.
#[component]
pub fn LatencyPanel(session: Session) -> impl IntoView {
    let reading = RwSignal::new(String::new());
    let source = Source::new(t!("latency.title"), chart, numbers);
    view! {
        <section class="panel latency" aria-labelledby="latency-name">
            <div class="panel-head">
                <h2 id="latency-name">{t!("latency.title")}</h2>
                <InspectorButton kind=InspectorKind::Charts />
            </div>
            <Headline reading otherwise=session.watch(headline) />
            <p class="hint">{t!("latency.hint")}</p>
            <ChartView session source reading />
        </section>
    }
}
