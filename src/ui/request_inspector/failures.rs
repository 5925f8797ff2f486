//! The failure timeline.

use leptos::prelude::*;

use crate::scene::failures::{SPANS, chart, headline, table};
use crate::t;
use crate::ui::panels::figure::{ChartView, Headline, Source};
use crate::ui::session::Session;

/// A row for each server: faults, probes, the balancer's beliefs, and lost requests.
#[component]
pub fn FailureTimeline(session: Session) -> impl IntoView {
    let span = RwSignal::new(SPANS[1]);
    let reading = RwSignal::new(String::new());
    let source = Source::growing(
        t!("failures.title"),
        move |view, width| chart(view, span.get(), width),
        move |view| table(view, span.get()),
    );
    let options = SPANS.into_iter().map(|secs| {
        view! {
            <option value=secs.to_string() prop:selected=move || span.get() == secs>
                {t!("failures.span.seconds", count = secs)}
            </option>
        }
    });
    view! {
        <section class="panel inspector" id="failures" aria-labelledby="failures-name">
            <div class="row">
                <h2 id="failures-name">{t!("failures.title")}</h2>
                <label>
                    {t!("failures.span")} " "
                    <select on:change:target=move |event| {
                        span.set(event.target().value().parse().unwrap_or(SPANS[1]));
                    }>{options.collect_view()}</select>
                </label>
            </div>
            <p class="hint">{t!("failures.hint")}</p>
            <Headline reading otherwise=session.watch(headline) />
            <ChartView session source reading />
        </section>
    }
}
