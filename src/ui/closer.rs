//! What a reader opens to look closer: each behind a button, none of it in the way before.

use leptos::prelude::*;

use crate::t;
use crate::ui::panels::{CompareLayers, Inside, MoreCharts};
use crate::ui::session::Session;

/// The buttons, and what is open.
#[component]
pub fn Closer(session: Session) -> impl IntoView {
    let charts = RwSignal::new(false);
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
        <nav class="closer" aria-label="Look closer">
            <Opener name="More charts" controls="more-charts" open=charts />
            <Opener name=t!("closer.inside") controls="inside" open=inside />
            <Opener name=t!("closer.compare") controls="compare-layers" open=compared />
        </nav>
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
fn Opener(
    #[prop(into)] name: String,
    controls: &'static str,
    open: RwSignal<bool>,
) -> impl IntoView {
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
