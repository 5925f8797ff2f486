//! How requests ended, second by second.

use leptos::prelude::*;

use super::figure::{Axes, Figure, Size};
use crate::scene::chart::outcomes::{balance, chart, headline, parts};
use crate::t;
use crate::ui::session::Session;

/// The class of each part of a column, in the order of [`parts`].
const CLASSES: [&str; 4] = ["answered", "failed", "rejected", "timed-out"];

/// What became of the requests, over time and in all.
#[component]
pub fn OutcomesPanel(session: Session) -> impl IntoView {
    let size = Size::new();
    let drawn = session.watch(move |view| {
        let (width, height) = size.get();
        chart(view, width, height)
    });
    let headline = session.watch(headline);
    let balance = session.watch(balance);
    let description = Memo::new(move |_| drawn.with(|chart| chart.description.clone()));
    let frame = Memo::new(move |_| drawn.with(|chart| chart.frame));
    let heights = Memo::new(move |_| drawn.with(|chart| chart.heights.clone()));
    let times = Memo::new(move |_| drawn.with(|chart| chart.times.clone()));
    let columns = CLASSES
        .into_iter()
        .enumerate()
        .map(|(place, class)| {
            let data = move || drawn.with(|chart| chart.parts[place].clone());
            view! { <path class=format!("part {class}") d=data /> }
        })
        .collect_view();
    view! {
        <section class="panel outcomes" aria-labelledby="outcomes-name">
            <h2 id="outcomes-name">{t!("outcomes.title")}</h2>
            <p class="headline">{headline}</p>
            <p class="hint">{t!("outcomes.hint")}</p>
            <Figure description size>
                <Patterns />
                <Axes frame heights times />
                {columns}
            </Figure>
            <Legend />
            <p class="balance">{balance}</p>
        </section>
    }
}

/// Fillings that differ in more than hue. The shapes in them take their colours from the style sheet.
#[component]
fn Patterns() -> impl IntoView {
    view! {
        <defs>
            <pattern
                id="fill-rejected"
                width="4"
                height="4"
                patternUnits="userSpaceOnUse"
                patternTransform="rotate(45)"
            >
                <rect class="under-rejected" width="4" height="4" />
                <rect class="over" width="1.6" height="4" />
            </pattern>
            <pattern id="fill-timed-out" width="3" height="3" patternUnits="userSpaceOnUse">
                <rect class="under-timed-out" width="3" height="3" />
                <rect class="over" width="3" height="1.2" />
            </pattern>
        </defs>
    }
}

#[component]
fn Legend() -> impl IntoView {
    let entry = |(class, name): (&str, String)| {
        let class = format!("part {class}");
        view! {
            <li>
                <svg width="12" height="12" aria-hidden="true">
                    <rect class=class width="12" height="12" />
                </svg>
                {name}
            </li>
        }
    };
    view! {
        <ul class="key">
            {CLASSES.into_iter().zip(parts()).map(entry).collect_view()}
        </ul>
    }
}
