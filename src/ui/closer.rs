//! What a reader opens to look closer: each behind a button, none of it in the way before.

use leptos::prelude::*;

use crate::t;
use crate::ui::glass::{AlgorithmInside, FailureTimeline, Glass, GlassBox};
use crate::ui::panels::{CompareLayers, Inside, MoreCharts};
use crate::ui::session::Session;

/// The buttons, and what is open.
#[component]
pub fn Closer(session: Session, glass: Glass) -> impl IntoView {
    let charts = RwSignal::new(false);
    let failures = RwSignal::new(false);
    let compared = RwSignal::new(false);
    let inside = RwSignal::new(false);
    // A scene that is about rules or work shows them from the start.
    Effect::new(move |_| {
        session.run().track();
        let about = session.read(|view| {
            let scene = view.scenario();
            !scene.rules.is_empty()
                || scene.balancer.processor.is_some()
                || scene.connections.is_some()
        });
        if about {
            inside.set(true);
        }
    });
    view! {
        <nav class="closer" aria-label=t!("closer.name")>
            <Opener name=t!("glass.open") controls="glass-box" open=glass.open />
            <Opener name=t!("inside.open") controls="algorithm-inside" open=glass.inside />
            <Opener name=t!("failures.open") controls="failures" open=failures />
            <Opener name=t!("closer.inside") controls="inside" open=inside />
            <Opener name=t!("closer.compare") controls="compare-layers" open=compared />
            <Opener name=t!("closer.charts") controls="more-charts" open=charts />
        </nav>
        <Show when=move || glass.open.get()>
            <GlassBox session glass />
        </Show>
        <Show when=move || glass.inside.get()>
            <AlgorithmInside session />
        </Show>
        <Show when=move || failures.get()>
            <FailureTimeline session />
        </Show>
        <Show when=move || inside.get()>
            <Inside session />
        </Show>
        <Show when=move || compared.get()>
            <CompareLayers session />
        </Show>
        <Show when=move || charts.get()>
            <MoreCharts session />
        </Show>
    }
}

/// A button that opens and closes something below.
#[component]
fn Opener(name: String, controls: &'static str, open: RwSignal<bool>) -> impl IntoView {
    view! {
        <button
            type="button"
            class="button"
            aria-expanded=move || open.get().to_string()
            aria-controls=move || open.get().then_some(controls)
            on:click=move |_| open.update(|open| *open = !*open)
        >
            {name}
        </button>
    }
}
