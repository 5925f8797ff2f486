//! More charts, shown on request.

use leptos::prelude::*;

use super::figure::{ChartView, Headline, Source};
use crate::scene::chart::{histogram, load, reasons};
use crate::t;
use crate::ui::session::Session;

/// The histogram of response times, requests in flight and in queues, and outcomes by reason.
#[component]
pub fn MoreCharts(session: Session) -> impl IntoView {
    view! {
        <div class="panels" id="more-charts">
            <Panel
                session
                about=t!("histogram.about")
                source=Source::new(t!("histogram.title"), histogram::chart, histogram::numbers)
            />
            <Panel
                session
                about=t!("load.about")
                source=Source::new(t!("load.title"), load::chart, load::numbers)
            />
            <Panel
                session
                about=t!("reasons.about")
                source=Source::growing(t!("reasons.title"), reasons::chart, reasons::numbers)
            />
        </div>
    }
}

/// A chart with its name and a description.
#[component]
fn Panel(session: Session, source: Source, about: String) -> impl IntoView {
    let reading = RwSignal::new(String::new());
    let (name, heading) = (source.name.clone(), source.name.clone());
    view! {
        <section class="panel" aria-label=name>
            <h2>{heading}</h2>
            <Headline reading otherwise=Signal::stored(about) />
            <ChartView session source reading />
        </section>
    }
}
