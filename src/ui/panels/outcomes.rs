//! How requests ended, second by second.

use leptos::prelude::*;

use super::figure::{ChartView, Headline, Key, Source};
use crate::scene::chart::key;
use crate::scene::chart::outcomes::{balance, chart, headline, numbers, parts};
use crate::t;
use crate::ui::inspector::InspectorKind;
use crate::ui::inspector_button::InspectorButton;
use crate::ui::session::Session;

/// The outcomes of requests over time, and in total.
#[component]
pub fn OutcomesPanel(session: Session) -> impl IntoView {
    let reading = RwSignal::new(String::new());
    let source = Source::new(t!("outcomes.title"), chart, numbers);
    view! {
        <section class="panel outcomes" aria-labelledby="outcomes-name">
            <div class="panel-head">
                <h2 id="outcomes-name">{t!("outcomes.title")}</h2>
                <InspectorButton kind=InspectorKind::Request />
            </div>
            <Headline reading otherwise=session.watch(headline) />
            <p class="hint">{t!("outcomes.hint")}</p>
            <ChartView session source reading />
            <Key entries=key(&parts()) />
            <p class="balance">{session.watch(balance)}</p>
        </section>
    }
}
