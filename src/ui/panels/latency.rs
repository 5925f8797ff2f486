//! Response times over the last two minutes.

use leptos::prelude::*;

use super::figure::{Axes, Figure, Size};
use crate::scene::chart::latency::{EventMark, LatencyChart, NAMES, chart};
use crate::ui::session::Session;

/// Response times over time: 50th, 95th and 99th percentile, and what happened.
#[component]
pub fn LatencyPanel(session: Session) -> impl IntoView {
    let size = Size::new();
    let drawn = session.watch(move |view| {
        let (width, height) = size.get();
        chart(view, width, height)
    });
    let headline = Memo::new(move |_| drawn.with(|chart| chart.headline.clone()));
    let description = Memo::new(move |_| drawn.with(|chart| chart.description.clone()));
    let frame = Memo::new(move |_| drawn.with(|chart| chart.frame));
    let heights = Memo::new(move |_| drawn.with(|chart| chart.heights.clone()));
    let times = Memo::new(move |_| drawn.with(|chart| chart.times.clone()));
    view! {
        <section class="panel latency" aria-labelledby="latency-name">
            <h2 id="latency-name">"Latency"</h2>
            <p class="headline">{headline}</p>
            <p class="hint">"From request to answer, of what was answered in the last 10 s."</p>
            <Figure description size>
                <Axes frame heights times />
                {move || {
                    let bottom = frame.get().bottom;
                    drawn.with(|chart| chart.marks.iter().map(|mark| event(mark, bottom)).collect_view())
                }}
                {(0..NAMES.len()).rev().map(|place| line(drawn, place)).collect_view()}
            </Figure>
        </section>
    }
}

/// One percentile's line, with its name at its end.
fn line(drawn: Memo<LatencyChart>, place: usize) -> impl IntoView {
    let data = move || drawn.with(|chart| chart.lines[place].data.clone());
    let name =
        move || drawn.with(|chart| chart.lines[place].label_y.map(|y| (chart.frame.right, y)));
    let class = format!("line {}", NAMES[place]);
    view! {
        <path class=class d=data />
        <text
            class="name"
            class:strong=place == 0
            x=move || name().map_or(0.0, |(x, _)| x + 4.0)
            y=move || name().map_or(0.0, |(_, y)| y + 4.0)
        >
            {move || name().map(|_| NAMES[place])}
        </text>
    }
}

/// A dashed line where something happened.
fn event(mark: &EventMark, bottom: f64) -> impl IntoView + use<> {
    let class = if mark.bad { "event bad" } else { "event good" };
    let top = mark.label.as_ref().map_or(28.0, |(_, _, y)| y - 9.0);
    let x = mark.x;
    let label = mark.label.clone().map(|(text, x, y)| {
        view! {
            <text x=x y=y>
                {text}
            </text>
        }
    });
    view! {
        <g class=class>
            <line x1=x x2=x y1=top y2=bottom />
            {label}
        </g>
    }
}
