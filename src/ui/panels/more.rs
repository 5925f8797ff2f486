//! Further charts, shown when they are asked for.

use leptos::prelude::*;

use super::figure::{ChartView, Headline, Source};
use crate::scene::chart::{histogram, load, reasons};
use crate::ui::session::Session;

/// The histogram of response times, requests in flight and in queues, and outcomes by reason.
#[component]
pub fn MoreCharts(session: Session) -> impl IntoView {
    view! {
        <div class="panels" id="more-charts">
            <Panel
                session
                about="How many requests took how long, of what was answered in the last 10 s."
                source=Source::new("Response times", histogram::chart, histogram::numbers)
            />
            <Panel
                session
                about="In flight in all, in work, and waiting at servers and at the balancer."
                source=Source::new("In flight and in queues", load::chart, load::numbers)
            />
            <Panel
                session
                about="How the requests of the whole run ended, and why."
                source=Source::growing("Outcomes by reason", reasons::chart, reasons::numbers)
            />
        </div>
    }
}

/// A chart with its name and what it shows.
#[component]
fn Panel(session: Session, source: Source, about: &'static str) -> impl IntoView {
    let reading = RwSignal::new(String::new());
    let name = source.name;
    view! {
        <section class="panel" aria-label=name>
            <h2>{name}</h2>
            <Headline reading otherwise=Signal::stored(about.to_string()) />
            <ChartView session source reading />
        </section>
    }
}
