//! The strip under the stage: response times, outcomes and the newest events, in one row.

use leptos::prelude::*;

use crate::scene::strip::{ends, line, times, totals};
use crate::sim::scenario::Scale;
use crate::t;
use crate::ui::events::EventList;
use crate::ui::session::Session;
use crate::ui::text::text;

/// The most events in the strip.
const EVENTS: usize = 3;

/// The strip. The panels further down show each part in full.
#[component]
pub fn Strip(session: Session) -> impl IntoView {
    view! {
        <section class="strip" aria-label=t!("strip.title")>
            <LatencyCell session=session />
            <OutcomesCell session=session />
            <EventsCell session=session />
        </section>
    }
}

/// The totals of the run in one line.
#[component]
pub fn TotalsLine(session: Session) -> impl IntoView {
    view! { <p class="totals">{session.watch(line)}</p> }
}

#[component]
fn LatencyCell(session: Session) -> impl IntoView {
    let times = session.watch(times);
    let now = move |place: usize| move || times.with(|times| times.now[place].clone());
    // What is stretched for the eye is no figure to quote.
    let title = session.watch(|view| match view.scenario().scale {
        Scale::Human => t!("latency.title.stretched"),
        Scale::True => t!("latency.title"),
    });
    let none = move || times.with(|times| !times.none.is_empty());
    let path = move |place: usize| move || times.with(|times| times.lines[place].clone());
    view! {
        <div class="cell times">
            <p class="head">
                <span class="title">{title}</span>
                <b hidden=none>"p50 " {now(0)}</b>
                <span class="p95" hidden=none>"p95 " {now(1)}</span>
                <b hidden=none>"p99 " {now(2)}</b>
                <span hidden=move || !none()>{text(move || times.with(|times| times.none.clone()))}</span>
            </p>
            <svg viewBox="0 0 60 50" preserveAspectRatio="none" aria-hidden="true">
                <path class="p50" d=path(0)></path>
                <path class="p95" d=path(1)></path>
                <path class="p99" d=path(2)></path>
            </svg>
        </div>
    }
}

#[component]
fn OutcomesCell(session: Session) -> impl IntoView {
    let ends = session.watch(ends);
    let totals = session.watch(totals);
    view! {
        <div class="cell ends">
            <p class="head">
                <span class="title">{t!("outcomes.title")}</span>
                <b>{text(move || totals.with(|totals| totals.0.clone()))}</b>
                <span class:bad=move || {
                    totals.with(|totals| totals.1 > 0)
                }>{text(move || totals.with(|totals| totals.2.clone()))}</span>
            </p>
            <svg viewBox="0 0 60 50" preserveAspectRatio="none" aria-hidden="true">
                <path class="answered" d=move || ends.with(|ends| ends.answered.clone())></path>
                <path class="lost" d=move || ends.with(|ends| ends.lost.clone())></path>
            </svg>
        </div>
    }
}

#[component]
fn EventsCell(session: Session) -> impl IntoView {
    view! {
        <div class="cell news">
            <p class="head">{t!("events.title")}</p>
            <EventList session=session count=EVENTS />
        </div>
    }
}
