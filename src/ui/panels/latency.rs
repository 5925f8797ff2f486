//! Response times over time.

use leptos::prelude::*;

use super::figure::{Axes, Figure, Size};
use crate::scene::chart::Frame;
use crate::scene::chart::latency::{EventMark, LatencyChart, NAMES, chart};
use crate::t;
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
            <h2 id="latency-name">{t!("latency.title")}</h2>
            <p class="headline">{headline}</p>
            <p class="hint">{t!("latency.hint")}</p>
            <Figure description size>
                <Axes frame heights times />
                {move || {
                    let frame = frame.get();
                    // All lines before all labels, or a later line would cross an earlier label.
                    drawn.with(|chart| {
                        let lines = chart.marks.iter().map(|mark| stroke(mark, frame));
                        let labels = chart.marks.iter().map(label);
                        (lines.collect_view(), labels.collect_view())
                    })
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

/// Bad news and good news differ in hue; the words say the rest.
const fn tone(mark: &EventMark) -> &'static str {
    if mark.bad { "event bad" } else { "event good" }
}

/// A dashed line where something happened.
fn stroke(mark: &EventMark, frame: Frame) -> impl IntoView + use<> {
    let top = mark.label.as_ref().map_or(frame.top, |label| label.y - 9.0);
    view! {
        <g class=tone(mark)>
            <line x1=mark.x x2=mark.x y1=top y2=frame.bottom />
        </g>
    }
}

/// What happened there.
fn label(mark: &EventMark) -> impl IntoView + use<> {
    let tone = tone(mark);
    mark.label.clone().map(|label| {
        view! {
            <g class=tone>
                <text class:end=label.flipped x=label.x y=label.y>
                    {label.text}
                </text>
            </g>
        }
    })
}
